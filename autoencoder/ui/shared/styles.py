"""The CSS files that stand beside Python modules."""

from pathlib import Path


def style_beside(module: str) -> str:
    """The CSS file of a module's own name, as an element for `st.html`; `module` is its
    `__file__`.
    """
    return f"<style>\n{Path(module).with_suffix('.css').read_text(encoding='utf-8')}</style>"
