"""Trainings on an engine: what is asked of it, what follows from its answers, and what does not
depend on it. The engine is a small server that answers as Ray does; a real Ray is in
tests/engines.
"""

import platform
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import ClassVar
from urllib.parse import quote

import pytest

from autoencoder import system
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.settings import Settings
from autoencoder.errors import (
    AutoencoderError,
    ConfigError,
    EngineError,
    EngineRefusedError,
    UnknownRunError,
)
from autoencoder.jobs import Queue, reconciliation
from autoencoder.jobs import queue as queue_module
from autoencoder.jobs.engines import ENGINES, engine_of
from autoencoder.jobs.engines import engine as engine_module
from autoencoder.jobs.engines import ray as ray_module
from autoencoder.jobs.engines.engine import EngineJob
from autoencoder.jobs.engines.ray import RayEngine
from autoencoder.jobs.reconciliation import job_of, report_of
from autoencoder.jobs.runner import run_job
from autoencoder.runs import Task
from autoencoder.training.memory import training_memory
from tests.support.configs import TINY
from tests.support.fake_ray import FakeRay, fake_ray
from tests.support.places import ROOT
from tests.support.queues import claimed, end_all
from tests.support.runs import change, held
from tests.support.waiting import wait_until

JOB = EngineJob("key-1-abc", ["python", "-m", "it's"], {"A": "b c"}, cpus=2, gpus=1, memory=5)
OTHER = replace(TINY, seed=1)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No token of this machine is sent, an ended job is believed at once, and no round begins by
    itself after the first.
    """
    for variable in ("AUTOENCODER_RAY_TOKEN", "RAY_AUTH_TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "no_token"))
    monkeypatch.setattr(reconciliation, "SETTLED", 0.0)
    monkeypatch.setattr(reconciliation, "FRESH", 0.0)
    monkeypatch.setattr(reconciliation, "EVERY", 3600.0)


@pytest.fixture
def ray() -> Iterator[FakeRay]:
    """What answers as Ray."""
    with fake_ray() as ray:
        yield ray


@pytest.fixture
def queue(settings: Settings, ray: FakeRay) -> Iterator[Queue]:
    """A queue without runs, whose trainings go to that Ray."""
    queue = on(ray, settings)
    yield queue
    quiet(queue)
    end_all(queue)


def on(ray: FakeRay, settings: Settings, **changes) -> Queue:
    """A queue whose trainings go to `ray`."""
    engine = f"ray:{ray.address}"
    return Queue(replace(settings, engine=engine, max_trainings=100, **changes))


def quiet(queue: Queue) -> None:
    """Wait for the rounds that have begun."""
    wait_until(lambda: not queue.rounds._at_work)


def handed_over(queue: Queue, *configs):
    """Submit these, and wait until the engine has heard of them; returns the tasks."""
    for config in configs:
        queue.submit(config)
    quiet(queue)
    return [Task(queue.store.folder / config.key) for config in configs]


def elsewhere(queue: Queue, monkeypatch: pytest.MonkeyPatch, **changes) -> Queue:
    """The same queue in another process, which knows nothing of what this one has asked."""
    monkeypatch.setattr(reconciliation, "_rounds", {})
    return Queue(replace(queue.settings, **changes))


# What the settings may say


@pytest.mark.parametrize(
    "engine",
    [
        *("slurm:host", "Ray:http://host:8265", "ray", "ray:", "ray:host:8265", "ray:ftp://host"),
        *("ray:http://", "ray:http://host:many", "ray:http://host/path", "ray:http://h:1?x=1"),
        *("ray:http://me:secret@host:8265", "x" * 1000),
    ],
)
def test_an_engine_that_is_none_is_refused(settings, engine):
    """In one sentence that names the variable and what was given, but no password."""
    with pytest.raises(ConfigError, match="AUTOENCODER_ENGINE") as caught:
        Queue(replace(settings, engine=engine))

    words = str(caught.value)
    assert "\n" not in words and len(words) < 300 and "secret" not in words


def test_the_engine_is_this_machine_unless_said(monkeypatch):
    """Without AUTOENCODER_ENGINE one training at once runs here; an engine gets as many as there
    are, and no number that is none is accepted.
    """
    for variable in ("AUTOENCODER_ENGINE", "AUTOENCODER_MAX_TRAININGS"):
        monkeypatch.delenv(variable, raising=False)
    settings = Settings.from_environment()
    assert engine_of(settings) is None and settings.max_trainings == 1

    monkeypatch.setenv("AUTOENCODER_ENGINE", "ray:http://host:8265")
    settings = Settings.from_environment()
    assert engine_of(settings) == RayEngine("http://host:8265")
    assert settings.max_trainings > 10_000
    monkeypatch.setenv("AUTOENCODER_TRAINING_CPUS", "0")
    with pytest.raises(ConfigError, match=r"AUTOENCODER_TRAINING_CPUS must be a whole number of"):
        Settings.from_environment()


# Ray's Jobs API


def test_ray_is_asked_for_what_a_job_needs(ray):
    """Command, processors, GPUs and memory; the shell that starts the command becomes it."""
    RayEngine(ray.address + "/").submit(JOB)
    sent = ray.jobs[JOB.id]

    assert shlex.split(sent["entrypoint"]) == ["exec", "env", "A=b c", "python", "-m", "it's"]
    names = ("entrypoint_num_cpus", "entrypoint_num_gpus", "entrypoint_memory")
    assert [sent[name] for name in names] == [2, 1, 5]
    assert int(sent["runtime_env"]["env_vars"]["RAY_JOB_STOP_WAIT_TIME_S"]) > 3


def test_a_job_is_submitted_once(ray):
    """Ray refuses an id that it has: whoever submits it a second time takes no harm."""
    engine = RayEngine(ray.address)
    engine.submit(JOB)
    engine.submit(JOB)

    assert list(ray.jobs) == [JOB.id]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        *(("PENDING", "waiting"), ("RUNNING", "running"), ("SUCCEEDED", "succeeded")),
        *(("FAILED", "failed"), ("STOPPED", "stopped")),
    ],
)
def test_every_status_of_ray_is_known(ray, word, state):
    """With the first line of its message; the log has the rest."""
    engine = RayEngine(ray.address)
    engine.submit(JOB)
    words = "Job failed with exit code 1, last available logs (truncated to 20,000 chars):\nlog"
    ray.becomes(word, message=words)
    status = engine.state(JOB.id)

    assert (status.state, status.word) == (state, word)
    assert status.message == "Job failed with exit code 1"


def test_a_job_that_ray_gave_up_may_be_submitted_again(ray):
    """Ray fails what has waited for a quarter of an hour: that is not the fault of the job."""
    engine = RayEngine(ray.address)
    engine.submit(JOB)
    ray.becomes("FAILED", error_type="JOB_SUPERVISOR_ACTOR_START_TIMEOUT")

    assert engine.state(JOB.id).state == "expired"


def test_a_job_that_ray_does_not_know(ray):
    """Has no state and no log, and needs no cancelling."""
    engine = RayEngine(ray.address)

    assert engine.state("key-1-abc") is None and engine.logs("key-1-abc") == ""
    engine.cancel("key-1-abc")
    assert engine.state("../../x?y#z") is None
    assert ray.requests[-1] == f"GET /api/jobs/{quote('../../x?y#z', safe='')}"


ANSWERS = {
    "no JSON": ((200, "<html>Welcome</html>"), "is not Ray's Jobs API"),
    "no object": ((200, "[1, 2]"), "is not Ray's Jobs API"),
    "nested": ((200, "[" * 200_000), "is not Ray's Jobs API"),
    "status of the future": ((200, '{"status": "DREAMING"}'), "'DREAMING'"),
    "status that is no word": ((200, '{"status": {"a": 1}}'), "a status of its own"),
    "no status": ((200, "{}"), "a status of its own"),
    "server error": ((500, "Traceback\n  x\nTypeError: oh\n"), r"\(HTTP 500\): TypeError: oh"),
    "nothing at all": ((503, ""), "it says nothing"),
    "no bytes of UTF-8": ((502, "\udcff".encode(errors="replace").decode()), "HTTP 502"),
    "a redirection": ((302, "http://127.0.0.1:9/elsewhere"), "HTTP 302"),
}


@pytest.mark.parametrize(("answer", "words"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_without_sense_is_one_sentence(ray, answer, words):
    """Whatever answers at the address: it is named, with what it said."""
    ray.answer = answer
    with pytest.raises(EngineError, match=words) as caught:
        RayEngine(ray.address).state("key-1-abc")

    assert ray.address in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


def test_a_job_that_ray_will_never_take_is_refused(ray):
    """A bad request is refused for good, with the last line of Ray's traceback."""
    ray.answer = (400, "Traceback:\n  File x\nValueError: no such thing")

    with pytest.raises(EngineRefusedError, match="Ray refused the job: ValueError: no such thing"):
        RayEngine(ray.address).submit(JOB)


