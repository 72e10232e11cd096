"""Things done to run folders: locks that another process holds, weights replaced, results made
up.
"""

import hashlib
import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from autoencoder.analysis.clustering import SPACES, ClusteringScores, Measure
from autoencoder.analysis.clustering.result import largest
from autoencoder.analysis.projections import Projection, ProjectionSteps
from autoencoder.analysis.sampling import Mixture
from autoencoder.config.metrics import CLUSTERING_METRICS
from autoencoder.config.projections import ProjectionSettings
from autoencoder.networks import inference
from autoencoder.runs import Clustering, Membership, Run, RunStore, RunWriter, Task
from autoencoder.runs.series import join_series
from autoencoder.system import is_locked
from tests.support.places import ROOT
from tests.support.waiting import wait_until


def clustering_of(labels, **changes):
    """Any sound judgement of test images with these labels."""
    classes, counts = (each.tolist() for each in np.unique(labels, return_counts=True))
    row = dict.fromkeys(SPACES, Measure(0.5, 0.1))
    matrices = dict.fromkeys(SPACES, np.eye(len(largest(counts))).tolist())
    used = dict.fromkeys(CLUSTERING_METRICS, len(labels) // 2)
    scores = ClusteringScores(
        dict.fromkeys(CLUSTERING_METRICS, row), used, 0, classes, counts, matrices, matrices
    )
    other = (
        np.where(labels == classes[0], classes[-1], classes[0])
        if len(classes) > 1
        else np.full(len(labels), -1)
    )
    whole = Clustering(
        scores, np.zeros(len(labels), np.int64), np.ones(len(labels), np.float32), other
    )
    return replace(whole, **changes)


MIXTURE = Mixture(
    np.array([0.5, 0.5]), np.zeros((2, 2)), np.stack([np.eye(2)] * 2), np.array([0, 3])
)


def give_every_file(store: RunStore, key: str, settings: ProjectionSettings) -> None:
    """Put every file that a run may ever have into the folder of a finished run with two latent
    dimensions; made up, but sound.
    """
    from autoencoder.networks.modules import build
    from autoencoder.training.loop import Training

    run = store.get(key)
    writer, evaluation, digest = RunWriter(run.folder), run.evaluation(), run.weights_sha256
    points = np.asarray(evaluation.latents[: settings.points])
    epochs, losses = np.array([0, 40, 500]), np.array([9.0, 5.0, 4.0])
    steps = np.stack([points, 2 * points, 3 * points])
    writer.steps(ProjectionSteps(settings, epochs, steps, losses, digest))
    scores = {"trustworthiness": 0.9, "continuity": 0.8}
    writer.projection(Projection(points, settings, weights_sha256=digest, **scores))
    writer.mixture(MIXTURE, digest)
    writer.clustering(clustering_of(evaluation.labels), digest)
    images = evaluation.images
    writer.checkpoint(Training(build(run.config), run.config, images[:64], images).checkpoint())
    Task(run.folder).log_file.write_text("reading the data\ntraining\n")
    store.relabel(key, title="A title", note="A note.", pinned=True)
    join_series(run.folder, Membership("lab", "E1-digits-quick", "a role"))


def change(path, **changes):
    """Edit a JSON file of a run."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def put_weights(folder, content):
    """Replace the weights, with the sha256 that they should have."""
    (folder / "weights.safetensors").write_bytes(content)
    change(folder / "state.json", weights_sha256=hashlib.sha256(content).hexdigest())


def held(task):
    """While another process holds the task's lock."""
    return lock_held(task.lock_file)


@contextmanager
def lock_held(path):
    """While another process holds the lock on `path`."""
    code = (
        "import sys; from pathlib import Path; from autoencoder.system import FileLock\n"
        "FileLock(Path(sys.argv[1])).acquire(60); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT) as holder:
        try:
            wait_until(lambda: is_locked(path))
            yield
        finally:
            holder.kill()


def visible(folder):
    """The names in a folder, without hidden ones."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def read_everything(run: Run) -> int:
    """Read all there is of a run, which raises if any of it is damaged; returns its epochs."""
    epochs = [p.epoch for p in run.history]
    snapshots = run.snapshots()
    assert epochs == list(range(1, len(epochs) + 1))
    assert snapshots[: len(epochs)] == epochs and len(snapshots) <= len(epochs) + 1
    assert all(
        run.snapshot(epoch).latents.shape == (360, run.config.latent_dim)
        for epoch in snapshots[-2:]
    )
    if len(epochs) > 1:
        assert run.is_trained  # the checkpoint follows the history at once
    if run.is_trained:
        inference.rebuild(run.config, run.weights())
    if (run.folder / "evaluation.npz").exists():
        run.evaluation()
    if (run.folder / "pca.npz").exists():
        run.pca()
    return len(epochs) if run.metrics or run.state != "finished" else -1
