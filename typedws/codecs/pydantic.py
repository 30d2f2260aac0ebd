"""
`PydanticCodec`: JSON messages as pydantic reads and writes them.

It needs the extra: `pip install "typedws[pydantic]"`. Nothing else imports this module.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from functools import partial
from typing import (
    Final,
    Generic,
    Literal,
    NotRequired,
    Protocol,
    TypedDict,
    TypeVar,
    final,
)

from attrs import frozen
from pydantic import BaseModel, TypeAdapter
from pydantic import ValidationError as PydanticError
from typing_extensions import TypeForm, override

from typedws.codecs.codec import Payload
from typedws.codecs.forms import is_class, members_of, name_of, origin_of, unannotated
from typedws.codecs.locations import (
    Location,
    child_of,
    place_of_missing,
    place_of_value,
)
from typedws.codecs.making import wrong_kind
from typedws.codecs.places import has_no_number, place_of_no_number, place_of_null
from typedws.exceptions import DecodeError, EncodeError, ValidationError
from typedws.json_text import decode_json, one_line, said_by, shortened
from typedws.messages import JSONMode

__all__ = ["PydanticCodec"]

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)
In = TypeVar("In")
Out = TypeVar("Out")

MOST_LISTED: Final = 5
"""Problems that the sentence of an error names."""

MOST_LOOKED_AT: Final = 1_000
"""Problems; pydantic finds one for each wrong item, and to list them takes long."""


@final
@frozen(init=False, eq=False, order=False, repr=False)
class PydanticCodec(Generic[In_co, Out_contra]):
    """
    JSON messages, read and written by pydantic: for those who have models already.

        codec = PydanticCodec(Annotated[Join | Say, Field(discriminator="type")], Reply)

    What pydantic takes, and how strictly, its own configuration says; names are those
    of the aliases, both ways. NaN and the infinities are refused, as in all of typedws,
    and so is a number that is too large for a float; what a text stands for that is to
    be a number, `"NaN"` too, is pydantic's to say, and so is whether a model writes one
    (`ser_json_inf_nan="strings"`). It does not look at hashes: give the sets of
    strangers, and dicts with keys that are no texts, a `Field(max_length=...)`. It is
    slower than `JsonCodec` by a factor, which the documentation measures.

    Args:
        incoming: The type of the messages that come in.
        outgoing: The type of those that go out.
        mode: Whether they travel in text or in binary messages.
        strict: Whether `"1"` is no int. `None` leaves it to the models.

    Attributes:
        mode: Whether messages travel in text or in binary messages.

    Raises:
        ValueError: The mode is neither.
    """

    mode: JSONMode
    _name: str
    _mirror: "Callable[[], PydanticCodec[Out_contra, In_co]]"
    _payload: type[str] | type[bytes]
    _strict: bool | None
    _reader: "_Reader[In_co]"
    _dumper: "_Writer"
    _writer: "_Writer"
    _classes: tuple[type[object], ...]
    _warnings: bool | Literal["error"]

    def __init__(
        self,
        incoming: TypeForm[In_co],
        outgoing: TypeForm[Out_contra],
        *,
        mode: JSONMode = "text",
        strict: bool | None = None,
    ) -> None:
        """Let pydantic look through the types once."""
        if mode not in {"text", "binary"}:
            raise ValueError(f"the mode is 'text' or 'binary', not {mode!a}")
        _set(self, "mode", mode)
        mirror = partial(PydanticCodec, outgoing, incoming, mode=mode, strict=strict)
        _set(self, "_mirror", mirror)
        _set(self, "_name", f"PydanticCodec({name_of(incoming)}, {name_of(outgoing)})")
        _set(self, "_payload", str if mode == "text" else bytes)
        _set(self, "_strict", strict)
        adapter = TypeAdapter(incoming)
        _set(self, "_reader", adapter.validator)
        _set(self, "_dumper", adapter.serializer)
        _set(self, "_writer", TypeAdapter(outgoing).serializer)
        classes = _classes_of(outgoing)
        _set(self, "_classes", classes)
        # To raise a warning doubles the time, and a look at the class is next to none.
        are_models = all(issubclass(one, _MODEL) for one in classes)
        _set(self, "_warnings", False if classes and are_models else "error")

    @override
    def __repr__(self) -> str:
        return self._name

    def mirrored(self: "PydanticCodec[In, Out]") -> "PydanticCodec[Out, In]":
        """
        Return the codec of the other side: it reads what this one writes.

        A client has it, or the test of an application: `peer.typed(CHAT.mirrored())`.

        Raises:
            TypeError: A type can be written and not read, or the reverse.
        """
        return self._mirror()

    def decode(self, data: Payload, /) -> In_co:
        """
        Read a message.

        Raises:
            DecodeError: It is not JSON, nested too deep, or a message of the other
                kind; as `ValidationError`, it is JSON, but not of the type.
        """
        if not isinstance(data, self._payload):
            raise wrong_kind(data, "PydanticCodec")
        try:
            value = self._reader.validate_json(data, strict=self._strict)
        except PydanticError as error:
            raise _decode_error(error, data) from None
        if _may_be_no_json(data):
            # pydantic reads NaN and Infinity; RFC 8259 has none. A number that is too
            # large for a float it reads as an infinity.
            decode_json(data)
            self._check_long_ints(value, data)
        return value

    def encode(self, value: Out_contra, /) -> Payload:
        """
        Write a message: in text mode a `str`, in binary mode its UTF-8.

        Raises:
            EncodeError: The value is not of the type, as far as pydantic looks, or has
                no JSON form: NaN or an infinity, a lone surrogate, a cycle.
        """
        # Of an exact class first: for pydantic's, isinstance() takes its time.
        if self._classes and type(value) not in self._classes:
            _check_class(value, self._classes)
        try:
            text = self._writer.to_json(value, by_alias=True, warnings=self._warnings)
            if b"NaN" in text or b"Infinity" in text:
                _check_constants(text)
            # Else pydantic writes them as null; or as texts, which are JSON, where a
            # model asks for that.
            if b"null" in text:
                dumped = self._writer.to_python(value, by_alias=True, warnings=False)
                _check_nulls(dumped, text)
        except EncodeError:
            raise
        except ValueError as error:
            raise EncodeError(_first_line(error)) from None
        return text.decode() if self._payload is str else text

    def _check_long_ints(self, value: object, data: Payload) -> None:
        # An int may be that long, and a float may not. What it is, the model says.
        if _MANY_DIGITS in _numbers(data):
            dumped = self._dumper.to_python(value, by_alias=True, warnings=False)
            if has_no_number(dumped):
                raise ValidationError("Number out of range", data)


class _Reader(Protocol[In_co]):
    def validate_json(
        self, data: str | bytes, /, *, strict: bool | None = None
    ) -> In_co: ...


class _Writer(Protocol):
    def to_json(
        self, value: object, /, *, by_alias: bool, warnings: bool | Literal["error"]
    ) -> bytes: ...
    def to_python(
        self, value: object, /, *, by_alias: bool, warnings: bool
    ) -> object: ...


def _check_class(value: object, classes: tuple[type[object], ...]) -> None:
    if not isinstance(value, classes):
        names = " or ".join("None" if it is _NONE else name_of(it) for it in classes)
        raise EncodeError(f"{name_of(type(value))} is not {names}")


def _classes_of(form: object) -> tuple[type[object], ...]:
    """
    Give the classes of what goes out, if pydantic does not look at them itself.

    Of anything that is to be a model or a dataclass, or None, it takes those attributes
    that have the names of the fields. In a union of two or more it looks at the class.
    """
    members = [unannotated(member) for member in members_of(form)]
    stems = [it if is_class(it) else origin_of(it) for it in members]
    classes = tuple(it for it in stems if is_class(it) and _has_fields(it))
    return classes if len(classes) == len(members) else ()


def _has_fields(cls: type[object]) -> bool:
    return issubclass(cls, (_MODEL, _NONE)) or is_dataclass(cls)


# By this name the checkers know less of it than `Any` in a class's own signature.
_MODEL: Final[type[object]] = BaseModel
_NONE: Final[type[object]] = type(None)
_set: Final[Callable[[object, str, object], None]] = object.__setattr__


# With one digit for all, and for a plus, a number that is too large for a float has an
# exponent of three digits, or so many digits that two are enough for the exponent.
_ALL_DIGITS_ALIKE: Final = bytes.maketrans(b"+123456789E", b"0000000000e")
_LARGE_EXPONENT: Final = "e000"
_MANY_DIGITS: Final = "0" * 210


def _may_be_no_json(data: Payload) -> bool:
    numbers = _numbers(data)
    return (
        "NaN" in numbers
        or "Infinity" in numbers
        or _LARGE_EXPONENT in numbers
        or _MANY_DIGITS in numbers
    )


def _numbers(data: Payload) -> str:
    # Texts are searched in less time than bytes are.
    text = data.encode() if isinstance(data, str) else data
    return text.translate(_ALL_DIGITS_ALIKE).decode()


def _check_constants(text: bytes) -> None:
    written = _read_leniently(text.decode())
    if has_no_number(written):
        raise EncodeError(_NO_NUMBERS, place_of_no_number(written))


def _check_nulls(dumped: object, text: bytes) -> None:
    if has_no_number(dumped):
        place = place_of_null(dumped, _read_leniently(text.decode()))
        if place is not None:
            raise EncodeError(_NO_NUMBERS, place)


_NO_NUMBERS: Final = "NaN and infinities are no JSON numbers (RFC 8259)"
# It takes NaN and Infinity. An int it leaves alone, for Python reads no long ones.
_read_leniently: Callable[[str], object] = json.JSONDecoder(parse_int=str).decode


def _first_line(error: ValueError) -> str:
    title, *others = said_by(error).splitlines()
    # Before pydantic's warnings stands a title.
    return one_line((others[0] if others else title).strip())


# --- What is wrong with a message ----------------------------------------------------


# Where a value is none of those of a Literal or an enum, and where a tag is unknown.
_NONE_OF_SOME: Final = frozenset({"literal_error", "enum"})
_NO_TAG: Final = "union_tag_invalid"
_QUOTE: Final = "'"


class _Details(TypedDict):
    type: str
    ctx: NotRequired[dict[str, object]]
    loc: tuple[int | str, ...]
    msg: str
    input: object


def _decode_error(error: PydanticError, data: Payload) -> DecodeError:
    count = error.error_count()
    if count > MOST_LOOKED_AT:
        return ValidationError(f"{count} fields do not fit", data)
    problems: Sequence[_Details] = error.errors(include_url=False)
    first, *others = problems
    if first["type"] in {"json_invalid", "string_unicode"}:
        return DecodeError(one_line(first["msg"]), data)
    document = _document(data)
    named = others[: MOST_LISTED - 1]
    also = [f"{_path(one, document)}: {one['msg']}" for one in named]
    if count > MOST_LISTED:
        also.append(f"{count - MOST_LISTED} more")
    listed = f" (also {'; '.join(also)})" if also else ""
    return ValidationError(
        one_line(first["msg"] + listed),
        data,
        one_line(_path(first, document)),
        expected=_expected(first),
        got=_got(first),
    )


def _got(problem: _Details) -> str | None:
    if problem["type"] == "missing":
        return None
    if problem["type"] == _NO_TAG:
        return shortened(ascii(_fact(problem, "tag")))
    return f"`{type(problem['input']).__name__}`"


def _expected(problem: _Details) -> str | None:
    if problem["type"] in _NONE_OF_SOME:
        return one_line(_fact(problem, "expected"))
    if problem["type"] == _NO_TAG:
        return one_line(f"one of {_fact(problem, 'expected_tags')}")
    _, should_be, rest = problem["msg"].partition("Input should be ")
    return one_line(rest.partition(", ")[0]) if should_be else None


def _fact(problem: _Details, name: str) -> str:
    return str(problem.get("ctx", {}).get(name, ""))


def _path(problem: _Details, document: object) -> str:
    """Write a place as the other codecs do: pydantic has names of types in it, too."""
    find = place_of_missing if problem["type"] == "missing" else place_of_value
    place = find(problem["input"], problem["loc"], document) + _tag(problem)
    steps = (f"[{it}]" if isinstance(it, int) else f".{it}" for it in place)
    return "".join(["$", *steps])


def _tag(problem: _Details) -> Location:
    """Give the name of the unknown tag, if it is a field and no function finds it."""
    found_by = _fact(problem, "discriminator")
    if problem["type"] != _NO_TAG or not found_by.startswith(_QUOTE):
        return ()
    # It may have an alias: `'kind' | 'type'`.
    names = found_by.split(_QUOTE)[1::2]
    return tuple(name for name in names if child_of(problem["input"], name))[:1]


def _document(data: Payload) -> object:
    try:
        return decode_json(data)
    except DecodeError:
        return None
