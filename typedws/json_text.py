"""
JSON texts (RFC 8259) from and to values, by msgspec, made strict both ways.

Of an object's repeated name the last value counts, as in most readers; an int may be of
any size up to the 4300 digits that Python reads and writes.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard

import msgspec
from typing_extensions import TypeIs

from typedws.exceptions import DecodeError, EncodeError, ValidationError

__all__ = ["JSON", "JSONInput", "decode_json", "encode_json"]

# No `TypeAliasType`: where pyright comes to one from another module, it does not know
# what is in the containers.
JSON: TypeAlias = dict[str, "JSON"] | list["JSON"] | str | int | float | bool | None
"""What a JSON text holds."""

JSONInput: TypeAlias = (
    Mapping[str, "JSONInput"] | Sequence["JSONInput"] | str | int | float | bool | None
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
    except UNREADABLE as error:
        raise decode_error(error, data) from None


UNWANTED: Final = (LookupError, ArithmeticError, AssertionError)
"""
What a class raises for values that it does not want, besides ValueError and TypeError.

A converter that looks something up does, `Decimal` does, and `assert`. Whatever else
comes is a mistake in the class.
"""

UNREADABLE: Final = (msgspec.DecodeError, UnicodeError, RecursionError, *UNWANTED)
"""What msgspec raises for a message that it can't read, or that is not of the type."""

# The place is at the end of msgspec's sentence; in what is before that, a peer may have
# a say, at any length. It is `$.a[0]`, or "`key` in `$.a`" for the key of an object.
_AT: Final = " - at `"
_EXPECTED: Final = re.compile(r"Expected (?P<expected>.*?)(?:, got (?P<got>.*))?")
_MISSING: Final = re.compile(r"Object missing required (?P<expected>field `.*`)")
_INVALID: Final = re.compile(r"Invalid (?:enum )?value (?P<got>.*)")
_UNKNOWN: Final = re.compile(r"Object contains unknown (?P<got>field `.*`)")

LONGEST_PROBLEM: Final = 400
"""Characters. A sentence quotes what came, and a peer may send a great deal."""

LONGEST_QUOTE: Final = 60
"""Characters, of what a peer sent."""


def decode_error(error: Exception, data: str | bytes) -> DecodeError:
    """Turn the error that msgspec raised for a message into ours."""
    if isinstance(error, RecursionError):
        return DecodeError("nested too deep", data)
    if isinstance(error, UNWANTED):
        return ValidationError(one_line(said_by(error)), data)
    problem, place = _problem_and_place(error)
    kind = (
        ValidationError if isinstance(error, msgspec.ValidationError) else DecodeError
    )
    problem = _printable(_said_by_the_class(error) or problem)
    expected, got = _expected_and_got(problem)
    return kind(
        one_line(problem),
        data,
        one_line(place.replace("`", "")),
        expected=None if expected is None else one_line(expected),
        got=None if got is None else shortened(got),
    )


def _problem_and_place(error: Exception) -> tuple[str, str]:
    sentence = str(error)
    problem, at, place = sentence.rpartition(_AT)
    # Behind what a class says of the whole message there is no place; but in it there
    # may be what a peer has sent.
    is_all_said_by_the_class = sentence == str(error.__cause__)
    if at and place.endswith("`") and not is_all_said_by_the_class:
        return problem, place
    return sentence, "$"


def _said_by_the_class(error: Exception) -> str | None:
    # msgspec quotes whatever a validator or __attrs_post_init__ raised; attrs puts the
    # field and its options behind the sentence.
    cause = error.__cause__
    return None if cause is None else said_by(cause)


def said_by(error: BaseException) -> str:
    """Give the sentence of an error, or its name if it has none."""
    arguments: Sequence[object] = error.args
    sentence = arguments[0] if arguments else ""
    if isinstance(error, UNWANTED):
        # By itself it may be no sentence, but the key that was not found.
        name = _name_of(error)
        return f"{name}: {sentence}" if arguments and sentence else name
    return (sentence if isinstance(sentence, str) else str(error)) or _name_of(error)


def _name_of(error: BaseException) -> str:
    return type(error).__name__


def _expected_and_got(problem: str) -> tuple[str | None, str | None]:
    for pattern in (_EXPECTED, _MISSING, _INVALID, _UNKNOWN):
        found = pattern.fullmatch(problem)
        if found is not None:
            facts = found.groupdict()
            return facts.get("expected"), facts.get("got")
    return None, None


