"""What must be survived: killed processes, full disks, stops at any moment, crowds.

Every fault here is a real one.
"""

import ast
import errno
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autoencoder.cli.main import FAILED, STOPPED, main
from autoencoder.config.settings import Settings
from autoencoder.errors import RunError
from autoencoder.jobs import Queue
from autoencoder.jobs.failures import DISK_FULL
from autoencoder.jobs.stopping import StopWatch
from autoencoder.jobs.training import train_run
from autoencoder.runs import Run, RunStore, RunWriter, Task, files
from autoencoder.runs.active import FOLDER
from autoencoder.training import loop
from autoencoder.training.progress import Checkpoint
from tests.support.configs import LONG, SOME, TINY
from tests.support.disks import disk_full_above
from tests.support.places import ROOT
from tests.support.queues import claimed, end_all, here, losses, over, stop_at
from tests.support.runs import read_everything
from tests.support.waiting import wait_until

FINAL = ("finished", "stopped", "failed")
IN_TIME = 15.0  # seconds to wait for a stop; the promise is 5, the rest is for a busy machine


@pytest.fixture
def queue(settings):
    """A queue without runs; what still runs after the test is ended."""
    queue = Queue(settings)
    yield queue
    end_all(queue)


def python(code, *arguments, **options):
    """Run Python code, from the repository's root."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, timeout=120, **options
    )


@pytest.fixture(scope="module")
def tiny(tmp_path_factory, data_folder):
    """TINY, trained in one go."""
    queue = Queue(Settings(tmp_path_factory.mktemp("models"), data_folder))
    claimed(queue, TINY)
    return here(queue, TINY)


# P1 and P2: killed at any instant

KILLER = """
import os, signal, sys
from pathlib import Path
import torch, torchmetrics.functional.image
from autoencoder.config.settings import Settings
from tests.support.configs import TINY
from tests.support.queues import Queue, claimed, here

torch.set_num_threads(1)
models, data = Path(sys.argv[1]), Path(sys.argv[2])
left = 0

def count_down():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def deadly(function, matters=lambda *arguments: True):
    def wrapped(*arguments, **options):
        if matters(*arguments):
            count_down()
        return function(*arguments, **options)
    return wrapped

def half(handle, line, write=os.write):
    count_down()
    if left == 1:
        write(handle, line[: len(line) // 2])
    count_down()
    return write(handle, line)

os.write = half
Path.replace = deadly(Path.replace)
Path.unlink = deadly(Path.unlink, matters=lambda path, *_: path.exists())
for number in range(1, 1000):
    queue = Queue(Settings(models / f"{number:03d}", data))
    left = 0
    claimed(queue, TINY)
    if not (child := os.fork()):
        left = number
        os._exit(here(queue, TINY).state != "finished")
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status):
        sys.exit(os.WEXITSTATUS(status))
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory, data_folder):
    """Queues with TINY trained by a process that killed itself at its 1st, 2nd, 3rd... change of
    the disk; the last one lived.

    A line of the history is sometimes half written at that moment.
    """
    models = tmp_path_factory.mktemp("killed")
    assert python(KILLER, models, data_folder).returncode == 0
    return [Queue(Settings(path, data_folder)) for path in sorted(models.iterdir())]


@pytest.mark.slow
def test_a_training_killed_at_any_write_can_be_read(killed):
    """Whatever it was doing: the run is interrupted and every part of it is the previous or the new
    one, none is damaged.
    """
    runs = [queue.store.get(TINY.key) for queue in killed]
    epochs = [read_everything(run) for run in runs]

    assert len(runs) > 15 and epochs == sorted(epochs) and set(epochs) == {0, 1, 2}
    states = [run.state for run in runs]  # "stopped" is what they were claimed with
    assert list(dict.fromkeys(states)) == ["stopped", "interrupted", "finished"]
    assert states == sorted(states, key=("stopped", "interrupted", "finished").index)
    assert all(isinstance(entry, Run) for queue in killed for entry in queue.store.entries())


