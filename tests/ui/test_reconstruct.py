"""The reconstruct page: which images, through which runs, one of them large, and a visitor's
own.
"""

import base64
import io
import json
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from autoencoder.analysis import metrics
from autoencoder.analysis.projections import Projection
from autoencoder.config.datasets import ImageShape
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.settings import Settings
from autoencoder.data import uploads
from autoencoder.data.choosing import chosen, share_below
from autoencoder.errors import UploadBusyError, UploadError
from autoencoder.jobs import Queue
from autoencoder.jobs.training import train_run
from autoencoder.runs import RunStore, RunWriter, Task
from autoencoder.ui.reconstruct import own_image
from autoencoder.ui.reconstruct.sketch.component import CLEARED, drawing, sent_size
from autoencoder.ui.shared import colour_scale
from tests.support.configs import DEEP, TINY
from tests.support.node import in_node
from tests.support.pages import sent, visit, words
from tests.support.places import PACKAGE

pytestmark = pytest.mark.usefixtures("store")  # trained runs, before the app opens on them
expect.set_options(timeout=60_000)


def shown(app: AppTest) -> list[int]:
    """Numbers of the test images on the wall."""
    return [image["index"] for image in sent(app, "image_rows")["images"]]


def rows(app: AppTest) -> list[str]:
    """What is in each stack, from the top."""
    return [row["name"] for row in sent(app, "image_rows")["rows"]]