def test_a_ray_that_is_not_there(ray):
    """Is one sentence with the address."""
    with fake_ray() as gone:
        address = gone.address

    with pytest.raises(EngineError, match=f"{address} does not answer: Connection refused"):
        RayEngine(address).state("key-1-abc")


def test_a_ray_that_is_silent(ray, monkeypatch):
    """Is given up after some seconds, which are said."""
    monkeypatch.setattr(ray_module, "TIMEOUT", 0.1)
    ray.silent = True

    with pytest.raises(EngineError, match=r"nothing came within 0\.1 seconds"):
        RayEngine(ray.address).state("key-1-abc")


def test_the_token_is_sent_from_where_it_is_kept(ray, monkeypatch, tmp_path):
    """From AUTOENCODER_RAY_TOKEN, else from where Ray itself looks: a variable, then a file."""
    engine, ray.token = RayEngine(ray.address), "s3cret"
    with pytest.raises(EngineError, match=r"wants a token: set AUTOENCODER_RAY_TOKEN \(HTTP 401"):
        engine.state("a")
    (tmp_path / "no_token").write_text("s3cret\n")
    assert engine.state("a") is None
    monkeypatch.setenv("RAY_AUTH_TOKEN", "wrong")
    with pytest.raises(EngineError, match=r"refused the token: set AUTOENCODER_RAY_TOKEN"):
        engine.state("a")
    monkeypatch.setenv("AUTOENCODER_RAY_TOKEN", "s3cret")
    assert engine.state("a") is None


