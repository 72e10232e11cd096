"""The latent space page: its maps, views and colours, what is selected, and what the browser
computes from points.
"""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.analysis.projections import Projection, ProjectionSteps
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.settings import Settings
from autoencoder.export.tables import as_csv, as_npz
from autoencoder.jobs import CLUSTERING, Queue
from autoencoder.runs import Run, RunStore, RunWriter, Task, TaskState
from autoencoder.ui.latent_space.colourings import colourings
from autoencoder.ui.latent_space.component.component import from_text, to_text
from autoencoder.ui.latent_space.selected_images import counted
from autoencoder.ui.latent_space.selection import SELECTION, Selection
from tests.support.configs import DEEP, TINY
from tests.support.node import in_node
from tests.support.pages import words
from tests.support.places import PACKAGE, ROOT
from tests.support.queues import claimed, do, here

GEOMETRY = PACKAGE / "export/browser/geometry.js"
UMAP_15 = ProjectionSettings("umap", 15)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, data_folder, store: RunStore) -> AppTest:
    """The dashboard over the trained runs; no job is started."""
    monkeypatch.setenv("AUTOENCODER_MODELS", str(store.folder))
    monkeypatch.setenv("AUTOENCODER_DATA", str(data_folder))
    monkeypatch.setattr(Queue, "_start_what_may", lambda queue: [])
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def open_map(app: AppTest, run: str, **query: str) -> AppTest:
    """The latent space page of a run, without an exception."""
    for name, value in {"run": run, **query}.items():
        app.query_params[name] = value
    app.switch_page("pages/latent_space.py").run()
    assert not app.exception
    return app


def sent(app: AppTest) -> dict[str, Any]:
    """What Python tells the visible component."""
    found = [
        each.proto.json
        for each in app.get("bidi_component")
        if each.proto.component_name == "latent_lab.linked_maps"
    ]
    assert len(found) == 1
    [data] = json.loads(found[0])
    return dict(data)


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The Plotly figures on the page."""
    return [json.loads(each.proto.spec) for each in app.get("plotly_chart")]


def named(figure: dict[str, Any]) -> set[str]:
    """What the points of a chart are called: their classes, or what their colour means."""
    return {trace["name"] for trace in figure["data"] if "name" in trace}


def select(app: AppTest, run: str, *indices: int) -> AppTest:
    """As if these test images had been selected on the map."""
    app.session_state[SELECTION] = Selection(run, np.array(indices, int), placed=1)
    return app.run()


def lay_out(run: Run, settings: ProjectionSettings) -> None:
    """Put a finished layout into a run's folder."""
    count = min(settings.points, len(run.evaluation().images))
    points = np.arange(count * settings.dimensions, dtype=np.float32).reshape(count, -1)
    digest = run.weights_sha256 if settings.space == "latents" else ""
    RunWriter(run.folder).projection(Projection(points, settings, (), 0.97, 0.96, digest))


# ---- Maps and views ----


@pytest.mark.parametrize(
    ("config", "method"),
    [(TINY, "Latents"), (TINY, "PCA"), (DEEP, "PCA")],
    ids=["latents2", "pca2", "pca5"],
)
@pytest.mark.parametrize("beside", [False, True])
def test_maps_that_need_no_job_are_there_at_once(
    app: AppTest, config: Any, method: str, beside: bool
) -> None:
    """The latents themselves and PCA are drawn in the browser, if wanted beside the same images by
    their pixels.
    """
    open_map(app, config.key, method=method, beside=str(beside).lower())

    assert [each["space"] for each in sent(app)["maps"]] == ["latents", "pixels"][: 1 + beside]
    assert "All 360 test images" in words(app)
    assert f"training seed {config.seed}" in words(app)


