"""The queue and its processes: real trainings on `digits`, started, joined, stopped, killed and
gone on with.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.manifold import trustworthiness

from autoencoder import system
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.settings import Settings
from autoencoder.errors import JobError, RunBusyError, RunError, UnknownRunError
from autoencoder.jobs import Queue
from autoencoder.jobs import queue as queue_module
from autoencoder.jobs.training import train_run
from autoencoder.networks import inference
from autoencoder.runs import RunWriter, Task, TaskState
from autoencoder.system import FileLock
from autoencoder.training import loop
from tests.support.configs import DEEP, LONG, SOME, TINY
from tests.support.places import ROOT
from tests.support.queues import SAME, claimed, do, end_all, here, losses, over, stop_at
from tests.support.runs import held
from tests.support.waiting import wait_until

TSNE = ProjectionSettings("tsne")


@pytest.fixture
def queue(settings: Settings) -> Iterator[Queue]:
    """A queue without runs; what still runs after the test is ended."""
    queue = Queue(settings)
    yield queue
    end_all(queue)


@pytest.fixture
def stuck(settings: Settings) -> Iterator[Queue]:
    """A queue whose trainings all fail at once: its data folder is a file."""
    settings.models.parent.joinpath("file").write_text("no folder")
    queue = Queue(replace(settings, data=settings.models.parent / "file"))
    yield queue
    end_all(queue)


@pytest.fixture
def known(store, data_folder) -> Iterator[Queue]:
    """A queue over a copy of the trained runs."""
    queue = Queue(Settings(store.folder, data_folder))
    yield queue
    end_all(queue)


def state(queue, config):
    """The run's state in one word."""
    return queue.store.get(config.key).state


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, data_folder):
    """SOME, trained in one go."""
    queue = Queue(Settings(tmp_path_factory.mktemp("models"), data_folder))
    claimed(queue, SOME)
    return here(queue, SOME)


# Starting and waiting


@pytest.mark.slow
def test_a_submitted_training_finishes_and_a_second_submission_joins_it(queue):
    """Submitting twice starts one process, which trains the run to its end; a third time finds it
    finished.
    """
    first, second = queue.submit(TINY), queue.submit(TINY)
    assert first.key == second.key and first.is_live and second.is_live
    run = over(queue, TINY)

    assert run.state == "finished", run.record.error
    assert [p.epoch for p in run.history] == run.snapshots() == [1, 2]
    assert np.isfinite(run.evaluation().latents).all() and run.metrics["mse"]["run"] > 0
    assert 1 <= run.record.threads <= system.cores()
    assert run.record.precision in ("float32", "bfloat16")
    assert (run.folder / "log.txt").read_text().count("reading the data") == 1
    before = (run.folder / "state.json").read_bytes()
    assert queue.submit(TINY).state == "finished" == queue.resume(TINY.key).state
    assert (run.folder / "state.json").read_bytes() == before


@pytest.mark.slow
def test_the_queue_lives_on_without_whoever_filled_it(queue):
    """A process submits two runs and is killed; the first trains, and when it is stopped the second
    one starts and finishes.
    """
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from autoencoder.config.settings import Settings; from autoencoder.jobs import Queue\n"
        "from tests.support.configs import LONG, TINY\n"
        "queue = Queue(Settings(Path(sys.argv[1]), Path(sys.argv[2])))\n"
        "queue.submit(LONG), queue.submit(TINY)\n"
        "os.killpg(0, signal.SIGKILL)"
    )
    command = [sys.executable, "-c", code, str(queue.settings.models), str(queue.settings.data)]
    assert subprocess.run(command, cwd=ROOT, start_new_session=True).returncode == -signal.SIGKILL
    wait_until(lambda: queue.store.get(LONG.key).history)

    assert (state(queue, LONG), state(queue, TINY), queue.places()) == (
        "running",
        "queued",
        {TINY.key: 1},
    )
    queue.stop(LONG.key)
    assert over(queue, LONG).state == "stopped"
    assert over(queue, TINY).state == "finished"


