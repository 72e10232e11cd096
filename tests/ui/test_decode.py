"""The live decoder: its page and its address, and what the browser computes from maps and
neighbours.
"""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from autoencoder.ui.components.live.view import latent_text, parse_latent
from tests.support.configs import DEEP, TINY
from tests.support.node import in_node
from tests.support.pages import sent, visit
from tests.support.places import PACKAGE

GEOMETRY = PACKAGE / "export/browser/geometry.js"
LATENT_MAP = PACKAGE / "export/browser/latent_map.js"
VIEW = PACKAGE / "export/browser/live/view.js"
N, D, PIXELS = 30, 4, 60
MAKE = """
const run = {
  latents: Float32Array.from(latents.flat()), count: latents.length,
  latentDim: latents[0].length, spacing: 0.5,
  mean: Float32Array.from(mean), plane: plane.map((axis) => Float32Array.from(axis)) };
const images = { labels: Uint16Array.from(labels), count: labels.length };
"""


pytestmark = pytest.mark.usefixtures("store")  # trained runs, before the app opens on them

# ---- The page ----


@pytest.mark.parametrize(
    ("config", "method"), [(TINY, "latents"), (DEEP, "pca")], ids=["conv2", "variational5"]
)
def test_the_live_view_is_there(app: AppTest, config: Any, method: str) -> None:
    """One live component over the usual map of the run, which starts where the browser likes and
    leaves the address alone.
    """
    visit(app, "decode.py", run=config.key)

    assert not app.exception
    assert sent(app, "live")["method"] == method
    assert sent(app, "live")["run"].startswith(config.key)
    assert sent(app, "live")["latent"] is None
    assert "z" not in app.query_params


def test_the_address_restores_the_latent(app: AppTest) -> None:
    """The numbers in the address are the latent that the browser is told to take."""
    visit(app, "decode.py", run=DEEP.key, z="0.5,-1,0.25,2,1e-3")

    assert sent(app, "live")["latent"] == [0.5, -1, 0.25, 2, 0.001]
    assert sent(app, "live")["placed"] == 1


@pytest.mark.parametrize(
    "z",
    [
        "1,2",
        "a,b,c,d,e",
        "1,2,3,4,nan",
        "1,2,3,4,1e300",
        "1,2,3,4,",
        "<b>,[x](y),$a$,3,4",
        "9" * 5_000,
    ],
)
def test_a_bad_latent_is_passed_over_in_words(app: AppTest, z: str) -> None:
    """Whatever else the address says, one sentence says why it was passed over, and the page is as
    without it.
    """
    visit(app, "decode.py", run=DEEP.key, z=z)

    assert not app.exception
    assert len(app.warning) == 1
    assert "is ignored" in app.warning[0].value
    assert sent(app, "live")["latent"] is None
    assert "z" not in app.query_params


def test_the_latent_is_found_again(app: AppTest) -> None:
    """A visitor who looks at another page, or another run, comes back to the latent that was
    left.
    """
    visit(app, "decode.py", run=DEEP.key, z="1,2,3,4,5")
    visit(
        app, "decode.py", run=TINY.key
    )  # the address still holds the other run's z, as after picking a run in the title row
    assert sent(app, "live")["latent"] is None
    assert not app.warning
    app.switch_page("pages/reconstruct.py").run()
    visit(app, "decode.py", run=DEEP.key)

    assert sent(app, "live")["latent"] == [1, 2, 3, 4, 5]
    assert app.query_params["z"] == "1,2,3,4,5"


def test_the_views_share_the_page(app: AppTest) -> None:
    """The view in the address is shown instead of the live one."""
    visit(app, "decode.py", run=DEEP.key, view="Manifold")

    assert not app.exception
    assert not [
        each for each in app.get("bidi_component") if each.proto.component_name == "latent_lab.live"
    ]


def test_an_address_holds_a_latent_of_any_size() -> None:
    """A latent survives the address to four digits; one of more than 256 numbers is left out of
    it.
    """
    latent = list(np.linspace(-123.456, 7e-5, 256))

    np.testing.assert_allclose(parse_latent(latent_text(latent), 256), latent, rtol=1e-3)
    assert latent_text([*latent, 1.0]) == ""