@pytest.mark.parametrize("view", ["Plotly", "3-D"])
@pytest.mark.parametrize("colour", ["Class", "Reconstruction error"])
@pytest.mark.parametrize("beside", ["false", "true"])
def test_charts_show_the_same_maps(app: AppTest, view: str, colour: str, beside: str) -> None:
    """Plotly draws every test image, flat or in space, by class or by error, alone or beside
    pixels.
    """
    open_map(app, DEEP.key, look=view, colour=colour, beside=beside)

    drawn = charts(app)
    assert len(drawn) == 1 + (beside == "true")
    for figure in drawn:
        assert len(named(figure)) == (10 if colour == "Class" else 1)
        assert figure["data"][0]["type"] == ("scattergl" if view == "Plotly" else "scatter3d")
        assert all("customdata" in trace for trace in figure["data"] if "name" in trace)


def test_only_what_has_three_dimensions_is_shown_in_space(app: AppTest) -> None:
    """A run of two dimensions offers no 3-D view and, first of all, its latents as they are."""
    open_map(app, TINY.key, look="3-D")

    assert app.segmented_control(key="look").options == ["Explore", "Plotly"]
    assert app.segmented_control(key="method").options[0] == "Latents"
    assert len(sent(app)["maps"]) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"method": "no-such"},
        {"look": "<b>x</b>"},
        {"colour": "![x](http://x)"},
        {"beside": "maybe"},
        {"umap_neighbours": "1e9", "method": "PCA"},
        {"map_seed": "-1"},
        {"map_points": "nan"},
        {"umap_distance": "inf"},
    ],
    ids=lambda query: next(iter(query)),
)
def test_an_address_out_of_range_is_as_if_it_said_nothing(
    app: AppTest, query: dict[str, str]
) -> None:
    """Whatever the address says of the map, the usual one is shown instead of what cannot be."""
    open_map(app, DEEP.key, **query)

    assert not app.error
    assert sent(app)["maps"][0]["about"] == "PCA of the latents"


@pytest.mark.parametrize(
    "query",
    [
        {"umap_neighbours": "999999"},
        {"umap_neighbours": "1"},
        {"umap_distance": "-3"},
        {"map_seed": "9" * 30},
    ],
)
def test_parameters_out_of_range_do_not_start_a_job(
    app: AppTest, store: RunStore, query: dict[str, str]
) -> None:
    """A hostile parameter of UMAP gives a page with allowed parameters, and no damage."""
    lay_out(store.get(DEEP.key), UMAP_15)
    open_map(app, DEEP.key, method="UMAP", **query)

    assert not app.error


def test_a_layout_that_is_there_is_shown_with_how_far_to_trust_it(
    app: AppTest, store: RunStore
) -> None:
    """The caption names the method, its parameters, its seed, its trustworthiness and its
    continuity.
    """
    lay_out(store.get(DEEP.key), UMAP_15)
    open_map(app, DEEP.key, method="UMAP")

    how = "UMAP (own implementation), neighbours 15, seed 0"  # of an earlier version
    assert f"{how}, trustworthiness 0.970, continuity 0.960" in words(app)
    assert sent(app)["maps"][0]["points"].startswith("points-")


def test_the_usual_layout_starts_by_itself(app: AppTest, store: RunStore) -> None:
    """UMAP with its usual parameters is asked for when it is chosen, and its progress shown."""
    open_map(app, DEEP.key, method="UMAP")

    assert Task(store.get(DEEP.key).folder, UMAP_15.name).glance() == "queued"


def test_a_layout_under_way_says_how_long_such_ones_took(app: AppTest, store: RunStore) -> None:
    """Once another map of about as many points is there, its seconds are told; before that there
    is no guess.
    """
    open_map(app, DEEP.key, method="UMAP")
    assert "UMAP, neighbours 15, seed 0" in words(app)
    assert "Took" not in words(app) and "sually" not in words(app)

    other = ProjectionSettings("umap", 30).name
    Task(store.get(TINY.key).folder, other).write(TaskState("finished", took=42.0))
    app.run()
    assert "Took about 42 s before, for about as many images · UMAP" in words(app)


