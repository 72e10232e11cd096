"""One training on two processes, which torchrun starts: its weights are those of one process, and
it goes on exactly.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from autoencoder import system
from autoencoder.config.run_config import RunConfig
from tests.support import together
from tests.support.places import ROOT
from tests.support.together import CONFIGS, CONV, DENSE, NORMED, ended, training_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(system.cores() < 2, reason="two processes need two cores"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes have made of the trainings of tests/support/together.py."""
    folder = tmp_path_factory.mktemp("together")
    torchrun = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--log-dir", str(folder)]
    done = subprocess.run(
        [sys.executable, *torchrun, together.__file__, str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return folder


def difference(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> float:
    """The largest difference between two networks' learned weights."""
    names = [name for name in one if name.endswith((".weight", ".bias"))]
    return max(float(np.abs(one[name] - other[name]).max()) for name in names)


@pytest.mark.parametrize("config", [DENSE, CONV], ids=["dense", "conv"])
def test_two_processes_train_as_one_does(config: RunConfig, folder: Path) -> None:
    """After 21 steps without batch norm, slices of unequal size among them, no weight differs by
    1e-5 from those of one process, and the losses over all images are the same.
    """
    alone = training_of(config)
    last = ended(alone)[-1]
    together = load_file(folder / next(name for name in CONFIGS if CONFIGS[name] is config))

    assert difference(alone.checkpoint().arrays, together) < 1e-5
    for name, loss in last.train.items():
        assert float(together[f"train.{name}"]) == pytest.approx(loss, rel=1e-5)
        assert float(together[f"test.{name}"]) == pytest.approx(last.test[name], rel=1e-5)


def test_with_batch_norm_two_processes_train_about_as_one_does(folder: Path) -> None:
    """Each has the statistics of its own images, so that weights differ; the test loss differs by
    less than a hundredth. What batch norm remembers is the same in both.
    """
    alone = training_of(NORMED)
    last = ended(alone)[-1]
    together = load_file(folder / "normed")

    assert difference(alone.checkpoint().arrays, together) > 1e-3
    assert float(together["test.mse"]) == pytest.approx(last.test["mse"], rel=0.01)
    other = load_file(folder / "normed of rank 1")
    assert {name for name in other if not np.array_equal(together[name], other[name])} == set()
    assert any(name.endswith("running_var") for name in other)


def test_a_training_on_two_processes_goes_on_exactly(folder: Path) -> None:
    """Stopped in the middle of an epoch and gone on with, it ends as one that never stopped, to the
    last bit of weights, optimiser, losses and random states, with noise, dropout and warps.
    """
    whole, resumed = load_file(folder / "whole"), load_file(folder / "resumed")
    clock = "ranks.cpu_seconds"

    assert whole.keys() == resumed.keys()
    assert [name for name in whole if not np.array_equal(whole[name], resumed[name])] == [clock]


def test_each_process_has_random_numbers_of_its_own(folder: Path) -> None:
    """A checkpoint holds the random state of both, which are not the same."""
    states = load_file(folder / "half")["ranks.random.cpu"]

    assert len(states) == 2 and not np.array_equal(states[0], states[1])


def test_a_checkpoint_of_another_number_of_processes_is_refused(folder: Path) -> None:
    """By every process, in words that name both numbers."""
    words = "the checkpoint does not fit this run: it is one of 3 process(es), and here are 2"

    assert [(folder / f"refused-{rank}").read_text() for rank in (0, 1)] == [words, words]
