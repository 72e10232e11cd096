"""PCA against scikit-learn's, names of projections, layouts of points that are few, flat or not
finite, new latents on maps.
"""

import hashlib
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import linalg
from sklearn.decomposition import PCA

from autoencoder.analysis.clustering.faithfulness import continuity, trustworthiness
from autoencoder.analysis.metrics import neighbour_accuracy, to_unit
from autoencoder.analysis.projections import (
    fit_pca,
    is_randomised,
    pca,
    pixel_space,
    project,
    umap_steps,
)
from autoencoder.analysis.projections.descent import curve, start
from autoencoder.analysis.projections.fuzzy_graph import fuzzy_graph
from autoencoder.analysis.projections.steps import CrossEntropy, frame_epochs
from autoencoder.config.projections import PROJECTIONS, ProjectionSettings
from autoencoder.data.dataset import Dataset
from autoencoder.errors import ProjectionError
from tests.support.places import ROOT

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
    assert np.allclose(
        ours.decode(ours.encode(points)),
        theirs.inverse_transform(theirs.transform(points)),
        atol=1e-3,
    )


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
    """The largest entry of each is positive, so that mirrored data gives the same axes and the same
    picture every time.
    """
    found, mirrored = fit_pca(CLOUD, 3), fit_pca(-CLOUD, 3)

    assert (found.components.max(axis=1) == np.abs(found.components).max(axis=1)).all()
    assert np.allclose(found.components, mirrored.components, atol=1e-5)


@pytest.mark.parametrize(
    "points", [np.ones((5, 3)), np.ones((1, 3)), np.full((4, 3), 255, dtype=np.uint8)]
)
def test_pca_of_equal_points_has_no_variance(points: np.ndarray) -> None:
    """One point, or the same one many times, is a mean and nothing else."""
    found = fit_pca(points, 2)

    assert np.allclose(found.mean, 1)
    assert found.variance.tolist() == [0, 0]
    assert found.total == 0
    assert np.isfinite(found.components).all()


def projected(points: np.ndarray, how: ProjectionSettings, *say: Any) -> np.ndarray:
    """The points of a projection."""
    return project(points, how, *say).points


def formed(points: np.ndarray, how: ProjectionSettings, *say: Any) -> np.ndarray:
    """The points of a projection by our own implementation, after its last step."""
    *_, last = umap_steps(points, how, *say)
    return last.points


def projections() -> st.SearchStrategy[ProjectionSettings]:
    """Any there is."""
    spaces = st.sampled_from(["latents", "pixels"])
    near = st.integers(0, 100).map(lambda hundredths: hundredths / 100)
    rest = (st.integers(2, 200), st.sampled_from([2, 3]), st.integers(0, 2**31 - 1))
    return st.one_of(
        st.builds(ProjectionSettings, st.just("umap"), *rest, near, st.integers(5, 10_000), spaces),
        st.builds(
            ProjectionSettings, st.just("tsne"), *rest, points=st.integers(5, 10_000), space=spaces
        ),
    )


@settings(deadline=None, database=None)
@given(projections())
def test_a_projections_name_carries_all_of_it(projection: ProjectionSettings) -> None:
    """What is read from a name is what was named."""
    assert ProjectionSettings.parse(projection.name) == projection


def test_a_name_by_hand() -> None:
    """Files of runs that exist are called this."""
    assert ProjectionSettings("umap").name == "projection-umap-n15-d2-s0"
    assert ProjectionSettings("tsne", 30, 3, 7).name == "projection-tsne-n30-d3-s7"
    assert (
        ProjectionSettings("umap", min_dist=0.1, points=5_000, space="latents").name
        == "projection-umap-n15-d2-s0"
    )


def test_a_name_grows_with_what_is_unusual() -> None:
    """What differs from the defaults follows in a fixed order, min_dist in hundredths."""
    whole = ProjectionSettings("umap", min_dist=0.25, points=1_000, space="pixels")

    assert whole.name == "projection-umap-n15-d2-s0-m25-p1000-pixels"
    assert ProjectionSettings("umap", min_dist=0).name == "projection-umap-n15-d2-s0-m0"
    assert ProjectionSettings("tsne", space="pixels").name == "projection-tsne-n15-d2-s0-pixels"


