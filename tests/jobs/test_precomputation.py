"""What pages show first of a run, computed as soon as its training has finished."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from autoencoder.cli.main import main
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.settings import Settings
from autoencoder.errors import ConfigError, UnknownRunError
from autoencoder.jobs import CLUSTERING, Queue
from autoencoder.jobs.precomputation import shown_first
from autoencoder.runs import Membership, Task
from tests.support.configs import DEEP, TINY
from tests.support.pages import visit
from tests.support.queues import claimed, do, end_all, here
from tests.support.runs import held
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow
OTHER = replace(TINY, seed=1)


@pytest.fixture
def queue(settings: Settings) -> Iterator[Queue]:
    """A queue without runs, whose trainings are followed by precomputations."""
    queue = Queue(replace(settings, precompute=True))
    yield queue
    end_all(queue)


@pytest.fixture
def known(store, data_folder) -> Iterator[Queue]:
    """A queue over a copy of the trained runs."""
    queue = Queue(Settings(store.folder, data_folder))
    yield queue
    end_all(queue)


def clustering_of(queue, config=TINY):
    """The task that measures how a run's classes cluster."""
    return Task(queue.store.folder / config.key, CLUSTERING)


def training(queue):
    """While OTHER is trained, as it seems."""
    task = claimed(queue, OTHER)
    task.update(state="running")
    return held(task)


def test_a_finished_training_is_followed_by_its_clustering(queue):
    """It is measured by a process of its own, which leaves no flag behind."""
    claimed(queue, TINY)
    run = here(queue, TINY)
    wait_until(run.has_clustering)
    wait_until(lambda: not clustering_of(queue).is_held())

    assert clustering_of(queue).glance() == "finished"
    assert not clustering_of(queue).is_precomputation()


def test_a_map_is_precomputed_where_the_latents_are_none():
    """With more than two dimensions the usual projection that takes a job is wanted too."""
    assert shown_first(TINY) == [CLUSTERING]
    assert shown_first(DEEP) == [CLUSTERING, ProjectionSettings.usual("umap").name]


@pytest.mark.parametrize(("kind", "created"), [("lab", True), ("sweep", False)])
def test_a_run_that_was_made_for_a_series_is_followed_by_nothing(queue, kind, created):
    """Labs and sweeps train many runs, of which nobody may look at one; a person's run that they
    use is as any other.
    """
    task = claimed(queue, TINY)
    queue.store.join(TINY.key, Membership(kind, "many", created=created))
    with training(queue):  # nothing starts beside it
        here(queue, TINY)

        assert (task.glance(), clustering_of(queue).glance()) == (
            "finished",
            "" if created else "queued",
        )


@pytest.mark.parametrize(
    ("variable", "flag", "state"),
    [("0", [], ""), ("1", ["--no-precompute"], ""), ("0", ["--precompute"], "queued")],
)
def test_a_setting_and_a_flag_skip_it(queue, monkeypatch, variable, flag, state):
    """The environment decides for all trainings, and the command line for its own."""
    monkeypatch.setenv("AUTOENCODER_PRECOMPUTE", variable)
    places = ["--models", str(queue.settings.models), "--data", str(queue.settings.data)]
    claimed(queue, TINY)
    with training(queue):
        assert main(["train", "--run", TINY.key, *flag, *places]) == 0

        assert clustering_of(queue).glance() == state


def test_the_setting_is_0_or_1(monkeypatch):
    """Any other value is refused in words."""
    monkeypatch.setenv("AUTOENCODER_PRECOMPUTE", "yes")
    with pytest.raises(ConfigError, match="AUTOENCODER_PRECOMPUTE must be 0 or 1; got 'yes'"):
        Settings.from_environment()


def test_it_waits_for_trainings_unless_a_person_asks(known):
    """While a training runs it does not start; what a visitor asks for starts beside it, and is no
    precomputation any more.
    """
    task = clustering_of(known)
    with training(known):
        known.precompute(TINY.key, [CLUSTERING])
        known.tick()
        assert (task.glance(), task.is_starting(), task.is_held()) == ("queued", False, False)

        known.submit_task(TINY.key, CLUSTERING)
        assert task.is_starting() or task.glance() in ("running", "finished")
        assert not task.is_precomputation()