def test_trainings_wait_in_the_order_they_came(stuck):
    """While one runs the others wait with places, can be cancelled and asked for again; when it
    ends they go in turn.
    """
    running, one, two, three = (replace(TINY, seed=seed) for seed in range(4))
    task = claimed(stuck, running)
    with held(task):
        task.update(state="running")
        states = [stuck.submit(config).state for config in (one, two, three, one)]
        assert states == ["queued"] * 4
        assert stuck.places() == {one.key: 1, two.key: 2, three.key: 3}

        stuck.stop(two.key)
        stuck.stop(two.key)
        assert state(stuck, two) == "stopped"
        assert stuck.places() == {one.key: 1, three.key: 2}
        assert stuck.submit(two).state == "queued"
        stuck.tick()
        assert stuck.places() == {one.key: 1, three.key: 2, two.key: 3}
    stuck.tick()

    ended = [over(stuck, config) for config in (one, three, two)]
    assert [run.state for run in ended] == ["failed"] * 3
    times = [(run.folder / "state.json").stat().st_mtime_ns for run in ended]
    assert times == sorted(times)
    assert state(stuck, running) == "interrupted" and stuck.places() == {}


def test_as_many_trainings_run_as_may(stuck):
    """With room for two, the second starts beside the first."""
    stuck = Queue(replace(stuck.settings, max_trainings=2))
    task = claimed(stuck, replace(TINY, seed=1))
    with held(task):
        task.update(state="running")
        stuck.submit(TINY)

        assert over(stuck, TINY).state == "failed"


def test_a_waiting_run_can_be_deleted(stuck):
    """It leaves the queue; nothing is started for it."""
    task = claimed(stuck, replace(TINY, seed=1))
    with held(task):
        task.update(state="running")
        stuck.submit(TINY)
        stuck.delete(TINY.key)

        assert stuck.places() == {}
    stuck.tick()
    assert stuck.store.keys() == [replace(TINY, seed=1).key]


def test_what_is_not_there_cannot_be_queued(queue):
    """Stopping, resuming, projecting and deleting an unknown run are refused as such."""
    for act in (
        queue.stop,
        queue.resume,
        queue.delete,
        lambda key: queue.submit_task(key, TSNE.name),
    ):
        with pytest.raises(UnknownRunError):
            act("digits-conv-d2-00000000")


def test_a_models_folder_that_cannot_be_written_is_said(tmp_path):
    """Submitting fails in words; a tick there does nothing."""
    (tmp_path / "models").write_text("a file")
    queue = Queue(Settings(tmp_path / "models", tmp_path))
    queue.tick()

    assert queue.places() == {}
    with pytest.raises(RunError, match="cannot write to the models folder"):
        queue.submit(TINY)


# Failing


def test_a_training_that_fails_says_why(stuck, settings):
    """Its state is failed, with one sentence; once the cause is gone it can go on."""
    stuck.submit(TINY)
    run = over(stuck, TINY)

    assert run.state == "failed"
    assert (
        "cannot write digits to the data folder" in run.record.error
        and "\n" not in run.record.error
    )
    assert "reading the data" in (run.folder / "log.txt").read_text()
    assert here(Queue(settings), TINY, **SAME).state == "finished"


@pytest.mark.parametrize("kind", ["breaks", "missing"])
def test_a_process_that_cannot_start_is_a_failure_in_words(queue, tmp_path, monkeypatch, kind):
    """The run does not wait for ever for a process that never worked on it."""
    program = tmp_path / "python"
    if kind == "breaks":
        program.write_text(
            "#!/bin/sh\necho some warning >&2\necho 'no module named torch' >&2\nexit 1\n"
        )
        program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    run = queue.submit(TINY)

    assert run.state == "failed" and queue.places() == {}
    assert "could not start" in run.record.error and "\n" not in run.record.error
    assert "no module named torch" in run.record.error or kind == "missing"


