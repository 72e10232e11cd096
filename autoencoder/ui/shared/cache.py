"""The cache of what is read or computed from a run: done once for all visitors, and again when the
run's weights have changed. What takes long is kept on disk, too, for the next start of the server.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from autoencoder.runs import KeptResult, Run

P = ParamSpec("P")
T = TypeVar("T")
Version = tuple[str, int]  # see `Run.version`
PerRun = Callable[Concatenate[Run, P], T]


def cached_per_run(
    *,
    max_entries: int,
    spinner: str = "",
    copies: bool = False,
    seconds: float | None = None,
    on_disk: int = 0,
) -> Callable[[PerRun[P, T]], PerRun[P, T]]:
    """Decorate a function whose first parameter is a run: its result is kept under the run's key
    and version and the other arguments, which must be hashable. A parameter whose name begins with
    an underscore does not count. What raises is not kept.

    Args:
        max_entries: Results kept at once; the oldest goes first.
        spinner: What is being done, shown while it is done; nothing is shown without.
        copies: Every caller gets a copy (Streamlit's `cache_data`): for small values only. Without,
            all share one object (`cache_resource`) and must not change it.
        seconds: How long a result is kept at most; by default there is no such limit.
        on_disk: Version of the computation, from 1: results are kept beside the runs as well, if
            they are what a `KeptResult` takes (numbers, arrays, lists and dicts of them; None is
            computed anew each time). Raise it when the function gives other results than before. 0
            is for what is computed quickly.
    """
    cache: Any = st.cache_data if copies else st.cache_resource
    keep = cache(max_entries=max_entries, show_spinner=spinner or False, ttl=seconds)

    def decorate(compute: PerRun[P, T]) -> PerRun[P, T]:
        kept = keep(_keyed(_on_disk(compute, on_disk) if on_disk else compute))

        @functools.wraps(compute)
        def cached(run: Run, /, *args: P.args, **kwargs: P.kwargs) -> T:
            result: T = kept(run.key, run.version, run, *args, **kwargs)
            return result

        return cached

    return decorate


def _on_disk(compute: PerRun[P, T], version: int) -> PerRun[P, T]:
    """`compute`, which looks on disk before it computes, and keeps there what it computed."""
    names = [*inspect.signature(compute).parameters][1:]
    computation = f"{compute.__module__}.{compute.__qualname__}"

    @functools.wraps(compute)
    def kept(run: Run, /, *args: P.args, **kwargs: P.kwargs) -> T:
        bound = inspect.signature(compute).bind(run, *args, **kwargs)
        bound.apply_defaults()
        counting = [bound.arguments[name] for name in names if not name.startswith("_")]
        place = KeptResult(run, computation, version, counting)
        result: T | None = place.read()
        if result is None:
            result = compute(run, *args, **kwargs)
            if result is not None:
                place.write(result)
        return result

    return kept


def _keyed(compute: PerRun[P, T]) -> Callable[..., T]:
    """`compute` as Streamlit caches it: with the key and the version as parameters of their own,
    and a run that does not count.

    Streamlit tells functions apart by module, qualified name and source, which are `compute`'s.
    """

    @functools.wraps(compute)
    def keyed(key: str, version: Version, _run: Run, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return compute(_run, *args, **kwargs)

    place = inspect.Parameter.POSITIONAL_ONLY
    added = [inspect.Parameter(name, place) for name in ("key", "version", "_run")]
    others = list(inspect.signature(compute).parameters.values())[1:]
    keyed.__signature__ = inspect.Signature([*added, *others])  # type: ignore[attr-defined]
    return keyed
