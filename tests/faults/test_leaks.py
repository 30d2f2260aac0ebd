"""
What must not get through: our words to a peer, and a peer's lines into our log.

The text of an error tells of databases, paths and other people's data. And a peer that
could write lines of a log of its own could hide what it has done.
"""

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Literal, TypeAlias

import pytest
from attrs import frozen

from tests.scripted import Event, connected, disconnect, record, scope, server, text
from typedws import (
    AnyOrigin,
    CloseCode,
    ClosedWebSocket,
    DeniedWebSocket,
    Ended,
    ErrorOutcome,
    ErrorPolicy,
    Limits,
    LocalProtocolError,
    RateLimit,
    UnacceptedWebSocket,
    WebSocketDisconnect,
    WebSocketScope,
    websocket_app,
)
from typedws.codecs.json import JsonCodec

pytestmark = pytest.mark.anyio

Handle: TypeAlias = Callable[[UnacceptedWebSocket], Awaitable[Ended]]

SECRET: Final = "postgres://admin:hunter2@db/"


class Fault(Exception):
    """An error of the application."""


@frozen
class Number:
    """A header, or a cookie."""

    number: int


class Foreseen(Exception):
    """An error that the policy has an outcome for."""


# --- Our words to a peer -----------------------------------------------------------


async def raise_unaccepted(_websocket: UnacceptedWebSocket) -> Ended:
    """Fail before the handshake is answered."""
    raise Fault(SECRET)


async def raise_accepted(websocket: UnacceptedWebSocket) -> Ended:
    """Fail when it was accepted."""
    await websocket.accept()
    raise Fault(SECRET)


async def raise_a_chain(websocket: UnacceptedWebSocket) -> Ended:
    """Fail with a cause."""
    await websocket.accept()
    raise Fault(SECRET) from ValueError(SECRET)


async def raise_a_group(websocket: UnacceptedWebSocket) -> Ended:
    """Fail in several tasks."""
    await websocket.accept()
    raise ExceptionGroup(SECRET, [Fault(SECRET), KeyError(SECRET)])


async def raise_a_note(websocket: UnacceptedWebSocket) -> Ended:
    """Fail with a note."""
    await websocket.accept()
    error = Fault(SECRET)
    error.add_note(SECRET)
    raise error


async def raise_foreseen(websocket: UnacceptedWebSocket) -> Ended:
    """Fail in a way that there is an outcome for."""
    await websocket.accept()
    raise Foreseen(SECRET)


async def raise_foreseen_unaccepted(_websocket: UnacceptedWebSocket) -> Ended:
    """Do so before the handshake is answered."""
    raise Foreseen(SECRET)


async def raise_out_of_run(websocket: UnacceptedWebSocket) -> Ended:
    """Fail in a task of `run()`."""

    async def work() -> None:
        raise Fault(SECRET)

    return await (await websocket.accept()).run(background=[work])


async def break_the_codec(websocket: UnacceptedWebSocket) -> Ended:
    """Send what has no JSON form."""
    session = (await websocket.accept()).typed(JsonCodec(str, float))
    await session.send(float("nan"))
    raise NotImplementedError


