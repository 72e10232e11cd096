"""The same training with several seeds: what of a difference between two configs is more than
chance.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from autoencoder import figures
from autoencoder.analysis import comparison
from autoencoder.config.metrics import COMPARED_METRICS
from autoencoder.config.run_config import RunConfig
from autoencoder.formatting import number
from autoencoder.ui.compare.differences import differences_in_words
from autoencoder.ui.compare.finished_runs import (
    Compared,
    Facts,
    finished_runs,
    measured_on,
    nothing_yet,
)
from autoencoder.ui.compare.measuring import offer_measuring
from autoencoder.ui.compare.run_choice import choose
from autoencoder.ui.compare.train_several import train_all
from autoencoder.ui.shared.chart import chart
from autoencoder.ui.shared.run_titles import distinct_names
from autoencoder.ui.shared.shell import explained, store

MOST_MORE = 10  # seeds asked for at once
RULE = (
    "Difference: ± is half of the 95 % confidence interval of the difference"
    " between the two means (Welch's t-test). A difference is outside the spread if"
    " this interval does not contain 0."
)


@explained
def compare_seeds() -> None:
    """Two groups of runs that differ in nothing but their seed, compared; more seeds with one
    button.
    """
    runs = finished_runs()
    if not runs:
        nothing_yet(
            "There are no finished runs yet. This view compares runs that differ only in"
            " their seed."
        )
        return
    families = comparison.families([each.run.config for each in runs], "seed")
    groups = {
        key: [runs[i] for i in families[key]]
        for key in sorted(families, key=lambda key: -len(families[key]))
    }
    configs = {key: replace(group[0].run.config, seed=0) for key, group in groups.items()}
    names = distinct_names(configs)
    titles = {key: f"{names[key]} · {_count(group)}" for key, group in groups.items()}
    left, right = st.columns(2, gap="medium")
    with left:
        one = choose("Config A", titles, name="config_a", start=next(iter(groups)))
    others = [key for key in groups if key != one and _images(groups[key]) == _images(groups[one])]
    other = ""
    with right:
        if others:
            other = choose(
                "Config B", {key: titles[key] for key in others}, name="config_b", start=others[0]
            )
        else:
            st.caption("There is no other config on this data set to compare it with.")
    picked = {"A": groups[one], **({"B": groups[other]} if other else {})}
    _compare(picked)


def _count(group: Sequence[Compared]) -> str:
    return "1 seed" if len(group) == 1 else f"{len(group)} seeds"


def _images(group: Sequence[Compared]) -> tuple[object, ...]:
    """What tells the test images of a group from another's."""
    config = group[0].run.config
    return config.dataset, config.info.fingerprint, config.classes


def _compare(groups: dict[str, list[Compared]]) -> None:
    if len(groups) == 2:
        a, b = groups.values()
        configs = [group[0].run.config for group in (a, b)]
        facts_a, facts_b = ([each.facts for each in group] for group in (a, b))
        difference = difference_in_words(facts_a, facts_b, "mse")
        st.markdown(f"**{difference}**")
        st.caption(
            differences_in_words(configs, list(groups), subject="A and B", ignored=("seed",))
        )
    st.dataframe(rows(groups), key="seed_table", hide_index=True)
    st.caption(f"Mean ± standard deviation over seeds. {RULE if len(groups) == 2 else ''}")
    offer_measuring([each for group in groups.values() for each in group])
    picture, more = st.columns([3, 2], gap="large")
    with picture:
        members = [each for group in groups.values() for each in group]
        dots = {
            f"{key}: {_count(group)}": {e.run.config.seed: e.facts.mse for e in group}
            for key, group in groups.items()
        }
        chart(
            figures.seed_dots(dots),
            "Errors of seeds",
            runs=[each.run for each in members],
            sample=measured_on(members),
            key="seed_dots",
            height=420,
        )
    with more:
        for letter, group in groups.items():
            _more(letter, group)


def rows(groups: dict[str, list[Compared]]) -> list[dict[str, Any]]:
    """One row per metric: mean and spread of every group, and, of two groups, whether they
    differ.
    """
    return [
        _row(metric, {key: [each.facts for each in group] for key, group in groups.items()})
        for metric in COMPARED_METRICS
    ]


def _row(metric: str, groups: dict[str, list[Facts]]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "Metric": COMPARED_METRICS[metric].heading,
        **{key: _summary(metric, group) for key, group in groups.items()},
    }
    if len(groups) == 2:
        a, b = groups.values()
        row["Difference"] = difference_in_words(a, b, metric).partition(": ")[2]
    return row


def _summary(metric: str, group: Sequence[Facts]) -> str:
    values = known(metric, group)
    if not values:
        return "-"
    spread = comparison.spread(values)
    mean = number(spread.mean)
    return f"{mean} ± {number(spread.spread)}" if len(values) > 1 else mean


def known(metric: str, group: Sequence[Facts]) -> list[float]:
    """The metric's values, of those that have one."""
    return [value for facts in group if (value := facts.scores[metric]) is not None]


def difference_in_words(a: Sequence[Facts], b: Sequence[Facts], metric: str) -> str:
    """Whether A or B is better in a metric, by more than seeds explain."""
    gap, spec = comparison.gap(known(metric, a), known(metric, b)), COMPARED_METRICS[metric]
    title = spec.heading
    if gap is None:
        return f"{title}: not known, because a spread needs at least two seeds of A and of B"
    numbers = f"{number(abs(gap.value))} ± {number(gap.margin)}"
    if not gap.is_real:
        return f"{title}: no clear difference, {numbers} is inside the spread"
    better = "A" if (gap.value > 0) == spec.higher_is_better else "B"
    return f"{title}: {better} is better by {numbers}, outside the spread"


def _more(letter: str, group: Sequence[Compared]) -> None:
    """A button that trains more seeds of a group's config."""
    with st.container(border=True):
        count = st.number_input(f"More seeds of {letter}", 1, MOST_MORE, 3, key=f"more_{letter}")
        configs = _further(group[0].run.config, int(count))
        known_seeds = ", ".join(str(each.run.config.seed) for each in group)
        st.caption(f"Finished: {known_seeds}")
        train_all(
            configs,
            f"Train {'seed' if len(configs) == 1 else 'seeds'}"
            f" {', '.join(str(config.seed) for config in configs)}",
            key=f"train_{letter}",
            kind="seeds",
        )


def _further(config: RunConfig, count: int) -> list[RunConfig]:
    """The config with those seeds that are under way, else with the next `count` that were never
    asked for.
    """
    same = [run for run in store().runs() if replace(run.config, seed=config.seed) == config]
    if live := [run.config for run in same if run.is_live]:
        return sorted(live, key=lambda each: each.seed)
    used = {run.config.seed for run in same}
    free = (seed for seed in range(len(used) + count) if seed not in used)
    return [replace(config, seed=seed) for seed, _ in zip(free, range(count), strict=False)]
