"""
Type forms, read at run time: what is behind a name, and what a form is made of.

Nothing here knows how a message is written; which fields a class has, `shapes` tells.
"""

import enum
import inspect
import sys
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import (
    Annotated,
    Final,
    Generic,
    Literal,
    LiteralString,
    NewType,
    NotRequired,
    Protocol,
    Required,
    TypeGuard,
    TypeVar,
    Union,
)

import typing_extensions
from attrs import frozen
from typing_extensions import NoDefault, ReadOnly, TypeAliasType

from typedws.json_text import JSON, JSONInput

__all__ = [
    "EnumClass",
    "EnumMember",
    "Qualified",
    "annotated",
    "arguments_of",
    "has_origin",
    "hints_of",
    "is_alias",
    "is_class",
    "is_enum",
    "is_foreign_name",
    "is_json",
    "is_union",
    "literals_of",
    "makes_members",
    "members_of",
    "name_of",
    "one_layer_off",
    "origin_of",
    "qualified",
    "subscripted",
    "substituted",
    "unannotated",
    "union_of",
    "unwrapped",
]

origin_of: Callable[[object], object] = typing_extensions.get_origin
arguments_of: Callable[[object], tuple[object, ...]] = typing_extensions.get_args

_QUALIFIERS: Final = frozenset[object]({Required, NotRequired, ReadOnly, Final})
_PARAMETER_LISTS: Final = frozenset[object]({Generic, Protocol})
_PRESENCE: Final = frozenset[object]({Required, NotRequired})
_UNIONS: Final = frozenset[object]({Union, types.UnionType})
# By these names the checkers know less of them than `Any` in a class's own signature.
_CLASS: Final[type[object]] = type
_ENUM: Final[type[object]] = enum.Enum
_TYPE_VARIABLE: Final[type[object]] = TypeVar
_NEW_TYPE: Final[type[object]] = NewType

# The statement `type X = ...` of Python 3.12 makes one of typing's own.
_STANDARD_ALIAS: Final = "TypeAliasType"
_ALIAS: Final[type[object]] = TypeAliasType
_OTHER_ALIAS: Final[type[object]] = getattr(typing, _STANDARD_ALIAS, TypeAliasType)

_UNTYPED: Final = "Any"
_ANYTHING: Final[object] = getattr(typing, _UNTYPED)
_SHORT_FOR: Final[tuple[tuple[object, object], ...]] = (
    (None, type(None)),
    (LiteralString, str),
    (_ANYTHING, object),
    (JSON, object),
    (JSONInput, object),
)

AnyJSON = TypeAliasType("AnyJSON", object)
"""What `JSON` and `JSONInput` stand for where they name themselves."""

# Plain aliases, whose own names in quotes mean nothing elsewhere: neither msgspec nor
# the module of a class that has such a field can look them up.
_RECURSIVE: Final[Mapping[str, object]] = {"JSON": JSON, "JSONInput": JSONInput}
# In a union with others, these are what is left of them.
_RECURSIVE_PARTS: Final[Sequence[object]] = [
    part
    for recursive in _RECURSIVE.values()
    for part in arguments_of(recursive)
    if arguments_of(part)
]

# What typing keeps on a form, none of it with a type that says enough.
_ARGUMENTS: Final = "__args__"
_BASES: Final = "__mro__"
_BOUND: Final = "__bound__"
_DEFAULT: Final = "__default__"
_MISSING: Final = "_missing_"
_MODULE: Final = "__module__"
_NAME: Final = "__name__"
_NAMESPACE: Final = "__dict__"
_PARAMETERS: Final = "__parameters__"
_SUPERTYPE: Final = "__supertype__"
_TYPE_PARAMETERS: Final = "__type_params__"
_VALUE: Final = "__value__"


class _Subscriptable(Protocol):
    def __getitem__(self, by: object, /) -> object: ...


# --- What a form is ------------------------------------------------------------------


def is_class(form: object) -> TypeGuard[type[object]]:
    """Say whether a form is a class, and not `list[int]`, which passes for one."""
    # `Generic` is its own origin.
    return isinstance(form, _CLASS) and origin_of(form) in {None, Generic}


class EnumMember(Protocol):
    """A member of an enum: the part of it that is used here."""

    @property
    def value(self) -> object:
        """Its value."""
        ...


class EnumClass(Protocol):
    """An enum: the part of it that is used here."""

    def __iter__(self) -> Iterator[EnumMember]: ...


def is_enum(form: object) -> TypeGuard[EnumClass]:
    """Say whether a form is an enum."""
    return is_class(form) and issubclass(form, _ENUM)


def makes_members(form: object) -> bool:
    """Say whether an enum has other members than it lists, as a `Flag` has."""
    bases: Iterable[object] = getattr(form, _BASES)
    spaces = ((base, _namespace_of(base)) for base in bases)
    return next(base for base, names in spaces if _MISSING in names) is not _ENUM


