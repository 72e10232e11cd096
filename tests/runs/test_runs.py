"""Run folders: what a finished one holds, who may make and delete one, and what a damaged or
hostile one can do (nothing).
"""

import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from autoencoder.analysis.projections import Projection, ProjectionSteps
from autoencoder.analysis.sampling import Mixture
from autoencoder.config.projections import ProjectionSettings
from autoencoder.errors import CorruptRunError, RunBusyError, RunError, UnknownRunError
from autoencoder.networks import inference
from autoencoder.networks.modules import build
from autoencoder.runs import (
    DamagedRun,
    NeighbourErrors,
    Run,
    RunStore,
    RunWriter,
    Task,
    TaskState,
    files,
    schemas,
)
from autoencoder.training.loop import Training
from autoencoder.training.progress import Checkpoint
from tests.support.configs import DEEP, TINY
from tests.support.places import ROOT
from tests.support.runs import change, clustering_of, held, put_weights, visible
from tests.support.waiting import wait_until

BOTH = pytest.mark.parametrize("config", [TINY, DEEP], ids=["tiny", "deep"])
POINTS = ProjectionSettings("tsne")
WATCHED = ProjectionSettings("umap")
MIXTURE = Mixture(
    np.array([0.5, 0.5]), np.zeros((2, 2)), np.stack([np.eye(2)] * 2), np.array([0, 3])
)
READERS = {
    "history.jsonl": lambda run: run.history,
    "metrics.json": lambda run: run.metrics,
    "evaluation.npz": Run.evaluation,
    "pca.npz": Run.pca,
    "snapshots/0001.npz": lambda run: run.snapshot(1),
    f"{POINTS.name}.npz": lambda run: run.projection(POINTS),
    f"{WATCHED.steps_name}.npz": lambda run: run.steps(WATCHED),
    "mixture.npz": Run.mixture,
    "clustering.npz": Run.clustering,
    "weights.safetensors": Run.weights,
    "checkpoint.safetensors": Run.checkpoint,
    "config.json": lambda run: None,  # store.get has read these two
    "state.json": lambda run: None,
}
ARRAYS = [name for name in READERS if name.endswith(".npz")]


def steps_of(digest, *epochs):
    """Made-up steps of TINY's 360 test images, after so many epochs."""
    points = np.arange(len(epochs) * 720.0).reshape(-1, 360, 2)
    return ProjectionSteps(WATCHED, np.array(epochs), points, np.ones(len(epochs)), digest)


@pytest.fixture
def full(store, digits):
    """The store, with every file in TINY's folder that a run may ever have."""
    writer = RunWriter(store.get(TINY.key).folder)
    writer.projection(
        Projection(
            np.zeros((360, 2), np.float32),
            POINTS,
            trustworthiness=0.9,
            continuity=0.8,
            weights_sha256=store.get(TINY.key).weights_sha256,
        )
    )
    writer.steps(steps_of(store.get(TINY.key).weights_sha256, 0, 40, 500))
    writer.mixture(MIXTURE, store.get(TINY.key).weights_sha256)
    writer.clustering(clustering_of(digits.test.labels), store.get(TINY.key).weights_sha256)
    writer.checkpoint(
        Training(build(TINY), TINY, digits.train.images[:64], digits.test.images).checkpoint()
    )
    return store


def read(store, key, names=READERS):
    """Read every part of a run, or those named."""
    run = store.get(key)
    return [READERS[name](run) for name in names]


# What a finished run holds


@BOTH
def test_a_finished_run_is_whole(store, digits, config):
    """Every reader of a finished run returns arrays of the promised shapes and kinds."""
    run, dims = store.get(config.key), config.latent_dim
    evaluation, pca, snapshot = run.evaluation(), run.pca(), run.snapshot(2)

    assert (run.state, run.is_live, run.is_trained, run.config) == ("finished", False, True, config)
    np.testing.assert_array_equal(evaluation.images, digits.test.images)
    np.testing.assert_array_equal(evaluation.labels, digits.test.labels)
    assert evaluation.latents.shape == (360, dims) and evaluation.latents.dtype == np.float32
    assert evaluation.errors.shape == (360,) and evaluation.errors.min() >= 0
    assert (pca.mean.shape, pca.components.shape, pca.variance.shape) == (
        (64,),
        (dims, 64),
        (dims,),
    )
    assert pca.total >= pca.variance.sum() > 0
    assert snapshot.latents.shape == (360, dims) and snapshot.latents.dtype.kind == "f"
    assert (
        snapshot.reconstructions.shape == (16, 1, 8, 8)
        and snapshot.reconstructions.dtype == np.uint8
    )


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_first_images_are_read_alone(store, order):
    """They are those of the evaluation, by rows or by columns, also where a later one is broken."""
    run = store.get(TINY.key)
    arrays = {name: np.asarray(each) for name, each in vars(run.evaluation()).items()}
    arrays["images"] = np.asarray(arrays["images"], order=order)
    np.savez(run.folder / "evaluation.npz", **arrays)
    np.testing.assert_array_equal(run.first_images(3), arrays["images"][:3])
    assert len(run.first_images(1_000)) == 360

    path = run.folder / "evaluation.npz"
    content = bytearray(path.read_bytes())
    content[content.index(b"images.npy") + 5_000] ^= 255  # an image after the third
    path.write_bytes(content)
    with pytest.raises(CorruptRunError, match="CRC"):
        run.evaluation()
    if order == "C":
        np.testing.assert_array_equal(run.first_images(3), arrays["images"][:3])