@settings(deadline=None, database=None)
@given(
    st.from_regex(r"projection-[a-z]{0,5}(-[a-z]?[0-9]{0,5}){0,6}(-[a-z]{0,6})?", fullmatch=True)
    | st.text()
)
def test_a_random_name_is_refused_or_canonical(name: str) -> None:
    """Nothing but the one name of a projection is read as one."""
    try:
        assert ProjectionSettings.parse(name).name == name
    except ProjectionError:
        pass


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "x" * 100}, f"method must be latents, pca, umap or tsne; got {'x' * 40}"),
        (
            {"method": "pca", "neighbours": 9},
            "neighbours is for umap and tsne alone; got 9 for pca",
        ),
        ({"neighbours": 1}, "neighbours must be from 2 to 200; got 1"),
        ({"neighbours": 201}, "neighbours must be from 2 to 200; got 201"),
        ({"neighbours": -5}, "neighbours must be from 2 to 200; got -5"),
        ({"dimensions": 1}, "dimensions must be 2 or 3; got 1"),
        ({"dimensions": 4}, "dimensions must be 2 or 3; got 4"),
        ({"seed": -1}, "seed must be from 0 to 2147483647; got -1"),
        ({"seed": 2**31}, "seed must be from 0 to 2147483647; got 2147483648"),
        ({"points": 4}, "points must be from 5 to 10,000; got 4"),
        ({"points": 10_001}, "points must be from 5 to 10,000; got 10001"),
        ({"space": "images"}, "space must be latents or pixels; got images"),
        ({"min_dist": -0.01}, "min_dist must be from 0 to 1 in hundredths; got -0.01"),
        ({"min_dist": 1.01}, "min_dist must be from 0 to 1 in hundredths; got 1.01"),
        ({"min_dist": 0.125}, "min_dist must be from 0 to 1 in hundredths; got 0.125"),
        ({"min_dist": float("nan")}, "min_dist must be from 0 to 1 in hundredths; got nan"),
        ({"method": "tsne", "min_dist": 0.2}, "min_dist is for umap alone; got 0.2 for tsne"),
    ],
)
def test_a_projection_out_of_range_is_refused(options: dict[str, object], message: str) -> None:
    """By name, with the rule and the value."""
    with pytest.raises(ProjectionError) as caught:
        ProjectionSettings(**{"method": "umap", **options})  # type: ignore[arg-type]

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            "train",
            "umap",
            "projection",
            "projection-umap",
            "projection-umap-n15-d2",
            "projection-umap-n15-d2-s",
        ),
        *(
            "projection-umap-n15-d2-s0.npz",
            " projection-umap-n15-d2-s0",
            "projection-umap-n15-d2-s0\n",
        ),
        *(
            "projection-umap-n-15-d2-s0",
            "projection-umap-n15-d22-s0",
            "projection-umap-n1500-d2-s0",
        ),
        *(
            "projection-umap-n15-d2-s0-m10",
            "projection-umap-n15-d2-s0-m101",
            "projection-umap-n15-d2-s0-m05",
        ),
        *(
            "projection-umap-n15-d2-s0-p5000",
            "projection-umap-n15-d2-s0-p4",
            "projection-umap-n15-d2-s0-latents",
        ),
        *(
            "projection-umap-n15-d2-s0-p1000-m25",
            "projection-umap-n15-d2-s0-pixels-p1000",
            "projection-umap-n15-d2-s0-",
        ),
        *(
            "projection-tsne-n15-d2-s0-m25",
            "projection-umap-n15-d2-s0-x",
            "projection-umap-n15-d2-s0-pixels-pixels",
        ),
        *(
            "projection-../x-n15-d2-s0",
            "projection-pca-n15-d2-s0",
            "projection-umap-n1-d2-s0",
            "x" * 10_000,
        ),
    ],
)
def test_what_is_no_name_is_refused(name: str) -> None:
    """With a ProjectionError of one short line."""
    with pytest.raises(ProjectionError) as caught:
        ProjectionSettings.parse(name)

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
    """Few, flat or equal ones included: as many finite points as there were, the same every
    time.
    """
    projection = ProjectionSettings(
        "tsne", neighbours=30, dimensions=dimensions
    )  # more than many of these have
    points = projected(latents, projection)

    assert (points.shape, points.dtype) == ((len(latents), dimensions), np.float32)
    assert np.isfinite(points).all()
    assert np.ptp(points) > 0
    assert np.array_equal(projected(latents, projection), points)


