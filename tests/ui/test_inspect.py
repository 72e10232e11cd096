"""The page that looks into a network: every view of every kind of run, and what its addresses
restore.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.analysis import inspection, metrics
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.jobs import Queue
from autoencoder.jobs.training import train_run
from autoencoder.networks import inference
from autoencoder.runs import RunStore
from autoencoder.ui.shared.colour_scale import signed_colours, signed_limit
from tests.support.configs import DEEP, TINY
from tests.support.pages import visit, words

VIEWS = ["Kernels", "Activations", "Switch off", "Denoising"]
LINE = RunConfig(
    dataset="digits", epochs=1, train_size=64, batch_size=32, network="linear", latent_dim=1
)
DENOISER = replace(TINY, objective="denoising", noise="masking", noise_level=0.4)


@pytest.fixture
def more(store: RunStore, data_folder: Any) -> RunStore:
    """The trained runs with a linear one and a denoiser beside them."""
    queue = Queue(Settings(models=store.folder, data=data_folder))
    for config in (LINE, DENOISER):
        queue.store.claim(config, "stopped")
        assert train_run(queue, config.key, threads=1, precision="float32").state == "finished"
    return store


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_shows_every_kind_of_run(more: RunStore, app: AppTest, view: str) -> None:
    """Convolutional, dense and variational, linear with one number, and denoising: each view has
    its say, and its figures.
    """
    for config in (TINY, DEEP, LINE, DENOISER):
        visit(app, "inspect.py", run=config.key, view=view)

        assert not app.exception
        assert not app.error
        assert "seed 0" in words(app)


def test_a_layer_away_from_the_pixels_has_norms_instead_of_images(
    store: RunStore, app: AppTest
) -> None:
    """The latent of a convolutional network meets no pixels: the page says so and draws norms."""
    visit(app, "inspect.py", run=TINY.key, weights="Bottleneck")

    assert "has no pixels at its input or output" in words(app)
    assert len(app.get("plotly_chart")) == 1


def test_the_table_counts_dead_units(store: RunStore, app: AppTest) -> None:
    """The layers in the table are those of the network, with the numbers of the survey."""
    visit(app, "inspect.py", run=TINY.key, view="Activations")
    run = store.get(TINY.key)
    found = inspection.survey(inference.rebuild(run.config, run.weights()), run.evaluation().images)
    table = app.dataframe[0].value

    assert list(table["Layer"]) == [each.stage.name for each in found]
    assert list(table["Dead"]) == [each.dead.sum() for each in found]
    np.testing.assert_allclose(table["Hoyer"], [each.hoyer for each in found], rtol=1e-6)


def test_a_survey_survives_a_restart(
    store: RunStore, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a restart of the server the layers are in the table again, without being measured."""
    visit(app, "inspect.py", run=TINY.key, view="Activations")
    before = app.dataframe[0].value
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.delattr(inspection, "survey")
    app.run()

    assert not app.exception
    assert app.dataframe[0].value.equals(before)


def test_the_address_says_which_unit_is_off(store: RunStore, app: AppTest) -> None:
    """Layer, unit and what it gives instead come from the address; the costs of its layer are
    ranked below.
    """
    chosen = {"view": "Switch off", "off": "Bottleneck", "unit": "1", "becomes": "Its mean"}
    visit(app, "inspect.py", run=TINY.key, **chosen)

    assert "The output of unit 1 of Bottleneck is its mean" in words(app)
    assert list(app.dataframe[0].value["Unit"]) in ([0, 1], [1, 0])
    costs = [float(share.rstrip("%")) for share in app.dataframe[0].value["Share"]]
    assert costs == sorted(costs, reverse=True)
    assert app.dataframe[0].value["Share"].str.match(r"[+-]\d").all()


def test_another_layer_has_other_units(store: RunStore, app: AppTest) -> None:
    """A unit that the newly chosen layer does not have is not asked of it."""
    visit(app, "inspect.py", run=TINY.key, view="Switch off", off="Encoder 3", unit="15")
    assert "unit 15 of Encoder 3" in words(app)
    app.selectbox(key="off").set_value("Bottleneck").run()

    assert not app.exception
    assert "The output of unit 0 of Bottleneck" in words(app)


@pytest.mark.parametrize(
    "query",
    [
        {"view": "Switch off", "off": "Nowhere", "unit": "-3", "becomes": "x", "image": "999999"},
        {"view": "Denoising", "noise": "pink", "level": "7", "noise_seed": "-1", "with": "<b>"},
        {"view": "Activations", "layer": "![x](y)", "image": "abc"},
        {"view": "Live"},
    ],
)
def test_a_strange_address_is_no_accident(
    store: RunStore, app: AppTest, query: dict[str, str]
) -> None:
    """Whatever the address asks for, the page shows what it usually shows."""
    visit(app, "inspect.py", run=TINY.key, **query)

    assert not app.exception
    assert not app.error


def test_denoising_measures_all_runs_with_the_same_noise(more: RunStore, app: AppTest) -> None:
    """The error that the page names is that of the network fed with the seeded noise, and starts as
    the run was trained.
    """
    visit(
        app,
        "inspect.py",
        run=DENOISER.key,
        view="Denoising",
        noise_seed="5",
        **{"with": TINY.key[-8:]},
    )
    run = more.get(DENOISER.key)
    data = run.evaluation().images
    noisy = inference.corrupted(data, "masking", 0.4, 5)

    assert app.slider(key="level").value == 0.4
    assert "A diamond marks" in words(app)
    untouched = metrics.squared_errors(metrics.to_unit(data), noisy).mean()
    assert f"{untouched:#.3g}" in words(app)
    least = min(
        inspection.error(inference.rebuild(each.config, each.weights()), noisy, data)
        for each in (run, more.get(TINY.key))
    )
    assert f"**{least:#.3g}**" in words(app)


def test_colours_tell_signs_apart() -> None:
    """Zero is nearly black, the limit and beyond are the ends: bluer below, redder above."""
    below, zero, above, beyond = signed_colours(
        np.array([-1.0, 0.0, 1.0, 9.0])[:, None, None], 1.0
    )[:, :, 0, 0].astype(int)

    assert zero.max() < 32
    assert below[2] > below[0] + 50
    assert above[0] > above[2] + 50
    assert (above == beyond).all()


def test_the_scale_ends_where_nearly_all_numbers_do() -> None:
    """Of few numbers the largest size is the end; of many, single outliers are left beyond it;
    nothing at all has a scale.
    """
    assert signed_limit(np.array([1.0, -3.0])) == 3
    assert signed_limit(np.append(np.ones(10_000), 100)) == 1
    assert signed_limit(np.zeros(3)) > 0