def has_origin(form: object, cls: type[object]) -> bool:
    """Say whether a form with arguments is one of a class: `list[int]` of `list`."""
    origin = origin_of(form)
    return is_class(origin) and issubclass(origin, cls)


def is_union(form: object) -> bool:
    """Say whether a form is a union, in either spelling."""
    return origin_of(form) in _UNIONS


def members_of(form: object) -> Iterator[object]:
    """Give the members of a union, flat, and without the names around them."""
    form = unwrapped(form)
    bare = unannotated(form)
    if not is_union(bare):
        yield form
        return
    for member in arguments_of(bare):
        yield from members_of(member)


def unannotated(form: object) -> object:
    """Take `Annotated` off a form, and whatever name is within."""
    while origin_of(form) is Annotated:
        form = unwrapped(arguments_of(form)[0])
    return form


def literals_of(form: object) -> tuple[object, ...]:
    """Give the values of a `Literal`; none for any other form."""
    form = unannotated(unwrapped(form))
    if is_union(form):
        inner = [literals_of(member) for member in arguments_of(form)]
        return sum(inner, ()) if all(inner) else ()
    return arguments_of(form) if origin_of(form) is Literal else ()


def name_of(form: object) -> str:
    """Spell a form as its author does, as far as that is known."""
    if is_class(form):
        return form.__qualname__.rpartition(".<locals>.")[2]
    if is_union(form):
        return " | ".join(name_of(member) for member in arguments_of(form))
    if isinstance(form, (_TYPE_VARIABLE, _NEW_TYPE)):
        name: str = getattr(form, _NAME)
        return name
    origin = origin_of(form)
    if origin is None or origin in {Annotated, Literal}:
        return repr(form).replace("typing_extensions.", "").replace("typing.", "")
    inner = ", ".join(
        "..." if one is Ellipsis else name_of(one) for one in arguments_of(form)
    )
    return f"{name_of(origin)}[{inner}]"


# --- What is behind it ---------------------------------------------------------------


def unwrapped(form: object) -> object:
    """
    Give what a name stands for: an alias, a `NewType`, a type variable, `None`.

    Raises:
        TypeError: An alias stands for itself.
    """
    seen: list[object] = []
    while True:
        inner = one_layer_off(form)
        if inner is form:
            return form
        if form in seen:
            raise TypeError(f"{name_of(form)} stands for itself")
        seen.append(form)
        form = inner


def one_layer_off(form: object) -> object:
    """Give what a name stands for, which may be one more name; else the form itself."""
    if isinstance(form, _NEW_TYPE):
        supertype: object = getattr(form, _SUPERTYPE)
        return supertype
    if isinstance(form, _TYPE_VARIABLE):
        bound: object = getattr(form, _BOUND)
        # PEP 696: to a type checker, what is not given is the default.
        return _default_of(form, object if bound is None else bound)
    if is_alias(form):
        return _value_of(form)
    if _is_recursive(form):
        return subscripted(origin_of(form), (*arguments_of(form)[:-1], AnyJSON))
    origin = origin_of(form)
    if is_class(origin) and not hasattr(form, _ARGUMENTS):
        return origin  # typing has a second name for each container
    return next((long for short, long in _SHORT_FOR if form is short), form)


def is_foreign_name(form: object) -> bool:
    """Say whether a form is a name that msgspec does not know how to take off."""
    names = (LiteralString, *_RECURSIVE.values(), *_RECURSIVE_PARTS)
    return (
        is_alias(form)
        or any(form is name for name in names)
        or _default_of(form, NoDefault) is not NoDefault
    )


def is_json(form: object) -> bool:
    """Say whether a form is `JSON` or `JSONInput`, by any name, or a union with it."""
    while not any(form is one for one in (AnyJSON, *_RECURSIVE.values())):
        inner = one_layer_off(form)
        if inner is form:
            return is_union(form) and any(map(is_json, arguments_of(form)))
        form = inner
    return True


def is_alias(form: object) -> bool:
    """Say whether a form is an alias that knows its name, as PEP 695 has it."""
    kinds = (_ALIAS, _OTHER_ALIAS)
    return isinstance(form, kinds) or isinstance(origin_of(form), kinds)


def _default_of(form: object, otherwise: object) -> object:
    """Give the default of a type variable, something else if it has none."""
    is_variable = isinstance(form, _TYPE_VARIABLE)
    default: object = getattr(form, _DEFAULT, NoDefault) if is_variable else NoDefault
    return otherwise if default is NoDefault else default


def _is_recursive(form: object) -> bool:
    return any(form is one for one in _RECURSIVE_PARTS)


