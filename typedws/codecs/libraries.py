"""
Libraries: what attrs, dataclasses, msgspec and typing keep on a class, with types.

Some of it has no type that says enough, some has no public name at all.
"""

import dataclasses
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeGuard

import attrs
import msgspec

__all__ = [
    "AttrsField",
    "DataclassField",
    "StructConfig",
    "StructField",
    "attrs_fields_of",
    "dataclass_fields_of",
    "field_names_of",
    "has_hash",
    "has_no_default",
    "is_plain_attrs_class",
    "is_plain_attrs_field",
    "is_plain_dataclass",
    "is_struct_form",
    "required_keys_of",
    "struct_config_of",
    "struct_fields_of",
    "tuple_defaults_of",
    "tuple_fields_of",
]

_ATTRS_FIELDS: Final = "__attrs_attrs__"
_ATTRS_OWN_INIT: Final = "__attrs_init__"
_CODE: Final = "__code__"
_DATACLASS_FIELDS: Final = "__dataclass_fields__"
_DATACLASS_PARAMETERS: Final = "__dataclass_params__"
_DICT_REQUIRED: Final = "__required_keys__"
_FILE_NAME: Final = "co_filename"
_GENERATED: Final = "<string>"
_INIT: Final = "__init__"
_SLOTS: Final = "__slots__"
_STRUCT_CONFIG: Final = "__struct_config__"
_STRUCT_FIELDS: Final = "__struct_fields__"
_TAKES_SELF: Final = "takes_self"
_TUPLE_DEFAULTS: Final = "_field_defaults"
_TUPLE_FIELDS: Final = "_fields"

_HARMLESS_SLOTS: Final = frozenset({"__weakref__"})

# --- attrs ---------------------------------------------------------------------------


class AttrsField(Protocol):
    """A field, as attrs has it."""

    @property
    def name(self) -> str:
        """The attribute's name."""
        ...

    @property
    def alias(self) -> str | None:
        """The name of its argument."""
        ...

    @property
    def init(self) -> bool:
        """Whether `__init__` has an argument for it."""
        ...

    @property
    def default(self) -> object:
        """Its default, or what stands for none."""
        ...

    @property
    def converter(self) -> object:
        """What is made of an argument."""
        ...


def attrs_fields_of(cls: type[object]) -> tuple[AttrsField, ...] | None:
    """Give the fields of an attrs class; `None` if it is none."""
    if not attrs.has(cls):
        return None
    fields: Iterable[AttrsField] = attrs.fields(cls)
    return tuple(fields)


def is_plain_attrs_class(cls: type[object], attributes: Iterable[AttrsField]) -> bool:
    """Say whether msgspec builds and writes instances as the class would have it."""
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


def is_plain_attrs_field(attribute: AttrsField) -> bool:
    """Say whether a value from a message goes into a field as it is."""
    takes_self: bool = getattr(attribute.default, _TAKES_SELF, False)
    return attribute.converter is None and not takes_self


