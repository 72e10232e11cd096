"""The preview of a data set: which images it shows, where they come from, and what a denoiser would
be given.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from autoencoder.config.datasets import DatasetInfo, ImageShape
from autoencoder.config.run_config import RunConfig
from autoencoder.data import loading
from autoencoder.data.dataset import Dataset
from autoencoder.networks import inference
from autoencoder.ui.train.data_preview import EACH, _made_of, _of_classes

NOISES = ["gaussian", "masking", "salt_and_pepper", "warp"]


@pytest.fixture
def some(digits: Dataset) -> np.ndarray:
    """A few images."""
    return digits.test.images[:20]


# Which images


def test_the_preview_shows_each_class_in_turn(digits: Dataset) -> None:
    """First the first image of every class, then the second ones, each image with its own label."""
    images, labels = _of_classes(
        digits.test.images, digits.test.labels, RunConfig(dataset="digits")
    )

    assert labels.tolist() == [*range(10)] * EACH
    for index in range(10):
        own = digits.test.images[digits.test.labels == index][:EACH]
        np.testing.assert_array_equal(images[labels == index], own)


def test_the_preview_shows_only_classes_kept(digits: Dataset) -> None:
    """A config of three classes previews those."""
    images, labels = _of_classes(
        digits.test.images, digits.test.labels, RunConfig(dataset="digits", classes=(7, 1, 4))
    )

    assert labels.tolist() == [1, 4, 7] * EACH
    assert len(images) == 3 * EACH


def test_images_without_classes_are_previewed_too() -> None:
    """The first ones; of a thousand classes those of the first twenty."""
    few, many = (
        DatasetInfo(
            title="Any",
            help="",
            shape=ImageShape(1, 8, 8),
            train=1_000,
            test=1_000,
            class_names=names,
            fingerprint="0" * 16,
        )
        for names in ((), tuple(map(str, range(1_000))))
    )
    images, labels = np.zeros((1_000, 1, 8, 8), np.uint8), np.arange(1_000)

    assert len(_of_classes(images, 0 * labels, RunConfig(dataset="any", added=few))[0]) == 30
    assert _of_classes(images, labels, RunConfig(dataset="any", added=many))[1].tolist() == [
        *range(20)
    ]


def test_a_class_with_few_images_shows_what_it_has() -> None:
    """One class has two images, one has none: the others are complete."""
    labels = np.array([0, 0, 0, 0, 1, 2, 1])
    images = np.arange(7, dtype=np.uint8)[:, None, None, None]
    shown, classes = _of_classes(images, labels, RunConfig(dataset="digits", classes=(0, 1, 3)))

    assert classes.tolist() == [0, 1, 0, 1, 0]
    assert shown.ravel().tolist() == [0, 4, 1, 6, 2]


def test_a_preview_of_no_images_is_empty() -> None:
    """Nothing to show is no error."""
    images, labels = _of_classes(
        np.zeros((0, 1, 8, 8), np.uint8), np.zeros(0, np.int64), RunConfig(dataset="digits")
    )

    assert images.shape == (0, 1, 8, 8)
    assert labels.shape == (0,)


# A look at a data set


def test_a_peek_gives_the_test_images(data_folder: Path, digits: Dataset) -> None:
    """A prepared data set's test images and labels, as they are when it is loaded."""
    test = loading.peek(RunConfig(dataset="digits"), data_folder)

    assert test is not None
    np.testing.assert_array_equal(test.images, digits.test.images)
    np.testing.assert_array_equal(test.labels, digits.test.labels)


def test_a_peek_fetches_and_writes_nothing(tmp_path: Path) -> None:
    """A data set that has not been prepared is not there, and its folder stays as it was."""
    assert loading.peek(RunConfig(dataset="digits"), tmp_path) is None
    assert loading.peek(RunConfig(dataset="mnist"), tmp_path / "missing") is None
    assert loading.peek(RunConfig(dataset="mnist_sample"), tmp_path) is not None
    assert list(tmp_path.iterdir()) == []


