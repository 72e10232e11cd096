"""Measured times: how they are kept, measured once, queued behind trainings, and what they mean for
a run.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import torch

from autoencoder import system
from autoencoder.cli.main import main
from autoencoder.config.datasets import DatasetInfo, ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.errors import RunBusyError, RunError
from autoencoder.jobs import Queue, runner
from autoencoder.jobs import calibration as calibrator
from autoencoder.jobs.runner import run_job
from autoencoder.jobs.training import train_run
from autoencoder.runs import Run, Task, TaskState, TimingStore
from autoencoder.training import calibration
from autoencoder.training import loop as training_module
from autoencoder.training.timing import ComputeSettings, Timing, fingerprint
from tests.support.configs import TINY
from tests.support.queues import end_calibrations, stop_at
from tests.support.runs import held
from tests.support.timings import TIMING
from tests.support.waiting import wait_until

LINEAR = RunConfig(dataset="digits", network="linear", epochs=2, train_size=64, batch_size=32)
OTHER = replace(LINEAR, latent_dim=3)
Measured = list[tuple[RunConfig, dict[str, Any]]]


@pytest.fixture
def queue(settings: Settings) -> Iterator[Queue]:
    """A queue without runs; a calibration that still runs after the test is ended."""
    queue = Queue(settings)
    yield queue
    end_calibrations(queue)


@pytest.fixture
def timings(queue: Queue) -> TimingStore:
    """The queue's timings, none yet."""
    return queue.timings


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Measured]:
    """What was really measured in this process, and with what fixed: a few steps each, so that it
    takes a moment only.
    """
    monkeypatch.setattr(calibration, "SURE_STEPS", 2)
    seen: Measured = []
    measure = calibrator.measure

    def counted(
        config: RunConfig, began: float, *, device: str = "cpu", fixed: dict[str, Any] | None = None
    ) -> Timing:
        seen.append((config, fixed or {}))
        return measure(config, began, device=device, fixed=fixed)

    monkeypatch.setattr(calibrator, "measure", counted)
    yield seen
    torch.set_num_threads(1)


def file_of(timings: TimingStore, config: RunConfig) -> Path:
    """Where the timing of `config` is kept."""
    return timings.folder / f"{fingerprint(config)}.json"


# Keeping


def test_a_timing_is_kept(timings: TimingStore) -> None:
    """What was put comes back, for every config that costs the same per step, and for no other."""
    assert timings.get(LINEAR) is None
    timings.put(LINEAR, TIMING)

    assert timings.get(LINEAR) == timings.get(replace(LINEAR, epochs=9, seed=3)) == TIMING
    assert timings.get(OTHER) is None
    timings.put(LINEAR, replace(TIMING, step=0.02))
    assert timings.get(LINEAR) == replace(TIMING, step=0.02)


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1]", "{}", '{"format": 1}', "[" * 100_000, '{"format": 2, "step": NaN}', "\0"],
)
def test_a_damaged_timing_is_none(timings: TimingStore, content: str) -> None:
    """Whatever the file holds, nothing is known then; measured again, it is whole."""
    timings.put(LINEAR, TIMING)
    file_of(timings, LINEAR).write_text(content)
    assert timings.get(LINEAR) is None

    timings.put(LINEAR, TIMING)
    assert timings.get(LINEAR) == TIMING


def test_half_a_timing_is_none(timings: TimingStore) -> None:
    """So is one that was cut off, and one that is a link or a folder."""
    timings.put(LINEAR, TIMING)
    path = file_of(timings, LINEAR)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert timings.get(LINEAR) is None

    path.write_bytes(whole)
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))
    assert timings.get(LINEAR) is None
    path.unlink()
    path.mkdir()
    assert timings.get(LINEAR) is None


def test_what_is_asked_for_is_remembered(timings: TimingStore) -> None:
    """A task that measures knows its config, and is no timing yet."""
    task = timings.ask(TINY)

    assert task == timings.task(TINY)
    assert timings.config_of(task) == TINY
    assert timings.get(TINY) is None
    assert timings.config_of(timings.task(OTHER)) is None


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", "{}", '{"format": 2, "latent_dim": 0}', '{"format": 2, "evil": 1}']
)
def test_what_is_asked_for_in_a_damaged_file_is_nothing(timings: TimingStore, content: str) -> None:
    """A file that describes no run that can be trained asks for nothing."""
    task = timings.ask(TINY)
    (timings.folder / f"{task.name}.config.json").write_text(content)

    assert timings.config_of(task) is None


