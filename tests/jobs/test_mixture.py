"""The mixture of a run, from the queue to the file and onto the page; and what every side task
promises.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.analysis.sampling import fit_mixture
from autoencoder.config.projections import ProjectionSettings
from autoencoder.config.settings import Settings
from autoencoder.data import loading
from autoencoder.jobs import MIXTURE, Queue, mixture
from autoencoder.networks import inference
from autoencoder.runs import Task, TaskState
from tests.support.configs import DEEP, TINY
from tests.support.queues import claimed, do, end_all, here, stop_at
from tests.support.runs import held
from tests.support.waiting import wait_until


@pytest.fixture
def known(store, data_folder):
    """A queue over a copy of the trained runs; what still runs after the test is ended."""
    queue = Queue(Settings(store.folder, data_folder))
    yield queue
    end_all(queue)


def task_of(queue, config, name=MIXTURE):
    """The side task of a run."""
    return Task(queue.store.folder / config.key, name)


# The job


@pytest.mark.slow
def test_a_mixture_is_fitted_once_and_kept(known):
    """A process of its own fits it to the run's training latents; asking again starts nothing."""
    known.submit_task(TINY.key, MIXTURE)
    known.submit_task(TINY.key, MIXTURE)
    task = task_of(known, TINY)
    wait_until(lambda: task.now() not in ("queued", "running") and not task.is_held())

    assert task.read().state == "finished", task.read().error
    latents, classes = known.store.get(TINY.key).mixture().sample(50, seed=0)
    assert latents.shape == (50, 2) and set(classes) <= set(range(10))
    before = task.state_file.read_bytes()
    known.submit_task(TINY.key, MIXTURE)
    assert task.state_file.read_bytes() == before
    assert (task.folder / "mixture.log.txt").read_text().count("reading the training images") == 1


@pytest.mark.parametrize("config", [TINY, DEEP], ids=["plain", "variational"])
def test_it_is_fitted_to_the_images_the_run_was_trained_on(known, digits, config):
    """The same mixture comes of encoding the training images that the config selects, with the
    run's seed.
    """
    said = []
    assert do(known, config, MIXTURE, lambda words, fraction: said.append(words)) == "finished"
    run, train = known.store.get(config.key), loading.select(config, digits).train
    latents = inference.encode(inference.rebuild(config, run.weights()), train.images)
    expected, found = fit_mixture(latents, train.labels, seed=config.seed), run.mixture()

    assert len(train) == 64 and "encoding 64 training images" in said
    np.testing.assert_allclose(found.means, expected.means, atol=1e-5)
    np.testing.assert_array_equal(found.classes, expected.classes)
    assert found.weights.sum() == pytest.approx(1)


def test_a_fit_tells_how_many_classes_are_done(known):
    """Nothing before the first class, nine tenths before the last of ten."""
    shares, task = {}, task_of(known, TINY)
    do(known, TINY, MIXTURE, lambda words, fraction: shares.update({words: task.read().share}))

    assert list(shares.values())[-10:] == pytest.approx(np.arange(10) / 10)


def test_no_more_images_are_encoded_than_allowed(known, monkeypatch):
    """Of many training images the first are enough."""
    monkeypatch.setattr(mixture, "MOST_IMAGES", 20)
    said = []
    do(known, TINY, MIXTURE, lambda words, fraction: said.append(words))

    assert "encoding 20 training images" in said


def test_a_run_that_trained_on_is_fitted_again(settings):
    """The mixture of a stopped run goes out of date as the run goes on, and is made anew when asked
    for.
    """
    queue = Queue(settings)
    claimed(queue, TINY)
    assert here(queue, TINY, on_progress=stop_at(1)).state == "stopped"
    assert do(queue, TINY, MIXTURE) == "finished"
    first = queue.store.get(TINY.key).mixture()
    assert here(queue, TINY).state == "finished"

    assert not queue.store.get(TINY.key).has_mixture()
    assert do(queue, TINY, MIXTURE) == "finished"
    assert not np.allclose(queue.store.get(TINY.key).mixture().means[:1], first.means[:1])


@pytest.mark.parametrize("damage", [b"", b"PK nonsense"], ids=["empty", "no zip"])
def test_a_damaged_mixture_is_made_again(known, damage):
    """Whatever lies in its place does not count as done."""
    path = known.store.folder / TINY.key / "mixture.npz"
    path.write_bytes(damage)

    assert not known.store.get(TINY.key).has_mixture()
    assert do(known, TINY, MIXTURE) == "finished"
    assert known.store.get(TINY.key).mixture() is not None


def test_a_fit_that_fails_says_why(known, tmp_path):
    """One sentence in the task's state; the run itself stays finished, and once the cause is gone
    it succeeds.
    """
    (tmp_path / "file").write_text("no folder")
    broken = Queue(replace(known.settings, data=tmp_path / "file"))

    assert do(broken, TINY, MIXTURE) == "failed"
    assert "cannot write digits to the data folder" in task_of(known, TINY).read().error
    assert known.store.get(TINY.key).state == "finished"
    assert do(known, TINY, MIXTURE) == "finished"