# ---- What the browser computes ----


@pytest.fixture
def space() -> dict[str, Any]:
    """Codes (N, D) with their mean and a plane in their space, as numbers for Node."""
    generator = np.random.default_rng(4)
    plane = np.linalg.qr(generator.normal(size=(D, 2)))[0].T
    latents = generator.normal(size=(N, D)).astype(np.float32)
    return {
        "latents": latents.tolist(),
        "mean": latents.mean(axis=0).tolist(),
        "plane": plane.tolist(),
        "labels": (np.arange(N) % 3).tolist(),
    }


def test_a_plane_and_its_latents_belong_together(space: dict[str, Any]) -> None:
    """On a PCA map latents lie where NumPy projects them, and a place's latent is the point of the
    plane that lies there.
    """
    program = f"""{MAKE}
const map = new LatentMap(run, images, "pca");
const latent = map.latentOf([0.7, -1.2], new Float32Array(run.latentDim));
console.log(JSON.stringify([
  Array.from(map.points), Array.from(latent), map.placeOf(latent),
  map.distance([0.7, -1.2], latent),
]));
"""
    points, latent, place, distance = in_node(program, (LATENT_MAP, "LatentMap"), **space)
    latents, mean, plane = (np.array(space[name]) for name in ("latents", "mean", "plane"))

    np.testing.assert_allclose(np.reshape(points, (N, 2)), (latents - mean) @ plane.T, atol=1e-5)
    np.testing.assert_allclose(latent, mean + [0.7, -1.2] @ plane, atol=1e-5)
    np.testing.assert_allclose(place, [0.7, -1.2], atol=1e-5)
    assert distance == pytest.approx(np.linalg.norm(latents - latent, axis=1).min() / 0.5, rel=1e-4)


def test_flat_spaces_are_their_own_maps(space: dict[str, Any]) -> None:
    """Codes of two numbers are places themselves; of one, the class is the height, and a place's
    height is kept.
    """
    program = f"""{MAKE}
const [flat, thin] = [2, 1].map((latentDim) =>
  ({{ ...run, latentDim, count: run.latents.length / latentDim }}));
const many = {{ labels: new Uint16Array(flat.count * 2).fill(2) }};
const [plain, line] = [new LatentMap(flat, many, "latents"), new LatentMap(thin, many, "line")];
const whole = plain.latentOf([5, 6], new Float32Array(2));
const part = line.latentOf([7, 1], new Float32Array(1));
console.log(JSON.stringify([Array.from(plain.points), plain.placeOf([3, 4]), Array.from(whole),
  Array.from(line.points.subarray(0, 4)), line.placeOf([3], [9, 1.5]), Array.from(part)]));
"""
    points, place, latent, line, on_line, of_line = in_node(
        program, (LATENT_MAP, "LatentMap"), **space
    )
    flat = np.array(space["latents"]).ravel()

    np.testing.assert_allclose(points, flat, rtol=1e-6)
    assert (place, latent, on_line, of_line) == ([3, 4], [5, 6], [3, 1.5], [7])
    np.testing.assert_allclose(line, [flat[0], 2, flat[1], 2], rtol=1e-6)


