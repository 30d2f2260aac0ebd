"""Tests of what a client asks for: the scope, and what no client can ask for."""

import re
from collections.abc import Mapping

import pytest

from tests.testing.apps import ACCEPT, Event, Receive, Send, echo
from typedws import ClosedWebSocket, LocalProtocolError, UnacceptedWebSocket
from typedws.testing import ConnectOptions, connect, handshake
from typedws.testing.options import checked_app

pytestmark = pytest.mark.anyio


async def scope_of(target: str, options: ConnectOptions | None = None) -> Event:
    """Let an application see its scope."""
    seen: list[Event] = []

    async def app(scope: Event, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await receive()
        await send(ACCEPT)
        await receive()

    await handshake(app, target, **(options or {}))
    return seen[0]


async def test_a_scope_is_what_a_server_makes() -> None:
    """Of a request as a real client makes it."""
    assert {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/chat/lobby",
        "raw_path": b"/chat/lobby",
        "query_string": b"x=1",
        "root_path": "",
        "headers": [
            (b"host", b"testserver"),
            (b"upgrade", b"websocket"),
            (b"connection", b"Upgrade"),
            (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
            (b"sec-websocket-version", b"13"),
        ],
        "client": ("127.0.0.1", 50_000),
        "server": ("testserver", 80),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    } == await scope_of("/chat/lobby?x=1")


async def test_a_whole_url_says_more() -> None:
    """The scheme, the host and the port."""
    scope = await scope_of("wss://example.com:8443/a")
    bare = await scope_of("wss://example.com")

    headers = scope["headers"]
    assert isinstance(headers, list)
    assert (b"host", b"example.com:8443") == headers[0]
    assert ["wss", ("example.com", 8443)] == [scope["scheme"], scope["server"]]
    assert ["/", ("example.com", 443)] == [bare["path"], bare["server"]]


async def test_a_path_is_encoded_as_a_client_does() -> None:
    """And decoded as a server does; what is encoded already stays."""
    scope = await scope_of("/räume/a b%2Fc%ff?q=ä b&c=%20")

    assert "/räume/a b/c\ufffd" == scope["path"]
    assert b"/r%C3%A4ume/a%20b%2Fc%ff" == scope["raw_path"]
    assert b"q=%C3%A4%20b&c=%20" == scope["query_string"]


async def test_headers_subprotocols_and_an_origin_are_sent() -> None:
    """In the order of the call, behind those of the handshake."""
    scope = await scope_of(
        "/",
        {
            "headers": [("X-A", "1"), ("x-a", "2"), ("host", "other")],
            "subprotocols": ["v2", "v1"],
            "origin": "https://example.com",
        },
    )

    headers = scope["headers"]
    assert isinstance(headers, list)
    assert [
        (b"sec-websocket-protocol", b"v2, v1"),
        (b"x-a", b"1"),
        (b"x-a", b"2"),
        (b"host", b"other"),
        (b"origin", b"https://example.com"),
    ] == headers[4:]
    assert ["v2", "v1"] == scope["subprotocols"]


async def test_the_rest_of_the_scope_can_be_given() -> None:
    """As a router or a middleware leaves it."""
    scope = await scope_of(
        "/", {"root_path": "/app", "client": ("192.0.2.1", 1), "scope": {"user": "ada"}}
    )

    assert ["/app", ("192.0.2.1", 1), "ada"] == [
        scope["root_path"],
        scope["client"],
        scope["user"],
    ]


BAD: dict[str, tuple[object, Mapping[str, object], type[Exception], str]] = {
    "no text": (1, {}, TypeError, "a target is a str, not int"),
    "no slash": (
        "chat",
        {},
        ValueError,
        "write '/chat', or a whole URL such as 'ws://testserver/chat'",
    ),
    "nothing": ("", {}, ValueError, "a path begins with a slash: write '/'"),
    "another scheme": (
        "ftp://a/b",
        {},
        ValueError,
        "a WebSocket URL is of the scheme ws or wss (RFC 6455, section 3), not 'ftp'",
    ),
    "the scheme of HTTP": (
        "https://a/b",
        {},
        ValueError,
        "(RFC 6455, section 3), not 'https'; write wss://",
    ),
    "a fragment": ("/a#b", {}, ValueError, "'/a#b' has a fragment"),
    "a user": ("ws://me@a/", {}, ValueError, "has a user in it; send a header"),
    "no host": ("ws:///a", {}, ValueError, "'ws:///a': '' is no host"),
    "a line break": ("/a\nb", {}, ValueError, r"has no control characters: '/a\nb'"),
    "an illegal header": (
        "/",
        {"headers": {"a b": "c"}},
        LocalProtocolError,
        "connect(): the header b'a b' has a name that HTTP forbids",
    ),
    "a header of the handshake": (
        "/",
        {"headers": {"sec-websocket-protocol": "v1"}},
        LocalProtocolError,
        "pass subprotocols=[...], not sec-websocket-protocol",
    ),
    "two origins": (
        "/",
        {"headers": {"origin": "https://a"}, "origin": "https://b"},
        LocalProtocolError,
        "there is an origin among the headers as well",
    ),
    "one subprotocol as a text": (
        "/",
        {"subprotocols": "v1"},
        TypeError,
        "subprotocols is a list of names: write ['v1'], not 'v1'",
    ),
    "a subprotocol that is no token": (
        "/",
        {"subprotocols": ["v 1"]},
        LocalProtocolError,
        "the subprotocol 'v 1' is no token (RFC 6455, section 4.1)",
    ),
    "a subprotocol twice": (
        "/",
        {"subprotocols": ["v1", "v1"]},
        LocalProtocolError,
        "the subprotocols v1, v1 are not unique",
    ),
    "a buffer of nothing": (
        "/",
        {"buffer": 0},
        ValueError,
        "buffer is a positive number of bytes, not 0",
    ),
    "a subprotocol that is no text": (
        "/",
        {"subprotocols": [1]},
        TypeError,
        "the name of a subprotocol is a str, not 1",
    ),
    "a profile by its name": (
        "/",
        {"profile": "uvicorn"},
        TypeError,
        "profile is a profile such as typedws.testing.UVICORN, not 'uvicorn'",
    ),
    "a buffer that is no number": (
        "/",
        {"buffer": "1"},
        TypeError,
        "buffer is a positive number of bytes, not '1'",
    ),
    "an address without a port": (
        "/",
        {"client": "192.0.2.1"},
        TypeError,
        "client is a pair of host and port, not '192.0.2.1'",
    ),
    "an address of a host alone": (
        "/",
        {"client": ("192.0.2.1",)},
        TypeError,
        "client is a pair of host and port, not ('192.0.2.1',)",
    ),
    "an address of three parts": (
        "/",
        {"client": ("::1", 50_000, 0)},
        TypeError,
        "client is a pair of host and port, not ('::1', 50000, 0)",
    ),
    "an address with a port that is no number": (
        "/",
        {"client": ("192.0.2.1", "50000")},
        TypeError,
        "client is a pair of host and port, not ('192.0.2.1', '50000')",
    ),
    "an address with a host that is no text": (
        "/",
        {"client": (None, 50_000)},
        TypeError,
        "client is a pair of host and port, not (None, 50000)",
    ),
    "a root path that is no text": (
        "/",
        {"root_path": b"/app"},
        TypeError,
        "root_path is a str, not b'/app'",
    ),
    "a scope that is no mapping": (
        "/",
        {"scope": [1]},
        TypeError,
        "scope is a mapping, not [1]",
    ),
    "an option that there is not": (
        "/",
        {"timeout": 5},
        TypeError,
        "there is no option timeout; there are headers, subprotocols, origin, profile",
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_no_client_can_ask_for_is_refused_at_the_call(name: str) -> None:
    """With a sentence that says what to write instead."""
    target, options, error, sentence = BAD[name]
    with pytest.raises(error, match=re.escape(sentence)):
        async with connect(echo, target, **options):  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
            raise AssertionError


async def handler(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """A handler, which is no application."""
    return await (await websocket.accept()).close()


async def two(_scope: Event, _receive: Receive) -> None:
    """Take too few arguments."""


@pytest.mark.parametrize(
    ("app", "sentence"),
    [
        (None, "an ASGI application is a callable, not None"),
        (
            handler,
            "does not; if it is a handler, wrap it: websocket_app(handler)",
        ),
        (two, "-> None does not"),
    ],
)
async def test_what_is_no_application_is_refused_at_the_call(
    app: object, sentence: str
) -> None:
    """A handler, above all."""
    with pytest.raises(TypeError, match=re.escape(sentence)):
        await handshake(app)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


async def test_a_callable_without_a_signature_may_be_an_application() -> None:
    """What is written in C does not always tell."""
    assert dict is checked_app(dict)  # type: ignore[arg-type, comparison-overlap]  # ty: ignore[invalid-argument-type]
