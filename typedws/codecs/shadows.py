"""
Shadows: Structs that are written in the place of the instances of a class.

msgspec writes Structs in less time than anything else, and tags nothing else. To make a
Struct of an instance takes less time than to put a tag in front of what was written.
"""

from collections.abc import Callable, Sequence
from keyword import iskeyword
from typing import Final, TypeAlias, TypeVar, final

import msgspec
from attrs import frozen

from typedws.codecs.shapes import Field, Shape, Tag

__all__ = ["Shadow", "has_shadow"]

ResultT = TypeVar("ResultT")

Lower: TypeAlias = Callable[[object], object]

# With the names in the code, an instance is read in a third of the time that it takes
# to look them up. attrs and dataclasses write their `__init__` in the same way.
_SOURCE: Final = """
def read(value):
    try:
        shadow = struct({values})
    except AttributeError:
        return finish(otherwise(value))
    return {result}

keep(read)
"""
_run: Final[Callable[[str, dict[str, object]], None]] = exec


def has_shadow(shape: Shape) -> bool:
    """Say whether the instances of a class can have a shadow."""
    names = [field.name for field in shape.fields]
    return (
        not shape.is_dict
        and not shape.is_array
        and all(name.isidentifier() and not iskeyword(name) for name in names)
    )


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
        return self._reading(lambda shadow: shadow, "shadow")

    def then(self, finish: Callable[[object], ResultT]) -> Callable[[object], ResultT]:
        """Make the function that at once does something with the shadow."""
        return self._reading(finish, "finish(shadow)")

    def _reading(
        self, finish: Callable[[object], ResultT], result: str
    ) -> Callable[[object], ResultT]:
        fields = [field for field in self.shape.fields if field.is_written]
        found: list[Callable[[object], ResultT]] = []
        names: dict[str, object] = {
            "struct": _struct(self.shape.name, fields, self.tag),
            "otherwise": self.otherwise,
            "finish": finish,
            "keep": found.append,
        }
        values = ", ".join(f"value.{field.name}" for field in fields)
        _run(_SOURCE.format(values=values, result=result), names)
        return found[0]


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