def test_a_hostile_folder_does_not_hold_up_the_queue(stuck, store):
    """State files that are nonsense, of tasks that do not exist, or damaged, are passed over by
    everyone who ticks.
    """
    stuck = Queue(replace(stuck.settings, models=store.folder))
    states = {
        "state.json": "[" * 100_000,
        "projection-evil.state.json": '{"state": "queued"}',
        "projection-tsne-n0-d2-s0.state.json": '{"state": "queued"}',
        "projection-tsne-n5-d2-s0.state.json": '{"state": "queued", "progress": {"train": 5}}',
        "projection-..-..-x.state.json": '{"state": "queued"}',
        "mixture-.state.json": '{"state": "queued"}',
        "mixture.state.json": '{"state": "queued", "place": "first"}',
        "evaluate.state.json": '{"state": "queued"}',
        ".state.json": '{"state": "queued"}',
    }
    for name, content in states.items():
        (store.folder / TINY.key / name).write_text(content)
    (store.folder / DEEP.key / "state.json").write_text(
        '{"state": "queued", "progress": {"train": [1]}}'
    )
    config = replace(TINY, seed=1)
    stuck.tick()
    stuck.submit(config)

    assert over(stuck, config).state == "failed"
    assert stuck.places() == {}


# Stopping, killing and going on


@pytest.mark.slow
def test_a_stopped_training_goes_on_as_if_it_had_not(queue, uninterrupted):
    """Stopped by the flag, a training leaves a checkpoint; going on gives the same weights, bit for
    bit, and history.
    """
    claimed(queue, SOME)
    assert queue.resume(SOME.key).is_live
    wait_until(lambda: len(queue.store.get(SOME.key).history) > 2)
    queue.stop(SOME.key)
    run = over(queue, SOME)

    assert run.state == "stopped" and run.has_checkpoint and not (run.folder / "stop").exists()
    assert 2 < len(run.history) < SOME.epochs and run.snapshots() == [p.epoch for p in run.history]
    assert run.record.progress.epoch in (len(run.history), len(run.history) + 1)
    inference.rebuild(run.config, run.weights())
    run = here(queue, SOME)
    assert run.state == "finished" and not run.has_checkpoint
    assert run.record.weights_sha256 == uninterrupted.record.weights_sha256
    assert losses(run) == losses(uninterrupted)


@pytest.mark.slow
def test_a_killed_training_leaves_its_last_epoch(queue, uninterrupted):
    """After SIGKILL the run is interrupted, its last epoch can be looked at, and going on ends
    where it would have.
    """
    claimed(queue, SOME)
    queue.submit(SOME)
    wait_until(lambda: len(queue.store.get(SOME.key).history) > 2)
    os.kill(queue.store.get(SOME.key).record.pid, signal.SIGKILL)
    run = over(queue, SOME)

    assert (run.state, run.is_live, run.is_trained) == ("interrupted", False, True)
    network = inference.rebuild(run.config, run.weights())
    latents = inference.encode(network, run.evaluation().images)
    epochs = run.snapshots()[
        -2:
    ]  # killed between snapshot and checkpoint, the weights are of the epoch before
    assert any(
        np.allclose(latents, run.snapshot(epoch).latents, atol=1e-2, rtol=1e-2) for epoch in epochs
    )
    run = here(queue, SOME)
    assert run.record.weights_sha256 == uninterrupted.record.weights_sha256
    assert losses(run) == losses(uninterrupted)


VARIETY = {
    "conv": replace(TINY, epochs=6, dropout=0.2),
    "momentum": replace(TINY, epochs=6, optimizer="sgd", objective="denoising"),
    "rmsprop": replace(TINY, epochs=6, optimizer="rmsprop", schedule="cosine"),
    "variational": replace(DEEP, epochs=6, kl_warmup=3, optimizer="adam"),
}