# The page


def page():
    """A page of nothing but what decoders make of new latents."""
    from autoencoder.ui.decode import manifold, samples
    from autoencoder.ui.shared.title import title

    run = title("Generate")
    manifold(run)
    samples(run)


@pytest.fixture
def app(known, monkeypatch):
    """That page over a copy of the trained runs; TINY is chosen."""
    monkeypatch.setenv("AUTOENCODER_MODELS", str(known.settings.models))
    monkeypatch.setenv("AUTOENCODER_DATA", str(known.settings.data))
    monkeypatch.setattr(
        st, "page_link", lambda *arguments, **options: None
    )  # there are no other pages here
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_function(page, default_timeout=60)


def opened(app, config, **query):
    """The page at an address, without an exception."""
    for name, value in {"run": config.key, **query}.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def drawn(app, name):
    """The HTML of what is drawn in the class `name`."""
    return [
        html.proto.body
        for html in app.get("html")
        if f'"{name} ' in html.proto.body or f"'{name} " in html.proto.body
    ]


def words(app):
    """All text in captions, boxes and paragraphs."""
    return "\n".join(
        element.value
        for kind in (app.caption, app.markdown, app.warning, app.info)
        for element in kind
    )


@pytest.mark.slow
def test_the_grid_of_a_plane_is_decoded(app):
    """A run with two dimensions has nothing to choose but the grid, whose ends and size follow the
    controls.
    """
    opened(app, TINY)
    first = drawn(app, "mosaic")
    app.slider(key="grid").set_value(8).run()
    second = drawn(app, "mosaic")
    app.slider(key="reach").set_value(60).run()

    assert "plane" not in app.session_state
    assert "--w:160" in first[0] and "--w:64" in second[0]
    assert drawn(app, "mosaic") != second
    assert "8 steps along each axis and covers 60% of the latents of the test images" in words(app)


@pytest.mark.slow
def test_any_two_dimensions_make_a_plane(app):
    """More than two dimensions: PCA's plane first, then any two that differ; the same twice is
    refused in words.
    """
    opened(app, DEEP)
    assert "PC 1" in drawn(app, "mosaic")[0] and "PCA of the latents" in words(app)
    app.segmented_control(key="plane").set_value("two").run()
    names = [app.selectbox(key=key).value for key in ("across", "up")]

    assert len(set(names)) == 2 and all(
        f"<b>{name}</b>" in drawn(app, "mosaic")[0] for name in names
    )
    app.selectbox(key="up").set_value(names[0]).run()
    assert not app.exception and not drawn(app, "mosaic")
    assert "two different dimensions" in words(app)


@pytest.mark.slow
def test_one_dimension_is_one_row(app, known):
    """A run with a single latent dimension shows a row of images and no second axis."""
    config = replace(TINY, latent_dim=1, epochs=1)
    claimed(known, config)
    here(known, config)
    opened(app, config)

    assert "--w:160" in drawn(app, "mosaic")[0] and "z1" not in drawn(app, "mosaic")[0]
    assert "on one of these lines" in words(app)


@pytest.mark.slow
def test_samples_of_the_prior_are_shown_beside_what_is_real(app):
    """32 samples of a variational run, the same for the same seed, with the distance of real images
    as a yardstick.
    """
    opened(app, DEEP, seed="7")
    first = drawn(app, "wall")
    app.button(key="next_seed").click().run()
    second = drawn(app, "wall")
    app.number_input(key="seed").set_value(7).run()

    assert not app.exception
    assert "32 samples from the standard normal prior, seed 7" in words(app)
    assert first[0].count("<small>") == 32 and first != second and drawn(app, "wall") == first
    assert "from a test image to its nearest other test image" in words(app)


@pytest.mark.slow
def test_a_missing_mixture_is_fitted_while_the_page_waits(app, known):
    """The first look starts the job and shows its progress with a way to cancel; when it is done,
    samples are there.
    """
    opened(app, TINY)
    task = task_of(known, TINY)

    assert "sum of normal distributions" in words(app) and app.button(key="cancel_mixture")
    wait_until(lambda: task.now() not in ("queued", "running"))
    opened(app, TINY, **{"class": "3"})
    assert app.selectbox(key="class").value == 3
    assert "samples from the Gaussian mixture" in words(app) and len(drawn(app, "wall")) == 1
    assert "the nearest test image has the class of the sample" in words(app)


def test_a_cancelled_mixture_waits_to_be_asked_for(app, known):
    """Cancelled or failed, it is not started anew by looking; the page says what happened and
    offers it.
    """
    task = task_of(known, TINY)
    for state, said in (("stopped", "was cancelled"), ("failed", r"failed: no \*luck\*")):
        task.write(TaskState(state, error="no *luck*"))
        opened(app, TINY)
        assert task.now() == state
        assert said in words(app) and app.button(key="retry_mixture").label == "Try again"


