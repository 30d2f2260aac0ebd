"""Tests of `typedws.messages`: from raw events to values and back."""

import copy
import pickle
from collections.abc import Mapping
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from typedws import BytesMessage, LocalProtocolError, Message, TextMessage
from typedws.messages import (
    bytes_of,
    checked_bytes,
    checked_text,
    disconnect_of,
    event_of,
    json_event,
    json_reader,
    message_of,
    problem_with,
    text_of,
)

quick = settings(max_examples=100, deadline=None)

RECEIVE: Final = "websocket.receive"


class Colour(StrEnum):
    """A text with a name."""

    RED = "red"


class OldColour(str, Enum):  # noqa: UP042 - StrEnum has another __str__
    """A text with a name, as it was written before Python had StrEnum."""

    RED = "red"


# --- What comes in -------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"type": RECEIVE, "text": "hi"}, id="one-key"),
        pytest.param({"type": RECEIVE, "text": "hi", "bytes": None}, id="both-keys"),
        pytest.param({"type": RECEIVE, "text": "hi", "opcode": 1}, id="further-key"),
        pytest.param(
            MappingProxyType({"type": RECEIVE, "text": "hi"}), id="read-only-mapping"
        ),
    ],
)
def test_a_text_message_is_read(event: Mapping[str, object]) -> None:
    """In each shape in which servers give it."""
    assert "hi" == text_of(event)
    assert TextMessage("hi") == message_of(event)
    assert bytes_of(event) is None
    assert disconnect_of(event) is None


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"type": RECEIVE, "bytes": b"hi"}, id="one-key"),
        pytest.param({"type": RECEIVE, "bytes": b"hi", "text": None}, id="both-keys"),
    ],
)
def test_a_binary_message_is_read(event: Mapping[str, object]) -> None:
    """In each shape in which servers give it."""
    assert b"hi" == bytes_of(event)
    assert BytesMessage(b"hi") == message_of(event)
    assert text_of(event) is None
    assert disconnect_of(event) is None


def test_empty_messages_are_messages() -> None:
    """What is empty is not taken for what is missing."""
    empty_text = {"type": RECEIVE, "text": ""}
    empty_bytes = {"type": RECEIVE, "bytes": b"", "text": None}

    assert "" == text_of(empty_text)
    assert TextMessage("") == message_of(empty_text)
    assert b"" == bytes_of(empty_bytes)
    assert BytesMessage(b"") == message_of(empty_bytes)


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        pytest.param({}, "unexpected event", id="empty"),
        pytest.param({"text": "hi"}, "unexpected event", id="no-type"),
        pytest.param(
            {"type": None, "text": "hi"}, "unexpected event", id="type-of-None"
        ),
        pytest.param(
            {"type": ["x"], "text": "hi"}, "unexpected event", id="list-as-type"
        ),
        pytest.param(
            {"type": b"websocket.receive", "text": "hi"},
            "unexpected event",
            id="type-in-bytes",
        ),
        pytest.param(
            {"type": "websocket.connect"}, "unexpected event", id="second-connect"
        ),
        pytest.param(
            {"type": "http.request", "body": b""}, "unexpected event", id="http-request"
        ),
        pytest.param(
            {"type": RECEIVE}, "a message with neither text nor bytes", id="no-payload"
        ),
        pytest.param(
            {"type": RECEIVE, "text": None, "bytes": None},
            "a message with neither text nor bytes",
            id="both-None",
        ),
        pytest.param(
            {"type": RECEIVE, "text": "a", "bytes": b"a"},
            "a message with both text and bytes",
            id="both",
        ),
        pytest.param(
            {"type": RECEIVE, "text": "", "bytes": b""},
            "a message with both text and bytes",
            id="both-and-both-empty",
        ),
        pytest.param(
            {"type": RECEIVE, "text": b"hi"},
            "a message whose payload has the wrong type",
            id="bytes-as-text",
        ),
        pytest.param(
            {"type": RECEIVE, "bytes": "hi"},
            "a message whose payload has the wrong type",
            id="text-as-bytes",
        ),
        pytest.param(
            {"type": RECEIVE, "bytes": [104, 105]},
            "a message whose payload has the wrong type",
            id="list-as-bytes",
        ),
        pytest.param(
            {"type": RECEIVE, "text": 0},
            "a message whose payload has the wrong type",
            id="zero-as-text",
        ),
    ],
)
def test_an_event_that_is_none_of_ours_has_a_problem(
    event: Mapping[str, object], problem: str
) -> None:
    """No reader takes it, and the problem goes into the error."""
    assert (None, None, None, None) == (
        text_of(event),
        bytes_of(event),
        message_of(event),
        disconnect_of(event),
    )
    assert problem == problem_with(event)