def test_the_seed_changes_a_random_start() -> None:
    """One number each leaves no principal axes to start from: the seed draws the start."""
    one, other = (projected(CLOUD[:, :1], ProjectionSettings("tsne", seed=seed)) for seed in (0, 1))

    assert not np.allclose(one, other)


WAYS = {  # to lay points out: a method, and how it does
    "t-SNE": ("tsne", projected),
    "UMAP": ("umap", projected),
    "UMAP, step by step": ("umap", formed),
}


@pytest.mark.parametrize(("method", "lay_out"), WAYS.values(), ids=WAYS)
def test_clusters_keep_together(method: str, lay_out: Callable[..., np.ndarray]) -> None:
    """Two far clusters stay two, even if no edge joins them: each point's nearest is of its own."""
    latents = np.concatenate([CLOUD[:20], CLOUD[20:] + 100])
    points = lay_out(latents, ProjectionSettings(method, neighbours=5))
    distances = np.linalg.norm(points[:, None] - points, axis=2) + np.diag(np.full(40, np.inf))

    assert ((distances.argmin(axis=1) < 20) == (np.arange(40) < 20)).all()


def _with(value: float) -> np.ndarray:
    latents = CLOUD.copy()
    latents[3, 1] = value
    return latents


UNFIT: dict[str, tuple[Callable[[], np.ndarray], str]] = {
    "none": (lambda: CLOUD[:0], "needs at least 5 points; got 0"),
    "four": (lambda: CLOUD[:4], "needs at least 5 points; got 4"),
    "undefined": (
        lambda: _with(np.nan),
        "needs finite numbers; some of these are infinite or undefined",
    ),
    "infinite": (
        lambda: _with(np.inf),
        "needs finite numbers; some of these are infinite or undefined",
    ),
    "constant": (
        lambda: np.full((30, 2), 0.7),
        "has nothing to lay out: all 30 are the same point",
    ),
}