@BOTH
def test_a_finished_run_has_its_files_and_no_others(store, config):
    """No checkpoint, no stop flag and no half-written file is left over."""
    whole = {
        "config.json",
        "dataset.json",
        "state.json",
        "lock",
        "history.jsonl",
        "snapshots",
        "evaluation.npz",
        "pca.npz",
        "metrics.json",
    }

    assert {path.name for path in (store.folder / config.key).iterdir()} == whole | {
        "weights.safetensors"
    }


@BOTH
def test_history_and_snapshots_have_one_entry_per_epoch(store, config):
    """Each epoch is there once, in order, done, with losses on training and test images."""
    run = store.get(config.key)

    assert run.snapshots() == [1, 2]
    assert [(p.epoch, p.epochs, p.epoch_done, p.images) for p in run.history] == [
        (1, 2, True, 64),
        (2, 2, True, 128),
    ]
    assert all(
        {"total", "reconstruction", "mse"} <= set(p.train) & set(p.test) for p in run.history
    )
    assert run.record.progress == run.history[-1]


@BOTH
def test_the_weights_are_those_that_were_measured(store, config):
    """The rebuilt network gives the latents, errors and metrics the run holds, and its last
    snapshot.
    """
    run = store.get(config.key)
    network, evaluation = inference.rebuild(run.config, run.weights()), run.evaluation()
    latents = inference.encode(network, evaluation.images)

    np.testing.assert_allclose(latents, evaluation.latents, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(latents, run.snapshot(2).latents, rtol=1e-2, atol=1e-2)
    assert run.metrics["mse"]["run"] == pytest.approx(evaluation.errors.mean(), rel=1e-4)
    assert run.metrics["mse"]["run"] == pytest.approx(run.history[-1].test["mse"], rel=1e-4)


@BOTH
def test_metrics_say_what_they_were_measured_on(store, config):
    """Every number stands beside PCA's, with split, sample size and seed."""
    metrics = store.get(config.key).metrics

    assert (metrics["split"], metrics["samples"], metrics["seed"]) == ("test", 360, 0)
    assert {name for name, value in metrics.items() if isinstance(value, dict)} == {
        "dead_units",
        "mse",
        "sse",
        "psnr",
        "ssim",
    }
    assert all(set(metrics[name]) == {"run", "pca"} for name in ("mse", "sse", "psnr", "ssim"))
    assert metrics["sse"]["run"] == pytest.approx(64 * metrics["mse"]["run"])


def test_a_run_that_was_looked_up_while_training_gives_its_weights_later(store):
    """Who holds a Run from before its end is not told that its weights are damaged."""
    path = store.folder / TINY.key / "state.json"
    after = path.read_text()
    change(path, state="running", weights_sha256="")
    early = store.get(TINY.key)
    path.write_text(after)

    assert early.weights().keys() == store.get(TINY.key).weights().keys()


def test_a_run_without_weights_says_so(store):
    """A run that never finished an epoch has no history, no snapshots, no metrics and no weights:
    in words.
    """
    config = replace(TINY, seed=5)
    store.claim(config, "stopped")
    run = store.get(config.key)

    assert (run.state, run.is_trained, run.history, run.snapshots(), run.metrics) == (
        "stopped",
        False,
        [],
        [],
        {},
    )
    assert (run.projection(POINTS), run.mixture(), run.clustering()) == (None, None, None)
    for reader in (run.weights, run.checkpoint, run.evaluation, run.pca):
        with pytest.raises(CorruptRunError, match=config.key):
            reader()


def test_a_mixture_belongs_to_its_weights(full):
    """It is read as it was written, of either kind of scales; once the weights are others there is
    none.
    """
    run = full.get(TINY.key)
    flat = Mixture(MIXTURE.weights, MIXTURE.means, np.ones((2, 2)), MIXTURE.classes)
    for mixture in (MIXTURE, flat):
        RunWriter(run.folder).mixture(mixture, run.weights_sha256)
        found = run.mixture()
        for name in ("weights", "means", "scales", "classes"):
            np.testing.assert_array_equal(getattr(found, name), getattr(mixture, name))
    assert run.has_mixture()

    put_weights(
        run.folder, save(full.get(TINY.key).weights() | {"encoder.0.bias": np.zeros(4, np.float32)})
    )
    assert run.mixture() is None and not run.has_mixture()


def test_a_mixture_of_a_checkpoint_goes_with_it(full, digits):
    """Before a run is finished its weights are the checkpoint's, and so is the mixture."""
    run = full.get(TINY.key)
    (run.folder / "weights.safetensors").unlink()
    assert run.mixture() is None
    RunWriter(run.folder).mixture(MIXTURE, run.weights_sha256)
    assert run.mixture() is not None

    training = Training(
        build(replace(TINY, seed=1)), TINY, digits.train.images[:64], digits.test.images
    )
    RunWriter(run.folder).checkpoint(training.checkpoint())
    assert run.mixture() is None


def test_a_judgement_belongs_to_its_weights(full):
    """It is read as it was written, with errors or without; once the weights are others there is
    none.
    """
    run = full.get(TINY.key)
    plain = clustering_of(run.evaluation().labels)
    for clustering in (plain, replace(plain, errors=NeighbourErrors(0.25, 0.0, 64, 360))):
        RunWriter(run.folder).clustering(clustering, run.weights_sha256)
        found = run.clustering()
        assert (found.scores.to_dict(), found.errors) == (
            clustering.scores.to_dict(),
            clustering.errors,
        )
        for name in ("clusters", "densities", "nearest_other"):
            np.testing.assert_array_equal(getattr(found, name), getattr(clustering, name))
    assert run.has_clustering()

    put_weights(
        run.folder, save(full.get(TINY.key).weights() | {"encoder.0.bias": np.zeros(4, np.float32)})
    )
    assert full.get(TINY.key).clustering() is None and not full.get(TINY.key).has_clustering()


def test_only_a_finished_run_has_a_judgement(full):
    """One that is to be trained on has none, whatever its folder holds."""
    change(full.folder / TINY.key / "state.json", state="stopped")

    assert full.get(TINY.key).clustering() is None


def test_metrics_of_an_earlier_version_are_read(store):
    """Accuracies of neighbours used to stand among them."""
    known = store.get(TINY.key).metrics
    change(store.folder / TINY.key / "metrics.json", knn_1={"run": 0.5, "pca": 0.25})

    assert store.get(TINY.key).metrics == {**known, "knn_1": {"run": 0.5, "pca": 0.25}}


# Making, listing, deleting


def test_of_many_threads_one_claims_a_run(tmp_path):
    """Of 64 simultaneous claims of one config exactly one is told that it made the run."""
    store, barrier, won = RunStore(tmp_path / "models"), threading.Barrier(64), []

    def claim():
        barrier.wait()
        won.append(store.claim(TINY, "queued", 1))

    threads = [threading.Thread(target=claim) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), sum(won)) == (64, 1)
    assert visible(store.folder) == [TINY.key]
    assert (store.get(TINY.key).state, store.get(TINY.key).record.place) == ("queued", 1)