@pytest.mark.parametrize(
    ("keys", "code", "reason"),
    [
        pytest.param({"code": 1001, "reason": "bye"}, 1001, "bye", id="both"),
        pytest.param({"code": 4321}, 4321, "", id="no-reason"),
        pytest.param({"code": 1000, "reason": None}, 1000, "", id="reason-of-None"),
        pytest.param({"code": 1000, "reason": b"bye"}, 1000, "", id="reason-in-bytes"),
        pytest.param({}, 1005, "", id="neither"),
        pytest.param({"code": None}, 1005, "", id="code-of-None"),
        pytest.param({"code": "1000"}, 1005, "", id="code-as-text"),
        pytest.param({"code": 1000.0}, 1005, "", id="code-as-float"),
        pytest.param({"code": 0}, 0, "", id="code-of-zero"),
    ],
)
def test_a_disconnect_is_read(
    keys: Mapping[str, object], code: int, reason: str
) -> None:
    """Whatever a server leaves out: a connection that is over is over."""
    event = {"type": "websocket.disconnect", **keys}

    assert (code, reason) == disconnect_of(event)
    assert (None, None, None) == (text_of(event), bytes_of(event), message_of(event))


@quick
@given(
    st.dictionaries(
        st.sampled_from(["type", "text", "bytes", "code", "reason"]),
        st.none()
        | st.sampled_from([RECEIVE, "websocket.disconnect", "websocket.connect"])
        | st.text()
        | st.binary()
        | st.integers()
        | st.booleans(),
    )
)
def test_any_event_is_one_thing_only(event: dict[str, object]) -> None:
    """A message of one kind, or a disconnect, or a problem; never an exception."""
    text, data, end = text_of(event), bytes_of(event), disconnect_of(event)
    message: Message | None = None
    if text is not None:
        message = TextMessage(text)
    elif data is not None:
        message = BytesMessage(data)

    assert 1 >= sum(found is not None for found in (text, data, end))
    assert message == message_of(event)
    assert problem_with(event)


# --- Messages are values -------------------------------------------------------------


@pytest.mark.parametrize("message", [TextMessage("a"), BytesMessage(b"a")], ids=repr)
def test_a_message_is_a_value(message: Message) -> None:
    """It can be hashed, sent elsewhere, and not changed."""
    pickled: object = pickle.loads(pickle.dumps(message))  # noqa: S301 - our own bytes

    assert message == pickled == copy.deepcopy(message)
    assert hash(message) == hash(pickled)
    with pytest.raises(AttributeError):
        setattr(message, "data", None)  # noqa: B010 - the checkers refuse the statement
    with pytest.raises(AttributeError):
        setattr(message, "other", None)  # noqa: B010 - the checkers refuse the statement


def test_a_message_that_was_received_is_as_good_as_one_that_was_made() -> None:
    """Although it is made by another way."""
    text = message_of({"type": RECEIVE, "text": "a"})
    data = message_of({"type": RECEIVE, "bytes": b"a"})

    assert [TextMessage("a"), BytesMessage(b"a")] == [text, data]
    assert {TextMessage("a"), BytesMessage(b"a")} == {text, data}
    assert ["TextMessage(data='a')", "BytesMessage(data=b'a')"] == [
        repr(text),
        repr(data),
    ]


def test_messages_of_different_kinds_are_different() -> None:
    """Even if they are empty."""
    values: list[object] = [TextMessage(""), BytesMessage(b""), TextMessage("a"), "a"]

    for value in values:
        assert 1 == values.count(value)


@pytest.mark.parametrize(
    ("message", "told"),
    [(TextMessage("a"), "text a"), (BytesMessage(b"b"), "data b'b'")],
    ids=repr,
)
def test_messages_can_be_matched(message: Message, told: str) -> None:
    """By position and by keyword."""
    assert told == kind_and_data(message)


def kind_and_data(message: Message) -> str:
    """Take a message apart."""
    match message:
        case TextMessage(text):
            return f"text {text}"
        case BytesMessage(data=data):
            return f"data {data!r}"


# --- What goes out -------------------------------------------------------------------


def test_a_message_becomes_an_event_with_one_payload() -> None:
    """A server that is given both keys may send the wrong one."""
    assert {"type": "websocket.send", "text": "é"} == event_of(TextMessage("é"))
    assert {"type": "websocket.send", "bytes": b"a"} == event_of(BytesMessage(b"a"))


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        pytest.param(
            "hi",
            "send() takes a TextMessage or a BytesMessage, not str; "
            "wrap it in a TextMessage",
            id="text",
        ),
        pytest.param(
            b"hi",
            "send() takes a TextMessage or a BytesMessage, not bytes; "
            "wrap it in a BytesMessage",
            id="bytes",
        ),
        pytest.param(
            bytearray(b"hi"),
            "send() takes a TextMessage or a BytesMessage, not bytearray; "
            "wrap it in a BytesMessage",
            id="bytearray",
        ),
        pytest.param(
            {"type": "websocket.send", "text": "hi"},
            "send() takes a TextMessage or a BytesMessage, not dict",
            id="raw-event",
        ),
        pytest.param(
            None,
            "send() takes a TextMessage or a BytesMessage, not NoneType",
            id="None",
        ),
        pytest.param(
            TextMessage,
            "send() takes a TextMessage or a BytesMessage, not type",
            id="class",
        ),
    ],
)
def test_what_is_no_message_is_a_type_error(message: object, sentence: str) -> None:
    """It names the type, and the cure where there is one."""
    with pytest.raises(TypeError) as caught:
        event_of(message)

    assert sentence == str(caught.value)


