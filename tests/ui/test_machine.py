"""Where a run is trained, on the Train page and on cards: engine, node, job, log, and what the
engine says where it does not fit what the folder says.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.config.settings import Settings
from autoencoder.jobs import Queue, reconciliation
from autoencoder.jobs.engines import ray as ray_module
from autoencoder.jobs.engines.engine import JobStatus
from autoencoder.jobs.engines.ray import STATES
from autoencoder.runs import Task
from autoencoder.ui.train.machine import remark
from tests.support.configs import TINY
from tests.support.fake_ray import FakeRay, fake_ray
from tests.support.pages import visit, words
from tests.support.places import ROOT
from tests.support.runs import held
from tests.support.waiting import wait_until


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[FakeRay]:
    """What answers as Ray, and gets the trainings of the dashboard."""
    monkeypatch.setattr(reconciliation, "EVERY", 0.0)
    monkeypatch.setattr(reconciliation, "FRESH", 0.0)
    monkeypatch.setattr(reconciliation, "SETTLED", 3600.0)
    monkeypatch.setattr(Queue, "submit_calibration", lambda queue, config, timeout: None)
    with fake_ray() as ray:
        monkeypatch.setenv("AUTOENCODER_ENGINE", f"ray:{ray.address}")
        monkeypatch.setenv("AUTOENCODER_MODELS", str(settings.models))
        monkeypatch.setenv("AUTOENCODER_DATA", str(settings.data))
        yield ray


@pytest.fixture
def queue(ray: FakeRay, settings: Settings) -> Iterator[Queue]:
    """That queue, without runs."""
    queue = Queue(replace(settings, engine=f"ray:{ray.address}", max_trainings=100))
    yield queue
    ray.silent = False
    ray.ended.set()
    wait_until(lambda: not queue.rounds._at_work)


@pytest.fixture
def task(queue: Queue, ray: FakeRay) -> Task:
    """The task of a run that was handed over."""
    queue.submit(TINY)
    wait_until(lambda: ray.jobs)
    return Task(queue.store.folder / TINY.key)


@pytest.fixture
def app() -> AppTest:
    """The dashboard over that queue, before its first page."""
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def said(app: AppTest, queue: Queue) -> str:
    """What the Train page says of the run once the engine has been asked about it."""
    visit(app, "train.py", run=TINY.key)
    assert not app.exception
    rounds = queue.rounds
    wait_until(lambda: not rounds._at_work)
    rounds.make_round(queue)
    st.cache_data.clear()
    return words(app.run()).replace("\\", "")


def test_the_page_of_a_run_says_where_it_is(app, queue, ray, task):
    """Engine, address and job while it waits, with its place; the node when it is known."""
    job = task.read().engine_job
    text = said(app, queue)
    assert f"Ray · http:\u2060//{ray.address[7:]} · job {job}" in text
    assert "Ray has the job in its queue, until a machine has 1 processor and 9" in text

    task.update(node="worker-3")
    assert f"Ray, node worker-3 · http:\u2060//{ray.address[7:]} · job {job}" in said(app, queue)


DISAGREEMENTS = [  # the folder, whether its lock is held, Ray, and the page
    ("queued", False, "RUNNING", "Ray has started the job; its process is still loading."),
    ("queued", False, "FAILED", "Ray says FAILED, but the training has not begun. It broke."),
    ("running", True, "RUNNING", ""),
    ("running", True, "", "Ray does not know the job, perhaps because its head node was started"),
    ("running", True, "STOPPED", "Ray says STOPPED, but a process holds the run's lock"),
    ("running", False, "FAILED", "Ray says FAILED. It broke."),
    ("running", False, "RUNNING", "Ray says RUNNING, but no process holds the run's lock"),
    ("finished", False, "SUCCEEDED", ""),
    ("stopped", False, "STOPPED", ""),
    ("stopped", False, "PENDING", "Ray still has the job in its queue. When its turn comes"),
    ("failed", False, "FAILED", "Ray says FAILED. It broke."),
]


@pytest.mark.parametrize(("state", "is_held", "word", "words_of_page"), DISAGREEMENTS)
def test_engine_and_folder_may_disagree(queue, task, state, is_held, word, words_of_page):
    """One sentence then tells both; where they agree there is none."""
    status = JobStatus(STATES[word], word, "It broke.\nmore") if word else None
    report = reconciliation.Report("Ray", reconciliation.Answer(status), "")
    with held(task) if is_held else nullcontext():
        task.update(state=state)
        text = remark(queue.store.get(TINY.key), report, "one processor")

    assert text.startswith(words_of_page) and bool(text) == bool(words_of_page)


def test_the_page_says_that_engine_and_folder_disagree(app, queue, ray, task):
    """A run whose worker was killed is interrupted, and what Ray says of its job stands below."""
    task.update(state="running")
    ray.becomes("FAILED", message="It broke.")
    text = said(app, queue)

    assert "Interrupted: its process was killed" in text and "Ray says FAILED. It broke." in text


def test_the_log_of_a_run_is_on_its_page(app, queue, ray, task):
    """What its job wrote, as Ray has it; and what the run's own log says as soon as there is one,
    its last lines.
    """
    ray.logs[task.read().engine_job] = "Running entrypoint"
    said(app, queue)
    assert [each.value for each in app.code][:1] == ["Running entrypoint"]

    task.log_file.write_text("".join(f"epoch {number}\n" for number in range(500)))
    said(app, queue)
    lines = app.code[0].value.splitlines()
    assert lines[-1] == "epoch 499" and 10 < len(lines) < 100
    task.log_file.unlink()
    task.log_file.symlink_to("/etc/passwd")
    said(app, queue)
    assert "root" not in app.code[0].value


def test_an_engine_that_cannot_be_asked_is_said(app, queue, ray, task):
    """With what the page goes by instead."""
    ray.answer = (503, "it rests")

    text = said(app, queue)
    assert "had a problem (HTTP 503): it rests. What this page shows is what the run's" in text


def test_a_page_is_drawn_while_the_engine_is_silent(app, queue, ray, task, monkeypatch):
    """Ray takes the connection and never answers: the page of the run does not wait for it, and its
    buttons work.
    """
    monkeypatch.setattr(ray_module, "TIMEOUT", 3600.0)
    wait_until(lambda: not queue.rounds._at_work)
    ray.silent = True
    st.cache_data.clear()
    before = len(ray.requests)
    visit(app, "train.py", run=TINY.key)
    wait_until(lambda: len(ray.requests) > before)
    app.run()
    app.button(key="stop").click().run()

    assert not app.exception and task.read().state == "stopped"
    assert len(ray.requests) == before + 1 and queue.rounds._at_work  # it is still asked


def test_a_card_says_which_engine_has_the_run(app, queue, ray, task):
    """And on which node, in the list of runs; its details name the job."""
    task.update(node="worker-3")
    assert "on Ray, node worker" in words(visit(app, "home.py"))

    app.button(key=f"details_{TINY.key}").click().run()
    assert f"job {task.read().engine_job}" in words(app).replace("\\", "")


def test_a_wrong_engine_is_one_sentence_on_every_page(app, monkeypatch):
    """Instead of a traceback."""
    monkeypatch.setenv("AUTOENCODER_ENGINE", "slurm:here")
    for page in ("home.py", "train.py", "decode.py"):
        visit(app, page)
        assert not app.exception and len(app.error) == 1
        assert "ENGINE must be one of local, ray:ADDRESS" in words(app).replace("\\", "")
