"""Array files, checked against their tables."""

import numpy as np
import pytest

from autoencoder.runs import files, schemas
from autoencoder.runs.schemas import Array

SCHEMA = {
    "points": Array("f", "N D"),
    "labels": Array("i", "N", least=0, below="L"),
    "digest": Array("u", "2", optional=True),
}
SOUND = {"points": np.ones((3, 2)), "labels": np.array([0, 1, 1])}


def test_sound_arrays_are_read_and_others_left_out(tmp_path):
    """What the table names is read; an optional array may be missing."""
    files.write_arrays(tmp_path / "x.npz", {**SOUND, "more": np.ones(3)})

    arrays = schemas.read(tmp_path / "x.npz", SCHEMA, D=2, L=2)
    assert list(arrays) == ["points", "labels"]


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("points", None),
        ("points", np.ones((3, 3))),
        ("points", np.ones((2, 2))),
        ("points", np.ones((0, 2))),
        ("points", np.ones(3)),
        ("points", np.ones((3, 2), int)),
        ("points", np.full((3, 2), np.nan)),
        ("labels", np.array([0, 1, 2])),
        ("labels", np.array([0, 1, -1])),
        ("digest", np.zeros(3, np.uint8)),
        ("digest", np.zeros(2, np.uint16)),
    ],
    ids=str,
)
def test_an_array_that_is_not_as_the_table_says_is_named(tmp_path, name, array):
    """One that is missing, or of another kind, shape or range: the error says which and where."""
    arrays = {**SOUND, name: array}
    files.write_arrays(
        tmp_path / "x.npz", {key: value for key, value in arrays.items() if value is not None}
    )

    with pytest.raises(ValueError, match=r"(points|labels|digest) in x\.npz|x\.npz has no points"):
        schemas.read(tmp_path / "x.npz", SCHEMA, D=2, L=2)
