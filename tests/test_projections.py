"""PCA against scikit-learn's, names of projections, and layouts of latents that are few, flat, equal or not finite."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from autoencoder.datasets import Dataset
from autoencoder.errors import ProjectionError
from autoencoder.metrics import to_unit
from autoencoder.projections import METHODS, Projection, fit_pca, project

RNG = np.random.default_rng(0)
CLOUD = RNG.normal(size=(40, 4)).astype(np.float32)


@pytest.mark.parametrize("dimensions", [1, 2, 10])
def test_pca_is_scikit_learns(dimensions: int, digits: Dataset) -> None:
    """Mean, variances, and components up to their signs; encoding and decoding follow."""
    points = to_unit(digits.train.images[:300]).reshape(-1, 64)
    ours, theirs = fit_pca(points, dimensions), PCA(dimensions, svd_solver="full").fit(points)

    assert np.allclose(ours.mean, theirs.mean_, atol=1e-5)
    assert np.allclose(ours.variance, theirs.explained_variance_, rtol=1e-4)
    assert np.allclose(ours.variance / ours.total, theirs.explained_variance_ratio_, rtol=1e-3)
    assert np.allclose(np.abs((ours.components * theirs.components_).sum(axis=1)), 1, atol=1e-4)
    assert np.allclose(ours.decode(ours.encode(points)), theirs.inverse_transform(theirs.transform(points)), atol=1e-3)


def test_pca_reads_uint8_as_pixels(digits: Dataset) -> None:
    """uint8 images and the same in [0, 1] have the same components, whatever the images' shape."""
    images = digits.train.images
    whole, unit = fit_pca(images, 3), fit_pca(to_unit(images).reshape(len(images), -1), 3)

    assert np.allclose(whole.mean, unit.mean, atol=1e-6)
    assert np.allclose(whole.components, unit.components, atol=1e-4)
    assert np.allclose(whole.variance, unit.variance, rtol=1e-4)


def test_pca_is_summed_over_all_points() -> None:
    """More points than are summed at once count like any others."""
    points = np.random.default_rng(1).normal(size=(12_001, 3)) * [1, 2, 3] + [0, 5, np.pi]
    points[5_000:] *= 2
    found = fit_pca(points, 3)

    assert np.allclose(found.variance, PCA(3).fit(points).explained_variance_, rtol=1e-3)


def test_pca_has_no_more_components_than_pixels() -> None:
    """Asked for more, it gives all there are, which lose nothing."""
    points = CLOUD.reshape(40, 1, 2, 2)
    found = fit_pca(points, 9)

    assert found.components.shape == (4, 4)
    assert np.allclose(found.decode(found.encode(points)), CLOUD, atol=1e-5)


def test_pca_components_point_one_way() -> None:
    """The largest entry of each is positive, so that mirrored data gives the same axes and the same picture every time."""
    found, mirrored = fit_pca(CLOUD, 3), fit_pca(-CLOUD, 3)

    assert (found.components.max(axis=1) == np.abs(found.components).max(axis=1)).all()
    assert np.allclose(found.components, mirrored.components, atol=1e-5)


@pytest.mark.parametrize("points", [np.ones((5, 3)), np.ones((1, 3)), np.full((4, 3), 255, dtype=np.uint8)])
def test_pca_of_equal_points_has_no_variance(points: np.ndarray) -> None:
    """One point, or the same one many times, is a mean and nothing else."""
    found = fit_pca(points, 2)

    assert np.allclose(found.mean, 1)
    assert found.variance.tolist() == [0, 0]
    assert found.total == 0
    assert np.isfinite(found.components).all()


def projections() -> st.SearchStrategy[Projection]:
    """Any there is."""
    methods = st.sampled_from(["umap", "tsne"])
    return st.builds(Projection, methods, st.integers(2, 200), st.sampled_from([2, 3]), st.integers(0, 2**31 - 1))


@settings(deadline=None, database=None)
@given(projections())
def test_a_projections_name_carries_all_of_it(projection: Projection) -> None:
    """What is read from a name is what was named."""
    assert Projection.parse(projection.name) == projection