@pytest.mark.parametrize(("method", "lay_out"), WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(("latents", "message"), UNFIT.values(), ids=UNFIT)
def test_latents_that_cannot_be_laid_out_are_refused(
    latents: Callable[[], np.ndarray],
    message: str,
    method: str,
    lay_out: Callable[..., np.ndarray],
) -> None:
    """Before a library sees them, which might end the process; in a sentence that names the method
    as pages do.
    """
    with pytest.raises(ProjectionError) as caught:
        lay_out(latents(), ProjectionSettings(method))

    assert str(caught.value) == f"{PROJECTIONS[method].title} {message}"


@pytest.mark.slow
@pytest.mark.parametrize("lay_out", [projected, formed], ids=["umap-learn", "step by step"])
@pytest.mark.parametrize(("name", "dimensions"), list(zip(LAID_OUT, [2, 3] * 4, strict=True)))
def test_umap_lays_out_any_points(
    name: str, dimensions: int, lay_out: Callable[..., np.ndarray]
) -> None:
    """With more neighbours asked for than there are, in pieces, or too few for eigenvectors; the
    same every time.
    """
    latents, projection = (
        LAID_OUT[name],
        ProjectionSettings("umap", neighbours=12, dimensions=dimensions),
    )
    points = lay_out(latents, projection)

    assert (points.shape, points.dtype) == ((len(latents), dimensions), np.float32)
    assert np.isfinite(points).all()
    assert np.ptp(points) > 0
    assert np.array_equal(lay_out(latents, projection), points)


def test_umap_is_umap_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is handed our exact neighbours, our start, the settings and the seed; the projection names
    the library.
    """
    import umap

    given: dict[str, Any] = {}

    class Model:
        def __init__(self, **options: Any) -> None:
            given.update(options)

        def fit_transform(self, points: np.ndarray) -> np.ndarray:
            return np.ones((len(points), given["n_components"]))

    monkeypatch.setattr(umap, "UMAP", Model)
    made = project(CLOUD, ProjectionSettings("umap", 7, 3, seed=5, min_dist=0.25))
    indices, distances = given["precomputed_knn"][:2]
    between = np.linalg.norm(CLOUD[:, None] - CLOUD, axis=2)

    assert made.library == "umap-learn" and made.about.startswith(
        "UMAP by umap-learn, neighbours 7"
    )
    assert (made.points == 1).all() and made.points.shape == (40, 3)
    assert (given["n_neighbors"], given["min_dist"], given["random_state"]) == (7, 0.25, 5)
    assert np.array_equal(indices, np.argsort(between, axis=1)[:, :7])
    ratios = distances[:, 1:] / np.sort(between, axis=1)[:, 1:7]
    assert np.allclose(ratios, ratios[0, 0], rtol=1e-5)
    assert given["init"].shape == (40, 3) and np.ptp(given["init"], axis=0) == pytest.approx(10)


def test_a_missing_umap_learn_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package, the error says what is missing and how to get it."""
    monkeypatch.setitem(sys.modules, "umap", None)

    with pytest.raises(ProjectionError) as caught:
        project(CLOUD, ProjectionSettings("umap"))

    assert str(caught.value).startswith(
        "UMAP needs the package umap-learn, which cannot be imported"
    )
    assert str(caught.value).endswith("install it with: pip install umap-learn")


def test_umap_goes_step_by_step() -> None:
    """From the start to the last epoch in at most 40 steps, most of them early, and fewer for many
    points; the loss ends below where it begins.
    """
    steps = list(umap_steps(CLOUD, ProjectionSettings("umap", 7)))
    epochs = [step.epoch for step in steps]

    assert epochs == frame_epochs(80) and len(epochs) == 40
    assert (epochs[0], epochs[-1]) == (0, 500) and np.diff(epochs)[:10].max() < 20
    assert len(frame_epochs(20_000)) == 20
    assert all(step.points.shape == (40, 2) for step in steps)
    assert not np.array_equal(steps[-1].points, steps[-2].points)
    assert 0 < steps[-1].loss < steps[0].loss


def test_the_loss_is_the_cross_entropy() -> None:
    """Edge by edge as its formula says: near neighbours cost little, near others much."""
    graph, (a, b) = fuzzy_graph(CLOUD, 5), curve(0.1)
    points = RNG.normal(size=(40, 2))
    drawn = np.random.default_rng(3)
    loss = CrossEntropy(graph, (a, b), np.random.default_rng(3))(points)

    edges = graph.tocoo()
    order = drawn.permutation(edges.nnz)
    others = drawn.integers(40, size=(5, edges.nnz))
    expected = 0.0
    for place, edge in enumerate(order):
        head, tail, weight = edges.row[edge], edges.col[edge], edges.data[edge]
        near = 1 / (1 + a * (((points[head] - points[tail]) ** 2).sum() + 1e-3) ** b)
        expected -= weight * np.log(near)
        for other in others[:, place][others[:, place] != head]:
            far = 1 / (1 + a * (((points[head] - points[other]) ** 2).sum() + 1e-3) ** b)
            expected -= weight * np.log(1 - far)
    assert loss == pytest.approx(expected / edges.data.sum(), rel=1e-4)


UMAP_LEARN = pytest.mark.filterwarnings(
    "ignore:Tensorflow not installed:ImportWarning"
)  # it tells this when it is imported


@pytest.mark.slow
@UMAP_LEARN
@pytest.mark.parametrize(
    ("name", "neighbours"),
    [("a cloud", 15), ("a cloud", 2), ("as few as may be", 4), ("duplicates", 5)],
)
def test_umaps_graph_is_umap_learns(name: str, neighbours: int) -> None:
    """Weight by weight, doubles and the fewest neighbours there may be included."""
    from umap.umap_ import fuzzy_simplicial_set

    points = LAID_OUT[name].astype(np.float32)
    distances = np.linalg.norm(points[:, None] - points, axis=2) - 2 * np.eye(
        len(points)
    )  # itself is always the first
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :neighbours]
    known = {
        "knn_indices": nearest,
        "knn_dists": np.maximum(np.take_along_axis(distances, nearest, axis=1), 0),
    }
    theirs = fuzzy_simplicial_set(
        points, neighbours, np.random.RandomState(0), "euclidean", **known
    )[0]

    ours = fuzzy_graph(points, neighbours)
    if name != "duplicates":  # any of the equally near will do
        assert np.abs((ours - theirs).toarray()).max() < 1e-5
    assert ours.sum() == pytest.approx(theirs.sum(), rel=1e-5)


