"""What the inspection takes time for: done once per run for all visitors, with a bar that shows how
far it is.
"""

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

import streamlit as st

from autoencoder.progress import ProgressCallback
from autoencoder.runs import Run
from autoencoder.ui.shared.run_data import Version

T = TypeVar("T")


def once(run: Run, what: tuple[Any, ...], words: str, work: Callable[[ProgressCallback], T]) -> T:
    """The result of `work`, which says how far it is; from the cache if it was done before.

    Args:
        run: Whose result it is: with its version, and `what`, the name it is kept under.
        what: Tells results apart: all that `work` depends on besides the run.
        words: What is being done, for the bar: of the steps only the fractions are shown.
    """
    kept = _kept(run.key, run.version, what)
    with kept.lock:  # a second visitor waits for the first
        if not kept.is_done:
            bar = st.progress(0.0, words)

            def notify(step: str, fraction: float | None = None) -> None:
                bar.progress(min(fraction or 0.0, 1.0), words)

            kept.value, kept.is_done = work(notify), True
            bar.empty()
        return cast(T, kept.value)


def is_done(run: Run, what: tuple[Any, ...]) -> bool:
    """Whether `once` has its result."""
    return _kept(run.key, run.version, what).is_done


class _Kept:
    """A result, once it is there."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.value: object = None
        self.is_done = False


@st.cache_resource(max_entries=128, show_spinner=False)
def _kept(key: str, version: Version, what: tuple[Any, ...]) -> _Kept:
    return _Kept()