def test_a_name_by_hand() -> None:
    """Files of runs that exist are called this."""
    assert Projection("umap").name == "projection-umap-n15-d2-s0"
    assert Projection("tsne", 30, 3, 7).name == "projection-tsne-n30-d3-s7"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "pca"}, "method must be umap or tsne; got pca"),
        ({"method": "x" * 100}, f"method must be umap or tsne; got {'x' * 40}"),
        ({"neighbours": 1}, "neighbours must be from 2 to 200; got 1"),
        ({"neighbours": 201}, "neighbours must be from 2 to 200; got 201"),
        ({"neighbours": -5}, "neighbours must be from 2 to 200; got -5"),
        ({"dimensions": 1}, "dimensions must be 2 or 3; got 1"),
        ({"dimensions": 4}, "dimensions must be 2 or 3; got 4"),
        ({"seed": -1}, "seed must be from 0 to 2147483647; got -1"),
        ({"seed": 2**31}, "seed must be from 0 to 2147483647; got 2147483648"),
    ],
)
def test_a_projection_out_of_range_is_refused(options: dict[str, object], message: str) -> None:
    """By name, with the rule and the value."""
    with pytest.raises(ProjectionError) as caught:
        Projection(**{"method": "umap", **options})  # type: ignore[arg-type]

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "name",
    [
        *("", "train", "umap", "projection", "projection-umap", "projection-umap-n15-d2", "projection-umap-n15-d2-s"),
        *("projection-umap-n15-d2-s0.npz", " projection-umap-n15-d2-s0", "projection-umap-n15-d2-s0\n"),
        *("projection-umap-n-15-d2-s0", "projection-umap-n15-d22-s0", "projection-umap-n1500-d2-s0"),
        *("projection-../x-n15-d2-s0", "projection-pca-n15-d2-s0", "projection-umap-n1-d2-s0", "x" * 10_000),
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    """With a ProjectionError of one short line."""
    with pytest.raises(ProjectionError) as caught:
        Projection.parse(name)

    assert len(str(caught.value)) < 120


LAID_OUT: dict[str, np.ndarray] = {
    "a cloud": CLOUD,
    "one number each": CLOUD[:, :1],
    "as few as may be": CLOUD[:5],
    "duplicates": np.repeat(CLOUD[:2], 10, axis=0),
    "all but one the same": np.eye(20, 3, dtype=np.float32)[::-1] * [[0], *[[1]] * 19],
    "on a line": np.outer(np.arange(20), [1, 2, 3]),
    "one flat dimension": CLOUD * [1, 0, 1, 1],
    "float64": CLOUD[:10].astype(np.float64),
}


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("latents", LAID_OUT.values(), ids=LAID_OUT)
def test_tsne_lays_out_any_points(latents: np.ndarray, dimensions: int) -> None:
    """Few, flat or equal ones included: as many finite points as there were, the same every time."""
    projection = Projection("tsne", neighbours=30, dimensions=dimensions)  # more than many of these have
    points = project(latents, projection)

    assert (points.shape, points.dtype) == ((len(latents), dimensions), np.float32)
    assert np.isfinite(points).all()
    assert np.ptp(points) > 0
    assert np.array_equal(project(latents, projection), points)


def test_the_seed_changes_a_random_start() -> None:
    """One number each leaves no principal axes to start from: the seed draws the start."""
    one, other = (project(CLOUD[:, :1], Projection("tsne", seed=seed)) for seed in (0, 1))

    assert not np.allclose(one, other)


def test_tsne_keeps_clusters_together() -> None:
    """Two far clusters stay two: each point's nearest is of its own cluster."""
    latents = np.concatenate([CLOUD[:20], CLOUD[20:] + 100])
    points = project(latents, Projection("tsne", neighbours=5))
    distances = np.linalg.norm(points[:, None] - points, axis=2) + np.diag(np.full(40, np.inf))

    assert ((distances.argmin(axis=1) < 20) == (np.arange(40) < 20)).all()


def _with(value: float) -> np.ndarray:
    latents = CLOUD.copy()
    latents[3, 1] = value
    return latents


UNFIT: dict[str, tuple[Callable[[], np.ndarray], str]] = {
    "none": (lambda: CLOUD[:0], "needs at least 5 points; got 0"),
    "four": (lambda: CLOUD[:4], "needs at least 5 points; got 4"),
    "undefined": (lambda: _with(np.nan), "needs finite latents; some of these are infinite or undefined"),
    "infinite": (lambda: _with(np.inf), "needs finite latents; some of these are infinite or undefined"),
    "constant": (lambda: np.full((30, 2), 0.7), "has nothing to lay out: all 30 latents are the same point"),
}


@pytest.mark.parametrize("method", ["umap", "tsne"])
@pytest.mark.parametrize(("latents", "message"), UNFIT.values(), ids=UNFIT)
def test_latents_that_cannot_be_laid_out_are_refused(latents: Callable[[], np.ndarray], message: str, method: str) -> None:
    """Before a library sees them, which might end the process; in a sentence that names the method as pages do."""
    with pytest.raises(ProjectionError) as caught:
        project(latents(), Projection(method))

    assert str(caught.value) == f"{METHODS[method]} {message}"


@pytest.mark.slow
@pytest.mark.parametrize(("latents", "dimensions"), [(CLOUD, 2), (CLOUD[:5, :1], 3)], ids=["a cloud", "few of one number"])
def test_umap_lays_out_any_points(latents: np.ndarray, dimensions: int) -> None:
    """With more neighbours asked for than there are, and fewer points than a spectral start needs; the same every time."""
    projection = Projection("umap", neighbours=50, dimensions=dimensions)
    points = project(latents, projection)

    assert (points.shape, points.dtype) == ((len(latents), dimensions), np.float32)
    assert np.isfinite(points).all()
    assert np.ptp(points) > 0
    assert np.array_equal(project(latents, projection), points)


FAR_OUT = {
    "tiny": "np.eye(50, 2) * 1e-30",
    "tiny cloud": "np.random.default_rng(0).normal(size=(50, 3)) * 1e-25",
    "denormal": "np.eye(50, 2) * 1e-44",
    "large": "np.random.default_rng(0).normal(size=(50, 3)) * 1e19",
    "huge": "np.random.default_rng(0).normal(size=(50, 3)) * 1e37",
}


@pytest.mark.slow
@pytest.mark.parametrize("latents", FAR_OUT.values(), ids=FAR_OUT)
def test_tsne_lays_out_latents_of_any_scale(latents: str) -> None:
    """Squares that over- or underflow end the process in scikit-learn's t-SNE; hence a process of its own."""
    code = (
        "import numpy as np; from autoencoder.projections import Projection, project\n"
        f"print(np.isfinite(project({latents}, Projection('tsne'))).all())"
    )
    child = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (child.returncode, child.stdout.strip()) == (0, "True"), child.stderr


@pytest.mark.parametrize(
    "name", ["projection-umap-n015-d2-s0", "projection-umap-n15-d2-s00", "projection-umap-n\u0661\u0665-d2-s0"]
)
def test_a_second_name_of_a_projection_is_refused(name: str) -> None:
    """One projection, one file."""
    with pytest.raises(ProjectionError):
        Projection.parse(name)


@pytest.mark.parametrize(
    "options",
    [{"neighbours": 15.5}, {"neighbours": "15"}, {"dimensions": 2.0}, {"seed": True}, {"seed": None}, {"method": None}],
)
def test_a_projection_of_wrong_types_is_refused(options: Any) -> None:
    """Its name could not be read back."""
    with pytest.raises(ProjectionError):
        Projection(**{"method": "umap", **options})


def test_pca_encodes_uint8_as_it_was_fitted(digits: Dataset) -> None:
    """uint8 images and the same in [0, 1] have the same codes."""
    found = fit_pca(digits.train.images, 3)

    assert np.allclose(found.encode(digits.test.images), found.encode(to_unit(digits.test.images)), atol=1e-4)
