"""Forged values from the browser, sent to a real server: nobody sees an exception. The long version
is the campaign of forged_messages.py.
"""

import random
import shutil
from pathlib import Path

import pytest

from benchmarks.serving import Server
from tests.faults.forged_messages import RUN, TARGETS, forge_all, forged
from tests.support.loops import done
from tests.support.places import MODELS

pytestmark = pytest.mark.slow
EACH = 5


def test_forged_messages_break_no_page(server: Server, tmp_path: Path) -> None:
    """Some forged values for each live part, chart and table of the pages: each page still takes a
    good value after each of them.
    """
    shutil.copytree(MODELS / RUN, tmp_path / "models" / RUN)
    chance = random.Random(0)
    for target in TARGETS.values():
        values = list(forged(target))
        texts = dict([values[-1], *chance.sample(values, EACH)])
        sent, broken = done(forge_all(server.address, target, texts))

        assert not broken
        assert sent == len(texts)
