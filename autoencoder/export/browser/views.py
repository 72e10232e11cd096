"""The views that pages and files share: a folder each, with HTML, styles and the modules of its
script.
"""

from pathlib import Path

BROWSER = Path(__file__).parent
LIVE, INTERPOLATION, TRAINING = (BROWSER / name for name in ("live", "interpolation", "training"))


def markup(folder: Path) -> tuple[str, str]:
    """The HTML of a view's folder, and its styles after those that all views share; no styles where
    it has none. Raises OSError.
    """
    (html,) = folder.glob("*.html")
    styles = sorted(folder.glob("*.css"))
    sheets = [BROWSER / "common.css", *styles] if styles else []
    css = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    return html.read_text(encoding="utf-8"), css
