"""The film of a training: which epochs become frames, when they are read, and how points are laid
out and aligned.
"""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from autoencoder.analysis.projections import align, fit_pca
from autoencoder.config.run_config import RunConfig
from autoencoder.export.training_film import MOST_FRAMES, thinned
from autoencoder.runs import Run, RunStore, RunWriter, files
from autoencoder.ui.train import epoch_frames as module
from autoencoder.ui.train.epoch_frames import epoch_frames
from tests.support.configs import DEEP, TINY

IMAGES = 4  # test images of a made-up run
LINEAR = RunConfig(dataset="digits", network="linear", train_size=64, batch_size=32)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Films are cached per run's key and moment of creation, which two tests may share."""
    st.cache_resource.clear()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The epochs whose snapshots have been read since it was last cleared."""
    seen: list[int] = []
    snapshot = Run.snapshot
    monkeypatch.setattr(
        Run, "snapshot", lambda self, epoch: seen.append(epoch) or snapshot(self, epoch)
    )
    return seen


def started(folder: Path, config: RunConfig, images: int = IMAGES) -> Run:
    """A run that has its test images and no epoch yet."""
    store = RunStore(folder)
    assert store.claim(config, "stopped")
    pixels = np.zeros((images, *config.shape), np.uint8)
    RunWriter(folder / config.key).test_images(pixels, np.arange(images) % 10)
    return store.get(config.key)


def add(run: Run, epoch: int, latents: np.ndarray | None = None) -> np.ndarray:
    """Write the snapshot of an epoch; returns its latents."""
    if latents is None:
        latents = np.random.default_rng(epoch).normal(size=(IMAGES, run.config.latent_dim))
    (run.folder / "snapshots").mkdir(exist_ok=True)
    reconstructions = np.full((min(16, len(latents)), *run.config.shape), epoch % 256, np.uint8)
    arrays = {"latents": latents.astype(np.float16), "reconstructions": reconstructions}
    files.write_arrays(run.folder / "snapshots" / f"{epoch:04d}.npz", arrays)
    return latents.astype(np.float16)


def epochs(run: Run) -> list[int]:
    """Which epochs the film shows."""
    return [frame.epoch for frame in epoch_frames(run)]


# Frames


@pytest.mark.parametrize("config", [TINY, DEEP], ids=["two dimensions", "five"])
def test_a_trained_run_has_a_frame_for_each_epoch(store: RunStore, config: RunConfig) -> None:
    """Each with the places of all test images on the map, and what came back of the first of
    them.
    """
    run = store.get(config.key)
    frames = epoch_frames(run)

    assert [frame.epoch for frame in frames] == [1, 2]
    for frame in frames:
        assert frame.points.shape == (360, 2)
        assert frame.points.dtype == np.float32
        assert np.isfinite(frame.points).all()
        np.testing.assert_array_equal(
            frame.reconstructions, run.snapshot(frame.epoch).reconstructions
        )


def test_a_run_without_an_epoch_has_no_frames(tmp_path: Path) -> None:
    """Before the first epoch is done there is nothing to show, and no test images are needed."""
    RunStore(tmp_path).claim(LINEAR, "stopped")

    assert epoch_frames(RunStore(tmp_path).get(LINEAR.key)) == []


@pytest.mark.parametrize(
    ("total", "every"),
    [(MOST_FRAMES, 1), (MOST_FRAMES + 1, 2), (2 * MOST_FRAMES, 2), (1_000, 9), (10_000, 84)],
)
def test_long_trainings_are_thinned_evenly(total: int, every: int) -> None:
    """The first epoch, every so many, and the newest: about as many frames as there may be, at
    every moment.
    """
    for done in {1, 2, every, total // 2, total - 1, total}:
        kept = thinned(range(1, done + 1), total)
        assert (kept[0], kept[-1]) == (1, done)
        assert kept == sorted({1, *range(every, done + 1, every), done})
        assert len(kept) <= MOST_FRAMES + 2


def test_a_finished_training_uses_most_of_the_film() -> None:
    """Thinning is no stronger than it must be: more than half of the frames there may be are
    there.
    """
    for total in (MOST_FRAMES, MOST_FRAMES + 1, 500, 10_000):
        assert len(thinned(range(1, total + 1), total)) > MOST_FRAMES / 2


def test_a_film_grows_without_reading_again(tmp_path: Path, reads: list[int]) -> None:
    """A new epoch is read once; what was there before is the very same frame."""
    run = started(tmp_path, LINEAR)
    add(run, 1)
    add(run, 2)
    before = epoch_frames(run)
    assert reads == [1, 2]

    add(run, 3)
    after = epoch_frames(run)
    assert reads == [1, 2, 3]
    assert all(one is other for one, other in zip(before, after, strict=False))
    assert [frame.epoch for frame in epoch_frames(run)] == [1, 2, 3]
    assert reads == [1, 2, 3]


def test_a_film_that_does_not_grow_reads_no_test_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking again while an epoch is on its way touches no large file."""
    run = started(tmp_path, LINEAR)
    add(run, 1)
    shown = epoch_frames(run)
    (run.folder / "evaluation.npz").unlink()

    assert epoch_frames(run) == shown


