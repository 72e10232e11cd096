"""The HTML file of a run: page.html with styles, script and data in it.

Nothing is fetched, and the Content-Security-Policy of the file forbids to. Data stand in blocks of
text: zlib's bytes in base 85, which is a quarter longer than they are; base 64 is a third longer.
"""

import base64
import hashlib
import json
import re
import zlib
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from autoencoder.errors import RunError
from autoencoder.export.browser.bundle import bundle
from autoencoder.export.browser.views import INTERPOLATION, LIVE, TRAINING, markup
from autoencoder.export.html.card import card_html, header_html
from autoencoder.export.html.content import Content, content_of, in_words, included
from autoencoder.networks.blueprint import blueprint_of
from autoencoder.progress import ProgressCallback, ignore, part_of
from autoencoder.runs import Run
from autoencoder.runs.files import write_bytes

HERE = Path(__file__).parent
VIEWS = {  # by the name that page.html has for them
    "live": LIVE,
    "interpolation": INTERPOLATION,
    "reconstructions": HERE / "reconstructions",
    "training": TRAINING,
}
# base64.b85encode writes "<", which may begin a comment or a tag, and no comma.
SAFE = str.maketrans("<", ",")
SCRIPT_BYTES = 350_000  # of script and styles, and of the film of the training, about
COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.MULTILINE | re.DOTALL)


def write_html(run: Run, path: Path, notify: ProgressCallback = ignore) -> None:
    """Write one HTML file about a trained run: map, decoder, interpolation, reconstructions, its
    training as a film, and what is known of it.

    Raises:
        RunError: It has no weights yet, it is damaged, or the file cannot be written.
    """
    if not run.is_trained:
        raise RunError(f"the run {run.key} has no weights yet: train it first")
    content = content_of(run, part_of(notify, 0.0, 0.8))
    notify("writing the file", 0.8)
    text = html_of(run, content).encode(errors="replace")  # what cannot be written in UTF-8
    try:
        write_bytes(path, text)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from error
    notify("done", 1.0)


def html_bytes(run: Run) -> int:
    """About how large that is: half of the network's numbers in 16 bits, the images that are
    included as they are stored, and the script.
    """
    total = run.config.info.evaluated
    images = (run.folder / "evaluation.npz").stat().st_size * included(run, total) // total
    decoder = blueprint_of(run.config).parameters  # half of them, two bytes each
    return SCRIPT_BYTES + (decoder + images) * 6 // 5  # deflated, then in base 85


def html_of(run: Run, content: Content) -> str:
    """The text of the file."""
    early, script = (_script(HERE / name) for name in ("theme.js", "page.js"))
    views = {name: _template(folder) for name, folder in VIEWS.items()}
    return Template((HERE / "page.html").read_text(encoding="utf-8")).substitute(
        policy=_policy(early, script),
        title=escape(content.title),
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        early=f"<script>{early}</script>",
        script=f'<script type="module">{script}</script>',
        header=header_html(run, content),
        card=card_html(run, content),
        images=in_words(content.count, content.total),
        film="" if content.has_film else "hidden",
        page=json_text(content.page),
        blocks="\n".join(_block(asset) for asset in content.assets),
        **views,
    )


def _policy(*scripts: str) -> str:
    """A Content-Security-Policy under which just these scripts run, and nothing is fetched."""
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    hashes = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {hashes} 'wasm-unsafe-eval' blob:; worker-src blob:;"
        " style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _script(entry: Path) -> str:
    """A module and all that it imports, without comments, so that it can stand in a script
    element.
    """
    return COMMENT.sub("", f"\n{bundle(entry)}").replace("</", "<\\/").replace("<!--", "<\\!--")


def _template(folder: Path) -> str:
    html, css = markup(folder)
    return f"<style>{css}</style>{html}"


def _block(content: bytes) -> str:
    text = base64.b85encode(zlib.compress(content, 9)).decode().translate(SAFE)
    return f'<script type="application/octet-stream">{text}</script>'


def json_text(value: Any) -> str:
    """JSON that can stand in a script element, whatever texts are in it."""
    return json.dumps(value).replace("<", "\\u003c")
