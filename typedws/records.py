"""Records: instances of a class with fields, made of the values of a handshake."""

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeGuard, TypeVar, final

from attrs import frozen
from typing_extensions import TypeForm

from typedws.codecs.shapes import Shape, shape_of

__all__ = ["RecordField", "fields_of", "make", "shape_for"]

RecordT = TypeVar("RecordT")


@final
@frozen(eq=False, order=False)
class RecordField:
    """
    A field that the constructor of a class takes.

    Attributes:
        argument: The constructor's name for it.
        key: The name by which a value is found for it.
        form: Its type.
        is_required: Whether it has no default.
    """

    argument: str
    key: str
    form: object
    is_required: bool


class _Constructor(Protocol):
    def __call__(self, **values: object) -> object: ...


def shape_for(form: object, method: str) -> Shape:
    """
    Read the shape of a class; `method` is the caller, for the error to name.

    Raises:
        TypeError: It is no class with a decided set of fields, or they can't be read.
    """
    try:
        shape = shape_of(form)
    except TypeError as error:
        raise TypeError(f"{method}(): {error}") from error
    if shape is None:
        message = (
            f"{method}() takes a class with fields (an attrs class, a dataclass, a "
            f"msgspec Struct, a TypedDict or a NamedTuple), not {form!r}"
        )
        raise TypeError(message)
    return shape


def fields_of(shape: Shape) -> Iterator[RecordField]:
    """Give the fields that the constructor takes; an alias or a rename is the key."""
    for field in shape.fields:
        if field.argument is not None:
            key = field.argument if field.key == field.name else field.key
            yield RecordField(field.argument, key, field.form, field.is_required)


def make(
    form: TypeForm[RecordT], shape: Shape, values: Mapping[str, object]
) -> RecordT:
    """
    Make an instance of the values of its fields.

    Raises:
        TypeError: The class made something else.
    """
    kind: object = shape.cls
    if _is_constructor(kind) and _is_of(value := kind(**values), form, shape):
        return value
    raise TypeError(f"{shape.name}(...) did not give an instance of the class")


def _is_constructor(kind: object) -> TypeGuard[_Constructor]:
    return callable(kind)


def _is_of(value: object, _form: TypeForm[RecordT], shape: Shape) -> TypeGuard[RecordT]:
    # A TypedDict exists for type checkers only: its instances are dicts.
    return shape.is_dict or isinstance(value, shape.cls)