@pytest.mark.slow
def test_a_training_killed_at_any_write_goes_on_to_the_same_end(killed, tiny):
    """Resumed, each of them has the weights of the training that was never killed, bit for bit, and
    its history.
    """
    for queue in killed:
        run = here(queue, TINY)

        assert run.state == "finished"
        assert run.record.weights_sha256 == tiny.record.weights_sha256
        assert losses(run) == losses(tiny) and run.snapshots() == [1, 2]
        assert read_everything(run) == 2


@pytest.mark.slow
def test_a_training_outlives_its_web_server_and_can_be_read_meanwhile(queue):
    """SIGKILL of the whole group that submitted it does not end it, no reader beside it ever sees
    damage, a stop ends it.
    """
    code = (
        "import os, signal, sys; from pathlib import Path; from autoencoder.config.run_config"
        " import RunConfig\nfrom autoencoder.jobs import Queue; from autoencoder.config.settings"
        " import Settings\nimport json; config ="
        " RunConfig.from_dict(json.loads(sys.argv[3]))\nQueue(Settings(Path(sys.argv[1]),"
        " Path(sys.argv[2]))).submit(config); os.killpg(0, signal.SIGKILL)"
    )
    places = (queue.settings.models, queue.settings.data)
    server = python(code, *places, json.dumps(LONG.to_dict()), start_new_session=True)
    assert server.returncode == -signal.SIGKILL
    wait_until(lambda: read_everything(queue.store.get(LONG.key)) > 30)

    queue.stop(LONG.key)
    run = over(queue, LONG, IN_TIME)
    assert run.state == "stopped"
    assert read_everything(run) > 30


def test_a_crash_is_the_training_s_alone(queue):
    """One that aborts is interrupted and can be asked for again; whoever started it goes on."""
    queue.submit(TINY)
    run = queue.store.get(TINY.key)
    wait_until(lambda: Task(run.folder).read().pid)
    os.kill(Task(run.folder).read().pid, signal.SIGABRT)

    assert over(queue, TINY).state == "interrupted"
    assert queue.submit(TINY).is_live


# Stops


@pytest.mark.slow
def test_a_stop_while_torch_loads(queue):
    """A training that is stopped before its first step ends in time, and is stopped."""
    queue.submit(LONG)
    wait_until(lambda: queue.store.get(LONG.key).record.step == "loading torch")
    queue.stop(LONG.key)
    run = over(queue, LONG, IN_TIME)

    assert run.state == "stopped"
    assert read_everything(run) >= 0


@pytest.mark.slow
def test_a_stop_while_measuring(queue, tiny):
    """After the last epoch a stop ends in time in one of two final states; from either the run ends
    finished.
    """
    claimed(queue, TINY)
    queue.submit(TINY)
    wait_until(
        lambda: (
            (run := queue.store.get(TINY.key)).record.step.startswith("measuring")
            or not run.is_live
        )
    )
    queue.stop(TINY.key)
    run = over(queue, TINY, IN_TIME)

    assert run.state in ("stopped", "finished")
    assert read_everything(run) == 2
    assert here(queue, TINY).record.weights_sha256 == tiny.record.weights_sha256


def test_a_stop_at_any_moment_gives_one_final_state(settings, tmp_path, monkeypatch, tiny):
    """Stopped at each thing it says and each Progress it makes, a training writes one final state,
    and nothing after it.
    """
    monkeypatch.setattr(loop, "REPORT_EVERY", 0.0)
    written, write = [], Task.write
    monkeypatch.setattr(
        Task, "write", lambda task, state: (write(task, state), written.append(state.state))
    )
    ended = []
    for number in range(1, 100):
        queue = Queue(replace(settings, models=tmp_path / f"{number}"))
        task, moment = claimed(queue, TINY), stop_at(number)
        written.clear()
        run = train_with(queue, moment)

        assert [state for state in written if state in FINAL] == written[-1:] == [run.state]
        assert not task.stop_file.exists()
        ended.append(run.state)
        if number > 2 and ended[-3:] == ["finished"] * 3:
            break
        again = train_with(queue, lambda _: None)
        assert (again.state, again.record.weights_sha256) == (
            "finished",
            tiny.record.weights_sha256,
        )
    assert len(ended) > 6 and set(ended) == {"stopped", "finished"}


