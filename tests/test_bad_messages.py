"""
Tests of what a peer may not send: each is an error, and the connection lives on.

Uncaught, it ends the connection with a close code, and with one line in the log.
"""

import gc
import json
import logging
import time
import weakref
from typing import Final, Literal, TypeAlias, final

import pytest
from attrs import frozen

from tests.scripted import (
    Event,
    ScriptedServer,
    binary,
    connected,
    disconnect,
    refusing_messages,
    scope,
    server,
    text,
)
from typedws import (
    ClosedWebSocket,
    DecodeError,
    Ended,
    ErrorReply,
    Handler,
    JsonCodec,
    TypedWebSocket,
    UnacceptedWebSocket,
    ValidationError,
    websocket_app,
)

pytestmark = pytest.mark.anyio


@final
@frozen(order=False)
class Say:
    """A message."""

    text: str
    times: int = 1
    kind: Literal["say"] = "say"


@final
@frozen(order=False)
class Move:
    """Another one."""

    to: list[float]
    kind: Literal["move"] = "move"


@final
@frozen(order=False)
class Problem:
    """What is answered to something else."""

    what: str
    kind: Literal["problem"] = "problem"


Incoming: TypeAlias = Say | Move
Session: TypeAlias = TypedWebSocket[Incoming, Incoming | Problem]

CODEC: Final = JsonCodec(Say | Move, Say | Move | Problem, unknown_fields="refuse")
BINARY_CODEC: Final = JsonCodec(Say | Move, Say | Move | Problem, mode="binary")

SECRET: Final = "swordfish"
GOOD: Final = text('{"kind": "say", "text": "good"}')
UNDECODED: Final = (1007, "the message can't be decoded")
UNSPOKEN: Final = (1008, "the message is of no type that is spoken here")
UNACCEPTED: Final = "<UnacceptedWebSocket '/chat' from 192.0.2.1:50000>"

LONGEST: Final = 5.0
"""Seconds that a bad message may take, on a machine under load."""

NOT_JSON: Final = [
    pytest.param(text(f"{SECRET}!"), id="no-json"),
    pytest.param(text(""), id="nothing"),
    pytest.param(text('{"kind": "say", "te'), id="truncated"),
    pytest.param(text('{"kind": "say", "text": "a"} {}'), id="more-behind-it"),
    pytest.param(text('{"a":' * 100_000 + "1" + "}" * 100_000), id="nested-deep"),
    pytest.param(text('{"a":' * 1_000_000), id="open-braces"),
    pytest.param(text('{"kind": "move", "to": [NaN]}'), id="nan"),
    pytest.param(text('{"kind": "move", "to": [-Infinity]}'), id="infinity"),
    pytest.param(text('{"kind": "say", "text": "\\ud800"}'), id="escaped-surrogate"),
    pytest.param(text('{"kind": "say", "text": "\ud800"}'), id="lone-surrogate"),
    pytest.param(text("\x00" * 10_000_000), id="ten-megabytes-of-zeros"),
    pytest.param(text("garbage! " * 1_100_000), id="ten-megabytes-of-garbage"),
]
"""What is no JSON."""

NOT_OF_THE_TYPE: Final = [
    pytest.param(text('{"kind": "shout", "text": "a"}'), id="unknown-tag"),
    pytest.param(text('{"text": "a"}'), id="no-tag"),
    pytest.param(text('{"kind": 1, "text": "a"}'), id="tag-of-another-type"),
    pytest.param(text('{"kind": "say"}'), id="missing-field"),
    pytest.param(text('{"kind": "say", "text": 1}'), id="number-for-text"),
    pytest.param(text('{"kind": "say", "text": null}'), id="null-for-text"),
    pytest.param(text('{"kind": "say", "text": "a", "times": "1"}'), id="text-for-int"),
    pytest.param(text('{"kind": "say", "text": "a", "times": 1.5}'), id="no-int"),
    pytest.param(text('{"kind": "say", "text": "a", "times": true}'), id="bool"),
    pytest.param(text('{"kind": "move", "to": [1, "2"]}'), id="item-of-another-type"),
    pytest.param(text('{"kind": "move", "to": {}}'), id="object-for-array"),
    pytest.param(text("[]"), id="array"),
    pytest.param(text("[" * 1_000_000), id="open-brackets"),
    pytest.param(text("[" * 100_000 + "]" * 100_000), id="arrays-nested-deep"),
    pytest.param(text("null"), id="null"),
    pytest.param(text(f'"{SECRET}"'), id="text"),
    pytest.param(text("[" + "{}," * 1_000_000 + "{}]"), id="a-million-objects"),
]
"""What is JSON as far as it was read, but none of the messages."""

