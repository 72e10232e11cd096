"""Distance to the data: what counts as real, no bias for or against a way, and the same in
JavaScript.
"""

from collections.abc import Iterator

import numpy as np
import pytest

from autoencoder.analysis import distance_to_data
from autoencoder.analysis.distance_to_data import RealImages, typical_distance
from autoencoder.analysis.metrics import to_unit
from autoencoder.analysis.neighbours import Neighbours
from autoencoder.analysis.paths import middle, path
from autoencoder.data.dataset import Dataset
from tests.support.node import in_node
from tests.support.places import PACKAGE

FRAMES = 12
PAIRS = 60
COMPONENT = PACKAGE / "export/browser/interpolation"
GREYS = np.array([0, 51, 51, 255], np.uint8).reshape(4, 1, 1, 1)  # four images of one pixel


@pytest.fixture(scope="module")
def images(digits: Dataset) -> np.ndarray:
    """Real digits (M, C, H, W) uint8, in random order."""
    everything = np.concatenate([digits.train.images, digits.test.images])
    return everything[np.random.default_rng(0).permutation(len(everything))]


def far_pairs(images: np.ndarray) -> Iterator[tuple[int, int]]:
    """Pairs of images among the farthest tenth of random pairs."""
    one, two = np.random.default_rng(1).integers(0, len(images), (2, 10 * PAIRS))
    apart = np.square(to_unit(images[one]) - to_unit(images[two])).mean(axis=(1, 2, 3))
    farthest = np.argsort(-apart)[:PAIRS]
    return zip(one[farthest].tolist(), two[farthest].tolist(), strict=True)


def blend(ends: np.ndarray) -> np.ndarray:
    """Frames (F, C, H, W) in [0, 1] of a cross-fade between two images (2, C, H, W) uint8."""
    frames = path(to_unit(ends).reshape(2, -1), FRAMES, kind="linear")
    return frames.reshape(FRAMES, *ends.shape[1:])


# ---- No bias ----


def test_a_path_of_real_images_scores_the_yardstick(images: np.ndarray) -> None:
    """Frames that are real images, none of which is among the real ones but both ends, are as far
    from the data as real images are from each other: at the ends, and between them.
    """
    known, new = images[:1200], images[1200:]
    real, yardstick = RealImages(known), typical_distance(known, len(known))
    random, distances = np.random.default_rng(2), []
    for one, two in far_pairs(known):
        between = new[random.choice(len(new), FRAMES - 2, replace=False)]
        frames = np.concatenate([known[[one]], between, known[[two]]])
        distances.append(real.distances(to_unit(frames), without=known[[one, two]]))
    ends, inside = np.array(distances)[:, [0, -1]], np.array(distances)[:, 1:-1]

    assert np.median(inside) == pytest.approx(yardstick, rel=0.15)
    assert np.median(ends) == pytest.approx(yardstick, rel=0.3)


def test_a_blend_of_far_images_is_further_from_the_data_than_real_images(
    images: np.ndarray,
) -> None:
    """In each frame of its middle half a cross-fade of two digits that are far from each other is
    further from the data, in the mean, than real digits are from each other.
    """
    real, yardstick = RealImages(images), typical_distance(images, len(images))
    distances = np.array(
        [
            real.distances(blend(images[[one, two]]), without=images[[one, two]])
            for one, two in far_pairs(images)
        ]
    )
    inside = distances[:, middle(2, FRAMES)]

    assert (inside.mean(axis=0) > 1.2 * yardstick).all()


def test_no_way_gets_its_ends_for_nothing(images: np.ndarray) -> None:
    """With both ends among the real images a blend scores what it does without them, which is less
    wherever they would be the nearest: 0 at the ends themselves.
    """
    one, two = next(far_pairs(images))
    ends, frames = images[[one, two]], blend(images[[one, two]])
    others = np.delete(images, [one, two], axis=0)
    fair = RealImages(images).distances(frames, without=ends)
    biased = RealImages(images).distances(frames)

    np.testing.assert_allclose(fair, RealImages(others).distances(frames))
    assert biased[0] == biased[-1] == 0
    assert fair[0] > 0 and fair[-1] > 0
    assert (biased <= fair).all()