def test_another_layout_waits_for_a_click(app: AppTest, store: RunStore) -> None:
    """With other parameters the page says what would be computed, and computes it only when asked
    to.
    """
    wanted = ProjectionSettings("umap", 40, seed=7, min_dist=0.25, points=200)
    task = Task(store.get(DEEP.key).folder, wanted.name)
    open_map(
        app,
        DEEP.key,
        method="UMAP",
        umap_neighbours="40",
        map_seed="7",
        umap_distance="0.25",
        map_points="200",
    )

    assert "neighbours 40, minimum distance 0.25, seed 7" in words(app)
    assert task.glance() == ""
    app.button(key="lay_out_latents").click().run()
    assert not app.exception
    assert task.glance() == "queued"


# ---- Watch it form ----


def watch(app: AppTest, run: str, **query: str) -> AppTest:
    """The latent space page of a run, at the view in which UMAP's map forms."""
    return open_map(app, run, method="UMAP", look="Watch it form", **query)


def put_steps(run: Run, *epochs: int) -> None:
    """Put steps after so many epochs into a run's folder."""
    points = np.arange(len(epochs) * 720.0).reshape(-1, 360, 2)
    losses, digest = np.linspace(2, 1, len(epochs)), run.weights_sha256
    steps = ProjectionSteps(UMAP_15, np.array(epochs), points, losses, digest)
    RunWriter(run.folder).steps(steps)


def film(app: AppTest) -> tuple[dict[str, Any], bytes]:
    """What Python tells the film: its header, and the bytes of points and labels after it."""
    [element] = (
        each.proto
        for each in app.get("bidi_component")
        if each.proto.component_name == "latent_lab.steps_view"
    )
    message = element.bytes
    length = int.from_bytes(message[:4], "little")
    return json.loads(message[4 : 4 + length]), message[4 + length :]


def test_only_umap_can_be_watched(app: AppTest, store: RunStore) -> None:
    """The view is offered with UMAP alone; another method, chosen there, shows its own map."""
    put_steps(store.get(DEEP.key), 0, 500)
    watch(app, DEEP.key)
    assert app.segmented_control(key="look").options[-1] == "Watch it form"

    app.segmented_control(key="method").set_value("pca").run()
    assert not app.exception
    assert "Watch it form" not in app.segmented_control(key="look").options
    assert len(sent(app)["maps"]) == 1


def test_a_map_forms_while_a_job_computes_it(app: AppTest, store: RunStore) -> None:
    """Choosing the view asks for the steps; those that are there are drawn, and more are awaited,
    until the last is there.
    """
    run = store.get(DEEP.key)
    watch(app, DEEP.key)
    assert "UMAP, step by step (our own implementation, same algorithm)" in words(app)
    assert Task(run.folder, UMAP_15.steps_name).glance() == "queued"

    put_steps(run, 0, 2)
    header, _ = film(watch(app, DEEP.key))
    assert (header["live"], [each["epoch"] for each in header["frames"]]) == (True, [0, 2])

    put_steps(run, 0, 2, 500)
    header, arrays = film(watch(app, DEEP.key))
    assert (header["live"], [each["loss"] for each in header["frames"]]) == (False, [2, 1.5, 1])
    assert (header["epochs"], header["count"]) == (500, 360)
    levels = np.frombuffer(arrays, "<u2", 3 * 720).reshape(3, 360, 2)
    first = header["frames"][0]
    shown = np.array(first["low"]) + first["side"] * levels[0] / 65_535
    np.testing.assert_allclose(shown, np.arange(720).reshape(360, 2), atol=0.02)


def test_unusual_steps_wait_for_a_click(app: AppTest, store: RunStore) -> None:
    """With other parameters than the usual ones nothing is computed before it is asked for."""
    task = Task(store.get(DEEP.key).folder, ProjectionSettings("umap", 40).steps_name)
    watch(app, DEEP.key, umap_neighbours="40")
    assert task.glance() == ""

    app.button(key="lay_out_latents").click().run()
    assert not app.exception and task.glance() == "queued"


