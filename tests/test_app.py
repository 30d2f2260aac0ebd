"""Tests of `websocket_app`: its policies, and the end that every connection gets."""

import asyncio
import functools
import json
import logging
import typing
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Final, Unpack

import anyio
import anyio.lowlevel
import pytest
from attrs import exceptions, frozen
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from starlette.websockets import WebSocket as StarletteWebSocket
from typing_extensions import override

from tests.scripted import (
    Event,
    ScriptedServer,
    connected,
    disconnect,
    scope,
    server,
    text,
)
from typedws import (
    AllowedOrigins,
    AnyOrigin,
    BytesMessage,
    ClosedStateError,
    ClosedWebSocket,
    DecodeError,
    DenialResponse,
    Ended,
    ErrorOutcome,
    ErrorPolicy,
    Handler,
    InvalidScope,
    Limits,
    RemoteProtocolError,
    SameOrigin,
    TextMessage,
    UnacceptedWebSocket,
    WebSocketApp,
    WebSocketDisconnect,
    WebSocketScope,
    websocket_app,
)
from typedws.asgi import application
from typedws.testing import (
    Accepted,
    Closed,
    ConnectOptions,
    Denied,
    connect,
    handshake,
)

EVIL_ORIGIN: Final = "https://evil.example"
EVIL: Final = [(b"host", b"example.com"), (b"origin", b"https://evil.example")]
"""The headers of a page that is not ours."""

SECRET: Final = "the password is swordfish"
"""The text of an exception, of which the peer must see nothing."""

UNACCEPTED: Final = "<UnacceptedWebSocket '/chat' from 192.0.2.1:50000>"
CONNECTED: Final = "<ConnectedWebSocket '/chat' from 192.0.2.1:50000>"
"""How the log names the connection of a scripted server."""

NOT_ENDED: Final = (
    f"{UNACCEPTED}: the handler returned before the connection had ended; "
    "let it return what close(), receive() or send_denial_response() gave it"
)
GAVE_UP: Final = (
    f"{CONNECTED}: gave up closing with %d '' after 0.05 s, for the peer does not read"
)
UNDECODED: Final = "the message can't be decoded"
NOT_IN_ORDER: Final = "the connection could not be ended in order"


Log = Callable[[], list[str]]


class Fault(Exception):
    """An exception that nobody has foreseen."""


class Foreseen(Exception):
    """An exception that an application may have foreseen."""


class MoreSpecial(Foreseen):
    """One of a class below."""


class Stop(BaseException):
    """Like KeyboardInterrupt, but none that a test runner acts upon."""


# --- What the tests are made of ----------------------------------------------------


async def serve(app: WebSocketApp, scripted: ScriptedServer, **changes: object) -> None:
    """Let an application serve the connection of a scripted server."""
    await app(scope(**changes), scripted.receive, scripted.send)


async def echo(websocket: UnacceptedWebSocket) -> Ended:
    """Send every message back."""
    connection = await websocket.accept()
    async for message in connection:
        await connection.send(message)
    return await connection.close()


async def wait(websocket: UnacceptedWebSocket) -> Ended:
    """Accept, and wait for the end."""
    connection = await websocket.accept()
    while not isinstance(event := await connection.receive(), ClosedWebSocket):
        pass
    return event


