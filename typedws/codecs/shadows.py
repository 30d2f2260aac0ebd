"""
Shadows: Structs that are written in the place of the instances of a class.

msgspec writes Structs in less time than anything else, and tags nothing else. To make a
Struct of an instance takes less time than to put a tag in front of what was written.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Final, Protocol, TypeAlias, TypeVar, final

import msgspec
from attrs import frozen

from typedws.codecs.shapes import Field, Shape, Tag

__all__ = ["Shadow", "has_shadow"]

ResultT = TypeVar("ResultT")

Lower: TypeAlias = Callable[[object], object]


class _MakeStruct(Protocol):
    def __call__(self, *values: object) -> object: ...


class _MakeGetter(Protocol):
    def __call__(
        self, first: str, second: str, /, *more: str
    ) -> Callable[[object], Iterable[object]]: ...


def has_shadow(shape: Shape) -> bool:
    """Say whether the instances of a class can have a shadow."""
    return not shape.is_dict and not shape.is_array


@final
@frozen(eq=False, order=False)
class Shadow:
    """
    A shadow: the fields of a class that are written, and a tag.

    Attributes:
        shape: The class.
        tag: The tag, if it has one.
        otherwise: What is done with an instance that lacks an attribute.
    """

    shape: Shape
    tag: Tag | None
    otherwise: Lower

    def lowering(self) -> Lower:
        """Make the function that gives an instance its shadow."""
        struct, values_of = self._made_of()

        def lower(value: object) -> object:
            try:
                return struct(*values_of(value))
            except AttributeError:
                return self.otherwise(value)

        return lower

    def then(self, finish: Callable[[object], ResultT]) -> Callable[[object], ResultT]:
        """Make the function that at once does something with the shadow."""
        struct, values_of = self._made_of()

        def lower_and_finish(value: object) -> ResultT:
            try:
                return finish(struct(*values_of(value)))
            except AttributeError:
                return finish(self.otherwise(value))

        return lower_and_finish

    def _made_of(self) -> tuple[_MakeStruct, Callable[[object], Iterable[object]]]:
        fields = [field for field in self.shape.fields if field.is_written]
        names = [field.name for field in fields]
        return _struct(self.shape.name, fields, self.tag), _values_of(names)


def _values_of(names: Sequence[str]) -> Callable[[object], Iterable[object]]:
    if len(names) > 1:
        return _getter(names[0], names[1], *names[2:])

    def values_of(value: object) -> Iterable[object]:
        return [_attribute(value, name) for name in names]

    return values_of


def _struct(
    name: str, fields: Sequence[Field], tag: Tag | None
) -> type[msgspec.Struct]:
    keys = {f"field_{at}": field.key for at, field in enumerate(fields)}
    slots: list[str | tuple[str, type]] = [(slot, object) for slot in keys]
    return msgspec.defstruct(
        name,
        slots,
        rename=keys,
        tag_field=None if tag is None else tag[0],
        tag=None if tag is None else tag[1],
        gc=False,
    )


# Of a single name it would give no tuple.
_getter: Final[_MakeGetter] = attrgetter
_attribute: Final[Callable[[object, str], object]] = getattr
