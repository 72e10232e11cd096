"""How long a lab will take, from timings that were never measured here."""

from dataclasses import replace
from pathlib import Path

import pytest

from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.errors import RunError
from autoencoder.jobs import Queue
from autoencoder.labs import Lab, Scale
from autoencoder.labs.estimate import estimate, measure_next
from autoencoder.labs.work import TRAINED
from autoencoder.runs import Task, TaskState
from tests.support.timings import TIMING

SCALE = Scale("digits", quick=True)
SMALL = RunConfig(
    dataset="digits", network="linear", epochs=2, train_size=64, batch_size=32, latent_dim=2
)
LARGE = replace(SMALL, latent_dim=4, epochs=3)
AGAIN = replace(SMALL, seed=1)  # of the same shape as SMALL
# Steps of 0.01 s in bfloat16, 0.02 s in float32, of which an epoch has two.
KNOWN = replace(TIMING, float32=0.02, imports=0.5)
EPOCH = 2 * KNOWN.float32 + KNOWN.test + KNOWN.save
AFTER = KNOWN.measure - KNOWN.imports


@pytest.fixture
def queue(settings: Settings) -> Queue:
    """A queue without runs."""
    return Queue(settings)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunConfig]:
    """The configs of all calibrations that were asked for; none is started."""
    configs: list[RunConfig] = []
    monkeypatch.setattr(
        Queue, "submit_calibration", lambda queue, config, timeout: configs.append(config)
    )
    return configs


def lab(*configs: RunConfig) -> Lab:
    """A lab that trains these."""
    plan = lambda scale: {"all": [*configs]}  # noqa: E731
    return Lab("E1", "A title", "A question?", "Some.", plan, ())


def finish(queue: Queue, config: RunConfig, took: float) -> None:
    """As if the run had been trained to its end."""
    queue.store.claim(config, "finished")
    Task(queue.store.folder / config.key).update(took=took)


def test_it_is_the_sum_over_all_trainings(queue: Queue) -> None:
    """Each training as in float32, the start of the process once, and a fifth of the whole for
    measuring and drawing.
    """
    for config in (SMALL, LARGE):
        queue.timings.put(config, KNOWN)
    trainings = 2 * (2 * EPOCH + AFTER) + 3 * EPOCH + AFTER
    expected = KNOWN.start + KNOWN.imports + trainings / TRAINED
    result = estimate(queue, lab(SMALL, LARGE, AGAIN), SCALE)

    assert result.seconds == pytest.approx(expected)
    assert (result.trainings, result.left, result.shapes) == (3, 3, 2)


def test_a_run_in_two_roles_is_trained_once(queue: Queue) -> None:
    """A config that a plan names twice counts once."""
    queue.timings.put(SMALL, KNOWN)

    assert estimate(queue, lab(SMALL, SMALL), SCALE) == estimate(queue, lab(SMALL), SCALE)


def test_finished_runs_are_not_trained_again(queue: Queue) -> None:
    """A finished run costs only its share of the measuring, and its shape needs no timing; one that
    was stopped is trained.
    """
    queue.timings.put(LARGE, KNOWN)
    finish(queue, SMALL, took=8.0)
    queue.store.claim(LARGE, "stopped")
    rest = 3 * EPOCH + AFTER
    expected = KNOWN.once + rest + (1 / TRAINED - 1) * (rest + 8.0)
    result = estimate(queue, lab(SMALL, LARGE), SCALE)

    assert result.seconds == pytest.approx(expected)
    assert (result.trainings, result.left, result.shapes) == (2, 1, 1)


def test_with_all_runs_there_only_the_measuring_is_left(queue: Queue) -> None:
    """Nothing has to be calibrated for that."""
    finish(queue, SMALL, took=8.0)
    result = estimate(queue, lab(SMALL), SCALE)

    assert result.seconds == pytest.approx((1 / TRAINED - 1) * 8.0)
    assert not result.unmeasured


def test_without_every_timing_there_is_no_number(queue: Queue, asked: list[RunConfig]) -> None:
    """While the time of one shape is unknown nothing is claimed; each unknown shape is measured
    once, one after the other.
    """
    queue.timings.put(LARGE, KNOWN)
    result = estimate(queue, lab(SMALL, LARGE, AGAIN), SCALE)
    assert (result.seconds, len(result.unmeasured), result.shapes) == (None, 1, 2)
    measure_next(queue, result)
    assert asked == [result.unmeasured[0]]

    queue.timings.put(SMALL, KNOWN)
    result = estimate(queue, lab(SMALL, LARGE, AGAIN), SCALE)
    measure_next(queue, result)
    assert result.seconds is not None and len(asked) == 1


def test_a_calibration_under_way_is_not_pushed_aside(queue: Queue, asked: list[RunConfig]) -> None:
    """While one waits, whoever asked for it, no other is asked for."""
    queue.timings.ask(AGAIN).write(TaskState("queued"))
    measure_next(queue, estimate(queue, lab(LARGE), SCALE))
    assert asked == []

    queue.timings.task(AGAIN).update(state="finished")
    measure_next(queue, estimate(queue, lab(LARGE), SCALE))
    assert asked == [LARGE]


def test_what_cannot_be_measured_is_not_asked_for_again(
    queue: Queue, asked: list[RunConfig]
) -> None:
    """After a calibration that failed there is no number, and nothing left to measure."""
    queue.timings.ask(SMALL).write(TaskState("failed"))
    result = estimate(queue, lab(SMALL), SCALE)
    measure_next(queue, result)

    assert (result.seconds, result.unmeasured, result.failed, asked) == (None, (), 1, [])


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """Where no calibration can be kept, asking for one is an error of ours."""
    (tmp_path / "models").write_bytes(b"in the way")
    queue = Queue(Settings(models=tmp_path / "models", data=tmp_path))

    with pytest.raises(RunError):
        measure_next(queue, estimate(queue, lab(SMALL), SCALE))