def test_latents_can_be_looked_at_while_the_pixels_are_laid_out(
    app: AppTest, store: RunStore
) -> None:
    """The map of latents stays usable above the progress of the map of pixels, and both are drawn
    when it is there.
    """
    pixels = ProjectionSettings("umap", 15, space="pixels")
    lay_out(store.get(DEEP.key), UMAP_15)
    open_map(app, DEEP.key, method="UMAP", beside="true")
    assert [each["space"] for each in sent(app)["maps"]] == ["latents"]
    assert Task(store.get(DEEP.key).folder, pixels.name).glance() == "queued"

    lay_out(store.get(DEEP.key), pixels)
    open_map(app, DEEP.key, method="UMAP", beside="true")
    assert [each["space"] for each in sent(app)["maps"]] == ["latents", "pixels"]


def test_a_map_by_error_has_a_scale(app: AppTest) -> None:
    """The ends of the palette are percentiles of the errors, and the values travel as bytes of
    their own.
    """
    open_map(app, DEEP.key, colour="Reconstruction error")

    colour = sent(app)["colour"]
    assert (colour["kind"], colour["title"]) == ("value", "Reconstruction error")
    assert 0 < colour["low"] < colour["high"]
    assert colour["values"].startswith("values-")


@pytest.mark.slow
@pytest.mark.parametrize("view", ["Explore", "Plotly", "3-D"])
@pytest.mark.parametrize("name", ["density", "cluster", "other"])
def test_a_judged_run_has_more_colours(
    app: AppTest, store: RunStore, settings: Settings, view: str, name: str
) -> None:
    """Local density, k-means cluster and nearest other class colour each view, once the classes
    have been judged.
    """
    assert name not in colourings(store.get(DEEP.key))
    assert do(Queue(settings), DEEP, CLUSTERING) == "finished"
    known = colourings(store.get(DEEP.key))
    open_map(app, DEEP.key, look=view, colour=known[name].title)

    assert not app.error
    if view == "Explore":
        colour = sent(app)["colour"]
        assert (colour["name"], colour["kind"]) == (name, "value" if name == "density" else "group")
        assert list(known["cluster"].names) == [f"cluster {number}" for number in range(10)]
    else:
        assert len(named(charts(app)[0])) == (1 if name == "density" else 10)


# ---- Runs with little to show ----


def change(store: RunStore, key: str, **arrays: np.ndarray) -> None:
    """Write a run's test images anew."""
    old = store.get(key).evaluation()
    RunWriter(store.folder / key).evaluation(**{**vars(old), **arrays})


@pytest.mark.parametrize("count", [1, 2, 4, 5])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"look": "Plotly", "beside": "true"},
        {"method": "UMAP"},
        {"look": "3-D", "colour": "Reconstruction error"},
    ],
    ids=str,
)
def test_few_test_images_are_shown_too(
    app: AppTest, store: RunStore, count: int, query: dict[str, str]
) -> None:
    """From a single test image on, each view shows what there is, or says that there are too few;
    also once one is selected.
    """
    old = store.get(DEEP.key).evaluation()
    change(store, DEEP.key, **{name: array[:count] for name, array in vars(old).items()})
    open_map(app, DEEP.key, **query)
    select(app, DEEP.key, 0)

    assert not app.exception
    assert not app.error
    assert (
        "method" not in query
        or count >= 5
        or f"needs at least 5 test images; this run has {count}" in words(app)
    )


@pytest.mark.parametrize(
    "query", [{}, {"look": "Plotly"}, {"look": "3-D"}, {"beside": "true"}], ids=str
)
def test_latents_that_are_all_the_same_are_a_point(
    app: AppTest, store: RunStore, query: dict[str, str]
) -> None:
    """A collapsed network's map is drawn without a complaint."""
    change(store, DEEP.key, latents=np.ones((360, 5), np.float32), labels=np.zeros(360, np.int64))
    open_map(app, DEEP.key, **query)

    assert not app.error