def test_a_token_that_cannot_be_sent_is_not_shown(ray, monkeypatch):
    """A token with a line break is refused in words that do not have it."""
    monkeypatch.setenv("AUTOENCODER_RAY_TOKEN", "s3\ncret")

    with pytest.raises(EngineError, match="must be one line of ASCII") as caught:
        RayEngine(ray.address).state("a")
    assert "cret" not in str(caught.value) and not ray.requests


# Handing over


def test_a_training_is_handed_to_the_engine(queue, ray):
    """Its folder names engine and job before the engine hears of it; it waits, with a place, until
    a process of the engine takes it up.
    """
    one, two = handed_over(queue, TINY, OTHER)
    record = one.read()

    assert list(ray.jobs) == [one.read().engine_job, two.read().engine_job]
    assert record.engine_job.startswith(f"{TINY.key}-1-") and record.attempt == 1
    assert record.engine == f"ray:{ray.address}"
    assert queue.places() == {TINY.key: 1, OTHER.key: 2}
    assert not system._children or not any(each.poll() is None for each in system._children)


def test_a_job_has_the_command_and_the_needs_of_its_run(queue, ray, monkeypatch):
    """As many processors as it had threads, a GPU if it had one, the memory that is foreseen, for
    each of its processes; the token stays here.
    """
    monkeypatch.setenv("AUTOENCODER_RAY_TOKEN", "s3cret")
    [task] = handed_over(queue, TINY)
    new = job_of(queue.settings, queue.store.get(TINY.key), "id")
    task.update(threads=3, device="cuda")
    old = job_of(queue.settings, queue.store.get(TINY.key), "id")

    task.update(processes=2)
    two = job_of(queue.settings, queue.store.get(TINY.key), "id")

    assert (new.cpus, new.gpus, old.cpus, old.gpus) == (1, 0, 3, 1)
    assert (two.cpus, two.gpus, two.memory) == (6, 2, 2 * new.memory)
    assert "--threads 3" in " ".join(two.command)
    assert new.memory == training_memory(TINY).total
    line = " ".join(new.command)
    assert line.startswith(f"{sys.executable} -m autoencoder train --run {TINY.key} --threads 1")
    assert "--device cpu" in line and "--device" not in old.command
    assert f"--models {queue.settings.models}" in line and new.environment["PYTHONPATH"]
    assert new.environment["AUTOENCODER_ENGINE_JOB"] == "id"
    assert "s3cret" not in str(ray.jobs)