async def room_that_denies(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse with a response."""
    return await websocket.send_denial_response(DenialResponse(401))


async def never_called(_websocket: UnacceptedWebSocket) -> Ended:
    """Fail the test."""
    pytest.fail("the handler was called")


def raising(error: BaseException, *, accept: bool = True) -> Handler:
    """Make a handler that accepts, or does not, and raises."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        if accept:
            await websocket.accept()
        raise error

    return handler


def returning(ended: Ended, *, accept: bool = True) -> Handler:
    """Make a handler that accepts, or does not, and returns what it was given."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        if accept:
            await websocket.accept()
        return ended

    return handler


def server_without_handshake(*events: Event) -> ScriptedServer:
    """Make a server that gives these, and no connect event before them."""
    return ScriptedServer(deque(events))


def failing_on(kind: str, error: Exception) -> Callable[[Event], None]:
    """Let a scripted server's `send()` fail with events of a type."""

    def on_send(event: Event) -> None:
        if event["type"] == kind:
            raise error

    return on_send


def stuck_on(scripted: ScriptedServer, kind: str) -> None:
    """Let a scripted server's `send()` hang from an event of a type on."""

    def on_send(event: Event) -> None:
        scripted.stuck = scripted.stuck or event["type"] == kind

    scripted.on_send = on_send


URL: Final = "ws://example.com/chat"
CLIENT: Final = ("192.0.2.1", 50000)
"""What a client of the kit asks for, as a scripted server has it in its scope."""


async def closes_with(
    app: WebSocketApp, *said: str | bytes, **options: Unpack[ConnectOptions]
) -> tuple[int, str]:
    """Say something, and return code and reason of the close, which is the answer."""
    options.setdefault("client", CLIENT)
    async with connect(app, URL, **options) as peer:
        for data in said:
            if isinstance(data, str):
                await peer.send_text(data)
            else:
                await peer.send_bytes(data)
        closed = await peer.receive()
    assert isinstance(closed, Closed)
    assert "server" == closed.closed_by
    return closed.code, closed.reason


async def denies_with(
    app: WebSocketApp, **options: Unpack[ConnectOptions]
) -> tuple[int, bytes]:
    """Return status and body of the answer, which is a refusal."""
    options.setdefault("client", CLIENT)
    answer = await handshake(app, URL, **options)
    assert isinstance(answer, Denied)
    assert answer.complete
    return answer.status, answer.body


def closed_with(scripted: ScriptedServer) -> tuple[object, object]:
    """Return code and reason of the close, which is the last event and the only one."""
    assert ["websocket.accept", "websocket.close"] == scripted.sent_types()

    event = scripted.sent[-1]
    return event["code"], event["reason"]


def denied_with(scripted: ScriptedServer) -> tuple[object, object]:
    """Return status and body of the denial, which is all that was sent."""
    assert [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ] == scripted.sent_types()

    start, body = scripted.sent
    return start["status"], body["body"]


async def ended_elsewhere() -> ClosedWebSocket:
    """Make the proof of the end of another connection."""
    return await (await connected(server())).close()


async def lost_elsewhere() -> WebSocketDisconnect:
    """Make the error that says that another connection is over."""
    event = await (await connected(server(disconnect(1001)))).receive()
    assert isinstance(event, ClosedWebSocket)
    return WebSocketDisconnect(event)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Give what typedws has logged, from the level INFO on."""
    caplog.set_level(logging.INFO, "typedws")

    def messages() -> list[str]:
        return [
            record.getMessage() for record in caplog.records if record.name == "typedws"
        ]

    return messages


IMPATIENT: Final = Limits(close_timeout=0.05)
"""For the end of a connection, no more than a moment."""


# --- How an application is made ----------------------------------------------------


async def serves_an_echo(app: WebSocketApp) -> None:
    """Check that an application calls its handler, which answers."""
    async with connect(app) as peer:
        assert Accepted() == peer.answer
        await peer.send_text("hello")
        await peer.send_bytes(b"\x00")

        assert TextMessage("hello") == await peer.receive()
        assert BytesMessage(b"\x00") == await peer.receive()
    assert 0 == peer.unread


@pytest.mark.anyio
async def test_the_bare_decorator_makes_an_application() -> None:
    """`@websocket_app` alone has the default policies."""
    app = websocket_app(echo)

    await serves_an_echo(app)
    assert echo is app.handler
    assert SameOrigin() == app.origins
    assert ErrorPolicy().expected == app.errors.expected


@pytest.mark.anyio
async def test_the_decorator_with_arguments_makes_an_application() -> None:
    """`@websocket_app(...)` keeps the policies that it was given."""
    errors = ErrorPolicy(expected={Foreseen: ErrorOutcome(4000)})
    app = websocket_app(origins=AnyOrigin(), errors=errors)(echo)

    await serves_an_echo(app)
    assert (AnyOrigin(), errors) == (app.origins, app.errors)


@pytest.mark.anyio
async def test_handler_and_policies_can_be_given_at_once() -> None:
    """`websocket_app(handler, origins=...)` is what the decorator does in two calls."""
    app = websocket_app(echo, origins=AnyOrigin())

    await serves_an_echo(app)
    assert AnyOrigin() == app.origins


@pytest.mark.anyio
async def test_a_method_is_a_handler() -> None:
    """An object can hold what its connections share."""

    class Counter:
        def __init__(self) -> None:
            self.count = 0

        async def serve(self, websocket: UnacceptedWebSocket) -> Ended:
            self.count += 1
            return await echo(websocket)

        async def __call__(self, websocket: UnacceptedWebSocket) -> Ended:
            return await self.serve(websocket)

    counter = Counter()
    await serves_an_echo(websocket_app(counter.serve))
    await serves_an_echo(websocket_app(counter))

    assert 2 == counter.count


@pytest.mark.anyio
async def test_a_partial_is_a_handler() -> None:
    """A handler's further arguments can be bound beforehand."""

    async def greet(name: str, websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        await connection.send_text(f"Hello, {name}!")
        return await connection.close()

    async with connect(websocket_app(functools.partial(greet, "Ada"))) as peer:
        assert "Hello, Ada!" == await peer.receive_text()
        assert Closed(1000) == await peer.receive()


def test_an_application_cannot_be_changed() -> None:
    """An application is frozen: its policies are those that it was made with."""
    app = websocket_app(echo)

    with pytest.raises(exceptions.FrozenInstanceError):
        setattr(app, "origins", AnyOrigin())  # noqa: B010 - checkers refuse it plainly


# --- How an application is called --------------------------------------------------


@pytest.mark.anyio
async def test_the_handler_gets_the_handshake() -> None:
    """The first state reads the scope that the server gave."""
    seen: list[UnacceptedWebSocket] = []

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        seen.append(websocket)
        return await websocket.close()

    await handshake(websocket_app(handler), "/rooms/1", scope={"state": {"db": 1}})

    assert ["/rooms/1"] == [websocket["path"] for websocket in seen]
    assert [{"db": 1}] == [dict(websocket.state) for websocket in seen]


@pytest.mark.anyio
async def test_an_application_can_be_called_by_keyword() -> None:
    """Some frameworks name the three arguments."""
    scripted = server(disconnect())
    app = websocket_app(echo)

    await app(scope=scope(), receive=scripted.receive, send=scripted.send)

    assert ["websocket.accept"] == scripted.sent_types()


def test_the_annotations_resolve_at_run_time() -> None:
    """Some frameworks read the annotations of what they are given to call."""
    hints = typing.get_type_hints(WebSocketApp.__call__)

    assert ["scope", "receive", "send", "return"] == list(hints)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/rooms/7", {"room": 7}, id="route"),
        pytest.param("/of/acme/rooms", {"tenant": "acme"}, id="mount"),
    ],
)
async def test_path_parameters_arrive_from_starlette(
    path: str, expected: Mapping[str, object]
) -> None:
    """Starlette's routes and mounts take an application as it is."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        await connection.send_text(repr(dict(websocket.path_params)))
        return await connection.close()

    app = websocket_app(handler)
    starlette = Starlette(
        routes=[
            WebSocketRoute("/rooms/{room:int}", app),
            Mount("/of/{tenant}", app),
        ]
    )
    async with connect(starlette, path) as peer:
        assert repr(dict(expected)) == await peer.receive_text()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        pytest.param(echo, ["websocket.accept", "websocket.send"], id="to its end"),
        pytest.param(
            room_that_denies,
            ["websocket.http.response.start", "websocket.http.response.body"],
            id="refused",
        ),
        pytest.param(
            raising(Foreseen()), ["websocket.accept", "websocket.close"], id="fault"
        ),
    ],
)
async def test_an_application_serves_inside_of_an_endpoint(
    handler: Handler, expected: list[str]
) -> None:
    """From what Starlette hands to an endpoint of its own."""
    errors = ErrorPolicy(expected={Foreseen: ErrorOutcome(4001)})
    app = websocket_app(handler, errors=errors)

    async def endpoint(websocket: StarletteWebSocket) -> None:
        await app(websocket.scope, websocket.receive, websocket.send)

    scripted = server(text("hello"), disconnect())
    starlette = Starlette(routes=[WebSocketRoute("/chat", endpoint)])
    await application(starlette)(scope(), scripted.receive, scripted.send)

    assert expected == scripted.sent_types()


@pytest.mark.anyio
async def test_an_application_answers_the_lifespan() -> None:
    """A server that gives it the lifespan is told that all went well, and no more."""
    events: list[Event] = [
        {"type": "lifespan.startup"},
        {"type": "lifespan.of_another_version"},
        {"type": "lifespan.shutdown"},
    ]
    sent: list[Event] = []

    async def receive() -> Event:
        await anyio.lowlevel.checkpoint()
        return events.pop(0)

    async def send(event: Event) -> None:
        await anyio.lowlevel.checkpoint()
        sent.append(event)

    await websocket_app(never_called)({"type": "lifespan"}, receive, send)

    assert [] == events
    assert [
        {"type": "lifespan.startup.complete"},
        {"type": "lifespan.shutdown.complete"},
    ] == sent


UPGRADE: Final = [(b"upgrade", b"websocket"), (b"connection", b"upgrade")]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param({"http_version": "1.0"}, UPGRADE, id="1.0"),
        pytest.param({"http_version": "1.1"}, UPGRADE, id="1.1"),
        pytest.param({"http_version": "2"}, [], id="2"),
        pytest.param({"http_version": "3"}, [], id="3"),
        pytest.param({}, UPGRADE, id="missing"),
    ],
)
async def test_a_plain_request_is_told_to_upgrade(
    version: Mapping[str, object], expected: list[tuple[bytes, bytes]]
) -> None:
    """HTTP gets a 426, with the two headers that only HTTP/1 may have."""
    scripted = ScriptedServer()
    http = {"type": "http", "path": "/", **version}
    await websocket_app(never_called)(http, scripted.receive, scripted.send)

    body = b"This is a WebSocket endpoint: connect with a WebSocket client.\n"
    assert [
        {
            "type": "http.response.start",
            "status": 426,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", b"63"),
                *expected,
            ],
        },
        {"type": "http.response.body", "body": body, "more_body": False},
    ] == scripted.sent


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("raw", "got"),
    [
        pytest.param({"type": "telnet\n"}, r"'telnet\n'", id="unknown"),
        pytest.param({}, "None", id="missing"),
    ],
)
async def test_a_scope_of_another_type_is_refused(
    raw: Mapping[str, object], got: str
) -> None:
    """ASGI asks for an error where an application does not know a scope's type."""
    scripted = ScriptedServer()
    with pytest.raises(InvalidScope) as caught:
        await websocket_app(never_called)(raw, scripted.receive, scripted.send)

    expected = f"scope['type']: expected 'websocket', 'http' or 'lifespan', got {got}"
    assert expected == str(caught.value)
    assert [] == scripted.sent