# ---- What is selected ----


def test_nothing_selected_is_one_line(app: AppTest) -> None:
    """Without a selection a hint says how to make one, and there is nothing to download."""
    open_map(app, TINY.key)

    assert "Select images with a click" in words(app)
    assert not app.get("download_button")


@pytest.mark.parametrize("view", ["Explore", "Plotly"])
def test_a_selection_is_described(app: AppTest, store: RunStore, view: str) -> None:
    """How many are selected and of which classes, the first 48 of them, and two files."""
    labels = store.get(TINY.key).evaluation().labels
    open_map(app, TINY.key, look=view)
    select(app, TINY.key, *range(100))

    assert "**100 selected**" in words(app)
    assert "The first 48 of 100" in words(app)
    label, most = counted(labels[:100], 10)[0]
    assert f"{label} <b>{most}</b>" in "".join(each.proto.body for each in app.get("html"))
    files = [button.label for button in app.get("download_button")]
    assert [label for label in files if label != "Save the figure"] == ["CSV", "npz"]


def test_a_selection_survives_another_map(app: AppTest) -> None:
    """Projection, view and colour leave the selection alone; the browser is told of it anew;
    another run has none.
    """
    open_map(app, DEEP.key)
    select(app, DEEP.key, 3, 4)
    for query in (
        {"look": "Plotly"},
        {"look": "3-D"},
        {"look": "Explore", "colour": "Reconstruction error"},
    ):
        open_map(app, DEEP.key, **query)
        assert "**2 selected**" in words(app)
    assert sent(app)["selected"] == to_text(np.array([3, 4]))

    open_map(app, TINY.key)
    assert "Select images with a click" in words(app)


def test_a_single_image_has_neighbours(app: AppTest, store: RunStore) -> None:
    """One selected image is shown with its nearest in both spaces, and how many of them are the
    same.
    """
    data = store.get(DEEP.key).evaluation()
    assert data.latents is not None
    open_map(app, DEEP.key)
    select(app, DEEP.key, 7)

    latent, pixel = (
        np.argsort(np.linalg.norm((each - each[7]).reshape(360, -1), axis=1))[1:11]
        for each in (data.latents, data.images / 255)
    )
    assert (
        f"{len(set(latent) & set(pixel))} of 10 images are among the nearest in both spaces"
        in words(app)
    )


def test_what_lies_beyond_a_map_is_said(app: AppTest, store: RunStore) -> None:
    """A selected image that a map of fewer images does not show is counted."""
    wanted = ProjectionSettings("umap", 15, points=200)
    lay_out(store.get(DEEP.key), wanted)
    open_map(app, DEEP.key, method="UMAP", map_points="200")
    select(app, DEEP.key, 10, 250, 300)

    assert "**3 selected**, 2 of them not on this map" in words(app)
    assert "The map shows the first 200 of 360 test images" in words(app)


def test_classes_are_counted_the_most_common_first() -> None:
    """Only classes that occur are counted; equally common ones stay in class order."""
    assert counted(np.array([3, 1, 3, 0, 3, 1, 0]), 5) == [(3, 3), (0, 2), (1, 2)]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_csv_holds_no_formula(name: str) -> None:
    """A class name that a spreadsheet would run is led by an apostrophe; commas, quotes and line
    ends stay in their field.
    """
    names = [name, 'a,"b"\nc']
    text = as_csv(
        np.array([0, 2]),
        np.array([0, 0, 1]),
        names,
        np.array([[0.5, -1], [0, 0], [2, 3.25]]),
        np.array([0.1, 0, 0.3]),
    )
    rows = list(csv.reader(io.StringIO(text.decode(), newline="")))

    assert rows[0] == ["no", "label", "class", "z0", "z1", "error"]
    assert rows[1] == ["0", "0", f"'{name}", "0.5", "-1", "0.1"]
    assert rows[2] == ["2", "1", 'a,"b"\nc', "2", "3.25", "0.3"]


