"""The calibration: what it tries, what it chooses, what it predicts."""

import json
from dataclasses import replace

import pytest
import torch

from autoencoder import system
from autoencoder.config.datasets import DatasetInfo, ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.training import calibration
from autoencoder.training.timing import (
    LAYOUTS,
    PRECISIONS,
    ComputeSettings,
    Timing,
    fingerprint,
    images_of,
)
from autoencoder.validation import decode

CONFIGS = {
    "conv": RunConfig(dataset="digits", channels=(4, 8), hidden=(16,)),
    "denoising with dropout": RunConfig(
        dataset="digits", network="mlp", objective="denoising", dropout=0.3
    ),
    "variational": RunConfig(dataset="digits", network="mlp", objective="variational"),
    "fewer images than a batch": RunConfig(dataset="digits", network="linear", batch_size=1_000),
    "a batch of one": RunConfig(
        dataset="digits", network="linear", batch_size=1, optimizer="rmsprop"
    ),
}
TIMING = Timing(
    1, "float32", "contiguous", start=3.0, step=0.01, spread=0.1, test=0.5, save=0.25, measure=2.0
)


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_a_calibration_measures_whatever_can_be_trained(config: RunConfig) -> None:
    """The way is one of those there are, every time is more than nothing, and torch's generator is
    where it was.
    """
    torch.manual_seed(9)
    before = torch.get_rng_state()
    timing = calibration.calibrate(config, start=1.5)

    assert timing.precision in PRECISIONS
    assert timing.layout in LAYOUTS
    assert min(timing.step, timing.test, timing.measure) > 0
    assert timing.start > 1.5
    assert torch.equal(torch.get_rng_state(), before)


def test_what_is_given_is_not_chosen() -> None:
    """A precision, a layout and a number of threads that are fixed are those of the result."""
    fixed = {"threads": 1, "precision": "bfloat16", "layout": "channels_last"}

    assert calibration.calibrate(CONFIGS["conv"], fixed=fixed).compute == ComputeSettings(**fixed)


@pytest.mark.parametrize(
    ("share", "chosen"),
    [(0.5, "bfloat16"), (0.89, "bfloat16"), (0.91, "float32"), (5.0, "float32")],
)
def test_another_way_must_be_a_tenth_faster(
    share: float, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gain within the noise of the measurement is none: the plain way is kept."""
    monkeypatch.setattr(
        calibration,
        "_steps",
        lambda config, compute, device, most: (
            [share if compute.precision == "bfloat16" else 1.0] * 2
        ),
    )

    assert calibration.calibrate(CONFIGS["variational"]).precision == chosen


@pytest.mark.parametrize(
    ("seconds", "threads"),
    [
        ({1: 1.0, 2: 0.6, 3: 0.5, 4: 0.4}, 4),
        ({1: 1.0, 2: 0.6, 3: 0.58, 4: 0.56}, 2),
        ({1: 1.0, 2: 0.95, 3: 0.95, 4: 0.8}, 4),
        ({1: 1.0, 2: 1.1, 3: 1.2, 4: 1.3}, 1),
    ],
    ids=["all cores", "more gain little", "only all gain", "more are slower"],
)
def test_more_threads_must_gain_a_tenth(
    seconds: dict[int, float], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every core is used where that is faster on the clock, but not for a gain within the noise."""
    monkeypatch.setattr(system, "cores", lambda: 4)
    monkeypatch.setattr(
        calibration, "_steps", lambda config, compute, device, most: [seconds[compute.threads]] * 2
    )

    assert calibration.calibrate(CONFIGS["variational"]).threads == threads


def test_the_prediction_counts_every_part() -> None:
    """Start, each epoch's steps, test and saving, and the measuring at the end: 3 + 2 (15 x 0.01 +
    0.5 + 0.25) + 2.
    """
    config = RunConfig(dataset="digits", epochs=2, train_size=150, batch_size=10)

    assert TIMING.predict(config) == pytest.approx(3 + 2 * (15 * 0.01 + 0.5 + 0.25) + 2)
    assert TIMING.predict(config, True) == TIMING.predict(config)  # nothing is known of pairs
    assert TIMING.margin(config) == pytest.approx(0.2 * TIMING.predict(config))


def test_fewer_classes_take_less_time() -> None:
    """Half of the classes are about half of the steps."""
    whole, half = RunConfig(dataset="mnist"), RunConfig(dataset="mnist", classes=(0, 1, 2, 3, 4))

    assert TIMING.epoch(half) - 0.75 == pytest.approx((TIMING.epoch(whole) - 0.75) / 2, rel=0.01)


@pytest.mark.parametrize(
    "change",
    [{"epochs": 7}, {"seed": 3}, {"learning_rate": 0.1}, {"schedule": "cosine"}, {"patience": 3}],
)
def test_one_measurement_serves_every_length(change: dict[str, object]) -> None:
    """Options that do not change what a step costs share one fingerprint."""
    assert fingerprint(replace(RunConfig(dataset="digits"), **change)) == fingerprint(
        RunConfig(dataset="digits")
    )


@pytest.mark.parametrize(
    "change",
    [
        {"latent_dim": 7},
        {"hidden": (9,)},
        {"batch_size": 7},
        {"optimizer": "sgd"},
        {"loss": "mse"},
        {"augment": 0.1},
    ],
)
def test_another_network_is_measured_anew(change: dict[str, object]) -> None:
    """Options that change what a step costs do not."""
    assert fingerprint(replace(RunConfig(dataset="digits"), **change)) != fingerprint(
        RunConfig(dataset="digits")
    )


@pytest.mark.parametrize(
    "change",
    [
        {"step": float("nan")},
        {"step": -1.0},
        {"step": "1"},
        {"threads": 0},
        {"precision": "x"},
        {"layout": 3},
        {"format": 9},
    ],
)
def test_a_timing_that_is_none_is_refused(change: dict[str, object]) -> None:
    """What was kept comes back; anything else is measured again."""
    assert decode(json.dumps(TIMING.to_dict()), Timing) == TIMING
    with pytest.raises(ValueError):
        decode(json.dumps({**TIMING.to_dict(), **change}), Timing)


def test_all_images_without_labels_are_counted() -> None:
    """The number of training images is known where there are no classes."""
    info = DatasetInfo(
        title="Any",
        help="",
        shape=ImageShape(1, 8, 8),
        train=30,
        test=5,
        class_names=(),
        fingerprint="0" * 16,
    )

    assert images_of(RunConfig(dataset="any", added=info, batch_size=4)) == 30
