"""Tests of `typedws.handshake`: what every state says of the client's handshake."""

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from tests.scripted import scope
from typedws import (
    URL,
    Address,
    Handshake,
    Headers,
    InvalidScope,
    QueryParams,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketScope,
)
from typedws.ended import closed_websocket, denied_websocket


def reader(**changes: object) -> UnacceptedWebSocket:
    """Make a reader of a scope, with changes."""
    return WebSocket(scope(**changes))


def test_a_websocket_of_a_scope_alone_is_a_reader() -> None:
    """It says all that the handshake said, by name."""
    websocket = reader(
        query_string=b"a=1",
        headers=[(b"host", b"example.com"), (b"cookie", b"session=xyz")],
        path_params={"room": "lobby"},
        state={"pool": 1},
        subprotocols=["v2", "v1"],
    )

    assert URL("ws://example.com/chat?a=1") == websocket.url
    assert (
        Headers({"host": "example.com", "cookie": "session=xyz"}) == websocket.headers
    )
    assert QueryParams("a=1") == websocket.query_params
    assert {"room": "lobby"} == websocket.path_params
    assert {"session": "xyz"} == websocket.cookies
    assert Address("192.0.2.1", 50000) == websocket.client
    assert {"pool": 1} == websocket.state
    assert ("v2", "v1") == websocket.subprotocols
    assert "/chat" == websocket.scope.path


def test_what_is_worked_out_is_worked_out_once() -> None:
    """A property can be read in a loop."""
    websocket = reader(headers=[(b"cookie", b"a=1")])

    assert websocket.url is websocket.url
    assert websocket.query_params is websocket.query_params
    assert websocket.cookies is websocket.cookies


def test_what_the_server_does_not_tell_is_none_or_empty() -> None:
    """And never an error."""
    websocket = WebSocket({"type": "websocket", "path": "/", "headers": ()})

    assert websocket.client is None
    assert ({}, {}, {}) == (websocket.cookies, websocket.state, websocket.path_params)
    assert ((), "/") == (websocket.subprotocols, str(websocket.url))


@pytest.mark.parametrize("value", ["an object", None, 0], ids=repr)
def test_what_frameworks_leave_is_read_as_it_is(value: object) -> None:
    """Also if it is false: an anonymous user may be None."""
    websocket = reader(app=value, user=value, auth=value)

    assert (value, value, value) == (websocket.app, websocket.user, websocket.auth)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app", "the application, as frameworks leave it"),
        ("user", "a user, as authentication middleware leaves it"),
        ("auth", "what authentication middleware leaves there"),
    ],
)
def test_what_no_framework_left_is_an_invalid_scope(name: str, expected: str) -> None:
    """It names the key and a likely cause."""
    with pytest.raises(InvalidScope) as caught:
        getattr(reader(), name)

    assert (
        f"scope[{name!r}]: expected {expected}, "
        "got nothing; is what leaves it in front?"
    ) == str(caught.value)


# --- The mapping ---------------------------------------------------------------------


def test_a_state_is_the_scope_as_a_mapping() -> None:
    """Each key that ASGI has is there, and has a type of its own."""
    websocket = reader(query_string=b"a=1", subprotocols=["v1"])
    asgi = websocket["asgi"]

    assert ("websocket", "/chat", "", "ws", "1.1") == (
        websocket["type"],
        websocket["path"],
        websocket["root_path"],
        websocket["scheme"],
        websocket["http_version"],
    )
    assert (b"a=1", b"/chat", ("v1",)) == (
        websocket["query_string"],
        websocket["raw_path"],
        websocket["subprotocols"],
    )
    assert ((b"host", b"example.com"),) == websocket["headers"]
    assert (("192.0.2.1", 50000), ("192.0.2.2", 8000)) == (
        websocket["client"],
        websocket["server"],
    )
    assert ({}, {}) == (websocket["state"], websocket["path_params"])
    assert {"websocket.http.response": {}} == websocket["extensions"]
    assert "3.0" == asgi["version"]


