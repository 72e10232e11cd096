"""The compare page over small runs that were really trained: the table, side by side, the
bottleneck, seeds, PCA.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from autoencoder.analysis.comparison import weight_of
from autoencoder.analysis.metrics import neighbour_accuracy
from autoencoder.config.datasets import DATASETS
from autoencoder.config.run_config import RunConfig
from autoencoder.config.settings import Settings
from autoencoder.figures import WeightedRun
from autoencoder.jobs import CLUSTERING, Queue
from autoencoder.jobs.training import train_run
from autoencoder.runs import RunStore, Task, TaskState
from autoencoder.ui.compare import (
    bottleneck,
    finished_runs,
    linear_and_pca,
    neighbour_weights,
    run_table,
    seeds,
)
from autoencoder.ui.compare.differences import differences_in_words
from autoencoder.ui.compare.finished_runs import Facts
from autoencoder.ui.shared.ranking import RECONSTRUCTION, best_first
from autoencoder.ui.shared.shell import CHOSEN
from tests.support.configs import DEEP, TINY
from tests.support.pages import visit, words
from tests.support.queues import do

LINEAR = RunConfig(
    dataset="digits",
    network="linear",
    output_activation="none",
    loss="mse",
    optimizer="adam",
    learning_rate=0.05,
    epochs=3,
    batch_size=64,
    seed=1,
)
SIZES = [replace(TINY, latent_dim=size) for size in (1, 2, 4)]
SEEDS = [replace(TINY, seed=seed) for seed in range(4)]
PART = replace(TINY, classes=(0, 1, 2))
NEAR = replace(TINY, objective="neighbours", neighbours=5)
WEIGHTS = [replace(NEAR, neighbour_weight=weight) for weight in (30.0, 3_000.0)]


@pytest.fixture(scope="module")
def many(trained: Path, tmp_path_factory: pytest.TempPathFactory, data_folder: Path) -> Path:
    """A models folder with three bottlenecks, four seeds, a linear run, one on some classes only.

    Not to be changed.
    """
    folder = tmp_path_factory.mktemp("many") / "models"
    shutil.copytree(trained, folder)
    queue = Queue(Settings(folder, data_folder))
    for config in (*SIZES, *SEEDS, LINEAR, PART):
        if queue.store.claim(config, "stopped"):
            assert train_run(queue, config.key, threads=1, precision="float32").state == "finished"
    return folder


@pytest.fixture
def runs(many: Path, tmp_path: Path) -> Iterator[RunStore]:
    """A copy of them, which `app` shows."""
    shutil.copytree(many, tmp_path / "models")
    yield RunStore(tmp_path / "models")


def compare(app: AppTest, view: str = "Runs", **query: str) -> AppTest:
    """Open the page at a view."""
    return visit(app, "compare.py", view=view, **query)


def ending(config: RunConfig) -> str:
    """How the address names a run."""
    return config.key[-8:]


def drawn(app: AppTest, place: int) -> list[dict[str, Any]]:
    """The traces of the page's chart at that place."""
    return list(json.loads(app.get("plotly_chart")[place].proto.spec)["data"])


# ---- Runs ----


@pytest.mark.slow
def test_the_best_two_are_shown_at_first(runs: RunStore, app: AppTest) -> None:
    """Without a choice the two runs that reconstruct best stand side by side, and the address says
    which.
    """
    compare(app)

    assert not app.exception
    best = best_first(runs.runs(), RECONSTRUCTION)[:2]
    assert app.query_params["runs"].split(",") == [run.key[-8:] for run in best]


@pytest.mark.slow
def test_the_run_that_was_chosen_is_compared_first(runs: RunStore, app: AppTest) -> None:
    """A run that the visitor has chosen stands before the best of the others on the same data."""
    worst = best_first(runs.runs(), RECONSTRUCTION)[-1]
    app.session_state[CHOSEN] = worst.key
    compare(app)

    assert app.query_params["runs"].split(",")[0] == worst.key[-8:]


