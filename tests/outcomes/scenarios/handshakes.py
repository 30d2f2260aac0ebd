"""The answer to the handshake."""

from collections.abc import AsyncIterator
from typing import Final, Literal

import anyio
from attrs import frozen

from tests.outcomes.noting import tell, tell_end
from tests.outcomes.scenario import Client, Scenario
from tests.outcomes.scenarios.moves import (
    RETURNS,
    hears_to_the_end,
    opens,
    refused,
)
from tests.outcomes.visiting import Visit
from typedws import (
    DenialResponse,
    Ended,
    Limits,
    LocalProtocolError,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)

__all__ = ["SCENARIOS"]


class _Fault(Exception):
    """What nobody has foreseen."""


async def accept(websocket: UnacceptedWebSocket) -> Ended:
    """Accept."""
    return await (await websocket.accept()).close()


async def negotiate(websocket: UnacceptedWebSocket) -> Ended:
    """Choose a subprotocol."""
    chosen = websocket.negotiate(Literal["chat.v1", "chat.v0"])
    connected = await websocket.accept(chosen)
    tell(websocket, str(connected.subprotocol))
    return await connected.close()


async def wrong_accepts(websocket: UnacceptedWebSocket) -> Ended:
    """Try to accept with what would end some servers, and then accept."""
    await try_to_accept(websocket, "chat.v3")
    await try_to_accept(websocket, None, ("x-tag", "a\r\nx-other: b"))
    await try_to_accept(websocket, None, ("x-tag: a\r\nx-other", "b"))
    await try_to_accept(websocket, None, ("sec-websocket-protocol", "chat.v1"))
    return await (await websocket.accept()).close()


async def try_to_accept(
    websocket: UnacceptedWebSocket, subprotocol: str | None, *headers: tuple[str, str]
) -> None:
    """Accept in a way that is refused."""
    try:
        await websocket.accept(subprotocol, headers)
    except LocalProtocolError:
        what = "a subprotocol" if subprotocol else "a header"
        tell(websocket, f"refused {what}")


async def headers(websocket: UnacceptedWebSocket) -> Ended:
    """Accept with headers."""
    connected = await websocket.accept(
        headers=[("x-tag", "a"), ("set-cookie", "a=1"), ("set-cookie", "b=2")]
    )
    return await connected.close()


