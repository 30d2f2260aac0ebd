"""
Types that can be read from a text: a number, a date, an enum, a list of such.

The texts come from a handshake, where everything is a text: the path, the query, the
headers. msgspec does the reading; here is what a sentence for the client calls it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Final, TypeAlias, TypeGuard, final

import msgspec
from attrs import frozen
from msgspec import inspect

from typedws.codecs.forms import (
    EnumMember,
    annotated,
    arguments_of,
    has_origin,
    is_union,
    makes_members,
    members_of,
    origin_of,
    subscripted,
    unannotated,
    union_of,
    unwrapped,
)
from typedws.codecs.hashes import MOST_ALIKE, TooManyAlike, check_hashes

__all__ = ["Misfit", "TextForm", "convert", "misfit", "text_form_of"]

_MOST_VALUES: Final = 20
# RFC 8259, section 6.
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_INDEX: Final = re.compile(r"\[([0-9]+)\]")

# By these names the checkers know less of them than `Any` in a class's own signature.
_COLLECTION: Final[type[object]] = Collection
_METADATA: Final[type[object]] = inspect.Metadata
_NONE: Final[type[object]] = inspect.NoneType

_SCALARS: Final[Mapping[str, str]] = {
    "AnyType": "str",
    "BoolType": "bool",
    "BytesType": "base64",
    "DateTimeType": "datetime",
    "DateType": "date",
    "DecimalType": "decimal",
    "FloatType": "float",
    "IntType": "int",
    "StrType": "str",
    "TimeDeltaType": "duration",
    "TimeType": "time",
    "UUIDType": "UUID",
}
"""What a text can be: msgspec's name for it, and the one for the client."""

_DECIMAL: Final = "decimal"
_NUMBERS: Final = frozenset({_DECIMAL, "int", "float", "bool"})

Array: TypeAlias = (
    inspect.ListType
    | inspect.SetType
    | inspect.FrozenSetType
    | inspect.VarTupleType
    | inspect.TupleType
)
_ARRAYS: Final = (
    inspect.ListType,
    inspect.SetType,
    inspect.FrozenSetType,
    inspect.VarTupleType,
    inspect.TupleType,
)


@final
@frozen(eq=False, order=False)
class TextForm:
    """
    How a type is read from texts.

    Attributes:
        form: The type.
        takes_one: Whether a text by itself may be its value.
        takes_many: Whether a list of texts may be its value.
        takes_none: Whether None may be its value.
        is_decimal: Whether one text may be a Decimal, and else but a number or a bool.
        are_decimals: The same of each text of a list.
        expected: What each text has to be.
        holder: A Struct of nothing but such a value.
        lister: The same with a list, for a value that may be a set; else `None`.
    """

    form: object
    takes_one: bool
    takes_many: bool
    takes_none: bool
    is_decimal: bool
    are_decimals: bool
    expected: str
    holder: type[msgspec.Struct]
    lister: type[msgspec.Struct] | None


@final
@frozen(eq=False, order=False)
class Misfit:
    """
    What is wrong with texts that were to be read.

    Attributes:
        expected: What belongs there.
        index: Which of the texts it is, `None` if it is about all of them.
    """

    expected: str
    index: int | None


def text_form_of(form: object) -> TextForm | None:
    """Tell how a type is read from texts; `None` for one that no text can be."""
    form = _bare(form)
    try:
        kinds = list(_alternatives(inspect.type_info(form)))
    except TypeError:
        return None
    values = [kind for kind in kinds if not isinstance(kind, _NONE)]
    arrays = [kind for kind in values if isinstance(kind, _ARRAYS)]
    singles = [kind for kind in values if not isinstance(kind, _ARRAYS)]
    items = [item for array in arrays for item in _items(array)]
    names_of_singles = [_name(kind) for kind in singles]
    names_of_items = [_name(kind) for kind in items]
    names = names_of_singles + names_of_items
    if not names or not all(names):
        return None
    return TextForm(
        form,
        takes_one=bool(singles),
        takes_many=bool(arrays),
        takes_none=any(map(_takes_none, kinds)),
        is_decimal=_is_decimal(names_of_singles),
        are_decimals=_is_decimal(names_of_items),
        expected=" or ".join(sorted(set(names), key=names.index)),
        holder=_holder_of(form),
        lister=_lister_of(form),
    )


def _is_decimal(names: Sequence[str]) -> bool:
    return {_DECIMAL} <= set(names) <= _NUMBERS


def _bare(form: object) -> object:
    """Take off all names in a form that msgspec does not know."""
    form = unwrapped(form)
    origin, arguments = origin_of(form), arguments_of(form)
    if origin is Annotated:
        inner, *metadata = arguments
        return annotated(_bare(inner), metadata)
    if is_union(form):
        return union_of(map(_bare, arguments))
    if not has_origin(form, _COLLECTION):
        return form
    bare = (one if one is Ellipsis else _bare(one) for one in arguments)
    return subscripted(origin, tuple(bare))