@pytest.mark.slow
def test_the_table_has_every_run_and_what_differs(runs: RunStore, app: AppTest) -> None:
    """One row per finished run, a column for each option that differs and none for one that does
    not, and every metric.
    """
    compare(app)
    table = app.dataframe[0].value

    assert len(table) == len(runs.keys()) == 9
    assert {
        "Run",
        "Data set",
        "Bottleneck",
        "Test MSE",
        "PCA",
        "SSIM",
        "10-NN accuracy",
        "Parameters",
        "Seed",
    } <= set(table)
    assert "Dropout" not in table
    row = table[table["Run"] == ending(DEEP)].iloc[0]
    assert row["Test MSE"] == runs.get(DEEP.key).metrics["mse"]["run"]
    assert row["Bottleneck"] == 5


@pytest.mark.slow
def test_runs_in_the_address_stand_side_by_side(runs: RunStore, app: AppTest) -> None:
    """Their differences, a curve and a map for each, their images, and the way to the same
    interpolation.
    """
    compare(app, runs=f"{ending(TINY)},{ending(DEEP)}")

    assert not app.exception and not app.error
    said = words(app).replace("\\", "")
    assert "has the lowest test MSE" in said
    assert "They differ in network, objective, bottleneck" in said
    assert list(app.dataframe[1].value.iloc[0])[1:] == ["conv", "mlp"]
    assert len(app.get("plotly_chart")) == 4
    curves = drawn(app, 0)
    assert [trace["name"] for trace in curves] == [
        "conv, d = 2",
        "mlp, variational, d = 5",
    ]
    assert curves[0]["y"][-1] == pytest.approx(runs.get(TINY.key).history[-1].test["mse"])
    link = next(each.proto for each in app.get("page_link") if "interpolation" in each.proto.label)
    assert (
        f"run={TINY.key}" in link.query_string,
        f"with={ending(DEEP)}" in link.query_string,
    ) == (True, True)


@pytest.mark.slow
def test_runs_on_different_images_share_only_curves(runs: RunStore, app: AppTest) -> None:
    """The page says why there is no map, and keeps the curves."""
    compare(app, runs=f"{ending(TINY)},{ending(PART)}")

    assert "different test images" in words(app)
    assert len(app.get("plotly_chart")) == 2


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["nonsense", "../../etc", "<b>x</b>", "a,,b"])
def test_a_run_that_is_not_there_is_named(runs: RunStore, app: AppTest, asked: str) -> None:
    """Whatever the address names, the page says that there is no such run and shows the others."""
    compare(app, runs=f"{ending(TINY)},{asked}")

    assert not app.exception
    assert "There is no finished run whose key ends in" in words(app).replace("\\", "")
    assert app.query_params["runs"] == ending(TINY)


@pytest.mark.parametrize(
    ("ticked", "selected"),
    [("ab", "xba"), ("b", "xb"), ("", "x"), ("abc", "xbac")],
    ids=["add", "same", "none", "order"],
)
def test_ticking_keeps_the_order_and_what_is_hidden(ticked: str, selected: str) -> None:
    """New runs come last, unticked ones go, and those that the filter hides stay."""
    assert run_table.selection(ticked, "abc", "xb") == list(selected)


@pytest.mark.slow
def test_who_comes_back_finds_the_selection(runs: RunStore, app: AppTest) -> None:
    """Runs compared before another page was visited are compared again."""
    compare(app, runs=f"{ending(TINY)},{ending(DEEP)}")
    del app.query_params["runs"]
    visit(app, "train.py")
    compare(app)

    assert app.query_params["runs"] == f"{ending(TINY)},{ending(DEEP)}"


@pytest.mark.slow
def test_a_damaged_run_is_left_out(runs: RunStore, app: AppTest) -> None:
    """A run whose numbers cannot be read is named and missing from the table; the others are
    there.
    """
    (runs.folder / DEEP.key / "metrics.json").write_text("{")
    st.cache_data.clear()
    compare(app)

    assert not app.exception
    assert DEEP.key in words(app).replace("\\", "")
    assert len(app.dataframe[0].value) == 8


