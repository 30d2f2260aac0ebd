"""
The events of an application, read and held to the specification.

Pure: an event comes in as whatever the application has handed to `send()`, and goes out
as a value with types, or as the `Breach` of a rule. Whether it comes at the right time
is for `typedws.testing.server` to say.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias, TypeGuard, final

from attrs import field, frozen
from typing_extensions import TypeIs

from typedws.close import checked_close
from typedws.exceptions import LocalProtocolError
from typedws.fields import RawFields, is_token
from typedws.messages import BytesMessage, Message, TextMessage
from typedws.testing.profile import Profile
from typedws.testing.rules import (
    ACCEPT_HEADERS,
    CLOSE,
    EVENT,
    FIELD_NAME,
    FIELD_VALUE,
    PAYLOAD,
    RESPONSE_HEADERS,
    SUBPROTOCOL,
    UTF_8,
    VALID_EVENT,
    Breach,
    Rule,
)

__all__ = [
    "Accept",
    "AppEvent",
    "Close",
    "ResponseBody",
    "ResponseStart",
    "Send",
    "UnknownEvent",
    "plain_message",
    "read_event",
]

_STATUSES: Final = range(200, 600)
_PAIR: Final = 2
_FORBIDDEN: Final = frozenset(b"\r\n\0")


@final
@frozen(order=False)
class Accept:
    """`websocket.accept`."""

    subprotocol: str | None
    headers: RawFields = field(kw_only=True)


@final
@frozen(order=False)
class Send:
    """`websocket.send`."""

    message: Message


@final
@frozen(order=False)
class Close:
    """
    `websocket.close`.

    Attributes:
        problem: Why the code and the reason may not be sent on a WebSocket. Where
            there is none yet, nobody sends them.
    """

    code: int
    reason: str = field(kw_only=True)
    problem: Breach | None = field(kw_only=True)


@final
@frozen(order=False)
class ResponseStart:
    """`websocket.http.response.start`."""

    status: int
    headers: RawFields = field(kw_only=True)


@final
@frozen(order=False)
class ResponseBody:
    """`websocket.http.response.body`."""

    body: bytes
    more_body: bool = field(kw_only=True)


@final
@frozen(order=False)
class UnknownEvent:
    """An event of a type that a WebSocket server does not know."""

    kind: str

    @property
    def breach(self) -> Breach:
        """What is wrong with it."""
        hint = ""
        if f"websocket.{self.kind}" in _READERS:
            hint = f"; in a websocket scope it is websocket.{self.kind}"
        return Breach(
            f"send() was handed an event of the unknown type {self.kind!a}{hint}",
            rule=VALID_EVENT,
        )


AppEvent: TypeAlias = (
    Accept | Send | Close | ResponseStart | ResponseBody | UnknownEvent
)
"""What an application may hand to `send()`."""

Event: TypeAlias = Mapping[str, object]
_Reader: TypeAlias = Callable[[Event, Profile], AppEvent | Breach | None]


def plain_message(event: Event) -> Message | None:
    """Read the message of an event that is just that and nothing unusual."""
    # Once for every message: what is unusual is left to `read_event`.
    kind = type(event)
    if kind is dict and event.get("type") == "websocket.send":
        text, data = event.get("text"), event.get("bytes")
        if type(text) is str and data is None and text.isascii():
            return TextMessage(text)
        if type(data) is bytes and text is None:
            return BytesMessage(data)
    return None


def read_event(event: object, profile: Profile) -> AppEvent | Breach | None:
    """Read an event, or say what is wrong with it; `None`: nothing comes of it."""
    if not _is_dict(event):
        return Breach(
            f"send() was handed {_named(event)}, and an event is a dict", rule=EVENT
        )
    kind = event.get("type")
    if not isinstance(kind, str):
        return Breach(
            f"send() was handed an event whose type is {_named(kind)}", rule=EVENT
        )
    reader = _READERS.get(kind)
    return UnknownEvent(kind) if reader is None else reader(event, profile)


def _read_accept(event: Event, _profile: Profile) -> Accept | Breach:
    subprotocol = event.get("subprotocol")
    if subprotocol is not None and not isinstance(subprotocol, str):
        return Breach(
            f"websocket.accept: the subprotocol is {_named(subprotocol)}, not a str",
            rule=SUBPROTOCOL,
        )
    headers = _read_headers(event, ACCEPT_HEADERS)
    if isinstance(headers, Breach):
        return headers
    if any(name == b"sec-websocket-protocol" for name, _ in headers):
        return Breach(
            "websocket.accept: there is a header sec-websocket-protocol",
            rule=ACCEPT_HEADERS,
        )
    return Accept(subprotocol, headers=headers)


def _read_send(event: Event, profile: Profile) -> Send | Breach | None:
    text, data = event.get("text"), event.get("bytes")
    if text is None and data is None and profile.no_payload == "ignored":
        return None
    if text is not None and data is not None and profile.both_payloads == "bytes":
        text = None
    if (text is None) is (data is None):
        count = "neither" if text is None else "both"
        return Breach(
            f"websocket.send: there is {count} of text and bytes", rule=PAYLOAD
        )
    if text is None:
        return _read_bytes(data, profile)
    return _read_text(text, profile)


def _read_text(text: object, profile: Profile) -> Send | Breach:
    if not isinstance(text, str):
        return _wrong("websocket.send", "text", text, "a str")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        if profile.lone_surrogate == "ignored":
            return Send(TextMessage(""))
        return Breach(
            "websocket.send: the text has a lone surrogate at position "
            f"{error.start}, hence no UTF-8",
            rule=UTF_8,
        )
    return Send(TextMessage(str.__str__(text)))


def _read_bytes(data: object, profile: Profile) -> Send | Breach:
    if isinstance(data, bytes):
        return Send(BytesMessage(data))
    if _is_buffer(data) and profile.takes_buffers:
        return Send(BytesMessage(bytes(data)))
    return _wrong("websocket.send", "bytes", data, "bytes")


def _read_close(event: Event, _profile: Profile) -> Close | Breach:
    code, reason = event.get("code", 1000), event.get("reason")
    if not isinstance(code, int) or isinstance(code, bool):
        return _wrong("websocket.close", "code", code, "an int")
    if reason is not None and not isinstance(reason, str):
        return _wrong("websocket.close", "reason", reason, "a str")
    problem = None
    try:
        checked_close(code, reason)
    except LocalProtocolError as error:
        problem = Breach(f"websocket.close: {error}", rule=CLOSE)
    return Close(int(code), reason=reason or "", problem=problem)


def _read_response_start(event: Event, _profile: Profile) -> ResponseStart | Breach:
    kind = "websocket.http.response.start"
    status = event.get("status")
    if not isinstance(status, int) or isinstance(status, bool):
        return _wrong(kind, "status", status, "an int")
    if status not in _STATUSES:
        return Breach(
            f"{kind}: the status {int(status)} is none of a final response",
            rule=Rule(
                "HTTP status code; 1xx are interim responses", section="RFC 9110, 15"
            ),
        )
    headers = _read_headers(event, RESPONSE_HEADERS)
    if isinstance(headers, Breach):
        return headers
    return ResponseStart(int(status), headers=headers)


def _read_response_body(event: Event, _profile: Profile) -> ResponseBody | Breach:
    kind = "websocket.http.response.body"
    body, more_body = event.get("body", b""), event.get("more_body", False)
    if not isinstance(body, bytes):
        return _wrong(kind, "body", body, "bytes")
    if not isinstance(more_body, bool):
        return _wrong(kind, "more_body", more_body, "a bool")
    return ResponseBody(body, more_body=more_body)


_READERS: Final[Mapping[str, _Reader]] = {
    "websocket.accept": _read_accept,
    "websocket.send": _read_send,
    "websocket.close": _read_close,
    "websocket.http.response.start": _read_response_start,
    "websocket.http.response.body": _read_response_body,
}


def _read_headers(event: Event, rule: Rule) -> RawFields | Breach:
    kind = event["type"]
    pairs = event.get("headers", ())
    if not _is_iterable(pairs):
        return Breach(
            f"{kind}: the headers are {_named(pairs)}, not pairs of bytes", rule=rule
        )
    fields: list[tuple[bytes, bytes]] = []
    for pair in pairs:
        name_and_value = _read_pair(pair)
        if name_and_value is None:
            return Breach(
                f"{kind}: among the headers is {pair!a}, which is no pair of bytes",
                rule=rule,
            )
        breach = _breach_in_field(str(kind), *name_and_value, rule)
        if breach is not None:
            return breach
        fields.append(name_and_value)
    return tuple(fields)


def _read_pair(pair: object) -> tuple[bytes, bytes] | None:
    if not _is_iterable(pair):
        return None
    items = tuple(pair)
    if len(items) != _PAIR:
        return None
    name, value = items
    if isinstance(name, bytes) and isinstance(value, bytes):
        return name, value
    return None


def _breach_in_field(kind: str, name: bytes, value: bytes, rule: Rule) -> Breach | None:
    if not is_token(name.decode("latin-1")):
        return Breach(f"{kind}: {name!r} is no name of a header", rule=FIELD_NAME)
    if name != name.lower():
        return Breach(f"{kind}: the header {name!r} is not in lower case", rule=rule)
    if _FORBIDDEN.intersection(value):
        return Breach(
            f"{kind}: the header {name!r} has the illegal value {value!r}",
            rule=FIELD_VALUE,
        )
    return None


def _wrong(kind: str, key: str, value: object, expected: str) -> Breach:
    return Breach(
        f"{kind}: {key!r} is {_named(value)}, not {expected}", rule=VALID_EVENT
    )


def _named(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


def _is_buffer(data: object) -> TypeGuard[bytearray | memoryview]:
    return isinstance(data, (bytearray, memoryview))


def _is_dict(event: object) -> TypeIs[dict[str, object]]:
    return isinstance(event, dict)


def _is_iterable(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(
        value, (str, bytes, bytearray, Mapping)
    )
