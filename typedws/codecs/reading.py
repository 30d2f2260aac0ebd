"""
Reading: from a type form to what msgspec reads, and from that to values of the form.

Most forms msgspec reads as they are. What it can't read, or would build in another way
than the class itself does, is read as a stand-in: a Struct with the same fields, and
with the tag that a union needs, of which the class is then asked to make an instance.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Protocol, TypeGuard, final

import msgspec
from attrs import field, frozen
from msgspec import UNSET

from typedws.codecs.any_json import build_json
from typedws.codecs.building import (
    Build,
    Misfit,
    Part,
    Reading,
    build_class,
    build_dict,
    build_list,
    build_sized,
    build_tuple,
    build_union,
)
from typedws.codecs.codec import Payload
from typedws.codecs.expected import are_places_clear, expecting
from typedws.codecs.forms import (
    annotated,
    arguments_of,
    is_class,
    is_foreign_name,
    is_json,
    is_union,
    members_of,
    origin_of,
    subscripted,
    unannotated,
    union_of,
    unwrapped,
)
from typedws.codecs.found import telling
from typedws.codecs.glances import (
    Decode,
    Glance,
    TagAlone,
    TagErrors,
    glance,
    tag_struct,
)
from typedws.codecs.hashes import hashed_form
from typedws.codecs.parts import is_anywhere
from typedws.codecs.shapes import Field, Shape, Tag, shape_of
from typedws.codecs.unions import Options, Tagged, tagged
from typedws.exceptions import DecodeError

__all__ = [
    "Decoders",
    "Decoding",
    "Reader",
    "decoding_of",
]

# By these names the checkers know less of them than `Any` in a class's own signature.
_META: Final[type[object]] = msgspec.Meta
_TUPLE: Final[type[object]] = tuple


@final
@frozen(order=False)
class Decoders:
    """
    What msgspec reads with: all attributes are one function, with several types.

    Attributes:
        decoder: From a form to the function that reads it.
        glancer: The same, for Structs that have but a tag, and what reads the rest.
        tag_reader: The same, for a Struct that has the tag as a field.
        has_long_ints: Whether an int may have more than 64 bits.
        has_json_only: Whether a message can't hold what is no JSON.
    """

    decoder: Callable[[object], Decode]
    glancer: Callable[[object], Callable[[Payload], Glance[object]]]
    tag_reader: Callable[[object], Callable[[Payload], TagAlone]]
    has_long_ints: bool
    has_json_only: bool


@final
@frozen(order=False)
class Decoding:
    """
    How messages are read: as they are, or by their tag.

    The codecs do these few steps themselves: to call one more function for it takes a
    tenth of the time that a small message takes.

    Attributes:
        decode: Reads a message, if there is no tag.
        error: Turns what msgspec has raised for a message into ours.
        glance: Reads the tag alone, `None` if there is none.
    """

    decode: Decode
    error: Callable[[Exception, Payload], DecodeError]
    glance: Callable[[Payload], Glance[object]] | None = None


def decoding_of(
    form: object, options: Options, decoders: Decoders, *, builds: bool = True
) -> Decoding:
    """
    Find out how a form is read.

    Args:
        form: The form.
        options: How classes are written.
        decoders: What msgspec reads with.
        builds: Whether it is for reading, and not only to see whether that would do.

    Raises:
        TypeError: The form can't be read.
    """
    reader = Reader(options, builds, decoders.has_long_ints, decoders.has_json_only)
    error = telling(
        decoders.decoder(object),
        expecting(form, options),
        are_places_clear=are_places_clear(form),
    )
    members = reader.plain_members(form)
    if members:
        return _decoding_by_tag(members, decoders, error)
    reading = reader.reading(form)
    decode = decoders.decoder(reading.form)
    build = reading.build
    decode = decode if build is None else _built(decode, build)
    return Decoding(decode, error)


def _built(decode: Decode, build: Build) -> Decode:
    def read(data: Payload) -> object:
        try:
            return build(decode(data))
        except Misfit as misfit:
            raise misfit.as_validation_error() from misfit.__cause__

    return read


def _decoding_by_tag(
    members: Sequence[Tagged],
    decoders: Decoders,
    error: Callable[[Exception, Payload], DecodeError],
) -> Decoding:
    # The usual case, and faster by half than a stand-in: one look at the tag, then one
    # reading by the decoder of the class. To look is to scan all of the message, in
    # which the tag may be anywhere; but a scan is quick.
    glances: list[object] = []
    tags: list[Tag] = []
    for member in members:
        decode = decoders.decoder(member.shape.form)
        glances += [glance(tag, decode) for tag in member.tags]
        tags += member.tags
    return Decoding(
        decoders.decoder(members[0].shape.form),
        TagErrors(tags, decoders.tag_reader(tag_struct(tags[0])), error).error,
        decoders.glancer(union_of(glances)),
    )


# --- Any other form ------------------------------------------------------------------


@final
@frozen(eq=False, order=False)
class Reader:
    """
    Finds out how forms are read.

    Attributes:
        options: How classes are written.
        builds: Whether instances are to be built, so that it must be possible.
        has_long_ints: Whether an int may have more than 64 bits.
        has_json_only: Whether a message can't hold what is no JSON.
    """

    options: Options
    builds: bool
    has_long_ints: bool
    has_json_only: bool
    _stand_ins: dict[tuple[object, Tag | None], Reading] = field(
        factory=dict[tuple[object, Tag | None], Reading], init=False
    )

    def plain_members(self, form: object) -> tuple[Tagged, ...]:
        """
        Give the members of a union of classes, if msgspec can read each; else nothing.

        Raises:
            TypeError: They can't be told apart.
        """
        members = tuple(members_of(form))
        found = tagged(members, self.options)
        is_plain = (
            len(found) == len(members)
            # A class that forbids unknown fields would forbid the tag.
            and not any(one.is_added and one.shape.forbids_unknown for one in found)
            and not any(is_anywhere(member, self._is_foreign) for member in members)
        )
        return found if is_plain else ()

    def reading(self, form: object) -> Reading:
        """
        Find out how a form is read.

        Raises:
            TypeError: It can't be.
        """
        if is_json(form) and not self.has_json_only:
            return Reading(object, build_json)
        form = unwrapped(form)
        if not is_anywhere(form, self._is_foreign):
            return Reading(form)
        shape = shape_of(form)
        if shape is not None:
            return self._stand_in(shape, shape.tag)
        if is_union(form):
            return self._union(tuple(members_of(form)))
        if origin_of(form) is Annotated:
            return self._annotated(*arguments_of(form))
        return self._container(form)

    def _is_foreign(self, form: object) -> bool:
        """Say whether msgspec can't read a form, or not as it is to be read."""
        shape = shape_of(form)
        if shape is not None:
            refuses = self.options.refuses_unknown and not shape.forbids_unknown
            return refuses or not shape.reads_natively
        if is_foreign_name(form):
            return True
        if self._hashed(form) is not None:
            return True
        return is_union(form) and bool(tagged(members_of(form), self.options))

    def _hashed(self, form: object) -> object | None:
        return hashed_form(form, has_long_ints=self.has_long_ints)

    def _annotated(self, inner: object, *metadata: object) -> Reading:
        reading = self.reading(inner)
        build = reading.build
        if build is None or self._hashed(inner) is None:
            form = annotated(reading.form, metadata)
            return Reading(form, build, reading.comes_as)
        # What comes is a list, in which an item may be repeated.
        rules = [one for one in metadata if _is_length(one)]
        least = max((one.min_length or 0 for one in rules), default=0)
        most = min((_most(one) for one in rules), default=math.inf)
        return Reading(reading.form, build_sized(build, least, most), reading.comes_as)

    def _union(self, members: Sequence[object]) -> Reading:
        objects = tagged(members, self.options)
        forms = [one.shape.form for one in objects]
        others = [one for one in members if unannotated(one) not in forms]
        readings = [self.reading(one) for one in others]
        readings += [
            self._stand_in(one.shape, tag) for one in objects for tag in one.tags
        ]
        return Reading(union_of(it.form for it in readings), build_union(readings))

    def _container(self, form: object) -> Reading:
        origin, arguments = origin_of(form) or form, arguments_of(form)
        readings = [self.reading(one) for one in arguments if one is not Ellipsis]
        builds = [reading.build for reading in readings]
        forms = tuple(reading.form for reading in readings)
        is_endless = Ellipsis in arguments
        hashed = self._hashed(form)
        if not any(builds) and hashed is None:
            return Reading(
                subscripted(origin, (*forms, Ellipsis) if is_endless else forms)
            )
        cls = origin if is_class(origin) else object
        if issubclass(cls, _TUPLE) and not is_endless:
            return Reading(subscripted(tuple, forms), build_tuple(builds), tuple)
        if issubclass(cls, Mapping):
            if hashed is None:
                build = build_dict(None, builds[1])
                return Reading(subscripted(dict, forms), build, dict)
            build = build_dict(readings[0].form, builds[1])
            return Reading(subscripted(dict, (str, forms[1])), build, dict)
        build = build_list(origin, builds[0] if builds else None)
        return Reading(subscripted(list, forms or (object,)), build, list)

    def _stand_in(self, shape: Shape, tag: Tag | None) -> Reading:
        known = self._stand_ins.get((shape.form, tag))
        if known is not None:
            return known
        if self.builds and not shape.is_dict:
            _check_can_be_built(shape)
        key, value = tag or ("", None)
        fields = [one for one in shape.fields if one.key != key or tag is None]
        struct = _struct(shape, fields, tag, forbids=self._forbids_unknown(shape))
        given = {
            one.argument: value
            for one in shape.fields
            if one.argument is not None and one not in fields
        }
        parts: list[Part] = []
        reading = Reading(struct, build_class(shape.cls, parts, given), struct)
        # Before its fields: a class may have itself in it.
        self._stand_ins[shape.form, tag] = reading
        inner = [self.reading(one.form) for one in fields]
        # The tag of an array stands before its fields.
        start = 0 if tag is None else 1
        for at, (one, it) in enumerate(zip(fields, inner, strict=True)):
            step = f"[{start + at}]" if shape.is_array else f".{one.key}"
            parts.append(Part(_slot(at), one.argument, step, it.build))
        struct.__annotations__ = {_slot(at): it.form for at, it in enumerate(inner)}
        return reading

    def _forbids_unknown(self, shape: Shape) -> bool:
        return shape.forbids_unknown or self.options.refuses_unknown


