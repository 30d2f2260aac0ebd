"""
Somebody else's text in a header: the name in a cookie, the place of a redirect.

What a server writes as it is becomes a header of the attacker's choice, or the end of a
process. So nothing of the kind gets as far as a server.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

import pytest

from tests.scripted import ScriptedServer, server
from typedws import (
    DenialResponse,
    LocalProtocolError,
    TypedWSError,
    UnacceptedWebSocket,
)
from typedws.asgi import ASGIReceive, ASGIScope, ASGISend

pytestmark = pytest.mark.anyio

Pair: TypeAlias = tuple[bytes, bytes]

HOSTILE_NAMES: Final = {
    "line break and header": b"x\r\nset-cookie",
    "line break and body": b"x: 1\r\n\r\n<script>",
    "line feed": b"x\nset-cookie",
    "carriage return": b"x\rset-cookie",
    "line break in front": b"\r\nset-cookie",
    "line feed behind": b"x\n",
    "NUL": b"x\x00",
    "colon": b"x: 1",
    "blank": b"x y",
    "blank in front": b" x",
    "tab": b"x\ty",
    "pseudo header": b":status",
    "another pseudo header": b":authority",
    "empty": b"",
    "latin-1 letter": b"\xe4",
    "UTF-8": "\u212a".encode(),
    "next line of latin-1": b"x\x85y",
    "vertical tab": b"x\x0by",
    "delete": b"x\x7f",
    "escape": b"\x1b[31m",
    "quotation mark": b'"x"',
    "bracket": b"x[]",
    "of the handshake": b"Sec-WebSocket-Accept",
    "extensions of the handshake": b"sec-websocket-extensions",
    "of the connection": b"Connection",
    "of the transfer": b"transfer-encoding",
    "of the upgrade": b"UPGRADE",
}

HOSTILE_VALUES: Final = {
    "line break and header": b"1\r\nset-cookie: a=1",
    "line break and body": b"1\r\n\r\n<script>",
    "line feed": b"1\nset-cookie: a=1",
    "carriage return": b"1\rset-cookie: a=1",
    "line break in front": b"\r\n1",
    "line break behind": b"1\r\n",
    "line feed behind": b"1\n",
    "folded line": b"1\r\n 2",
    "NUL": b"1\x002",
    "NUL behind": b"1\x00",
    "blank in front": b" 1",
    "tab behind": b"1\t",
    "vertical tab": b"1\x0b2",
    "form feed": b"1\x0c2",
    "escape": b"\x1b[31m",
    "delete": b"1\x7f",
    "file separator": b"1\x1c2",
}

PAIRS: Final[dict[str, Pair]] = {
    **{f"name: {key}": (name, b"1") for key, name in HOSTILE_NAMES.items()},
    **{f"value: {key}": (b"x-name", value) for key, value in HOSTILE_VALUES.items()},
}

OUTSIDE_LATIN_1: Final = {
    # What becomes a line break for whoever takes the low byte of each letter.
    "letters whose low bytes are a line break": "1\u010d\u010aset-cookie: a=1",
    "line separator": "1\u2028",
    "full width": "\uff0d",
    "lone surrogate": "\ud800",
    "emoji": "\U0001f36a",
}

each_pair: Final = pytest.mark.parametrize("key", PAIRS)
GOOD: Final[Pair] = (b"x-good", b"1")


async def is_refused(
    scripted: ScriptedServer,
    answer: Callable[[UnacceptedWebSocket], Awaitable[object]],
) -> bool:
    """Tell whether an answer is refused, with nothing sent, and another possible."""
    websocket = scripted.websocket()
    with pytest.raises(LocalProtocolError) as caught:
        await answer(websocket)
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()
    assert [] == scripted.handed
    await websocket.accept()
    return ["websocket.accept"] == scripted.sent_types()


@each_pair
async def test_no_header_of_an_accept_can_be_injected(key: str) -> None:
    """By its name or by its value, as bytes or as text, behind a good one or alone."""
    name, value = PAIRS[key]
    text = {name.decode("latin-1"): value.decode("latin-1")}

    assert await is_refused(
        server(), lambda websocket: websocket.accept(headers=[GOOD, (name, value)])
    )
    assert await is_refused(server(), lambda websocket: websocket.accept(headers=text))


@each_pair
async def test_no_header_of_a_denial_can_be_injected(key: str) -> None:
    """It is refused before there is a response that could be sent."""
    name, value = PAIRS[key]

    with pytest.raises(LocalProtocolError, match=r"^a denial response: the header b'"):
        DenialResponse(401, headers=[GOOD, (name, value)])
    with pytest.raises(LocalProtocolError, match=r"^a denial response: the header b'"):
        DenialResponse.text("no", headers={name.decode("latin-1"): value.decode()})


@each_pair
async def test_no_header_of_a_response_app_can_be_injected(key: str) -> None:
    """A response of somebody else's class is held to the same rules."""

    async def app(_scope: ASGIScope, _receive: ASGIReceive, send: ASGISend) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 302,
                "headers": [GOOD, PAIRS[key]],
            }
        )
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    assert await is_refused(
        server(), lambda websocket: websocket.send_denial_response(app)
    )


@pytest.mark.parametrize("key", OUTSIDE_LATIN_1)
async def test_no_header_is_made_of_what_is_not_latin_1(key: str) -> None:
    """No byte is cut off to make it one, and none is put in its place."""
    text = OUTSIDE_LATIN_1[key]

    assert await is_refused(
        server(), lambda websocket: websocket.accept(headers={"x": text})
    )
    assert await is_refused(
        server(), lambda websocket: websocket.accept(headers={text: "1"})
    )
    with pytest.raises(LocalProtocolError, match="outside latin-1"):
        DenialResponse(401, headers={"x": text})


@pytest.mark.parametrize(
    "subprotocol",
    ["chat\r\nset-cookie: a=1", "chat\n", "chat\x00", "chat, admin", "", "\xe4", ":x"],
    ids=ascii,
)
async def test_no_header_can_be_injected_by_a_subprotocol(subprotocol: str) -> None:
    """Not even if the server says that the client has offered it."""
    scripted = server()
    websocket = scripted.websocket(subprotocols=[subprotocol, "chat"])

    with pytest.raises(TypedWSError):
        await websocket.accept(subprotocol)
    assert [] == scripted.handed

    await websocket.accept("chat")

    assert ["chat"] == [event["subprotocol"] for event in scripted.sent]