def _holder_of(form: object) -> type[msgspec.Struct]:
    fields: list[tuple[str, object]] = [("value", form)]
    return msgspec.defstruct("Holder", fields, array_like=True)


def _lister_of(form: object) -> type[msgspec.Struct] | None:
    for member in map(unannotated, members_of(form)):
        if has_origin(member, AbstractSet):
            return _holder_of(subscripted(list, arguments_of(member)))
    return None


def convert(value: object, form: TextForm) -> object:
    """
    Read a text or a list of texts.

    Raises:
        msgspec.ValidationError: It does not fit.
        TypeError: It has no hash, which a set needs: a Decimal that is `sNaN`.
        UnicodeEncodeError: It has a lone surrogate in it.
    """
    if form.are_decimals if _is_list(value) else form.is_decimal:
        _check_decimals(value)
    if form.lister is not None and _is_list(value) and len(value) > MOST_ALIKE:
        _check_hashes(_converted(value, form.lister))
    return _converted(value, form.holder)


def _converted(value: object, holder: type[msgspec.Struct]) -> object:
    # A type alone is taken apart anew in each call, a Struct once: half the time.
    held = msgspec.convert((value,), holder, strict=False)
    converted: tuple[object] = msgspec.structs.astuple(held)
    return converted[0]


def _check_hashes(values: object) -> None:
    try:
        check_hashes(values if _is_list(values) else ())
    except TooManyAlike:
        problem = "Expected different values, got too many that are alike"
        raise msgspec.ValidationError(problem) from None


def _check_decimals(value: object) -> None:
    # Python's Decimal is made of `1_000`, of ` 1`, and of digits of any script.
    texts = [("", value)]
    if _is_list(value):
        texts = [(f"[{at}]", text) for at, text in enumerate(value)]
    for place, text in texts:
        if isinstance(text, str) and _is_odd_number(text):
            problem = f"Invalid decimal string - at `$[0]{place}`"
            raise msgspec.ValidationError(problem)


def _is_odd_number(text: str) -> bool:
    # No digit is in what else may be there: `true`, `NaN`, an empty text.
    return not _NUMBER.fullmatch(text) and any(map(str.isdigit, text))


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def misfit(error: Exception, form: TextForm) -> Misfit:
    """Tell from an error of `convert` what belongs there."""
    sentence, _, path = str(error).partition(" - at `$[0]")
    index = _INDEX.match(path)
    return Misfit(_expected(sentence, form), int(index[1]) if index else None)


def _expected(sentence: str, form: TextForm) -> str:
    kind, _, rest = sentence.partition(" ")
    expected, _, got = rest.partition(", got ")
    # That it got a str it says of each text, and then calls things its own names.
    if kind == "Expected" and got != "`str`":
        return expected.replace("`", "").replace(" | null", "")
    if kind == "Invalid" and not rest.startswith("enum value"):
        return rest
    if sentence.rstrip().endswith("out of range"):
        return f"{form.expected} in range"
    return form.expected


def _alternatives(kind: inspect.Type) -> Iterator[inspect.Type]:
    if _is_metadata(kind):
        yield from _alternatives(kind.type)
    elif isinstance(kind, inspect.UnionType):
        for member in kind.types:
            yield from _alternatives(member)
    else:
        yield kind


def _is_metadata(kind: inspect.Type) -> TypeGuard[inspect.Metadata]:
    return isinstance(kind, _METADATA)


def _items(array: Array) -> Iterator[inspect.Type]:
    if isinstance(array, inspect.TupleType):
        for item in array.item_types:
            yield from _alternatives(item)
    else:
        yield from _alternatives(array.item_type)


def _name(kind: inspect.Type) -> str:
    """Name what a text has to be; an empty name for what no text can be."""
    if isinstance(kind, inspect.EnumType):
        members: Iterable[EnumMember] = kind.cls
        names = _choice([member.value for member in members])
        return f"{names} or ..." if makes_members(kind.cls) else names
    if isinstance(kind, inspect.LiteralType):
        values = [value for value in _values_of(kind) if value is not None]
        # To msgspec, no text is True.
        has_bool = any(isinstance(value, bool) for value in values)
        return "" if has_bool else _choice(values)
    if isinstance(kind, inspect.CustomType) and kind.cls is object:
        return _SCALARS["AnyType"]
    return _SCALARS.get(type(kind).__name__, "")


def _takes_none(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.LiteralType):
        return None in _values_of(kind)
    return isinstance(kind, _NONE)


def _values_of(literal: inspect.LiteralType) -> list[object]:
    return list[object](literal.values)


def _choice(values: list[object]) -> str:
    names = [ascii(value) for value in values[:_MOST_VALUES]]
    if len(values) > _MOST_VALUES:
        names.append("...")
    return " or ".join(names)
