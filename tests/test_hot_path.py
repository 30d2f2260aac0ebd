"""
Tests of the hot path: one frame of typedws between the user and the server.

Each further coroutine frame costs about 90 ns a message. They are counted here, so the
tests need no clock.
"""

import inspect
from pathlib import Path
from types import FrameType
from typing import Final, TypeAlias

import anyio.lowlevel
import pytest
from attrs import Factory, define

from tests.scripted import CONNECT, Call, Event, PlainCodec, binary, scope, text
from typedws import ConnectedWebSocket, ErrorReply, TextMessage, WebSocket

pytestmark = pytest.mark.anyio

Frame: TypeAlias = tuple[str, str]
"""The file and the function that a frame runs."""


def frames_to_user(frame: FrameType | None) -> list[Frame]:
    """List the frames between the one of a server's function and the user's."""
    frames: list[Frame] = []
    while (frame := frame and frame.f_back) and frame.f_code.co_filename != __file__:
        frames.append((Path(frame.f_code.co_filename).name, frame.f_code.co_name))
    assert frame is not None
    return frames


@define(eq=False)
class CountingServer:
    """
    A server that notes the frames between itself and the user.

    It does so when it is called, and when the event loop resumes it.

    Attributes:
        events: What `receive()` gives.
        fault: What `send()` raises once, if it is not an accept.
        seen: The frames, outermost last.
    """

    events: list[Event]
    fault: Exception | None = None
    seen: list[list[Frame]] = Factory(list[list[Frame]])

    async def receive(self) -> Event:
        """Give an event."""
        self.seen.append(frames_to_user(inspect.currentframe()))
        await anyio.lowlevel.checkpoint()
        self.seen.append(frames_to_user(inspect.currentframe()))
        return self.events.pop(0)

    async def send(self, event: Event) -> None:
        """Take an event."""
        if event["type"] != "websocket.accept" and self.fault is not None:
            fault, self.fault = self.fault, None
            raise fault
        self.seen.append(frames_to_user(inspect.currentframe()))
        await anyio.lowlevel.checkpoint()
        self.seen.append(frames_to_user(inspect.currentframe()))


REPLY: Final = ErrorReply(str)


# --- What users write --------------------------------------------------------------


async def receive(websocket: ConnectedWebSocket) -> None:
    """Receive a message of either kind."""
    await websocket.receive()


async def receive_text(websocket: ConnectedWebSocket) -> None:
    """Receive a text message."""
    await websocket.receive_text()


async def receive_bytes(websocket: ConnectedWebSocket) -> None:
    """Receive a binary message."""
    await websocket.receive_bytes()


async def receive_json(websocket: ConnectedWebSocket) -> None:
    """Receive JSON."""
    await websocket.receive_json()


async def iterate(websocket: ConnectedWebSocket) -> None:
    """Iterate over messages of either kind."""
    async for _ in websocket:
        break


async def iter_text(websocket: ConnectedWebSocket) -> None:
    """Iterate over text messages."""
    async for _ in websocket.iter_text():
        break


async def iter_bytes(websocket: ConnectedWebSocket) -> None:
    """Iterate over binary messages."""
    async for _ in websocket.iter_bytes():
        break


async def iter_json(websocket: ConnectedWebSocket) -> None:
    """Iterate over JSON messages."""
    async for _ in websocket.iter_json():
        break


async def receive_json_type(websocket: ConnectedWebSocket) -> None:
    """Receive JSON of a type."""
    await websocket.receive_json(type=int)


async def iter_json_type(websocket: ConnectedWebSocket) -> None:
    """Iterate over JSON of a type."""
    async for _ in websocket.iter_json(type=int):
        break


async def typed_receive(websocket: ConnectedWebSocket) -> None:
    """Receive a typed message."""
    await websocket.typed(PlainCodec()).with_reply(REPLY).receive()


async def typed_iterate(websocket: ConnectedWebSocket) -> None:
    """Iterate over typed messages."""
    async for _ in websocket.typed(PlainCodec()).with_reply(REPLY):
        break


async def typed_send(websocket: ConnectedWebSocket) -> None:
    """Send a typed message."""
    await websocket.typed(PlainCodec()).send("1")


async def send(websocket: ConnectedWebSocket) -> None:
    """Send a message of either kind."""
    await websocket.send(TextMessage("1"))


async def send_text(websocket: ConnectedWebSocket) -> None:
    """Send a text message."""
    await websocket.send_text("1")


async def send_bytes(websocket: ConnectedWebSocket) -> None:
    """Send a binary message."""
    await websocket.send_bytes(b"1")


async def send_json(websocket: ConnectedWebSocket) -> None:
    """Send JSON."""
    await websocket.send_json(1)


USES: Final[dict[str, tuple[Call, Frame]]] = {
    "receive": (receive, ("states.py", "receive")),
    "receive_text": (receive_text, ("states.py", "receive_text")),
    "receive_bytes": (receive_bytes, ("states.py", "receive_bytes")),
    "receive_json": (receive_json, ("states.py", "receive_json")),
    "async for": (iterate, ("iteration.py", "__anext__")),
    "iter_text": (iter_text, ("iteration.py", "__anext__")),
    "iter_bytes": (iter_bytes, ("iteration.py", "__anext__")),
    "iter_json": (iter_json, ("iteration.py", "__anext__")),
    "receive_json(type)": (receive_json_type, ("states.py", "receive_json")),
    "iter_json(type)": (iter_json_type, ("iteration.py", "__anext__")),
    "typed receive": (typed_receive, ("typed.py", "receive")),
    "typed async for": (typed_iterate, ("iteration.py", "__anext__")),
    "typed send": (typed_send, ("typed.py", "send")),
    "send": (send, ("states.py", "send")),
    "send_text": (send_text, ("states.py", "send_text")),
    "send_bytes": (send_bytes, ("states.py", "send_bytes")),
    "send_json": (send_json, ("states.py", "send_json")),
}


async def accepted(counting: CountingServer) -> ConnectedWebSocket:
    """Accept a connection, and forget what was counted for it."""
    websocket = await WebSocket(scope(), counting.receive, counting.send).accept()
    counting.seen.clear()
    return websocket


@pytest.mark.parametrize("name", USES)
async def test_one_frame_lies_between_the_user_and_the_server(name: str) -> None:
    """When the server is called, and when the event loop goes on with it."""
    use, frame = USES[name]
    counting = CountingServer(
        [CONNECT, binary(b"1") if name.endswith("bytes") else text("1")]
    )
    websocket = await accepted(counting)

    await use(websocket)

    assert [[frame], [frame]] == counting.seen


@pytest.mark.parametrize("name", USES)
async def test_a_fault_of_the_server_leaves_the_way_as_short(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it nothing was found to receive, so nothing stands in between."""
    monkeypatch.setattr("typedws.connection._DOUBT_GRACE", 0.0)
    use, frame = USES[name]
    counting = CountingServer(
        [CONNECT, binary(b"1") if name.endswith("bytes") else text("1")],
        fault=RuntimeError("a fault"),
    )
    websocket = await accepted(counting)
    with pytest.raises(RuntimeError, match="a fault"):
        await websocket.send_text("1")
    counting.seen.clear()

    await use(websocket)

    assert [[frame], [frame]] == counting.seen