def train_with(queue, moment):
    """Train TINY here; `moment` is told of all it says and of every Progress."""
    return train_run(queue, TINY.key, notify=lambda words, _: moment(words), on_progress=moment)


def test_a_stop_flag_that_races_with_the_end(settings, tmp_path):
    """Put up at seeded random moments of a short training, the flag gives one of two final states;
    a late one harms nobody.
    """
    rng = random.Random(0)
    for attempt in range(8):
        queue = Queue(replace(settings, models=tmp_path / f"{attempt}"))
        task = claimed(queue, TINY)
        timer = threading.Timer(rng.uniform(0, 0.25), task.stop_file.touch)
        timer.start()
        state = here(queue, TINY).state
        timer.join()

        assert state in ("stopped", "finished") and task.now() == state
        assert here(queue, TINY).state == "finished"


def test_nothing_follows_a_final_state(queue):
    """Of two ends that race, the one that comes first is written; neither the other nor a late
    report changes it.
    """
    watch = StopWatch(claimed(queue, TINY, state="running"))
    watch.finish("stopped")
    watch.finish("finished", error="too late")
    watch.update(step="too late", state="running")

    assert (watch.task.read().state, watch.task.read().error, watch.task.read().step) == (
        "stopped",
        "",
        "",
    )


@pytest.fixture
def hanging(settings, tmp_path):
    """A queue whose trainings hang for ever: their data is a pipe that nobody writes into."""
    data = tmp_path / "pipe"
    data.mkdir()
    os.mkfifo(data / "digits.npz")
    queue = Queue(replace(settings, data=data))
    yield queue
    end_all(queue)


def hangs(task):
    """Whether the trainer has come to its data."""
    return task.read().step == "reading the data"


@pytest.mark.slow
def test_a_training_that_cannot_look_up_is_ended(hanging):
    """Asked to stop, one that hangs is ended in time, and its state is stopped."""
    hanging.submit(TINY)
    task = Task(hanging.store.folder / TINY.key)
    wait_until(lambda: hangs(task))
    hanging.stop(TINY.key)

    assert over(hanging, TINY, IN_TIME).state == "stopped"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_training_that_hangs_on_a_full_disk_is_ended(hanging):
    """Where not even its final state can be written, the process ends in time all the same."""
    hanging.submit(TINY)
    task = Task(hanging.store.folder / TINY.key)
    wait_until(lambda: hangs(task))
    resource.prlimit(task.read().pid, resource.RLIMIT_FSIZE, (0, 0))
    hanging.stop(TINY.key)

    wait_until(lambda: not task.is_held(), IN_TIME)
    assert task.now() in ("interrupted", "stopped")


@pytest.mark.slow
def test_ctrl_c_ends_even_a_training_that_hangs(hanging):
    """On a terminal that is exit status 130, as it is for any other stopped training."""
    claimed(hanging, TINY)
    command = [sys.executable, "-m", "autoencoder", "train", "--run", TINY.key]
    command += ["--models", str(hanging.settings.models), "--data", str(hanging.settings.data)]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        wait_until(lambda: hangs(Task(hanging.store.folder / TINY.key)))
        process.send_signal(signal.SIGINT)

        assert process.wait(IN_TIME) == STOPPED
    assert hanging.store.get(TINY.key).state == "stopped"


# A disk that is full or broken


def filled(number):
    """What the four kinds of write are given: three thousand numbers."""
    return {"values": [number] * 3_000}


WRITES = {
    "json": lambda path, number: files.write_json(path, filled(number)),
    "bytes": lambda path, number: files.write_bytes(path, bytes([number]) * 9_000),
    "arrays": lambda path, number: files.write_arrays(
        path, {"values": np.random.default_rng(number).normal(size=3_000)}
    ),
    "checkpoint": (
        lambda path, number: RunWriter(path.parent).checkpoint(
            Checkpoint({"network.x": np.full(3_000, number)}, {})
        )
    ),
}