@pytest.mark.anyio
async def test_a_broken_scope_is_the_servers_error_and_the_client_is_answered() -> None:
    """No handshake is left open, even where no state could be made for it."""
    scripted = server()
    with pytest.raises(InvalidScope, match=r"scope\['path'\]: expected a str"):
        await serve(websocket_app(never_called, limits=IMPATIENT), scripted, path=7)

    assert [{"type": "websocket.close", "code": 1011, "reason": ""}] == scripted.sent


@pytest.mark.anyio
async def test_a_broken_scope_of_a_client_that_has_gone_is_not_answered() -> None:
    """Nothing is sent after a disconnect."""
    scripted = server_without_handshake(disconnect(1006))
    with pytest.raises(InvalidScope):
        await serve(websocket_app(never_called, limits=IMPATIENT), scripted, path=7)

    assert [] == scripted.sent


@pytest.mark.anyio
async def test_a_broken_scope_is_told_of_whatever_else_fails() -> None:
    """Neither a server that fails nor one that hangs hides the error."""
    failing, hanging = server(), server()
    failing.on_send = failing_on("websocket.close", Fault())
    hanging.stuck = True
    for scripted in (failing, hanging):
        with pytest.raises(InvalidScope):
            await serve(websocket_app(never_called, limits=IMPATIENT), scripted, path=7)

    assert [] == failing.sent + hanging.sent


# --- Which pages may connect -------------------------------------------------------


class AsyncPolicy:
    """A policy that has to wait for something."""

    cure: Final = "none"

    async def allows(self, _scope: WebSocketScope, /) -> bool:
        """Refuse, once it is awaited; a coroutine is true in a condition."""
        return False


NO_POLICIES: Final[dict[str, tuple[Callable[[], object], str]]] = {
    "a text for origins": (
        lambda: websocket_app(never_called, origins="https://a.example"),  # type: ignore[call-overload]  # ty: ignore[invalid-argument-type]
        (
            "websocket_app(origins=...) takes SameOrigin(), AllowedOrigins(...) or "
            "AnyOrigin(), not 'https://a.example'"
        ),
    ),
    "a class for origins": (
        lambda: websocket_app(never_called, origins=AnyOrigin),  # type: ignore[call-overload]  # ty: ignore[invalid-argument-type]
        (
            "websocket_app(origins=...) takes SameOrigin(), AllowedOrigins(...) or "
            "AnyOrigin(), not the class AnyOrigin"
        ),
    ),
    "an async policy for origins": (
        lambda: websocket_app(never_called, origins=AsyncPolicy()),  # type: ignore[call-overload]  # ty: ignore[invalid-argument-type]
        (
            "websocket_app(origins=...): allows() of AsyncPolicy is async, and a "
            "policy says at once whether a page may connect; what has to wait for "
            "something belongs into a guard"
        ),
    ),
    "an outcome for errors": (
        lambda: websocket_app(never_called, errors=ErrorOutcome),  # type: ignore[call-overload]  # ty: ignore[invalid-argument-type]
        (
            "websocket_app(errors=...) takes ErrorPolicy(...), not the class "
            "ErrorOutcome"
        ),
    ),
    "a code for unexpected errors": (
        lambda: ErrorPolicy(4000),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        "ErrorPolicy(unexpected=...) takes an ErrorOutcome(...), not 4000",
    ),
    "a status for a denial": (
        lambda: ErrorOutcome(denial=403),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        "ErrorOutcome(denial=...) takes a DenialResponse(...), not 403",
    ),
    "a number for limits": (
        lambda: websocket_app(never_called, limits=5),  # type: ignore[call-overload]  # ty: ignore[invalid-argument-type]
        "websocket_app(limits=...) takes Limits(...), not 5",
    ),
}