async def close(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse plainly."""
    denied = await websocket.close()
    tell_end(websocket, denied)
    return denied


async def deny(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse with a response, two headers of which have one name."""
    response = DenialResponse.text(
        "who are you?",
        status=401,
        headers=[("x-why", "no token"), ("x-why", "nor a cookie")],
    )
    denied = await websocket.send_denial_response(response, fallback=True)
    tell(websocket, f"sent it: {denied.response_sent}")
    tell_end(websocket, denied)
    return denied


async def deny_with_cookies(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse with a response that sets two cookies."""
    response = DenialResponse(
        401, headers=[("set-cookie", "a=1"), ("set-cookie", "b=2")]
    )
    denied = await websocket.send_denial_response(response, fallback=True)
    tell_end(websocket, denied)
    return denied


async def deny_in_parts(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse with a body that comes in parts."""

    async def parts() -> AsyncIterator[bytes]:
        for part in (b"who ", b"are ", b"you?"):
            await anyio.sleep(0.01)
            yield part

    response = DenialResponse(401, body=parts())
    denied = await websocket.send_denial_response(response, fallback=True)
    tell_end(websocket, denied)
    return denied


LONG: Final = 2 * 1024 * 1024
"""Bytes of a response: more than typedws joins."""


async def deny_at_length(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse with a long body that comes in parts, or whole where it has to."""
    half = LONG // 2 * b"x"

    async def parts() -> AsyncIterator[bytes]:
        yield half
        yield half

    try:
        denied = await websocket.send_denial_response(
            DenialResponse(401, body=parts()), fallback=True
        )
    except LocalProtocolError:
        tell(websocket, "refused the parts")
        denied = await websocket.send_denial_response(
            DenialResponse(401, body=half + half), fallback=True
        )
    tell_end(websocket, denied)
    return denied


async def reads_a_long_refusal(visit: Visit) -> None:
    """Read all of the response; the library of the other clients would not."""
    async with visit.raw() as client:
        await client.ask()
        await client.answer()
        await client.hear_a_body(b"x", LONG)


async def fail(websocket: UnacceptedWebSocket) -> Ended:
    """Fail before there is an answer."""
    raise _Fault


@frozen
class Query:
    """What the query is to be."""

    page: int


async def query(websocket: UnacceptedWebSocket) -> Ended:
    """Take a query that does not fit."""
    websocket.query_params_as(Query)
    return await (await websocket.accept()).close()


async def forever(websocket: UnacceptedWebSocket) -> Ended:
    """Take too long for an answer."""
    await anyio.sleep_forever()
    return await websocket.close()


async def too_late(websocket: UnacceptedWebSocket) -> Ended:
    """Accept when the client has gone."""
    tell(websocket, "is asked")
    await anyio.sleep(0.3)
    try:
        connected = await websocket.accept()
    except WebSocketDisconnect as over:
        tell(websocket, "over")
        return over.closed
    async for _ in connected:
        pass
    closed = await connected.close()
    tell(websocket, "over")
    return closed


async def does_not_wait(visit: Visit) -> None:
    """Go before the answer."""
    async with visit.raw() as client:
        await client.ask()
        await visit.until("is asked")
        await client.reset()
        await visit.until_it_ends()


def from_page(origin: str) -> Client:
    """Come from a page."""

    async def client(visit: Visit) -> None:
        host = f"127.0.0.1:{visit.port}"
        url = origin.replace("HOST", host)
        if "HOST" not in origin:
            await visit.is_refused(headers=[("Origin", url)])
            return
        async with visit.connect(headers=[("Origin", url)]) as caller:
            await hears_to_the_end(caller)

    return client


OPEN: Final = ("accepted", "closed 1000")

SCENARIOS: Final = (
    Scenario("accept", "accept", accept, opens(), (RETURNS,), OPEN),
    Scenario(
        "negotiate",
        "accept with a subprotocol of those offered",
        negotiate,
        opens(subprotocols=["chat.v2", "chat.v1"]),
        ("chat.v1", RETURNS),
        ("accepted chat.v1", "closed 1000"),
    ),
    Scenario(
        "negotiate_nothing",
        "accept without a subprotocol, for none is spoken",
        negotiate,
        opens(subprotocols=["chat.v2"]),
        ("None", RETURNS),
        OPEN,
    ),
    Scenario(
        "wrong_accepts",
        "accept with a subprotocol that was not offered, or a forbidden header",
        wrong_accepts,
        opens(subprotocols=["chat.v1"]),
        (
            "refused a subprotocol",
            "refused a header",
            "refused a header",
            "refused a header",
            RETURNS,
        ),
        OPEN,
    ),
    Scenario(
        "accept_with_headers",
        "accept with headers, one of them twice",
        headers,
        opens(),
        (RETURNS,),
        ("accepted x-tag: a set-cookie: a=1 set-cookie: b=2", "closed 1000"),
    ),
    Scenario(
        "close_before_accept",
        "refuse with `close()`",
        close,
        refused(),
        ("denied: 403", RETURNS),
        ("denied 403",),
    ),
    Scenario(
        "denial_response",
        "refuse with a response, one header twice",
        deny,
        refused(),
        ("sent it: True", "denied: 401", RETURNS),
        ("denied 401 x-why: no token, nor a cookie",),
    ),
    Scenario(
        "denial_response_with_cookies",
        "refuse with a response that sets two cookies",
        deny_with_cookies,
        refused(),
        ("denied: 401", RETURNS),
        ("denied 401 set-cookie: a=1 set-cookie: b=2",),
        is_hostile=True,
    ),
    Scenario(
        "denial_response_in_parts",
        "refuse with a response in parts",
        deny_in_parts,
        refused(),
        ("denied: 401", RETURNS),
        ("denied 401",),
    ),
    Scenario(
        "denial_response_at_length",
        "refuse with a response of 2 MiB in parts",
        deny_at_length,
        reads_a_long_refusal,
        ("denied: 401", RETURNS),
        ("denied 401", "reads 2,097,152 bytes"),
        is_alone=True,
    ),
    Scenario(
        "fail_before_accept",
        "a handler that fails before the answer",
        fail,
        refused(),
        ("raises _Fault",),
        ("denied 500",),
        logs_faults=True,
    ),
    Scenario(
        "parameters_that_do_not_fit",
        "a query that does not fit",
        query,
        refused(),
        (RETURNS,),
        ("denied 400",),
    ),
    Scenario(
        "handshake_timeout",
        "a handler that does not answer in time",
        forever,
        refused(),
        (RETURNS,),
        ("denied 503",),
        limits=Limits(handshake_timeout=0.2),
    ),
    Scenario(
        "reset_before_accept",
        "the network goes before the answer",
        too_late,
        does_not_wait,
        ("is asked", "over", RETURNS),
        (),
    ),
    Scenario(
        "strange_page",
        "a page of another site",
        accept,
        from_page("https://evil.example"),
        (RETURNS,),
        ("denied 403",),
    ),
    Scenario(
        "own_page",
        "a page of this site",
        accept,
        from_page("http://HOST"),
        (RETURNS,),
        OPEN,
    ),
)