@pytest.mark.parametrize("at", [3, 4, 12], ids=["within an epoch", "after an epoch", "at the end"])
@pytest.mark.parametrize("config", VARIETY.values(), ids=VARIETY)
def test_every_kind_of_training_goes_on_exactly(settings, tmp_path, monkeypatch, config, at):
    """Stopped at any step, twice, with whatever network, objective and optimiser: the same weights
    and the same history.
    """
    monkeypatch.setattr(loop, "REPORT_EVERY", 0.0)
    whole, cut = Queue(settings), Queue(replace(settings, models=tmp_path / "cut"))
    for queue in (whole, cut):
        claimed(queue, config)
    expected, seen, more = here(whole, config), [], []
    assert here(cut, config, on_progress=stop_at(at, seen)).state == "stopped"
    if at < 12:
        assert here(cut, config, on_progress=stop_at(3, more)).state == "stopped"
        assert (len(seen), more[0].images) == (at, seen[-1].images + 32)  # not a step twice
    run = here(cut, config)

    assert run.state == "finished"
    assert run.record.weights_sha256 == expected.record.weights_sha256
    assert losses(run) == losses(expected)


def test_threads_and_precision_are_kept(queue):
    """What a run was first trained with is recorded, survives waiting in the queue, and is used
    when it goes on.
    """
    said, threads = [], system.cores() + 1  # another number than would be found
    claimed(queue, TINY, threads=0, precision="")
    try:
        first = train_run(
            queue,
            TINY.key,
            threads=threads,
            precision="bfloat16",
            notify=lambda words, fraction: said.append(words),
            on_progress=stop_at(1),
        )
        assert (first.state, first.record.threads, first.record.precision) == (
            "stopped",
            threads,
            "bfloat16",
        )

        other = claimed(queue, replace(TINY, seed=1))
        with held(other):
            other.update(state="running")
            record = queue.submit(TINY).record
            assert (record.state, record.threads, record.precision, record.progress.epoch) == (
                "queued",
                threads,
                "bfloat16",
                1,
            )
        last = train_run(queue, TINY.key, notify=lambda words, fraction: said.append(words))
    finally:
        torch.set_num_threads(1)
    assert (last.state, last.record.threads, last.record.precision) == (
        "finished",
        threads,
        "bfloat16",
    )
    assert sum(f"{threads} thread(s), bfloat16" in line for line in said) == 2


def test_what_is_not_given_is_found_by_trial(queue):
    """A run trained without being told how records the threads and the precision it found."""
    claimed(queue, TINY, threads=0, precision="")
    try:
        record = here(queue, TINY).record
    finally:
        torch.set_num_threads(1)

    assert record.state == "finished" and record.device == (
        "cuda" if torch.cuda.is_available() else "cpu"
    )
    assert 1 <= record.threads <= system.cores() and record.precision in ("float32", "bfloat16")


def test_a_stop_reaches_a_training_that_is_just_starting(queue):
    """Between taking the lock and saying "running" a training is no longer waiting: it is asked to
    stop, not crossed out.
    """
    queue.store.claim(TINY, "queued", 1)
    task = Task(queue.store.folder / TINY.key)
    with held(task):
        queue.stop(TINY.key)

        assert task.stop_file.exists()
        assert task.read().state == "queued"


def test_a_flag_that_a_killed_training_left_does_not_stop_the_next(queue):
    """Whoever goes on takes the old flag down first."""
    task, flags = claimed(queue, TINY), []
    task.stop_file.touch()
    run = here(queue, TINY, on_progress=lambda progress: flags.append(task.stop_file.exists()))

    assert (run.state, flags) == ("finished", [False, False])


def test_stopping_what_has_ended_changes_nothing(known):
    """Neither a finished run nor its folder."""
    folder = known.store.folder / TINY.key
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    known.stop(TINY.key)
    known.tick()

    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_a_run_that_waits_to_go_on_keeps_its_weights(known):
    """Cut off after its weights were written, a run can still be looked at while it waits in the
    queue.
    """
    Task(known.store.folder / TINY.key).update(state="stopped")
    other = claimed(known, replace(TINY, seed=1))
    with held(other):
        other.update(state="running")
        assert known.submit(TINY).state == "queued"

        inference.rebuild(TINY, known.store.get(TINY.key).weights())


# Projections