def _slots_of(cls: type[object]) -> tuple[str, ...]:
    # A class without slots of its own would show those of a base: twice is no harm.
    slots: str | Iterable[str] = getattr(cls, _SLOTS, ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def _has_own(cls: type[object], name: str) -> bool:
    own: Iterable[str] = vars(cls)
    return name in own


def field_names_of(cls: type[object]) -> Sequence[str]:
    """Give the names of the fields of any class; none if it has none."""
    struct_names: Sequence[str] = getattr(cls, _STRUCT_FIELDS, ())
    fields = attrs_fields_of(cls) or dataclass_fields_of(cls) or ()
    return struct_names or [field.name for field in fields]


# --- dataclasses ---------------------------------------------------------------------


class DataclassField(Protocol):
    """A field, as dataclasses have it."""

    @property
    def name(self) -> str:
        """The attribute's name."""
        ...

    @property
    def init(self) -> bool:
        """Whether `__init__` has an argument for it."""
        ...

    @property
    def default(self) -> object:
        """Its default, or what stands for none."""
        ...

    @property
    def default_factory(self) -> object:
        """What makes its default, or what stands for none."""
        ...


class _DataclassParameters(Protocol):
    """What `@dataclass(...)` was told."""

    @property
    def init(self) -> bool:
        """Whether it made an `__init__`."""
        ...


def dataclass_fields_of(cls: type[object]) -> tuple[DataclassField, ...] | None:
    """Give the fields of a dataclass; `None` if it is none."""
    if not dataclasses.is_dataclass(cls):
        return None
    fields: Iterable[DataclassField] = dataclasses.fields(cls)
    return tuple(fields)


def has_no_default(field: DataclassField) -> bool:
    """Say whether an instance can't be made without the field."""
    missing = (dataclasses.MISSING, dataclasses.MISSING)
    return (field.default, field.default_factory) == missing


def is_plain_dataclass(cls: type[object], fields: Collection[DataclassField]) -> bool:
    """Say whether msgspec builds instances as the class does."""
    with_others: Collection[str] = getattr(cls, _DATACLASS_FIELDS)
    parameters: _DataclassParameters = getattr(cls, _DATACLASS_PARAMETERS)
    return (
        parameters.init
        and _has_generated_init(cls)
        and _has_own(cls, _DATACLASS_FIELDS)
        # ClassVar and InitVar are in one dict with the fields: msgspec refuses those.
        and len(with_others) == len(fields)
        and not any(_may_be_left_out(field, cls) for field in fields)
    )


def _has_generated_init(cls: type[object]) -> bool:
    # One that the class has, @dataclass leaves as it is, and says nowhere that it did.
    init: object = getattr(cls, _INIT)
    code: object = getattr(init, _CODE, None)
    file_name: object = getattr(code, _FILE_NAME, None)
    return file_name == _GENERATED


def _may_be_left_out(field: DataclassField, cls: type[object]) -> bool:
    # A default that the class has as an attribute msgspec does not put into the
    # instance, and what is not in the instance it does not write.
    return field.default is not dataclasses.MISSING and not _has_own(cls, _SLOTS)


# --- msgspec -------------------------------------------------------------------------

# By this name the checkers know less of it than `Any` in a class's own signature.
_STRUCT: Final[type[object]] = msgspec.Struct


class StructField(Protocol):
    """A field, as msgspec has it."""

    @property
    def name(self) -> str:
        """The attribute's name."""
        ...

    @property
    def encode_name(self) -> str:
        """Its name in a message."""
        ...

    @property
    def required(self) -> bool:
        """Whether a message must have it."""
        ...


class StructConfig(Protocol):
    """What a Struct was told."""

    @property
    def array_like(self) -> bool:
        """Whether it is an array in a message."""
        ...

    @property
    def eq(self) -> bool:
        """Whether two are compared by their fields."""
        ...

    @property
    def frozen(self) -> bool:
        """Whether nobody changes an instance."""
        ...

    @property
    def forbid_unknown_fields(self) -> bool:
        """Whether it takes no fields but its own."""
        ...

    @property
    def tag(self) -> str | int | None:
        """The value of its tag."""
        ...

    @property
    def tag_field(self) -> str | None:
        """The name of its tag."""
        ...


def is_struct_form(_form: object, cls: type[object]) -> TypeGuard[type[msgspec.Struct]]:
    """Say whether a form is a Struct, of the class that is given."""
    # A generic one with its arguments is no class, but msgspec takes it as one.
    return issubclass(cls, _STRUCT)


def struct_fields_of(struct: type[msgspec.Struct]) -> tuple[StructField, ...]:
    """Give the fields of a Struct."""
    return msgspec.structs.fields(struct)


def struct_config_of(cls: type[object]) -> StructConfig:
    """Give what a Struct was told."""
    config: StructConfig = getattr(cls, _STRUCT_CONFIG)
    return config


def has_hash(cls: type[object]) -> bool:
    """Say whether the instances of a class have a hash, as far as the class knows."""
    config: StructConfig | None = getattr(cls, _STRUCT_CONFIG, None)
    if config is not None and cls.__hash__ is _STRUCT.__hash__:
        return config.frozen or not config.eq
    return issubclass(cls, Hashable)


# --- typing --------------------------------------------------------------------------


def required_keys_of(cls: type[object]) -> Collection[str]:
    """Give the keys that a TypedDict must have."""
    required: Collection[str] = getattr(cls, _DICT_REQUIRED)
    return required


def tuple_fields_of(cls: type[object]) -> tuple[str, ...] | None:
    """Give the names of the fields of a NamedTuple; `None` if it is none."""
    names: tuple[str, ...] | None = getattr(cls, _TUPLE_FIELDS, None)
    return names


def tuple_defaults_of(cls: type[object]) -> Mapping[str, object]:
    """Give the defaults of the fields of a NamedTuple."""
    defaults: Mapping[str, object] = getattr(cls, _TUPLE_DEFAULTS)
    return defaults
