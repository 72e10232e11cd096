"""Files that visitors uploaded, on their way to a data set."""

import io
import os
import time
from pathlib import Path

import pytest

from autoencoder.data.adding import uploaded_files
from autoencoder.errors import DatasetError, UploadError


def test_it_is_on_the_disk_until_it_is_dropped(tmp_path: Path) -> None:
    """Under a name that the visitor did not choose, with its ending."""
    path = uploaded_files.keep("../../Blätter.TAR.GZ", io.BytesIO(b"content"), tmp_path)

    assert path.parent == tmp_path / "uploads" and path.name.endswith(".tar.gz")
    assert path.read_bytes() == b"content"

    uploaded_files.drop(path)
    uploaded_files.drop(path)
    assert list(path.parent.iterdir()) == []


def test_what_nobody_added_for_a_day_goes_with_the_next_upload(tmp_path: Path) -> None:
    """A younger one stays."""
    old, young = (uploaded_files.keep("images.zip", io.BytesIO(b"x"), tmp_path) for _ in range(2))
    day_ago = time.time() - uploaded_files.KEPT_SECONDS - 60
    os.utime(old, (day_ago, day_ago))

    uploaded_files.keep("images.zip", io.BytesIO(b"x"), tmp_path)
    assert young.exists() and not old.exists()


def test_what_is_no_archive_by_its_name_is_refused(tmp_path: Path) -> None:
    """In one sentence, with nothing written."""
    with pytest.raises(UploadError, match=r"must be one of \.zip, .* got movie\.mp4"):
        uploaded_files.keep("movie.mp4", io.BytesIO(b"x"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "uploads").write_bytes(b"in the way")
    with pytest.raises(DatasetError, match="cannot write to the data folder"):
        uploaded_files.keep("images.zip", io.BytesIO(b"x"), tmp_path)