def test_a_thinned_film_shows_the_newest_and_drops_it_later(
    tmp_path: Path, reads: list[int]
) -> None:
    """In a run of 300 epochs every third stays; the newest is there while it is the newest."""
    run = started(tmp_path, replace(LINEAR, epochs=300))
    shown = []
    for epoch in range(1, 8):
        add(run, epoch)
        shown.append(epochs(run))

    assert shown == [[1], [1, 2], [1, 3], [1, 3, 4], [1, 3, 5], [1, 3, 6], [1, 3, 6, 7]]
    assert reads == [1, 2, 3, 4, 5, 6, 7]


def test_a_run_taken_back_is_read_again(tmp_path: Path, reads: list[int]) -> None:
    """A training that went on from an earlier epoch shows what it does now, not what it did
    before.
    """
    run = started(tmp_path, LINEAR)
    for epoch in (1, 2, 3):
        add(run, epoch)
    epoch_frames(run)
    reads.clear()
    (run.folder / "snapshots" / "0003.npz").unlink()
    other = add(run, 2, np.full((IMAGES, 2), 5.0))
    frames = epoch_frames(run)

    assert [frame.epoch for frame in frames] == reads == [1, 2]
    np.testing.assert_array_equal(frames[1].points, other)


def test_a_run_trained_anew_has_a_film_of_its_own(tmp_path: Path) -> None:
    """A run that was deleted and claimed again at another moment does not show the frames of the
    first.
    """
    run = started(tmp_path, LINEAR)
    add(run, 1)
    epoch_frames(run)
    again = replace(run, record=replace(run.record, created="2001-01-01T00:00:00+00:00"))
    other = add(run, 1, np.full((IMAGES, 2), 5.0))

    np.testing.assert_array_equal(epoch_frames(again)[0].points, other)
    assert module.name_of(run) != module.name_of(again)


# Points


def test_latents_of_two_numbers_are_places(tmp_path: Path) -> None:
    """They are drawn where they are, neither turned nor centred."""
    run = started(tmp_path, LINEAR)
    latents = add(run, 1)

    np.testing.assert_array_equal(epoch_frames(run)[0].points, latents)


def test_latents_of_one_number_are_spread_by_class(tmp_path: Path) -> None:
    """Across lies the latent, upwards the class, in a tenth of the latents' span each."""
    run = started(tmp_path, replace(LINEAR, latent_dim=1), images=20)
    latents = add(run, 1, np.linspace(-3, 7, 20)[:, None])
    points = epoch_frames(run)[0].points

    np.testing.assert_array_equal(points[:, 0], latents[:, 0])
    np.testing.assert_allclose(points[:, 1], np.tile(np.arange(10), 2), rtol=1e-3)


def test_equal_latents_of_one_number_stay_finite(tmp_path: Path) -> None:
    """A network that encodes everything alike gives points all the same, in different classes'
    places.
    """
    run = started(tmp_path, replace(LINEAR, latent_dim=1))
    add(run, 1, np.ones((IMAGES, 1)))
    points = epoch_frames(run)[0].points

    assert np.isfinite(points).all()
    assert len(np.unique(points[:, 1])) == IMAGES