def test_what_a_person_asked_for_comes_first(known):
    """Of two tasks of one kind that wait, the precomputation is the second, though it was first in
    the queue.
    """
    task = clustering_of(known)
    known.precompute(TINY.key, [CLUSTERING])
    known.precompute(DEEP.key, [CLUSTERING])
    with held(task):
        task.update(state="running")
        other = claimed(known, OTHER)
        other.update(state="finished")
        (other.folder / "weights.safetensors").write_bytes(b"")
        known.submit_task(OTHER.key, CLUSTERING)
        assert not clustering_of(known, OTHER).is_starting()
    known.tick()

    assert task.glance() == ""
    assert clustering_of(known, OTHER).read().launched > 0
    assert not clustering_of(known, DEEP).is_starting()


def test_the_next_training_cancels_it(known):
    """What waits leaves the queue, what runs is asked to stop; both count as never asked for, and a
    visitor can ask for them.
    """
    waiting, running = clustering_of(known), clustering_of(known, DEEP)
    known.precompute(TINY.key, [CLUSTERING])
    known.precompute(DEEP.key, [CLUSTERING])
    claimed(known, OTHER)
    with held(running):
        running.update(state="running")
        here(known, OTHER)

        assert (waiting.read().state, waiting.glance()) == ("stopped", "")
        assert running.stop_file.exists()
    assert running.glance() == ""
    known.submit_task(TINY.key, CLUSTERING)
    assert waiting.glance() in ("queued", "running", "finished")


def test_the_next_training_leaves_what_a_person_asked_for(known):
    """A visitor who waits for a precomputation makes it an ordinary job, also while it runs."""
    task = clustering_of(known)
    known.precompute(TINY.key, [CLUSTERING])
    with held(task):
        task.update(state="running")
        known.submit_task(TINY.key, CLUSTERING, timeout=0)

        assert known.cancel_precomputations() == []
        assert not task.stop_file.exists()


def test_a_killed_precomputation_leaves_nothing_stuck(known):
    """Its process is killed: the task counts as never asked for, and the queue goes on."""
    task = clustering_of(known)
    known.precompute(TINY.key, [CLUSTERING])
    known.precompute(DEEP.key, [CLUSTERING])
    known.tick()
    wait_until(lambda: task.read().pid)
    os.kill(task.read().pid, signal.SIGKILL)
    wait_until(lambda: not task.is_held())
    known.tick()

    assert task.glance() == ""
    wait_until(lambda: clustering_of(known, DEEP).glance() in ("running", "finished"))


def test_the_command_line_waits_for_it(known):
    """Who asks on the command line for what is precomputed right now gets that result, and no word
    of another process.
    """
    known.precompute(TINY.key, [CLUSTERING])
    known.tick()
    assert do(known, TINY, CLUSTERING) == "finished"

    assert known.store.get(TINY.key).has_clustering()
    log = (known.store.folder / TINY.key / f"{CLUSTERING}.log.txt").read_text()
    assert log.count("reading the latents") == 1


def test_a_run_can_be_deleted_while_it_is_precomputed(known):
    """A visitor who started no job is not told to stop one."""
    known.precompute(TINY.key, [CLUSTERING])
    known.tick()
    known.delete(TINY.key)

    with pytest.raises(UnknownRunError):
        known.store.get(TINY.key)


def test_a_page_shows_it_without_a_click(known, app):
    """While it runs the page shows how far it is, and not the button that starts it; one that was
    given up is offered by hand.
    """
    task = clustering_of(known)
    known.precompute(TINY.key, [CLUSTERING])
    with held(task):
        task.update(state="running", step="measuring")
        visit(app, "latent_space.py", run=TINY.key)
        shown = {button.key for button in app.button}
        assert "cancel_clustering" in shown and "measure" not in shown
        assert not task.is_precomputation()
        task.precompute_file.touch()
        task.update(state="stopped")
    visit(app, "latent_space.py", run=TINY.key)

    assert "measure" in {button.key for button in app.button}