@pytest.mark.parametrize(("make", "problem"), NO_POLICIES.values(), ids=NO_POLICIES)
def test_what_is_no_policy_is_refused_when_an_application_is_made(
    make: Callable[[], object], problem: str
) -> None:
    """And not when the first client comes."""
    with pytest.raises(TypeError) as caught:
        make()

    assert problem == str(caught.value)


@pytest.mark.anyio
async def test_a_strange_page_is_refused_with_a_body() -> None:
    """By default only pages of this host connect; others get a 403 that says why."""
    assert (403, b"This page may not connect here.\n") == await denies_with(
        websocket_app(never_called), origin=EVIL_ORIGIN
    )


@pytest.mark.anyio
async def test_a_strange_page_is_refused_without_the_extension() -> None:
    """Where the server can't send a response it sends its own 403."""
    scripted = server()
    await serve(websocket_app(never_called), scripted, headers=EVIL, extensions={})

    assert [{"type": "websocket.close", "code": 1000, "reason": ""}] == scripted.sent


@pytest.mark.anyio
async def test_a_strange_page_that_has_gone_is_no_error(log: Log) -> None:
    """A page that does not wait for its 403 leaves no traceback."""
    scripted = server_without_handshake(disconnect(1006))
    await serve(websocket_app(never_called), scripted, headers=EVIL)

    assert [] == scripted.sent
    assert 1 == len(log())


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("origins", "ending"),
    [
        pytest.param(
            SameOrigin(),
            "by SameOrigin(); to allow it, use websocket_app(origins="
            "AllowedOrigins(...)) with it; behind a proxy, let the proxy pass the Host "
            "header on",
            id="same",
        ),
        pytest.param(
            AllowedOrigins(),
            "by AllowedOrigins(origins=frozenset()); to allow it, add it to "
            "AllowedOrigins(...)",
            id="allowed",
        ),
    ],
)
async def test_a_refusal_is_logged_with_its_cure(
    origins: SameOrigin | AllowedOrigins, ending: str, log: Log
) -> None:
    """The line says which origin, which policy, and how to allow it."""
    app = websocket_app(never_called, origins=origins)
    await denies_with(app, origin=EVIL_ORIGIN)

    assert [
        f"{UNACCEPTED}: refused the origin ['https://evil.example'] {ending}"
    ] == log()


@pytest.mark.anyio
async def test_a_client_cannot_write_lines_of_its_own_into_the_log(log: Log) -> None:
    """Path and header are logged as ASCII without line breaks."""
    forged = b"https://evil\r\n2026-01-01 CRITICAL \x1b[31m\x85forged"
    await serve(
        websocket_app(never_called),
        server(),
        path="/\r\n2026-01-01 CRITICAL \x1b[31m\u2028forged",
        client=("192.0.2.1\n\x85forged", 1),
        headers=[(b"host", b"example.com"), (b"origin", forged)],
    )

    [line] = log()
    assert line.isascii()
    assert line.isprintable()
    assert 3 == line.count("forged")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "origins",
    [
        pytest.param(AllowedOrigins("https://evil.example"), id="allowed"),
        pytest.param(AnyOrigin(), id="any"),
    ],
)
async def test_a_page_that_the_policy_allows_is_served(
    origins: AllowedOrigins | AnyOrigin, log: Log
) -> None:
    """The application's policy is the one that is asked."""
    app = websocket_app(echo, origins=origins)

    assert Accepted() == await handshake(app, URL, origin=EVIL_ORIGIN)
    assert [] == log()


@pytest.mark.anyio
async def test_a_page_of_this_host_is_served() -> None:
    """The default policy lets in what a browser says of our own pages."""
    app = websocket_app(echo)

    assert Accepted() == await handshake(app, URL, origin="https://example.com")


@frozen
class BrokenPolicy:
    """A policy of somebody else, with a fault."""

    cure: str = "none"

    def allows(self, _scope: WebSocketScope, /) -> bool:
        """Fail."""
        raise Fault(SECRET)


@frozen
class LenientPolicy:
    """A policy of somebody else, which gives what no type checker lets it give."""

    answer: object
    cure: str = "none"

    def allows(self, _scope: WebSocketScope, /) -> object:
        """Give the answer."""
        return self.answer


@pytest.mark.anyio
@pytest.mark.parametrize("answer", [None, 0, 1, "no", AnyOrigin()], ids=repr)
async def test_only_true_lets_a_page_in(answer: object, log: Log) -> None:
    """What a policy gives by mistake may be true in a condition, and is no yes."""
    policy: object = LenientPolicy(answer)
    app = websocket_app(never_called, origins=policy)  # type: ignore[call-overload]  # ty: ignore[invalid-argument-type]

    assert 403 == (await denies_with(app))[0]
    assert 1 == len(log())


@pytest.mark.anyio
async def test_a_policy_that_fails_lets_nobody_in() -> None:
    """A fault in a policy is treated like one in the handler."""
    app = websocket_app(never_called, origins=BrokenPolicy())
    with pytest.raises(Fault, match="swordfish"):
        await handshake(app)

    assert (500, b"") == await denies_with(app, raise_app_errors=False)


# --- What an exception becomes -----------------------------------------------------


@pytest.mark.anyio
async def test_a_fault_closes_with_1011_and_goes_on() -> None:
    """The server logs the exception; the peer sees none of its text."""
    fault = Fault(SECRET)
    app = websocket_app(raising(fault))
    with pytest.raises(Fault) as caught:
        await closes_with(app)

    assert fault is caught.value
    assert (1011, "") == await closes_with(app, raise_app_errors=False)


