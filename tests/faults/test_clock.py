"""A clock that is set forth and back while a run is trained."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autoencoder.config.settings import Settings
from autoencoder.jobs import Queue
from tests.support.configs import TINY
from tests.support.places import ROOT
from tests.support.queues import claimed, here, losses
from tests.support.waiting import wait_until

LASTING = replace(TINY, epochs=30)
FAKETIME = shutil.which("faketime")


@pytest.mark.slow
@pytest.mark.skipif(FAKETIME is None, reason="needs faketime (Debian's package of that name)")
def test_a_clock_that_jumps_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    """Set two days forth and four back in the middle, a training ends as one with a quiet clock
    does, and no time in its records is negative.
    """
    quiet, jumping = (Queue(Settings(tmp_path / name, settings.data)) for name in "ab")
    claimed(quiet, LASTING)
    expected = here(quiet, LASTING)
    task, clock = claimed(jumping, LASTING), tmp_path / "clock"
    clock.write_text("+0\n")
    fake = {"FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1"}
    fake |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1"}
    preload = subprocess.run(
        [str(FAKETIME), "-f", "+0", "printenv", "LD_PRELOAD"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    places = ["--models", str(jumping.settings.models), "--data", str(settings.data)]
    command = [sys.executable, "-m", "autoencoder", "train", "--run", LASTING.key, *places]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **fake, "LD_PRELOAD": preload}
    ) as trainer:
        for epochs, shift in ((4, "+2d"), (8, "-2d"), (12, "+0")):
            wait_until(lambda: len(jumping.store.get(LASTING.key).history) > epochs)  # noqa: B023
            clock.write_text(f"{shift}\n")
        assert trainer.wait(120) == 0
    run = jumping.store.get(LASTING.key)

    assert run.state == "finished"
    assert run.record.weights_sha256 == expected.record.weights_sha256
    assert losses(run) == losses(expected)
    assert all(p.seconds >= 0 and p.cpu_seconds >= 0 for p in run.history)
    assert 0 <= task.read().took < 120
