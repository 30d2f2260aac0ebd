"""
What is fuzzed: whatever a client or a server sends, only errors of typedws come out.

Each target takes bytes. It returns if all went well, and raises what it should not.
"""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Final, TypeAlias

import msgspec
from attrs import Factory, frozen

from tests.fuzz.bites import Bites
from tests.scripted import CONNECT, Event, scope
from typedws import (
    AllowedOrigins,
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    Ended,
    JsonCodec,
    Limits,
    MsgpackCodec,
    RateLimit,
    SameOrigin,
    TypedWSError,
    UnacceptedWebSocket,
    WebSocketApp,
    WebSocketScope,
    websocket_app,
)
from typedws.close import checked_close
from typedws.codecs.codec import Codec
from typedws.fields import checked_fields
from typedws.json_text import decode_json, encode_json
from typedws.origins import parse_origin

Target: TypeAlias = Callable[[bytes], None]

LONGEST: Final = 2.0
"""Seconds of the processor that a target may take for a few thousand bytes."""


class Say(msgspec.Struct, tag=True):
    """A message."""

    text: str
    to: list[int] = []


class Join(msgspec.Struct, tag=True):
    """Another one."""

    rooms: dict[str, float]
    at: int | None = None


@frozen
class Page:
    """The parameters of a handshake."""

    room: str
    number: int = 1
    tags: list[float] = Factory(list[float])


CODECS: Final[tuple[Codec[object, object], ...]] = (
    JsonCodec(Say | Join, object),
    JsonCodec(dict[str, list[int]], object),
    JsonCodec(int | None, object),
    MsgpackCodec(Say | Join, object),
    MsgpackCodec(dict[str, list[bytes]], object),
)


# --- What a client can send --------------------------------------------------------


def fuzz_json(data: bytes) -> None:
    """Read JSON, and write what was read."""
    for payload in (data, data.decode("utf-8", "surrogateescape")):
        with suppress(TypedWSError):
            value = decode_json(payload)
            assert value == decode_json(encode_json(value))


def fuzz_codecs(data: bytes) -> None:
    """Read messages of a type."""
    for codec in CODECS:
        for payload in (data, data.decode("utf-8", "surrogateescape")):
            with suppress(TypedWSError):
                codec.decode(payload)


def fuzz_origins(data: bytes) -> None:
    """Compare the origin of a page with a host."""
    bites = Bites(data)
    origins, host, scheme = bites.items(bites.some), bites.some(), bites.text()
    headers = [(b"host", host), *((b"origin", origin) for origin in origins)]
    handshake = WebSocketScope(scope(headers=headers, scheme=scheme))
    with suppress(TypedWSError):
        SameOrigin().allows(handshake)
        is_let_in = AllowedOrigins("https://a.example").allows(handshake)
        good = {b"https://a.example", b"https://a.example:443"}
        assert not is_let_in or set(origins) <= good
    parse_origin(data.decode("latin-1"))


def fuzz_handshake(data: bytes) -> None:
    """Read all that a handshake says, of a scope that may be anything."""
    bites = Bites(data)
    keys = list(scope())
    changes = {bites.pick(keys): bites.value() for _ in range(bites.byte() % 4)}
    headers = bites.items(bites.pair)
    handshake = {
        **scope(headers=headers, query_string=bites.some(), path=bites.text()),
        "path_params": {"room": bites.text(), "number": bites.value()},
        **changes,
    }
    with suppress(TypedWSError):
        read_all(UnacceptedWebSocket(handshake))


READERS: Final[tuple[Callable[[UnacceptedWebSocket], object], ...]] = (
    lambda websocket: str(websocket.url),
    lambda websocket: websocket.url.port,
    lambda websocket: dict(websocket.headers),
    lambda websocket: dict(websocket.query_params),
    lambda websocket: dict(websocket.cookies),
    lambda websocket: dict(websocket.path_params),
    lambda websocket: websocket.client,
    lambda websocket: websocket.subprotocols,
    repr,
    lambda websocket: repr(websocket.scope),
    lambda websocket: websocket.query_params_as(Page),
    lambda websocket: websocket.path_params_as(Page),
    lambda websocket: websocket.headers_as(Page),
    lambda websocket: websocket.cookies_as(Page),
)


def read_all(websocket: UnacceptedWebSocket) -> None:
    """Read every part; what can't be read is an error of typedws, and no other."""
    for read in READERS:
        assert sentence_of(read, websocket).isprintable()


def sentence_of(
    read: Callable[[UnacceptedWebSocket], object], websocket: UnacceptedWebSocket
) -> str:
    """Read one part; return what an error of typedws says, if there is one."""
    try:
        read(websocket)
    except TypedWSError as error:
        return str(error)
    return ""


# --- What an application can be handed ---------------------------------------------


