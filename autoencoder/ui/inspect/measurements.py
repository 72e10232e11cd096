"""Measurements of a network that take time: done once per run for all visitors, with a progress bar
meanwhile, and kept on disk for the next start of the server.
"""

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

import streamlit as st

from autoencoder.progress import ProgressCallback
from autoencoder.runs import KeptResult, Run
from autoencoder.ui.shared.cache import cached_per_run

VERSION = 1  # of all measurements: raise it when one of them gives other results than before
T = TypeVar("T")


def measure_once(
    run: Run, name: tuple[Any, ...], words: str, measure: Callable[[ProgressCallback], T]
) -> T:
    """The result of `measure`; from the cache if it was measured before.

    Args:
        run: Whose network is measured.
        name: All that the result depends on besides the run.
        words: What is being done, for the progress bar.
        measure: Tells its argument how far it is; only the fraction is shown. Returns what a
            `KeptResult` takes.
    """
    measurement = _measurement(run, name)
    with measurement.lock:  # a second visitor waits for the first
        if not measurement.is_done:
            kept = _kept(run, name)
            measurement.value = kept.read()
            if measurement.value is None:
                bar = st.progress(0.0, words)
                measurement.value = measure(lambda step, fraction=None: _show(bar, fraction, words))
                kept.write(measurement.value)
                bar.empty()
            measurement.is_done = True
        return cast(T, measurement.value)


def is_measured(run: Run, name: tuple[Any, ...]) -> bool:
    """Whether `measure_once` has this result already."""
    return _measurement(run, name).is_done or _kept(run, name).exists


def _kept(run: Run, name: tuple[Any, ...]) -> KeptResult:
    return KeptResult(run, "inspect", VERSION, name)


def _show(bar: Any, fraction: float | None, words: str) -> None:
    bar.progress(min(fraction or 0.0, 1.0), words)


class _Measurement:
    """A result, once it is there."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.value: object = None
        self.is_done = False


@cached_per_run(max_entries=128)
def _measurement(run: Run, name: tuple[Any, ...]) -> _Measurement:
    return _Measurement()
