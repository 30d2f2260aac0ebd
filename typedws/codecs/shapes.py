"""
Shapes: the fields of a class, of whichever library it is, and how msgspec treats it.

An attrs class, a dataclass, a msgspec Struct, a TypedDict and a NamedTuple keep their
fields in five places. msgspec fills in and writes the first two without asking the
class, which is fast, and mostly the same: `reads_natively` and `writes_natively` say
for which classes it is.
"""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, Protocol, TypeAlias, TypeGuard, final

import attrs
import msgspec
from attrs import frozen
from typing_extensions import is_typeddict

from typedws.codecs.forms import (
    arguments_of,
    hints_of,
    is_class,
    literals_of,
    name_of,
    one_layer_off,
    origin_of,
    qualified,
    unannotated,
)

__all__ = ["Field", "Shape", "Tag", "is_anywhere", "parts_of", "shape_of"]

Tag: TypeAlias = tuple[str, str | int]
"""The name of a field, and its value."""

Hints: TypeAlias = Mapping[str, object]


@final
@frozen(order=False)
class Field:
    """
    A field of a class.

    Attributes:
        name: The attribute's name.
        argument: The name of the argument that fills it, `None` if there is none.
        key: Its name in a message.
        form: Its type.
        is_required: Whether a message must have it.
        is_written: Whether a message that is sent has it.
    """

    name: str
    argument: str | None
    key: str
    form: object
    is_required: bool
    is_written: bool = True

    @property
    def literals(self) -> tuple[object, ...]:
        """The values that it may have, if its type is a `Literal`."""
        return literals_of(self.form)


@final
@frozen(order=False)
class Shape:
    """
    What there is to know of a class with fields.

    Attributes:
        cls: The class.
        form: The class with its arguments, if it is generic.
        fields: Its fields.
        is_array: Whether it is an array in a message, not an object.
        is_dict: Whether its instances are dicts, so that nobody knows their class.
        forbids_unknown: Whether it takes no fields but its own.
        tag: The tag that it has of itself.
        reads_natively: Whether msgspec builds instances just as the class does.
        writes_natively: Whether msgspec writes all of its fields, and nothing else.
    """

    cls: type[object]
    form: object
    fields: tuple[Field, ...]
    is_array: bool = False
    is_dict: bool = False
    forbids_unknown: bool = False
    tag: Tag | None = None
    reads_natively: bool = True
    writes_natively: bool = True

    @property
    def name(self) -> str:
        """The name of the class, as its author writes it."""
        return name_of(self.form)