class _Length(Protocol):
    """What a `Meta` says of a length."""

    @property
    def min_length(self) -> int | None: ...
    @property
    def max_length(self) -> int | None: ...


def _is_length(metadata: object) -> TypeGuard[_Length]:
    return isinstance(metadata, _META)


def _most(length: _Length) -> float:
    return math.inf if length.max_length is None else length.max_length


# --- Stand-ins -----------------------------------------------------------------------


def _slot(at: int) -> str:
    # Not the key: that may be no identifier.
    return f"field_{at}"


def _struct(
    shape: Shape, fields: Sequence[Field], tag: Tag | None, *, forbids: bool
) -> type[msgspec.Struct]:
    names: list[tuple[str, type] | tuple[str, type, object]] = [
        (_slot(at), object) if one.is_required else (_slot(at), object, UNSET)
        for at, one in enumerate(fields)
    ]
    return msgspec.defstruct(
        shape.name,
        names,
        module=shape.cls.__module__,
        rename={_slot(at): one.key for at, one in enumerate(fields)},
        tag_field=None if tag is None else tag[0],
        tag=None if tag is None else tag[1],
        array_like=shape.is_array,
        forbid_unknown_fields=forbids,
        kw_only=not shape.is_array,
        frozen=True,
        gc=False,
    )


def _check_can_be_built(shape: Shape) -> None:
    names = [one.argument for one in shape.fields if one.argument is not None]
    try:
        inspect.signature(shape.cls).bind(**dict.fromkeys(names, ""))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{shape.name} can't be built from its fields ({', '.join(names)}): its "
            f"__init__ says: {error}"
        ) from None
