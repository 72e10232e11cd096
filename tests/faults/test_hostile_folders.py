"""A run folder that an enemy made damages itself at most: it is read within limits, or called
damaged in words, and no page shows an exception.
"""

import shutil
from pathlib import Path

import pytest

from autoencoder.runs import RunStore
from tests.faults.folder_campaign import read_hostile, read_mutations
from tests.faults.hostile_folders import HOSTILE, SETTINGS
from tests.faults.measured_reading import Reading
from tests.support.configs import DEEP, TINY
from tests.support.pages import complaints, no_jobs, red_boxes
from tests.support.runs import give_every_file

SEED, MUTATIONS = 16, 200

REFUSED = {  # case -> what is said to be damaged
    "history.jsonl: sparse": "history",
    "60 MB of empty objects": "history",
    "60 MB of empty lines": "history",
    "a line of 60 MB": "history",
    "thousands of good lines": "history",
    "history with no test losses": "history",
    "history with negative seconds": "history",
    "history with many losses": "history",
    "history with more epochs than the config": "history",
    "history with the same epoch": "history",
    "history with too many dead units": "history",
    "metrics without sse": "metrics",
    "metrics with a long split": "metrics",
    "metrics with many samples": "metrics",
    "metrics with negative MSE": "metrics",
    "evaluation.npz: bomb": "evaluation",
    "evaluation.npz: bzip2 bomb": "evaluation",
    "evaluation.npz: zeros behind": "evaluation",
    "evaluation.npz: many members": "evaluation",
    "evaluation.npz: shape of a billion": "evaluation",
    "evaluation.npz: one name twice": "evaluation",
    "mixture.npz: bomb": "mixture",
    "a thousand parts of a mixture": "mixture",
    "long scores": "clustering",
    "720 test images": "evaluation",
    "3 test images, snapshots of 360": "snapshots",
    "snapshots of 16 images": "snapshots",
    "5,000 points for 360 images": "projections",
    "points for 359 of 360 images": "projections",
    "steps: bomb": "steps",
    "steps: zeros behind": "steps",
    "steps for 359 of 360 images": "steps",
    "steps in three dimensions": "steps",
    "a step without a loss": "steps",
    "41 steps": "steps",
    "steps backwards": "steps",
    "the same step again": "steps",
    "steps after the last": "steps",
    "steps with negative losses": "steps",
    "negative errors": "evaluation",
    "largest latents": "evaluation",
    "three components": "pca",
    "one component": "pca",
    "negative variance": "pca",
    "weights.safetensors: truths": "weights",
    "weights.safetensors: doubles": "weights",
    "weights.safetensors: one row less": "weights",
    "weights.safetensors: other names": "weights",
    "weights.safetensors: sparse after the start": "weights",
    "only a checkpoint: header of 50 MB": "sha256",
    "only a checkpoint: long sha256": "sha256",
    "only a checkpoint: sparse": "weights",
    "state with place of 4,300 digits": "run",
    "state with pid of many digits": "run",
    "state with negative took": "run",
    "state with huge predicted": "run",
    "state with long error": "run",
    "state with date without a zone": "run",
    "state with a long job": "run",
    "state with attempt of many digits": "run",
    "state with sha256 of a megabyte": "run",
    "progress with other epochs": "run",
    "data set with another shape": "dataset",
}

ON_PAGES = [
    *(
        "1 test images",
        "3 test images, snapshots of 360",
        "5,000 points for 360 images",
        "largest latents",
    ),
    *("steps in one place", "steps with huge losses", "steps backwards"),
    *("history with no test losses", "history with markup for a loss", "metrics without split"),
    *("weights.safetensors: truths", "no variance", "progress with many images"),
    *("log.txt: pipe", "state with markup as engine"),
]


@pytest.fixture(scope="module")
def folder(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs in `folder`/models, and one of them, which has every file, in `folder`/good."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(trained, folder / "models")
    give_every_file(RunStore(folder / "models"), TINY.key, SETTINGS)
    shutil.copytree(folder / "models" / TINY.key, folder / "good")
    return folder


def _failures(readings: list[Reading]) -> list[str]:
    return [each.failure for each in readings if each.failure]


@pytest.mark.slow
def test_every_hostile_folder_is_read_or_damaged_within_limits(folder: Path) -> None:
    """Whatever an enemy puts into a run's folder gives values or a sentence, in a second and 200 MB
    at most; what cannot be right is called damaged.
    """
    readings = read_hostile(folder)
    damaged = {each.name: each.damaged for each in readings}

    assert not _failures(readings)
    assert set(damaged) == set(HOSTILE)
    assert {case: part for case, part in REFUSED.items() if part not in damaged[case]} == {}


@pytest.mark.slow
def test_a_random_change_of_a_file_is_read_or_damaged_within_limits(folder: Path) -> None:
    """Whichever value, array or tensor is changed or left out: values or a sentence."""
    readings = read_mutations(folder, SEED, 0, MUTATIONS)

    assert len(readings) == MUTATIONS
    assert not _failures(readings)


@pytest.mark.slow
@pytest.mark.parametrize("case", ON_PAGES)
def test_pages_of_a_hostile_folder_show_no_exception(
    store: RunStore, app: object, case: str
) -> None:
    """Every page of a run that is odd or damaged opens; the run beside it is shown as ever."""
    give_every_file(store, TINY.key, SETTINGS)
    HOSTILE[case](store.folder / TINY.key)

    with no_jobs():
        assert not red_boxes(TINY.key)
        assert not complaints(DEEP.key, TINY.key, ["home.py", "compare.py"])
