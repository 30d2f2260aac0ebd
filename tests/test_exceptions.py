"""Tests of the error tree: the classes, what they carry, and every sentence."""

import copy
import pickle
from typing import Final

import pytest
from anyio import BrokenResourceError, ClosedResourceError, EndOfStream

from tests.scripted import scope
from typedws import (
    BrokenWriter,
    ClosedStateError,
    ClosedWebSocket,
    ClosedWriter,
    ConcurrentReceiveError,
    DecodeError,
    EncodeError,
    EndOfMessages,
    ExtensionUnavailable,
    InvalidParameters,
    InvalidScope,
    LocalProtocolError,
    MessageTypeError,
    ParameterProblem,
    ProtocolError,
    ReceiveTimeout,
    RemoteProtocolError,
    SpentStateError,
    TypedWSError,
    ValidationError,
    WebSocketDisconnect,
    WebSocketScope,
)
from typedws.ended import ClosedBy, closed_by_event, closed_websocket


def closed(code: int, reason: str, closed_by: ClosedBy) -> ClosedWebSocket:
    """Make the proof of a closed connection."""
    return closed_websocket(WebSocketScope.parse(scope()), code, reason, closed_by)


BY_CLIENT: Final = closed(1001, "bye", "client")

TREE: Final = {
    TypedWSError: (Exception,),
    InvalidScope: (TypedWSError, ValueError),
    InvalidParameters: (TypedWSError, ValueError),
    ProtocolError: (TypedWSError,),
    LocalProtocolError: (ProtocolError,),
    SpentStateError: (LocalProtocolError, RuntimeError),
    RemoteProtocolError: (ProtocolError,),
    ConcurrentReceiveError: (TypedWSError,),
    ReceiveTimeout: (TypedWSError, TimeoutError),
    WebSocketDisconnect: (TypedWSError,),
    EndOfMessages: (WebSocketDisconnect, EndOfStream),
    BrokenWriter: (WebSocketDisconnect, BrokenResourceError),
    ClosedStateError: (WebSocketDisconnect, SpentStateError),
    ClosedWriter: (ClosedStateError, ClosedResourceError),
    ExtensionUnavailable: (TypedWSError, RuntimeError),
    MessageTypeError: (TypedWSError,),
    DecodeError: (TypedWSError, ValueError),
    ValidationError: (DecodeError,),
    EncodeError: (TypedWSError, ValueError),
}

