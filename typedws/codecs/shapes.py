"""
Shapes: the fields of a class, of whichever library it is, and how msgspec treats it.

An attrs class, a dataclass, a msgspec Struct, a TypedDict and a NamedTuple keep their
fields in five places. msgspec fills in and writes the first two without asking the
class, which is fast, and mostly the same: `reads_natively` and `writes_natively` say
for which classes it is.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias, final

import attrs
from attrs import frozen
from typing_extensions import is_typeddict

from typedws.codecs.forms import (
    hints_of,
    is_class,
    literals_of,
    name_of,
    origin_of,
    qualified,
    unannotated,
)
from typedws.codecs.libraries import (
    AttrsField,
    DataclassField,
    StructField,
    attrs_fields_of,
    dataclass_fields_of,
    has_no_default,
    is_plain_attrs_class,
    is_plain_attrs_field,
    is_plain_dataclass,
    is_struct_form,
    required_keys_of,
    struct_config_of,
    struct_fields_of,
    tuple_defaults_of,
    tuple_fields_of,
)

__all__ = ["Field", "Shape", "Tag", "shape_of"]

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
    if is_struct_form(form, cls):
        return _struct_shape(cls, form, struct_fields_of(form))
    if (attributes := attrs_fields_of(cls)) is not None:
        return _attrs_shape(cls, form, attributes)
    if (fields := dataclass_fields_of(cls)) is not None:
        return _dataclass_shape(cls, form, fields)
    if is_typeddict(cls):
        return _dict_shape(cls, form)
    names = tuple_fields_of(cls)
    return None if names is None else _tuple_shape(cls, form, names)


_known_shape: Callable[[object], Shape | None] = lru_cache(_read_shape)


def _hints(cls: type[object], form: object) -> Hints:
    try:
        return hints_of(cls, form)
    except (NameError, AttributeError, TypeError, SyntaxError) as error:
        message = f"the annotations of {name_of(form)} can't be read: {error}"
        raise TypeError(message) from error


def _hint(name: str, hints: Hints) -> object:
    return qualified(hints.get(name, object)).form


def _are_given_or_fixed(fields: Iterable[Field]) -> bool:
    # A field with one value only has it, whoever fills it in.
    return all(
        field.argument is not None or len(field.literals) == 1 for field in fields
    )


# --- By the library ------------------------------------------------------------------


def _attrs_shape(
    cls: type[object], form: object, attributes: Sequence[AttrsField]
) -> Shape:
    hints = _hints(cls, form)
    fields = tuple(_attrs_field(it, hints) for it in attributes)
    is_plain = is_plain_attrs_class(cls, attributes)
    return Shape(
        cls,
        form,
        fields,
        reads_natively=is_plain
        and all(is_plain_attrs_field(it) for it in attributes)
        and _are_given_or_fixed(fields),
        writes_natively=is_plain,
    )


def _attrs_field(attribute: AttrsField, hints: Hints) -> Field:
    name = attribute.name
    return Field(
        name,
        attribute.alias if attribute.init else None,
        name,
        _hint(name, hints),
        attribute.init and attribute.default is attrs.NOTHING,
        attribute.init or not name.startswith("_"),
    )


def _dataclass_shape(
    cls: type[object], form: object, own_fields: Sequence[DataclassField]
) -> Shape:
    hints = _hints(cls, form)
    fields = tuple(_dataclass_field(it, hints) for it in own_fields)
    return Shape(
        cls,
        form,
        fields,
        reads_natively=is_plain_dataclass(cls, own_fields)
        and _are_given_or_fixed(fields),
        writes_natively=all(field.is_written for field in fields),
    )


def _dataclass_field(field: DataclassField, hints: Hints) -> Field:
    return Field(
        field.name,
        field.name if field.init else None,
        field.name,
        _hint(field.name, hints),
        field.init and has_no_default(field),
        field.init or not field.name.startswith("_"),
    )


def _dict_shape(cls: type[object], form: object) -> Shape:
    hints = _hints(cls, form)
    required = required_keys_of(cls)
    fields = tuple(_dict_field(name, hint, required) for name, hint in hints.items())
    # msgspec knows Required and NotRequired, but not ReadOnly.
    is_known = not any(qualified(hint).is_read_only for hint in hints.values())
    return Shape(cls, form, fields, is_dict=True, reads_natively=is_known)


def _dict_field(name: str, hint: object, required: Collection[str]) -> Field:
    it = qualified(hint)
    is_required = name in required if it.is_required is None else it.is_required
    return Field(name, name, name, it.form, is_required)


def _tuple_shape(cls: type[object], form: object, names: Sequence[str]) -> Shape:
    hints = _hints(cls, form)
    defaults = tuple_defaults_of(cls)
    fields = tuple(
        Field(name, name, name, _hint(name, hints), name not in defaults)
        for name in names
    )
    return Shape(cls, form, fields, is_array=True, forbids_unknown=True)


def _struct_shape(
    cls: type[object], form: object, struct_fields: Sequence[StructField]
) -> Shape:
    config = struct_config_of(cls)
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