@pytest.mark.anyio
async def test_a_fault_before_the_accept_is_an_http_500() -> None:
    """A handshake that fails is answered as HTTP answers a fault, without its text."""
    fault = Fault(SECRET)
    app = websocket_app(raising(fault, accept=False))
    with pytest.raises(Fault) as caught:
        await denies_with(app)

    assert fault is caught.value
    assert (500, b"") == await denies_with(app, raise_app_errors=False)


@pytest.mark.anyio
async def test_a_fault_before_the_accept_closes_without_the_extension() -> None:
    """Where the server can't send a 500 it sends its 403."""
    scripted = server()
    with pytest.raises(Fault):
        await serve(
            websocket_app(raising(Fault(), accept=False)), scripted, extensions=None
        )

    assert [{"type": "websocket.close", "code": 1000, "reason": ""}] == scripted.sent


@pytest.mark.anyio
async def test_the_policy_chooses_what_a_fault_becomes() -> None:
    """`unexpected` holds the code, the reason and the response; it still goes on."""
    outcome = ErrorOutcome(
        4999, reason="sorry", denial=DenialResponse.text("sorry", status=502)
    )
    errors = ErrorPolicy(unexpected=outcome)
    accepting = websocket_app(raising(Fault()), errors=errors)
    answering = websocket_app(raising(Fault(), accept=False), errors=errors)
    for app in (accepting, answering):
        with pytest.raises(Fault):
            await closes_with(app)

    assert (4999, "sorry") == await closes_with(accepting, raise_app_errors=False)
    assert (502, b"sorry") == await denies_with(answering, raise_app_errors=False)


@pytest.mark.anyio
async def test_what_is_not_json_closes_with_1007(log: Log) -> None:
    """A peer's bad message is no fault of ours: one line, nothing raised."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        while True:
            await connection.receive_json()

    app = websocket_app(handler)

    assert (1007, UNDECODED) == await closes_with(app, "{}", f"{{ {SECRET}")
    assert [f"{UNACCEPTED}: ended by DecodeError"] == log()


@pytest.mark.anyio
async def test_a_message_of_the_other_kind_closes_with_1003(log: Log) -> None:
    """A binary message where text is expected is the peer's fault, too."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        async for _ in connection.iter_text():
            pass
        return await connection.close()

    app = websocket_app(handler)

    assert (1003, "") == await closes_with(app, "hello", SECRET.encode())
    assert [f"{UNACCEPTED}: ended by MessageTypeError"] == log()


FORESEEING: Final = ErrorPolicy(
    expected={
        Foreseen: ErrorOutcome(
            4001, reason="foreseen", denial=DenialResponse.text("foreseen", status=401)
        ),
        LookupError: ErrorOutcome(4004, reason="not found"),
    }
)
"""A policy of an application that knows what can happen to it."""


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(Foreseen(SECRET), (4001, "foreseen"), id="its-type"),
        pytest.param(MoreSpecial(SECRET), (4001, "foreseen"), id="a-base"),
        pytest.param(KeyError(SECRET), (4004, "not found"), id="a-builtin-base"),
        pytest.param(DecodeError("bad", SECRET), (1007, UNDECODED), id="built-in"),
        pytest.param(
            ExceptionGroup(SECRET, [Foreseen(SECRET)]), (4001, "foreseen"), id="group"
        ),
        pytest.param(
            ExceptionGroup(
                SECRET,
                [ExceptionGroup(SECRET, [MoreSpecial(SECRET)]), KeyError(SECRET)],
            ),
            (4001, "foreseen"),
            id="nested-the-first-counts",
        ),
    ],
)
async def test_a_foreseen_exception_becomes_its_outcome(
    error: Exception, expected: tuple[int, str], log: Log
) -> None:
    """The peer gets what was chosen for the type, and nothing is raised."""
    app = websocket_app(raising(error), errors=FORESEEING)

    assert expected == await closes_with(app)
    assert not any(SECRET in line for line in log())


@pytest.mark.anyio
async def test_a_foreseen_exception_before_the_accept_is_its_response() -> None:
    """An outcome says for both halves of a connection what the peer gets."""
    handler = raising(Foreseen(SECRET), accept=False)
    app = websocket_app(handler, errors=FORESEEING)

    assert (401, b"foreseen") == await denies_with(app)


@pytest.mark.anyio
async def test_the_nearest_base_class_counts() -> None:
    """Of two types that fit, the more special one decides, whatever their order."""
    errors = ErrorPolicy(
        expected={
            Exception: ErrorOutcome(4000),
            MoreSpecial: ErrorOutcome(4002),
            Foreseen: ErrorOutcome(4001),
        }
    )
    app = websocket_app(raising(MoreSpecial()), errors=errors)

    assert (4002, "") == await closes_with(app)


@pytest.mark.anyio
async def test_the_outcome_of_a_peers_mistake_can_be_changed() -> None:
    """What is in the policy from the start is a default."""
    errors = ErrorPolicy(expected={DecodeError: ErrorOutcome(4400)})
    app = websocket_app(raising(DecodeError("bad", "x")), errors=errors)

    assert (4400, "") == await closes_with(app)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "group",
    [
        pytest.param(ExceptionGroup("", [Foreseen(), Fault()]), id="fault-last"),
        pytest.param(ExceptionGroup("", [Fault(), Foreseen()]), id="fault-first"),
        pytest.param(
            ExceptionGroup("", [Foreseen(), ExceptionGroup("", [Fault()])]), id="nested"
        ),
    ],
)
async def test_a_group_with_one_fault_is_a_fault(group: Exception, log: Log) -> None:
    """A fault is not hidden by what happened beside it, and the whole group goes on."""
    app = websocket_app(raising(group), errors=FORESEEING)
    with pytest.raises(ExceptionGroup) as caught:
        await closes_with(app)

    assert group is caught.value
    assert (1011, "") == await closes_with(app, raise_app_errors=False)
    assert [] == log()


# --- The peer goes -----------------------------------------------------------------


async def read_for_ever(websocket: UnacceptedWebSocket) -> Ended:
    """Let the disconnect leave the handler."""
    connection = await websocket.accept()
    while True:
        await connection.receive_text()