def test_of_several_processes_one_claims_each_run(tmp_path):
    """Four processes that claim the same 50 runs make each of them once."""
    code = (
        "import sys; from pathlib import Path\nfrom autoencoder.config.run_config import RunConfig;"
        " from autoencoder.runs import RunStore\nstore = RunStore(Path(sys.argv[1]));"
        " print(flush=True); sys.stdin.readline()\nprint(sum(store.claim(RunConfig(seed=seed),"
        " 'queued') for seed in range(50)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    claimants = [subprocess.Popen(command, **pipes) for _ in range(4)]
    for claimant in claimants:
        claimant.stdout.readline()
    for claimant in claimants:
        claimant.stdin.write("\n")
        claimant.stdin.flush()

    assert sum(int(claimant.communicate(timeout=60)[0]) for claimant in claimants) == 50
    assert len(RunStore(tmp_path).runs()) == 50


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_folder_is_not_claimed(tmp_path, kind):
    """A file or a link where the run's folder would be is left alone."""
    store, elsewhere = RunStore(tmp_path / "models"), tmp_path / "elsewhere"
    store.folder.mkdir()
    elsewhere.mkdir()
    path = store.folder / TINY.key
    path.write_text("mine") if kind == "file" else path.symlink_to(elsewhere)
    try:
        assert not store.claim(TINY, "queued")
    except RunError:
        pass

    assert visible(store.folder) == [TINY.key] and list(elsewhere.iterdir()) == []
    assert path.is_symlink() if kind == "link" else path.read_text() == "mine"


def test_a_models_folder_that_cannot_be_written_is_said(tmp_path):
    """Claiming where no folder can be made fails in words."""
    (tmp_path / "models").write_text("a file")

    with pytest.raises(RunError, match="cannot write to the models folder"):
        RunStore(tmp_path / "models").claim(TINY, "queued")
    assert RunStore(tmp_path / "models").entries() == []


def test_keys_are_newest_first_and_cut(tmp_path):
    """Runs are listed by when they were made, not by name; `entries` takes the newest of them."""
    store, configs = RunStore(tmp_path), [replace(TINY, seed=seed) for seed in range(4)]
    for config, made in zip(configs, (200, 400, 0, 300), strict=True):
        store.claim(config, "stopped")
        os.utime(tmp_path / config.key / "config.json", (made, made))
    newest = [configs[index].key for index in (1, 3, 0, 2)]

    assert store.keys() == newest
    assert [entry.key for entry in store.entries(most=2)] == newest[:2]


def test_what_is_no_run_is_not_listed(store, tmp_path):
    """Hidden folders, links, files and folders that hold something else are ignored."""
    there, keys = store.folder, store.keys()
    shutil.copytree(there / TINY.key, there / f".{TINY.key}")
    shutil.copytree(there / TINY.key, tmp_path / "outside")
    (there / "link").symlink_to(tmp_path / "outside", target_is_directory=True)
    (there / replace(TINY, seed=9).key).symlink_to(tmp_path / "outside", target_is_directory=True)
    (there / "notes.txt").write_text("mine")
    (there / "digits-conv-d2-00000000").write_text("a file with a run's name")
    (there / "some-folder").mkdir()
    (there / "Upper-Case").mkdir()

    assert store.keys() == keys == [run.key for run in store.runs()]
    with pytest.raises(UnknownRunError):
        store.get("link")


HOSTILE = [
    "",
    ".",
    "..",
    "../x",
    "../../etc",
    "/etc",
    "C:",
    "C:\\x",
    "\\\\host\\share",
    "a\0b",
    "%2e",
    "%2e%2e%2f",
    "a" * 300,
    "CON",
    "con",
    "nul.txt",
    "a/b",
    "a\nb",
    "~",
    "-rf",
    "<b>",
    "${HOME}",
    "\u202eabc",
]


@pytest.mark.parametrize("key", HOSTILE, ids=ascii)
def test_a_hostile_key_names_no_run(store, key):
    """Keys that are paths, devices or nonsense are unknown runs, to look up and to delete alike."""
    with pytest.raises(UnknownRunError) as refused:
        store.get(key)
    with pytest.raises(UnknownRunError):
        store.delete(key)
    assert (
        len(str(refused.value)) < 500
        and "\n" not in str(refused.value)
        and "\0" not in str(refused.value)
    )


def test_a_path_to_a_run_is_no_key(store):
    """Not even a path that leads to a run is taken for its key; nor is one with more around it."""
    for key in (
        f"../models/{TINY.key}",
        f"{TINY.key}/",
        f"./{TINY.key}",
        f"{TINY.key}\n",
        f" {TINY.key}",
        TINY.key.upper(),
    ):
        with pytest.raises(UnknownRunError):
            store.get(key)


def test_a_deleted_run_is_gone_and_the_others_stay(store):
    """Nothing of it is left in the models folder, and deleting it again says that there is none."""
    store.delete(TINY.key)

    assert visible(store.folder) == [DEEP.key]
    with pytest.raises(UnknownRunError):
        store.delete(TINY.key)
    read(store, DEEP.key, ("evaluation.npz", "weights.safetensors"))


def test_a_damaged_run_can_be_deleted(store):
    """Deleting needs nothing of what is in the folder."""
    (store.folder / TINY.key / "config.json").unlink()

    assert TINY.key in store.keys()
    store.delete(TINY.key)
    assert store.keys() == [DEEP.key]


@pytest.mark.parametrize("name", ["train", POINTS.name, "mixture", "clustering"])
def test_a_run_that_is_worked_on_is_not_deleted(store, name):
    """While a training or a side task of it lives, deleting is refused, and the run stays whole."""
    with held(Task(store.folder / TINY.key, name)):
        with pytest.raises(RunBusyError, match="in use by a job: stop the job first"):
            store.delete(TINY.key)
        assert store.get(TINY.key).evaluation().latents is not None

    store.delete(TINY.key)


def test_running_is_whoever_holds_the_lock(store):
    """A state file that says "running" counts while a process holds the lock; after that the run is
    interrupted.
    """
    task = Task(store.folder / TINY.key)
    task.update(state="running")

    assert (store.get(TINY.key).state, store.get(TINY.key).is_live) == ("interrupted", False)
    with held(task):
        assert (store.get(TINY.key).state, store.get(TINY.key).is_live) == ("running", True)


# Damage


def half(path):
    """Cut off in the middle."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    """Nothing in it."""
    path.write_bytes(b"")


def noise(path):
    """Random bytes, as many as there were."""
    path.write_bytes(np.random.default_rng(0).bytes(path.stat().st_size))


def other_json(path):
    """Valid JSON, but a list of numbers."""
    path.write_text("[1, 2]\n")


def nested(path):
    """JSON deep enough to exhaust the parser's stack."""
    path.write_text("[" * 100_000 + "\n")


def folder(path):
    """A folder of that name."""
    path.unlink()
    path.mkdir()


def fifo(path):
    """A pipe that nobody writes into: opening it would wait for ever."""
    path.unlink()
    os.mkfifo(path)


def link(path):
    """A link to a sound copy outside the run."""
    outside = path.parents[2] / f"outside-{path.name}"
    path.rename(outside)
    path.symlink_to(outside)


def sparse(path):
    """Larger than any such file may be, though it takes no room."""
    os.truncate(path, 3 << 30)


DAMAGES = [half, empty, noise, other_json, nested, folder, fifo, link, sparse]
HARMFUL = [
    pytest.param(name, damage, id=f"{name}-{damage.__name__}")
    for name in READERS
    for damage in DAMAGES
    if (name, damage)
    not in {("history.jsonl", half), ("history.jsonl", empty)}  # that is a shorter one: see below
]


def promptly(function, *arguments):
    """The function's result or exception; fails the test if it does not come, where waiting itself
    would hang.
    """
    result = []

    def work():
        try:
            result.append(function(*arguments))
        except BaseException as error:
            result.append(error)

    threading.Thread(target=work, daemon=True).start()
    wait_until(lambda: result, timeout=30)
    return result[0]


@pytest.mark.parametrize(("name", "damage"), HARMFUL)
def test_damage_stays_with_the_part_it_hit(full, name, damage):
    """Reading the damaged part raises CorruptRunError with the run's key; the other parts and the
    other run are fine.
    """
    damage(full.folder / TINY.key / name)

    problem = promptly(read, full, TINY.key, [name])
    assert isinstance(problem, CorruptRunError), repr(problem)
    assert TINY.key in str(problem) and "\n" not in str(problem) and len(str(problem)) < 500
    listed = {entry.key: type(entry) for entry in promptly(full.entries)}
    assert listed == {
        TINY.key: DamagedRun if name in ("config.json", "state.json") else Run,
        DEEP.key: Run,
    }
    read(
        full,
        DEEP.key,
        ("history.jsonl", "metrics.json", "evaluation.npz", "pca.npz", "weights.safetensors"),
    )
    if name not in ("config.json", "state.json"):
        # Nothing is told of images that cannot be read.
        maps = {f"{POINTS.name}.npz", f"{WATCHED.steps_name}.npz"}
        of_images = {"clustering.npz", "snapshots/0001.npz", *maps}
        lost = of_images if name == "evaluation.npz" else set()
        read(full, TINY.key, set(READERS) - {name} - lost)


@pytest.mark.parametrize("kept", [0.0, 0.2, 0.5, 0.7, 0.999])
def test_a_history_that_was_cut_off_gives_its_whole_lines(store, kept):
    """A last line that is not whole is left out, as if the epoch had not ended."""
    path, whole = store.folder / TINY.key / "history.jsonl", store.get(TINY.key).history
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])

    assert store.get(TINY.key).history == whole[: content[: int(kept * len(content))].count(b"\n")]