@pytest.mark.slow
def test_a_projection_is_computed_once_and_kept(known):
    """t-SNE of a run's test latents is laid out by a process of its own; asking again starts
    nothing.
    """
    known.submit_task(TINY.key, TSNE.name)
    known.submit_task(TINY.key, TSNE.name)
    task = Task(known.store.folder / TINY.key, TSNE.name)
    wait_until(lambda: task.now() not in ("queued", "running"))

    assert task.read().state == "finished", task.read().error
    found = known.store.get(TINY.key).projection(TSNE)
    assert (
        found.points.shape == (360, 2)
        and np.isfinite(found.points).all()
        and (found.points.std(axis=0) > 0).all()
    )
    assert 0.5 < task.read().share <= 1
    before = task.state_file.read_bytes()
    known.submit_task(TINY.key, TSNE.name)
    assert task.state_file.read_bytes() == before
    assert (known.store.folder / TINY.key / f"{TSNE.name}.log.txt").read_text().count(
        "laying out"
    ) == 1


@pytest.mark.slow
def test_a_killed_projection_can_be_asked_for_again(known):
    """After SIGKILL it is interrupted, the run is untouched, and a second process gets its
    points.
    """
    task = Task(known.store.folder / TINY.key, TSNE.name)
    known.submit_task(TINY.key, TSNE.name)
    wait_until(lambda: task.now() == "running")
    os.kill(task.read().pid, signal.SIGKILL)
    wait_until(lambda: task.now() != "running")

    assert task.now() == "interrupted" and state(known, TINY) == "finished"
    assert known.store.get(TINY.key).projection(TSNE) is None
    assert do(known, TINY, TSNE.name) == "finished"
    assert known.store.get(TINY.key).projection(TSNE).points.shape == (360, 2)


def test_a_run_without_weights_is_not_projected(queue):
    """There is nothing to lay out before the first epoch is done: refused, and nothing is
    queued.
    """
    queue.store.claim(TINY, "stopped")

    with pytest.raises(JobError, match="before its first epoch"):
        queue.submit_task(TINY.key, TSNE.name)
    assert [path.name for path in (queue.store.folder / TINY.key).glob("projection*")] == []


def test_a_run_can_be_projected_before_it_is_finished(queue):
    """A stopped run's newest weights give the latents."""
    claimed(queue, TINY)
    assert here(queue, TINY, on_progress=stop_at(1)).state == "stopped"

    assert do(queue, TINY, TSNE.name) == "finished"
    assert queue.store.get(TINY.key).projection(TSNE).points.shape == (360, 2)


def test_latents_that_cannot_be_laid_out_are_a_failure_in_words(known):
    """All latents in one point: the projection fails with one sentence and can be asked for
    again.
    """
    run = known.store.get(TINY.key)
    found = run.evaluation()
    RunWriter(run.folder).evaluation(
        found.images, found.labels, np.ones_like(found.latents), found.errors
    )

    for _ in range(2):
        assert do(known, TINY, TSNE.name) == "failed"
        assert "are the same point" in Task(run.folder, TSNE.name).read().error


def test_a_projection_knows_how_far_it_can_be_trusted(known):
    """Its scores are scikit-learn's trustworthiness of the map among 12 neighbours, and the same
    the other way round.
    """
    do(known, DEEP, TSNE.name)
    found, latents = (
        known.store.get(DEEP.key).projection(TSNE),
        known.store.get(DEEP.key).evaluation().latents,
    )

    assert found.trustworthiness == pytest.approx(
        trustworthiness(latents, found.points, n_neighbors=12), abs=1e-3
    )
    assert found.continuity == pytest.approx(
        trustworthiness(found.points, latents, n_neighbors=12), abs=1e-3
    )
    assert found.weights_sha256 == known.store.get(DEEP.key).weights_sha256


