"""The runs that come with the project: what a newcomer sees first."""

import subprocess

import pytest

from autoencoder.analysis import metrics
from autoencoder.networks import inference
from autoencoder.runs import RunStore
from tests.support.places import ROOT

STORE = RunStore(ROOT / "models")


@pytest.fixture(scope="module")
def committed() -> list[str]:
    """Their files, as git knows them."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "models"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listing.stdout.split("\0") if name]


def test_they_are_the_four_the_readme_names(committed: list[str]) -> None:
    """Two convolutional ones, a variational and a linear one, each finished and better than or
    equal to what PCA does.
    """
    runs = [STORE.get(key) for key in sorted({name.split("/")[1] for name in committed})]

    assert [run.key.rpartition("-")[0] for run in runs] == [
        "digits-conv-d2",
        "digits-conv-d8",
        "digits-conv-variational-d2",
        "digits-linear-d2",
    ]
    assert all(run.state == "finished" for run in runs)
    assert all(run.metrics["mse"]["run"] < 1.02 * run.metrics["mse"]["pca"] for run in runs)


def test_they_are_small_and_hold_no_leftovers(committed: list[str]) -> None:
    """Under 3 MB together, without locks, logs and checkpoints."""
    assert sum((ROOT / name).stat().st_size for name in committed) < 3e6
    assert not [
        name
        for name in committed
        if name.endswith(("lock", "stop", "log.txt", "checkpoint.safetensors"))
    ]


def test_their_numbers_are_their_weights(committed: list[str]) -> None:
    """What the metrics say is what the weights do to the test images kept beside them."""
    for key in {name.split("/")[1] for name in committed}:
        run = STORE.get(key)
        images = run.evaluation().images
        made = inference.reconstruct(inference.rebuild(run.config, run.weights()), images)

        mse = metrics.mse(metrics.Reconstructed(images, made))
        assert mse == pytest.approx(run.metrics["mse"]["run"], rel=1e-4)