def test_an_npz_holds_the_selected_rows() -> None:
    """The arrays come back without a pickle, cut to what was selected."""
    latents = np.arange(8.0).reshape(4, 2)
    with np.load(
        io.BytesIO(as_npz(np.array([1, 3]), latents=latents)), allow_pickle=False
    ) as found:
        np.testing.assert_array_equal(found["indices"], [1, 3])
        np.testing.assert_array_equal(found["latents"], latents[[1, 3]])


@pytest.mark.parametrize("text", ["?", "AQ", "AQA", "é", "AQ=="])
def test_a_text_that_is_no_selection_is_refused(text: str) -> None:
    """Letters that are not base64, or not whole numbers, raise; numbers of no image select none."""
    with pytest.raises(ValueError):
        from_text(text, 100)

    assert from_text("", 100).tolist() == from_text("//8=", 100).tolist() == []


def test_a_large_selection_travels_small() -> None:
    """Of 5,000 indices 13 kB are sent, and each comes back once, in order, if there is such an
    image.
    """
    indices = np.arange(9_999, -1, -2)
    text = to_text(indices)

    assert len(text) < 14_000
    assert from_text(text, 10_000).tolist() == sorted(indices.tolist())
    assert from_text(text, 3).tolist() == [1]


def test_the_page_needs_neither_umap_nor_sklearn(store: RunStore, data_folder) -> None:
    """A visit to the map, with one image selected and pixels beside, loads no library that lays out
    or clusters.
    """
    code = f"""
import sys
import numpy as np
from streamlit.testing.v1 import AppTest
from autoencoder.ui.latent_space.selection import SELECTION, Selection
app = AppTest.from_file({str(ROOT / "app.py")!r}, default_timeout=60).run()
app.query_params.update(run={DEEP.key!r}, beside="true")
app.session_state[SELECTION] = Selection({DEEP.key!r}, np.array([3]))
app.switch_page("pages/latent_space.py").run()
assert not app.exception and not app.error
heavy = ("umap", "sklearn", "scipy", "numba", "torchvision")
print(*(name for name in heavy if name in sys.modules))
"""
    environment = {
        **os.environ,
        "AUTOENCODER_MODELS": str(store.folder),
        "AUTOENCODER_DATA": str(data_folder),
    }
    child = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert (child.returncode, child.stdout.strip()) == (0, ""), child.stderr


# ---- What the browser computes ----


def test_a_lasso_holds_what_is_inside() -> None:
    """Of a concave lasso the points within are found, not those in its bay, nor those that are
    hidden.
    """
    bay = [[0, 0], [10, 0], [10, 10], [5, 2], [0, 10]]
    points = [1, 1, 5, 1, 5, 8, 9, 5, 11, 5, 1, 5]
    found = in_node(
        "console.log(JSON.stringify(insideLasso(points, bay, (i) => i !== 3)))",
        (GEOMETRY, "insideLasso"),
        bay=bay,
        points=points,
    )

    assert found == [0, 1, 5]


def test_a_lasso_may_cross_itself() -> None:
    """A star with crossing lines: a point is inside if a ray from it crosses the outline an odd
    number of times.
    """
    angles = np.arange(5) * 4 * np.pi / 5
    star = np.column_stack([np.cos(angles), np.sin(angles)]).tolist()
    grid = np.linspace(-0.98, 0.99, 21).tolist()
    points = [[x, y] for x in grid for y in grid]
    found = in_node(
        "console.log(JSON.stringify(insideLasso(points.flat(), star)))",
        (GEOMETRY, "insideLasso"),
        star=star,
        points=points,
    )

    turns = [winding(star, point) for point in points]
    assert found == [i for i, turn in enumerate(turns) if turn % 2]
    assert 20 < len(found) < len(points)


