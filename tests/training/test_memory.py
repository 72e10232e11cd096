"""Memory: foreseen before a training, refused where there is not enough, named where it ran out."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autoencoder import system
from autoencoder.cli.main import REFUSED, main
from autoencoder.config.networks import NETWORKS
from autoencoder.config.optimisation import OPTIMIZERS
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import ConfigError
from autoencoder.jobs import Queue
from autoencoder.runs import Task
from autoencoder.training.memory import require_memory, training_memory
from tests.support.configs import TINY
from tests.support.places import ROOT
from tests.support.queues import claimed

GIB = 1 << 30
HUGE = RunConfig(dataset="mnist", channels=(1024, 1024), batch_size=16_384)
WIDE = RunConfig(
    dataset="digits", network="mlp", hidden=(2048, 1024), epochs=1, train_size=128, batch_size=64
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 16 GiB."""
    monkeypatch.setattr(system, "memory_limit", lambda: 16 * GIB)


def test_activations_are_foreseen() -> None:
    """The first of them alone, 1,024 channels of 14 x 14 pixels for 16,384 images, is 12 GiB."""
    assert training_memory(HUGE).activations > 12 * GIB
    half = training_memory(replace(HUGE, batch_size=8_192))
    assert half.activations * 2 == training_memory(HUGE).activations


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_network_and_optimiser_has_an_estimate(network: str, optimizer: str) -> None:
    """It holds the weights, their gradients and the optimiser's moments at least."""
    config = RunConfig(dataset="digits", network=network, optimizer=optimizer)

    assert training_memory(config).weights > 0


PEAK = """
import sys
from autoencoder import system
from autoencoder.cli.main import main
status = main(sys.argv[1:])
print(status, system.peak_memory())
"""


@pytest.mark.slow
def test_a_real_training_takes_about_what_was_foreseen(tmp_path: Path, data_folder: Path) -> None:
    """Within a factor of 2 of what its process took at most."""
    how = ["--models", tmp_path, "--data", data_folder, "--threads", "1", "--precision", "float32"]
    command = [sys.executable, "-c", PEAK, "train", *how, *WIDE.flags()]
    answer = subprocess.run(
        list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=True
    )
    status, peak = map(int, answer.stdout.splitlines()[-1].split())

    assert status == 0
    assert 0.5 < peak / training_memory(WIDE).total < 2


@pytest.mark.usefixtures("small")
def test_a_training_beyond_the_machine_is_refused() -> None:
    """The sentence names the option, what is needed and what there is."""
    with pytest.raises(ConfigError) as refused:
        require_memory(HUGE)

    words = str(refused.value)
    assert words.startswith("batch_size must be smaller: ")
    assert "needs about 126 GB of memory; this machine allows 17.2 GB" in words
    require_memory(TINY)


def test_nothing_is_refused_where_the_memory_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a system that does not tell."""
    monkeypatch.setattr(system, "memory_limit", lambda: 0)

    require_memory(HUGE)


@pytest.mark.usefixtures("small")
def test_a_training_beyond_the_machine_is_not_queued(queue: Queue) -> None:
    """No folder is made for it, by a page or by the command line; nor is its time measured."""
    with pytest.raises(ConfigError, match="126 GB"):
        queue.submit(HUGE)
    places = ["--models", str(queue.settings.models), "--data", str(queue.settings.data)]

    assert main(["train", *places, *HUGE.flags()]) == REFUSED
    assert main(["calibrate", *places, *HUGE.flags()]) == REFUSED
    assert queue.store.keys() == []


def test_a_training_from_a_larger_machine_does_not_go_on(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that exists can be looked at here; to go on with it is refused, and its state says
    why.
    """
    task = claimed(queue, TINY)
    monkeypatch.setattr(system, "memory_limit", lambda: 1_000_000)
    run = queue.submit(TINY)

    assert run.state == "failed" and "this machine allows 1 MB" in run.record.error
    assert Task(run.folder) == task


OUT = """
import resource, sys
from autoencoder import system
from autoencoder.cli.main import main
system.memory_limit = lambda: 0
resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_training_without_memory_says_how_much_it_needs(
    tmp_path: Path, data_folder: Path
) -> None:
    """Where torch's library cannot even be loaded: one sentence, and no traceback."""
    places = ["--models", tmp_path, "--data", data_folder]
    command = [sys.executable, "-c", OUT, "train", *places, *TINY.flags()]
    answer = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)

    assert answer.returncode == 1 and "Traceback" not in answer.stderr
    assert "failed: there was not enough memory: end other programs, or choose" in answer.stderr
    assert "this one needs about 90" in answer.stderr  # MB
