"""Several trainings asked for with one button, and how far they are; nothing is remembered but the
runs themselves.
"""

from collections import Counter
from collections.abc import Callable, Sequence

import streamlit as st

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import AutoencoderError
from autoencoder.jobs import sweeps
from autoencoder.runs import Run
from autoencoder.ui.shared.shell import explained, queue, store, submitting, tick
from autoencoder.ui.shared.text import sentence


def train_all(
    configs: Sequence[RunConfig],
    label: str,
    *,
    key: str,
    kind: str = "sweep",
    on_click: Callable[[], None] = lambda: None,
) -> None:
    """A button that queues what is neither finished nor under way, as a series of that kind, calls
    `on_click` before, and how far all of them are.
    """
    runs = _existing([config.key for config in configs])
    settled = [key for key, run in runs.items() if run.state == "finished" or run.is_live]
    if st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        key=key,
        disabled=len(settled) == len(configs),
        on_click=on_click,
    ):
        _submit(configs, kind)
    if any(run.is_live for run in runs.values()):
        st.fragment(_progress, run_every=1.0)([config.key for config in configs], _finished(runs))
    else:
        st.caption(_counted(len(configs), runs))


def _submit(configs: Sequence[RunConfig], kind: str) -> None:
    try:
        with submitting():
            sweeps.submit(queue(), configs, kind)
    except AutoencoderError as error:
        st.error(sentence(str(error)), icon=":material/error:")
    else:
        st.rerun()


@explained
def _progress(keys: Sequence[str], before: int) -> None:
    """The live part; as soon as one more has finished the page is drawn anew, so that it gains its
    point.
    """
    tick()
    runs = _existing(keys)
    if _finished(runs) != before or not any(run.is_live for run in runs.values()):
        st.rerun()
    at = [run.record.progress for run in runs.values() if run.state == "running"]
    done = _finished(runs) + sum(each.done for each in at if each is not None)
    epochs = "".join(f" · epoch {each.epoch} of {each.epochs}" for each in at if each is not None)
    st.progress(min(1.0, done / len(keys)), text=_counted(len(keys), runs) + epochs)
    st.caption("You can leave this page")


def _counted(count: int, runs: dict[str, Run]) -> str:
    """How many of them there are in which state."""
    if not runs:
        return "1 run, not trained yet" if count == 1 else f"{count} runs, none of them trained yet"
    states = Counter(run.state for run in runs.values())
    words = {"finished": "finished", "running": "in training", "queued": "waiting"}
    parts = [f"{states[state]} {words[state]}" for state in words if states[state]]
    other = sum(states.values()) - sum(states[state] for state in words)
    parts += [f"{other} ended before the last epoch"] if other else []
    parts += [f"{count - len(runs)} not in the queue yet"] if len(runs) < count else []
    return f"{count} {'run' if count == 1 else 'runs'}: {', '.join(parts)}"


def _finished(runs: dict[str, Run]) -> int:
    return sum(run.state == "finished" for run in runs.values())


def _existing(keys: Sequence[str]) -> dict[str, Run]:
    """Those of the runs that there are and that can be read."""
    runs = {}
    for key in keys:
        try:
            runs[key] = store().get(key)
        except AutoencoderError:
            continue  # there is none, or it is damaged, as the Runs page says
    return runs