def test_images_can_be_laid_out_beside_their_latents(known):
    """Pixels make a map of their own, of as many images as were asked for, with scores of its
    own.
    """
    wanted = ProjectionSettings("tsne", points=60, space="pixels")
    assert do(known, TINY, wanted.name) == "finished"
    run = known.store.get(TINY.key)
    found, pixels = run.projection(wanted), run.evaluation().images[:60].reshape(60, -1)

    assert (found.points.shape, found.weights_sha256) == ((60, 2), "")
    assert found.trustworthiness == pytest.approx(
        trustworthiness(pixels, found.points, n_neighbors=12), abs=1e-3
    )
    assert run.projection(ProjectionSettings("tsne", points=60)) is None


def test_few_images_have_few_neighbours(known):
    """The fewest that can be laid out are measured, too."""
    wanted = ProjectionSettings("tsne", points=5)
    do(known, TINY, wanted.name)
    found = known.store.get(TINY.key).projection(wanted)

    assert found.points.shape == (5, 2)
    assert 0 <= found.trustworthiness <= 1 and 0 <= found.continuity <= 1


def test_a_run_that_trained_on_is_projected_again(queue):
    """The latents of a stopped run go out of date as the run goes on; its images do not."""
    pixels = ProjectionSettings("tsne", space="pixels")
    claimed(queue, TINY)
    here(queue, TINY, on_progress=stop_at(1))
    for wanted in (TSNE, pixels):
        assert do(queue, TINY, wanted.name) == "finished"
    here(queue, TINY)
    run = queue.store.get(TINY.key)

    assert (run.has_projection(TSNE), run.has_projection(pixels)) == (False, True)
    assert do(queue, TINY, TSNE.name) == "finished"
    assert queue.store.get(TINY.key).has_projection(TSNE)


@pytest.mark.slow
def test_every_parameter_reaches_the_process(known):
    """A name with everything in it is computed by a process of its own, which writes under that
    very name.
    """
    wanted = ProjectionSettings("umap", 5, 3, 7, min_dist=0.25, points=20, space="pixels")
    known.submit_task(TINY.key, wanted.name)
    task = Task(known.store.folder / TINY.key, wanted.name)
    wait_until(lambda: task.now() not in ("queued", "running"), timeout=300)  # UMAP compiles itself

    assert task.read().state == "finished", task.read().error
    assert known.store.get(TINY.key).projection(wanted).points.shape == (20, 3)


def test_a_damaged_projection_state_is_started_anew(known):
    """A state file that is no JSON does not keep a projection from being asked for."""
    task, other = (Task(known.store.folder / config.key, TSNE.name) for config in (TINY, DEEP))
    task.state_file.write_text("{")
    with held(other):
        other.write(TaskState("running"))
        known.submit_task(TINY.key, TSNE.name)

        assert task.now() == "queued"


def test_a_tick_without_patience_waits_for_nobody(queue, monkeypatch):
    """While another process is at the queue, such a tick tries once and starts nothing; a
    submission is refused in words after its own, longer time.
    """
    queue.store.claim(TINY, "queued", 1)
    waited = []
    monkeypatch.setattr(FileLock, "acquire", lambda lock, timeout=0.0: waited.append(timeout))

    queue.tick(timeout=0)
    assert len(waited) == 1 and waited[0] <= 0
    assert queue.store.get(TINY.key).state == "queued"
    with pytest.raises(RunBusyError, match="another process is still changing the queue"):
        queue.submit(DEEP)
    assert waited[1] > 1


def test_a_tick_without_patience_does_not_wait_for_a_thread(queue):
    """Nor does it wait for another visitor's thread of the same server."""
    queue.store.claim(TINY, "queued", 1)
    with queue_module._threads:
        queue.tick(timeout=0)

    assert queue.store.get(TINY.key).state == "queued"


# What waits or runs is known without looking into every folder


@pytest.fixture
def reads(monkeypatch):
    """The names of the folders whose state is read, one for each time."""
    names, read = [], Task.read
    monkeypatch.setattr(Task, "read", lambda task: (names.append(task.folder.name), read(task))[1])
    return names