@pytest.mark.slow
@UMAP_LEARN
@pytest.mark.parametrize("min_dist", [0.0, 0.1, 1.0])
def test_umaps_curve_is_umap_learns(min_dist: float) -> None:
    """The same a and b of the same distance."""
    from umap.umap_ import find_ab_params

    assert curve(min_dist) == pytest.approx(find_ab_params(1.0, min_dist), rel=1e-3)


@pytest.mark.slow
@UMAP_LEARN
@pytest.mark.parametrize("neighbours", [5, 15], ids=["in pieces", "in one piece"])
def test_umaps_map_can_be_trusted_like_umap_learns(neighbours: int, digits: Dataset) -> None:
    """Of the same digits, our own map keeps neighbours and classes as the library's does, or
    better; so does the library's with our neighbours and our start.
    """
    from umap import UMAP

    points, labels = to_unit(digits.train.images[:600]).reshape(600, -1), digits.train.labels[:600]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its seed allows one thread
        theirs = UMAP(n_neighbors=neighbours, random_state=0).fit_transform(points)
    for lay_out in (formed, projected):
        ours = lay_out(points, ProjectionSettings("umap", neighbours))
        for score in (
            lambda map_: trustworthiness(points, map_, 12),
            lambda map_: continuity(points, map_, 12),
        ):
            assert score(ours) > score(theirs) - 0.01
        assert neighbour_accuracy(ours, labels) > neighbour_accuracy(theirs, labels) - 0.02


def test_points_start_where_the_graphs_eigenvectors_are() -> None:
    """A ring in space starts as a ring, if no two of its eigenvalues are exactly equal."""
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn), np.zeros(60)], axis=1)
    ring += np.random.default_rng(5).normal(scale=1e-4, size=ring.shape)
    begun = start(ring, fuzzy_graph(ring, 5), 2, np.random.default_rng(0))
    radii = np.linalg.norm(begun - 5, axis=1)

    assert begun.min() == 0 and begun.max() == pytest.approx(10)
    assert radii.min() > 0.98 * radii.max()


def test_a_graph_in_pieces_starts_at_the_principal_components() -> None:
    """Its eigenvectors tell the pieces apart, but not where they belong."""
    far = np.concatenate([CLOUD[:20], CLOUD[20:] + 100])
    begun, components = (
        start(far, fuzzy_graph(far, 5), 2, np.random.default_rng(0)),
        fit_pca(far, 2).encode(far),
    )

    for axis in (0, 1):
        assert np.abs(np.corrcoef(begun[:, axis], components[:, axis])[0, 1]) > 0.99


