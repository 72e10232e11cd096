"""Trainings on a real Ray of one machine with two places: queued, killed, stopped, gone on with,
and what is left when the head node goes.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import UNLIMITED, Settings
from autoencoder.jobs import Queue, sweeps
from autoencoder.jobs.reconciliation import report_of
from autoencoder.runs import Run
from tests.support.configs import LONG, TINY
from tests.support.pages import visit, words
from tests.support.places import ROOT
from tests.support.queues import claimed, end_all, here, losses
from tests.support.ray_head import RAY, RayHead
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(not RAY.exists(), reason="Ray is installed by make test-engines")
SOME = replace(TINY, epochs=80)
PLACES = 2
MINUTES = 240.0  # seconds that a step may take on a busy machine


@pytest.fixture(scope="module")
def head() -> Iterator[RayHead]:
    """A Ray with two places."""
    head = RayHead(PLACES)
    try:
        head.start()
        yield head
    finally:
        head.end()
        assert not head.processes()


@pytest.fixture
def queue(head: RayHead, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queue]:
    """A queue without runs whose trainings go to that Ray, as the dashboard has it, too."""
    engine = f"ray:{head.address}"
    monkeypatch.setenv("AUTOENCODER_RAY_TOKEN", head.token)
    monkeypatch.setenv("AUTOENCODER_ENGINE", engine)
    monkeypatch.setenv("AUTOENCODER_MODELS", str(settings.models))
    monkeypatch.setenv("AUTOENCODER_DATA", str(settings.data))
    queue = Queue(replace(settings, engine=engine, max_trainings=UNLIMITED))
    yield queue
    for key in queue.store.keys():
        queue.stop(key)
    wait_until(lambda: not any(run.is_live for run in queue.store.runs()), MINUTES)
    end_all(queue)
    wait_until(lambda: not queue.rounds._at_work)


@pytest.fixture
def app(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The dashboard over that queue."""
    monkeypatch.setattr(Queue, "submit_calibration", lambda queue, config, timeout: None)
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def run_of(queue: Queue, config: RunConfig) -> Run:
    """As its folder says, after a look at the queue such as every page takes."""
    queue.tick(timeout=0)
    return queue.store.get(config.key)


def reached(queue: Queue, config: RunConfig, *states: str) -> Run:
    """The run once it is in one of these states."""
    wait_until(lambda: run_of(queue, config).state in states, MINUTES)
    return queue.store.get(config.key)


def says(queue: Queue, config: RunConfig) -> str:
    """What Ray says of the run's job in one word, once it has been asked; "" if it knows none."""

    def answer() -> object:
        report = report_of(queue.settings, run_of(queue, config))
        return report and report.answer

    wait_until(answer, MINUTES)
    status = report_of(queue.settings, queue.store.get(config.key)).answer.status
    return status.word if status else ""


def begun(queue: Queue, config: RunConfig) -> bool:
    """Whether it has trained for some epochs."""
    run = run_of(queue, config)
    return run.state == "running" and len(run.history) > 2


def test_a_sweep_of_eight_is_queued_at_once_and_done_two_at_a_time(queue):
    """Never more than Ray has places for are trained at the same time; each is trained once, also
    those that Ray has given up waiting with in between.
    """
    configs = sweeps.plan(TINY, [2], range(8))
    sweeps.submit(queue, configs)
    assert set(queue.places()) == {config.key for config in configs}

    most = 0

    def done() -> bool:
        nonlocal most
        runs = [run_of(queue, config) for config in configs]
        most = max(most, sum(run.state == "running" for run in runs))
        assert most <= PLACES and not [run for run in runs if run.record.error]
        return all(run.state == "finished" for run in runs)

    wait_until(done, 2 * MINUTES)
    assert most == PLACES
    for config in configs:
        run = queue.store.get(config.key)
        assert run.log(100_000).count("reading the data") == 1
        assert run.record.engine_job.startswith(f"{run.key}-{run.record.attempt}-")
        assert run.record.node and run.record.threads == 1
    assert says(queue, configs[0]) == "SUCCEEDED"


def test_a_killed_worker_leaves_a_run_that_goes_on_bit_for_bit(queue, app, tmp_path, data_folder):
    """Killed by its process id, the run is interrupted and Ray says FAILED: the page says both.
    Gone on with from the page, it ends with the weights and the history of a run that was never
    killed.
    """
    whole = Queue(Settings(tmp_path / "whole", data_folder))
    claimed(whole, SOME)
    reference = here(whole, SOME)
    claimed(queue, SOME)
    queue.submit(SOME)
    wait_until(lambda: begun(queue, SOME), MINUTES)
    os.kill(queue.store.get(SOME.key).record.pid, signal.SIGKILL)
    job = reached(queue, SOME, "interrupted").record.engine_job
    wait_until(lambda: says(queue, SOME) == "FAILED", MINUTES)

    visit(app, "train.py", run=SOME.key)
    said = words(app)
    assert "Interrupted: its process was killed" in said and "Ray says FAILED" in said
    assert job.replace("-", r"\-") in said
    app.button(key="resume").click().run()
    run = reached(queue, SOME, "finished", "failed")
    assert run.state == "finished", run.record.error
    assert run.record.engine_job != job and run.record.attempt == 2
    assert run.record.weights_sha256 == reference.record.weights_sha256
    assert losses(run) == losses(reference)