def one_line(text: str) -> str:
    """Make a text fit for a sentence: short, and without control characters."""
    if len(text) > LONGEST_PROBLEM:
        text = f"{text[:LONGEST_PROBLEM]}..."
    return _printable(text)


def _printable(text: str) -> str:
    return text if text.isprintable() else ascii(text)[1:-1]


def shortened(text: str) -> str:
    """Cut what a peer sent, so that a sentence that quotes it stays a sentence."""
    if len(text) <= LONGEST_QUOTE:
        return text
    return f"{text[:LONGEST_QUOTE]}... ({len(text)} characters)"


def encode_json(value: JSONInput) -> bytes:
    """
    Write a JSON text, in UTF-8.

    Raises:
        EncodeError: The value has no JSON form: NaN, Infinity, a lone surrogate, a
            cycle, a key that is no str, or an object of another type.
    """
    try:
        return _encode(value if _is_plain(value) else _plain(value, "$"))
    except (ValueError, RecursionError) as error:
        raise _encode_error(error) from None


def _encode_error(error: Exception) -> EncodeError:
    if isinstance(error, EncodeError):
        return error
    if isinstance(error, UnicodeEncodeError):
        return EncodeError(f"a text has a lone surrogate at position {error.start}")
    if isinstance(error, RecursionError):
        return EncodeError("nested too deep, or in a cycle")
    return EncodeError(str(error))  # an int with more digits than Python writes


# msgspec writes more than JSON: NaN as null, bytes as base64, a set as an array, an
# attrs class as an object, even one that is a mapping, and a subclass of str as an
# array of letters. What is plain goes to it as it is, and that is nearly everything;
# the rest is made plain first, or refused.

_LEAVES: Final[frozenset[type]] = frozenset({str, int, bool, type(None)})
_DEEPEST: Final = 20_000
"""Levels; msgspec itself stops before that, both ways."""


def _is_plain(value: JSONInput) -> bool:
    try:
        return _are_plain((value,))
    except RecursionError:
        # What could be decoded can be encoded again, however deep it is.
        return _is_plain_however_deep(value)


def _are_plain(values: Iterable[JSONInput]) -> bool:
    for value in values:
        if type(value) in _LEAVES or (type(value) is float and math.isfinite(value)):
            continue
        children = _children(value)
        if children is None or not _are_plain(children):
            return False
    return True


def _is_plain_however_deep(value: JSONInput) -> bool:
    waiting: list[tuple[JSONInput, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if type(item) in _LEAVES or (type(item) is float and math.isfinite(item)):
            continue
        children = _children(item)
        # What is in a cycle has no end, and counts as not plain.
        if children is None or depth > _DEEPEST:
            return False
        waiting.extend((child, depth + 1) for child in children)
    return True


def _children(value: JSONInput) -> Iterable[JSONInput] | None:
    if isinstance(value, dict):
        for key in value:
            if type(key) is not str:
                return None
        return value.values()
    return value if isinstance(value, (list, tuple)) else None


def _plain(value: object, path: str) -> JSON:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return _finite(value, path)
    if _is_mapping(value):
        return {
            _key(key, path): _plain(item, f"{path}.{ascii(key)[1:-1]}")
            for key, item in value.items()
        }
    if _is_array(value):
        return [_plain(item, f"{path}[{at}]") for at, item in enumerate(value)]
    raise EncodeError(f"{type(value).__name__} has no JSON form", path)


def _finite(value: float, path: str) -> float:
    if math.isfinite(value):
        return float(value)
    raise EncodeError(f"{value} is not a JSON number (RFC 8259, section 6)", path)


def _key(key: object, path: str) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    raise EncodeError(f"the key of an object is a str, not {type(key).__name__}", path)


def _is_mapping(value: object) -> TypeIs[Mapping[object, object]]:
    return isinstance(value, Mapping)


def _is_array(value: object) -> TypeGuard[Sequence[object]]:
    # To Python bytes are a sequence of int; to RFC 8259 they are nothing at all.
    is_binary = isinstance(value, (bytes, bytearray, memoryview))
    return isinstance(value, Sequence) and not is_binary


_decode: Callable[[str | bytes], JSON] = msgspec.json.decode
_encode: Callable[[object], bytes] = msgspec.json.Encoder().encode