@pytest.mark.parametrize("name", ARRAYS)
def test_a_flipped_bit_in_arrays_is_damage_or_nothing(full, name):
    """Whatever bit of an npz file flips: the same shapes come out, or CorruptRunError.

    Never anything else.
    """
    path, rng = full.folder / TINY.key / name, np.random.default_rng(1)
    content, run = path.read_bytes(), full.get(TINY.key)
    for position in rng.integers(len(content), size=200):
        path.write_bytes(
            content[:position]
            + bytes([content[position] ^ (1 << rng.integers(8))])
            + content[position + 1 :]
        )
        try:
            READERS[name](run)
        except CorruptRunError:
            continue


def test_a_flipped_bit_in_the_weights_is_noticed(store):
    """Any single bit: safetensors does not notice, the sha256 does."""
    path, rng = store.folder / TINY.key / "weights.safetensors", np.random.default_rng(2)
    content, run = path.read_bytes(), store.get(TINY.key)
    for position in rng.integers(len(content), size=50):
        path.write_bytes(
            content[:position]
            + bytes([content[position] ^ (1 << rng.integers(8))])
            + content[position + 1 :]
        )
        with pytest.raises(CorruptRunError, match="changed after they were saved"):
            run.weights()


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(store, number):
    """Even where their sha256 is right; in a checkpoint too."""
    weights = store.get(TINY.key).weights()
    weights["encoder.0.bias"][0] = number
    put_weights(store.folder / TINY.key, save(weights))
    with pytest.raises(CorruptRunError, match="not finite"):
        store.get(TINY.key).weights()

    RunWriter(store.get(DEEP.key).folder).checkpoint(
        Checkpoint({f"network.{n}": a for n, a in weights.items()}, {})
    )
    with pytest.raises(CorruptRunError, match="not finite"):
        store.get(DEEP.key).checkpoint()


