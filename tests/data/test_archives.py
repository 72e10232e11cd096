"""Hostile archives: each ends in the right images or in one sentence, in little memory."""

import random
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from autoencoder.config.adding import UPLOADED
from autoencoder.data.adding.sources import A_LINK, NO_FILE, OUTSIDE
from autoencoder.data.adding.surveying import survey
from autoencoder.errors import DatasetError
from tests.faults.archives import HOSTILE, made, problem
from tests.support.in_this_process import decode_in_this_process

LIMITS = replace(UPLOADED, files=10_000)
SKIPPED = {
    "names that lead out, in a zip": {OUTSIDE: 5},
    "links in a zip": {A_LINK: 1},
    "links and devices in a tar": {A_LINK: 2, NO_FILE: 2, OUTSIDE: 1},
    "a zip of zeros": {"the file has more than 10 MB": 3},
}


@pytest.fixture(autouse=True)
def without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Images are decoded in this process."""
    decode_in_this_process(monkeypatch)


@pytest.mark.parametrize(("name", "case"), HOSTILE.items(), ids=HOSTILE)
def test_a_hostile_archive_is_read_right_or_refused(
    name: str, case: tuple[str, Callable[[Path], Path], str], tmp_path: Path
) -> None:
    """What is good in it is there, and what is not is counted; or one sentence says why not."""
    suffix, build, sentence = case
    source = build(tmp_path / f"images{suffix}")
    if sentence:
        with pytest.raises(DatasetError) as refusal:
            survey(source, LIMITS)
        assert sentence in str(refusal.value) and "\n" not in str(refusal.value)
    else:
        images = survey(source, LIMITS)
        assert (images.class_names, images.images) == (("elm", "oak"), 8)
        assert images.skipped == SKIPPED[name]
        assert all(images.examples[reason] for reason in images.skipped)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(some.randoms(use_true_random=False))
def test_any_archive_is_a_data_set_or_refused(generator: random.Random) -> None:
    """Whatever bytes: no error but one sentence, nothing half-added, nothing outside the data
    folder.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        assert problem(made(generator, folder), folder / "data") == ""
