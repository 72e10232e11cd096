"""The interpolation: its page and its address, and what the browser does between two images."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from autoencoder.analysis.distance_to_data import typical_distance
from autoencoder.analysis.paths import LEAST_TURN
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.data import images
from autoencoder.errors import ConfigError
from autoencoder.jobs import Queue
from autoencoder.jobs.training import train_run
from autoencoder.runs import RunStore
from autoencoder.ui.interpolate.component.component import Interpolation
from tests.support.configs import DEEP, TINY
from tests.support.node import in_node
from tests.support.pages import sent, visit
from tests.support.places import PACKAGE

COMPONENT = PACKAGE / "export/browser/interpolation"
PLAYER = (
    "globalThis.matchMedia = () => ({ matches: false });"
    " const player = new Player(() => {}, { frameMs: 100, endMs: 600 }); player.stretch(5);"
)


pytestmark = pytest.mark.usefixtures("store")  # trained runs, before the app opens on them

# ---- The page ----


@pytest.mark.parametrize(
    ("config", "method", "kind"),
    [(TINY, "latents", "linear"), (DEEP, "pca", "spherical")],
    ids=["conv2", "variational5"],
)
def test_without_a_link_two_classes_are_joined(
    app: AppTest, config: RunConfig, method: str, kind: str
) -> None:
    """The first image and the first of another class, twelve frames, and a sphere for variational
    latents alone.
    """
    visit(app, "interpolate.py", run=config.key)

    assert not app.exception
    assert not app.warning
    assert {
        name: sent(app, "interpolation")[name]
        for name in ("method", "picked", "frames", "kind", "others")
    } == {
        "method": method,
        "picked": [0, 1],
        "frames": 12,
        "kind": kind,
        "others": [],
    }
    assert app.query_params["images"] == "0,1"
    assert "path" not in app.query_params


def test_a_link_restores_the_interpolation(app: AppTest) -> None:
    """Images, frames and kind of path in the address are what the browser is told to show, and stay
    there.
    """
    visit(app, "interpolate.py", run=TINY.key, images="3,9,3", frames="7", path="spherical")

    assert not app.warning
    assert (
        sent(app, "interpolation")["picked"],
        sent(app, "interpolation")["frames"],
        sent(app, "interpolation")["kind"],
    ) == (
        [3, 9, 3],
        7,
        "spherical",
    )
    assert {name: app.query_params[name] for name in ("images", "frames", "path")} == {
        "images": "3,9,3",
        "frames": "7",
        "path": "spherical",
    }


@pytest.mark.parametrize(
    "query",
    [
        *(
            {"images": images}
            for images in (
                "3",
                "3,360",
                "3,-1",
                "3,,9",
                "a,b",
                "1,2,3,4,5,6,7",
                "1," + "9" * 5_000,
                "²,3",
                "[x](y),1",
            )
        ),
        *({"frames": frames} for frames in ("4", "25", "1e1", "")),
        {"path": "round"},
    ],
    ids=lambda query: "".join(query.values())[:12],
)
def test_a_bad_link_is_passed_over_in_words(app: AppTest, query: dict[str, str]) -> None:
    """Whatever the address asks for that cannot be, one sentence says the rule, and the usual pair
    is shown.
    """
    visit(app, "interpolate.py", run=TINY.key, **query)

    assert not app.exception
    assert len(app.warning) == 1
    assert "The page shows test images 0 and 1 instead" in app.warning[0].value.replace("\\", "")
    assert sent(app, "interpolation")["picked"] == [0, 1]
    assert app.query_params["images"] == "0,1"


def test_the_interpolation_is_found_again(app: AppTest) -> None:
    """A visitor who looks at another page comes back to the interpolation that was left."""
    visit(app, "interpolate.py", run=TINY.key, images="3,9", frames="7")
    app.switch_page("pages/reconstruct.py").run()
    for name in ("images", "frames"):
        del app.query_params[name]
    app.switch_page("pages/interpolate.py").run()

    assert (sent(app, "interpolation")["picked"], sent(app, "interpolation")["frames"]) == (
        [3, 9],
        7,
    )
    assert app.query_params["images"] == "3,9"


def test_nothing_new_is_said_when_the_page_runs_again(app: AppTest) -> None:
    """A rerun that changes nothing leaves what the browser is told as it was, so that nothing
    travels.
    """
    visit(app, "interpolate.py", run=TINY.key, images="3,9")
    before = sent(app, "interpolation")

    assert sent(app.run(), "interpolation") == before


def test_the_same_images_go_through_other_runs(app: AppTest) -> None:
    """A run on the same test images can be put beside, by the link or by hand, and the link says
    so.
    """
    visit(app, "interpolate.py", run=TINY.key, **{"with": DEEP.key[-8:]})
    assert [other["run"].partition("@")[0] for other in sent(app, "interpolation")["others"]] == [
        DEEP.key
    ]

    app.multiselect(key="interpolation_others").set_value([]).run()
    assert sent(app, "interpolation")["others"] == []
    assert "with" not in app.query_params

    app.multiselect(key="interpolation_others").set_value([DEEP.key[-8:]]).run()
    assert len(sent(app, "interpolation")["others"]) == 1
    assert app.query_params["with"] == DEEP.key[-8:]


def test_runs_that_cannot_stand_beside_are_refused_in_words(
    app: AppTest, store: RunStore, data_folder: Path
) -> None:
    """A run that is not there, and one that was tested on other images: one sentence each; the run
    itself is passed over.
    """
    few = replace(TINY, classes=(0, 1), epochs=1)
    queue = Queue(Settings(models=store.folder, data=data_folder))
    store.claim(few, "stopped")
    train_run(queue, few.key, threads=1, precision="float32")
    visit(
        app,
        "interpolate.py",
        run=TINY.key,
        **{"with": ",".join(["00000000", TINY.key[-8:], few.key[-8:], DEEP.key[-8:]])},
    )

    assert not app.exception
    assert len(app.warning) == 2
    assert "no trained run whose key ends in 00000000" in app.warning[0].value
    assert "its test images are different" in app.warning[1].value
    assert [other["run"].partition("@")[0] for other in sent(app, "interpolation")["others"]] == [
        DEEP.key
    ]
    assert app.query_params["with"] == DEEP.key[-8:]


def test_three_files_can_be_taken_away(app: AppTest) -> None:
    """Two GIFs and a strip, whose names tell run and images."""
    visit(app, "interpolate.py", run=TINY.key, images="3,9")

    assert [button.label for button in app.get("download_button")] == [
        "Latent GIF",
        "Pixel GIF",
        "PNG strip",
    ]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"images": (1,)}, "images must be 2 to 6 test images; got 1"),
        ({"images": (1,) * 7}, "images must be 2 to 6 test images; got 7"),
        ({"frames": 4}, "frames must be 5 to 24; got 4"),
        ({"kind": "round"}, "path must be one of linear, spherical; got round"),
    ],
)
def test_an_interpolation_that_cannot_be_is_refused(changes: dict[str, Any], rule: str) -> None:
    """Name, rule, value received."""
    with pytest.raises(ConfigError, match=rule):
        Interpolation(**{"images": (1, 2), "frames": 12, "kind": "linear", **changes})


def test_the_browser_is_told_how_near_real_images_are_to_each_other(
    app: AppTest, store: RunStore
) -> None:
    """The yardstick is the median distance of the run's test images to their nearest neighbours."""
    visit(app, "interpolate.py", run=TINY.key)
    images = store.get(TINY.key).evaluation().images

    assert sent(app, "interpolation")["yardstick"] == {
        "distance": pytest.approx(typical_distance(images, len(images))),
        "images": len(images),
    }