@pytest.mark.slow
@pytest.mark.parametrize("view", ["Runs", "Bottleneck", "Seeds"])
@pytest.mark.parametrize(
    "name", ["evaluation.npz", "weights.safetensors", "config.json", "history.jsonl", "state.json"]
)
def test_half_a_file_ends_in_a_sentence(runs: RunStore, app: AppTest, name: str, view: str) -> None:
    """Whatever is damaged of a run that is compared, the page opens without an exception."""
    path = runs.folder / TINY.key / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    st.cache_resource.clear()
    st.cache_data.clear()
    compare(app, view, runs=f"{ending(TINY)},{ending(DEEP)}")

    assert not app.exception
    assert words(app)


MLP = RunConfig(dataset="digits", network="mlp", hidden=(64,), activation="tanh", epochs=3)
VARIATIONAL = replace(MLP, objective="variational", beta=2.0)


@pytest.mark.parametrize(
    ("configs", "said"),
    [
        ((MLP, replace(MLP, seed=1, epochs=4)), "They differ in epochs, seed."),
        ((MLP, replace(MLP, hidden=(8,))), "They differ in widths of dense layers."),
        (
            (replace(LINEAR, seed=0), replace(LINEAR, network="mlp", hidden=(64,), seed=0)),
            "They differ in network. Only b has this option: widths of dense layers.",
        ),
        (
            (RunConfig(dataset="digits", network="linear", epochs=3), MLP, VARIATIONAL),
            "They differ in network, objective. Only b and c have these options: widths of dense"
            " layers, activation. Only c has this option: ",
        ),
        ((MLP, MLP), ""),
    ],
    ids=["both", "both nets", "one", "two of three", "alike"],
)
def test_only_an_option_with_an_effect_is_said_to_differ(
    configs: tuple[RunConfig, ...], said: str
) -> None:
    """An option that only some of the runs have, as a linear one has no activation, is said to be
    theirs.
    """
    assert differences_in_words(configs, "abc"[: len(configs)]).startswith(said)


def test_an_option_without_effect_is_empty_in_the_table() -> None:
    """A linear run has no dense layers, whatever the default says."""
    assert run_table.value_of(LINEAR, "hidden") is None
    assert run_table.value_of(MLP, "hidden") == "64"


# ---- Measuring ----