def test_a_place_on_a_bent_map_mixes_its_neighbours(space: dict[str, Any]) -> None:
    """On a map without an inverse a place decodes the mean of the eight nearest latents, weighted
    by inverse squared distance.
    """
    points = np.random.default_rng(5).normal(size=(N, 2)).astype(np.float32)
    program = f"""{MAKE}
const projection =
  {{ points: Float32Array.from(points.flat()), spacing: 0.1, axes: ["a", "b"] }};
const map = new LatentMap(run, images, "umap", projection);
const latent = map.latentOf([0.3, 0.2], new Float32Array(run.latentDim));
const own = run.latents.slice(5 * run.latentDim, 6 * run.latentDim);
const distances = [map.distance([0.3, 0.2], latent), map.distance([40, 0], own)];
console.log(JSON.stringify([map.exact, Array.from(latent), map.placeOf(own), ...distances]));
"""
    exact, latent, place, distance, far = in_node(
        program, (LATENT_MAP, "LatentMap"), **space, points=points.tolist()
    )
    latents = np.array(space["latents"])
    square = np.square(points - [0.3, 0.2]).sum(axis=1)
    near = np.argsort(square)[:8]

    assert not exact
    np.testing.assert_allclose(
        latent, np.average(latents[near], axis=0, weights=1 / square[near]), atol=1e-5
    )
    np.testing.assert_allclose(place, points[5], rtol=1e-6)
    in_latents = np.linalg.norm(latents - latent, axis=1).min() / 0.5
    assert distance == pytest.approx(max(in_latents, np.sqrt(square.min()) / 0.1), rel=1e-4)
    assert far == pytest.approx(np.linalg.norm(points - [40, 0], axis=1).min() / 0.1, rel=1e-4)


@pytest.mark.parametrize("guess", [0, 17])
def test_the_nearest_image_is_the_nearest(guess: int) -> None:
    """Whatever the guess, the nearest test image and its MSE are NumPy's; decoded pixels beyond [0,
    1] count as its ends.
    """
    generator = np.random.default_rng(6)
    pixels = generator.integers(0, 256, (N, PIXELS), dtype=np.uint8)
    own = generator.normal(0.5, 0.6, PIXELS).astype(np.float32)
    program = """
const images = { pixels: Uint8Array.from(pixels.flat()), count: pixels.length };
console.log(JSON.stringify(nearestImage(Float32Array.from(own), images, guess)));
"""
    found = in_node(
        program, (LATENT_MAP, "nearestImage"), pixels=pixels.tolist(), own=own.tolist(), guess=guess
    )
    errors = np.square(pixels / 255 - own.clip(0, 1)).mean(axis=1)

    assert found["index"] == errors.argmin()
    assert found["mse"] == pytest.approx(errors.min(), rel=1e-5)


def test_random_latents_come_in_the_same_order(space: dict[str, Any]) -> None:
    """The n-th random latent is the same every time, and lies about the usual spacing away from a
    test image's latent.
    """
    program = f"""{MAKE}
const draw = () => Array.from({{ length: 200 }}, (_, n) => Array.from(randomLatent(run, n + 1)));
console.log(JSON.stringify([draw(), draw()]));
"""
    first, again = in_node(program, (VIEW, "randomLatent"), **space)
    away = np.linalg.norm(np.array(first)[:, None] - np.array(space["latents"]), axis=2).min(axis=1)

    assert first == again
    assert len({tuple(latent) for latent in first}) == 200
    assert 0.4 < np.sqrt(np.square(away).mean()) / 0.5 < 1.2


@pytest.mark.parametrize(
    ("place", "at", "angle"),
    [
        ([300, 100], [184, 100], 0),
        ([100, 900], [100, 184], np.pi / 2),
        ([-100, 100], [16, 100], np.pi),
        ([100, -1], [100, 16], -np.pi / 2),
        ([500, 500], [184, 184], np.pi / 4),
        ([300, 200], [184, 142], np.arctan2(1, 2)),
    ],
    ids=["right", "below", "left", "above", "corner", "aslant"],
)
def test_an_arrow_points_to_what_is_off_the_map(
    place: list[float], at: list[float], angle: float
) -> None:
    """It stands inside of the edge, on the way from the map's middle to the place."""
    arrow = in_node(
        "console.log(JSON.stringify(edgeArrow(place, [200, 200], 16)))",
        (GEOMETRY, "edgeArrow"),
        place=place,
    )

    assert arrow["at"] == pytest.approx(at)
    assert arrow["angle"] == pytest.approx(angle)


@pytest.mark.parametrize("place", [[0, 0], [100, 37], [200, 200]])
def test_what_is_on_the_map_has_no_arrow(place: list[float]) -> None:
    """Up to the edge the ring itself is seen."""
    arrow = in_node(
        "console.log(JSON.stringify(edgeArrow(place, [200, 200], 16)))",
        (GEOMETRY, "edgeArrow"),
        place=place,
    )

    assert arrow is None