async def read_in_tasks_for_ever(websocket: UnacceptedWebSocket) -> Ended:
    """Let the disconnect leave the handler in a group, with one of a further send."""
    connection = await websocket.accept()

    async def read() -> None:
        while True:
            await connection.receive_text()

    async def write() -> None:
        while isinstance(await connection.receive(), ClosedWebSocket):
            await connection.send_text("too late")

    async with anyio.create_task_group() as outer:
        async with anyio.create_task_group() as inner:
            inner.start_soon(read)
        outer.start_soon(write)
    pytest.fail("the disconnect was lost")


@pytest.mark.anyio
@pytest.mark.parametrize("handler", [read_for_ever, read_in_tasks_for_ever])
async def test_a_disconnect_that_leaves_the_handler_is_a_quiet_end(
    handler: Handler, log: Log
) -> None:
    """That a peer goes is no error, alone or in groups of nothing else."""
    scripted = server(text("hello"), disconnect(1001))
    await serve(websocket_app(handler), scripted)

    assert ["websocket.accept"] == scripted.sent_types()
    assert [] == log()


@pytest.mark.anyio
async def test_a_client_that_goes_before_the_accept_is_a_quiet_end(log: Log) -> None:
    """That nobody waits for the answer to a handshake is no error."""
    scripted = server_without_handshake(disconnect(1006))
    await serve(websocket_app(echo), scripted)

    assert [] == scripted.sent
    assert [] == log()


@pytest.mark.anyio
async def test_a_disconnect_beside_a_foreseen_exception_is_passed_over() -> None:
    """In a group of both, the outcome is that of the other exception."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        end = await connection.receive()
        assert isinstance(end, ClosedWebSocket)
        raise ExceptionGroup("", [WebSocketDisconnect(end), Foreseen(), KeyError()])

    errors = ErrorPolicy(expected=FORESEEING.expected)
    scripted = server(disconnect())
    await serve(websocket_app(handler, errors=errors), scripted)

    assert ["websocket.accept"] == scripted.sent_types()


@pytest.mark.anyio
async def test_a_disconnect_beside_a_fault_does_not_hide_it() -> None:
    """In a group of both, the group goes on to the server."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        end = await connection.receive()
        assert isinstance(end, ClosedWebSocket)
        raise ExceptionGroup("", [WebSocketDisconnect(end), Fault()])

    with pytest.raises(ExceptionGroup):
        async with connect(websocket_app(handler)) as peer:
            await peer.close()


@pytest.mark.anyio
async def test_a_send_after_our_own_close_is_a_fault() -> None:
    """A `ClosedStateError` is a `WebSocketDisconnect`, but also a mistake."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        send_text = connection.send_text
        closed = await connection.close()
        await send_text("one more thing")
        return closed

    app = websocket_app(handler)
    with pytest.raises(ClosedStateError):
        await closes_with(app)

    assert (1000, "") == await closes_with(app, raise_app_errors=False)


@pytest.mark.anyio
async def test_a_send_after_our_own_close_is_a_fault_in_a_group() -> None:
    """A mistake in one task is not hidden by the disconnect of another."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        closed = await connection.close()
        error = ClosedStateError(closed, "send_text()")
        raise ExceptionGroup("", [WebSocketDisconnect(closed), error])

    with pytest.raises(ExceptionGroup):
        await closes_with(websocket_app(handler))


@pytest.mark.anyio
async def test_the_disconnect_of_another_connection_is_a_fault() -> None:
    """That someone else has gone is no reason to close this connection quietly."""
    error = await lost_elsewhere()
    alone = websocket_app(raising(error))
    grouped = websocket_app(raising(ExceptionGroup("", [error])))
    with pytest.raises(WebSocketDisconnect):
        await closes_with(alone)
    with pytest.raises(ExceptionGroup):
        await closes_with(grouped)

    assert (1011, "") == await closes_with(alone, raise_app_errors=False)
    assert (1011, "") == await closes_with(grouped, raise_app_errors=False)


@pytest.mark.anyio
async def test_a_fault_while_the_peer_is_gone_is_still_told_of(log: Log) -> None:
    """That the close can't be sent any more neither hides nor replaces the fault."""
    fault = Fault(SECRET)
    scripted = server(text("unread"), disconnect(1001))
    scripted.on_send = failing_on("websocket.close", ConnectionResetError())
    with pytest.raises(Fault) as caught:
        await serve(websocket_app(raising(fault)), scripted)

    assert fault is caught.value
    assert ["websocket.accept"] == scripted.sent_types()
    assert [] == log()


@pytest.mark.anyio
async def test_a_fault_after_the_client_left_the_handshake_is_told_of(log: Log) -> None:
    """Nobody waits for the 500 any more, and that is all that is different."""
    scripted = server_without_handshake(disconnect(1006))
    with pytest.raises(Fault):
        await serve(websocket_app(raising(Fault(), accept=False)), scripted)

    assert [] == scripted.sent
    assert [] == log()