def test_no_more_are_handed_over_than_may(settings, ray):
    """With a limit the others wait here, until one of those at the engine is taken up and ends."""
    queue = on(ray, settings)
    queue = Queue(replace(queue.settings, max_trainings=1))
    one, two = handed_over(queue, TINY, OTHER)
    assert len(ray.jobs) == 1 and two.read().engine_job == ""

    one.update(state="finished")
    queue.tick()
    queue.rounds.make_round(queue)
    assert list(ray.jobs) == [one.read().engine_job, two.read().engine_job]
    end_all(queue)


def test_two_dashboards_hand_a_run_over_once(queue, ray, monkeypatch):
    """Whoever comes second finds the job's name in the folder, and Ray takes each name once."""
    handed_over(queue, TINY)
    other = elsewhere(queue, monkeypatch)
    other.submit(TINY)
    quiet(other)
    other.rounds.make_round(other)

    assert len(ray.jobs) == 1


def test_memory_is_a_matter_of_the_engine(queue, ray, monkeypatch):
    """What this machine has not the memory for is handed over all the same."""
    monkeypatch.setattr(system, "memory_limit", lambda: 1)

    handed_over(queue, TINY)
    assert len(ray.jobs) == 1


def test_other_jobs_stay_here(store, data_folder, ray, monkeypatch):
    """A projection is started as a process of this machine, whatever the engine is."""
    started = []
    monkeypatch.setattr(queue_module, "launch", lambda task, argv: started.append(task.name))
    queue = on(ray, Settings(store.folder, data_folder))
    name = ProjectionSettings("tsne").name
    queue.submit_task(TINY.key, name)

    assert started == [name] and not ray.jobs


# What follows from what the engine says


def test_a_forgotten_job_is_submitted_again(queue, ray):
    """A head node that was started again knows no jobs: what still waits is submitted again."""
    [task] = handed_over(queue, TINY)
    ray.jobs.clear()
    queue.rounds.make_round(queue)

    assert list(ray.jobs) == [task.read().engine_job] and queue.places() == {TINY.key: 1}


def test_a_job_that_expired_is_handed_over_as_the_next_attempt(queue, ray):
    """It keeps its place in the queue."""
    [task] = handed_over(queue, TINY)
    ray.becomes("FAILED", error_type="JOB_SUPERVISOR_ACTOR_START_TIMEOUT")
    queue.rounds.make_round(queue)
    quiet(queue)

    assert task.read().attempt == 2 and task.read().engine_job.startswith(f"{TINY.key}-2-")
    assert ray.jobs[task.read().engine_job]["status"] == "PENDING"
    assert queue.places() == {TINY.key: 1}