@pytest.mark.parametrize(
    "damage", [half, empty, noise, other_json], ids=lambda damage: damage.__name__
)
def test_damaged_weights_with_the_right_sha_are_refused(store, damage):
    """What is no safetensors file is refused even where its sha256 was made to fit."""
    damage(store.folder / TINY.key / "weights.safetensors")
    put_weights(
        store.folder / TINY.key, (store.folder / TINY.key / "weights.safetensors").read_bytes()
    )

    with pytest.raises(CorruptRunError):
        store.get(TINY.key).weights()


def test_weights_may_be_kept_in_16_bits(store):
    """They come back as float32, rounded; a number beyond float16 is refused as not finite."""
    exact = store.get(TINY.key).weights()
    small = {n: a.astype(np.float16) if a.dtype == np.float32 else a for n, a in exact.items()}
    put_weights(store.folder / TINY.key, save(small))
    rounded = store.get(TINY.key).weights()

    assert {name: array.dtype for name, array in rounded.items()} == {
        name: array.dtype for name, array in exact.items()
    }
    for name, array in rounded.items():
        np.testing.assert_allclose(array, exact[name], rtol=1e-3, atol=1e-7)
    small["encoder.0.bias"] = small["encoder.0.bias"] + np.float16(np.inf)
    put_weights(store.folder / TINY.key, save(small))
    with pytest.raises(CorruptRunError, match="not finite"):
        store.get(TINY.key).weights()


def test_another_network_s_weights_are_refused(store):
    """Sound weights in the wrong folder do not become a network."""
    put_weights(
        store.folder / TINY.key, (store.folder / DEEP.key / "weights.safetensors").read_bytes()
    )
    run = store.get(TINY.key)

    with pytest.raises(CorruptRunError, match="not those of this network"):
        inference.rebuild(run.config, run.weights())


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", READERS)
def test_a_pickle_is_never_unpickled(full, tmp_path, name):
    """A pickle under any name, or as an object array, is damage; what it would execute is not
    executed.
    """
    path, bomb = full.folder / TINY.key / name, Bomb(tmp_path / "executed")
    arrays = (
        {member: np.array([bomb], dtype=object) for member in np.load(path).files}
        if name in ARRAYS
        else {}
    )
    path.write_bytes(pickle.dumps(bomb))
    problems = [promptly(read, full, TINY.key, [name])]
    if arrays:
        np.savez(path, **arrays)
        problems.append(promptly(read, full, TINY.key, [name]))

    assert [type(problem) for problem in problems] == [CorruptRunError] * len(problems)
    assert not bomb.path.exists()
    pickle.loads(pickle.dumps(bomb))
    assert bomb.path.exists()  # it would have worked


def test_a_linked_folder_of_snapshots_is_not_followed(store, tmp_path):
    """Snapshots that lie outside the run are not its own; going on with the run does not touch
    them.
    """
    snapshots = store.folder / TINY.key / "snapshots"
    snapshots.rename(tmp_path / "outside")
    snapshots.symlink_to(tmp_path / "outside", target_is_directory=True)

    assert store.get(TINY.key).snapshots() == []
    RunWriter(store.get(TINY.key).folder).rewind(0)
    assert len(list((tmp_path / "outside").iterdir())) == 2


WRONG_ARRAYS = {
    "pca.npz": {
        "total": np.ones(0),
        "mean": np.ones(3, np.float32),
        "components": np.ones((2, 3)),
        "variance": np.ones(1),
    },
    "evaluation.npz": {
        "images": np.zeros((360, 1, 9, 9), np.uint8),
        "labels": np.full(360, 77),
        "latents": np.zeros((360, 9)),
        "errors": np.zeros(3),
    },
    "snapshots/0001.npz": {
        "latents": np.zeros((360, 9)),
        "reconstructions": np.zeros((16, 3, 8, 8), np.uint8),
    },
    f"{POINTS.name}.npz": {"points": np.zeros((360, 3))},
    "mixture.npz": {
        "weights": np.array([0.5, 0.6]),
        "means": np.zeros((2, 9)),
        "factors": np.zeros((2, 9, 9)),
        "classes": np.array([0, 77]),
        "sha256": np.zeros(3, np.uint8),
    },
}


