"""Learning rates over time, batch norm's momentum, and how an order of images becomes batches."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autoencoder.training.optimisation import (
    NORM_MOMENTUM,
    OPTIMIZERS,
    SCHEDULES,
    WARM_UP,
    norm_momentum,
    split_batches,
)


@pytest.mark.parametrize(
    ("name", "done", "share"),
    [
        ("constant", 0.0, 1.0),
        ("constant", 1.0, 1.0),
        ("cosine", 0.0, 1.0),
        ("cosine", 0.5, 0.5),
        ("cosine", 1.0, 1e-3),
        ("one_cycle", 0.0, 1e-3),
        ("one_cycle", WARM_UP / 2, 0.5),
        ("one_cycle", WARM_UP, 1.0),
        ("one_cycle", (1 + WARM_UP) / 2, 0.5),
        ("one_cycle", 1.0, 1e-3),
    ],
)
def test_a_schedule_at_its_corners(name: str, done: float, share: float) -> None:
    """Where a schedule starts, where it peaks, where it ends."""
    assert SCHEDULES[name](done) == pytest.approx(share)


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_rises_once_and_falls_once(name: str) -> None:
    """Always a share of the largest rate, never zero; up to its peak it does not fall, from there
    it does not rise.
    """
    shares = [SCHEDULES[name](step / 1_000) for step in range(1_001)]
    peak = shares.index(max(shares))

    assert 0 < min(shares) <= max(shares) == 1.0
    assert shares[: peak + 1] == sorted(shares[: peak + 1])
    assert shares[peak:] == sorted(shares[peak:], reverse=True)
    assert max(abs(one - other) for one, other in pairwise(shares)) < 0.01


@settings(deadline=None, database=None)
@given(st.integers(1, 60), st.integers(1, 60))
def test_batches_hold_every_image_once(count: int, size: int) -> None:
    """In the order given, each of the size asked for but the last, and that one is never a single
    image beside others.
    """
    order = torch.randperm(count, generator=torch.Generator().manual_seed(count))
    batches = split_batches(order, size)

    assert torch.equal(torch.cat(batches), order)
    assert {len(batch) for batch in batches[:-1]} <= {size}
    assert len(batches[-1]) <= size + 1
    assert size == 1 or len(batches) == 1 or len(batches[-1]) > 1


def test_a_single_image_left_over_joins_the_batch_before() -> None:
    """Seven images in batches of three: three and four."""
    assert [batch.tolist() for batch in split_batches(torch.arange(7), 3)] == [
        [0, 1, 2],
        [3, 4, 5, 6],
    ]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimiser_goes_downhill(name: str) -> None:
    """A hundred steps bring a weight close to the bottom of a parabola."""
    make, options = OPTIMIZERS[name]
    weight = torch.nn.Parameter(torch.tensor([1.0, -1.0]))
    optimizer = make([weight], lr=0.05, **options)  # type: ignore[call-arg]
    for _ in range(100):
        optimizer.zero_grad()
        weight.square().sum().backward()
        optimizer.step()

    assert weight.abs().max() < 0.1


@pytest.mark.parametrize("schedule", ["cosine", "one_cycle"])
def test_the_last_batches_count_the_same(schedule: str) -> None:
    """In batch norm's statistics after a schedule that falls; the earlier ones hardly count."""
    momenta = [norm_momentum(schedule, step, 1_000) for step in range(1_000)]
    left = np.cumprod([1 - momentum for momentum in momenta[::-1]])[::-1]
    weights = np.array(momenta) * np.append(left[1:], 1.0)

    assert weights[940:] == pytest.approx(np.full(60, weights[-1]))
    assert 0.8 < weights[940:].sum() <= 1


def test_a_constant_rate_keeps_the_usual_momentum() -> None:
    """Its weights move until the end."""
    assert {norm_momentum("constant", step, 100) for step in range(100)} == {NORM_MOMENTUM}