def _value_of(alias: object) -> object:
    origin = origin_of(alias)
    stem = alias if origin is None else origin
    module: str = getattr(stem, _MODULE)
    value: object = getattr(stem, _VALUE)
    parameters: tuple[object, ...] = getattr(stem, _TYPE_PARAMETERS)
    return substituted(
        _resolved(value, module),
        dict(zip(parameters, arguments_of(alias), strict=False)),
    )


def _resolved(form: object, module: str) -> object:
    # Names in quotes are looked up where the alias was made.
    annotations: dict[str, object] = {"form": form}
    holder = types.SimpleNamespace(__annotations__=annotations)
    names = _names_in(module)
    hints: Mapping[str, object] = typing_extensions.get_type_hints(
        holder, names, _names_beside(names), include_extras=True
    )
    return hints["form"]


def _names_in(module: str) -> dict[str, object]:
    names: dict[str, object] = getattr(sys.modules.get(module), _NAMESPACE, {})
    return names


def _names_beside(names: Mapping[str, object]) -> dict[str, object]:
    """Give what a recursive alias means by its names, where they mean nothing else."""
    return {
        name: AnyJSON
        for name, recursive in _RECURSIVE.items()
        if names.get(name, recursive) is recursive
    }


@frozen(order=False)
class Qualified:
    """
    The type of a field, and what was said around it.

    Attributes:
        form: The type.
        is_required: What `Required` or `NotRequired` said, `None` without either.
        is_read_only: Whether `ReadOnly` stood there.
    """

    form: object
    is_required: bool | None = None
    is_read_only: bool = False


def qualified(form: object) -> Qualified:
    """Take `Required`, `NotRequired`, `ReadOnly` and `Final` off a field's type."""
    is_required: bool | None = None
    is_read_only = False
    while (origin := origin_of(form)) in _QUALIFIERS:
        is_read_only |= origin is ReadOnly
        if origin in _PRESENCE:
            is_required = origin is Required
        (form,) = arguments_of(form)
    return Qualified(form, is_required, is_read_only)


# --- Generic classes -----------------------------------------------------------------


def hints_of(cls: type[object], form: object) -> dict[str, object]:
    """
    Read the annotations of a class, and of its bases.

    Args:
        cls: The class.
        form: The same, or with its arguments, if it is generic.

    Raises:
        NameError: An annotation names what is not there.
    """
    arguments = _arguments_by_class(form)
    found: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        known = arguments.get(base, {})
        found |= {name: substituted(it, known) for name, it in _own_hints(base)}
    return found


def _own_hints(cls: type[object]) -> Iterator[tuple[str, object]]:
    names = _names_in(cls.__module__)
    beside = {name: it for name, it in _namespace_of(cls).items() if name not in names}
    hints: Mapping[str, object] = typing_extensions.get_type_hints(
        cls, None, beside | _names_beside(names), include_extras=True
    )
    annotated_here: Iterable[str] = inspect.get_annotations(cls)
    return ((name, hints[name]) for name in annotated_here)


def _namespace_of(cls: object) -> Mapping[str, object]:
    names: dict[str, object] = getattr(cls, _NAMESPACE)
    return names


def _arguments_by_class(form: object) -> dict[object, dict[object, object]]:
    found: dict[object, dict[object, object]] = {}
    waiting = [form]
    while waiting:
        form = waiting.pop()
        cls = form if is_class(form) else origin_of(form)
        if not is_class(cls) or cls in found:
            continue
        known = dict(zip(_parameters_of(cls), arguments_of(form), strict=False))
        found[cls] = known
        bases: tuple[object, ...] = typing_extensions.get_original_bases(cls)
        waiting.extend(
            substituted(base, known)
            for base in bases
            if origin_of(base) not in _PARAMETER_LISTS
        )
    return found


def substituted(form: object, known: Mapping[object, object]) -> object:
    """Put what is known in the place of type variables."""
    if isinstance(form, _TYPE_VARIABLE):
        return known.get(form, form)
    parameters: tuple[object, ...] = () if is_class(form) else _parameters_of(form)
    if not parameters:
        return form
    return subscripted(form, tuple(known.get(one, one) for one in parameters))


def _parameters_of(form: object) -> tuple[object, ...]:
    parameters: tuple[object, ...] = getattr(form, _PARAMETERS, ())
    return parameters


def subscripted(generic: object, arguments: tuple[object, ...]) -> object:
    """Give a generic class its arguments."""
    return generic[arguments] if _is_subscriptable(generic) else generic


def union_of(members: Iterable[object]) -> object:
    """Make a union."""
    return subscripted(Union, tuple(members))


def annotated(form: object, metadata: Iterable[object]) -> object:
    """Annotate a form."""
    return subscripted(Annotated, (form, *metadata))


def _is_subscriptable(form: object) -> TypeGuard[_Subscriptable]:
    return hasattr(form, "__getitem__") or hasattr(form, "__class_getitem__")