def test_the_keys_of_frameworks_are_in_the_mapping() -> None:
    """Whatever a framework or a middleware has put into the scope."""
    websocket = reader(**{"app": 1, "litestar.thing": 2})

    assert (1, 2) == (websocket["app"], websocket["litestar.thing"])


def test_a_state_has_the_methods_of_a_mapping() -> None:
    """It can be asked, iterated and unpacked."""
    websocket = reader()
    unpacked: dict[str, object] = {**websocket}

    assert "path" in websocket
    assert "user" not in websocket
    assert 5 not in websocket
    assert "/chat" == websocket.get("path")
    assert websocket.get("user") is None
    assert "nobody" == websocket.get("user", "nobody")
    assert list(websocket) == list(websocket.keys()) == list(unpacked)
    assert len(websocket) == len(unpacked)
    assert unpacked == dict(websocket) == dict(websocket.items())
    assert list(unpacked.values()) == list(websocket.values())
    assert {"path"} == websocket.keys() & {"path", "user"}
    assert ("path", "/chat") in websocket.items()
    assert set(scope()) <= set(websocket)


def test_a_key_that_is_not_there_is_a_key_error() -> None:
    """As in any other mapping."""
    with pytest.raises(KeyError, match=r"^'user'$"):
        reader()["user"]


def test_the_mapping_can_not_be_changed() -> None:
    """Nor can what is in it."""
    websocket = reader(state={"a": 1}, headers=[(b"a", b"b")])
    with pytest.raises(TypeError, match="item assignment"):
        websocket["path"] = "/other"  # type: ignore[index]  # ty: ignore[invalid-assignment]
    with pytest.raises(TypeError, match="item assignment"):
        websocket["state"]["a"] = 2  # type: ignore[index]  # ty: ignore[invalid-assignment]
    with pytest.raises(TypeError, match="item assignment"):
        websocket["asgi"]["version"] = "4.0"  # type: ignore[typeddict-readonly-mutated]  # ty: ignore[invalid-assignment]

    assert isinstance(websocket["headers"], tuple)
    assert isinstance(websocket["subprotocols"], tuple)


@pytest.mark.parametrize(
    "raw", [scope(), MappingProxyType(scope())], ids=["dict", "proxy"]
)
def test_the_scope_may_be_any_mapping(raw: Mapping[str, object]) -> None:
    """Given by position or by keyword."""
    assert "/chat" == WebSocket(raw)["path"] == WebSocket(scope=raw)["path"]


# --- Every state ---------------------------------------------------------------------

READ = WebSocketScope.parse(scope(path="/a\nb", client=None))


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(reader(), id="unaccepted"),
        pytest.param(closed_websocket(READ, 1000, "", "client"), id="closed"),
        pytest.param(denied_websocket(READ, 403, response_sent=True), id="denied"),
    ],
)
def test_a_state_is_equal_to_itself_alone(state: Handshake) -> None:
    """It is a connection, and can be kept in a set."""
    values: list[object] = [reader(), state, reader(), dict(state)]

    assert 1 == values.count(state)
    assert 1 == values.index(state)
    assert 3 == len({reader(), state, reader(), state})


def test_a_state_tells_path_and_client() -> None:
    """In ASCII and on one line, since the peer may have chosen both."""
    assert "<UnacceptedWebSocket '/chat' from 192.0.2.1:50000>" == repr(reader())
    assert r"<UnacceptedWebSocket '/a\n\u2028' from unknown>" == repr(
        reader(path="/a\n\u2028", client=None)
    )
    assert r"<UnacceptedWebSocket '/chat' from a\nb\xe9:1>" == repr(
        reader(client=("a\nbé", 1))
    )


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        pytest.param(
            closed_websocket(READ, 1001, "bye\n", "client"),
            r"<ClosedWebSocket the client closed it with 1001, reason 'bye\n'>",
            id="closed",
        ),
        pytest.param(
            denied_websocket(READ, 401, response_sent=True),
            "<DeniedWebSocket with status 401>",
            id="denied",
        ),
    ],
)
def test_a_state_after_the_end_tells_of_the_end(state: Handshake, shown: str) -> None:
    """In ASCII and on one line, since the reason is the peer's."""
    assert shown == repr(state)