def test_both_sides_go_by_the_same_constants(app: AppTest) -> None:
    """The browser is told the limits, the GIF's rhythm and the least turn that Python goes by."""
    visit(app, "interpolate.py", run=TINY.key)

    assert sent(app, "interpolation")["constants"] == {
        "images": [2, 6],
        "frames": [5, 24],
        "frameMs": images.FRAME_MS,
        "endMs": images.END_MS,
        "leastTurn": LEAST_TURN,
    }


# ---- The browser's half ----


@pytest.mark.slow
def test_frames_that_a_worker_decodes_are_waited_for() -> None:
    """A strip goes on when a frame's image has come, and an image that comes after others were
    chosen is left out.
    """
    program = """
const asked = [];
const decoder = { ask: (asker, latent, show) => asked.push(() => show(Float32Array.from(latent))) };
const run = { decoder, latents: Float32Array.of(0, 1, 2), latentDim: 1 };
const images = { pixels: Uint8Array.of(0, 100, 200), labels: [0, 1, 2], count: 3 };
const interpolation = new Interpolation(run, images, null, { leastTurn: 1e-6 }, null);
interpolation.join([]);
const measured = [];
const start = (slots) => {
  interpolation.put({ slots, frames: 3, kind: "linear" });
  return interpolation.measured((way, frame) => measured.push([way.key, frame]));
};
const step = (chores) => [chores.next().value === WAITS, asked.length, measured.length];
const first = start([0, 1]);
const steps = [step(first), step(first)];
asked[0]();
steps.push(step(first), step(first));
const second = start([0, 2]);
asked[1]();
steps.push(step(second));
asked[2]();
console.log(JSON.stringify([steps, measured, interpolation.ways[0].mse.length]));
"""

    steps, measured, distances = in_node(
        program, (COMPONENT / "interpolation.js", "Interpolation, WAITS")
    )

    waits, goes_on = True, False
    assert steps == [[waits, 1, 0], [waits, 1, 0], [goes_on, 1, 1], [waits, 2, 1], [waits, 3, 1]]
    assert measured == [["latent", 0], ["latent", 0]]
    assert distances == 1