# ---- What counts ----


def test_copies_of_what_is_left_out_do_not_count() -> None:
    """An image that is left out is left out with its exact copies; one that is not real changes
    nothing.
    """
    frames = to_unit(GREYS)
    stranger = np.full((1, 1, 1, 1), 7, np.uint8)

    assert RealImages(GREYS).distances(frames, without=GREYS[1:2]) == pytest.approx(
        [0, 0.04, 0.04, 0]
    )
    assert RealImages(GREYS).distances(frames, without=stranger).tolist() == [0, 0, 0, 0]


def test_without_another_real_image_there_is_no_distance() -> None:
    """Where every real image is left out the distances are NaN, not an error."""
    assert np.isnan(RealImages(GREYS).distances(to_unit(GREYS), without=GREYS)).all()


def test_the_yardstick_is_the_median_to_the_nearest_other() -> None:
    """Known by hand for grey images of one pixel; a copy is no other image; one image has none."""
    assert typical_distance(GREYS, 4) == pytest.approx(0.04)
    assert typical_distance(GREYS[1:], 3) == pytest.approx(0.64)
    assert typical_distance(GREYS[[0, 1, 3]], 1) == pytest.approx(0.04)
    assert typical_distance(GREYS[:1], 4) == typical_distance(GREYS[1:3], 4) == 0


# ---- JavaScript ----


@pytest.mark.slow
@pytest.mark.parametrize("guess", [0, 3, 17])
def test_javascript_measures_the_same(images: np.ndarray, guess: int) -> None:
    """On real digits, with exact copies of an end among them, every frame of a blend has the same
    distance to 1e-5, whatever image is looked at first.
    """
    known = np.concatenate([images[:200], images[[3]]])
    ends = [3, 17]
    program = """
const images = { pixels: Uint8Array.from(pixels), count };
const without = withCopies(images, ends);
const found = frames.map((frame) =>
  nearestImage(Float32Array.from(frame), images, guess, without).mse);
console.log(JSON.stringify([[...without], found]));
"""
    left_out, found = in_node(
        program,
        (COMPONENT / "left_out.js", "withCopies"),
        (PACKAGE / "export/browser/latent_map.js", "nearestImage"),
        pixels=known.ravel().tolist(),
        count=len(known),
        ends=ends,
        frames=blend(known[ends]).reshape(FRAMES, -1).tolist(),
        guess=guess,
    )

    assert left_out == [3, 17, 200]
    np.testing.assert_allclose(
        found, RealImages(known).distances(blend(known[ends]), without=known[ends]), rtol=1e-5
    )


@pytest.mark.slow
def test_javascript_has_no_distance_either_without_another_image() -> None:
    """Where every test image is left out the browser finds none, and its distance is NaN."""
    program = """
const images = { pixels: Uint8Array.of(1, 2), count: 2 };
const { index, mse } = nearestImage(Float32Array.of(0.5), images, 0, new Set([0, 1]));
console.log(JSON.stringify([index, Number.isNaN(mse)]));
"""
    module = PACKAGE / "export/browser/latent_map.js"

    assert in_node(program, (module, "nearestImage")) == [-1, True]


def test_nearest_images_are_the_same_in_batches(
    images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at a few at a time, they are those of all at once."""
    queries = to_unit(images[:7])
    expected = Neighbours(to_unit(images[:300])).nearest(4, queries)
    monkeypatch.setattr(distance_to_data, "BATCH", 50 * images[0].size)
    places, distances = distance_to_data.nearest_images(images[:300], 4, queries)

    np.testing.assert_array_equal(places, expected[0])
    np.testing.assert_allclose(distances, expected[1], atol=1e-6)
