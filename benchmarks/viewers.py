"""A visitor without a browser, who speaks Streamlit's websocket protocol as its frontend does: a
hundred cost little.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext
from time import perf_counter
from typing import Any

from google.protobuf.message import Message
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import DoubleArray
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

FINISHED = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}
REMEMBERED = (
    2  # runs of a page for which the frontend keeps a large message: global.maxCachedMessageAge
)


class PageError(Exception):
    """The page shows an error, or is another than the one asked for."""


@dataclass(frozen=True)
class Answer:
    """One rerun: seconds from sending it until the script had finished; elements and bytes that
    came back.
    """

    seconds: float
    elements: int
    size: int


@dataclass(frozen=True)
class Widget:
    """Where a widget is: its id, and the fragment that reruns when it is changed; empty for the
    whole page.
    """

    id: str
    fragment: str


class Viewer:
    """One open page.

    Attributes:
        query: What the address says, without "?".
        pages: Address of a page ("" for the first) -> its hash; empty before the first visit.
        widgets: Key in the script -> where that widget is.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.query = ""
        self.pages: dict[str, str] = {}
        self.widgets: dict[str, Widget] = {}
        self._socket = socket
        self._page = ""
        self._values: dict[str, WidgetState] = {}
        self._kept: dict[
            str, tuple[int, Widget | None]
        ] = {}  # hash of a large message -> the run it came with, its widget
        self._runs = 0

    async def visit(self, page: str = "", query: str = "") -> Answer:
        """Go to a page: by its address if this is the first, else by the menu. Raises PageError."""
        known = page in self.pages
        self._page, self.query = self.pages.get(page, ""), query
        self._values.clear()
        answer = await self._rerun(page_name="" if known else page)
        if self._page != self.pages.get(page):
            raise PageError(f"asked for {page!r}, was sent elsewhere")
        return answer

    async def slide(self, key: str, value: float) -> Answer:
        """Let go of the slider of that key. Raises PageError, or KeyError if there is none."""
        return await self._change(key, double_array_value=DoubleArray(data=[value]))

    async def type(self, key: str, value: float) -> Answer:
        """Put a number into the field of that key.

        Raises PageError, or KeyError if there is none.
        """
        return await self._change(key, double_value=value)

    async def press(self, key: str) -> Answer:
        """Press the button of that key. Raises PageError, or KeyError if there is none."""
        widget = self.widgets[key]
        return await self._rerun(
            WidgetState(id=widget.id, trigger_value=True), fragment_id=widget.fragment
        )

    async def trigger(self, key: str, event: str, value: Any) -> Answer:
        """What the live component of that key says once.

        Raises PageError, or KeyError if there is none.
        """
        return await self.send(key, json.dumps([{"event": event, "value": value}]))

    async def send(self, key: str, text: str) -> Answer:
        """Any text in place of what the live component of that key says once.

        Raises PageError, or KeyError if there is none.
        """
        widget = self.widgets[key]
        state = WidgetState(
            id=f"$$STREAMLIT_INTERNAL_KEY_{widget.id}__events", json_trigger_value=text
        )
        return await self._rerun(state, fragment_id=widget.fragment)

    async def keep(self, key: str, text: str) -> Answer:
        """Any text in place of the state of the live component of that key, which is sent again
        with all that follows. Raises as `send` does.
        """
        return await self._change(key, json_value=text)

    async def select(self, key: str, text: str) -> Answer:
        """Any text in place of the selection in the chart or the table of that key, which is sent
        again with all that follows. Raises as `send` does.
        """
        return await self._change(key, string_value=text)

    async def _change(self, key: str, **value: Any) -> Answer:
        widget = self.widgets[key]
        self._values[widget.id] = WidgetState(id=widget.id, **value)
        return await self._rerun(fragment_id=widget.fragment)

    async def _rerun(
        self, *once: WidgetState, page_name: str = "", fragment_id: str = ""
    ) -> Answer:
        state = ClientState(
            query_string=self.query,
            page_script_hash=self._page,
            cached_message_hashes=self._kept,
            widget_states=WidgetStates(widgets=[*self._values.values(), *once]),
            page_name=page_name,
            fragment_id=fragment_id,
        )
        started, elements, size = perf_counter(), 0, 0
        failure: PageError | None = None  # raised when the script has ended
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        while True:
            content = await self._socket.recv(decode=False)
            message = ForwardMsg.FromString(content)
            size += len(content)
            try:
                elements += self._take(message)
            except PageError as error:
                failure = failure or error
            if (
                message.WhichOneof("type") == "script_finished"
                and message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR
            ):
                raise PageError("the page's script cannot be compiled")
            if (
                message.WhichOneof("type") == "script_finished"
                and message.script_finished in FINISHED
            ):
                self._forget()
                if failure:
                    raise failure
                return Answer(perf_counter() - started, elements, size)

    def _take(self, message: ForwardMsg) -> bool:
        """Keep what later messages to the server need; returns whether it was an element."""
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(whole=not message.metadata.run.fragment_ids)
            case "navigation":
                pages = message.navigation.app_pages
                self.pages = {
                    "" if page.is_default else page.url_pathname: page.page_script_hash
                    for page in pages
                }
                self._page = message.navigation.page_script_hash
            case "page_info_changed":
                self.query = message.page_info_changed.query_string
            case "ref_hash":
                self._found(message.ref_hash, self._kept[message.ref_hash][1])
                return True
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                widget = _widget(message)
                self._found(message.hash if message.metadata.cacheable else "", widget)
                return True
        return False

    def _begin(self, whole: bool) -> None:
        if whole:
            self._runs += 1
            self.widgets.clear()

    def _forget(self) -> None:
        self._kept = {
            name: kept for name, kept in self._kept.items() if kept[0] >= self._runs - REMEMBERED
        }

    def _found(self, name: str, widget: Widget | None) -> None:
        if name:
            self._kept[name] = self._runs, widget
        if widget is not None:
            self.widgets[widget.id.split("-", 2)[2]] = widget  # $$ID-hash-key


def _widget(message: ForwardMsg) -> Widget | None:
    """The widget that an element is, None if it is none. Raises PageError if it is an error."""
    element = message.delta.new_element
    kind = element.WhichOneof("type") or "empty"
    content: Message = getattr(element, kind)
    if kind == "exception":
        raise PageError(f"{element.exception.type}: {element.exception.message}")
    if kind == "alert" and element.alert.format == Alert.ERROR:
        raise PageError(element.alert.body)
    found = str(getattr(content, "id", ""))
    return Widget(found, message.delta.fragment_id) if found.startswith("$$ID-") else None


@asynccontextmanager
async def viewer(address: str, tls: SSLContext | None = None) -> AsyncIterator[Viewer]:
    """A visitor of the dashboard at `address` (http://..., or https://... with what is trusted),
    who has seen nothing yet; gone after the block.
    """
    stream = f"{address.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(
        stream,
        ssl=tls,
        origin=Origin(address),
        subprotocols=[Subprotocol("streamlit")],
        max_size=None,
        compression=None,
        ping_interval=None,
    ) as socket:
        yield Viewer(socket)
