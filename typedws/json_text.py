"""
JSON texts (RFC 8259) from and to values, by msgspec, made strict both ways.

NaN and Infinity are not JSON. msgspec refuses them in a text and writes them as `null`;
here they are refused in a value as well.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, Union

import msgspec
from typing_extensions import TypeAliasType

from typedws.exceptions import DecodeError, EncodeError

__all__ = ["JSON", "JSONInput", "decode_json", "encode_json"]

JSON = TypeAliasType(
    "JSON",
    Union["dict[str, JSON]", "list[JSON]", str, int, float, bool, None],
)
"""What a JSON text holds."""

JSONInput = TypeAliasType(
    "JSONInput",
    Union[
        "Mapping[str, JSONInput]", "Sequence[JSONInput]", str, int, float, bool, None
    ],
)
"""What can be written as JSON: read-only containers, so that `dict[str, int]` fits."""


def decode_json(data: str | bytes) -> JSON:
    """
    Read a JSON text.

    Raises:
        DecodeError: The data is not JSON, or nested too deep to be read.
    """
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise decode_error(error, data) from None
    except RecursionError:
        raise DecodeError("nested too deep", data) from None


def decode_error(error: Exception, data: str | bytes) -> DecodeError:
    """Turn msgspec's error into ours: it names the place at the end of its sentence."""
    problem, _, place = str(error).partition(" - at `")
    return DecodeError(problem, data, place.rstrip("`") or "$")


def encode_json(value: JSONInput) -> bytes:
    """
    Write a JSON text, in UTF-8.

    Raises:
        EncodeError: The value has no JSON form: NaN, Infinity, a lone surrogate, a
            cycle, or an object of another type.
    """
    try:
        text = _encode(value)
        # msgspec writes what is not finite as null, so only a text with a null in it
        # can hide one; all others are spared the search.
        stray = (
            next(_not_finite(_to_builtins(value, enc_hook=_plain)), None)
            if b"null" in text
            else None
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise EncodeError(str(error)) from None
    except RecursionError:
        raise EncodeError("nested too deep, or in a cycle") from None
    if stray is not None:
        message = f"{stray} is not a JSON number (RFC 8259, section 6)"
        raise EncodeError(message)
    return text


class _ToBuiltins(Protocol):
    def __call__(
        self, obj: JSONInput, /, *, enc_hook: Callable[[JSONInput], object]
    ) -> JSON: ...


def _plain(value: JSONInput) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    message = f"{type(value).__name__} has no JSON form"
    raise TypeError(message)


def _not_finite(value: JSON) -> Iterator[float]:
    if isinstance(value, float) and not math.isfinite(value):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _not_finite(item)
    elif isinstance(value, list):
        for item in value:
            yield from _not_finite(item)


_decode: Callable[[str | bytes], JSON] = msgspec.json.decode
_encode: Callable[[object], bytes] = msgspec.json.Encoder(enc_hook=_plain).encode
_to_builtins: _ToBuiltins = msgspec.to_builtins
