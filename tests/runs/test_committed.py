"""The runs and lab reports that come with the project: what a newcomer sees first."""

import subprocess

import pytest

from autoencoder import labs
from autoencoder.analysis import metrics
from autoencoder.networks import inference
from autoencoder.runs import RunStore
from scripts import make_runs
from tests.support.places import ROOT

STORE = RunStore(ROOT / "models")
KEYS = [shipped.config.key for shipped in make_runs.RUNS]


@pytest.fixture(scope="module")
def committed() -> list[str]:
    """Their files, as git knows them."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "models"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listing.stdout.split("\0") if name]


def test_they_are_those_that_the_script_makes(committed: list[str]) -> None:
    """A key that the script would not make today is one that nobody could make anew."""
    assert {name.split("/")[1] for name in committed} == {*KEYS, "labs"}


@pytest.mark.parametrize("shipped", make_runs.RUNS, ids=lambda shipped: shipped.config.key)
def test_each_is_finished_and_has_what_pages_ask_for(shipped: make_runs.Shipped) -> None:
    """Title, mixture, clustering answer, UMAP in two and three dimensions, t-SNE: nothing has to be
    computed first; and it reconstructs at least as well as PCA.
    """
    run = STORE.get(shipped.config.key)

    assert run.state == "finished" and STORE.label(run.key).title == shipped.title
    assert run.has_mixture() and run.has_clustering() and run.snapshots()
    assert all(run.has_projection(settings) for settings in make_runs.projections())
    assert run.metrics["mse"]["run"] < 1.02 * run.metrics["mse"]["pca"]


@pytest.mark.parametrize("name", make_runs.LABS)
def test_each_lab_is_answered(name: str) -> None:
    """Its report on MNIST is there, with a verdict for every claim that was measured."""
    report = labs.read(STORE.folder, labs.LABS[name].report_name(labs.Scale("mnist", quick=True)))

    assert report is not None and report.claims
    assert all(claim.verdict and claim.measured for claim in report.claims)


def test_they_are_small_and_hold_no_leftovers(committed: list[str]) -> None:
    """Runs under 30 MB, reports under 10 MB, without locks, logs and checkpoints."""
    sizes = {name: (ROOT / name).stat().st_size for name in committed}
    reports = sum(size for name, size in sizes.items() if name.startswith("models/labs/"))

    assert sum(sizes.values()) - reports < 30e6 and reports < 10e6
    assert not [
        name
        for name in committed
        if name.endswith(("lock", "stop", "log.txt", "checkpoint.safetensors"))
    ]


@pytest.mark.parametrize("key", KEYS)
def test_their_numbers_are_their_weights(key: str) -> None:
    """What the metrics say is what the weights do to the test images kept beside them."""
    run = STORE.get(key)
    images = run.evaluation().images
    made = inference.reconstruct(inference.rebuild(run.config, run.weights()), images)

    mse = metrics.mse(metrics.Reconstructed(images, made))
    assert mse == pytest.approx(run.metrics["mse"]["run"], rel=1e-4)
