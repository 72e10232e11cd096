"""The trial of precisions: what it answers, and that it leaves no trace."""

import numpy as np
import pytest
import torch

from autoencoder import calibration
from autoencoder.config import RunConfig
from autoencoder.datasets import Dataset

CONFIGS = {
    "conv": RunConfig(channels=(4, 8), hidden=(16,)),
    "denoising with dropout": RunConfig(network="mlp", objective="denoising", dropout=0.3),
    "variational": RunConfig(network="mlp", objective="variational"),
    "fewer images than a batch": RunConfig(network="linear", batch_size=1_000),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_the_trial_names_a_precision_and_leaves_no_trace(config: RunConfig, digits: Dataset) -> None:
    """Whatever is trained, the answer is one of the two, and images and torch's generator are as before."""
    images = digits.train.images[:200].copy()
    torch.manual_seed(9)
    before = torch.get_rng_state()

    assert calibration.fastest_precision(config, images) in calibration.PRECISIONS
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(images, digits.train.images[:200])


@pytest.mark.parametrize(
    ("slow", "fast", "chosen"),
    [(1.0, 0.5, "bfloat16"), (1.0, 0.89, "bfloat16"), (1.0, 0.91, "float32"), (1.0, 1.0, "float32"), (1.0, 5.0, "float32")],
)
def test_bfloat16_must_be_a_tenth_faster(
    slow: float, fast: float, chosen: str, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gain within the noise of the measurement is none: float32 is kept."""
    seconds = {"float32": slow, "bfloat16": fast}
    monkeypatch.setattr(calibration, "_seconds_per_step", lambda config, images, device, precision: seconds[precision])

    assert calibration.fastest_precision(RunConfig(), digits.train.images) == chosen