@pytest.fixture
def unmeasured(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The runs, of which each has too many images to be measured while somebody waits."""
    monkeypatch.setattr(finished_runs, "FEW", 0)
    monkeypatch.setattr(Queue, "_start_what_may", lambda queue: [])  # starts no process
    return runs


def measuring(store: RunStore) -> list[str]:
    """The states of the measuring of all runs."""
    return [Task(run.folder, CLUSTERING).glance() for run in store.runs()]


@pytest.mark.slow
def test_what_is_not_measured_is_measured_by_a_button(
    unmeasured: RunStore, app: AppTest, queue: Queue
) -> None:
    """The button under the table asks for the measuring of every run shown; the page says how far
    that is, and has a number as soon as one is measured.
    """
    compare(app)
    assert "The 10-NN accuracy of 9 runs is not measured yet" in words(app)
    assert app.dataframe[0].value["10-NN accuracy"].isna().all()

    app.button(key="measure_accuracy").click().run()
    assert measuring(unmeasured) == ["queued"] * 9
    assert "Measuring 9 runs" in app.status[0].label

    assert do(queue, TINY, CLUSTERING) == "finished"
    app.run()
    table = app.dataframe[0].value
    assert not app.exception
    assert 0 < table[table["Run"] == ending(TINY)]["10-NN accuracy"].iloc[0] <= 1
    assert "Measuring 8 runs" in app.status[0].label


@pytest.mark.slow
def test_measuring_can_be_cancelled(unmeasured: RunStore, app: AppTest) -> None:
    """Runs that wait are taken out of the queue, and the button is there again."""
    compare(app)
    app.button(key="measure_accuracy").click().run()
    app.button(key="cancel_measuring").click().run()

    assert measuring(unmeasured) == ["stopped"] * 9
    assert app.button(key="measure_accuracy")


@pytest.mark.slow
def test_a_measuring_that_failed_says_why(unmeasured: RunStore, app: AppTest) -> None:
    """The reason is said literally beside the button, which tries again."""
    Task(unmeasured.folder / TINY.key, CLUSTERING).write(TaskState("failed", error="no *space*"))
    compare(app)

    assert r"The last measurement failed: no \*space\*." in words(app)
    assert app.button(key="measure_accuracy")


@pytest.mark.slow
def test_measured_runs_need_no_button(runs: RunStore, app: AppTest) -> None:
    """Where every run has its number nothing is offered."""
    compare(app)

    assert not [button for button in app.button if button.key == "measure_accuracy"]


# ---- Bottleneck ----


@pytest.mark.slow
def test_the_curve_has_every_bottleneck(runs: RunStore, app: AppTest) -> None:
    """Runs that differ in their bottleneck only make a curve of their test errors with PCA's beside
    it.
    """
    compare(app, "Bottleneck")
    by_name = {trace["name"]: trace for trace in drawn(app, 0)}

    assert not app.exception
    assert by_name["Autoencoder"]["x"] == [1, 2, 4]
    assert by_name["Autoencoder"]["y"] == [
        runs.get(config.key).metrics["mse"]["run"] for config in SIZES
    ]
    assert by_name["PCA"]["y"] == [runs.get(config.key).metrics["mse"]["pca"] for config in SIZES]
    assert all(0 < share <= 1 for share in by_name["10-NN accuracy of the latents"]["y"])


@pytest.mark.slow
def test_the_curve_offers_to_measure(unmeasured: RunStore, app: AppTest) -> None:
    """Before any accuracy is known there is no panel for it, but the button."""
    compare(app, "Bottleneck")

    assert not app.exception
    assert [trace["name"] for trace in drawn(app, 0)][:2] == ["Autoencoder", "PCA"]
    assert "10-NN accuracy of the latents" not in [trace["name"] for trace in drawn(app, 0)]
    assert app.button(key="measure_accuracy")


def test_a_sweep_is_queued_by_its_button(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every size is asked for as it was typed, as a sweep; the page then says how far they are."""
    monkeypatch.setattr(Queue, "_start_what_may", lambda queue: [])  # starts no process
    compare(app, "Bottleneck")
    app.text_input(key="sizes").set_value("5, 3").run()
    app.button(key="train_sweep").click().run()
    store = RunStore(tmp_path / "models")

    assert not app.exception
    assert sorted(run.config.latent_dim for run in store.runs()) == [3, 5]
    assert "2 runs: 2 waiting" in app.get("progress")[0].proto.text
    assert app.button(key="train_sweep").disabled


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("2, few", "must be whole numbers"), ("0", "must be a whole number from 1")],
)
def test_a_sweep_that_cannot_be_is_refused(app: AppTest, text: str, complaint: str) -> None:
    """The page says why, and offers no button."""
    compare(app, "Bottleneck")
    app.text_input(key="sizes").set_value(text).run()

    assert complaint in words(app).replace("\\", "")
    assert not [button for button in app.button if button.key == "train_sweep"]


# ---- Neighbours ----


@pytest.fixture
def weighted(runs: RunStore, data_folder: Path) -> RunStore:
    """The runs, and TINY with two weights of neighbours."""
    queue = Queue(Settings(runs.folder, data_folder))
    for config in WEIGHTS:
        queue.store.claim(config, "stopped")
        assert train_run(queue, config.key, threads=1, precision="float32").state == "finished"
    return runs


@pytest.mark.slow
def test_the_trade_off_has_every_weight_and_seed(weighted: RunStore, app: AppTest) -> None:
    """Runs with and without the objective stand by their accuracy and their test error, every seed;
    a sentence says how to read it.
    """
    compare(app, "Neighbours")
    points = drawn(app, 0)[1]
    runs = [weighted.get(config.key) for config in (*SEEDS, *WEIGHTS)]

    assert not app.exception
    assert points["text"] == ["0", "0", "0", "0", "30", "3000"]
    assert points["y"] == [run.metrics["mse"]["run"] for run in runs]
    tests = [run.evaluation() for run in runs]
    assert points["x"] == [neighbour_accuracy(test.latents, test.labels) for test in tests]
    assert "How to read it: each point is a run, labelled by its weight" in words(app)
    assert (
        app.selectbox(key="choose_weights_of").value
        == replace(WEIGHTS[0], neighbour_weight=1.0).key
    )