@pytest.mark.parametrize("kind", WRITES)
def test_a_full_disk_leaves_the_old_file(tmp_path, kind):
    """However much of the new file still fits: OSError, the old content, and no scratch file; then,
    with room, the new one.
    """
    path, write = tmp_path / "checkpoint.safetensors", WRITES[kind]
    write(path, 2)
    new = path.read_bytes()
    path.unlink()
    write(path, 1)
    old = path.read_bytes()
    for size in (0, 1, 100, len(new) // 2, len(new) - 1):
        with disk_full_above(size), pytest.raises(OSError) as full:
            write(path, 2)

        assert full.value.errno == errno.EFBIG
        assert path.read_bytes() == old and list(tmp_path.iterdir()) == [path]
    with disk_full_above(len(new)):
        write(path, 2)
    assert path.read_bytes() == new and list(tmp_path.iterdir()) == [path]


def breaking(monkeypatch, number, *, from_then_on):
    """Make the `number`-th fsync, write, rename or new folder fail, or it and all after it; a
    function counts what was left.
    """
    left = [number]

    def fragile(owner, name):
        function = getattr(owner, name)

        def wrapped(*arguments, **options):
            left[0] -= 1
            if left[0] == 0 or (from_then_on and left[0] < 0):
                raise OSError(errno.EIO, "Input/output error")
            return function(*arguments, **options)

        monkeypatch.setattr(owner, name, wrapped)

    for owner, name in (
        (os, "fsync"),
        (os, "write"),
        *((Path, n) for n in ("replace", "rename", "mkdir", "write_text")),
    ):
        fragile(owner, name)
    return lambda: left[0]


@pytest.mark.parametrize("from_then_on", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("kind", WRITES)
def test_a_write_that_fails_anywhere_leaves_the_old_file(tmp_path, kind, from_then_on):
    """The Nth call on the disk fails, N = 1, 2, 3... until the write succeeds: old or new, never
    else, and no scratch file.
    """
    path, write = tmp_path / "checkpoint.safetensors", WRITES[kind]
    write(path, 1)
    old = path.read_bytes()
    for number in range(1, 20):
        with pytest.MonkeyPatch.context() as patch:
            left = breaking(patch, number, from_then_on=from_then_on)
            with suppress(OSError):
                write(path, 2)
        assert list(tmp_path.iterdir()) == [path]
        if left() > 0:  # it did not come to the Nth
            break
        assert path.read_bytes() == old
    assert number > 2 and path.read_bytes() != old


@pytest.mark.parametrize("from_then_on", [False, True], ids=["once", "for good"])
def test_a_claim_that_fails_anywhere_leaves_nothing(tmp_path, from_then_on):
    """The Nth call fails: RunError and no run at all; until there is a whole run."""
    store = RunStore(tmp_path / "models")
    for number in range(1, 20):
        with pytest.MonkeyPatch.context() as patch:
            left = breaking(patch, number, from_then_on=from_then_on)
            try:
                assert store.claim(TINY, "queued")
            except RunError as error:
                assert "Input/output error" in str(error)
        if left() > 0:
            break
        assert store.entries() == []
        assert number == 1 or {path.name for path in store.folder.iterdir()} <= {FOLDER}
    assert number > 4 and store.get(TINY.key).state == "queued"


def test_an_epoch_that_fails_anywhere_can_be_repeated(store):
    """The Nth call fails while an epoch is written: what is there can be read, and after rewinding
    the epoch can be written.
    """
    run, third = store.get(TINY.key), replace(store.get(TINY.key).history[0], epoch=2)
    writer, latents, images = (
        RunWriter(run.folder),
        np.ones((360, 2), np.float32),
        np.ones((16, 1, 8, 8), np.float32),
    )
    for number in range(1, 30):
        writer.rewind(1)
        with pytest.MonkeyPatch.context() as patch:
            left = breaking(patch, number, from_then_on=True)
            with suppress(OSError):
                writer.epoch(third, latents, images, Checkpoint({"network.x": np.ones(3)}, {}))
        assert [p.epoch for p in run.history] in ([1], [1, 2])
        assert all(run.snapshot(epoch).latents.shape == (360, 2) for epoch in run.snapshots())
        assert not [path for path in run.folder.rglob(".*")]
        if left() > 0:
            break
    assert number > 4 and [p.epoch for p in run.history] == [1, 2] == run.snapshots()


def test_a_line_that_fits_in_part_does_not_count(tmp_path):
    """History on a disk that fills in mid-line: OSError, and readers see the whole lines only."""
    path = tmp_path / "history.jsonl"
    files.append_line(path, {"epoch": 1})
    with disk_full_above(path.stat().st_size + 5), pytest.raises(OSError):
        files.append_line(path, {"epoch": 2})

    assert files.read_lines(path, dict) == [{"epoch": 1}]


LIMITED = """
import resource, runpy, sys
size = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
runpy.run_module("autoencoder", run_name="__main__", alter_sys=True)
"""


def with_room_for(size, queue):
    """Train the only run by the command line, in a process whose files cannot grow beyond `size`
    bytes.
    """
    places = ("--models", queue.settings.models, "--data", queue.settings.data)
    return python(
        LIMITED,
        size,
        "train",
        "--run",
        *queue.store.keys(),
        *places,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_a_disk_that_fills_up_fails_the_training_in_words(queue):
    """No room for the next checkpoint: the run failed, says why, keeps the old one whole, and goes
    on when there is room.
    """
    claimed(queue, SOME)
    assert here(queue, SOME, on_progress=stop_at(2)).state == "stopped"
    run = queue.store.get(SOME.key)
    before = (run.folder / "checkpoint.safetensors").read_bytes()
    failed = with_room_for(len(before) // 2, queue)

    assert failed.returncode == FAILED and failed.stdout.splitlines()[-1] == SOME.key
    assert failed.stderr == f"autoencoder: {SOME.key} failed: {DISK_FULL}\n"
    run = queue.store.get(SOME.key)
    assert run.state == "failed" and (run.folder / "checkpoint.safetensors").read_bytes() == before
    assert read_everything(run) >= 2 and not list(run.folder.rglob(".*"))
    assert here(queue, SOME, on_progress=stop_at(2)).state == "stopped"


@pytest.mark.slow
def test_a_disk_without_any_room_starts_no_chain_of_processes(settings):
    """A trainer that cannot even say that it runs ends in words, and does not start another that
    cannot either.
    """
    queue = Queue(settings)
    assert queue.store.claim(TINY, "queued", 1)
    folder = queue.store.folder / TINY.key
    try:
        failed = with_room_for(0, queue)

        assert failed.returncode != 0 and "Traceback" not in failed.stderr
        assert not (folder / "log.txt").exists()  # a process that the queue started would have one
        assert queue.store.get(TINY.key).state == "queued"
    finally:
        queue.store.delete(TINY.key)  # ends a chain


class Broken(io.StringIO):
    """A terminal, pipe or log that takes nothing any more."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def write(self, text):
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EPIPE], ids=["full", "closed"])
def test_output_that_cannot_be_written_does_not_stop_a_training(queue, monkeypatch, number):
    """A full disk under the log, or a reader that went away: the run is trained to its end."""
    claimed(queue, TINY)
    arguments = [
        "train",
        "--run",
        TINY.key,
        "--models",
        str(queue.settings.models),
        "--data",
        str(queue.settings.data),
    ]
    monkeypatch.setattr(sys, "stdout", Broken(number))
    with suppress(OSError):
        main(arguments)

    run = queue.store.get(TINY.key)
    assert (run.state, run.record.error) == ("finished", "")


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_a_log_that_cannot_be_written_does_not_keep_a_training_from_starting(queue, tmp_path, kind):
    """A folder, a pipe without reader or a link in the log's place: nothing hangs, nothing is
    followed, the trainer works.
    """
    log, outside = claimed(queue, TINY).folder / "log.txt", tmp_path / "outside"
    outside.write_text("mine")
    data = outside  # no folder: the training comes as far as that, and fails
    {"folder": log.mkdir, "pipe": lambda: os.mkfifo(log), "link": lambda: log.symlink_to(outside)}[
        kind
    ]()
    code = (
        "import sys; from pathlib import Path; from autoencoder.jobs import Queue; from"
        " autoencoder.config.settings import Settings\nQueue(Settings(Path(sys.argv[1]),"
        " Path(sys.argv[2]))).resume(sys.argv[3])"
    )
    # In a process of its own, since one that hangs there could not be ended otherwise.
    command = [sys.executable, "-c", code, str(queue.settings.models), str(data), TINY.key]
    assert subprocess.run(command, cwd=ROOT, timeout=20).returncode == 0
    assert "cannot write digits" in over(queue, TINY).record.error
    assert outside.read_text() == "mine"


# The rest


DIVERGING = replace(
    TINY,
    epochs=10,
    network="linear",
    channels=(32, 64),
    hidden=(256,),
    output_activation="none",
    loss="mse",
    optimizer="sgd",
    learning_rate=10.0,
)


def test_a_loss_that_is_not_finite_ends_the_training_with_its_epoch(queue):
    """The run has failed, names the epoch, and keeps the history and the finite weights of the
    epoch before.
    """
    claimed(queue, DIVERGING)
    run = here(queue, DIVERGING)
    epochs = len(run.history)

    assert run.state == "failed" and 0 < epochs < DIVERGING.epochs
    assert f"infinite or undefined in epoch {epochs + 1}" in run.record.error
    assert all(np.isfinite(array).all() for array in run.weights().values())
    assert read_everything(run) == epochs


@pytest.mark.parametrize(
    ("error", "words"),
    [(MemoryError(), "not enough memory"), (KeyError("x"), "unexpected KeyError")],
)
def test_what_nobody_thought_of_is_a_failure_in_words(queue, error, words):
    """Whatever goes wrong in mid-training: failed, one sentence, and it can go on."""
    claimed(queue, TINY)

    def on_progress(progress):
        raise error

    run = here(queue, TINY, on_progress=on_progress)
    assert run.state == "failed" and words in run.record.error and "\n" not in run.record.error
    assert here(queue, TINY).state == "finished"


CROWD = """
import json, sys, threading
from pathlib import Path
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.jobs import Queue
queue = Queue(Settings(Path(sys.argv[1]), Path(sys.argv[2])))
config, states = RunConfig.from_dict(json.loads(sys.argv[3])), []
submit = lambda: states.append(queue.submit(config).state)
threads = [threading.Thread(target=submit) for _ in range(16)]
print(flush=True)
sys.stdin.readline()
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(states))
"""


@pytest.mark.slow
def test_of_many_simultaneous_submissions_one_trains(queue):
    """Sixty-four at once, from four processes: one run, one training, and everyone is attached to
    it.
    """
    arguments = [queue.settings.models, queue.settings.data, json.dumps(TINY.to_dict())]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    crowd = [
        subprocess.Popen([sys.executable, "-c", CROWD, *map(str, arguments)], **pipes)
        for _ in range(4)
    ]
    for process in crowd:
        process.stdout.readline()
    for process in crowd:
        process.stdin.write("\n")
        process.stdin.flush()
    states = [
        state for process in crowd for state in json.loads(process.communicate(timeout=120)[0])
    ]
    run = over(queue, TINY)

    assert len(states) == 64 and set(states) <= {"queued", "running", "finished"}
    assert run.state == "finished" and queue.store.keys() == [TINY.key]
    assert (run.folder / "log.txt").read_text().count("reading the data") == 1
    assert not [path for path in queue.store.folder.iterdir() if path.name.startswith(".new")]


def test_nothing_in_the_package_can_execute_a_file():
    """P3: no pickle, torch.load, eval or exec anywhere, and every np.load says
    allow_pickle=False.
    """
    for path in (ROOT / "autoencoder").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name.split(".")[0] for alias in node.names} | {
                    str(getattr(node, "module", "")).split(".")[0]
                }
                assert not names & {
                    "pickle",
                    "cPickle",
                    "marshal",
                    "shelve",
                    "joblib",
                    "dill",
                    "cloudpickle",
                }, path
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in (
                    "eval",
                    "exec",
                    "compile",
                    "torch.load",
                    "torch.jit.load",
                    "__import__",
                ), path
                allowed = {
                    keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords
                }.get("allow_pickle")
                assert allowed == ("False" if called == "np.load" else None), path