def test_the_queue_opens_no_folder_of_a_run_that_has_ended(stuck, reads):
    """However many runs there are, a tick, the places and the live runs read what waits or runs."""
    for seed in range(30):
        claimed(stuck, replace(TINY, seed=seed))
    running, waiting = replace(TINY, seed=100), replace(TINY, seed=101)
    task = claimed(stuck, running)
    with held(task):
        task.update(state="running")
        stuck.submit(waiting)
        reads.clear()
        stuck.tick()
        places, live = stuck.places(), stuck.live_runs()

    assert set(reads) == {running.key, waiting.key}
    assert places == {waiting.key: 1}
    assert {run.key for run in live} == {running.key, waiting.key}


def test_a_lost_index_is_made_anew(stuck):
    """Runs that wait are found and started where there is no index, as in a models folder that was
    copied or is older than the index.
    """
    running = claimed(stuck, replace(TINY, seed=1))
    with held(running):
        running.update(state="running")
        stuck.submit(TINY)
        shutil.rmtree(stuck.store.active.folder)
        assert stuck.places() == {TINY.key: 1}
        stuck.tick()
        assert stuck.store.active.is_complete
    stuck.tick()

    assert over(stuck, TINY).state == "failed"


def test_what_has_ended_leaves_the_index(stuck):
    """The next tick removes tasks that ended, runs that were deleted and names that mean
    nothing.
    """
    stuck.submit(TINY)
    over(stuck, TINY)
    index = stuck.store.active
    index.add("digits-conv-d2-00000000", "train")
    index.add("..", "train")
    index.add(TINY.key, "no such job")
    stuck.tick()

    assert list(index) == []


# Starting a process keeps nobody waiting


@pytest.fixture
def slow_start(stuck, tmp_path, monkeypatch):
    """A queue whose processes do nothing until `begin` exists, and then fail."""
    begin, program = tmp_path / "begin", tmp_path / "python"
    program.write_text(
        f'#!/bin/sh\nwhile [ ! -e {begin} ]; do sleep 0.05; done\nexec {sys.executable} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    yield stuck, begin
    begin.touch()


def test_nobody_waits_for_a_process_that_is_starting(slow_start):
    """Until it holds its lock, its training counts as running and others can use the queue: a
    second one waits, and no process is started twice.
    """
    queue, begin = slow_start
    queue.store.claim(TINY, "queued", 1)
    queue.tick(timeout=0)
    lock = FileLock(queue.settings.models / ".queue.lock")
    assert lock.acquire()
    lock.release()
    other = replace(TINY, seed=1)
    before = len(system._children)
    assert queue.submit(other).state == "queued"
    queue.tick(timeout=0)

    assert queue.places() == {other.key: 1}
    assert len(system._children) == before
    with pytest.raises(RunBusyError, match="stop the job first"):
        queue.delete(TINY.key)
    begin.touch()
    assert over(queue, TINY).state == over(queue, other).state == "failed"


def test_a_training_that_is_starting_can_be_stopped(slow_start, settings):
    """Asked to stop before it has begun, it begins and ends as stopped."""
    queue, begin = Queue(settings), slow_start[1]
    queue.store.claim(TINY, "queued", 1)
    queue.tick(timeout=0)
    queue.stop(TINY.key)
    begin.touch()

    assert over(queue, TINY).state == "stopped"


def test_a_process_that_never_began_is_started_again(stuck):
    """A task whose process was started long ago, or by a clock that was ahead, and that nobody
    works on, is started again by the next tick.
    """
    for seconds in (-120, +3600):
        config = replace(TINY, seed=abs(seconds))
        stuck.store.claim(config, "queued", 1)
        Task(stuck.store.folder / config.key).update(launched=time.time() + seconds)
        stuck.tick()

        assert over(stuck, config).state == "failed"


def test_asking_without_patience_waits_for_nobody(known):
    """A page that asks on its own is refused at once while others are at the queue."""
    with queue_module._threads, pytest.raises(RunBusyError):
        known.submit_task(TINY.key, TSNE.name, timeout=0)

    assert Task(known.store.folder / TINY.key, TSNE.name).glance() == ""