def test_a_message_with_a_payload_of_the_other_kind_is_a_type_error() -> None:
    """A message does not check what it holds; sending it does."""
    with pytest.raises(TypeError) as of_text:
        event_of(TextMessage(b"a"))  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
    with pytest.raises(TypeError) as of_bytes:
        event_of(BytesMessage("a"))  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert ("send(TextMessage) takes a str, not bytes; use send_bytes()") == str(
        of_text.value
    )
    assert ("send(BytesMessage) takes bytes, not str; use send_text()") == str(
        of_bytes.value
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b"a", "f() takes a str, not bytes; use send_bytes()", id="bytes"),
        pytest.param(
            memoryview(b"a"),
            "f() takes a str, not memoryview; use send_bytes()",
            id="memoryview",
        ),
        pytest.param(None, "f() takes a str, not NoneType", id="None"),
        pytest.param(5, "f() takes a str, not int", id="int"),
        pytest.param(["a"], "f() takes a str, not list", id="list"),
        pytest.param(
            TextMessage("a"), "f() takes a str, not TextMessage", id="message"
        ),
    ],
)
def test_what_is_no_text_is_a_type_error(data: object, sentence: str) -> None:
    """It names both types."""
    with pytest.raises(TypeError) as caught:
        checked_text(data, "f()")

    assert sentence == str(caught.value)


@pytest.mark.parametrize(
    ("text", "position"),
    [("\ud800", 0), ("a\udfff", 1), ("\udc00\ud800", 0), ("😀\ud83d", 1)],
    ids=ascii,
)
def test_a_text_with_a_lone_surrogate_is_refused(text: str, position: int) -> None:
    """One server would send an empty message in its place."""
    with pytest.raises(LocalProtocolError) as caught:
        checked_text(text, "send_text()")

    assert (
        "send_text(): text is sent as UTF-8 (RFC 6455, section 5.6), and this one "
        f"has a lone surrogate at position {position}"
    ) == str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        Colour.RED,
        OldColour.RED,
    ],
    ids=repr,
)
def test_a_member_of_an_enum_becomes_plain_text(text: str) -> None:
    """Its value is sent, and not its name."""
    checked = checked_text(text, "f()")

    assert "red" == checked
    assert str is type(checked)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"ab", id="bytes"),
        pytest.param(bytearray(b"ab"), id="bytearray"),
        pytest.param(memoryview(b"ab"), id="memoryview"),
        pytest.param(memoryview(b"axb")[::2], id="memoryview-with-steps"),
    ],
)
def test_what_is_like_bytes_becomes_bytes(data: object) -> None:
    """Some servers take nothing else."""
    checked = checked_bytes(data, "f()")

    assert b"ab" == checked
    assert bytes is type(checked)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param("a", "f() takes bytes, not str; use send_text()", id="text"),
        pytest.param(None, "f() takes bytes, not NoneType", id="None"),
        pytest.param(3, "f() takes bytes, not int", id="int"),
        pytest.param([97], "f() takes bytes, not list", id="list-of-ints"),
    ],
)
def test_what_is_not_like_bytes_is_a_type_error(data: object, sentence: str) -> None:
    """An int, above all: bytes(3) would be three zeros."""
    with pytest.raises(TypeError) as caught:
        checked_bytes(data, "f()")

    assert sentence == str(caught.value)


@quick
@given(st.text())
def test_any_text_is_sent_whole_or_refused(text: str) -> None:
    """What is sent has a form in UTF-8."""
    try:
        event = event_of(TextMessage(text))
    except LocalProtocolError:
        assert any("\ud800" <= letter <= "\udfff" for letter in text)
    else:
        assert {"type": "websocket.send", "text": text} == event
        assert text == text.encode().decode()


# --- JSON ----------------------------------------------------------------------------


def test_json_travels_in_text_or_in_binary_messages() -> None:
    """As the mode says."""
    text = '{"é":1}'.encode()

    assert {"type": "websocket.send", "text": '{"é":1}'} == json_event(text, "text")
    assert {"type": "websocket.send", "bytes": text} == json_event(text, "binary")
    assert text_of is json_reader("text")
    assert bytes_of is json_reader("binary")


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        ("bytes", "'bytes'"),
        ("", "''"),
        ("TEXT", "'TEXT'"),
        (None, "None"),
        ("é", r"'\xe9'"),
    ],
    ids=ascii,
)
def test_an_unknown_mode_is_a_value_error(mode: str, shown: str) -> None:
    """Before anything is received or sent."""
    sentence = f"the mode of a JSON message is 'text' or 'binary', not {shown}"
    with pytest.raises(ValueError, match="mode") as sending:
        json_event(b"1", mode)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
    with pytest.raises(ValueError, match="mode") as receiving:
        json_reader(mode)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert sentence == str(sending.value)
    assert sentence == str(receiving.value)