async def refuse_a_message(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive what is not of the type."""
    session = (await websocket.accept()).typed(JsonCodec(int, int))
    async for _ in session:
        pass
    return await session.close()


async def refuse_a_kind(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive a text where bytes are expected."""
    accepted = await websocket.accept()
    async for _ in accepted.iter_bytes():
        pass
    return await accepted.close()


HANDLERS: Final[tuple[Handle, ...]] = (
    raise_unaccepted,
    raise_accepted,
    raise_a_chain,
    raise_a_group,
    raise_a_note,
    raise_foreseen,
    raise_foreseen_unaccepted,
    raise_out_of_run,
    break_the_codec,
    refuse_a_message,
    refuse_a_kind,
)


def fail_to_decide(_error: Foreseen) -> ErrorOutcome:
    """Fail where an outcome is made."""
    raise Fault(SECRET)


POLICIES: Final = {
    "default": ErrorPolicy(),
    "foreseen": ErrorPolicy(
        expected={Foreseen: ErrorOutcome(4000, reason="try again")}
    ),
    "failing": ErrorPolicy(expected={Foreseen: fail_to_decide}),
}


@pytest.mark.parametrize("extensions", [{}, {"websocket.http.response": {}}], ids=repr)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("handler", HANDLERS)
async def test_the_text_of_an_error_does_not_reach_the_peer(
    handler: Handle, policy: str, extensions: dict[str, object]
) -> None:
    """Nor its type, in nothing that the server was handed."""
    scripted = server(text(f'"{SECRET}"'))
    app = websocket_app(handler, origins=AnyOrigin(), errors=POLICIES[policy])
    handshake = scope(extensions=extensions)
    # What comes out is for the server's log.
    await record([], lambda: app(handshake, scripted.receive, scripted.send))

    told = repr(scripted.handed)

    assert scripted.handed
    assert SECRET not in told
    assert "hunter2" not in told
    for name in ("Fault", "Foreseen", "KeyError", "ValueError", "Traceback", ".py"):
        assert name not in told


@frozen
class FailingPolicy:
    """A policy of origins with a fault."""

    cure: str = SECRET

    def allows(self, _scope: WebSocketScope, /) -> bool:
        """Fail."""
        raise Fault(SECRET)


@frozen
class RefusingPolicy:
    """A policy of origins whose cure is nobody's business."""

    cure: str = SECRET

    def allows(self, _scope: WebSocketScope, /) -> bool:
        """Refuse."""
        return False


@pytest.mark.parametrize("policy", [FailingPolicy(), RefusingPolicy()], ids=repr)
async def test_a_page_is_not_told_of_the_policy_that_refuses_it(
    policy: FailingPolicy | RefusingPolicy,
) -> None:
    """What would let it in is in the log only."""
    scripted = server()
    app = websocket_app(raise_unaccepted, origins=policy)
    with contextlib.suppress(Fault):
        await app(scope(), scripted.receive, scripted.send)

    told = repr(scripted.handed)

    assert scripted.handed
    assert "hunter2" not in told
    assert "Policy" not in told


async def test_the_text_of_a_guards_error_does_not_reach_the_peer() -> None:
    """A guard looks into databases more than a handler does."""

    async def guard(_websocket: UnacceptedWebSocket) -> str | DeniedWebSocket:
        raise Fault(SECRET)

    async def handler(_websocket: UnacceptedWebSocket, _user: str) -> Ended:
        raise NotImplementedError

    scripted = server()
    app = websocket_app(handler, guard=guard)

    with pytest.raises(Fault):
        await app(scope(), scripted.receive, scripted.send)

    assert 500 == scripted.sent[0]["status"]
    assert "hunter2" not in repr(scripted.handed)


# --- A peer's lines into our log ---------------------------------------------------


FORGED: Final = "\r\n\x0b\x0c\x1c\x85\u2028\u2029\x1b[31m\x00\u202e forged CRITICAL"
FORGED_LATIN_1: Final = FORGED.encode("latin-1", "ignore")


async def echo(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive until the end."""
    accepted = await websocket.accept()
    async for _ in accepted:
        pass
    return await accepted.close()


async def forget(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Return the end of another connection."""
    await websocket.accept()
    return await (await connected(server())).close()


async def raise_the_end(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Let the peer's end leave the handler."""
    await (await websocket.accept()).receive_text()
    raise NotImplementedError


async def log_the_end(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Log the end, as an application may."""
    try:
        await (await websocket.accept()).receive_text()
    except WebSocketDisconnect as error:
        logging.getLogger("typedws").warning("%s; %r", error, error.closed)
        return error.closed
    raise NotImplementedError


async def decode(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive what is no JSON."""
    await (await websocket.accept()).receive_json()
    raise NotImplementedError


def forging(**changes: object) -> dict[str, object]:
    """Make a handshake with forged lines in all that a client can choose."""
    return scope(
        path="/" + FORGED,
        raw_path=b"/x",
        query_string=FORGED_LATIN_1,
        client=(FORGED, 1),
        subprotocols=[FORGED],
        headers=[
            (b"host", b"example.com" + FORGED_LATIN_1),
            (b"x-forwarded-for", FORGED_LATIN_1),
            (b"cookie", FORGED_LATIN_1),
        ],
        **changes,
    )


STORIES: Final[dict[str, tuple[Handle, Event]]] = {
    "an end with a reason": (echo, disconnect(4000, FORGED)),
    "an end that leaves the handler": (raise_the_end, disconnect(4000, FORGED)),
    "an end that is logged": (log_the_end, disconnect(4000, FORGED)),
    "a handler that forgets": (forget, disconnect(4000, FORGED)),
    "a message that is no JSON": (decode, text(FORGED)),
    "a message that is too big": (echo, text(FORGED * 100)),
    "an event of a strange type": (echo, {"type": FORGED, FORGED: FORGED}),
    "a fault of the handler": (raise_accepted, disconnect(4000, FORGED)),
}


@pytest.mark.parametrize("story", STORIES)
async def test_a_peer_writes_no_lines_into_the_log(
    story: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Path, address, headers, messages and reasons are ASCII on one line, or absent."""
    caplog.set_level(logging.DEBUG, logger="typedws")
    handler, event = STORIES[story]
    limits = Limits(message_size=1000, rate=RateLimit(messages=100, exceeded="close"))
    app = websocket_app(handler, origins=AnyOrigin(), limits=limits)
    scripted = server(event)
    raised: list[object] = []
    await record(raised, lambda: app(forging(), scripted.receive, scripted.send))
    # A server writes the text of what was raised into its own log.
    lines = [*map(str, raised), *(entry.getMessage() for entry in caplog.records)]

    assert lines
    for line in lines:
        assert line.isascii()
        assert line.isprintable()


NOTHING: Final = type(None)

HIDDEN: Final = "s3cr3t"
"""What only the peer and the handler are to know."""


async def accept_another(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Accept with a subprotocol that the client does not offer."""
    await websocket.accept("chat.v2")
    raise NotImplementedError


async def read_headers(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Read a header as what it is not."""
    websocket.headers_as(Number)
    raise NotImplementedError


async def read_cookies(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Read a cookie as what it is not."""
    websocket.cookies_as(Number)
    raise NotImplementedError


async def decode_a_number(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive what is no number."""
    await (await websocket.accept()).receive_json(type=int)
    raise NotImplementedError


async def decode_a_choice(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Receive what is none of two words."""
    await (await websocket.accept()).receive_json(type=Literal["yes", "no"])
    raise NotImplementedError


SECRETS: Final[dict[str, tuple[Handle, Event, type[object]]]] = {
    "an end of the client": (echo, disconnect(4000), NOTHING),
    "a subprotocol": (accept_another, disconnect(4000), LocalProtocolError),
    "a header": (read_headers, disconnect(4000), NOTHING),
    "a cookie": (read_cookies, disconnect(4000), NOTHING),
    "a message that is no JSON": (decode, text(HIDDEN), NOTHING),
    "a message of another type": (decode_a_number, text(f'"{HIDDEN}"'), NOTHING),
    "a message that is none of two": (
        decode_a_choice,
        text(f'"{HIDDEN}"'),
        NOTHING,
    ),
    "a message that is too big": (echo, text(HIDDEN * 100), NOTHING),
    "a fault of the handler": (raise_accepted, text(HIDDEN), Fault),
}


@pytest.mark.parametrize("story", SECRETS)
async def test_what_a_peer_keeps_secret_is_not_logged(
    story: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Of headers, cookies, subprotocols and messages the log has nothing, from INFO."""
    caplog.set_level(logging.INFO, logger="typedws")
    handler, event, expected = SECRETS[story]
    app = websocket_app(handler, origins=AnyOrigin(), limits=Limits(message_size=100))
    scripted = server(event)
    asked = scope(
        query_string=f"token={HIDDEN}".encode(),
        subprotocols=["chat.v1", f"bearer.{HIDDEN}"],
        headers=[
            (b"host", b"example.com"),
            (b"number", HIDDEN.encode()),
            (b"cookie", f"number={HIDDEN}".encode()),
        ],
    )
    raised: list[object] = []
    await record(raised, lambda: app(asked, scripted.receive, scripted.send))

    assert [expected] == [type(one) for one in raised]
    assert HIDDEN not in repr([*map(str, raised)]) + caplog.text


async def test_a_page_that_is_refused_writes_one_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever is in its path and in its origin."""
    app = websocket_app(echo)
    scripted = server()
    headers = [(b"host", b"example.com"), (b"origin", FORGED_LATIN_1)]
    await app(
        scope(path="/" + FORGED, headers=headers), scripted.receive, scripted.send
    )

    [entry] = caplog.records
    line = entry.getMessage()

    assert line.isascii()
    assert line.isprintable()
    assert 2 == line.count("forged")


def test_the_close_codes_of_errors_say_nothing_of_them() -> None:
    """The default of an error that nobody foresaw has no reason at all."""
    outcome = ErrorPolicy().unexpected

    assert (CloseCode.INTERNAL_ERROR, "") == (outcome.code, outcome.reason)
