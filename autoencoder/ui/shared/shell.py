"""What every page stands on: the frame's guard, the store and the queue, and errors as
sentences.
"""

import contextlib
import functools
import gc
import math
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

import streamlit as st

from autoencoder.config.settings import Settings
from autoencoder.errors import AutoencoderError
from autoencoder.jobs import Queue
from autoencoder.runs import RunStore
from autoencoder.ui.shared.text import sentence

ICON = Path(__file__).with_name(
    "icon.png"
)  # of the browser's tab: a material icon would be fetched from elsewhere
SHELL = "shell"  # in the session state once app.py has run
REQUESTED = "requested"  # the page and query a visitor asked for before it had
CHOSEN = "run"  # in the session state and in the address: the key of the run every page shows
ARRIVED = "arrived"  # in the session state: the page whose address was looked at
STARTED = "started_run"  # in the session state: the key of the run that the visitor has started
LIKE = "like"  # in the address: the key of a run whose options fill the form
P = ParamSpec("P")
T = TypeVar("T")


def require_shell(page: str, reads: Sequence[str] = ()) -> None:
    """Call first in every page. Sends the visitor through app.py if it has not run yet.

    Args:
        page: Its file.
        reads: Parameters of the address that the page itself reads, and refuses in words.

    Streamlit runs pages/*.py by itself when the first visit after a server start is a deep link.
    """
    if SHELL not in st.session_state:
        remember_run()
        st.session_state[REQUESTED] = (page, st.query_params.to_dict())
        st.switch_page("app.py")
    if st.session_state.get(ARRIVED) != page:
        st.session_state[ARRIVED] = page
        _correct_address(page, reads)


def _correct_address(page: str, reads: Sequence[str]) -> None:
    """Open the page without those values of its address on which Streamlit's widgets fail; what
    the page `reads` itself stays.

    Streamlit 1.67 gives None for a required choice whose value is empty, and an exception for a
    whole number that is infinite.
    """
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    usable = {
        name: values
        for name, values in query.items()
        if name in reads or not any(value == "" or _is_infinite(value) for value in values)
    }
    if usable != query:
        st.switch_page(page, query_params=usable)


def _is_infinite(text: str) -> bool:
    try:
        return math.isinf(float(text))
    except ValueError:
        return False


def remember_run() -> None:
    """The run in the address is the chosen one from now on, even for a visitor who clicks on before
    its page is drawn.
    """
    if CHOSEN in st.query_params:
        st.session_state[CHOSEN] = st.query_params[CHOSEN]


def explained(function: Callable[P, T]) -> Callable[P, T]:
    """An error of ours becomes one sentence on the page, which ends there; nothing else does."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except AutoencoderError as error:
            st.error(sentence(str(error)), icon=":material/error:")
            st.page_link("pages/home.py", label="All runs", icon=":material/apps:")
            st.stop()

    return wrapper


@explained
def queue() -> Queue:
    """The queue over the models folder of this server's settings, read afresh: it costs nothing."""
    return Queue(Settings.from_environment())


def store() -> RunStore:
    """The runs."""
    return queue().store


@st.cache_data(ttl=1.0, max_entries=1, show_spinner=False)
def tick() -> None:
    """Move the queue on, at most once a second however many visitors watch; no page waits while
    others are at it.
    """
    queue().tick(timeout=0)


@contextlib.contextmanager
def submitting() -> Iterator[None]:
    """Around what a visitor puts into the queue: says so if it has to wait for others there."""
    with st.spinner("Adding to the queue. This takes some seconds if others use it"):
        yield


@st.cache_resource(max_entries=4, show_spinner=False)
def settle_memory(after: str) -> None:
    """Once per server and occasion (`after` an import): clear up, and let the collector overlook
    what stays for good.

    With thousands of modules loaded a full collection takes a third of a second, whoever's visit
    triggers it.
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(max_entries=1, show_spinner=False)
def send_at_once() -> None:
    """Once per server: what it sends does not wait until the browser has acknowledged what was sent
    before (TCP_NODELAY).

    asyncio sees to that unless a socket was opened without naming its protocol, as Streamlit 1.67
    opens the one it listens on: the messages of a rerun then wait up to 40 ms. Linux hands the
    option on to every connection accepted later.
    """
    with contextlib.suppress(FileNotFoundError):  # no /proc: not Linux
        for descriptor in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):  # it is no socket, or none of TCP
                each = socket.socket(fileno=int(descriptor.name))
                try:
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                finally:
                    each.detach()  # or it would be closed with this object
