"""
HTTP fields: what may stand in the headers of an accept or a denial.

Servers differ in what they refuse, and some write what they are given: a name with a
line break in it becomes a header of the attacker's choice. So the check is here,
before any server sees the field.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias, TypeGuard, runtime_checkable

from typing_extensions import TypeIs

from typedws.exceptions import LocalProtocolError

__all__ = ["HeadersInput", "checked_fields", "is_pairs", "is_token", "raw_fields"]


@runtime_checkable
class HasRawFields(Protocol):
    """A multi-dict of headers: as a mapping it would lose its repeated names."""

    @property
    def raw(self) -> Iterable[tuple[bytes, bytes]]:
        """Each field as it is on the wire."""
        ...


HeadersInput: TypeAlias = (
    HasRawFields
    | Mapping[str, str]
    | Iterable[tuple[str, str]]
    | Iterable[tuple[bytes, bytes]]
    | Iterable[tuple[str, str] | tuple[bytes, bytes]]
)
"""Headers as a caller may give them: a mapping, or pairs of str or of bytes."""

RawFields: TypeAlias = tuple[tuple[bytes, bytes], ...]

# RFC 9110, section 5.6.2: the characters of a token.
_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
# RFC 9110, section 5.5: visible characters, obs-text, and blanks inside.
_VALUE = re.compile(
    rb"(?:[\x21-\x7e\x80-\xff](?:[\t \x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?"
)
# RFC 9110, section 7.6.1: they speak of the connection, which is the server's.
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_HANDSHAKE_PREFIX = b"sec-websocket-"


def is_token(text: str) -> bool:
    """Tell whether a text is a token of RFC 9110, as a subprotocol must be."""
    return text.isascii() and _TOKEN.fullmatch(text.encode()) is not None


def raw_fields(headers: HeadersInput) -> RawFields:
    """
    Turn headers into pairs of bytes with lower-case names.

    Raises:
        TypeError: They are no pairs, or a name or a value is neither str nor bytes.
        LocalProtocolError: A text has characters that are not in latin-1.
    """
    return tuple(_raw_field(pair) for pair in _pairs(headers))


def checked_fields(
    headers: HeadersInput, *, what: str, forbidden: Collection[bytes] = ()
) -> RawFields:
    """
    Turn headers into pairs of bytes that are safe to hand to any server.

    Args:
        headers: What the caller gave.
        what: What the headers are for, as the error shall name it.
        forbidden: Further names that do not belong there, in lower case.

    Raises:
        LocalProtocolError: A name or a value that HTTP forbids, or a name that
            belongs to the server.
        TypeError: They are no pairs, or a name or a value is neither str nor bytes.
    """
    fields = raw_fields(headers)
    for name, value in fields:
        problem = _problem_with(name, value, forbidden)
        if problem is not None:
            message = f"{what}: the header {name!r} {problem}"
            raise LocalProtocolError(message)
    return fields


def _problem_with(
    name: bytes, value: bytes, forbidden: Collection[bytes]
) -> str | None:
    if _TOKEN.fullmatch(name) is None:
        return "has a name that HTTP forbids (RFC 9110, section 5.1)"
    if _VALUE.fullmatch(value) is None:
        return "has a value that HTTP forbids (RFC 9110, section 5.5)"
    if name.startswith(_HANDSHAKE_PREFIX):
        return "belongs to the handshake, which the server writes"
    if name in HOP_BY_HOP:
        return "is about the connection, which the server rules (RFC 9110, 7.6.1)"
    if name in forbidden:
        return "does not belong here"
    return None


def is_pairs(headers: object) -> TypeGuard[Iterable[tuple[bytes, bytes]]]:
    """Tell whether a value may be headers; `raw_fields` checks what is in it."""
    return isinstance(headers, Iterable) and not isinstance(headers, (str, bytes))


def _pairs(headers: HeadersInput) -> Iterable[object]:
    # Most headers are these, and to ask for a protocol takes ten times as long.
    if isinstance(headers, (list, tuple)):
        return headers
    if isinstance(headers, HasRawFields):
        return headers.raw
    if _is_mapping(headers):
        return headers.items()
    return headers


def _is_mapping(headers: object) -> TypeIs[Mapping[str, str]]:
    return isinstance(headers, Mapping)


def _raw_field(pair: object) -> tuple[bytes, bytes]:
    # A str of two letters would unpack as well.
    if not _is_sequence(pair) or len(pair) != 2:  # noqa: PLR2004 - a name and a value
        message = f"headers are pairs of a name and a value, not {type(pair).__name__}"
        raise TypeError(message)
    name, value = pair
    return _raw(name).lower(), _raw(value)


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, (tuple, list))


def _raw(text: object) -> bytes:
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str):
        message = f"headers are str or bytes, not {type(text).__name__}"
        raise TypeError(message)
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        message = f"the header text {text!a} has characters outside latin-1; encode it"
        raise LocalProtocolError(message) from None
