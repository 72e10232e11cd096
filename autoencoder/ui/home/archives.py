"""Several runs as one archive, and archives that are brought back."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from autoencoder.data.adding import uploaded_files
from autoencoder.errors import AutoencoderError
from autoencoder.jobs.failures import explain
from autoencoder.runs import Run
from autoencoder.runs.archive import read_archive, write_archive
from autoencoder.ui.shared.shell import queue
from autoencoder.ui.shared.text import literal, sentence

ROUND = "import_round"  # in the session state: counts imports; a new number empties the uploader
IMPORTED = "imported"  # in the session state: what the last import came to, in words
UNPACKED = 4  # times as large as the file that was uploaded may its runs be
MEGABYTE = 1_000_000


def archive_button(runs: Sequence[Run]) -> None:
    """A button that packs the runs, which must not be in training, and downloads the archive."""
    title = runs[0].key if len(runs) == 1 else f"{len(runs)}-runs"
    st.download_button(
        "Take away",
        lambda: _packed(runs),
        f"{title}.zip",
        "application/zip",
        key="archive_selected",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def _packed(runs: Sequence[Run]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.zip"
        write_archive(runs, path)
        return path.read_bytes()


def import_runs() -> None:
    """The way to bring back runs from an archive, unless uploads are off."""
    megabytes = min(queue().settings.upload_mb, st.get_option("server.maxUploadSize"))
    if words := st.session_state.pop(IMPORTED, ""):
        st.toast(words, icon=":material/inventory_2:")
    if not megabytes:
        return
    with st.popover("Import runs", icon=":material/upload:", type="tertiary"):
        file = st.file_uploader(
            "A zip file that was taken away from here, or from another Latent Lab",
            ["zip"],
            max_upload_size=megabytes,
            key=f"import_{st.session_state.get(ROUND, 0)}",
        )
        if file is not None:
            _import(file.name, file)


def _import(name: str, file: "st.runtime.uploaded_file_manager.UploadedFile") -> None:
    """Add the runs, say what came of it, and empty the uploader."""
    settings, upload = queue().settings, None
    try:
        with st.spinner("Looking at the runs"):
            upload = uploaded_files.keep(name, file, settings.data)
            done = read_archive(upload, settings.models, most=UNPACKED * file.size + MEGABYTE)
    except AutoencoderError as error:
        st.error(sentence(explain(error)), icon=":material/broken_image:")
        return
    finally:
        if upload is not None:
            uploaded_files.drop(upload)
    here = (
        f"{len(done.present)} here already: {', '.join(done.present[:3])}" if done.present else ""
    )
    parts = [f"{len(done.added)} added" if done.added else "", here]
    st.session_state[IMPORTED] = literal(f"Runs: {'; '.join(filter(None, parts))}.", 300)
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
    st.rerun()