def test_a_job_that_failed_before_the_training_began(queue, ray):
    """The run has failed, with the last line of what the job wrote; it can be submitted anew, as
    the next attempt.
    """
    [task] = handed_over(queue, TINY)
    ray.becomes("FAILED", message="Job entrypoint command failed with exit code 127.")
    ray.logs[task.read().engine_job] = "env: 'python': No such file or directory\n\n"
    queue.rounds.make_round(queue)

    record = task.read()
    assert record.state == "failed"
    assert record.error == (
        "Ray says FAILED before the training began: env: 'python': No such file or directory"
    )
    queue.submit(TINY)
    quiet(queue)
    assert task.read().state == "queued" and task.read().attempt == 2 and len(ray.jobs) == 2


def test_a_folder_has_time_to_show_what_a_job_wrote(queue, ray, monkeypatch):
    """What an engine says to have ended is not believed against the folder at once: on shared
    storage that may be late.
    """
    monkeypatch.setattr(reconciliation, "SETTLED", 3600.0)
    [task] = handed_over(queue, TINY)
    ray.becomes("SUCCEEDED")
    queue.rounds.make_round(queue)
    assert task.read().state == "queued"

    task.update(state="finished")
    monkeypatch.setattr(reconciliation, "SETTLED", 0.0)
    queue.rounds.make_round(queue)
    assert task.read().state == "finished"


def test_a_job_that_was_stopped_in_the_engine(queue, ray):
    """Before it began: the run is stopped."""
    [task] = handed_over(queue, TINY)
    ray.becomes("STOPPED")
    queue.rounds.make_round(queue)

    assert (task.read().state, task.read().error) == ("stopped", "")


def test_a_training_at_work_is_believed_more_than_the_engine(queue, ray):
    """While a process holds the run's lock, no word of the engine changes the folder."""
    [task] = handed_over(queue, TINY)
    with held(task):
        for state in ("queued", "running"):
            task.update(state=state)
            ray.becomes("FAILED")
            queue.rounds.make_round(queue)
            assert not queue.take_back(task, task.read().engine_job, state="failed")
            assert task.read().state == state
    assert task.now() == "interrupted"


def test_a_job_that_is_refused_fails_its_run(queue, ray):
    """With what the engine said of it."""
    ray.refusal = "ValueError: too much"
    [task] = handed_over(queue, TINY)

    assert task.read().state == "failed"
    assert task.read().error == "Ray refused the job: ValueError: too much"


def test_one_damaged_run_does_not_hold_up_the_others(queue, ray):
    """A run whose config cannot be read is passed over; those behind it are submitted."""
    ray.answer = (503, "")
    one, two = handed_over(queue, TINY, OTHER)
    ray.answer = None
    (one.folder / "config.json").write_text("{")
    queue.rounds.make_round(queue)

    assert list(ray.jobs) == [two.read().engine_job]


def test_nothing_is_lost_while_the_engine_is_away(queue, ray):
    """What is submitted meanwhile waits in its folder, the page is told why, and the next round
    that finds the engine hands it over.
    """
    ray.answer = (503, "starting")
    [task] = handed_over(queue, TINY)
    report = report_of(queue.settings, queue.store.get(TINY.key))
    assert task.glance() == "queued" and "HTTP 503" in report.problem and not ray.jobs

    ray.answer = None
    queue.rounds.make_round(queue)
    assert list(ray.jobs) == [task.read().engine_job]
    assert report_of(queue.settings, queue.store.get(TINY.key)).problem == ""


def test_nobody_waits_for_a_silent_engine(queue, ray):
    """Submitting, ticking, stopping and reading go on while a question to the engine is open, and
    the queue's lock is free.
    """
    ray.silent = True
    queue.submit(TINY)
    wait_until(lambda: ray.requests)
    queue.submit(OTHER)
    queue.tick(timeout=0)
    queue.stop(OTHER.key)

    assert len(ray.requests) == 1 and queue.rounds._at_work  # the first one is still open
    assert queue.store.get(OTHER.key).state == "stopped"
    lock = system.FileLock(queue.settings.models / ".queue.lock")
    assert lock.acquire()
    lock.release()
    ray.ended.set()


