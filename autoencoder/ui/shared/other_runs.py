"""Other runs beside the one that a page shows: chosen by the visitor, kept in the address as the
ends of their keys.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from autoencoder.runs import Run
from autoencoder.ui.shared.run_data import damage
from autoencoder.ui.shared.run_titles import titles_with_results
from autoencoder.ui.shared.shell import store
from autoencoder.ui.shared.text import sentence, title

WITH = "with"  # in the address
ENDING = 8  # letters of a key that tell runs apart
MOST_OTHERS = 4


def other_runs(run: Run, *, key: str, remember: Callable[[], None] = lambda: None) -> list[Run]:
    """Draw the list of runs on the same data to choose from, and return those chosen; refuse in
    words what cannot be had, damaged runs among them.

    Args:
        run: The one that they go beside.
        key: Of the widget.
        remember: Called when the address says something new.
    """
    runs = {
        each.key[-ENDING:]: each
        for each in store().runs()
        if each.is_trained and each.key != run.key
    }
    alike = {end: each for end, each in runs.items() if _same_data(each, run)}
    st.session_state[key] = _asked(run, runs, alike)
    _link(key, remember)
    if not alike:
        return []
    titles = titles_with_results([run, *alike.values()])
    chosen = st.multiselect(
        "Compare with other runs",
        list(alike),
        format_func=lambda end: titles[alike[end].key],
        max_selections=MOST_OTHERS,
        key=key,
        on_change=_link,
        args=(key, remember),
        placeholder=f"Choose up to {MOST_OTHERS} runs on the same data",
    )
    return [alike[end] for end in chosen if _is_whole(alike[end])]


def _is_whole(run: Run) -> bool:
    """Whether the run can be shown beside another; if not, it is named as damaged."""
    if problem := damage(run):
        refuse(f"{title(run)} is not shown: {problem}.")
    return not problem


def refuse(why: str) -> None:
    """Say that something which the address asks for cannot be had."""
    st.warning(sentence(why), icon=":material/link_off:")


def _asked(run: Run, runs: Mapping[str, Run], alike: Mapping[str, Run]) -> list[str]:
    """What the address asks for and can be had, at most four; the rest is refused in words."""
    endings = dict.fromkeys(
        end for end in st.query_params.get(WITH, "").split(",") if end and end != run.key[-ENDING:]
    )
    for end in [end for end in endings if end not in alike]:
        if end in runs:
            refuse(f"{title(runs[end])} is not shown: its test images are different.")
        else:
            refuse(f"There is no trained run whose key ends in {end[:20]}.")
    return [end for end in endings if end in alike][:MOST_OTHERS]


def _link(key: str, remember: Callable[[], None]) -> None:
    st.query_params[WITH] = ",".join(st.session_state[key])
    if not st.query_params[WITH]:
        del st.query_params[WITH]
    remember()


def _same_data(other: Run, run: Run) -> bool:
    is_of_same = other.config.same_images(run.config)
    return is_of_same and other.config.classes == run.config.classes
