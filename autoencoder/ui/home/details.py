"""What a person may say of a run, and the rest that is known of it: behind a button on its card."""

import streamlit as st

from autoencoder.errors import AutoencoderError
from autoencoder.formatting import byte_size
from autoencoder.runs import Run
from autoencoder.runs.labels import MOST_NOTE, MOST_TITLE
from autoencoder.ui.home.entries import Entry
from autoencoder.ui.home.series import title_of
from autoencoder.ui.shared.delete_button import delete_button
from autoencoder.ui.shared.machines import machine
from autoencoder.ui.shared.shell import store
from autoencoder.ui.shared.text import literal, sentence


def details_button(entry: Entry, card: str) -> None:
    """A small button on the card of that name, which opens the details."""
    if st.button(
        "",
        key=f"details_{card}",
        icon=":material/more_horiz:",
        type="tertiary",
        help="Title, note, pin, delete",
    ):
        _details(entry)


@st.dialog("Details", icon=":material/info:")
def _details(entry: Entry) -> None:
    """A form for title, note and pin; below it what else is known of the run; delete."""
    key, label = entry.key, entry.label
    with st.form(f"label_{key}", border=False):
        st.text_input(
            "Title",
            label.title,
            max_chars=MOST_TITLE,
            key=f"title_{key}",
            placeholder=entry.name,
        )
        st.text_area(
            "Note",
            label.note,
            max_chars=MOST_NOTE,
            key=f"note_{key}",
            placeholder="What you want to remember about this run",
        )
        st.checkbox("Pin: show this run before the others", label.pinned, key=f"pin_{key}")
        if st.form_submit_button("Save", type="primary", on_click=_save, args=(key,)):
            st.rerun()
    st.caption("  \n".join(_facts(entry)))
    if delete_button(key, "Delete this run"):
        st.rerun()


def _facts(entry: Entry) -> list[str]:
    """Lines in Markdown: what it is, where it is, why it exists."""
    lines = [literal(entry.name, 300)] if entry.label.title else []
    lines += [f"`{entry.key}` · {byte_size(entry.size)} on disk"]
    if isinstance(entry.run, Run) and (where := machine(entry.run.record)):
        lines.append(f"Trained on {literal(f'{where}, job {entry.run.record.engine_job}', 400)}")
    for each in entry.series:
        verb = "Trained for" if each.created else "Used by"
        role = f": {literal(each.role, 120)}" if each.role else ""
        lines.append(f"{verb} {literal(title_of(each), 120)}{role}")
    return lines


def _save(key: str) -> None:
    values = {name: st.session_state[f"{name}_{key}"] for name in ("title", "note")}
    try:
        store().relabel(key, pinned=st.session_state[f"pin_{key}"], **values)
    except AutoencoderError as error:
        st.toast(sentence(str(error)), icon=":material/error:")