def png(pixels: np.ndarray) -> bytes:
    """Grey levels (H, W) as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


# ---- Which images ----

LABELS = np.array([1, 0, 1, 2, 1, 0])
ERRORS = np.array([0.5, 0.1, 0.9, 0.1, 0.2, 0.3])


@pytest.mark.parametrize(
    ("order", "found"),
    [("first", [0, 1, 2]), ("class", [0, 2, 4]), ("worst", [2, 0, 5]), ("best", [1, 3, 4])],
)
def test_images_are_chosen_by_order(order: str, found: list[int]) -> None:
    """The first in file order, those of a class, and by error; of equal errors the first comes
    first.
    """
    assert chosen(order, LABELS, ERRORS, most=3, label=1).tolist() == found


def test_a_draw_is_the_same_for_the_same_seed() -> None:
    """Random images do not repeat, come in file order, and change with the seed alone."""
    labels = np.zeros(500, int)
    draws = [chosen("random", labels, None, most=64, seed=seed) for seed in (0, 0, 1)]

    assert np.array_equal(draws[0], draws[1]) and not np.array_equal(draws[0], draws[2])
    assert len(set(draws[0].tolist())) == 64 and (np.diff(draws[0]) > 0).all()
    assert len(chosen("random", LABELS, None, most=64)) == 6


def test_a_rank_is_the_share_that_errs_less() -> None:
    """The worst of six is worse than five, the best than none."""
    assert share_below(ERRORS, 0.9) == pytest.approx(5 / 6)
    assert share_below(ERRORS, 0.1) == 0


# ---- The page ----


@pytest.mark.parametrize("order", ["First", "Random", "By class", "Worst", "Best"])
def test_each_order_shows_its_images(app: AppTest, store: RunStore, order: str) -> None:
    """Sixty-four of what the address asks for, and the first of them large."""
    visit(app, "reconstruct.py", run=TINY.key, order=order)
    data = store.get(TINY.key).evaluation()
    key = {"By class": "class"}.get(order, order.lower())

    assert not app.exception and not app.warning
    wanted = chosen(key, data.labels, data.errors, most=64, label=int(data.labels.min()))
    assert shown(app) == wanted.tolist()
    assert app.number_input(key="image_number").value == wanted[0]


def test_the_next_draw_is_another_and_in_the_address(app: AppTest) -> None:
    """Next adds one to the seed; its link shows the same images."""
    visit(app, "reconstruct.py", run=TINY.key, order="Random", sample_seed="4")
    before = shown(app)
    app.button(key="next_sample").click().run()

    assert app.number_input(key="sample_seed").value == 5
    assert app.query_params["sample_seed"] == "5"
    assert shown(app) != before


def test_the_address_names_an_image(app: AppTest, store: RunStore) -> None:
    """It is shown large, whether it is on the wall or not, with its class, its error and its
    rank.
    """
    visit(app, "reconstruct.py", run=TINY.key, image="200")
    data = store.get(TINY.key).evaluation()
    assert data.errors is not None
    worse = share_below(data.errors, data.errors[200])

    assert sent(app, "image_rows")["chosen"] == 200
    assert f"{worse:.0%} of the test images have a smaller MSE" in words(app)
    app.number_input(key="image_number").set_value(3).run()
    assert app.query_params["image"] == "3"
    assert (sent(app, "image_rows")["chosen"], sent(app, "image_rows")["placed"]) == (3, 2)


@pytest.mark.parametrize("image", ["360", "-1", "x", "²", "9" * 5_000, "", "[x](y)"])
def test_an_image_that_is_not_there_is_refused_in_words(app: AppTest, image: str) -> None:
    """One sentence with the rule, and the page as without it."""
    visit(app, "reconstruct.py", run=TINY.key, image=image)

    assert not app.exception
    assert "from 0 to 359" in app.warning[0].value.replace("\\", "")
    assert sent(app, "image_rows")["chosen"] == 0
    assert "image" not in app.query_params


def test_nothing_new_is_said_when_the_page_runs_again(app: AppTest) -> None:
    """A rerun that changes nothing leaves what the browser is told as it was, so that nothing
    travels.
    """
    visit(app, "reconstruct.py", run=TINY.key, image="7")
    before = sent(app, "image_rows")

    assert sent(app.run(), "image_rows") == before


def test_runs_and_pca_stand_in_rows_with_their_errors(app: AppTest, store: RunStore) -> None:
    """Originals, each run, PCA, error maps below each, and at the row's end the error here and
    everywhere.
    """
    visit(app, "reconstruct.py", run=TINY.key, pca="true", errors="true", **{"with": DEEP.key[-8:]})
    run, other = store.get(TINY.key), store.get(DEEP.key)
    ends = sent(app, "image_rows")["rows"]

    assert rows(app) == [
        "original",
        "conv d = 2",
        "error",
        "mlp d = 5",
        "error",
        "PCA d = 2",
        "error",
    ]
    for row, errors in ((1, run.evaluation().errors), (3, other.evaluation().errors)):
        assert errors is not None
        assert float(ends[row]["here"]) == pytest.approx(errors[:64].mean(), rel=1e-2)
        assert float(ends[row]["all"].split()[0]) == pytest.approx(errors.mean(), rel=1e-2)
    assert float(ends[5]["all"].split()[0]) == pytest.approx(run.metrics["mse"]["pca"], rel=1e-2)
    least = min(float(ends[row]["here"]) for row in (1, 3, 5))
    assert [row["name"] for row in ends if row["best"]] == [
        row["name"] for row in ends if row["here"] == f"{least:#.3g}"
    ]
    app.multiselect(key="with_runs").set_value([]).run()
    assert "mlp d = 5" not in rows(app)
    assert "with" not in app.query_params


def test_the_wall_holds_the_pixels(app: AppTest, store: RunStore) -> None:
    """Column i of the sheet is the i-th image above its reconstruction."""
    visit(app, "reconstruct.py", run=TINY.key, order="Worst")
    data = store.get(TINY.key).evaluation()
    sheet = np.asarray(
        Image.open(io.BytesIO(base64.b64decode(sent(app, "image_rows")["sheet"].split(",")[1])))
    )

    assert sheet.shape == (16, 64 * 8)
    for column, index in enumerate(shown(app)):
        assert np.array_equal(sheet[:8, 8 * column : 8 * column + 8], data.images[index, 0])
    errors = metrics.squared_errors(sheet[:8, :8][None] / 255, sheet[8:, :8][None] / 255)
    assert errors[0] == pytest.approx(data.errors[shown(app)[0]], rel=0.05)  # type: ignore[index]


def test_a_run_on_other_images_is_left_out(app: AppTest, data_folder: Any, store: RunStore) -> None:
    """A run on some classes only is refused by the link, in words."""
    some = replace(TINY, classes=(0, 1))
    queue = Queue(Settings(models=store.folder, data=data_folder))
    queue.store.claim(some, "stopped")
    assert train_run(queue, some.key, threads=1, precision="float32").state == "finished"
    visit(app, "reconstruct.py", run=TINY.key, **{"with": some.key[-8:]})

    assert "its test images are different" in app.warning[0].value
    assert rows(app) == ["original", "conv d = 2"]


def test_a_run_that_is_not_finished_has_what_can_be_had(app: AppTest, store: RunStore) -> None:
    """Reconstructions of a checkpoint, without ranks, without PCA; and it says when the rest
    comes.
    """
    folder = store.folder / TINY.key
    arrays = dict(np.load(folder / "evaluation.npz"))
    np.savez(folder / "evaluation.npz", images=arrays["images"], labels=arrays["labels"])
    for name in ("metrics.json", "pca.npz"):
        (folder / name).unlink()
    Task(folder).update(state="stopped")
    st.cache_resource.clear()  # the front page has read it
    visit(app, "reconstruct.py", run=TINY.key, order="Random", pca="true")

    assert not app.exception and not app.error
    assert rows(app) == ["original", "conv d = 2"]
    assert "when the training ends" in words(app)
    assert "worse than" not in words(app)


def test_the_scores_have_a_cross_entropy_where_it_means_something(
    app: AppTest, store: RunStore
) -> None:
    """BCE is that of the reconstructions, beside the least there can be."""
    visit(app, "reconstruct.py", run=TINY.key)
    tiles = {metric.label: metric for metric in app.metric}
    images = metrics.to_unit(store.get(TINY.key).evaluation().images).clip(1e-7, 1 - 1e-7)
    least = -(images * np.log(images) + (1 - images) * np.log1p(-images)).mean()

    assert list(tiles) == ["Test MSE", "SSE", "PSNR, dB", "SSIM", "BCE"]
    assert float(tiles["BCE"].delta.split()[-1]) == pytest.approx(least, rel=1e-2)
    assert float(tiles["BCE"].value) > least


def test_error_maps_use_the_whole_palette(app: AppTest) -> None:
    """No error is the palette's first colour, 1 its last."""
    visit(app, "reconstruct.py")
    ends = colour_scale.coloured(np.array([[[0.0, 1.0]]]))[0, :, 0].T

    assert ["#" + bytes(colour).hex() for colour in ends.tolist()] == ["#3b3cb8", "#feca00"]