PLAIN_ERRORS: Final = (
    pytest.param(
        InvalidScope("path", "a str", "int 5"),
        "scope['path']: expected a str, got int 5",
        id="InvalidScope",
    ),
    pytest.param(
        InvalidParameters(
            "query",
            (
                ParameterProblem("query.page", expected="int", got="'x'"),
                ParameterProblem("query.size", expected="int", got="nothing"),
            ),
        ),
        "The handshake does not fit: query.page: expected int, got 'x'; "
        "query.size: expected int, got nothing",
        id="InvalidParameters",
    ),
    pytest.param(
        LocalProtocolError("the sentence of the place that raises it"),
        "the sentence of the place that raises it",
        id="LocalProtocolError",
    ),
    pytest.param(
        SpentStateError(
            "UnacceptedWebSocket", "close()", "accept()", "ConnectedWebSocket"
        ),
        "close() was called on a spent UnacceptedWebSocket: accept() was already "
        "called on it; use the ConnectedWebSocket that came of it",
        id="SpentStateError-left-by-a-call",
    ),
    pytest.param(
        SpentStateError(
            "ConnectedWebSocket", "send()", "the server broke ASGI", "ClosedWebSocket"
        ),
        "send() was called on a spent ConnectedWebSocket: the server broke ASGI; "
        "use the ClosedWebSocket that came of it",
        id="SpentStateError-left-by-an-event",
    ),
    pytest.param(
        RemoteProtocolError("unexpected event", "'http.request'", ("body", "type")),
        "unexpected event: the server sent an event of type 'http.request' with the "
        "keys ['body', 'type']; the connection was ended",
        id="RemoteProtocolError",
    ),
    pytest.param(
        ConcurrentReceiveError("receive_text()"),
        "receive_text(): another task is already receiving on this connection; "
        "receive in one task and hand the messages on",
        id="ConcurrentReceiveError",
    ),
    pytest.param(
        ExtensionUnavailable("websocket.http.response"),
        "send_denial_response(): the server does not offer the ASGI extension "
        "'websocket.http.response'; pass fallback=True to refuse with a plain "
        "HTTP 403, or call close()",
        id="ExtensionUnavailable",
    ),
    pytest.param(
        MessageTypeError("receive_text()", b"\x00\x01\x02"),
        "receive_text() needs a text message, but a binary message of length 3 came; "
        "use receive() to take both kinds",
        id="MessageTypeError-binary-came",
    ),
    pytest.param(
        MessageTypeError("receive_bytes()", "ab"),
        "receive_bytes() needs a binary message, but a text message of length 2 came; "
        "use receive() to take both kinds",
        id="MessageTypeError-text-came",
    ),
    pytest.param(
        ReceiveTimeout("receive()", 2.5),
        "receive(): no message came within 2.5 s; the connection is still open, and "
        "the next call goes on waiting",
        id="ReceiveTimeout",
    ),
    pytest.param(
        DecodeError("expected a str", '{"name": 5}', "$.name"),
        "The message can't be decoded, at $.name: expected a str",
        id="DecodeError",
    ),
    pytest.param(
        EncodeError("set has no JSON form", "$.tags"),
        "The value can't be sent as JSON, at $.tags: set has no JSON form",
        id="EncodeError",
    ),
)


def family(error: type[TypedWSError]) -> set[type[TypedWSError]]:
    """Give a class of the tree and all that are derived from it, here or elsewhere."""
    children: list[type[TypedWSError]] = error.__subclasses__()
    return {error}.union(*map(family, children))


def test_the_tree_is_whole() -> None:
    """The table above has every error class of the package."""
    found = {
        error
        for error in family(TypedWSError)
        if error.__module__.startswith("typedws.")
        and not error.__module__.startswith("typedws.testing.")
    }

    assert set(TREE) == found


@pytest.mark.parametrize(
    ("error", "bases"),
    [pytest.param(*item, id=item[0].__name__) for item in TREE.items()],
)
def test_each_error_has_its_bases(
    error: type[TypedWSError], bases: tuple[type[Exception], ...]
) -> None:
    """An except clause for the base of the tree, or for a built-in, catches it."""
    assert bases == error.__bases__


@pytest.mark.parametrize(("error", "sentence"), PLAIN_ERRORS)
def test_each_error_has_its_sentence(error: TypedWSError, sentence: str) -> None:
    """It says what was tried, on what, and what to do instead."""
    assert sentence == str(error)


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        pytest.param(
            closed(1000, "", "client"),
            "The connection is over: the client closed it with 1000",
            id="client",
        ),
        pytest.param(
            BY_CLIENT,
            "The connection is over: the client closed it with 1001, reason 'bye'",
            id="client-with-a-reason",
        ),
        pytest.param(
            closed(1000, "a\nb\u2028", "client"),
            "The connection is over: the client closed it with 1000, "
            r"reason 'a\nb\u2028'",
            id="a-reason-that-would-break-a-log-line",
        ),
        pytest.param(
            closed(1011, "", "server"),
            "The connection is over: this side closed it with 1011",
            id="server",
        ),
        pytest.param(
            closed(1006, "", "network"),
            "The connection is over: it was lost without a close frame (1006)",
            id="network",
        ),
    ],
)
def test_a_disconnect_tells_the_story_of_the_end(
    end: ClosedWebSocket, sentence: str
) -> None:
    """It says who ended the connection, and with which code and reason."""
    error = WebSocketDisconnect(end)

    assert sentence == str(error)
    assert f"The connection is over: {repr(end)[17:-1]}" == sentence


