"""
Messages: from a raw event to a frozen one and back, without an event loop.

Reading is tolerant where servers differ (one payload key, or both with one `None`) and
strict where they may not. A reader gives `None` for whatever is not what it reads; what
that is instead, the caller asks `problem_with` or `disconnect_of`, off the hot path.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal, TypeAlias, TypeGuard, final

from attrs import frozen

from typedws.asgi import (
    WebSocketDisconnectEvent,
    WebSocketSendBytesEvent,
    WebSocketSendTextEvent,
)
from typedws.close import CloseCode
from typedws.exceptions import LocalProtocolError
from typedws.slots import new, setter

__all__ = ["BytesMessage", "JSONMode", "Message", "TextMessage"]

Event: TypeAlias = Mapping[str, object]

JSONMode: TypeAlias = Literal["text", "binary"]
"""Whether JSON travels in text or in binary messages."""


@final
@frozen(order=False)
class TextMessage:
    """
    A text message.

    Attributes:
        data: The text.
    """

    data: str


@final
@frozen(order=False)
class BytesMessage:
    """
    A binary message.

    Attributes:
        data: The bytes.
    """

    data: bytes


Message: TypeAlias = TextMessage | BytesMessage
"""A message of either kind."""


# Once for every message that is received, so it counts.
_set_text: Final = setter(TextMessage, "data")
_set_bytes: Final = setter(BytesMessage, "data")


# A reader asks first for the shape in which servers give their events: a dict with one
# payload. What a server that gives both keys, or a middleware, makes of it comes next.
# One that forgets to return the event gives None. To try costs nothing, and to ask
# would cost something for each message.
_NO_EVENT: Final = (AttributeError, TypeError)


def text_of(event: Event) -> str | None:
    """Read the payload of a text message; `None` if the event is not one."""
    try:
        if "text" in event and event.get("type") == "websocket.receive":
            text = event["text"]
            if isinstance(text, str) and event.get("bytes") is None:
                return text
    except _NO_EVENT:
        pass
    return None


def bytes_of(event: Event) -> bytes | None:
    """Read the payload of a binary message; `None` if the event is not one."""
    try:
        if "bytes" in event and event.get("type") == "websocket.receive":
            data = event["bytes"]
            if isinstance(data, bytes) and event.get("text") is None:
                return data
    except _NO_EVENT:
        pass
    return None


def message_of(event: Event) -> Message | None:
    """Read a message of either kind; `None` if the event is not one."""
    try:
        if event.get("type") == "websocket.receive":
            text = event.get("text")
            if text is None:
                data = event.get("bytes")
                if isinstance(data, bytes):
                    bytes_message = new(BytesMessage)
                    _set_bytes(bytes_message, data)
                    return bytes_message
            elif isinstance(text, str) and event.get("bytes") is None:
                text_message = new(TextMessage)
                _set_text(text_message, text)
                return text_message
    except _NO_EVENT:
        pass
    return None


def payload_of(event: Event) -> str | bytes | None:
    """Read the payload of a message of either kind; `None` if the event is not one."""
    try:
        if event.get("type") == "websocket.receive":
            text = event.get("text")
            if text is None:
                data = event.get("bytes")
                if isinstance(data, bytes):
                    return data
            elif isinstance(text, str) and event.get("bytes") is None:
                return text
    except _NO_EVENT:
        pass
    return None


def kind_of(event: Event) -> object:
    """Read the type of an event; `None` if it is none at all."""
    try:
        return event.get("type")
    except _NO_EVENT:
        return None


def disconnect_of(event: Event) -> tuple[int, str] | None:
    """
    Read code and reason of a disconnect; `None` if the event is not one.

    Without a code it is 1005: RFC 6455, section 7.1.5, and ASGI's default.
    """
    if kind_of(event) != "websocket.disconnect":
        return None
    code, reason = event.get("code"), event.get("reason")
    return (
        int(code) if isinstance(code, int) else int(CloseCode.NO_STATUS_RECEIVED),
        reason if isinstance(reason, str) else "",
    )


def disconnect_event(code: int, reason: str = "") -> WebSocketDisconnectEvent:
    """Make the event by which a server would say that the connection is over."""
    return {"type": "websocket.disconnect", "code": code, "reason": reason}


def event_of(
    message: object,
) -> WebSocketSendTextEvent | WebSocketSendBytesEvent:
    """
    Make the event that sends a message.

    Raises:
        TypeError: It is no message, or its payload is none.
        LocalProtocolError: The text has a lone surrogate, hence no UTF-8.
    """
    if isinstance(message, TextMessage):
        text = message.data
        if type(text) is not str or not text.isascii():
            text = checked_text(text, "send(TextMessage)")
        return {"type": "websocket.send", "text": text}
    if isinstance(message, BytesMessage):
        data = message.data
        if type(data) is not bytes:
            data = checked_bytes(data, "send(BytesMessage)")
        return {"type": "websocket.send", "bytes": data}
    raise TypeError(_not_a_message(message))


def payload_event(
    payload: object,
) -> WebSocketSendTextEvent | WebSocketSendBytesEvent:
    """
    Make the event that sends what a codec has made: a str as text, bytes as binary.

    Raises:
        TypeError: It is neither.
        LocalProtocolError: The text has a lone surrogate, hence no UTF-8.
    """
    if type(payload) is str and payload.isascii():
        return {"type": "websocket.send", "text": payload}
    if isinstance(payload, str):
        return {"type": "websocket.send", "text": checked_text(payload, "send()")}
    if _is_bytes_like(payload):
        data = payload if type(payload) is bytes else bytes(payload)
        return {"type": "websocket.send", "bytes": data}
    kind = type(payload).__name__
    message = f"encode() of a codec returns a str or bytes, but it returned {kind}"
    raise TypeError(message)


def json_event(
    text: bytes, mode: JSONMode
) -> WebSocketSendTextEvent | WebSocketSendBytesEvent:
    """
    Make the event that sends a JSON text.

    Raises:
        ValueError: The mode is neither.
    """
    if mode == "text":
        return {"type": "websocket.send", "text": text.decode()}
    if mode == "binary":
        return {"type": "websocket.send", "bytes": text}
    raise ValueError(_not_a_mode(mode))


def json_reader(mode: JSONMode) -> Callable[[Event], str | bytes | None]:
    """
    Choose the reader for JSON messages.

    Raises:
        ValueError: The mode is neither.
    """
    if mode == "text":
        return text_of
    if mode == "binary":
        return bytes_of
    raise ValueError(_not_a_mode(mode))


def problem_with(event: Event) -> str:
    """Say what is wrong with an event that is neither message nor disconnect."""
    if kind_of(event) != "websocket.receive":
        return "unexpected event"
    text, data = event.get("text"), event.get("bytes")
    if text is not None and data is not None:
        return "a message with both text and bytes"
    if text is None and data is None:
        return "a message with neither text nor bytes"
    return "a message whose payload has the wrong type"


def is_event(event: object) -> bool:
    """Tell whether it is an event at all; a server breaks more than its type then."""
    return isinstance(event, Mapping)


def no_event(given: object) -> str:
    """Say what is wrong with what is no event at all."""
    return (
        f"receive() gave an object of type {type(given).__name__}, which is no event "
        "of ASGI; a middleware that wraps receive() has to return what it got"
    )


def checked_text(data: object, method: str) -> str:
    """
    Return a text that every server can send.

    Raises:
        TypeError: The data is not a str.
        LocalProtocolError: It has a lone surrogate, hence no UTF-8 (RFC 6455, 5.6).
    """
    if not isinstance(data, str):
        other = "; use send_bytes()" if _is_bytes_like(data) else ""
        message = f"{method} takes a str, not {type(data).__name__}{other}"
        raise TypeError(message)
    try:
        data.encode()
    except UnicodeEncodeError as error:
        message = (
            f"{method}: text is sent as UTF-8 (RFC 6455, section 5.6), and this one "
            f"has a lone surrogate at position {error.start}"
        )
        raise LocalProtocolError(message) from None
    # Of an enum's member that is a str, too, the text itself.
    return str.__str__(data)


def checked_bytes(data: object, method: str) -> bytes:
    """
    Return plain bytes, which every server can send.

    Raises:
        TypeError: The data is not bytes, bytearray or memoryview.
    """
    if _is_bytes_like(data):
        return bytes(data)
    other = "; use send_text()" if isinstance(data, str) else ""
    message = f"{method} takes bytes, not {type(data).__name__}{other}"
    raise TypeError(message)


def _not_a_message(message: object) -> str:
    hint = "; wrap it in a TextMessage" if isinstance(message, str) else ""
    hint = "; wrap it in a BytesMessage" if _is_bytes_like(message) else hint
    return (
        f"send() takes a TextMessage or a BytesMessage, not "
        f"{type(message).__name__}{hint}"
    )


def _not_a_mode(mode: object) -> str:
    return f"the mode of a JSON message is 'text' or 'binary', not {mode!a}"


def _is_bytes_like(data: object) -> TypeGuard[bytes | bytearray | memoryview]:
    return isinstance(data, (bytes, bytearray, memoryview))