@pytest.mark.anyio
async def test_the_end_that_a_failed_send_gives_is_an_end(log: Log) -> None:
    """A handler that only sends may return it, with messages unread."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        try:
            while True:
                await connection.send_text("tick")
        except WebSocketDisconnect as lost:
            return lost.closed

    scripted = server(text("unread"), disconnect(1001))
    scripted.on_send = failing_on("websocket.send", ConnectionResetError())
    await serve(websocket_app(handler), scripted)

    assert ["websocket.accept"] == scripted.sent_types()
    assert [] == log()


@pytest.mark.anyio
async def test_an_event_that_asgi_forbids_is_the_servers_fault() -> None:
    """The connection was closed with 1011 when it came, and is not closed again."""
    scripted = server({"type": "websocket.receive"})
    with pytest.raises(RemoteProtocolError):
        await serve(websocket_app(wait), scripted)

    assert (1011, "") == closed_with(scripted)


@pytest.mark.anyio
async def test_a_handshake_that_asgi_forbids_is_the_servers_fault() -> None:
    """It was refused when the event came, and is not answered again."""
    scripted = server_without_handshake(text("too early"))
    with pytest.raises(RemoteProtocolError):
        await serve(websocket_app(wait), scripted)

    assert ["websocket.close"] == scripted.sent_types()


# --- The handler returns too early -------------------------------------------------


@pytest.mark.anyio
async def test_a_handler_that_answers_nothing_refuses(log: Log) -> None:
    """A handshake that is left open becomes a 403, and the log says so."""
    ended = await ended_elsewhere()
    app = websocket_app(returning(ended, accept=False))

    assert (403, b"") == await denies_with(app)
    assert [NOT_ENDED] == log()


@pytest.mark.anyio
async def test_a_handler_that_answers_nothing_refuses_without_the_extension() -> None:
    """The server then sends its own 403."""
    scripted = server()
    handler = returning(await ended_elsewhere(), accept=False)
    await serve(websocket_app(handler), scripted, extensions={})

    assert ["websocket.close"] == scripted.sent_types()


@pytest.mark.anyio
async def test_the_end_of_another_connection_is_none(log: Log) -> None:
    """A connection that is left open is closed with 1000, and the log says so."""
    app = websocket_app(returning(await ended_elsewhere()))

    assert (1000, "") == await closes_with(app)
    assert [NOT_ENDED] == log()


@pytest.mark.anyio
async def test_a_handler_that_returns_nothing_is_ended(log: Log) -> None:
    """Where no type checker looks, a handler may return anything."""
    nothing: Ended = json.loads("null")
    app = websocket_app(returning(nothing))

    assert (1000, "") == await closes_with(app)
    assert [NOT_ENDED] == log()


@pytest.mark.anyio
async def test_a_handler_that_swallows_every_error_is_ended() -> None:
    """What a handler does not tell of is not known, but its connection is closed."""
    ended = await ended_elsewhere()

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        try:
            await connection.receive_json()
        except Exception:  # noqa: BLE001 - that is what is tested
            return ended
        pytest.fail("no error came")

    assert (1000, "") == await closes_with(websocket_app(handler), "no JSON")


# --- The handler is stopped --------------------------------------------------------


async def accept_nothing(_websocket: UnacceptedWebSocket) -> Ended:
    """Wait, without an answer to the handshake."""
    await anyio.sleep_forever()
    pytest.fail("slept no more")


@pytest.mark.anyio
async def test_a_cancelled_handler_closes_with_1012() -> None:
    """The peer is told to come back; the cancellation goes on."""
    scripted = server(text("hello"))
    with anyio.move_on_after(0.02) as limit:
        await serve(websocket_app(wait), scripted)

    assert limit.cancelled_caught
    assert (1012, "") == closed_with(scripted)


@pytest.mark.anyio
async def test_a_handler_cancelled_within_the_accept_closes_with_1012() -> None:
    """The server may have accepted, and then it is the code that the peer is told."""
    scripted = server()

    def hold_the_accept(event: Event) -> None:
        scripted.stuck = event["type"] == "websocket.accept"

    scripted.on_send = hold_the_accept

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        return await (await websocket.accept()).close()

    with anyio.move_on_after(0.01):
        await serve(app, scripted)

    assert [{"type": "websocket.close", "code": 1012, "reason": ""}] == scripted.sent


@pytest.mark.anyio
async def test_a_handler_cancelled_before_the_accept_answers_503() -> None:
    """A handshake is answered even if nobody has time for it."""
    scripted = server()
    with anyio.move_on_after(0.02) as limit:
        await serve(websocket_app(accept_nothing), scripted)

    assert limit.cancelled_caught
    assert (503, b"") == denied_with(scripted)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_task_that_asyncio_cancels_closes_with_1012() -> None:
    """Servers cancel without anyio, and once."""
    waiting = anyio.Event()

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        waiting.set()
        await connection.receive()
        pytest.fail("a message came")

    scripted = server()
    task = asyncio.create_task(serve(websocket_app(handler), scripted))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert task.cancelled()
    assert (1012, "") == closed_with(scripted)


@pytest.mark.anyio
async def test_a_cancelled_handler_does_not_wait_for_a_server_that_hangs(
    log: Log,
) -> None:
    """The close is bounded, and the cancellation goes on."""
    scripted = server()
    stuck_on(scripted, "websocket.close")
    with anyio.move_on_after(0.02) as limit:
        await serve(websocket_app(wait, limits=IMPATIENT), scripted)

    assert limit.cancelled_caught
    assert ["websocket.accept"] == scripted.sent_types()
    assert [GAVE_UP % 1012] == log()


@pytest.mark.anyio
async def test_a_handler_that_swallows_its_cancellation_is_ended() -> None:
    """The close is sent although the task is still being cancelled."""
    ended = await ended_elsewhere()

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        try:
            return await wait(websocket)
        except anyio.get_cancelled_exc_class():
            return ended

    scripted = server()
    with anyio.move_on_after(0.02):
        await serve(websocket_app(handler), scripted)

    assert (1000, "") == closed_with(scripted)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(Stop(), id="alone"),
        pytest.param(BaseExceptionGroup("", [Foreseen(), Stop()]), id="group"),
    ],
)
async def test_an_interrupt_closes_with_1012_and_goes_on(error: BaseException) -> None:
    """What is meant to stop the process is told to the peer and not swallowed."""
    scripted = server()
    with pytest.raises(type(error)) as caught:
        await serve(websocket_app(raising(error), errors=FORESEEING), scripted)

    assert error is caught.value
    assert (1012, "") == closed_with(scripted)


class Suspended(Awaitable[Event]):
    """Something that is awaited for ever, without an event loop."""

    @override
    def __await__(self) -> Generator[None, None, Event]:
        """Wait."""
        yield
        pytest.fail("was woken up")


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # trio throws nothing away
async def test_a_coroutine_that_is_thrown_away_ends_at_once() -> None:
    """When the event loop has gone, nothing can be awaited: Python would complain."""
    scripted = server()

    async def receive() -> Event:
        return await Suspended()

    coroutine = websocket_app(wait)(scope(), receive, scripted.send)
    coroutine.send(None)
    coroutine.close()

    assert [] == scripted.sent


# --- The server fails at the end ---------------------------------------------------


@pytest.mark.anyio
async def test_a_server_that_fails_at_the_end_does_not_replace_the_fault(
    log: Log,
) -> None:
    """The handler's exception is the one to be told of; the other is logged."""
    fault = Fault()
    scripted = server()
    scripted.on_send = failing_on("websocket.close", ValueError("no"))
    with pytest.raises(Fault) as caught:
        await serve(websocket_app(raising(fault)), scripted)

    assert fault is caught.value
    assert [f"{CONNECTED}: {NOT_IN_ORDER}"] == log()