def test_a_disconnect_hands_over_the_closed_state() -> None:
    """A handler returns it; code and reason are within reach."""
    error = WebSocketDisconnect(BY_CLIENT)

    assert BY_CLIENT is error.closed
    assert (1001, "bye") == (error.code, error.reason)


def test_use_after_our_own_close_is_both_a_mistake_and_a_disconnect() -> None:
    """Its sentence tells of the call and of the end."""
    end = closed(1000, "done", "server")
    error = ClosedStateError(end, "send_text()")

    assert (
        "send_text() was called on a spent ConnectedWebSocket: close() was already "
        "called on it; use the ClosedWebSocket that came of it "
        "(this side closed it with 1000, reason 'done')"
    ) == str(error)
    assert (end, 1000, "done") == (error.closed, error.code, error.reason)
    assert ("ConnectedWebSocket", "send_text()", "close()", "ClosedWebSocket") == (
        error.state,
        error.method,
        error.left_by,
        error.successor,
    )


def test_the_facts_of_each_error_can_be_read() -> None:
    """Each fact of a sentence is an attribute as well, a plain value."""
    scope_error = InvalidScope("path", "a str", "int 5")
    spent = SpentStateError("Old", "close()", "accept()", "New")
    remote = RemoteProtocolError("unexpected event", "'x'", ("type",))
    kind = MessageTypeError("receive_text()", b"data")
    decode = DecodeError("no JSON", "{")
    encode = EncodeError("no JSON form")

    assert ("path", "a str", "int 5") == (
        scope_error.key,
        scope_error.expected,
        scope_error.got,
    )
    assert ("Old", "close()", "accept()", "New") == (
        spent.state,
        spent.method,
        spent.left_by,
        spent.successor,
    )
    assert ("unexpected event", "'x'", ("type",)) == (
        remote.problem,
        remote.event_type,
        remote.keys,
    )
    assert ("receive_text()", b"data") == (kind.method, kind.data)
    assert ("no JSON", "{", "$") == (decode.problem, decode.data, decode.path)
    assert ("no JSON form", "$") == (encode.problem, encode.path)
    assert "receive()" == ConcurrentReceiveError("receive()").method
    assert "x.y" == ExtensionUnavailable("x.y").extension


@pytest.mark.parametrize("error", [param.values[0] for param in PLAIN_ERRORS])
def test_a_plain_error_survives_pickle_and_copy(error: TypedWSError) -> None:
    """Log handlers and test runners send errors between processes."""
    pickled: object = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    for twin in (pickled, copy.copy(error)):
        assert isinstance(twin, type(error))
        assert (str(error), error.args) == (str(twin), twin.args)
        assert vars(error) == vars(twin)


def test_a_disconnect_can_be_copied() -> None:
    """A copy hands over the same closed state."""
    assert BY_CLIENT is copy.copy(WebSocketDisconnect(BY_CLIENT)).closed
    twin = copy.copy(ClosedStateError(BY_CLIENT, "send()"))
    assert (BY_CLIENT, "send()") == (twin.closed, twin.method)


@pytest.mark.parametrize(
    ("code", "closed_by", "clean"),
    [
        pytest.param(1000, "client", True, id="normal"),
        pytest.param(1005, "client", False, id="no-code"),
        pytest.param(1006, "network", False, id="lost"),
        pytest.param(1012, "server", True, id="server-restart"),
        pytest.param(4321, "client", True, id="own-code"),
    ],
)
def test_a_disconnect_event_says_who_closed(
    code: int, closed_by: ClosedBy, clean: bool
) -> None:
    """1006 is a loss, 1012 the server's own word; the rest comes from the client."""
    end = closed_by_event(WebSocketScope.parse(scope()), code, "")

    assert (code, closed_by, clean) == (end.code, end.closed_by, end.clean)
