"""Several runs at once: ticked on their cards, then pinned, compared, taken away or
deleted together."""

from collections.abc import Callable, Sequence

import streamlit as st

from autoencoder.errors import AutoencoderError, RunBusyError
from autoencoder.runs import Run
from autoencoder.ui.home.archives import archive_button
from autoencoder.ui.home.entries import Entry
from autoencoder.ui.home.listing import Card, runs_of
from autoencoder.ui.shared.delete_button import about_students
from autoencoder.ui.shared.other_runs import ENDING
from autoencoder.ui.shared.shell import CHOSEN, queue, store
from autoencoder.ui.shared.text import literal

SELECTED = "selected"  # in the session state: keys of the runs whose cards are ticked
OUTCOME = "outcome"  # in the session state: what the last action on several runs came to, in words
MOST_REFUSALS = 3  # that are told one by one


def select_mode() -> bool:
    """Draw the switch that puts a box on each card; whether it is on."""
    return st.toggle(
        "Select",
        key="select",
        bind="query-params",
        help="Select cards, then pin, compare, take away or delete these runs together",
    )


def tick_box(card: str, keys: Sequence[str]) -> None:
    """The box on the card of that name, for the runs that it stands for."""
    widget = f"tick_{card}"
    st.session_state[widget] = set(keys) <= _selected()
    words = "Select" if len(keys) == 1 else f"Select all {len(keys)}"
    st.checkbox(words, key=widget, on_change=_tick, args=(widget, keys))


def _selected() -> set[str]:
    selected: set[str] = st.session_state.setdefault(SELECTED, set())
    return selected


def _tick(widget: str, keys: Sequence[str]) -> None:
    if st.session_state[widget]:
        _selected().update(keys)
    else:
        _selected().difference_update(keys)


def _select(keys: Sequence[str]) -> None:
    st.session_state[SELECTED] = set(keys)


def actions(entries: Sequence[Entry], shown: Sequence[Card]) -> None:
    """The row that says how many runs are ticked and what can be done with them.

    Args:
        entries: All runs.
        shown: The cards that the visitor's filters leave.
    """
    _selected().intersection_update(each.key for each in entries)  # others have been deleted
    chosen = [each for each in entries if each.key in _selected()]
    listed = list(dict.fromkeys(entry.key for card in shown for entry in runs_of(card)))
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="actions"):
        st.markdown(f"**{counted(len(chosen))} selected**")
        if set(listed) - _selected():
            _button(f"Select all {len(listed)}", "select_all", "select_all", _select, listed)
        if chosen:
            _button("Select none", "deselect", "select_none", _select, [])
            _pinning(chosen)
            _comparing(chosen)
            _taking_away(chosen)
            _deleting(chosen)


def counted(count: int) -> str:
    """A number of runs in words."""
    return "1 run" if count == 1 else f"{count} runs"


def _pinning(chosen: Sequence[Entry]) -> None:
    keys = [each.key for each in chosen]
    if not all(each.label.pinned for each in chosen):
        _button("Pin", "push_pin", "pin_selected", _pin, keys, True)
    if any(each.label.pinned for each in chosen):
        _button("Unpin", "keep_off", "unpin_selected", _pin, keys, False)


def _comparing(chosen: Sequence[Entry]) -> None:
    """A link to Compare, which shows finished runs only."""
    finished = [each.key for each in chosen if each.is_finished]
    if len(finished) > 1:
        endings = ",".join(key[-ENDING:] for key in finished)
        st.page_link(
            "pages/compare.py",
            label=f"Compare {counted(len(finished))}",
            icon=":material/balance:",
            query_params={"runs": endings},
        )


def _taking_away(chosen: Sequence[Entry]) -> None:
    """An archive of those that are not in training."""
    runs = [each.run for each in chosen if isinstance(each.run, Run) and not each.run.is_live]
    if runs:
        archive_button(runs)


def _deleting(chosen: Sequence[Entry]) -> None:
    with st.popover("Delete", icon=":material/delete:", type="tertiary"):
        st.markdown(f"Delete **{counted(len(chosen))}** for all users? You cannot undo this.")
        live = [each for each in chosen if isinstance(each.run, Run) and each.run.is_live]
        if live:
            verb = "is" if len(live) == 1 else "are"
            st.caption(
                f"{counted(len(live))} {verb} in training or in the queue and will not be deleted."
            )
        about_students({each.key for each in chosen}, "one of these")
        st.button(
            f"Delete {counted(len(chosen))} permanently",
            key="delete_selected",
            type="primary",
            on_click=_delete,
            args=([each.key for each in chosen],),
        )


def _button(
    words: str, icon: str, key: str, action: Callable[..., None], *arguments: object
) -> None:
    st.button(
        words,
        icon=f":material/{icon}:",
        key=key,
        type="tertiary",
        on_click=action,
        args=arguments,
    )


def _pin(keys: Sequence[str], pinned: bool) -> None:
    verb = "Pinned" if pinned else "Unpinned"
    _each(keys, lambda key: store().relabel(key, pinned=pinned), verb)


def _delete(keys: Sequence[str]) -> None:
    waiting = queue().places()

    def delete(key: str) -> None:
        if key in waiting:
            raise RunBusyError(f"{key} is in the queue: remove it from the queue first")
        queue().delete(key)  # which refuses what is being worked on

    deleted = _each(keys, delete, "Deleted")
    if st.session_state.get(CHOSEN) in deleted:
        st.session_state.pop(CHOSEN)


def _each(keys: Sequence[str], action: Callable[[str], object], verb: str) -> list[str]:
    """Do something to each run, and note what came of it; returns the keys where it succeeded."""
    done, refused = [], []
    for key in keys:
        try:
            action(key)
        except AutoencoderError as error:
            refused.append(str(error))
        else:
            done.append(key)
    st.session_state[OUTCOME] = (f"{verb} {counted(len(done))}.", refused)
    return done


def outcome() -> None:
    """Say once what the last action came to: briefly where it succeeded, in full where not."""
    words, refused = st.session_state.pop(OUTCOME, ("", []))
    if words:
        st.toast(words)
    if refused:
        reasons = [literal(each, 200) + "." for each in refused[:MOST_REFUSALS]]
        more = len(refused) - len(reasons)
        rest = f" And {counted(more)} more." if more else ""
        left = (
            "1 run was not changed"
            if len(refused) == 1
            else f"{len(refused)} runs were not changed"
        )
        st.warning(f"{left}. {' '.join(reasons)}{rest}", icon=":material/warning:")