@pytest.mark.parametrize(
    ("name", "member"),
    [(name, member) for name, arrays in WRONG_ARRAYS.items() for member in arrays],
)
def test_arrays_of_the_wrong_shape_are_refused(full, name, member):
    """An array that does not fit the run's config, is of another kind, is not finite or is no array
    is damage.
    """
    path = full.folder / TINY.key / name
    right, wrong = dict(np.load(path)), WRONG_ARRAYS[name][member]
    broken = [wrong, np.array(["text"]), right[member][..., None]]
    if right[member].dtype.kind == "f":
        broken.append(np.full_like(right[member], np.nan))
    for array in broken:
        np.savez(path, **{**right, member: array})
        with pytest.raises(CorruptRunError):
            read(full, TINY.key, [name])

    np.savez(
        path, **{**right, f"{member}.npy": np.zeros(1)}
    )  # once more, with bytes that are no array
    content = path.read_bytes().replace(b"\x93NUMPY", b"\x93NUMPX")
    path.write_bytes(content)
    with pytest.raises(CorruptRunError):
        read(full, TINY.key, [name])


# What JSON files may say


PROGRESS = {
    "epoch": "one",
    "epochs": 0,
    "batch": -1,
    "batches": 0,
    "seconds": None,
    "train": [1],
    "test": {"mse": "x"},
}
WRONG_STATES = [
    {"state": 5},
    {"state": "flying"},
    {"state": None},
    {"threads": "two"},
    {"place": 1.5},
    {"pid": [1]},
    {"error": None},
    {"step": {}},
    {"weights_sha256": 7},
    {"created": 0},
    {"progress": []},
    {"progress": {}},
    {"progress": "half"},
    *({"progress": {name: value}} for name, value in PROGRESS.items()),
    {"progress": {"images": 10**400}},
]


@pytest.mark.parametrize("wrong", WRONG_STATES, ids=lambda wrong: json.dumps(wrong)[:40])
def test_a_state_file_with_a_wrong_value_is_damage(store, wrong):
    """A value of another type or out of range makes the run a damaged one in the listing, and
    nothing else.
    """
    path = store.folder / TINY.key / "state.json"
    if isinstance(wrong.get("progress"), dict) and wrong["progress"]:
        wrong = {"progress": {**json.loads(path.read_text())["progress"], **wrong["progress"]}}
    change(path, **wrong)

    with pytest.raises(CorruptRunError):
        store.get(TINY.key)
    assert {type(entry) for entry in store.entries()} == {Run, DamagedRun}
    assert [run.key for run in store.runs()] == [DEEP.key]


@pytest.mark.parametrize(
    "wrong", [*PROGRESS.items(), ("images", 10**400)], ids=lambda wrong: str(wrong)[:20]
)
def test_a_history_with_a_wrong_value_is_damage(store, wrong):
    """One bad line spoils the history, and only the history."""
    path = store.folder / TINY.key / "history.jsonl"
    first, second = (json.loads(line) for line in path.read_text().splitlines())
    path.write_text(json.dumps(first) + "\n" + json.dumps({**second, wrong[0]: wrong[1]}) + "\n")

    with pytest.raises(CorruptRunError):
        _ = store.get(TINY.key).history
    assert store.get(TINY.key).metrics


@pytest.mark.parametrize(
    "wrong",
    [
        {"dataset": "<b>digits</b>"},
        {"network": "<img src=x onerror=alert(1)>"},
        {"objective": "![](http://x)"},
        {"<script>": 1},
        {"latent_dim": "2"},
        {"latent_dim": 2.0},
        {"latent_dim": 10**9},
        {"channels": "4,8"},
        {"hidden": [[1]]},
        {"dropout": float("nan")},
        {"batch_norm": 1},
        {"format": 3},
        {"format": None},
        {"seed": 3},
    ],
    ids=str,
)
def test_a_config_that_is_none_is_damage(store, wrong):
    """Markup for a name, a newer format, nonsense, or another run's config: the run is listed as
    damaged.
    """
    change(store.folder / TINY.key / "config.json", **wrong)

    with pytest.raises(CorruptRunError, match=TINY.key) as damage:
        store.get(TINY.key)
    assert [entry for entry in store.entries() if isinstance(entry, DamagedRun)] == [
        DamagedRun(TINY.key, str(damage.value))
    ]
    assert "reads formats 1 and 2" in str(damage.value) or "format" not in wrong


def test_a_copied_run_is_damage(store):
    """A folder whose config has another key is not that run under a second name."""
    shutil.copytree(store.folder / TINY.key, store.folder / "digits-conv-d2-00000000")

    with pytest.raises(CorruptRunError, match=f"belongs to {TINY.key}"):
        store.get("digits-conv-d2-00000000")
    assert {run.key for run in store.runs()} == {TINY.key, DEEP.key}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.just(10**400),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=6,
)


def nearly(valid):
    """Strategy for JSON that is `valid` but for a few values, at the top or one level below."""
    names = [name for name in valid if isinstance(valid[name], dict)]
    top = st.dictionaries(st.sampled_from(list(valid)), json_values, max_size=2).map(
        lambda wrong: {**valid, **wrong}
    )
    below = st.sampled_from(names or list(valid)).flatmap(
        lambda name: st.dictionaries(
            st.sampled_from(list(valid[name]) or ["x"]), json_values, max_size=2
        ).map(lambda wrong: {**valid, name: {**valid[name], **wrong}})
    )
    return st.one_of(top, below) if names else top


