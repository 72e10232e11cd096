"""How long the training will take on this machine, shown before it starts: measured once per shape
of network.
"""

import streamlit as st

from autoencoder.config.run_config import RunConfig
from autoencoder.errors import AutoencoderError, RunBusyError
from autoencoder.formatting import duration
from autoencoder.jobs.neighbour_graph import needs_graph
from autoencoder.training.timing import Timing
from autoencoder.ui.shared.shell import explained, queue, tick
from autoencoder.ui.shared.text import literal


def estimate(config: RunConfig) -> None:
    """One line: the time, or that it is being measured. Asks for the measurement if nobody has."""
    if (timing := queue().timings.get(config)) is not None:
        st.caption(_words(timing, config))
        return
    try:
        asked = _ask(config)
    except AutoencoderError as error:
        st.caption(f"The training time cannot be measured: {literal(str(error), 300)}")
        return
    st.fragment(_wait, run_every=1.0)(config, asked)


def _ask(config: RunConfig) -> bool:
    """Ask for the measurement, unless it failed: it would only fail again. False while others are
    at the queue: the page tries again in a second.
    """
    if _state(config) != "failed":
        try:
            queue().submit_calibration(config, timeout=0)
        except RunBusyError:
            return False
    return True


def _wait(config: RunConfig, asked: bool) -> None:
    tick()
    if (timing := queue().timings.get(config)) is not None:
        st.caption(_words(timing, config))
        st.rerun()  # the page draws it from now on, and the timer is gone
    state = _state(config)
    if not state and not asked:
        explained(_ask)(config)
    if state in ("failed", "stopped", "interrupted"):
        st.caption(":material/timer: The training time could not be measured on this machine")
    elif state == "queued":
        st.caption(":material/timer: The training time is measured when no training is running")
    else:
        st.caption(":material/timer: Measuring the training time ...")


def _state(config: RunConfig) -> str:
    task = queue().timings.task(config)
    try:
        # One that is just starting still says "queued".
        return "running" if task.is_held() or task.is_starting() else task.now()
    except (OSError, ValueError):
        return ""


def _words(timing: Timing, config: RunConfig) -> str:
    makes_graph = needs_graph(config, queue().settings.data)
    whole, margin = timing.predict(config, makes_graph), timing.margin(config, makes_graph)
    graph = f", {duration(timing.graph(config))} of it to find neighbours" if makes_graph else ""
    span = f"{duration(whole - margin)} to {duration(whole + margin)}"
    how = f"{timing.threads} thread{'s' * (timing.threads > 1)}, {literal(timing.precision)}"
    return (
        f":material/timer: About **{duration(whole)}** on this machine ({span}){graph} · {how}:"
        " the fastest settings of those tried"
    )