# ---- One's own image ----


def test_an_uploaded_test_image_finds_itself(app: AppTest, store: RunStore) -> None:
    """The file of a test image is that image to the network: its error, its rank, and itself as the
    nearest of all.
    """
    data = store.get(TINY.key).evaluation()
    assert data.errors is not None
    visit(app, "reconstruct.py", run=TINY.key, own="Upload")
    app.file_uploader(key="own_file").set_value(
        ("seven.png", png(data.images[7, 0]), "image/png")
    ).run()

    assert not app.exception and not app.error
    rank = share_below(data.errors, data.errors[7])
    assert f"{rank:.0%} of the test images have a smaller MSE" in words(app)
    assert "used without changes" in words(app)


def test_what_was_done_to_an_upload_is_said_and_can_be_undone(app: AppTest) -> None:
    """Dark ink on white paper is exchanged, cut out and centred for digits; each of it has a
    switch.
    """
    paper = np.full((90, 120), 245, np.uint8)
    paper[20:70, 50:60] = 10
    visit(app, "reconstruct.py", run=TINY.key, own="Upload")
    app.file_uploader(key="own_file").set_value(("one.png", png(paper), "image/png")).run()
    switches = {toggle.label: toggle for toggle in app.toggle}

    assert (
        "Dark and light inverted; cropped, scaled to 8 x 2, placed with its centre of mass"
        in words(app)
    )
    assert switches["Invert dark and light"].value and switches["Centre the drawing"].value
    switches["Centre the drawing"].set_value(False).run()
    assert "scaled from 90 x 120 to 6 x 8, padded to 8 x 8" in words(app)


