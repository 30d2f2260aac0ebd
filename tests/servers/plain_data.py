"""Plain data: what JSON can hold of events, scopes and errors."""

import hashlib
from collections.abc import Mapping
from enum import IntEnum
from typing import Final, TypeAlias, TypeGuard

Event: TypeAlias = Mapping[str, object]

LONGEST_SHOWN: Final = 64
"""A longer payload is shown by its length and a digest."""

CONNECTION_HEADERS: Final = frozenset(
    {b"connection", b"host", b"upgrade", b"sec-websocket-key", b"sec-websocket-version"}
)
"""Those that differ from one connection to the next, or are the same for all."""

_OF_VARYING_VALUE: Final = frozenset({"client", "server", "headers"})


def raised(error: Exception) -> str:
    """
    Tell that something was raised.

    ASGI asks for an OSError where the client has gone. For all else the classes are
    each server's own: an AssertionError here is a KeyError there.
    """
    return "raises OSError" if isinstance(error, OSError) else "raises"


def plain(value: object) -> object:
    """Turn a value into one that JSON can hold; bytes are told from text."""
    if isinstance(value, (bytes, bytearray)):
        return _short(ascii(bytes(value)), bytes(value), "bytes")
    if isinstance(value, str):
        return _short(value, value.encode(errors="surrogatepass"), "text")
    if is_dict(value):
        return plain_event(value)
    if is_sequence(value):
        return [plain(item) for item in value]
    # A member of an enumeration is the number that it stands for.
    return int(value) if isinstance(value, IntEnum) else value


def plain_event(event: Event) -> object:
    """Turn an event into plain data."""
    return {key: plain(event[key]) for key in sorted(event)}


def plain_scope(scope: Event) -> object:
    """Turn a scope into plain data: its values, or their shapes where they vary."""
    return {
        key: shape(scope[key]) if key in _OF_VARYING_VALUE else plain(scope[key])
        for key in sorted(scope)
    }


def plain_headers(scope: Event) -> object:
    """Turn the headers of a scope that are not those of each connection into data."""
    headers = scope["headers"]
    pairs = headers if is_sequence(headers) else []
    return [plain(it) for it in pairs if _is_of_scenario(it)]


def shape(value: object) -> str:
    """Tell the types of a value and of what it holds."""
    name = type(value).__name__
    if not is_sequence(value):
        return name
    shapes = [shape(item) for item in value]
    if isinstance(value, tuple):
        return f"{name}[{', '.join(shapes)}]"
    return f"{name}[{' | '.join(sorted(set(shapes)))}]"


def is_dict(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a value is a dict; those of ASGI have str keys."""
    return isinstance(value, dict)


def is_sequence(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Whether a value is a list or a tuple."""
    return isinstance(value, (list, tuple))


def _is_of_scenario(pair: object) -> bool:
    return is_sequence(pair) and pair[0] not in CONNECTION_HEADERS


def _short(shown: str, data: bytes, kind: str) -> str:
    if len(data) <= LONGEST_SHOWN:
        return shown
    digest = hashlib.sha256(data).hexdigest()[:8]
    return f"{len(data)} bytes of {kind}, SHA-256 {digest}"
