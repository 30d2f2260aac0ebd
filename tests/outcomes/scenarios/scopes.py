"""What a handler reads of the handshake."""

from typing import Final

from tests.outcomes.noting import tell
from tests.outcomes.scenario import Scenario
from tests.outcomes.scenarios.moves import RETURNS, opens
from tests.outcomes.visiting import Visit
from typedws import Ended, UnacceptedWebSocket

__all__ = ["SCENARIOS"]


async def url(websocket: UnacceptedWebSocket) -> Ended:
    """Read the URL."""
    tell(websocket, websocket.url.scheme)
    tell(websocket, "/" + websocket["path"].split("/", 3)[3])
    tell(websocket, str(websocket.query_params.multi_items()))
    return await (await websocket.accept()).close()


async def headers(websocket: UnacceptedWebSocket) -> Ended:
    """Read headers."""
    tell(websocket, f"x-tag: {websocket.headers.getlist('x-tag')}")
    tell(websocket, f"x-other: {websocket.headers['X-OTHER']}")
    return await (await websocket.accept()).close()


async def cookies(websocket: UnacceptedWebSocket) -> Ended:
    """Read cookies."""
    tell(websocket, str(dict(websocket.cookies)))
    return await (await websocket.accept()).close()


async def underscore(websocket: UnacceptedWebSocket) -> Ended:
    """Look for a header with an unusual name."""
    tell(websocket, f"x_tag: {websocket.headers.get('x_tag')}")
    return await (await websocket.accept()).close()


async def client_address(websocket: UnacceptedWebSocket) -> Ended:
    """Read where the client is."""
    tell(websocket, str(websocket.client and websocket.client.host))
    return await (await websocket.accept()).close()


async def state(websocket: UnacceptedWebSocket) -> Ended:
    """Read what the lifespan has left."""
    tell(websocket, str(dict(websocket.state)))
    return await (await websocket.accept()).close()


async def offered(websocket: UnacceptedWebSocket) -> Ended:
    """Read the subprotocols."""
    tell(websocket, str(list(websocket.subprotocols)))
    return await (await websocket.accept()).close()


async def offers_twice(visit: Visit) -> None:
    """Offer subprotocols in two headers."""
    async with visit.raw() as client:
        await client.ask(
            "Sec-WebSocket-Protocol: chat.v2", "Sec-WebSocket-Protocol: chat.v1"
        )
        await client.answer()
        await client.hear_the_end()


OPEN: Final = ("accepted", "closed 1000")

SCENARIOS: Final = (
    Scenario(
        "url",
        "a path with escapes and UTF-8, and a query",
        url,
        opens("/caf%C3%A9/b%20c?q=%C3%A9&q=a+b&empty="),
        (
            "ws",
            "/caf\u00e9/b c",
            "[('q', '\u00e9'), ('q', 'a b'), ('empty', '')]",
            RETURNS,
        ),
        OPEN,
    ),
    Scenario(
        "url_that_is_not_utf_8",
        "escapes in path and query that are not UTF-8",
        url,
        opens("/%FF?q=%FF"),
        ("ws", "/\ufffd", "[('q', '\ufffd')]", RETURNS),
        OPEN,
    ),
    Scenario(
        "headers",
        "a header that is there twice",
        headers,
        opens(headers=[("X-Tag", "a"), ("X-Other", "o"), ("X-Tag", "b")]),
        ("x-tag: ['a', 'b']", "x-other: o", RETURNS),
        OPEN,
    ),
    Scenario(
        "header_in_latin_1",
        "a header with `\u00e9` in Latin-1",
        headers,
        opens(headers=[("X-Tag", "caf\u00e9"), ("X-Other", "o")]),
        ("x-tag: ['caf\u00e9']", "x-other: o", RETURNS),
        OPEN,
    ),
    Scenario(
        "header_with_an_underscore",
        "a header with `_` in its name",
        underscore,
        opens(headers=[("X_Tag", "a")]),
        ("x_tag: a", RETURNS),
        OPEN,
    ),
    Scenario(
        "cookies",
        "two `Cookie` headers",
        cookies,
        opens(headers=[("Cookie", "a=1"), ("Cookie", "b=2")]),
        ("{'a': '1', 'b': '2'}", RETURNS),
        OPEN,
    ),
    Scenario(
        "client_address",
        "where the client is",
        client_address,
        opens(),
        ("127.0.0.1", RETURNS),
        OPEN,
    ),
    Scenario(
        "state",
        "what the lifespan has left in `state`",
        state,
        opens(),
        ("{'greeting': 'hello'}", RETURNS),
        OPEN,
    ),
    Scenario(
        "offered_subprotocols",
        "the subprotocols that the client offers",
        offered,
        opens(subprotocols=["chat.v2", "chat.v1"]),
        ("['chat.v2', 'chat.v1']", RETURNS),
        OPEN,
    ),
    Scenario(
        "subprotocols_in_two_headers",
        "subprotocols in two headers",
        offered,
        offers_twice,
        ("['chat.v2', 'chat.v1']", RETURNS),
        OPEN,
    ),
)
