"""
The scenarios: what an application does, and what its client does meanwhile.

Each is run on every real server and, in memory, on the profile of that server.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from tests.servers.clients import (
    Move,
    Request,
    ask,
    close,
    connect,
    finish,
    hear,
    hear_out,
    ignore,
    ping,
    reset,
    say,
    wait,
)
from tests.servers.observing import (
    Step,
    fail,
    flood_and,
    look,
    look_at,
    look_at_headers,
    pause,
    receive,
    receive_at_once,
    receive_patiently,
    send,
    send_at_once,
)
from tests.servers.plain_data import Event

# --- Steps of many applications ------------------------------------------------------

BODY: Final = "websocket.http.response.body"

connected: Final = receive
"""The first event is `websocket.connect`."""


def accept(**keys: object) -> Step:
    """Accept."""
    return send({"type": "websocket.accept", **keys})


def send_text(text: object) -> Step:
    """Send text."""
    return send(text_event(text))


def send_bytes(data: object) -> Step:
    """Send bytes."""
    return send({"type": "websocket.send", "bytes": data})


def end(**keys: object) -> Step:
    """Close."""
    return send({"type": "websocket.close", **keys})


def deny(status: int, *headers: tuple[bytes, bytes]) -> Step:
    """Begin a response instead of the handshake."""
    start = "websocket.http.response.start"
    return send({"type": start, "status": status, "headers": list(headers)})


def body(data: bytes, *, more: bool = False) -> Step:
    """Send a part of such a response, or all of it."""
    return send({"type": BODY, "body": data, "more_body": more})


def text_event(text: object) -> Event:
    """Make the event of a text message."""
    return {"type": "websocket.send", "text": text}


OPEN: Final = (connected, accept())
X_DENIED: Final = (b"x-denied", b"yes")


# --- The scenarios -------------------------------------------------------------------


PLAIN: Final = Request()


@frozen(order=False)
class Scenario:
    """
    One connection.

    Attributes:
        name: What it is called in paths and tables.
        says: What is asked of the server, as the row of a table.
        app: What the application does.
        client: What the client does.
        is_alone: Whether it must not run beside others: it takes the machine, or may
            end the server.
        may_end_the_server: Whether there is a server that does not survive it.
    """

    name: str
    says: str
    app: Sequence[Step]
    client: Sequence[Move]
    request: Request = PLAIN
    is_alone: bool = False
    may_end_the_server: bool = False


_SCOPE: Final = (
    Scenario(
        "scope",
        "the scope: its keys, values and types",
        (look, *OPEN),
        (connect,),
        Request("/"),
    ),
    Scenario(
        "scope_of_a_path",
        "a path with escapes, UTF-8 and a query",
        (look_at("path", "raw_path", "query_string", "root_path"), *OPEN),
        (connect,),
        Request("/caf%C3%A9/a%2Fb%20c?q=%C3%A9&q=a+b&empty="),
    ),
    Scenario(
        "scope_of_a_path_that_is_not_utf_8",
        "a path with an escape that is not UTF-8, and such a query",
        (look_at("path", "raw_path", "query_string"), *OPEN),
        (connect,),
        Request("/%FF?q=%FF"),
    ),
    Scenario(
        "repeated_request_headers",
        "a request header that is there twice",
        (look_at_headers, *OPEN),
        (connect,),
        Request(headers=(("X-Tag", "a"), ("X-Other", "o"), ("X-Tag", "b"))),
    ),
    Scenario(
        "repeated_cookies",
        "two `Cookie` headers",
        (look_at_headers, *OPEN),
        (connect,),
        Request(headers=(("Cookie", "a=1"), ("Cookie", "b=2"))),
    ),
    Scenario(
        "request_header_with_an_underscore",
        "a request header with `_` in its name",
        (look_at_headers, *OPEN),
        (connect,),
        Request(headers=(("x_tag", "a"), ("x-other", "o"))),
    ),
    Scenario(
        "request_header_that_is_not_ascii",
        "a request header with `é` in Latin-1",
        (look_at_headers, *OPEN),
        (connect,),
        Request(headers=(("x-tag", "caf\u00e9"),)),
    ),
    Scenario(
        "offered_subprotocols",
        "the subprotocols that the client offers",
        (look_at("subprotocols"), look_at_headers, *OPEN),
        (connect,),
        Request(subprotocols=("chat.v2", "chat.v1")),
    ),
)

_HANDSHAKE: Final = (
    Scenario("accept", "accept", OPEN, (connect,)),
    Scenario(
        "accept_with_a_subprotocol",
        "accept with an offered subprotocol",
        (connected, accept(subprotocol="chat.v1")),
        (connect,),
        Request(subprotocols=("chat.v2", "chat.v1")),
    ),
    Scenario(
        "accept_with_a_subprotocol_that_was_not_offered",
        "accept with a subprotocol that was not offered",
        (connected, accept(subprotocol="other"), receive),
        (connect,),
        Request(subprotocols=("chat.v1",)),
        is_alone=True,
        may_end_the_server=True,
    ),
    Scenario(
        "accept_with_headers",
        "accept with headers, one of them twice",
        (
            connected,
            accept(
                headers=[
                    (b"x-tag", b"a"),
                    (b"set-cookie", b"a=1"),
                    (b"set-cookie", b"b=2"),
                ]
            ),
        ),
        (connect,),
    ),
    Scenario(
        "accept_before_receive",
        "accept, and receive the connect event then",
        (accept(), receive, send_text("hello")),
        (connect, hear),
    ),
    Scenario("accept_twice", "accept twice", (*OPEN, accept(), receive), (connect,)),
    Scenario(
        "close_before_accept",
        "close before accept, then receive twice",
        (connected, end(), receive, receive),
        (connect,),
    ),
    Scenario(
        "close_before_accept_with_a_code",
        "close before accept with 4401",
        (connected, end(code=4401, reason="log in")),
        (connect,),
    ),
    Scenario(
        "accept_after_close",
        "close before accept, and accept then",
        (connected, end(), accept()),
        (connect,),
    ),
    Scenario(
        "accept_after_a_denial_response",
        "a denial response, and accept then",
        (connected, deny(401, X_DENIED), body(b"no"), accept()),
        (connect,),
    ),
    Scenario(
        "denial_response",
        "a denial response, then receive",
        (connected, deny(401, X_DENIED), body(b"who are you?"), receive),
        (connect,),
    ),
    Scenario(
        "denial_response_in_parts",
        "a denial response in parts",
        (connected, deny(401, X_DENIED), body(b"a", more=True), body(b"b")),
        (connect,),
    ),
    Scenario(
        "denial_response_without_an_end",
        "the start of a denial response, and return then",
        (connected, deny(401, X_DENIED)),
        (connect,),
    ),
    Scenario(
        "denial_response_in_parts_without_an_end",
        "the start and a part of a denial response, and return then",
        (connected, deny(401, X_DENIED), body(b"a", more=True)),
        (connect,),
    ),
    Scenario(
        "denial_response_with_repeated_headers",
        "a denial response with one header twice",
        (
            connected,
            deny(401, X_DENIED, (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")),
            body(b"no"),
        ),
        (connect,),
        is_alone=True,
        may_end_the_server=True,
    ),
    Scenario(
        "denial_response_after_accept",
        "a denial response after accept",
        (*OPEN, deny(401, X_DENIED), body(b"no"), send_text("still here")),
        (connect, hear),
    ),
    Scenario("return_before_accept", "return before accept", (connected,), (connect,)),
    Scenario(
        "raise_before_accept", "raise before accept", (connected, fail), (connect,)
    ),
    Scenario(
        "send_before_accept",
        "send a message before accept",
        (connected, send_text("early"), accept()),
        (connect, hear),
    ),
    Scenario(
        "reset_before_accept",
        "the network goes before accept; accept, receive and send then",
        (connected, pause, pause, accept(), receive, send_text("hello")),
        (ask, wait, reset),
    ),
    Scenario(
        "reset_before_a_denial_response",
        "the network goes before a denial response; receive then",
        (connected, pause, pause, deny(401), body(b"no"), receive),
        (ask, wait, reset),
    ),
    Scenario(
        "reset_before_close",
        "the network goes before a close instead of accept; receive then",
        (connected, pause, pause, end(), receive),
        (ask, wait, reset),
    ),
    Scenario(
        "never_answered",
        "an application that does not answer for a while",
        (connected, receive),
        (connect,),
    ),
)

_MESSAGES: Final = (
    Scenario(
        "text_and_bytes",
        "text and bytes, both ways",
        (*OPEN, receive, receive, send_text("out"), send_bytes(b"out")),
        (connect, say("in"), say(b"in"), hear, hear),
    ),
    Scenario(
        "empty_messages",
        "empty text and empty bytes, both ways",
        (
            *OPEN,
            receive,
            receive,
            send_text(""),
            send_bytes(b""),
            send_text("end"),
        ),
        (connect, say(""), say(b""), hear, hear, hear),
    ),
    Scenario(
        "unicode",
        "text outside of ASCII, and NUL",
        (*OPEN, receive, send_text("\u00e9\u4f60\U0001f600\0")),
        (connect, say("\u00e9\u4f60\U0001f600\0"), hear),
    ),
    Scenario(
        "text_and_none",
        "send text, with `bytes` of `None`",
        (*OPEN, send({"type": "websocket.send", "text": "a", "bytes": None})),
        (connect, hear),
    ),
    Scenario(
        "both_keys",
        "send text and bytes in one event",
        (
            *OPEN,
            send({"type": "websocket.send", "text": "a", "bytes": b"b"}),
            send_text("end"),
        ),
        (connect, hear, hear),
    ),
    Scenario(
        "neither_key",
        "send an event without text and bytes",
        (*OPEN, send({"type": "websocket.send"}), send_text("end")),
        (connect, hear),
    ),
    Scenario(
        "bytearray",
        "send a `bytearray`",
        (*OPEN, send_bytes(bytearray(b"a")), send_text("end")),
        (connect, hear),
    ),
    Scenario(
        "lone_surrogate",
        "send text that UTF-8 can not encode",
        (*OPEN, send_text("\ud800"), send_text("end")),
        (connect, hear),
    ),
    Scenario(
        "unknown_event",
        "send an event of an unknown type",
        (*OPEN, send({"type": "websocket.nonsense"}), send_text("end")),
        (connect, hear),
    ),
    Scenario(
        "fragments",
        "a message in three frames",
        (*OPEN, receive, receive),
        (connect, say("a", "b", "c"), say(b"a", b"b")),
    ),
    Scenario(
        "large_messages",
        "a message of 1 MiB, both ways",
        (*OPEN, receive, send_bytes(b"\1" * 2**20)),
        (connect, say(b"\0" * 2**20), hear),
    ),
    Scenario(
        "message_over_the_limit",
        "a message of 16 MiB and one byte",
        (*OPEN, receive_patiently),
        (connect, say(b"\0" * (2**24 + 1)), ignore),
        is_alone=True,
    ),
    Scenario(
        "order",
        "100 messages, both ways",
        (
            *OPEN,
            *(receive for _ in range(100)),
            *(send_text(str(number)) for number in range(100)),
        ),
        (
            connect,
            *(say(str(number)) for number in range(100)),
            *(hear for _ in range(100)),
        ),
    ),
    Scenario(
        "two_senders",
        "two tasks send",
        (*OPEN, send_at_once(text_event("a"), text_event("a"))),
        (connect, hear, hear),
    ),
    Scenario(
        "two_receivers",
        "two tasks receive, and the client closes",
        (*OPEN, receive_at_once(2)),
        (connect, wait, close(1000)),
    ),
    Scenario(
        "ping",
        "a ping, which the application does not see",
        (*OPEN, receive),
        (connect, ping, say("after")),
    ),
)

_CLIENT_ENDS: Final = (
    Scenario(
        "client_closes",
        "the client closes with 1000",
        (*OPEN, receive),
        (connect, close(1000)),
    ),
    Scenario(
        "client_closes_with_code_and_reason",
        "the client closes with 4321 and a reason; receive twice more",
        (*OPEN, receive, receive, receive),
        (connect, close(4321, "enough")),
    ),
    Scenario(
        "client_closes_without_a_code",
        "the client closes without a code",
        (*OPEN, receive),
        (connect, close()),
    ),
    Scenario(
        "client_goes_away",
        "the client closes with 1001",
        (*OPEN, receive),
        (connect, close(1001)),
    ),
    Scenario(
        "reset",
        "the network goes; receive twice more",
        (*OPEN, receive, receive, receive),
        (connect, reset),
    ),
    Scenario(
        "finish",
        "the client ends the TCP connection",
        (*OPEN, receive, receive),
        (connect, finish),
    ),
    Scenario(
        "messages_before_the_end",
        "the client sends, and closes before they are received",
        (*OPEN, pause, receive, receive, receive),
        (connect, say("a"), say(b"b"), close(1000)),
    ),
    Scenario(
        "send_after_the_client_has_closed",
        "send after the client has closed, before that is received and after it",
        (*OPEN, pause, send_text("a"), receive, send_text("b")),
        (connect, close(1000)),
    ),
    Scenario(
        "send_after_a_reset",
        "send after the network has gone, before that is received and after it",
        (
            *OPEN,
            pause,
            send_text("a"),
            pause,
            send_text("b"),
            receive,
            send_text("c"),
            end(),
        ),
        (connect, reset),
    ),
    Scenario(
        "close_after_the_client_has_closed",
        "close after a disconnect was received",
        (*OPEN, receive, end(code=1000), end(code=1000)),
        (connect, close(1000)),
    ),
    Scenario(
        "close_long_after_the_client_has_closed",
        "receive a disconnect, wait, and close",
        (*OPEN, receive, pause, end(code=1000)),
        (connect, close(1000)),
    ),
    Scenario(
        "send_at_once_after_the_client_has_closed",
        "receive a disconnect, and send at once",
        (*OPEN, receive, send_text("a"), send_text("b"), end()),
        (connect, close(1000)),
    ),
    Scenario(
        "return_after_the_client_has_closed",
        "receive a disconnect, and return",
        (*OPEN, receive),
        (connect, close(4321)),
    ),
    Scenario(
        "close_after_a_reset_was_received",
        "receive that the network has gone, and close",
        (*OPEN, receive, end(code=1000), end(code=1000)),
        (connect, reset),
    ),
    Scenario(
        "close_after_a_reset",
        "close after the network has gone, before that is received",
        (*OPEN, pause, end(code=1000), receive),
        (connect, reset),
    ),
    Scenario(
        "raise_after_the_client_has_closed",
        "raise after a disconnect was received",
        (*OPEN, receive, fail),
        (connect, close(1000)),
    ),
)


def _closes(code: int) -> Scenario:
    return Scenario(
        f"close_with_{code}",
        f"close with {code} and a reason",
        (*OPEN, end(code=code, reason="enough")),
        (connect, hear),
    )


_APPLICATION_ENDS: Final = (
    *(_closes(code) for code in (1000, 1001, 1008, 1011, 3000, 4999)),
    *(_closes(code) for code in (999, 1005, 1006, 1015, 5000)),
    Scenario(
        "close_without_a_code",
        "close without `code` and `reason`",
        (*OPEN, end()),
        (connect, hear),
    ),
    Scenario(
        "close_with_a_long_reason",
        "close with a reason of 124 bytes",
        (*OPEN, end(code=1000, reason="r" * 124)),
        (connect, hear),
    ),
    Scenario(
        "receive_after_close",
        "close, and receive twice",
        (*OPEN, end(code=4000, reason="enough"), receive, receive),
        (connect, hear),
    ),
    Scenario(
        "close_with_a_message_unread",
        "close while a message is unread, and receive twice",
        (*OPEN, receive, pause, end(code=4000), receive, receive),
        (connect, say("read"), say("unread"), hear),
    ),
    Scenario(
        "send_after_close",
        "send after close",
        (*OPEN, end(code=4000), send_text("late")),
        (connect, hear),
    ),
    Scenario(
        "close_twice",
        "close twice",
        (*OPEN, end(code=4000), end(code=4001)),
        (connect, hear),
    ),
    Scenario(
        "close_behind_a_flood",
        "close in one task, while another sends more than the client reads",
        (*OPEN, flood_and({"type": "websocket.close", "code": 4000})),
        (connect, *(wait for _ in range(6)), hear_out),
        is_alone=True,
    ),
    Scenario("return_after_accept", "return after accept", OPEN, (connect, hear)),
    Scenario(
        "raise_after_accept", "raise after accept", (*OPEN, fail), (connect, hear)
    ),
    Scenario(
        "raise_after_close",
        "raise after close",
        (*OPEN, end(code=4000), fail),
        (connect, hear),
    ),
)

SCENARIOS: Final[Mapping[str, Scenario]] = {
    scenario.name: scenario
    for scenario in (
        *_SCOPE,
        *_HANDSHAKE,
        *_MESSAGES,
        *_CLIENT_ENDS,
        *_APPLICATION_ENDS,
    )
}