def test_an_own_image_is_placed_on_umaps_map_by_its_nearest(app: AppTest, store: RunStore) -> None:
    """Once there is such a map it can be chosen: the cross is where the nearest test image is, and
    the page says that this is an approximation.
    """
    run, settings = store.get(TINY.key), ProjectionSettings.usual("umap")
    visit(app, "reconstruct.py", run=TINY.key, own="Upload")
    app.file_uploader(key="own_file").set_value(
        ("seven.png", png(run.evaluation().images[7, 0]), "image/png")
    ).run()
    assert not [each for each in app.segmented_control if each.key == "own_map_method"]

    points = np.arange(720, dtype=np.float32).reshape(360, 2)
    digest = run.weights_sha256
    made = Projection(points, settings, weights_sha256=digest, library="umap-learn")
    RunWriter(run.folder).projection(made)
    app.run()
    app.segmented_control(key="own_map_method").set_value("umap").run()

    [chart] = [
        json.loads(each.proto.spec)
        for each in app.get("plotly_chart")
        if "Your image" in each.proto.spec
    ]
    [cross] = [trace for trace in chart["data"] if trace["name"] == "Your image"]
    assert (cross["x"], cross["y"]) == ([14], [15])
    assert "UMAP by umap-learn" in words(app) and "an approximation, since umap-learn" in words(app)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n....", b"<svg/>"])
def test_a_bad_upload_is_one_sentence(app: AppTest, content: bytes) -> None:
    """What cannot be read is refused on the spot; the rest of the page stays."""
    visit(app, "reconstruct.py", run=TINY.key, own="Upload")
    app.file_uploader(key="own_file").set_value(("x.png", content, "image/png")).run()

    assert not app.exception
    assert len(app.error) == 1 and app.error[0].value.startswith("The ")
    assert len(shown(app)) == 64


@pytest.mark.parametrize(
    ("error", "tries"), [(UploadError("no image"), 1), (UploadBusyError("try again"), 2)]
)
def test_a_refused_upload_is_not_decoded_again(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, error: UploadError, tries: int
) -> None:
    """When the page runs again it knows the refusal; only what might be read later is tried
    again.
    """
    contents = []

    def refuse(content: bytes) -> None:
        contents.append(content)
        raise error

    monkeypatch.setattr(sys.modules[own_image.__module__], "read_image", refuse)
    visit(app, "reconstruct.py", run=TINY.key, own="Upload")
    app.file_uploader(key="own_file").set_value(("x.png", b"some", "image/png")).run()
    app.run()

    assert contents == [b"some"] * tries and len(app.error) == 1


def test_a_drawing_is_looked_at(app: AppTest) -> None:
    """What was drawn is encoded, for a run of more dimensions, too; an empty sheet asks for a
    drawing.
    """
    visit(app, "reconstruct.py", run=DEEP.key)
    assert "Draw or upload" in words(app)
    sheet = np.zeros((112, 112, 1), np.uint8)
    sheet[10:90, 50:60] = 255
    app.session_state["own_drawing"] = sheet
    app.run()

    assert not app.exception
    assert "Nearest test images in latent space" in words(app)
    assert "The latent values, the most informative first" in words(app)


def message(pixels: np.ndarray) -> dict[str, str]:
    """What the sheet sends of these pixels (H, W, 3)."""
    return {"pixels": base64.b64encode(pixels.tobytes()).decode()}