anything = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@anything
@given(data=st.data())
def test_no_state_file_does_more_than_damage_its_run(store, data):
    """Whatever JSON state.json holds: the run is read or is damaged, and the other one is
    listed.
    """
    path = store.folder / TINY.key / "state.json"
    valid = json.loads((store.folder / DEEP.key / "state.json").read_text())
    path.write_text(json.dumps(data.draw(nearly(valid) | json_values)))

    assert [
        entry.key for entry in store.entries() if isinstance(entry, Run) and entry.key != TINY.key
    ] == [DEEP.key]
    try:
        run = store.get(TINY.key)
    except CorruptRunError:
        return
    assert run.state in ("queued", "interrupted", "finished", "stopped", "failed")
    assert run.record.progress is None or 0 <= run.record.progress.done <= 1


@anything
@given(data=st.data())
def test_metrics_are_numbers_or_damaged(store, data):
    """Whatever JSON metrics.json holds: what is read has finite numbers for the run and PCA, or it
    is damage.
    """
    path = store.folder / TINY.key / "metrics.json"
    valid = json.loads((store.folder / DEEP.key / "metrics.json").read_text())
    path.write_text(json.dumps(data.draw(nearly(valid) | json_values)))
    try:
        metrics = store.get(TINY.key).metrics
    except CorruptRunError:
        return
    for name in {"mse", "sse", "psnr", "ssim"} & set(metrics):
        assert all(np.isfinite(metrics[name][model]) for model in ("run", "pca"))
    assert isinstance(metrics.get("samples", 0), int) and isinstance(metrics.get("split", ""), str)


# Writing


def test_a_file_is_replaced_or_left_alone(tmp_path):
    """If writing fails the old content stays and no scratch file is left; if not, the new content
    is there.
    """
    path = tmp_path / "state.json"
    files.write_json(path, {"a": 1})
    with pytest.raises(ValueError), files.replacing(path) as scratch:
        scratch.write_text("half of it")
        assert scratch.parent == tmp_path and files.read_json(path, dict) == {"a": 1}
        raise ValueError
    with pytest.raises(ValueError):
        files.write_json(path, {"a": float("nan")})
    with pytest.raises(FileNotFoundError), files.replacing(path):
        pass  # nothing was written

    assert files.read_json(path, dict) == {"a": 1} and list(tmp_path.iterdir()) == [path]
    files.write_json(path, {"a": 2})
    assert files.read_json(path, dict) == {"a": 2} and list(tmp_path.iterdir()) == [path]


def test_rewinding_forgets_what_came_later(store):
    """History and snapshots of the epochs kept stay, a line that was not whole goes, so do the
    others.
    """
    run = store.get(TINY.key)
    with (run.folder / "history.jsonl").open("a") as file:
        file.write('{"epoch": 3, "ep')
    RunWriter(run.folder).rewind(1)

    assert [p.epoch for p in run.history] == [1] == run.snapshots()
    files.append_line(run.folder / "history.jsonl", replace(run.history[0], epoch=2).to_dict())
    assert len(run.history) == 2


def test_huge_latents_are_kept_finite(store):
    """Codes beyond float16 are cut to its range in a snapshot, not turned into infinities."""
    run = store.get(TINY.key)
    latents = np.full((360, 2), 1e9, np.float32)
    RunWriter(run.folder).epoch(
        run.history[0], latents, np.zeros((16, 1, 8, 8)), Checkpoint({}, {})
    )

    assert run.snapshot(1).latents.max() == pytest.approx(6e4, rel=1e-3)


def test_a_task_state_survives_writing(tmp_path):
    """What a state file was told it tells again; options of a later version are ignored."""
    task, state = (
        Task(tmp_path),
        TaskState(
            "failed", place=3, share=0.25, threads=2, precision="bfloat16", error="no <b>luck</b>"
        ),
    )
    task.write(state)
    change(task.state_file, later="unknown")

    assert task.read() == state


def test_a_task_state_is_written_within_its_limits(tmp_path):
    """A long error is cut and a place behind the last one becomes that, so that what a job writes
    can always be read.
    """
    task = Task(tmp_path)
    task.write(TaskState("failed", place=10**12, error="x" * 10_000, step="\udcff" * 3_000))
    state = task.read()

    assert (state.place, len(state.error), len(state.step)) == (10**9, 4_000, 4_000)


def test_an_error_with_the_name_of_a_strange_file_survives_writing(tmp_path):
    """File names that are not UTF-8 are in error sentences; the state file stays readable."""
    task = Task(tmp_path)
    task.write(TaskState("failed", error="cannot read \udcff.png"))

    assert task.read().error == "cannot read \\udcff.png"


@pytest.mark.parametrize("share", [-0.1, 1.1, "half", None, float("nan")])
def test_a_share_out_of_range_is_refused(tmp_path, share):
    """How far a task is lies from 0 to 1, or the state file is damaged."""
    task = Task(tmp_path)
    task.write(TaskState("running"))
    change(task.state_file, share=share)

    with pytest.raises(ValueError, match=r"share|JSON is malformed"):
        task.read()


def test_a_map_survives_writing(full):
    """Points, how far they can be trusted, and the weights they belong to."""
    found = full.get(TINY.key).projection(POINTS)

    assert found.points.shape == (360, 2)
    assert (found.trustworthiness, found.continuity) == (0.9, 0.8)
    assert found.weights_sha256 == full.get(TINY.key).weights_sha256