def winding(polygon: list[list[float]], point: list[float]) -> int:
    """How often a polygon goes round a point: by summed angles, another way than the browser's."""
    arms = np.asarray(polygon) - point
    angles = np.arctan2(arms[:, 1], arms[:, 0])
    steps = np.diff([*angles, angles[0]])
    return round(abs(float(np.sum((steps + np.pi) % (2 * np.pi) - np.pi))) / (2 * np.pi))


def test_thumbnails_do_not_cover_each_other() -> None:
    """One image per occupied cell: the first, or the first selected one; cells stay put wherever
    the view is.
    """
    points = [0.1, 0.1, 0.9, 0.9, 1.1, 0.1, -0.1, 0.5, 0.5, 0.6]
    program = """
    const cells = occupied(points, [1, 1], (i) => i !== 2, (i) => i === 4);
    const places = [...cells].map(([name, { index, column, row }]) => [name, index, column, row]);
    console.log(JSON.stringify(places));
    """
    found = in_node(program, (GEOMETRY, "occupied"), points=points)

    assert found == [["0,0", 4, 0, 0], ["-1,0", 3, -1, 0]]


@pytest.mark.parametrize(
    ("direction", "expected"), [([1, 0], 1), ([0, 1], 3), ([-1, 0], -1), ([0, -1], 5)]
)
def test_keys_go_to_the_nearest_point_that_way(direction: list[int], expected: int) -> None:
    """The nearest point within 45 degrees is next; one that is hidden, or in the same place, is
    passed over.
    """
    points = [0, 0, 2, 1, 1, 3, 0, 2, 0, 0, 0.5, -3, 0.1, -1]
    found = in_node(
        "console.log(nextPoint(points, 0, direction, (i) => i !== 6))",
        (GEOMETRY, "nextPoint"),
        points=points,
        direction=direction,
    )

    assert found == expected


@pytest.mark.parametrize("losses", [[0, 0], [5e-324], [9.5, 4.2], [1e15, 0]])
def test_the_axis_of_any_losses_has_a_few_ticks(losses: list[float]) -> None:
    """From 0 to no more than the top, which is above every loss, whatever a file says they are."""
    axis = in_node(
        "console.log(JSON.stringify(lossAxis(losses)))",
        (PACKAGE / "ui/latent_space/steps_view/draw.js", "lossAxis"),
        losses=losses,
    )

    assert 3 <= len(axis["ticks"]) <= 9
    assert axis["ticks"][0] == 0 and axis["ticks"][-1] <= axis["most"]
    assert axis["most"] > max(losses)


def test_both_sides_write_a_selection_alike() -> None:
    """Indices come back from the other side in order, the largest and the smallest among them."""
    indices = [9_999, 0, 257, 65_535]
    text, back = in_node(
        "console.log(JSON.stringify([toText(indices), Array.from(fromText(text))]))",
        (GEOMETRY, "toText, fromText"),
        indices=indices,
        text=to_text(np.array(indices)),
    )

    assert back == sorted(indices)
    assert from_text(text, 65_536).tolist() == sorted(indices)


def test_a_map_that_was_asked_for_neighbours_says_so(
    app: AppTest, settings: Settings, store: RunStore
) -> None:
    """Below the maps of a network whose objective was to keep neighbours stands a sentence about
    that, also where the clusters are measured; other runs have none.
    """
    config = replace(TINY, objective="neighbours", epochs=1)
    queue = Queue(settings)
    claimed(queue, config)
    here(queue, config)
    assert do(queue, config, CLUSTERING) == "finished"
    note = config.objective_spec.about_maps

    assert words(open_map(app, config.key)).count(note) == 1
    assert any(note in each.proto.body for each in app.get("html"))
    assert note not in words(open_map(app, TINY.key))
