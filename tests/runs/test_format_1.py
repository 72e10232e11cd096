"""Runs of format 1, made by earlier versions: they open as they are, and nothing is added to
them.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from autoencoder.analysis import metrics
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.errors import CorruptRunError, JobError
from autoencoder.jobs import Queue, evaluation
from autoencoder.jobs.clustering import CLUSTERING
from autoencoder.jobs.mixture import MIXTURE
from autoencoder.jobs.runner import run_job
from autoencoder.networks import inference
from autoencoder.networks.blueprint import blueprint_of
from autoencoder.runs import Run, RunStore
from tests.support.places import ROOT

FOLDER = ROOT / "tests" / "runs" / "format_1"
KEYS = sorted(path.name for path in FOLDER.iterdir())
MLP = "digits-mlp-d2-2e2b5ff2"
MAP = ProjectionSettings("tsne")


@pytest.fixture
def old(tmp_path: Path, data_folder: Path) -> Queue:
    """A queue over a copy of them."""
    shutil.copytree(FOLDER, tmp_path / "models")
    return Queue(Settings(models=tmp_path / "models", data=data_folder))


@pytest.mark.parametrize("key", KEYS)
def test_an_old_run_opens_with_all_it_holds(key: str) -> None:
    """Weights, latents, snapshots, baseline, history and clustering, under the key it had; its
    metrics are what its weights do to the test images kept beside them.
    """
    run = RunStore(FOLDER).get(key)
    kept, clustering = run.evaluation(), run.clustering()

    assert (run.key, run.state, run.is_read_only) == (key, "finished", True)
    assert len(run.history) == run.config.epochs == len(run.snapshots())
    assert kept.latents is not None
    assert run.snapshot(1).latents.shape == kept.latents.shape
    assert run.pca().components.shape == (run.config.latent_dim, 64)
    assert clustering is not None
    assert set(clustering.scores.overlap) == {"latents", "pixels", "pca"}
    made = inference.reconstruct(inference.rebuild(run.config, run.weights()), kept.images)
    mse = metrics.mse(metrics.Reconstructed(kept.images, made))
    assert mse == pytest.approx(run.metrics["mse"]["run"], rel=1e-4)


def test_an_old_mlp_has_no_batch_norm() -> None:
    """Its config says batch_norm, which had no effect on an mlp in format 1."""
    run = RunStore(FOLDER).get(MLP)
    layers = [layer.kind for layer in blueprint_of(run.config).encoder]

    assert json.loads((FOLDER / MLP / "config.json").read_text())["batch_norm"] is True
    assert run.config.batch_norm is False
    assert layers == ["flatten", "linear", "silu", "linear"]


def test_training_an_old_run_again_makes_a_new_one(old: Queue) -> None:
    """Its options, with the meaning they had, give a run of today's format under a new key."""
    again = old.store.get(MLP).config
    old.store.claim(again, "stopped")
    run = old.store.get(again.key)

    assert run.key != MLP
    assert not run.is_read_only
    assert run.config == again
    assert RunConfig.from_dict(again.to_dict()) == again


@pytest.mark.parametrize("name", [MIXTURE, MAP.name])
def test_nothing_is_added_to_an_old_run(old: Queue, name: str) -> None:
    """Neither by the queue nor by a process of its own; the refusal says what to do."""
    before = _content(old.store.folder / MLP)

    with pytest.raises(JobError, match="made by an earlier version and is read-only: train it"):
        old.submit_task(MLP, name)
    with pytest.raises(JobError, match="read-only"):
        run_job(old, old.task(MLP, name))

    assert _content(old.store.folder / MLP) == before


def test_an_old_training_does_not_go_on(old: Queue) -> None:
    """A run that was stopped under format 1 cannot be resumed, as its options mean others now."""
    state = old.store.folder / MLP / "state.json"
    state.write_text(state.read_text().replace('"finished"', '"stopped"'))

    with pytest.raises(JobError, match="read-only"):
        old.resume(MLP)
    assert old.store.get(MLP).state == "stopped"


def test_what_an_old_run_has_is_shown_without_measuring(old: Queue) -> None:
    """Its clustering is there, so that asking for it does nothing; errors against all training
    images were not kept, and are refused.
    """
    run = old.store.get(MLP)

    assert run_job(old, old.task(MLP, CLUSTERING)).state == "finished"
    assert evaluation.summed_up(run)["silhouette"]["latents"]
    with pytest.raises(JobError, match="read-only"):
        evaluation.add_neighbour_errors(run, old.settings.data, lambda words, fraction=None: None)


def test_an_old_run_can_be_deleted(old: Queue) -> None:
    """Like any other."""
    old.delete(MLP)

    assert MLP not in old.store.keys()


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"verdict": 3, "errors": null}', b'{"verdict": {"seed": []}}']
)
def test_old_clustering_scores_that_are_none_are_damage(old: Queue, text: bytes) -> None:
    """Whatever stands in place of them is refused in words."""
    path = old.store.folder / MLP / "verdict.npz"
    with np.load(path) as file:
        np.savez(path, **{**file, "json": np.frombuffer(text or b" ", np.uint8)})

    with pytest.raises(CorruptRunError, match="is damaged"):
        Run.read(path.parent).clustering()


def _content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