@pytest.mark.anyio
async def test_a_server_that_hangs_at_the_end_does_not_replace_the_fault(
    log: Log,
) -> None:
    """The handler's exception comes after a limited wait."""
    fault = Fault()
    scripted = server()
    stuck_on(scripted, "websocket.close")
    with pytest.raises(Fault) as caught:
        await serve(websocket_app(raising(fault), limits=IMPATIENT), scripted)

    assert fault is caught.value
    assert [GAVE_UP % 1011] == log()


@pytest.mark.anyio
async def test_a_server_that_hangs_after_an_early_return_is_not_waited_for(
    log: Log,
) -> None:
    """The application returns after a limited wait."""
    scripted = server()
    stuck_on(scripted, "websocket.close")
    handler = returning(await ended_elsewhere())
    await serve(websocket_app(handler, limits=IMPATIENT), scripted)

    assert [NOT_ENDED, GAVE_UP % 1000] == log()


@pytest.mark.anyio
async def test_a_server_that_never_begins_the_handshake_is_not_waited_for() -> None:
    """To refuse, the connect event is waited for, but not for ever."""
    scripted = ScriptedServer()
    handler = raising(Fault(), accept=False)
    with pytest.raises(Fault):
        await serve(websocket_app(handler, limits=IMPATIENT), scripted)

    assert [] == scripted.sent


@pytest.mark.anyio
async def test_a_denial_that_fails_is_replaced_by_a_plain_refusal(log: Log) -> None:
    """A client waits for its answer, so it gets another one."""
    errors = ErrorPolicy(expected={Foreseen: ErrorOutcome()})
    scripted = server()
    scripted.on_send = failing_on("websocket.http.response.start", ValueError())
    handler = raising(Foreseen(), accept=False)
    await serve(websocket_app(handler, errors=errors), scripted)

    assert [{"type": "websocket.close", "code": 1000, "reason": ""}] == scripted.sent
    assert [
        f"{UNACCEPTED}: ended by Foreseen",
        f"{UNACCEPTED}: {NOT_IN_ORDER}",
    ] == log()


@pytest.mark.anyio
async def test_a_server_that_takes_no_answer_at_all_does_not_replace_the_fault(
    log: Log,
) -> None:
    """Denial and refusal fail: the handler's exception still goes on, logged once."""

    def refuse(_event: Event) -> None:
        raise ValueError

    scripted = server()
    scripted.on_send = refuse
    with pytest.raises(Fault):
        await serve(websocket_app(raising(Fault(), accept=False)), scripted)

    assert 1 == len(log())


@pytest.mark.anyio
async def test_half_a_denial_is_not_followed_by_another_answer() -> None:
    """A response that the server has begun to send can't be replaced."""
    scripted = server()
    scripted.on_send = failing_on("websocket.http.response.body", ValueError())
    with pytest.raises(Fault):
        await serve(websocket_app(raising(Fault(), accept=False)), scripted)

    assert ["websocket.http.response.start"] == scripted.sent_types()


@pytest.mark.anyio
async def test_connections_of_one_application_do_not_meet() -> None:
    """One that fails does not disturb the other."""
    app = websocket_app(echo)
    broken, sound = server({"type": "telnet"}), server()

    async def serve_broken() -> None:
        with pytest.raises(RemoteProtocolError):
            await serve(app, broken)
        sound.give(text("still here"), disconnect())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(serve, app, sound)
        tasks.start_soon(serve_broken)

    assert "still here" == sound.sent[1]["text"]


@pytest.mark.anyio
async def test_an_end_waits_for_the_answer_that_another_task_is_giving() -> None:
    """Else the answer would open a connection that nobody ends."""
    scripted = server()
    gate = anyio.Event()
    scripted.gate = gate

    async with anyio.create_task_group() as tasks:

        @websocket_app
        async def app(websocket: UnacceptedWebSocket) -> Ended:
            tasks.start_soon(websocket.accept)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(release, gate)
            raise Foreseen

        with pytest.raises(Foreseen):
            await serve(app, scripted)

    assert ["websocket.accept", "websocket.close"] == scripted.sent_types()


async def release(gate: anyio.Event) -> None:
    """Let a server go on once everything waits for it."""
    await anyio.wait_all_tasks_blocked()
    gate.set()


async def room(websocket: UnacceptedWebSocket) -> Ended:
    """Refuse everyone."""
    return await websocket.close()


def test_an_application_has_the_name_of_its_handler() -> None:
    """Routers tell their routes apart by it."""
    route = WebSocketRoute("/room", websocket_app(room))

    assert "room" == route.name
    assert "partial" == websocket_app(functools.partial(room)).__name__


def test_an_undecorated_handler_is_no_endpoint_of_fastapi() -> None:
    """FastAPI would fill in its parameter; the error says what to write instead."""
    with pytest.raises(TypeError) as caught:
        FastAPI().websocket("/room")(room)

    assert (
        "UnacceptedWebSocket is nothing that a framework or pydantic can make: "
        "decorate the handler with @websocket_app, and give it to a route that takes "
        "ASGI applications; in FastAPI, "
        "app.router.routes.append(WebSocketRoute(path, handler))"
    ) == str(caught.value)


@pytest.mark.parametrize("method", ["websocket", "get"])
def test_an_application_is_no_endpoint_of_fastapi(method: str) -> None:
    """FastAPI would fill in scope, receive and send from the query."""
    decorate: Callable[[str], Callable[[object], object]] = getattr(FastAPI(), method)
    with pytest.raises(TypeError) as caught:
        decorate("/room")(websocket_app(room))

    assert (
        "what @websocket_app makes is an ASGI application, and no endpoint whose "
        "parameters FastAPI fills in; give it to a route that takes it as it is: "
        "app.router.routes.append(WebSocketRoute(path, handler))"
    ) == str(caught.value)