def test_larger_latents_show_their_widest_plane(tmp_path: Path) -> None:
    """Of five numbers of which two vary, the map shows those two: distances between points are
    those between latents.
    """
    run = started(tmp_path, replace(LINEAR, latent_dim=5), images=30)
    latents = np.zeros((30, 5))
    latents[:, [1, 3]] = np.random.default_rng(0).normal(size=(30, 2)) * [3, 1]
    latents = add(run, 1, latents).astype(np.float32)

    np.testing.assert_allclose(
        distances(epoch_frames(run)[0].points), distances(latents), atol=1e-3
    )


def distances(points: np.ndarray) -> np.ndarray:
    """Between all pairs of points."""
    return np.linalg.norm(points[:, None] - points[None], axis=2)


def wander(frames: list[np.ndarray]) -> float:
    """How far points move from frame to frame, on the whole."""
    return float(
        sum(np.linalg.norm(after - before, axis=1).mean() for before, after in pairwise(frames))
    )


def test_frames_are_aligned_so_that_points_travel(tmp_path: Path) -> None:
    """Where two directions change places as the widest, PCA alone would turn the whole map; the
    film does not.
    """
    run = started(tmp_path, replace(LINEAR, latent_dim=3), images=50)
    random = np.random.default_rng(0).normal(size=(50, 3))
    apart = (
        7 * np.linalg.qr(random - random.mean(axis=0))[0]
    )  # three directions that have nothing in common
    latents = [
        add(run, epoch, apart * [1 + 0.02 * epoch, 1.21 - 0.02 * epoch, 0.1])
        for epoch in range(1, 11)
    ]
    aligned = [frame.points for frame in epoch_frames(run)]
    alone = [
        fit_pca(each.astype(np.float32), 2).encode(each.astype(np.float32)) for each in latents
    ]

    assert wander(aligned) < 0.5 * wander(alone)
    for one, other in zip(aligned, alone, strict=True):
        np.testing.assert_allclose(distances(one), distances(other), atol=1e-3)


# Alignment


@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_and_mirrored_set_is_turned_back(dimensions: int, mirrored: bool) -> None:
    """Points that differ from the reference by a turn or a mirror only come to lie on it
    exactly.
    """
    random = np.random.default_rng(dimensions)
    reference = random.normal(size=(40, dimensions))
    reference -= reference.mean(axis=0)
    turn, _ = np.linalg.qr(random.normal(size=(dimensions, dimensions)))
    if (np.linalg.det(turn) < 0) != mirrored:
        turn[:, 0] *= -1

    np.testing.assert_allclose(align(reference @ turn, reference), reference, atol=1e-12)


def test_aligning_moves_nothing_against_anything_else() -> None:
    """Distances between points, and their mean, are what they were, whatever the reference."""
    random = np.random.default_rng(1)
    points, reference = random.normal([5, -3], size=(30, 2)), random.normal(100, 4, size=(30, 2))
    aligned = align(points, reference)

    np.testing.assert_allclose(distances(aligned), distances(points))
    np.testing.assert_allclose(aligned.mean(axis=0), points.mean(axis=0))


def test_no_turn_comes_nearer_than_the_alignment() -> None:
    """Of 360 turns and their mirror images none leaves a smaller squared distance to the
    reference.
    """
    random = np.random.default_rng(2)
    points, reference = (
        values - values.mean(axis=0)
        for values in (random.normal(size=(20, 2)), random.normal(size=(20, 2)))
    )
    best = np.square(align(points, reference) - reference).sum()
    angles = np.radians(np.arange(360))
    turns = [
        np.array([[np.cos(a), -np.sin(a)], [sign * np.sin(a), sign * np.cos(a)]])
        for a in angles
        for sign in (1, -1)
    ]
    others = [np.square(points @ turn - reference).sum() for turn in turns]

    assert best <= min(others) + 1e-9
    assert best < np.square(points - reference).sum()


def test_points_all_in_one_place_can_be_aligned() -> None:
    """A collapsed frame, before or after, gives finite points."""
    spread, alike = np.random.default_rng(3).normal(size=(10, 2)), np.ones((10, 2))

    assert np.isfinite(align(alike, spread)).all()
    assert np.isfinite(align(spread, alike)).all()