def test_trainings_are_stopped_from_the_page(queue, app):
    """One at work ends with a checkpoint, one that waits at Ray leaves the queue and never begins;
    Ray calls the first one stopped, too.
    """
    first, second, third = (replace(LONG, seed=seed) for seed in range(3))
    for config in (first, second, third):
        claimed(queue, config)
        queue.submit(config)
    wait_until(lambda: begun(queue, first) and begun(queue, second), MINUTES)
    assert queue.places() == {third.key: 1}
    for config in (third, first):
        visit(app, "train.py", run=config.key)
        app.button(key="stop").click().run()

    run = reached(queue, first, "stopped", "interrupted")
    assert run.state == "stopped" and run.has_checkpoint
    wait_until(lambda: says(queue, first) in ("STOPPED", "FAILED"), MINUTES)
    wait_until(lambda: says(queue, third) == "STOPPED", MINUTES)  # its turn came, and ended at once
    assert run_of(queue, third).state == "stopped" and not run_of(queue, third).history
    assert begun(queue, second)


def test_a_head_node_that_goes_and_comes_back_loses_nothing(queue, head, app):
    """What was trained there is interrupted and can go on; what waited waits, and the page says
    that Ray does not answer; it is trained when Ray is back, which has forgotten all its jobs.
    """
    first, second = (replace(SOME, seed=seed, epochs=2_000) for seed in range(2))
    for config in (first, second, TINY):
        claimed(queue, config)
        queue.submit(config)
    wait_until(lambda: begun(queue, first) and begun(queue, second), MINUTES)
    head.kill()
    for config in (first, second):
        assert reached(queue, config, "interrupted").has_checkpoint
    assert run_of(queue, TINY).state == "queued" and queue.places() == {TINY.key: 1}
    wait_until(lambda: run_of(queue, TINY) and queue.rounds.problem, MINUTES)
    visit(app, "train.py", run=TINY.key)
    assert "Ray at http" in words(app) and "does not answer" in words(app)

    head.start()
    assert reached(queue, TINY, "finished", "failed").state == "finished"
    wait_until(lambda: says(queue, first) == "" and not queue.rounds.problem, MINUTES)
    epochs = len(queue.store.get(first.key).history)
    visit(app, "train.py", run=first.key)
    assert "Ray does not know the job" in words(app)
    app.button(key="resume").click().run()
    wait_until(lambda: len(run_of(queue, first).history) > epochs, MINUTES)


def test_two_dashboards_submit_ten_runs_at_once(queue):
    """Two processes submit the same ten runs in opposite orders and look at the queue until all are
    done: each run is trained once.
    """
    configs = [replace(TINY, epochs=1, seed=seed) for seed in range(10)]
    dashboards = [
        subprocess.Popen([sys.executable, "-c", DASHBOARD, str(step)], cwd=ROOT) for step in (1, -1)
    ]
    assert [dashboard.wait(3 * MINUTES) for dashboard in dashboards] == [0, 0]

    for config in configs:
        run = queue.store.get(config.key)
        assert run.state == "finished", run.record.error
        assert run.log(100_000).count("reading the data") == 1
        assert [p.epoch for p in run.history] == [1]


DASHBOARD = """
import sys, time
from dataclasses import replace
from autoencoder.config.settings import Settings
from autoencoder.jobs import Queue
from tests.support.configs import TINY
queue = Queue(Settings.from_environment())
configs = [replace(TINY, epochs=1, seed=seed) for seed in range(10)][:: int(sys.argv[1])]
for config in configs:
    queue.submit(config)
while any(queue.store.get(config.key).is_live for config in configs):
    queue.tick(timeout=0)
    time.sleep(0.5)
"""


def test_a_wrong_token_is_said(queue, monkeypatch):
    """Ray itself refuses it: the run waits, and the page can say why."""
    monkeypatch.setenv("AUTOENCODER_RAY_TOKEN", "wrong")
    queue.submit(TINY)
    wait_until(lambda: run_of(queue, TINY) and queue.rounds.problem, MINUTES)

    assert "refused the token: set AUTOENCODER_RAY_TOKEN" in queue.rounds.problem
    assert queue.store.get(TINY.key).state == "queued"
    monkeypatch.undo()