@pytest.mark.slow
def test_one_weight_is_no_trade_off(runs: RunStore, app: AppTest) -> None:
    """Without two weights the page says what to train; after it the address names the family."""
    compare(app, "Neighbours")

    assert not app.exception
    assert "The chart needs two finished runs that differ only in their weight" in words(app)
    assert not app.get("plotly_chart")


MANY = [replace(PART, dataset="mnist", seed=seed) for seed in range(3)]


@pytest.mark.parametrize(
    ("configs", "dataset"),
    [([], next(iter(DATASETS))), ([TINY, *MANY], "mnist"), ([*MANY, NEAR], "digits")],
    ids=["none", "most runs", "neighbours"],
)
def test_data_with_neighbours_come_first(configs: list[RunConfig], dataset: str) -> None:
    """A series of weights is planned where most runs have neighbours; without any, where most runs
    are.
    """
    assert neighbour_weights.usual_dataset(configs) == dataset


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "dataset"), [({}, "digits"), ({"weights_data": DATASETS["mnist"].title}, "mnist")]
)
def test_a_series_of_weights_opens_where_there_are_runs(
    store: RunStore, app: AppTest, query: dict[str, str], dataset: str
) -> None:
    """The data set is one that has runs, unless the address names another."""
    compare(app, "Neighbours", **query)

    assert app.selectbox(key="weights_data").value == dataset