def test_playing_goes_forth_and_back_and_rests_at_the_ends() -> None:
    """Ten frames a second to the last frame, a rest there, back to the first; "once" ends there."""
    program = (
        PLAYER
        + """
const seen = [];
player.play("once");
for (let now = 0; player.mode; now += 50) {
  player.advance(now);
  seen.push(player.position);
}
console.log(JSON.stringify(seen));
"""
    )
    seen = in_node(program, (COMPONENT / "player.js", "Player"))

    assert seen[:9] == [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
    assert seen[9:20] == [4] * 11  # 600 ms, the step into which they end included
    assert seen[20:] == [3.5, 3, 2.5, 2, 1.5, 1, 0.5, 0]


@pytest.mark.slow
def test_the_place_stays_where_it_was_when_frames_are_added() -> None:
    """Another number of frames moves the position with it; a place outside is brought back to the
    nearest end.
    """
    program = (
        PLAYER
        + """
player.goTo(2);
player.stretch(9);
const middle = player.position;
player.goTo(99);
console.log(JSON.stringify([middle, player.position]));
"""
    )
    assert in_node(program, (COMPONENT / "player.js", "Player")) == [4, 8]


SUMMARY = """
const interpolation = Object.create(Interpolation.prototype);
const [slots, count] = [letters, 9].map((n) => Array.from({ length: n }, (_, i) => i));
Object.assign(interpolation, {
  slots, ways, yardstick,
  images: { count: count.length }, leftOut: new Set(count.slice(0, left)),
  middle: middleOf(letters, ways[0].mse.length) });
console.log(JSON.stringify(summaryOf(interpolation)));
"""
YARDSTICK = {"distance": 0.025, "images": 500}


def summary_of(
    latent: list[float],
    pixels: list[float],
    letters: int = 2,
    left: int = 2,
    yardstick: dict[str, float] = YARDSTICK,
) -> str:
    """What the page says of the distances of the frames of two ways through so many `letters`, with
    `left` of 9 test images left out.
    """
    modules = (
        (COMPONENT / "interpolation.js", "Interpolation"),
        (COMPONENT / "path.js", "middleOf"),
        (COMPONENT / "strips.js", "summaryOf"),
    )
    ways = [{"mse": latent}, {"mse": pixels}]
    return str(
        in_node(SUMMARY, *modules, ways=ways, letters=letters, left=left, yardstick=yardstick)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("latent", "pixels", "words"),
    [
        (
            0.02,
            0.03,
            (
                "In the middle half of the way from A to B, the latent path is nearer to real"
                " images than the pixel blend: mean MSE 0.0200 against 0.0300."
            ),
        ),
        (
            0.03,
            0.02,
            (
                "In the middle half of the way from A to B, the latent path is further from real"
                " images than the pixel blend: mean MSE 0.0300 against 0.0200."
            ),
        ),
        (
            0.0195,
            0.02,
            (
                "In the middle half of the way from A to B, latent path and pixel blend are"
                " equally near to real images: mean MSE 0.0195 against 0.0200."
            ),
        ),
    ],
)
def test_the_summary_follows_from_the_numbers(latent: float, pixels: float, words: str) -> None:
    """Nearer, further, or within five per cent no difference, by the mean of the frames in the
    middle half; how near real images are to each other stands beside it.
    """
    yardstick = (
        " The median distance from a test image to its nearest neighbour is 0.0250"
        " (500 test images)."
    )

    assert summary_of([9, latent, latent, latent, 9], [9, pixels, pixels, pixels, 9]) == (
        words + yardstick
    )


@pytest.mark.slow
def test_what_a_way_scores_at_its_ends_changes_no_summary() -> None:
    """A blend that is nearest to real images at its ends, where it is one, is judged by its middle
    half alone.
    """
    path = [0.02] * 12
    ghosts = [0.0, 0.001, 0.01, *[0.03] * 6, 0.01, 0.001, 0.0]

    assert "nearer to real images than the pixel blend: mean MSE 0.0200 against 0.0300" in (
        summary_of(path, ghosts)
    )


@pytest.mark.slow
def test_what_cannot_be_compared_is_said_in_words() -> None:
    """No frame in the middle half, no test image left, no other image for a yardstick: a sentence
    without a number.
    """
    five = [0.02] * 5

    assert "Choose more frames" in summary_of(five, five, letters=5, left=5)
    assert "No test image is left to measure a distance to" in summary_of(five, five, left=9)
    assert summary_of(five, five, yardstick={"distance": 0, "images": 1}).endswith("0.0200.")
    assert "each way from image to image" in summary_of(five, five, letters=3, left=3)


@pytest.mark.parametrize("shape", [[1, 8, 8], [1, 28, 28], [3, 32, 32]])
@pytest.mark.parametrize("height", [720, 900, 1080])
def test_map_and_large_images_fit_a_window(shape: list[int], height: int) -> None:
    """Where they stand beside each other nothing of them is under the slider at the window's foot,
    and none of them is small.
    """
    layout = in_node(
        "console.log(JSON.stringify(layoutFor(1120, height, shape, 12, 10)))",
        (COMPONENT / "large_images.js", "layoutFor"),
        shape=shape,
        height=height,
    )
    above, slider, title, words = 216, 52, 22, 48  # CSS pixels

    assert layout["name"] == "wide"
    assert layout["side"] >= 380 and layout["large"] >= 120
    assert above + layout["side"] + title + slider <= height
    assert above + 2 * (layout["large"] + words) + slider <= height


# ---- A random pair ----

LABELS = [0, 0, 0, 3, 3, 8, 8, 8, 8, 3, 5]  # a single 5
DRAWN = "console.log(JSON.stringify(seeds.map((seed) => randomPair(labels, classes, seed))));"


def drawn(labels: list[int], classes: list[int | None], seeds: int = 200) -> list[Any]:
    """The pair of each seed from 0 on, None where there is none."""
    module = (COMPONENT / "random_pair.js", "randomPair")
    return list(in_node(DRAWN, module, labels=labels, classes=classes, seeds=list(range(seeds))))


@pytest.mark.slow
def test_a_random_pair_follows_from_labels_classes_and_seed() -> None:
    """The same seed draws the same pair, seeds draw different ones, and every image is drawn some
    time for A and for B.
    """
    pairs = drawn(LABELS, [None, None])

    assert pairs == drawn(LABELS, [None, None])
    assert len({tuple(pair) for pair in pairs}) > 40
    for place in (0, 1):
        assert {pair[place] for pair in pairs} == set(range(len(LABELS)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "classes", [[None, None], [3, 8], [8, 3], [3, None], [None, 5], [8, 8]], ids=str
)
def test_a_random_pair_is_of_the_classes_that_were_chosen(classes: list[int | None]) -> None:
    """A and B are of their classes, and where one is left open, of two different ones; they are
    never the same image.
    """
    for one, other in drawn(LABELS, classes):
        assert one != other
        for index, wanted in zip((one, other), classes, strict=True):
            assert wanted is None or LABELS[index] == wanted
        assert LABELS[one] != LABELS[other] or classes == [8, 8]


@pytest.mark.slow
def test_a_random_pair_of_one_class_is_of_two_images() -> None:
    """Without labels, which is one class for all, a pair is two different images; where there are
    no two, there is none.
    """
    assert all(one != other for one, other in drawn([0, 0, 0], [None, None]))
    assert all(one != other for one, other in drawn([0, 0, 0], [0, None]))
    assert drawn(LABELS, [5, 5], seeds=5) == [None] * 5
    assert drawn(LABELS, [7, None], seeds=5) == [None] * 5
    assert drawn([0], [None, None], seeds=5) == [None] * 5