def test_a_peek_gives_the_images_that_come_with_the_package(tmp_path: Path) -> None:
    """They are those that a training is tested on, before anything has been prepared."""
    test = loading.peek(RunConfig(dataset="mnist_sample"), tmp_path)
    prepared = loading.prepare("mnist_sample", tmp_path).test

    assert test is not None
    np.testing.assert_array_equal(test.images, prepared.images)
    np.testing.assert_array_equal(test.labels, prepared.labels)
    assert test.labels.dtype == prepared.labels.dtype


@pytest.mark.parametrize(
    "damage", ["half", "no archive", "other images", "labels out of range", "pickled", "a folder"]
)
def test_a_peek_at_damaged_data_is_none(tmp_path: Path, digits: Dataset, damage: str) -> None:
    """Whatever is wrong with the file, it counts as not there."""
    path = tmp_path / "digits.npz"
    images, labels = digits.test.images, digits.test.labels
    changed = {
        "other images": {"test_images": images[:, :, :5], "test_labels": labels},
        "labels out of range": {"test_images": images, "test_labels": labels + 1},
        "pickled": {"test_images": np.array([{}], dtype=object), "test_labels": labels},
    }
    np.savez(path, **changed.get(damage, {"test_images": images, "test_labels": labels}))
    if damage == "half":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "no archive":
        path.write_text("nothing of the kind")
    elif damage == "a folder":
        path.unlink()
        path.mkdir()

    assert loading.peek(RunConfig(dataset="digits"), tmp_path) is None


# Corruption


def test_a_denoiser_trained_on_warps_is_given_warps(some: np.ndarray) -> None:
    """With hardly any noise its row shows what the row of warps does, and neither shows the images
    themselves.
    """
    config = RunConfig(dataset="digits", objective="denoising", noise_level=1e-6, augment=0.4)
    warped, given = _made_of(some, config).values()

    np.testing.assert_allclose(given, warped, atol=0.5 / 255 + 1e-4)
    assert np.abs(warped - some / 255).max() > 0.1


@pytest.mark.parametrize("noise", NOISES)
def test_corruption_repeats_with_its_seed(some: np.ndarray, noise: str) -> None:
    """The same seed gives the same noise, another seed other noise; either way pixels stay in [0,
    1].
    """
    first, again, other = (inference.corrupted(some, noise, 0.3, seed) for seed in (4, 4, 5))

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == some.shape
    assert 0 <= first.min() <= first.max() <= 1
    assert not np.array_equal(first, some / np.float32(255))


@pytest.mark.parametrize("noise", NOISES)
def test_corruption_leaves_torchs_generator_alone(some: np.ndarray, noise: str) -> None:
    """A preview drawn during other work does not change what that work draws next; nor does that
    change the preview.
    """
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = inference.corrupted(some, noise, 0.3)
    assert torch.equal(torch.get_rng_state(), before)

    torch.manual_seed(2)
    np.testing.assert_array_equal(inference.corrupted(some, noise, 0.3), first)


@pytest.mark.parametrize("noise", NOISES)
def test_visitors_do_not_mix_up_each_others_noise(digits: Dataset, noise: str) -> None:
    """Threads that corrupt images at the same time each get what their seed gives."""
    images, seeds = digits.test.images, range(40)
    expected = [inference.corrupted(images, noise, 0.3, seed) for seed in seeds]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda seed: inference.corrupted(images, noise, 0.3, seed), seeds))

    np.testing.assert_array_equal(found, expected)


def test_masking_hits_the_share_asked_for(some: np.ndarray) -> None:
    """About that share of the pixels is black, and the others are as they were."""
    clean = np.full_like(some, 200)
    masked = inference.corrupted(clean, "masking", 0.25)

    assert set(np.unique(masked)) == {0, np.float32(200 / 255)}
    assert (masked == 0).mean() == pytest.approx(0.25, abs=0.05)


def test_the_images_themselves_are_not_touched(some: np.ndarray) -> None:
    """Corruption works on a copy."""
    before = some.copy()
    inference.corrupted(some, "salt_and_pepper", 1.0)

    np.testing.assert_array_equal(some, before)