class _AttrsField(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def alias(self) -> str | None: ...
    @property
    def init(self) -> bool: ...
    @property
    def default(self) -> object: ...
    @property
    def converter(self) -> object: ...


class _DataclassField(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def init(self) -> bool: ...
    @property
    def default(self) -> object: ...
    @property
    def default_factory(self) -> object: ...


class _DataclassParameters(Protocol):
    @property
    def init(self) -> bool: ...


class _StructField(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def encode_name(self) -> str: ...
    @property
    def required(self) -> bool: ...


class _StructConfig(Protocol):
    @property
    def array_like(self) -> bool: ...
    @property
    def forbid_unknown_fields(self) -> bool: ...
    @property
    def tag(self) -> str | int | None: ...
    @property
    def tag_field(self) -> str | None: ...


# What the libraries keep on a class, none of it with a type that says enough.
_ATTRS_FIELDS: Final = "__attrs_attrs__"
_ATTRS_OWN_INIT: Final = "__attrs_init__"
_DATACLASS_FIELDS: Final = "__dataclass_fields__"
_DATACLASS_PARAMETERS: Final = "__dataclass_params__"
_DICT_REQUIRED: Final = "__required_keys__"
_SLOTS: Final = "__slots__"
_STRUCT_CONFIG: Final = "__struct_config__"
_TAKES_SELF: Final = "takes_self"
_TUPLE_DEFAULTS: Final = "_field_defaults"
_TUPLE_FIELDS: Final = "_fields"

# By this name the checkers know less of it than `Any` in a class's own signature.
_STRUCT: Final[type[object]] = msgspec.Struct

_HARMLESS_SLOTS: Final = frozenset({"__weakref__"})


def parts_of(form: object) -> Iterator[object]:
    """Give what a form is made of: what it stands for, its arguments, or its fields."""
    if (inner := one_layer_off(form)) is not form:
        yield inner
    elif (shape := shape_of(form)) is not None:
        yield from (field.form for field in shape.fields)
    elif not literals_of(form):
        is_annotated = hasattr(form, "__metadata__")
        arguments = arguments_of(form)[:1] if is_annotated else arguments_of(form)
        yield from (one for one in arguments if one is not Ellipsis)


def is_anywhere(form: object, is_it: Callable[[object], bool]) -> bool:
    """Say whether a form, or anything that it is made of, is of some kind."""
    seen: set[object] = set()
    waiting = [form]
    while waiting:
        form = waiting.pop()
        if is_it(form):
            return True
        if shape_of(form) is not None:
            # Only by way of a class can a form have itself in it.
            if form in seen:
                continue
            seen.add(form)
        waiting.extend(parts_of(form))
    return False


def shape_of(form: object) -> Shape | None:
    """
    Read the shape of a class; `None` if it is no class with a decided set of fields.

    Raises:
        TypeError: Its annotations can't be read.
    """
    form = unannotated(form)
    try:
        return _known_shape(form)
    except TypeError:
        # It has no hash; or it can't be read, and then this says so once more.
        return _read_shape(form)


def _read_shape(form: object) -> Shape | None:
    cls = form if is_class(form) else origin_of(form)
    if not is_class(cls):
        return None
    if _is_struct_form(form, cls):
        return _struct_shape(cls, form, msgspec.structs.fields(form))
    if attrs.has(cls):
        attributes: Iterable[_AttrsField] = attrs.fields(cls)
        return _attrs_shape(cls, form, tuple(attributes))
    if dataclasses.is_dataclass(cls):
        fields: Iterable[_DataclassField] = dataclasses.fields(cls)
        return _dataclass_shape(cls, form, tuple(fields))
    if is_typeddict(cls):
        return _dict_shape(cls, form)
    return _tuple_shape(cls, form) if hasattr(cls, _TUPLE_FIELDS) else None


_known_shape: Callable[[object], Shape | None] = lru_cache(_read_shape)


def _hints(cls: type[object], form: object) -> Hints:
    try:
        return hints_of(cls, form)
    except (NameError, AttributeError, TypeError, SyntaxError) as error:
        message = f"the annotations of {name_of(form)} can't be read: {error}"
        raise TypeError(message) from error


# --- attrs ---------------------------------------------------------------------------


def _attrs_shape(
    cls: type[object], form: object, attributes: tuple[_AttrsField, ...]
) -> Shape:
    hints = _hints(cls, form)
    fields = tuple(_attrs_field(it, hints) for it in attributes)
    is_plain = _is_plain_attrs_class(cls, attributes)
    return Shape(
        cls,
        form,
        fields,
        reads_natively=is_plain
        and all(_is_plain_attribute(it) for it in attributes)
        and all(field.argument is not None or _is_fixed(field) for field in fields),
        writes_natively=is_plain,
    )


def _attrs_field(attribute: _AttrsField, hints: Hints) -> Field:
    name = attribute.name
    return Field(
        name,
        attribute.alias if attribute.init else None,
        name,
        _hint(name, hints),
        attribute.init and attribute.default is attrs.NOTHING,
        attribute.init or not name.startswith("_"),
    )


def _is_plain_attrs_class(cls: type[object], attributes: Iterable[_AttrsField]) -> bool:
    # msgspec writes what is in the slots and in the __dict__, field or not, unless its
    # name begins with an underscore. Reading, it knows of no slot but those of fields.
    names = {attribute.name for attribute in attributes}
    slots = {slot for base in cls.__mro__ for slot in _slots_of(base)}
    return (
        _has_own(cls, _ATTRS_FIELDS)
        and cls.__dictoffset__ == 0
        and slots <= names | _HARMLESS_SLOTS
        and not any(name.startswith("_") for name in names)
        and not hasattr(cls, "__getattr__")
        and not hasattr(cls, "__attrs_pre_init__")
        and not _has_own(cls, _ATTRS_OWN_INIT)
    )


def _is_plain_attribute(attribute: _AttrsField) -> bool:
    takes_self: bool = getattr(attribute.default, _TAKES_SELF, False)
    return attribute.converter is None and not takes_self


def _is_fixed(field: Field) -> bool:
    """Say whether a field has one value only, whoever fills it in."""
    return len(field.literals) == 1


def _slots_of(cls: type[object]) -> tuple[str, ...]:
    # A class without slots of its own would show those of a base: twice is no harm.
    slots: str | Iterable[str] = getattr(cls, _SLOTS, ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _has_own(cls: type[object], name: str) -> bool:
    own: Iterable[str] = vars(cls)
    return name in own


def _hint(name: str, hints: Hints) -> object:
    return qualified(hints.get(name, object)).form


# --- dataclasses ---------------------------------------------------------------------


def _dataclass_shape(
    cls: type[object], form: object, own_fields: tuple[_DataclassField, ...]
) -> Shape:
    hints = _hints(cls, form)
    all_fields: Mapping[str, _DataclassField] = getattr(cls, _DATACLASS_FIELDS)
    parameters: _DataclassParameters = getattr(cls, _DATACLASS_PARAMETERS)
    fields = tuple(_dataclass_field(it, hints) for it in own_fields)
    return Shape(
        cls,
        form,
        fields,
        # ClassVar and InitVar are in one dict with the fields: msgspec refuses those.
        reads_natively=parameters.init
        and _has_own(cls, _DATACLASS_FIELDS)
        and len(all_fields) == len(own_fields)
        and all(field.argument is not None or _is_fixed(field) for field in fields)
        and not any(_may_be_left_out(it, cls) for it in own_fields),
        writes_natively=all(field.is_written for field in fields),
    )


def _dataclass_field(field: _DataclassField, hints: Hints) -> Field:
    missing = (dataclasses.MISSING, dataclasses.MISSING)
    return Field(
        field.name,
        field.name if field.init else None,
        field.name,
        _hint(field.name, hints),
        field.init and (field.default, field.default_factory) == missing,
        field.init or not field.name.startswith("_"),
    )


def _may_be_left_out(field: _DataclassField, cls: type[object]) -> bool:
    # A default that the class has as an attribute msgspec does not put into the
    # instance, and what is not in the instance it does not write.
    return field.default is not dataclasses.MISSING and not _has_own(cls, _SLOTS)


# --- TypedDict, NamedTuple, Struct ---------------------------------------------------


def _dict_shape(cls: type[object], form: object) -> Shape:
    hints = _hints(cls, form)
    required: Collection[str] = getattr(cls, _DICT_REQUIRED)
    fields = tuple(_dict_field(name, hint, required) for name, hint in hints.items())
    # msgspec knows Required and NotRequired, but not ReadOnly.
    is_known = not any(qualified(hint).is_read_only for hint in hints.values())
    return Shape(cls, form, fields, is_dict=True, reads_natively=is_known)


def _dict_field(name: str, hint: object, required: Collection[str]) -> Field:
    it = qualified(hint)
    is_required = name in required if it.is_required is None else it.is_required
    return Field(name, name, name, it.form, is_required)


def _tuple_shape(cls: type[object], form: object) -> Shape:
    hints = _hints(cls, form)
    names: tuple[str, ...] = getattr(cls, _TUPLE_FIELDS)
    defaults: Mapping[str, object] = getattr(cls, _TUPLE_DEFAULTS)
    fields = tuple(
        Field(name, name, name, _hint(name, hints), name not in defaults)
        for name in names
    )
    return Shape(cls, form, fields, is_array=True, forbids_unknown=True)


def _struct_shape(
    cls: type[object], form: object, struct_fields: tuple[_StructField, ...]
) -> Shape:
    config: _StructConfig = getattr(cls, _STRUCT_CONFIG)
    hints = _hints(cls, form)
    fields = tuple(
        Field(it.name, it.name, it.encode_name, _hint(it.name, hints), it.required)
        for it in struct_fields
    )
    field, value = config.tag_field, config.tag
    return Shape(
        cls,
        form,
        fields,
        is_array=config.array_like,
        forbids_unknown=config.forbid_unknown_fields,
        tag=None if field is None or value is None else (field, value),
    )


def _is_struct_form(
    _form: object, cls: type[object]
) -> TypeGuard[type[msgspec.Struct]]:
    # A generic one with its arguments is no class, but msgspec takes it as one.
    return issubclass(cls, _STRUCT)
