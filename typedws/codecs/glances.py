"""
Glances: to see by its tag what reads a message.

msgspec reads each class of a union in less time by itself than in a union. So it reads
the tag first, as one of several Structs that have nothing else; each knows what is to
read the message as a whole.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias, TypeVar, final

import msgspec
from attrs import frozen

from typedws.codecs.building import Misfit
from typedws.codecs.codec import Payload
from typedws.codecs.shapes import Tag
from typedws.exceptions import DecodeError
from typedws.json_text import UNREADABLE, shortened

__all__ = ["Decode", "Glance", "TagAlone", "TagErrors", "glance", "tag_struct"]

Decode: TypeAlias = Callable[[Payload], object]
"""From a payload to a value; one that reads MessagePack is given no `str`."""

ValueT_co = TypeVar("ValueT_co", covariant=True)


class Glance(Protocol[ValueT_co]):
    """A message of which only the tag was read."""

    @property
    def decode(self) -> Callable[[Payload], ValueT_co]:
        """What reads the whole message."""
        ...


class TagAlone(Protocol):
    """A message of which only the tag was read, whatever that is."""

    @property
    def tag(self) -> str | int:
        """The tag."""
        ...


def glance(tag: Tag, decode: Decode) -> object:
    """Make the Struct that is read of a message with a tag."""
    key, value = tag
    slots: list[str] = []
    namespace: dict[str, object] = {"decode": decode}
    return msgspec.defstruct(
        "Glance", slots, namespace=namespace, tag_field=key, tag=value, gc=False
    )


def tag_struct(tag: Tag) -> object:
    """Make the Struct that has such a tag, whatever its value, as a field."""
    key, value = tag
    slots: list[tuple[str, type]] = [("tag", type(value))]
    return msgspec.defstruct("Glance", slots, rename={"tag": key}, gc=False)


@final
@frozen(order=False)
class TagErrors:
    """
    What is wrong with a tag, in a sentence that says more than that it is wrong.

    Attributes:
        tags: Those that there are.
        read: Reads the tag, whatever it is.
        error_of: Turns what msgspec has raised into ours, whatever it is.
    """

    tags: Sequence[Tag]
    read: Callable[[Payload], TagAlone]
    error_of: Callable[[Exception, Payload], DecodeError]

    def error(self, error: Exception, data: Payload) -> DecodeError:
        """Turn what msgspec has raised for a message into ours."""
        if isinstance(error, msgspec.ValidationError):
            try:
                error = self._better_error(error, self.read(data).tag)
            except UNREADABLE as better:
                error = better
        return self.error_of(error, data)

    def _better_error(
        self, error: msgspec.ValidationError, tag: str | int
    ) -> msgspec.ValidationError:
        known = [value for _, value in self.tags]
        step = f".{self.tags[0][0]}"
        if tag not in known:
            names = ", ".join(repr(value) for value in known)
            problem = f"Expected one of {names}, got {shortened(repr(tag))}"
        elif str(error) == f"Invalid value {tag!r} - at `${step}`":
            problem = f"Expected one tag, got another that is {shortened(repr(tag))}"
        else:
            return error
        return Misfit(problem, step).as_validation_error()
