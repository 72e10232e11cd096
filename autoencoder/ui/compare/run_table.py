"""All finished runs in one table; those selected go side by side.

The selection lives in the address.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from autoencoder.analysis import comparison
from autoencoder.config.metrics import COMPARED_METRICS
from autoencoder.config.options import listed
from autoencoder.config.run_config import OPTIONS, RunConfig
from autoencoder.config.run_config import label as option_label
from autoencoder.runs.labels import read_label
from autoencoder.ui.compare.finished_runs import ENDING, Compared, finished_runs, nothing_yet
from autoencoder.ui.compare.measuring import offer_measuring
from autoencoder.ui.compare.side_by_side import beside
from autoencoder.ui.components.messages import selected_rows
from autoencoder.ui.shared.dataset_titles import titles_of
from autoencoder.ui.shared.ranking import RECONSTRUCTION, best_first
from autoencoder.ui.shared.shell import CHOSEN, explained
from autoencoder.ui.shared.text import sentence

RUNS = "runs"  # in the address: the ends of the selected runs' keys
REMEMBERED = "compared_runs"  # in the session state: the same, for who comes back from another page
MOST = 5  # side by side
EVERY = "all"
ALWAYS = ("dataset", "network", "latent_dim")  # columns of the table, whether or not they differ


@explained
def compare_runs() -> None:
    """The table of finished runs and, below it, the selected ones side by side."""
    runs = finished_runs()
    if not runs:
        nothing_yet("There are no finished runs yet. This view needs two of them.")
        return
    chosen = _chosen(runs)
    listed_runs = _filtered(runs)
    _table(listed_runs, chosen)
    offer_measuring([*listed_runs, *(each for each in chosen if each not in listed_runs)])
    if len(chosen) > MOST:
        st.caption(f"{len(chosen)} runs are selected. The page shows the first {MOST}.")
    if len(chosen) < 2:
        st.info(
            "Select two or more runs in the table to see them side by side.",
            icon=":material/check_box:",
        )
        return
    beside(chosen[:MOST])


def _chosen(runs: Sequence[Compared]) -> list[Compared]:
    """The runs that the address names, else those of the last visit, else the visitor's own run or
    the one that reconstructs best, and the next best on the same data.
    """
    if RUNS in st.query_params:
        endings = [end for end in st.query_params[RUNS].split(",") if end]
    else:
        endings = st.session_state.get(REMEMBERED, _best_two(runs))
    known = {each.ending: each for each in runs}
    for end in [end for end in endings if end not in known]:
        st.warning(
            sentence(f"there is no finished run whose key ends in {end[:20]}"),
            icon=":material/link_off:",
        )
    chosen = list(dict.fromkeys(end for end in endings if end in known))
    _remember(chosen)
    return [known[end] for end in chosen]


def _best_two(runs: Sequence[Compared]) -> list[str]:
    ranked = best_first([each.run for each in runs], RECONSTRUCTION)
    ranked.sort(key=lambda run: run.key != st.session_state.get(CHOSEN))
    alike = [run for run in ranked if run.config.same_images(ranked[0].config)]
    return [run.key[-ENDING:] for run in alike[:2]]


def _remember(endings: Sequence[str]) -> None:
    st.session_state[REMEMBERED] = list(endings)
    if ",".join(endings) != st.query_params.get(RUNS, ""):
        st.query_params[RUNS] = ",".join(endings)


def _filtered(runs: Sequence[Compared]) -> list[Compared]:
    """Those on the data set that the visitor looks at; the choice is offered where there are
    several.
    """
    there = titles_of(each.run.config for each in runs)
    if len(there) < 2:
        return list(runs)
    titles = {EVERY: "All data", **there}
    data = st.selectbox(
        "Data set",
        list(titles),
        format_func=lambda name: titles[name],
        key="data",
        bind="query-params",
        width=260,
    )
    return [each for each in runs if data in (EVERY, each.run.config.dataset)]


def _table(runs: Sequence[Compared], chosen: Sequence[Compared]) -> None:
    """The runs with every option that differs between them and every number, to sort and to select
    from.
    """
    if not runs:
        return
    key = (  # rows are known by their place: other rows, another table
        f"table_{runs[0].ending}_{len(runs)}"
    )
    st.dataframe(
        rows(runs),
        key=key,
        on_select=lambda: _select(key, runs, chosen),
        selection_mode="multi-row",
        hide_index=True,
        selection_default={
            "selection": {"rows": [i for i, each in enumerate(runs) if each in chosen]}
        },
        column_config=_columns(),
        height=min(38 + 35 * len(runs), 388),
        placeholder="-",
    )
    st.caption(
        f"{len(runs)} finished runs, the newest first. Click a heading to sort. Select"
        " rows to compare runs."
    )


def _select(key: str, runs: Sequence[Compared], chosen: Sequence[Compared]) -> None:
    places = selected_rows(st.session_state[key], len(runs))
    if places is None:
        return
    ticked = [runs[place].ending for place in places]
    _remember(selection(ticked, [each.ending for each in runs], [each.ending for each in chosen]))


def selection(ticked: Sequence[str], shown: Sequence[str], before: Sequence[str]) -> list[str]:
    """What is selected now: as it was `before`, less what is shown and no longer ticked, and what
    is newly ticked after it.

    Runs that a filter hides stay selected.
    """
    kept = [each for each in before if each in ticked or each not in shown]
    return [*kept, *(each for each in ticked if each not in kept)]


def rows(runs: Sequence[Compared]) -> list[dict[str, Any]]:
    """One row per run: column -> value."""
    configs = [each.run.config for each in runs]
    differing = comparison.differences(configs)
    names = [name for name in OPTIONS if name in differing or name in ALWAYS]
    titles = [read_label(each.run.folder).title for each in runs]
    shown = [_row(each, names) for each in runs]
    if any(titles):
        shown = [{"Title": title, **row} for title, row in zip(titles, shown, strict=True)]
    return shown


def _row(each: Compared, names: Sequence[str]) -> dict[str, Any]:
    facts = each.facts
    options = {option_label(name): value_of(each.run.config, name) for name in names}
    scores = {metric.heading: facts.scores[name] for name, metric in COMPARED_METRICS.items()}
    costs = {
        "Parameters": facts.parameters,
        "Seconds": facts.seconds,
        "Seconds per epoch": facts.epoch_seconds,
    }
    always = {title: options.pop(title) for title in map(option_label, ALWAYS)}
    shown, first = {"Run": each.ending, **always}, next(iter(scores))
    return {
        **shown,
        first: scores.pop(first),
        "PCA": facts.pca,
        **scores,
        **costs,
        **options,
    }


def value_of(config: RunConfig, name: str) -> Any:
    """An option's value as a table shows it; None where it has no effect."""
    if not config.uses(name):
        return None
    value = getattr(config, name)
    if name == "dataset":
        return config.info.title
    return listed(value) if isinstance(value, tuple) else value


def _columns() -> dict[str, Any]:
    scores = {
        metric.heading: st.column_config.NumberColumn(format="%.3g", help=metric.about)
        for metric in COMPARED_METRICS.values()
    }
    return {
        **scores,
        "PCA": st.column_config.NumberColumn(
            format="%.3g", help="test MSE of PCA with the same bottleneck"
        ),
        "Parameters": st.column_config.NumberColumn(
            format="localized", help="weights and biases that the training changes"
        ),
        "Seconds": st.column_config.NumberColumn(
            format="%.3g", help="duration of the training, with the test after each epoch"
        ),
        "Seconds per epoch": st.column_config.NumberColumn(format="%.3g"),
        "Learning rate": st.column_config.NumberColumn(format="%.4g"),
        "Run": st.column_config.TextColumn(help="the end of the run's key"),
    }