ONLY_BY_THE_CODEC: Final = [
    pytest.param(binary(b'{"kind": "say", "text": "a"}'), DecodeError, id="binary"),
    pytest.param(binary(b"\xff" * 10_000_000), DecodeError, id="ten-megabytes-binary"),
    pytest.param(
        text('{"kind": "say", "text": "a", "swordfish": 1}'),
        ValidationError,
        id="extra-field",
    ),
]
"""What is an error because the codec was made so."""

BAD_JSON: Final = [
    pytest.param(*case.values, kind, id=case.id)
    for kind, cases in ((DecodeError, NOT_JSON), (ValidationError, NOT_OF_THE_TYPE))
    for case in cases
]

bad = pytest.mark.parametrize(("event", "kind"), BAD_JSON + ONLY_BY_THE_CODEC)


async def session_with(*events: Event) -> Session:
    """Accept a connection on which these come."""
    return (await connected(server(*events))).typed(CODEC)


@bad
async def test_a_bad_message_is_an_error_and_the_next_good_one_is_received(
    event: Event, kind: type[DecodeError]
) -> None:
    """It says where and what, and has the message as it came."""
    session = await session_with(event, GOOD, disconnect())
    began = time.process_time()
    with pytest.raises(DecodeError) as caught:
        await session.receive()
    took = time.process_time() - began
    payload = event.get("text", event.get("bytes"))

    assert kind is type(caught.value)
    assert payload == caught.value.data
    assert caught.value.path.startswith("$")
    assert len(str(caught.value)) < 1000
    assert took < LONGEST
    assert Say("good") == await session.receive()
    assert isinstance(await session.receive(), ClosedWebSocket)


@bad
async def test_iteration_goes_on_after_a_bad_message(
    event: Event, kind: type[DecodeError]
) -> None:
    """With the next good one."""
    session = await session_with(event, GOOD, disconnect())
    messages = aiter(session)
    with pytest.raises(kind):
        await anext(messages)

    assert [Say("good")] == [message async for message in messages]


@pytest.mark.parametrize(("event", "kind"), BAD_JSON)
async def test_json_of_a_type_is_as_strict(
    event: Event, kind: type[DecodeError]
) -> None:
    """On the untyped connection, too."""
    connection = await connected(server(event, event, GOOD, disconnect()))
    with pytest.raises(DecodeError) as caught:
        await connection.receive_json(type=Say | Move)
    messages = connection.iter_json(type=Say | Move)
    with pytest.raises(kind):
        await anext(messages)

    assert kind is type(caught.value)
    assert [Say("good")] == [message async for message in messages]


async def test_text_where_binary_is_spoken_is_an_error() -> None:
    """The reverse is among the messages above."""
    good = binary(b'{"kind": "say", "text": "good"}')
    session = (await connected(server(GOOD, good))).typed(BINARY_CODEC)
    with pytest.raises(DecodeError):
        await session.receive()

    assert Say("good") == await session.receive()


@pytest.mark.parametrize(
    "number", ["9" * 5000, "-" + "9" * 100_000, "1e999", "1" * 4300 + ".5"]
)
async def test_a_huge_number_does_no_harm(number: str) -> None:
    """Where an int or a float is due; it is read, or refused, and that is all."""
    events = (
        text(f'{{"kind": "say", "text": "a", "times": {number}}}'),
        text(f'{{"kind": "move", "to": [{number}]}}'),
    )
    session = await session_with(*events, GOOD)
    refused = 0
    for _ in events:
        try:
            await session.receive()
        except DecodeError:
            refused += 1

    assert refused > 0
    assert Say("good") == await session.receive()


async def test_a_repeated_name_does_no_harm() -> None:
    """The last value counts, as in most readers."""
    session = await session_with(text('{"kind": "say", "text": "a", "text": "b"}'))

    assert Say("b") == await session.receive()


