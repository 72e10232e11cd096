"""What does it cost to keep neighbours together?

A series of weights with one button, and the test error of the finished runs against the accuracy of
their nearest neighbours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from autoencoder import figures
from autoencoder.analysis import comparison
from autoencoder.analysis.comparison import weight_of
from autoencoder.config.datasets import DATASETS
from autoencoder.config.objectives import OBJECTIVES
from autoencoder.config.presets import PRESETS
from autoencoder.config.run_config import RunConfig
from autoencoder.errors import AutoencoderError, ConfigError
from autoencoder.formatting import number
from autoencoder.jobs import sweeps
from autoencoder.ui.compare.finished_runs import Compared, finished_runs, measured_on
from autoencoder.ui.compare.measuring import offer_measuring
from autoencoder.ui.compare.run_choice import choose, note
from autoencoder.ui.compare.series_form import series_config
from autoencoder.ui.compare.train_several import train_all
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.run_titles import distinct_names
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import sentence

USUAL = "0, 30, 100, 300, 1000"
WITH_NEIGHBOURS = [
    name
    for name, preset in PRESETS.items()
    if OBJECTIVES[preset.values.get("objective", RunConfig().objective)].has_neighbours
]
FAMILY = "weights_of"  # in the address: the runs that are shown
HOW_TO_READ = (
    "How to read it: each point is a run, labelled by its weight; further right, more of an image's"
    " nearest neighbours have its class, and further down, the reconstructions are better."
)


@explained
def neighbour_trade_off() -> None:
    """Left what to train, right the chart of the runs that are finished."""
    form, chart = st.columns([1, 2.6], gap="large")
    with chart:
        runs = finished_runs()
    with form:
        configs = _plan(usual_dataset([each.run.config for each in runs]))
        if configs:
            train_all(
                configs,
                "Train the series",
                key="train_weights",
                on_click=lambda: _note_family(configs),
            )
    with chart:
        _families(configs, runs)


def usual_dataset(configs: Sequence[RunConfig]) -> str:
    """The data set with the most runs whose objective has neighbours; without any, with the most
    runs.
    """

    def counts(dataset: str) -> tuple[int, int]:
        runs = [each for each in configs if each.dataset == dataset]
        return sum(each.objective_spec.has_neighbours for each in runs), len(runs)

    return max(DATASETS, key=counts)


def _plan(dataset: str) -> list[RunConfig]:
    """The series that the controls describe; none where they say why not."""
    config = series_config(WITH_NEIGHBOURS, "map-fast", series="weights", dataset=dataset)
    text = st.text_input(
        "Weights of neighbours",
        placeholder=USUAL,
        key="weights",
        help=f"If empty: {USUAL}. Weight 0 is the same network without the objective.",
        bind="query-params",
    )
    try:
        return sweeps.plan_weights(config, _numbers(text or USUAL))
    except AutoencoderError as error:
        st.warning(sentence(str(error)), icon=":material/error:")
        return []


def _numbers(text: str) -> list[float]:
    try:
        return sorted(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ConfigError(f"weights must be numbers separated by commas; got {text[:60]}") from None


def _note_family(planned: Sequence[RunConfig]) -> None:
    """Let the address name the family of the series, if its objective has neighbours at all."""
    for key in comparison.weight_families(planned):
        note(FAMILY, key)


def _families(planned: Sequence[RunConfig], runs: Sequence[Compared]) -> None:
    """The chart of one family of runs: of the planned one first, then of the largest."""
    families = comparison.weight_families([each.run.config for each in runs])
    members: dict[str, list[Compared]] = {
        key: [runs[i] for i in families.get(key, [])] for key in comparison.weight_families(planned)
    }
    for key in sorted(families, key=lambda key: -len(families[key])):
        if _differ(group := [runs[i] for i in families[key]]):
            members.setdefault(key, group)
    if not members:
        _nothing_to_show()
        return
    start = next((key for key, group in members.items() if _differ(group)), next(iter(members)))
    chosen = choose(
        "Finished runs that differ only in their weight of neighbours",
        _titles(members, planned),
        name=FAMILY,
        start=start,
    )
    if _differ(members[chosen]):
        _trade_off(members[chosen])
    else:
        _nothing_to_show()


def _nothing_to_show() -> None:
    st.info(
        "The chart needs two finished runs that differ only in their weight of neighbours. Train a"
        " series of weights: the chart then appears here.",
        icon=":material/inbox:",
    )


def _weights(members: Sequence[Compared]) -> list[float]:
    """The different weights of some runs, ascending."""
    return sorted({weight_of(each.run.config) for each in members})


def _differ(members: Sequence[Compared]) -> bool:
    """Whether there is more than one weight."""
    return len(_weights(members)) > 1


def _titles(
    members: Mapping[str, Sequence[Compared]], planned: Sequence[RunConfig]
) -> dict[str, str]:
    """Family -> what its runs have in common, as far as it tells it from others, and how many there
    are; the family without any run is that of `planned`.
    """
    heads = {
        key: max([each.run.config for each in runs] or planned, key=weight_of)
        for key, runs in members.items()
    }
    alike = {key: replace(head, neighbour_weight=1.0, seed=0) for key, head in heads.items()}
    names = distinct_names(alike)
    return {key: f"{names[key]} · {_sizes(members[key])}" for key in names}


def _sizes(members: Sequence[Compared]) -> str:
    """How many runs a family has, and with which weights."""
    if not members:
        return "no finished run"
    weights = _weights(members)
    if len(members) == 1:
        return f"1 run, weight {weights[0]:g}"
    return f"{len(members)} runs, weight {weights[0]:g} to {weights[-1]:g}"


def _trade_off(members: Sequence[Compared]) -> None:
    """The chart of runs with at least two weights, as far as their neighbours are measured."""
    points = [
        figures.WeightedRun(
            weight_of(each.run.config), each.run.config.seed, accuracy, each.facts.mse
        )
        for each in members
        if (accuracy := each.facts.scores["knn_10"]) is not None
    ]
    if points:
        st.markdown(verdict(points))
        config = members[0].run.config
        chart(
            figures.weight_trade_off(points),
            "Error and neighbours by weight",
            runs=[each.run for each in members],
            sample=measured_on(members),
            key="trade_off",
            height=420,
        )
        st.caption(HOW_TO_READ)
        tested = config.info.evaluated
        seeds = sorted({point.seed for point in points})
        st.caption(
            f"{config.info.title}, means over the first {tested:,} test images, neighbours among"
            f" themselves · training {'seed' if len(seeds) == 1 else 'seeds'}"
            f" {', '.join(map(str, seeds))} · the line goes through the mean of each weight ·"
            " weight 0 is the same network without the objective"
        )
    offer_measuring(members)


def verdict(points: Sequence[figures.WeightedRun]) -> str:
    """What the smallest weight and the one with the highest accuracy come to, in Markdown.

    Args:
        points: At least one.
    """
    means = figures.means_by_weight(points)
    first, best = means[0], max(means, key=lambda mean: mean.accuracy)
    if first == best:
        return (
            f"**More weight on neighbours does not help here**: weight {first.weight:g} has the"
            f" highest 10-NN accuracy, {number(first.accuracy)}, with a test MSE of"
            f" {number(first.error)}."
        )
    return (
        f"**Weight {best.weight:g} keeps neighbours together best**: 10-NN accuracy"
        f" {number(best.accuracy)} and test MSE {number(best.error)}, against"
        f" {number(first.accuracy)} and {number(first.error)} with weight {first.weight:g}."
    )