def test_a_graph_without_eigenvectors_starts_at_the_principal_components(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As one in pieces does: the search for eigenvectors may end without having found them."""

    def lost(*given: object, **named: object) -> None:
        raise linalg.ArpackNoConvergence("lost", np.empty(0), np.empty(0))

    monkeypatch.setattr(linalg, "eigsh", lost)
    begun = start(CLOUD, fuzzy_graph(CLOUD, 5), 2, np.random.default_rng(0))

    assert np.abs(np.corrcoef(begun[:, 0], fit_pca(CLOUD, 1).encode(CLOUD)[:, 0])[0, 1]) > 0.999


FAR_OUT = [
    "np.eye(50, 2) * 1e-30",
    "np.random.default_rng(0).normal(size=(50, 3)) * 1e-25",
    "np.eye(50, 2) * 1e-44",
    "np.random.default_rng(0).normal(size=(50, 3)) * 1e19",
    "np.random.default_rng(0).normal(size=(50, 3)) * 1e37",
]


@pytest.mark.slow
def test_tsne_lays_out_latents_of_any_scale() -> None:
    """Squares that over- or underflow end the process in scikit-learn's t-SNE; hence a process of
    its own, which says how far it came.
    """
    code = (
        "import numpy as np; from autoencoder.analysis.projections import project\n"
        "from autoencoder.config.projections import ProjectionSettings\n"
        f"for latents in [{', '.join(FAR_OUT)}]:\n"
        "    points = project(latents, ProjectionSettings('tsne')).points\n"
        "    print(np.isfinite(points).all(), flush=True)"
    )
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300
    )

    assert (child.returncode, child.stdout.split()) == (0, ["True"] * len(FAR_OUT)), child.stderr


@pytest.mark.parametrize(
    "name",
    [
        "projection-umap-n015-d2-s0",
        "projection-umap-n15-d2-s00",
        "projection-umap-n\u0661\u0665-d2-s0",
    ],
)
def test_a_second_name_of_a_projection_is_refused(name: str) -> None:
    """One projection, one file."""
    with pytest.raises(ProjectionError):
        ProjectionSettings.parse(name)


@pytest.mark.parametrize(
    "options",
    [
        {"neighbours": 15.5},
        {"neighbours": "15"},
        {"dimensions": 2.0},
        {"seed": True},
        {"seed": None},
        {"method": None},
        {"points": 1e3},
        {"space": None},
        {"min_dist": "0.2"},
        {"min_dist": True},
        {"min_dist": None},
    ],
)
def test_a_projection_of_wrong_types_is_refused(options: Any) -> None:
    """Its name could not be read back."""
    with pytest.raises(ProjectionError):
        ProjectionSettings(**{"method": "umap", **options})


def test_pca_encodes_uint8_as_it_was_fitted(digits: Dataset) -> None:
    """uint8 images and the same in [0, 1] have the same latents."""
    found = fit_pca(digits.train.images, 3)

    assert np.allclose(
        found.encode(digits.test.images), found.encode(to_unit(digits.test.images)), atol=1e-4
    )


def told(method: str, points: np.ndarray) -> list[tuple[str, float | None]]:
    """What is said while points are laid out."""
    heard: list[tuple[str, float | None]] = []
    projected(
        points, ProjectionSettings(method), lambda words, share=None: heard.append((words, share))
    )
    return heard


@pytest.mark.parametrize("method", ["tsne", "umap"])
def test_a_layout_tells_how_far_it_is(method: str, capsys: pytest.CaptureFixture[str]) -> None:
    """First in words alone, then with shares that grow up to 1; nothing is printed."""
    heard = told(method, CLOUD)
    shares = [share for _, share in heard if share is not None]

    assert heard[0][1] is None
    assert ("finding the nearest neighbours of 40 points", None) in heard
    assert heard[-1][0] == f"laying out 40 points with {PROJECTIONS[method].title}"
    assert len(shares) > 5 and shares == sorted(shares) and 0 < shares[0] and 0.9 < shares[-1] <= 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("printed", "shares"),
    [
        ("", []),
        ("[t-SNE] Iteration twelve: \x00 \n100 %\n\n", []),
        ("[t-SNE] Iteration 500: error", []),  # no whole line
        ("\nIteration 500: x\nIteration 9999999: y\n", [0.525, 1.0]),
    ],
)
def test_other_words_of_a_library_do_no_harm(
    printed: str, shares: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it prints one day, in whatever pieces, the points are there; what cannot be
    understood is not told.
    """
    from sklearn import manifold

    class Talkative(manifold.TSNE):
        def fit_transform(self, X: np.ndarray, y: None = None) -> np.ndarray:  # noqa: N803 - scikit-learn's name
            for piece in printed:
                print(piece, end="")  # noqa: T201 - this is what is heard
            self.verbose = 0
            return super().fit_transform(X)

    monkeypatch.setattr(manifold, "TSNE", Talkative)
    assert [share for _, share in told("tsne", CLOUD) if share is not None] == pytest.approx(shares)


def test_who_is_told_may_print(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the library's own words are kept from stdout."""
    projected(CLOUD, ProjectionSettings("tsne"), lambda words, share=None: print(words))  # noqa: T201 - this is what is heard

    assert "laying out 40 points" in capsys.readouterr().out


@pytest.mark.slow
def test_another_process_lays_out_the_same_points() -> None:
    """By either method, down to the last bit."""
    code = (
        "import hashlib, numpy as np; from autoencoder.analysis.projections import project\n"
        "from autoencoder.config.projections import ProjectionSettings\n"
        "cloud = np.random.default_rng(0).normal(size=(60, 4))\n"
        "for method in ('umap', 'tsne'): print(hashlib.sha256(project(cloud,"
        " ProjectionSettings(method)).points.tobytes()).hexdigest())"
    )
    child = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    cloud = np.random.default_rng(0).normal(size=(60, 4))
    here = [projected(cloud, ProjectionSettings(method)) for method in ("umap", "tsne")]

    assert child.stdout.split() == [hashlib.sha256(each.tobytes()).hexdigest() for each in here]
    assert child.stderr == ""


@pytest.mark.slow
def test_min_dist_keeps_points_apart() -> None:
    """The larger it is, the further each is from its nearest."""

    def nearest(min_dist: float) -> float:
        points = projected(CLOUD, ProjectionSettings("umap", neighbours=5, min_dist=min_dist))
        distances = np.linalg.norm(points[:, None] - points, axis=2) + np.diag(np.full(40, np.inf))
        return float(np.median(distances.min(axis=1)))

    assert nearest(0.9) > 1.5 * nearest(0)


def test_small_images_are_laid_out_as_they_are() -> None:
    """No more than 50 pixels are pixels in [0, 1]; more become their 50 principal components, or as
    many as there are images, which keep distances.
    """
    few = RNG.integers(0, 256, (20, 1, 7, 7), dtype=np.uint8)
    many = np.repeat(np.repeat(few, 2, axis=2), 2, axis=3)
    unit, reduced = pixel_space(few), pixel_space(many)

    assert np.array_equal(unit, to_unit(few).reshape(20, 49))
    assert (reduced.shape, reduced.dtype) == ((20, 20), np.float32)
    distances = [np.linalg.norm(each[:, None] - each, axis=2) for each in (unit, reduced)]
    assert np.allclose(distances[1], 2 * distances[0], atol=1e-3)


@pytest.fixture(scope="module")
def large_images() -> np.ndarray:
    """Images (40, 3, 28, 28) uint8, of more than 2,000 numbers each, that vary in few ways."""
    random = np.random.default_rng(3)
    parts = random.normal(size=(40, 4)) * (60, 30, 15, 8)
    pixels = parts @ random.normal(size=(4, 2_352)) / 2 + 128 + random.normal(size=(40, 2_352))
    return pixels.clip(0, 255).astype(np.uint8).reshape(40, 3, 28, 28)


def test_pca_of_many_pixels_is_scikit_learns_too(large_images: np.ndarray) -> None:
    """Randomised, it gives the components, variances and total of an exact one."""
    ours = fit_pca(large_images, 4)
    theirs = PCA(4, svd_solver="full").fit(large_images.reshape(40, -1) / 255)
    total = theirs.explained_variance_[0] / theirs.explained_variance_ratio_[0]

    assert is_randomised(large_images[0].size)
    np.testing.assert_allclose(ours.variance, theirs.explained_variance_, rtol=1e-3)
    np.testing.assert_allclose(np.abs(ours.components @ theirs.components_.T), np.eye(4), atol=1e-2)
    assert ours.total == pytest.approx(total, rel=1e-4)


def test_pca_of_many_pixels_is_the_same_in_small_batches(
    large_images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many images are looked at together changes nothing, nor what is encoded."""
    whole = fit_pca(large_images, 3)
    expected = whole.encode(large_images)
    monkeypatch.setattr(pca, "BATCH", 3 * large_images[0].size)

    np.testing.assert_allclose(fit_pca(large_images, 3).components, whole.components, atol=1e-4)
    np.testing.assert_allclose(whole.encode(large_images), expected, atol=1e-4)


def test_pca_of_many_pixels_has_as_many_components_as_are_asked_for() -> None:
    """Of fewer images than components, the rest are unit vectors along which nothing varies."""
    found = fit_pca(np.random.default_rng(0).integers(0, 255, (3, 2_100)).astype(np.uint8), 5)

    np.testing.assert_allclose(found.components @ found.components.T, np.eye(5), atol=1e-4)
    np.testing.assert_allclose(found.variance[2:], 0, atol=1e-4)
