"""The live decoder on a page: which map, which latent to start from, and the address that leads
back to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from autoencoder.config.projections import PROJECTIONS, ProjectionSettings
from autoencoder.runs import Run
from autoencoder.ui.components.assets.assets import live_count, send_holes, send_map, send_run
from autoencoder.ui.components.live.component import live
from autoencoder.ui.shared.projections import projected
from autoencoder.ui.shared.run_data import evaluation
from autoencoder.ui.shared.shell import explained

LINE = "line"  # what the browser calls a map of latents with one dimension
Z = "z"  # in the address: the latent, numbers between commas
MOST_IN_ADDRESS = 256  # dimensions
FARTHEST = 1e6  # from zero, that a number in the address may be
HOLES = "live_holes"  # in the session state: keys of the runs whose hole map was asked for
PLACES = "live_places"  # in the session state: run key -> Place


@dataclass
class Place:
    """Where a visitor is in one run's latent space.

    Attributes:
        latent: (D), or None while nothing was chosen.
        text: What the address says of it.
        placed: How often the address, not the visitor's hand, has changed it.
    """

    latent: list[float] | None = None
    text: str = ""
    placed: int = 0


@explained
def live_decode(run: Run, bar: DeltaGenerator | None = None) -> None:
    """The whole instrument: map, decoded image, sliders. While a job lays out the map, its progress
    is shown and the page ends.

    What has to be chosen first stands in `bar`, a horizontal container, if one is given.
    """
    bar = bar or st.container(horizontal=True)
    with bar:
        method = _method(run)
    exact = PROJECTIONS[method].is_exact
    projection = None if exact else projected(run, ProjectionSettings.usual(method))
    if about := " · ".join(filter(None, [_part(run), projection.about if projection else ""])):
        bar.caption(about)
    run_id, images_id = send_run(run, key="live")
    if projection:
        method = send_map(run, projection, key="live")
    place = _place(run)
    _instrument(run, run_id, images_id, method, place.latent, place.placed)


@explained
def live_pad(run: Run) -> None:
    """The map and the decoded image alone, for the front page: they move until they are touched."""
    run_id, images_id = send_run(run, key="live")
    place = _places().setdefault(run.key, Place())
    _small(run, run_id, images_id, place.latent, place.placed)


@st.fragment
def _instrument(
    run: Run, run_id: str, images_id: str, method: str, latent: list[float] | None, placed: int
) -> None:
    """`latent` is from the last run of the whole page: a release, which reruns only this, changes
    nothing that is sent.
    """
    with_holes = st.session_state.setdefault(HOLES, set())
    has_holes = run.key in with_holes and method in PROJECTIONS and run.config.latent_dim > 1
    holes = send_holes(run, key="live") if has_holes else None
    released = live(
        run_id,
        images_id,
        latent_dim=run.config.latent_dim,
        method=_browser_name(run, method),
        holes=holes,
        latent=latent,
        placed=placed,
        parts="all",
        key=f"live-{run.key}",
        on_holes=lambda: with_holes.add(run.key),
    )
    if released is not None:
        _keep(run, released)
        _write(_places()[run.key])


@st.fragment
def _small(run: Run, run_id: str, images_id: str, latent: list[float] | None, placed: int) -> None:
    released = live(
        run_id,
        images_id,
        latent_dim=run.config.latent_dim,
        method=_browser_name(run, _methods(run)[0]),
        holes=None,
        latent=latent,
        placed=placed,
        parts="pad",
        tour=True,
        key=f"live-pad-{run.key}",
        on_holes=lambda: None,
    )
    if released is not None:
        _keep(run, released)


def _methods(run: Run) -> list[str]:
    """The maps of a run, the usual one first; latents of one or two dimensions are their own."""
    fitting = [name for name, method in PROJECTIONS.items() if method.takes(run.config.latent_dim)]
    return fitting if run.config.latent_dim > 2 else fitting[:1]


def _browser_name(run: Run, method: str) -> str:
    return LINE if run.config.latent_dim == 1 else method


def _method(run: Run) -> str:
    methods = _methods(run)
    if len(methods) == 1:
        return methods[0]
    return st.segmented_control(
        "Map",
        methods,
        default=methods[0],
        required=True,
        format_func=lambda name: PROJECTIONS[name].title,
        key="method",
        bind="query-params",
        label_visibility="collapsed",
    )


def _part(run: Run) -> str:
    """Which test images the map shows; nothing where it shows all that the title counts."""
    count, total = live_count(run), len(evaluation(run).images)
    return "" if count == total else f"The map shows the first {count:,} of {total:,} test images"


# ---- The latent and the address ----


def _places() -> dict[str, Place]:
    return st.session_state.setdefault(PLACES, {})


def _place(run: Run) -> Place:
    """Where the visitor is: what the address says, else where they were, else nowhere yet."""
    place = _places().setdefault(run.key, Place())
    text = st.query_params.get(Z, "")
    others = {other.text for key, other in _places().items() if key != run.key}
    if text and text != place.text and text not in others:
        try:
            place.latent, place.text, place.placed = (
                parse_latent(text, run.config.latent_dim),
                text,
                place.placed + 1,
            )
        except ValueError as error:
            st.warning(f"The z in the address is ignored: {error}.", icon=":material/link_off:")
    _write(place)
    return place


def parse_latent(text: str, latent_dim: int) -> list[float]:
    """A latent from an address.

    Raises ValueError, with a sentence's middle, if it is not `latent_dim` numbers up to 1e6.
    """
    try:
        latent = [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError("it must be numbers separated by commas") from None
    if len(latent) != latent_dim:
        raise ValueError(f"it must be {latent_dim} numbers; got {len(latent)}")
    if not all(abs(value) <= FARTHEST for value in latent):
        raise ValueError(f"its numbers must be from {-FARTHEST:.0e} to {FARTHEST:.0e}")
    return latent


def latent_text(latent: Sequence[float]) -> str:
    """A latent as the address carries it, to four significant digits; nothing if it is too long for
    one.
    """
    return ",".join(f"{value:.4g}" for value in latent) if len(latent) <= MOST_IN_ADDRESS else ""


def _keep(run: Run, latent: list[float]) -> None:
    place = _places()[run.key]
    place.latent, place.text = latent, latent_text(latent)


def _write(place: Place) -> None:
    """The address leads to this place."""
    if place.text and st.query_params.get(Z) != place.text:
        st.query_params[Z] = place.text
    elif not place.text and Z in st.query_params:
        del st.query_params[Z]
