"""The zip that the Train page makes of a folder in the browser."""

import base64
import io
import zipfile

from tests.support.node import in_node
from tests.support.places import PACKAGE

ZIP = PACKAGE / "ui" / "train" / "image_picker" / "zip.js"
PACK = """
const zip = await packed(files.map(([path, text]) => [path, new Blob([text])]));
console.log(JSON.stringify(Buffer.from(await zip.arrayBuffer()).toString("base64")));
"""


def packed(files: list[tuple[str, str]]) -> zipfile.ZipFile:
    """The zip that the browser's code makes of files, each a path and a text."""
    content = base64.b64decode(in_node(PACK, (ZIP, "packed"), files=files))
    return zipfile.ZipFile(io.BytesIO(content))


def test_python_reads_what_the_browser_packs() -> None:
    """Names in any script, empty files, contents with their checksums."""
    files = [("leaves/Ähre 麦/1.png", "grün"), ("leaves/oak/2.png", ""), ("notes.txt", "x" * 3000)]

    with packed(files) as archive:
        assert archive.testzip() is None
        assert [(name, archive.read(name).decode()) for name in archive.namelist()] == files


def test_more_files_than_a_small_zip_can_count() -> None:
    """70,000 files, for which the format has another record."""
    content = in_node(
        """
        const files = Array.from({ length: 70000 }, (_, i) => [`${i}.png`, new Blob()]);
        const zip = await packed(files);
        console.log(JSON.stringify(Buffer.from(await zip.arrayBuffer()).toString("base64")));
        """,
        (ZIP, "packed"),
    )
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(content))) as archive:
        assert len(archive.namelist()) == 70_000 and archive.namelist()[-1] == "69999.png"


def test_an_empty_choice_is_an_empty_zip() -> None:
    """No file at all gives a zip that can be read."""
    with packed([]) as archive:
        assert archive.namelist() == []
