"""The interpolation: what the link asks for, the live view, other runs beside it, and what can be
taken away.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import streamlit as st

from autoencoder.analysis import metrics
from autoencoder.analysis.distance_to_data import typical_distance
from autoencoder.analysis.paths import path
from autoencoder.data import images as pictures
from autoencoder.errors import ConfigError
from autoencoder.export.interpolation import FRAMES, MEASURED, first_pair, usual_kind
from autoencoder.runs import Run
from autoencoder.ui.components.assets import assets
from autoencoder.ui.interpolate.component.component import (
    Interpolation,
    Yardstick,
    interpolation_view,
)
from autoencoder.ui.shared.cache import cached_per_run
from autoencoder.ui.shared.other_runs import WITH, other_runs, refuse
from autoencoder.ui.shared.run_data import decode, evaluation, latents
from autoencoder.ui.shared.run_titles import distinct_titles
from autoencoder.ui.shared.shell import explained
from autoencoder.ui.shared.text import title

ASKED = ("images", "frames", "path")  # in the address
SHOWN = "interpolation"  # in the session state: what is shown now
LINK = "interpolation_link"  # what of the address says so
OTHERS = "interpolation_others"  # the widget that chooses other runs
PLACED = "interpolation_placed"  # how often Python has changed it


@explained
def interpolation(run: Run) -> None:
    """Draw the interpolation between test images of `run`; it begins as the address says, or as it
    was left.
    """
    _come_back()
    run_id, images_id = assets.send_run(run, key="interpolation")
    start = _start(run)
    instrument = st.container()
    others = _others(run, images_id)
    with instrument:
        _instrument(run, (run_id, images_id), others, start, st.session_state[PLACED])


@st.fragment
def _instrument(
    run: Run,
    ids: tuple[str, str],
    others: Sequence[tuple[str, Run]],
    start: Interpolation,
    placed: int,
) -> None:
    """What reruns when the visitor has picked something: the view itself is told nothing new by
    it.
    """
    names = distinct_titles([run, *(other for _, other in others)])
    titles = [(other_id, names[other.key]) for other_id, other in others]
    method = {1: "line", 2: "latents"}.get(run.config.latent_dim, "pca")
    picked = interpolation_view(
        *ids,
        count=assets.live_count(run),
        others=titles,
        method=method,
        start=start,
        placed=placed,
        yardstick=_yardstick(run),
        key="interpolation_view",
    )
    if picked is not None:
        _remember(run, picked)
    _downloads(run, [other for _, other in others], st.session_state[SHOWN])


def _yardstick(run: Run) -> Yardstick:
    """How near the test images that go to the browser are to each other."""
    return Yardstick(_typical_distance(run), min(MEASURED, assets.live_count(run)))


@cached_per_run(
    max_entries=32, spinner="Comparing test images with each other", copies=True, on_disk=1
)
def _typical_distance(run: Run) -> float:
    return typical_distance(evaluation(run).images[: assets.live_count(run)], MEASURED)


# ---- Where it begins ----


def _come_back() -> None:
    """A visitor who comes back from another page finds the address as it was left."""
    if not any(each in st.query_params for each in (*ASKED, WITH)):
        st.query_params.update(st.session_state.get(LINK, {}))


def _start(run: Run) -> Interpolation:
    """What the address asks for, else two images of different classes."""
    address = {each: st.query_params[each] for each in ASKED if each in st.query_params}
    try:
        interpolation = _asked(run, address)
    except ConfigError as error:
        interpolation = _asked(run, {})
        first, second, *_ = interpolation.images
        refuse(f"{error}. The page shows test images {first} and {second} instead.")
    st.session_state.setdefault(PLACED, 0)
    if interpolation != st.session_state.get(SHOWN):
        st.session_state[PLACED] += 1
    _remember(run, interpolation)
    return interpolation


def _asked(run: Run, address: Mapping[str, str]) -> Interpolation:
    """What an address asks for; what it leaves out is as usual. ConfigError if it cannot be."""
    labels = evaluation(run).labels[: assets.live_count(run)]
    chosen = (
        _whole(address["images"].split(","), "images")
        if "images" in address
        else first_pair(labels)
    )
    frames = _whole([address["frames"]], "frames")[0] if "frames" in address else FRAMES
    return Interpolation(chosen, frames, address.get("path", usual_kind(run.config))).among(
        len(labels)
    )


def _whole(texts: Sequence[str], what: str) -> tuple[int, ...]:
    if wrong := [
        text for text in texts if not (text.isascii() and text.isdecimal() and len(text) < 10)
    ]:
        raise ConfigError(f"{what} must be whole numbers; got {wrong[0][:20]!r}")
    return tuple(map(int, texts))


def _remember(run: Run, interpolation: Interpolation) -> None:
    """Put what is shown into the address; the kind of path only where it is not the usual one for
    the run.
    """
    st.session_state[SHOWN] = interpolation
    st.query_params.update(
        images=",".join(map(str, interpolation.images)),
        frames=str(interpolation.frames),
        path=interpolation.kind,
    )
    if interpolation.kind == usual_kind(run.config):
        del st.query_params["path"]
    _note_link()


def _note_link() -> None:
    st.session_state[LINK] = {
        each: st.query_params[each] for each in (*ASKED, WITH) if each in st.query_params
    }


# ---- Other runs ----


def _others(run: Run, images_id: str) -> list[tuple[str, Run]]:
    """Runs on the same test images that the visitor has put beside this one, with their ids on the
    page's asset store.
    """
    others = []
    for each in other_runs(run, key=OTHERS, remember=_note_link):
        if assets.images_id(each) == images_id:
            others.append((assets.send_run(each, key="interpolation", beside=images_id)[0], each))
        else:
            refuse(f"{title(each)} is not shown: its test images are different.")
    return others


# ---- To take away ----


def _downloads(run: Run, others: Sequence[Run], interpolation: Interpolation) -> None:
    """Three buttons; the files are made when they are clicked, of the frames that the page
    shows.
    """
    stem = f"{run.key}-images-{'-'.join(map(str, interpolation.images))}"
    files: dict[str, tuple[str, str, Callable[[], bytes]]] = {
        "Latent GIF": (
            "latent.gif",
            "image/gif",
            lambda: pictures.gif(_decoded(run, interpolation)),
        ),
        "Pixel GIF": (
            "pixels.gif",
            "image/gif",
            lambda: pictures.gif(_blended(run, interpolation)),
        ),
        "PNG strip": (
            "strip.png",
            "image/png",
            lambda: pictures.png(pictures.strip(_rows(run, others, interpolation))),
        ),
    }
    with st.container(horizontal=True):
        for label, (ending, mime, make) in files.items():
            st.download_button(
                label,
                make,
                f"{stem}-{ending}",
                mime,
                key=f"download_{ending}",
                on_click="ignore",
                icon=":material/download:",
            )


def _rows(run: Run, others: Sequence[Run], interpolation: Interpolation) -> list[np.ndarray]:
    return [
        _decoded(run, interpolation),
        _blended(run, interpolation),
        *(_decoded(other, interpolation) for other in others),
    ]


def _decoded(run: Run, interpolation: Interpolation) -> np.ndarray:
    """The frames of the latent path (F, C, H, W) in [0, 1]."""
    return decode(
        run,
        path(
            latents(run)[list(interpolation.images)], interpolation.frames, kind=interpolation.kind
        ),
    )


def _blended(run: Run, interpolation: Interpolation) -> np.ndarray:
    """The frames of the pixel blend (F, C, H, W) in [0, 1]."""
    ends = metrics.to_unit(evaluation(run).images[list(interpolation.images)])
    return path(ends.reshape(len(ends), -1), interpolation.frames, kind="linear").reshape(
        -1, *ends.shape[1:]
    )