@pytest.mark.parametrize(
    ("shape", "size"),
    [((1, 8, 8), (112, 112)), ((3, 32, 32), (112, 112)), ((1, 7, 48), (16, 112))],
)
def test_a_drawing_arrives_as_its_pixels(shape: tuple[int, ...], size: tuple[int, int]) -> None:
    """As many as the proportions of the run's images ask for; grey ones have one channel."""
    levels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    grey = levels[:, :, :1].repeat(3, axis=2)

    pixels = drawing(message(levels), ImageShape(*shape))
    assert pixels is not None and np.array_equal(pixels, levels)
    pixels = drawing(message(grey), ImageShape(*shape))
    assert pixels is not None and np.array_equal(pixels, grey[:, :, :1])


@pytest.mark.parametrize(
    "forged",
    [
        *(None, 0, "", "pixels", [], [["pixels"]], {}, {"png": "iVBOR"}, float("inf")),
        *({"pixels": value} for value in (None, 0, [1], {"a": 1}, "A", "A" * 10**6, "\x00" * 4)),
        {"pixels": "A" * (112 * 112 * 4 - 4)},
        {"pixels": "A" * (112 * 112 * 4 - 1) + "="},
        {"pixels": "A" * (112 * 112 * 4 - 1) + "ä"},
        {"pixels": "=" * (112 * 112 * 4)},
    ],
)
def test_a_forged_drawing_is_none(forged: object) -> None:
    """A message that the sheet does not send is ignored; one of an empty sheet clears it."""
    assert drawing(forged, ImageShape(1, 8, 8)) is None
    assert drawing({"pixels": ""}, ImageShape(1, 8, 8)) is CLEARED


def test_a_drawing_needs_no_decoder(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is started for it: it is looked at after every stroke."""
    monkeypatch.delattr(uploads, "run_limited")
    visit(app, "reconstruct.py", run=TINY.key)
    app.session_state["own_drawing"] = np.eye(112, dtype=np.uint8)[:, :, None] * 255
    app.run()

    assert not app.exception and not app.error
    assert "Nearest test images in latent space" in words(app)


# ---- In the browser ----


@pytest.mark.parametrize("shape", [[1, 8, 8], [3, 32, 32], [1, 7, 48], [1, 28, 5]])
def test_the_sheet_sends_pixels_of_the_size_that_is_awaited(shape: list[int]) -> None:
    """component.js and component.py round the sheet's size in the same way."""
    source = (PACKAGE / "ui/reconstruct/sketch/component.js").read_text()
    constant = next(line for line in source.splitlines() if line.startswith("const SENT"))
    start = source.index("  sized(side) {")
    method = source[start : source.index("\n  }\n", start) + 5]
    program = f"{constant}; const sheet = {{ data: {{ shape }}, {method} }};"
    program += " console.log(JSON.stringify(sheet.sized(SENT)));"

    assert tuple(in_node(program, shape=shape)[::-1]) == sent_size(ImageShape(*shape))


@pytest.mark.parametrize(
    ("width", "count", "rows", "shape", "found"),
    [
        (1_064, 64, 2, [1, 28, 28], (16, 2)),
        (1_064, 64, 4, [1, 28, 28], (32, 1)),
        (1_064, 64, 2, [3, 32, 32], (16, 2)),
        (500, 64, 2, [1, 8, 8], (8, 4)),
        (300, 64, 2, [1, 28, 28], (8, 1)),
        (1_064, 5, 2, [1, 28, 28], (8, 4)),
        (1_088, 64, 9, [1, 8, 8], (32, 4)),
        (90, 64, 9, [1, 28, 28], (4, 1)),
    ],
)
def test_image_rows_fit_their_width(
    width: int, count: int, rows: int, shape: list[int], found: tuple[int, int]
) -> None:
    """As large as the width and a height of 740 pixels have room for, 28 pixels at least, in whole
    rows.
    """
    program = (
        "const { columns, zoom } = arranged(width, count, rows, shape);"
        " console.log(JSON.stringify([columns, zoom]));"
    )
    layout = (PACKAGE / "ui/reconstruct/image_rows/layout.js", "arranged")

    assert (
        tuple(in_node(program, layout, width=width, count=count, rows=rows, shape=shape)) == found
    )