async def test_a_bad_message_is_not_kept() -> None:
    """Once its error is gone."""
    session = await session_with(text("garbage! " * 1_100_000), GOOD)
    with pytest.raises(DecodeError) as caught:
        await session.receive()
    error = weakref.ref(caught.value)
    del caught
    gc.collect()

    assert error() is None


# --- Uncaught ------------------------------------------------------------------------


async def speak(websocket: UnacceptedWebSocket) -> Ended:
    """Say again what comes, and leave all errors to the wrapper."""
    session = (await websocket.accept()).typed(CODEC)
    async for message in session:
        await session.send(message)
    return await session.close()


async def speak_with_replies(websocket: UnacceptedWebSocket) -> Ended:
    """Tell the peer of two bad messages."""

    def problem(error: DecodeError) -> Problem:
        return Problem(error.path)

    connection = await websocket.accept()
    session = connection.typed(CODEC).with_reply(ErrorReply(problem, at_most=2))
    async for message in session:
        await session.send(message)
    return await session.close()


async def serve(handler: Handler, scripted: ScriptedServer) -> None:
    """Let an application serve a connection."""
    await websocket_app(handler)(scope(), scripted.receive, scripted.send)


def closed_with(scripted: ScriptedServer) -> tuple[object, object]:
    """Return code and reason of the close, which is the last event."""
    event = scripted.sent[-1]
    assert "websocket.close" == event["type"]
    return event["code"], event["reason"]


@bad
async def test_an_uncaught_bad_message_ends_the_connection_by_the_policy(
    event: Event, kind: type[DecodeError], caplog: pytest.LogCaptureFixture
) -> None:
    """One line in the log, without a traceback, and nothing of the message anywhere."""
    caplog.set_level(logging.INFO)
    scripted = server(GOOD, event, GOOD)
    await serve(speak, scripted)

    expected = UNDECODED if kind is DecodeError else UNSPOKEN
    assert expected == closed_with(scripted)
    assert ["websocket.accept", "websocket.send", "websocket.close"] == (
        scripted.sent_types()
    )
    assert [f"{UNACCEPTED}: ended by {kind.__name__}"] == [
        record.getMessage() for record in caplog.records if record.name == "typedws"
    ]
    assert not any(record.exc_info for record in caplog.records)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("expected", [UNDECODED, UNSPOKEN], ids=["1007", "1008"])
def test_the_reason_of_the_close_fits(expected: tuple[int, str]) -> None:
    """Into a close frame (RFC 6455, section 5.5), with room to spare."""
    assert len(expected[1].encode()) <= 123


@pytest.mark.parametrize(
    ("event", "code"), [(text("{"), 3007), (text("{}"), 3008)], ids=["3007", "3008"]
)
async def test_a_server_that_refuses_the_code_is_given_one_that_it_takes(
    event: Event, code: int
) -> None:
    """As daphne is, which takes 1000 and 3000 to 4999 only."""
    scripted = server(event)

    def refuse(event: Event) -> None:
        if event.get("code") in {1007, 1008}:
            raise ValueError("invalid close code")

    scripted.on_send = refuse
    await serve(speak, scripted)

    assert code == closed_with(scripted)[0]


async def test_bad_messages_beyond_the_answers_end_the_connection() -> None:
    """Each that is answered is told of, and the next one is one too many."""
    scripted = server(text("{}"), GOOD, text("null"), text("{"), GOOD)
    await serve(speak_with_replies, scripted)
    sent = [json.loads(str(event["text"])) for event in scripted.sent[1:-1]]

    assert [
        {"kind": "problem", "what": "$"},
        {"kind": "say", "text": "good", "times": 1},
        {"kind": "problem", "what": "$"},
    ] == sent
    assert UNDECODED == closed_with(scripted)


async def test_an_answer_to_a_peer_that_has_gone_is_a_quiet_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing is logged, and nothing is raised."""
    caplog.set_level(logging.INFO, "typedws")
    scripted = server(text("{}"), disconnect(1001))
    scripted.on_send = refusing_messages(OSError())
    await serve(speak_with_replies, scripted)

    assert ["websocket.accept"] == scripted.sent_types()
    assert [] == caplog.records