def test_a_map_says_which_library_made_it(full):
    """It is read as it was written; a map of UMAP that names none is of an earlier version, which
    had an implementation of its own.
    """
    run = full.get(TINY.key)
    for library, words in (("umap-learn", "UMAP by umap-learn"), ("", "UMAP (own implementation)")):
        made = Projection(
            np.zeros((360, 2), np.float32),
            WATCHED,
            weights_sha256=run.weights_sha256,
            library=library,
        )
        RunWriter(run.folder).projection(made)
        assert run.projection(WATCHED).library == library
        assert run.projection(WATCHED).about == f"{words}, neighbours 15, seed 0"

    RunWriter(run.folder).projection(replace(made, library="<b>bold</b>"))
    with pytest.raises(CorruptRunError, match="is no name of one"):
        run.projection(WATCHED)


def test_steps_grow_until_the_last_epoch(full):
    """Those that are there so far can be read; all of them only once the last is there, and none
    once the weights are others.
    """
    run = full.get(TINY.key)
    RunWriter(run.folder).steps(steps_of(run.weights_sha256, 0, 40))
    assert run.steps(WATCHED).epochs.tolist() == [0, 40]
    assert run.steps(WATCHED, complete=True) is None and not run.has_steps(WATCHED)

    RunWriter(run.folder).steps(steps_of(run.weights_sha256, 0, 40, 500))
    np.testing.assert_array_equal(run.steps(WATCHED).points[1, :2], [[720, 721], [722, 723]])
    assert run.has_steps(WATCHED)

    RunWriter(run.folder).steps(steps_of("00" * 32, 0, 40, 500))
    assert run.steps(WATCHED) is None


def test_steps_out_of_order_are_damaged(full):
    """Epochs ascend to at most the last one, and there are at most 40."""
    run = full.get(TINY.key)
    for epochs in ((0, 40, 40), (40, 0), (0, 501), range(41)):
        RunWriter(run.folder).steps(steps_of(run.weights_sha256, *epochs))
        with pytest.raises(CorruptRunError):
            run.steps(WATCHED)


def put_map(store, projection, **arrays):
    """A file of TINY's in place of a projection's."""
    files.write_arrays(store.folder / TINY.key / f"{projection.name}.npz", arrays)


def test_a_map_of_an_earlier_version_belongs_to_a_finished_run(store):
    """Nothing but points: not measured, and taken for the run's own only where its weights cannot
    change any more.
    """
    put_map(store, POINTS, points=np.ones((360, 2)))
    found = store.get(TINY.key).projection(POINTS)

    assert (found.points.sum(), found.trustworthiness, found.continuity, found.weights_sha256) == (
        720,
        None,
        None,
        "",
    )
    Task(store.folder / TINY.key).update(state="stopped")
    assert store.get(TINY.key).projection(POINTS) is None and not store.get(
        TINY.key
    ).has_projection(POINTS)


def test_a_map_of_other_weights_is_not_there(full):
    """Codes are laid out anew once the weights have changed; pixels stay where they are."""
    pixels = replace(POINTS, space="pixels")
    RunWriter(full.folder / TINY.key).projection(Projection(np.ones((360, 2)), pixels))
    change(full.folder / TINY.key / "state.json", weights_sha256="ab" * 32, state="stopped")
    run = full.get(TINY.key)

    assert run.projection(POINTS) is None
    assert run.projection(pixels).points.shape == (360, 2)
    assert not run.has_projection(POINTS) and run.has_projection(pixels)


@pytest.mark.parametrize(
    "arrays",
    [
        {"points": np.ones((360, 3))},
        {"points": np.ones((0, 2))},
        {"points": np.ones((361, 2))},
        {"scores": np.ones(2)},
        {"points": np.ones((360, 2)), "sha256": np.ones(31, np.uint8)},
        {"points": np.ones((360, 2)), "trustworthiness": np.array([1.1])},
        {"points": np.ones((360, 2)), "continuity": np.array([-0.1])},
        {"points": np.ones((360, 2)), "continuity": np.array([0.5, 0.5])},
        {"points": np.ones((360, 2)), "continuity": np.array([np.nan])},
    ],
    ids=[
        "three axes",
        "none",
        "too many",
        "no points",
        "half a hash",
        "above 1",
        "below 0",
        "two",
        "undefined",
    ],
)
def test_a_map_that_is_none_is_damage(store, arrays):
    """Said of the run, and not counted as computed."""
    put_map(store, POINTS, **arrays)

    with pytest.raises(CorruptRunError, match="is damaged"):
        store.get(TINY.key).projection(POINTS)
    assert not store.get(TINY.key).has_projection(POINTS)


def test_no_flipped_bit_escapes_as_another_error(tmp_path: Path) -> None:
    """Whatever bit of an npz is wrong, reading gives the arrays or an OSError or ValueError."""
    path = tmp_path / "x.npz"
    files.write_arrays(
        path, {"points": np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)}
    )
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            schemas.read(path, {"points": schemas.Array("f", "N 2")})
        except (OSError, ValueError):
            pass


def test_a_flipped_bit_in_a_checkpoint_is_noticed(store):
    """Somewhere in the middle of the arrays, where the file still reads: the checkpoint is said to
    have changed.
    """
    run = store.get(TINY.key)
    arrays = {f"network.{name}": array for name, array in run.weights().items()}
    RunWriter(run.folder).checkpoint(Checkpoint(arrays, {"position": "{}"}))
    path = run.folder / "checkpoint.safetensors"
    whole = path.read_bytes()

    assert run.checkpoint().header == {"position": "{}"}
    path.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
    with pytest.raises(CorruptRunError, match="changed after it was saved"):
        run.checkpoint()