# Another engine


def test_the_recipe_for_an_engine_works(settings, monkeypatch):
    """The one in CONTRIBUTING.md gets what is submitted, and its answer is told."""
    recipe = (ROOT / "CONTRIBUTING.md").read_text().partition("## Add an engine")[2]
    code = dedent(recipe.partition("```python\n")[2].partition("```")[0])
    names = {**vars(engine_module), "ClassVar": ClassVar}
    exec(code, names)
    monkeypatch.setitem(ENGINES, "toy", names["ToyEngine"])
    queue = Queue(replace(settings, engine="toy:here", max_trainings=100))
    [task] = handed_over(queue, TINY)
    queue.rounds.make_round(queue)

    words = "Toy says BROKEN before the training began: this engine runs nothing"
    assert (task.read().state, task.read().error) == ("failed", words)


# Stopping


def test_a_training_that_waits_at_the_engine_can_be_stopped(queue, ray):
    """It is stopped at once, and the engine is told; one that cannot be told hears it later."""
    one, two = handed_over(queue, TINY, OTHER)
    queue.stop(TINY.key)
    quiet(queue)
    assert one.read().state == "stopped" and ray.stopped == [one.read().engine_job]

    ray.answer = (503, "")
    queue.stop(OTHER.key)
    quiet(queue)
    ray.answer, ray.requests = None, []
    queue.rounds.make_round(queue)
    assert two.read().state == "stopped" and ray.stopped == [two.read().engine_job]


def test_a_deleted_run_is_cancelled(queue, ray):
    """Its job leaves the engine."""
    [task] = handed_over(queue, TINY)
    job = task.read().engine_job
    queue.delete(TINY.key)
    quiet(queue)

    assert ray.stopped == [job] and not task.folder.exists()


def test_a_damaged_run_can_be_deleted(queue, ray):
    """Also where an engine has it."""
    [task] = handed_over(queue, TINY)
    task.state_file.write_text("{")
    queue.delete(TINY.key)

    assert not task.folder.exists()
    with pytest.raises(UnknownRunError):
        queue.delete("../elsewhere")


def test_an_answer_is_not_asked_for_again_at_once(queue, ray, monkeypatch):
    """Submitting many runs one after the other asks for each of them a few times, not each time."""
    monkeypatch.setattr(reconciliation, "FRESH", 3600.0)
    tasks = handed_over(queue, *(replace(TINY, seed=seed) for seed in range(5)))

    asked = [each for each in ray.requests if each.startswith("GET")]
    assert len(asked) == len(ray.jobs) == len(tasks) == 5


def test_a_run_that_goes_on_cancels_the_job_it_had(queue, ray):
    """A machine that only lost touch with the folder is told to stop before another one begins."""
    [task] = handed_over(queue, TINY)
    before = task.read().engine_job
    task.update(state="running")
    assert queue.submit(TINY).state == "queued"
    quiet(queue)

    assert ray.stopped == [before] and task.read().engine_job != before
    posts = [each for each in ray.requests if each.startswith("POST")]
    assert posts == ["POST /api/jobs/", f"POST /api/jobs/{before}/stop", "POST /api/jobs/"]


def test_a_folder_cannot_name_the_job_of_another(queue, ray):
    """A job's name begins with its run's: what else a folder names is neither asked for nor
    cancelled, and no other engine is asked.
    """
    [task] = handed_over(queue, TINY)
    ray.requests.clear()
    for changes in ({"engine_job": "someone-elses-job"}, {"engine": "ray:http://evil:8265"}):
        before = task.read()
        change(task.state_file, **changes, state="failed")
        assert report_of(queue.settings, queue.store.get(TINY.key)) is None
        queue.stop(TINY.key)
        quiet(queue)
        task.write(before)

    assert not any("someone" in each for each in ray.requests) and not ray.stopped


# The process that the engine starts