# Measuring


def calibrated(queue: Queue, config: RunConfig) -> Timing | None:
    """What is known of the config after it was measured in this process."""
    run_job(queue, queue.timings.ask(config))
    return queue.timings.get(config)


def test_a_calibration_measures_once(queue: Queue, measured: Measured) -> None:
    """The first call measures and keeps; the second answers from what is kept."""
    first = calibrated(queue, LINEAR)
    assert measured == [(LINEAR, {})]
    assert queue.timings.get(LINEAR) == first
    assert queue.timings.task(LINEAR).now() == "finished"

    assert calibrated(queue, replace(LINEAR, epochs=9)) == first
    assert len(measured) == 1


def test_a_calibration_measures_every_part(queue: Queue, measured: Measured) -> None:
    """Starting, a step, the test, saving and what follows the last epoch all take time."""
    timing = calibrated(queue, LINEAR)

    assert min(timing.start, timing.step, timing.test, timing.save, timing.measure) > 0


def test_what_is_being_measured_is_not_measured_again(
    queue: Queue, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second process is refused in words."""
    monkeypatch.setattr(runner, "LOCK_TIMEOUT", 0.0)
    with (
        held(queue.timings.ask(LINEAR)),
        pytest.raises(RunBusyError, match="another process is already working on"),
    ):
        calibrated(queue, LINEAR)

    assert measured == []


def test_a_way_that_is_recorded_is_kept(timings: TimingStore, measured: Measured) -> None:
    """A training that goes on computes as it did, whatever else is known to be faster; how long it
    takes is unknown.
    """
    timings.put(LINEAR, TIMING)
    record = TaskState("running", threads=2, precision="float32", layout="channels_last")

    assert calibrator.choose_compute_settings(timings, LINEAR, record, 0.0, "cpu") == (
        ComputeSettings(2, "float32", "channels_last"),
        0.0,
    )
    assert measured == []


def test_a_way_that_is_known_is_used(timings: TimingStore, measured: Measured) -> None:
    """A new training computes in the way that was found to be fastest, and predicts its time from
    it.
    """
    timings.put(LINEAR, TIMING)
    config = replace(LINEAR, epochs=9)
    compute, predicted = calibrator.choose_compute_settings(
        timings, config, TaskState("running"), perf_counter(), "cpu"
    )

    assert compute == TIMING.compute == ComputeSettings(1, "bfloat16", "contiguous")
    assert predicted == TIMING.predict(config)
    assert measured == []


def test_the_search_for_neighbours_is_predicted(timings: TimingStore) -> None:
    """Where they have to be found first, the time has a part for every pair of training images and
    of test images.
    """
    config = replace(LINEAR, objective="neighbours")
    timing = replace(TIMING, pair=1e-3)
    timings.put(config, timing)
    seconds = [
        calibrator.choose_compute_settings(
            timings, config, TaskState("running"), perf_counter(), "cpu", needs_graph=needs_graph
        )[1]
        for needs_graph in (False, True)
    ]

    assert seconds[0] == timing.predict(config)
    assert seconds[1] - seconds[0] == pytest.approx((64**2 + 360**2) / 1000)
    assert timing.margin(config, True) > timing.margin(config)


def test_a_pair_is_measured_where_neighbours_are_needed(measured: Measured) -> None:
    """A measurement knows what comparing two images takes, if the objective compares any."""
    near = replace(LINEAR, objective="neighbours")

    assert 0 < calibrator.measure(near, perf_counter()).pair < 1e-4
    assert calibrator.measure(LINEAR, perf_counter()).pair == 0


def test_pca_of_large_images_grows_with_their_number(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of images of 3,072 numbers no matrix of all by all is foreseen: what is to be done after the
    last epoch grows with the number of images.
    """

    def one_second(work: Callable[[], object], device: str = "") -> float:
        work()
        return 1.0

    monkeypatch.setattr(calibrator, "_timed", one_second)
    monkeypatch.setattr(calibration, "_seconds_once", one_second)
    photos = DatasetInfo(
        title="Photos",
        help="",
        shape=ImageShape(3, 32, 32),
        train=50_000,
        test=2,
        class_names=(),
        fingerprint="0" * 16,
    )
    config = replace(LINEAR, dataset="photos", added=photos, batch_size=2)
    few, many = (
        calibrator.measure(replace(config, train_size=count), perf_counter()).measure
        for count in (500, 50_000)
    )

    assert many > 10 * few


def test_a_way_that_is_unknown_is_found_and_kept(timings: TimingStore, measured: Measured) -> None:
    """A new training of an unknown shape measures, keeps what it found, and predicts that and its
    own time.
    """
    compute, predicted = calibrator.choose_compute_settings(
        timings, LINEAR, TaskState("running"), perf_counter(), "cpu"
    )
    known = timings.get(LINEAR)

    assert measured == [(LINEAR, {})]
    assert known is not None
    assert compute == known.compute
    assert predicted > known.predict(LINEAR)


@pytest.mark.parametrize(
    "named", [{"precision": "bfloat16"}, {"threads": 1}, {"layout": "contiguous"}], ids=str
)
def test_what_is_given_is_used_and_not_kept(
    timings: TimingStore, measured: Measured, named: dict[str, Any]
) -> None:
    """With one choice made by hand the others are found by trial; that says nothing about the
    fastest way of all.
    """
    timings.put(LINEAR, replace(TIMING, precision="float32", layout="channels_last"))
    before = file_of(timings, LINEAR).read_bytes()
    compute, predicted = calibrator.choose_compute_settings(
        timings, LINEAR, TaskState("running", **named), perf_counter(), "cpu"
    )

    assert measured == [(LINEAR, named)]
    assert {name: getattr(compute, name) for name in named} == named
    assert predicted > 0
    assert file_of(timings, LINEAR).read_bytes() == before


# In the queue


@pytest.fixture
def training(queue: Queue) -> Task:
    """A run that another process seems to train for as long as its lock is held."""
    config = replace(TINY, seed=99)
    assert queue.store.claim(config, "stopped")
    return Task(queue.store.folder / config.key)


@pytest.mark.slow
def test_a_calibration_waits_for_a_training_and_for_nobody_else(
    queue: Queue, training: Task
) -> None:
    """While a training runs nothing is measured, and the newest question takes the others' place;
    then it is answered once.
    """
    timings = queue.timings
    dropped, wanted = timings.task(LINEAR), timings.task(OTHER)
    with held(training):
        training.update(state="running")
        for config in (LINEAR, OTHER, OTHER):
            queue.submit_calibration(config)
            queue.tick()
            assert timings.task(config).now() == "queued"
        assert dropped.now() == "stopped"
    training.update(state="stopped")
    queue.tick()

    wait_until(lambda: timings.get(OTHER) and wanted.now() == "finished")
    assert timings.get(LINEAR) is None
    assert dropped.now() == "stopped"
    before = wanted.state_file.read_bytes()
    queue.submit_calibration(replace(OTHER, epochs=7))
    assert wanted.state_file.read_bytes() == before


def test_a_dropped_question_can_be_asked_again(queue: Queue, training: Task) -> None:
    """Whoever goes back to an earlier choice waits for that one; only one question waits at any
    time.
    """
    with held(training):
        training.update(state="running")
        for config in (LINEAR, OTHER, LINEAR):
            queue.submit_calibration(config)

        assert [queue.timings.task(config).now() for config in (LINEAR, OTHER)] == [
            "queued",
            "stopped",
        ]
        assert queue.places() == {}


def test_a_calibration_is_no_run(queue: Queue, training: Task) -> None:
    """Questions that wait are neither listed among the runs nor counted in the queue."""
    with held(training):
        training.update(state="running")
        queue.submit_calibration(LINEAR)

        assert queue.store.keys() == [training.folder.name]


def test_a_question_that_cannot_be_kept_is_refused_in_words(tmp_path: Path) -> None:
    """Where the models folder cannot be written, that is said."""
    (tmp_path / "models").write_text("a file")

    with pytest.raises(RunError, match="cannot write to the models folder"):
        Queue(Settings(tmp_path / "models", tmp_path)).submit_calibration(LINEAR)


def test_a_question_that_was_answered_meanwhile_is_not_measured(
    queue: Queue, training: Task
) -> None:
    """The training that a calibration waited for measured the same: nothing is started, and nothing
    has failed.
    """
    with held(training):
        training.update(state="running")
        queue.submit_calibration(LINEAR)
        queue.timings.put(LINEAR, TIMING)
    training.update(state="stopped")
    queue.tick()

    assert queue.timings.task(LINEAR).now() in ("stopped", "finished")
    assert all(child.poll() is not None for child in system._children)


def test_a_calibration_that_fails_says_why(queue: Queue) -> None:
    """A network too large to be built: the task's state is failed, with the reason."""
    huge = replace(LINEAR, network="mlp", hidden=(8192, 8192, 8192))
    assert calibrated(queue, huge) is None

    record = queue.timings.task(huge).read()
    assert record.state == "failed"
    assert "parameters" in record.error


# In a run


@pytest.fixture
def trained_here(queue: Queue) -> Iterator[Callable[..., Run]]:
    """A function that trains a run in this process, as the queue would."""

    def train(config: RunConfig, **how: Any) -> Run:
        queue.store.claim(config, "stopped")
        return train_run(queue, config.key, device="cpu", **how)

    yield train
    torch.set_num_threads(1)


def test_a_run_knows_what_was_foretold_and_what_it_took(
    timings: TimingStore, trained_here: Callable[..., Run], measured: Measured
) -> None:
    """A new run measures on its way; its record tells the way, the time predicted and the time it
    took.
    """
    record = trained_here(LINEAR).record
    known = timings.get(LINEAR)

    assert record.state == "finished", record.error
    assert len(measured) == 1
    assert known is not None
    assert ComputeSettings(record.threads, record.precision, record.layout) == known.compute
    assert record.predicted > 0
    assert record.took > 0


def test_a_run_whose_time_is_known_does_not_measure(
    timings: TimingStore, trained_here: Callable[..., Run], measured: Measured
) -> None:
    """It computes in the known way and records the known prediction."""
    timings.put(LINEAR, TIMING)
    record = trained_here(LINEAR).record

    assert (record.threads, record.precision, record.layout) == (1, "bfloat16", "contiguous")
    assert record.predicted == TIMING.predict(LINEAR)
    assert measured == []


def test_a_run_that_goes_on_computes_as_before(
    timings: TimingStore,
    trained_here: Callable[..., Run],
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Threads, precision and layout stay though another way is known to be faster by now; nothing
    is predicted for the rest.
    """
    used = []

    class Recording(training_module.Training):
        def __init__(self, *args: Any, precision: str, layout: str, **how: Any) -> None:
            super().__init__(*args, precision=precision, layout=layout, **how)
            used.append((torch.get_num_threads(), precision, layout))

    monkeypatch.setattr(training_module, "Training", Recording)
    timings.put(TINY, TIMING)
    first = trained_here(TINY, on_progress=stop_at(1))
    timings.put(TINY, replace(TIMING, precision="float32", layout="channels_last"))
    last = trained_here(TINY)

    assert (first.state, last.state) == ("stopped", "finished")
    candidates = [
        (run.record.threads, run.record.precision, run.record.layout) for run in (first, last)
    ]
    assert candidates == used == [(1, "bfloat16", "contiguous")] * 2
    assert (last.record.predicted, measured) == (0.0, [])
    assert last.record.took > 0


# The command line


def test_the_command_line_says_how_long(
    settings: Settings, measured: Measured, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence and exit status 0; a second time the same without measuring."""
    command = [
        "calibrate",
        *LINEAR.flags(),
        "--models",
        str(settings.models),
        "--data",
        str(settings.data),
    ]
    assert main(command) == 0
    first = capsys.readouterr()
    assert main(command) == 0

    assert capsys.readouterr() == first
    assert first.out.startswith("about ")
    assert first.out.count("\n") == 1
    assert first.err == ""
    assert len(measured) == 1


def test_the_command_line_refuses_to_measure_nonsense(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A config that cannot be trained is refused in one sentence, exit status 2."""
    assert main(["calibrate", "--latent-dim", "0", "--models", str(settings.models)]) == 2
    assert capsys.readouterr().err.startswith("autoencoder: latent_dim must be")


def test_the_command_line_says_that_nothing_can_be_kept(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A models folder that cannot be written: one sentence, exit status 2."""
    settings.models.write_text("a file")

    assert main(["calibrate", *LINEAR.flags(), "--models", str(settings.models)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