def test_a_series_of_weights_is_queued_by_its_button(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every weight is asked for as it was typed; weight 0 has the plain objective."""
    monkeypatch.setattr(Queue, "_start_what_may", lambda queue: [])  # starts no process
    compare(app, "Neighbours")
    app.text_input(key="weights").set_value("50, 0").run()
    app.button(key="train_weights").click().run()
    configs = [run.config for run in RunStore(tmp_path / "models").runs()]

    assert not app.exception
    assert {(config.objective, weight_of(config)) for config in configs} == {
        ("plain", 0.0),
        ("neighbours", 50.0),
    }
    assert "2 runs: 2 waiting" in app.get("progress")[0].proto.text
    assert app.button(key="train_weights").disabled


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("2, few", "must be numbers"), ("-1", "must be a number from 0"), ("nan", "must be a number")],
)
def test_a_series_of_weights_that_cannot_be_is_refused(
    app: AppTest, text: str, complaint: str
) -> None:
    """The page says why, and offers no button."""
    compare(app, "Neighbours")
    app.text_input(key="weights").set_value(text).run()

    assert complaint in words(app).replace("\\", "")
    assert not [button for button in app.button if button.key == "train_weights"]


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ((0.5, 0.9, 0.8), "**Weight 30 keeps neighbours together best**: 10-NN accuracy 0.900"),
        ((0.9, 0.5, 0.8), "**More weight on neighbours does not help here**: weight 0 has"),
    ],
)
def test_the_verdict_names_the_best_weight(accuracies: Sequence[float], verdict: str) -> None:
    """The weight with the highest accuracy, against the smallest one."""
    points = [
        WeightedRun(weight, 0, accuracy, 0.04)
        for weight, accuracy in zip((0.0, 30.0, 300.0), accuracies, strict=True)
    ]

    assert neighbour_weights.verdict(points).startswith(verdict)


def test_the_knee_is_told_with_its_price() -> None:
    """The sentences name the knee, the price of error on either side, and where PCA gets as
    good.
    """
    told = " ".join(
        bottleneck.reasons((1, 2, 4), (0.04, 0.01, 0.009), (0.05, 0.03, 0.008), (4, 8, 16), 1)
    )

    assert "The knee is at d = 2" in told
    assert (
        "1 % less error costs 0.0289 bytes per latent vector, above d = 2 it costs 0.759 bytes"
        in told
    )
    assert "PCA reaches this error at d = 4" in told


def test_no_knee_has_its_reason() -> None:
    """Too few sizes, or no levelling off."""
    assert "fewer than three" in bottleneck.reasons((1, 2), (0.2, 0.1), (0.2, 0.1), (4, 8), None)[0]
    assert (
        "level off"
        in bottleneck.reasons((1, 2, 4), (0.4, 0.2, 0.1), (1, 1, 1), (4, 8, 16), None)[0]
    )


# ---- Seeds ----


def _facts(mse: float) -> Facts:
    scores = {"mse": mse, "ssim": 1 - mse, "psnr": 10.0, "knn_10": None}
    return Facts(scores, 0.05, 100, 1.0, 2)


def test_better_means_lower_or_higher_as_the_metric_has_it() -> None:
    """A lower error and a higher similarity are both better; what is not known is said to be so."""
    low, high = [_facts(0.010), _facts(0.011)], [_facts(0.030), _facts(0.031)]

    assert "A is better by 0.0200 ± 0.00304, outside the spread" in seeds.difference_in_words(
        low, high, "mse"
    )
    assert "B is better" in seeds.difference_in_words(high, low, "ssim")
    assert "not known" in seeds.difference_in_words(low, high, "knn_10")
    assert "not known" in seeds.difference_in_words(low[:1], high, "mse")


@pytest.mark.slow
def test_two_sets_of_seeds_of_one_config_do_not_differ(runs: RunStore) -> None:
    """Four seeds of one training, two against two however they are paired, show no difference."""
    errors = [_facts(runs.get(config.key).metrics["mse"]["run"]) for config in SEEDS]
    for a, b in (((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2))):
        told = seeds.difference_in_words([errors[i] for i in a], [errors[i] for i in b], "mse")
        assert "no clear difference" in told and "inside the spread" in told


@pytest.mark.slow
def test_seeds_are_one_group(runs: RunStore, app: AppTest) -> None:
    """Runs that differ in their seed only are summarised by mean and spread, a dot for each."""
    compare(app, "Seeds", config_a=ending(TINY))

    assert not app.exception
    assert sorted(drawn(app, 0)[0]["customdata"]) == [0, 1, 2, 3]
    mean = np.mean([runs.get(config.key).metrics["mse"]["run"] for config in SEEDS])
    assert float(app.dataframe[0].value["A"][0].partition(" ±")[0]) == pytest.approx(mean, rel=1e-2)


@pytest.mark.slow
def test_more_seeds_are_the_next_ones(
    runs: RunStore, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button asks for seeds that there are not yet."""
    monkeypatch.setattr(Queue, "_start_what_may", lambda queue: [])  # starts no process
    compare(app, "Seeds", config_a=ending(TINY))
    app.number_input(key="more_A").set_value(2).run()
    app.button(key="train_A").click().run()

    assert not app.exception
    assert sorted(run.config.seed for run in runs.runs() if run.state == "queued") == [4, 5]


# ---- Linear and PCA ----


@pytest.mark.slow
def test_a_linear_run_is_measured_against_pca(runs: RunStore, app: AppTest) -> None:
    """The verdict says how far its error and its subspace are from PCA's."""
    compare(app, "Linear and PCA")

    assert not app.exception and not app.error
    assert "the largest principal angle is" in words(app)
    assert len(drawn(app, 0)[0]["x"]) == 2


@pytest.mark.slow
def test_weights_that_are_no_matrix_are_said_to_be_damaged(
    runs: RunStore, app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A linear run without its decoder is explained in a sentence."""
    monkeypatch.setattr(linear_and_pca, "DECODER", "elsewhere")
    compare(app, "Linear and PCA")

    assert not app.exception
    assert "is damaged: there is no elsewhere" in app.error[0].value.replace("\\", "")


@pytest.mark.parametrize(
    ("gap", "largest", "claim"),
    [
        (1.9, 4.9, "This autoencoder is PCA"),
        (-1.0, 30.0, "but with another subspace"),
        (2.1, 4.9, "This autoencoder is not PCA"),
    ],
)
def test_the_claim_has_its_thresholds(gap: float, largest: float, claim: str) -> None:
    """At most 2 per cent and at most 5 degrees is the same."""
    assert claim in linear_and_pca.gap_in_words(gap, np.array([0.1, largest]), LINEAR)


@pytest.mark.parametrize("view", ["Runs", "Bottleneck", "Neighbours", "Seeds", "Linear and PCA"])
def test_an_empty_store_says_what_to_do(app: AppTest, view: str) -> None:
    """Every view opens without runs and offers a training."""
    compare(app, view)

    assert not app.exception
    assert "rain" in words(app) or app.button(key="train_sweep")