@pytest.mark.slow
def test_a_process_of_the_engine_trains_the_run(queue, ray):
    """Started as Ray starts it, it trains the run to its end, says on what machine, and writes the
    run's log.
    """
    [task] = handed_over(queue, TINY)
    line = ray.jobs[task.read().engine_job]["entrypoint"]
    done = subprocess.run(line, shell=True, cwd=ROOT.parent, capture_output=True, text=True)
    run = queue.store.get(TINY.key)

    assert (done.returncode, run.state) == (0, "finished"), done.stdout + done.stderr
    assert run.record.node == platform.node() and run.record.engine_job in ray.jobs
    assert "epoch 2/2" in run.log(10_000) and "epoch" not in done.stdout
    assert (run.record.threads, run.record.device) == (1, "cpu")


@pytest.mark.parametrize("change", ["stopped", "another job"])
def test_a_process_that_the_run_does_not_wait_for_leaves_it_alone(queue, ray, change):
    """A job that was stopped or replaced may still be started by the engine: it trains nothing."""
    [task] = handed_over(queue, TINY)
    job = task.read().engine_job
    if change == "stopped":
        queue.stop(TINY.key)
    else:
        task.update(engine_job=f"{TINY.key}-1-other")
    before = task.read()
    node = Queue(replace(queue.settings, engine_job=job))

    with pytest.raises(AutoencoderError, match=f"does not wait for the job {job} any more"):
        run_job(node, task, work=lambda job: pytest.fail("it works"))
    assert task.read() == before and not task.is_held()


def test_a_process_of_the_engine_starts_nothing_on_its_machine(store, data_folder, ray):
    """When it ends it hands the next trainings over, and leaves all other jobs to the machines of
    the dashboard.
    """
    queue = on(ray, Settings(store.folder, data_folder))
    name = ProjectionSettings("tsne").name
    queue.precompute(TINY.key, [name])
    queue.store.claim(OTHER, "queued", 1)
    node = Queue(replace(queue.settings, engine_job="x"))
    node.tick()
    quiet(node)

    assert queue.task(TINY.key, name).glance() == "queued" and len(ray.jobs) == 1
    assert not queue.task(TINY.key, name).is_starting()


def test_a_process_of_the_engine_asks_little_when_it_ends(queue, ray, monkeypatch):
    """However many wait: it looks after the last of them, and the dashboards after all."""
    monkeypatch.setattr(reconciliation, "MOST", 2)
    tasks = handed_over(queue, *(replace(TINY, seed=seed) for seed in range(5)))
    ray.jobs.clear()
    ray.requests.clear()
    node = elsewhere(queue, monkeypatch, engine_job="x")
    node.tick()
    quiet(node)

    assert list(ray.jobs) == [task.read().engine_job for task in tasks[-2:]]


def test_an_unforeseen_error_ends_one_round_only(queue, ray, monkeypatch):
    """The next one is made all the same."""
    monkeypatch.setattr(threading, "excepthook", lambda arguments: None)
    with monkeypatch.context() as patch:
        patch.setattr(RayEngine, "state", lambda engine, job_id: 1 / 0)
        [task] = handed_over(queue, TINY)
        assert not ray.jobs
    queue.rounds.start(queue, now=True)
    quiet(queue)

    assert list(ray.jobs) == [task.read().engine_job]


def test_this_machine_takes_over_what_an_engine_had(queue, ray, settings, monkeypatch, tmp_path):
    """With the engine switched off, a process of this machine is started for what waited for it;
    the job is not current any more.
    """
    [task] = handed_over(queue, TINY)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    Queue(settings).tick()

    assert "its process could not start" in task.read().error
    assert (task.read().engine, task.read().engine_job) == ("", "")


def test_a_training_here_is_no_job_of_an_engine(queue, ray):
    """A run that an engine had and that is gone on with by the command line names none."""
    task = claimed(queue, TINY, engine=queue.settings.engine, engine_job=f"{TINY.key}-0-x")
    run_job(queue, task, work=lambda job: None)

    assert (task.read().engine_job, task.read().node) == ("", platform.node())