@pytest.mark.parametrize(
    ("share", "left"),
    [(0.0, None), (0.05, None), (0.25, "about 30 s left"), (1.0, "about 0 s left")],
)
def test_a_page_shows_how_far_a_task_is(app, known, share, left):
    """A bar once the share is known, and the time that is left once that can be told; words alone
    before.
    """
    task, began = task_of(known, TINY), datetime.now(UTC) - timedelta(seconds=10)
    with held(task):
        task.write(
            TaskState("running", step="fitting *it*", share=share, started=began.isoformat())
        )
        opened(app, TINY)
    bars = [bar.proto for bar in app.get("progress")]

    assert [bar.value for bar in bars] == ([round(100 * share)] if share else [])
    text = bars[0].text if bars else app.status[0].label
    assert text.startswith(r"Fitting \*it\* · 1") and "so far" in text
    assert ("left" in text) == (left is not None)
    if left:
        assert re.sub(r"3\d s", "30 s", text).endswith(left)


def test_the_latents_of_a_live_run_are_not_fitted(app, known):
    """While a run is trained on, its page asks for no mixture, which would be out of date at
    once.
    """
    task = Task(known.store.folder / TINY.key)
    with held(task):
        task.update(state="running")
        opened(app, TINY)

    assert "during training" in words(app)
    assert task_of(known, TINY).glance() == ""


@pytest.mark.parametrize(
    "query",
    [
        {"class": "no such"},
        {"seed": "-1"},
        {"seed": "9" * 30},
        {"grid": "1000"},
        {"reach": "0"},
        {"spacing": "cubic"},
        {"plane": "<b>"},
        {"across": "z99", "plane": "Two dimensions"},
        {"source": "no"},
    ],
    ids=lambda query: "&".join(f"{name}={value}" for name, value in query.items()),
)
@pytest.mark.slow
def test_a_nonsensical_address_shows_the_page(app, known, query):
    """Values that no control has are as if they were not there."""
    do(known, DEEP, MIXTURE)
    opened(app, DEEP, source=query.pop("source", "Gaussian mixture"), **query)

    assert drawn(app, "mosaic") and drawn(app, "wall")


@pytest.mark.slow
def test_what_was_chosen_for_one_run_does_no_harm_to_the_next(app, known):
    """A class and dimensions that the next run does not have give way to ones it has."""
    few = replace(TINY, classes=(1, 2), train_size=40, latent_dim=3, epochs=1)
    claimed(known, few)
    here(known, few)
    for config in (DEEP, few):
        assert do(known, config, MIXTURE) == "finished"
    opened(app, DEEP, source="Gaussian mixture", plane="Two dimensions", across="z4")
    app.selectbox(key="class").set_value(7).run()
    opened(app, few)

    assert drawn(app, "mosaic") and drawn(app, "wall")
    assert set(app.selectbox(key="class").options) == {"Any", "1", "2"}


def map_page():
    """A page of nothing but a map laid out by t-SNE."""
    import streamlit as st

    from autoencoder.config.projections import ProjectionSettings
    from autoencoder.ui.shared.projections import projected
    from autoencoder.ui.shared.title import title

    projection = projected(title("Map"), ProjectionSettings.usual("tsne"))
    st.caption(f"{len(projection.points)} points, {projection.about}")


@pytest.mark.slow
def test_a_projection_is_waited_for_in_the_same_way(app, known):
    """A map that is not laid out yet is asked for by looking, and is there once its job has
    ended.
    """
    app = AppTest.from_function(map_page, default_timeout=60)
    opened(app, TINY)
    task = task_of(known, TINY, ProjectionSettings("tsne", 30).name)

    assert "you can leave this page" in words(app) and app.button(key="cancel_projection")
    wait_until(lambda: task.now() not in ("queued", "running"))
    assert "360 points, t-SNE, perplexity 30, seed 0, trustworthiness 0." in words(
        opened(app, TINY)
    )


def test_a_damaged_map_is_laid_out_again(app, known):
    """What lies in its place does not stand in the way of a new one."""
    app = AppTest.from_function(map_page, default_timeout=60)
    name = ProjectionSettings("tsne", 30).name
    (known.store.folder / TINY.key / f"{name}.npz").write_bytes(b"PK nonsense")
    task_of(known, TINY, name).write(TaskState("finished"))

    assert opened(app, TINY).button(key="cancel_projection")
    assert task_of(known, TINY, name).now() in ("queued", "running", "finished")


def test_the_latents_of_a_live_run_are_not_laid_out(app, known):
    """While a run is trained on, no map of its latents is asked for, which would be out of date at
    once.
    """
    app = AppTest.from_function(map_page, default_timeout=60)
    task, name = Task(known.store.folder / TINY.key), ProjectionSettings("tsne", 30).name
    with held(task):
        task.update(state="running")
        opened(app, TINY)

    assert "The latents change during training. t-SNE" in words(app)
    assert task_of(known, TINY, name).glance() == ""