def fuzz_fields(data: bytes) -> None:
    """Check headers that somebody else has chosen."""
    bites = Bites(data)
    pairs = bites.items(lambda: (bites.some(), bites.some()))
    with suppress(TypedWSError):
        for name, value in checked_fields(pairs, what="accept()"):
            assert not {*b"\r\n\0:"} & {*name}
            assert not {*b"\r\n\0"} & {*value}
    texts = bites.items(lambda: (bites.text(), bites.text()))
    with suppress(TypedWSError):
        DenialResponse(400, headers=texts)


def fuzz_close(data: bytes) -> None:
    """Check codes and reasons that somebody else has chosen."""
    bites = Bites(data)
    number, reason = bites.byte() * 256 + bites.byte(), bites.text()
    with suppress(TypedWSError):
        code, text = checked_close(number, reason)
        assert code in {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}
        assert len(text.encode()) <= 123


# --- A whole application -----------------------------------------------------------

ANSWERS: Final[tuple[Callable[[ConnectedWebSocket], Awaitable[object]], ...]] = (
    ConnectedWebSocket.receive,
    ConnectedWebSocket.receive_text,
    ConnectedWebSocket.receive_bytes,
    ConnectedWebSocket.receive_json,
    lambda websocket: websocket.receive_json("binary", type=dict[str, int]),
    lambda websocket: websocket.typed(CODECS[0]).receive(),
    lambda websocket: websocket.typed(CODECS[3]).receive(),
    lambda websocket: anext(aiter(websocket), None),
    lambda websocket: anext(websocket.iter_text(), None),
)


def application(bites: Bites) -> WebSocketApp:
    """Make an application that receives in this way and that."""
    limits = Limits(
        message_size=bites.pick([None, 20]),
        rate=bites.pick([None, RateLimit(messages=1, exceeded="close")]),
    )
    does_catch = bool(bites.byte() % 2)

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        read_all(websocket)
        chosen = next(iter(websocket.subprotocols), None)
        connected = await websocket.accept(chosen)
        while not bites.is_empty():
            try:
                await bites.pick(ANSWERS)(connected)
            except TypedWSError:
                if not does_catch:
                    raise
        return await end_of(connected)

    return websocket_app(handler, limits=limits)


async def end_of(connected: ConnectedWebSocket) -> ClosedWebSocket:
    """Close."""
    return await connected.close(4000)


def event(bites: Bites) -> Event:
    """Make an event of a server."""
    kinds = ("websocket.receive", "websocket.receive", "websocket.disconnect", "x")
    made: dict[str, object] = {"type": bites.pick([*kinds, bites.value()])}
    for key in ("text", "bytes", "code", "reason"):
        if bites.byte() % 2:
            made[key] = bites.value()
    if bites.byte() % 2:
        made["text"] = bites.text()
    return made


@functools.cache
def loop() -> asyncio.AbstractEventLoop:
    """Make the one event loop of all applications."""
    return asyncio.new_event_loop()


def fuzz_application(data: bytes) -> None:
    """Serve a connection; it ends once, in order, and leaves no task behind."""
    bites = Bites(data)
    events = [CONNECT, *bites.items(lambda: event(bites))]
    headers = [(b"host", b"a"), *bites.items(bites.pair)]
    handshake = scope(
        headers=headers,
        path=bites.text(),
        query_string=bites.some(),
        subprotocols=bites.items(bites.text),
    )
    sent = loop().run_until_complete(serve(application(bites), handshake, events))
    kinds = [one["type"] for one in sent]
    accepted = kinds.count("websocket.accept")

    assert accepted <= 1
    assert kinds.count("websocket.close") <= 1
    assert accepted or kinds
    assert "Error" not in repr(sent)


async def serve(
    app: WebSocketApp, handshake: Mapping[str, object], events: list[Event]
) -> list[Event]:
    """Serve a connection; return what was sent."""
    sent: list[Event] = []
    left = [*events, {"type": "websocket.disconnect", "code": 1006}]

    async def receive() -> Event:
        assert left, "receive() was called after the disconnect"
        given = left.pop(0)
        if given.get("type") == "websocket.disconnect":
            left.clear()
        return given

    async def send(made: Event) -> None:
        sent.append(made)

    with suppress(TypedWSError):
        await app(handshake, receive, send)
    assert len(asyncio.all_tasks()) == 1
    return sent


TARGETS: Final[dict[str, Target]] = {
    "json": fuzz_json,
    "codecs": fuzz_codecs,
    "origins": fuzz_origins,
    "handshake": fuzz_handshake,
    "fields": fuzz_fields,
    "close": fuzz_close,
    "application": fuzz_application,
}


def fuzz(name: str, data: bytes) -> None:
    """Run a target, within bounded time."""
    began = time.process_time()
    TARGETS[name](data)
    assert time.process_time() - began < LONGEST
