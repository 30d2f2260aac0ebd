"""
Writing: from a value of a type form to what msgspec writes.

Most values msgspec writes as they are. A class whose fields it would not write, or not
all, and a class that needs a tag, are written as a dict.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard, final

from attrs import field, frozen
from msgspec import UNSET

from typedws.codecs.building import Misfit
from typedws.codecs.forms import (
    arguments_of,
    is_class,
    is_union,
    members_of,
    name_of,
    origin_of,
    unannotated,
    unwrapped,
)
from typedws.codecs.parts import is_anywhere, open_classes_inside
from typedws.codecs.shadows import Shadow, has_shadow
from typedws.codecs.shapes import Shape, Tag, shape_of
from typedws.codecs.unions import Options, Tagged, tagged

__all__ = ["Encode", "Encoding", "encoding_of"]

Lower: TypeAlias = Callable[[object], object]
"""From a value to one that msgspec writes as it is to be written."""

Encode: TypeAlias = Callable[[object], bytes]
"""From a value to a payload."""

# By these names the checkers know less of them than `Any` in a class's own signature.
_DICT: Final[type[object]] = dict
_TUPLE: Final[type[object]] = tuple
_NOTHING: Final[type[object]] = type(None)


@final
@frozen(order=False)
class Encoding:
    """
    How values are written.

    Attributes:
        encode: Writes any value of the form, and raises `Misfit` for any other.
        encoders: By a class, what does the same for its instances alone, in less time.
    """

    encode: Encode
    encoders: Mapping[type[object], Encode]


def encoding_of(form: object, options: Options, encode: Encode) -> Encoding:
    """Find out how values of a form are written."""
    natively = _encoding(Writer(options), form, encode)
    inside = open_classes_inside(form)
    if not inside:
        return natively
    carefully = _encoding(Writer(options, is_careful=True), form, encode)

    asked = [cls.__subclasses__ for cls in inside]

    def write(value: object) -> bytes:
        how = natively
        for derived_classes in asked:
            if derived_classes():
                how = carefully
        return how.encoders.get(type(value), how.encode)(value)

    return Encoding(write, {})


def _encoding(writer: "Writer", form: object, encode: Encode) -> Encoding:
    choices = writer.choices(tuple(members_of(form)))
    lower = choices.lowering()
    if lower is None:
        return Encoding(encode, {})

    def write(value: object) -> bytes:
        return encode(lower(value))

    return Encoding(write, choices.encoders(encode))


# --- Unions --------------------------------------------------------------------------


@final
@frozen(order=False)
class _Choice:
    """
    A member of a union, as a value is found to be of it.

    Attributes:
        cls: The class of the value.
        lower: Lowers an instance, `None` if msgspec writes it as it is.
        lower_other: Lowers an instance of a class that is derived from the class.
        shadow: What `lower` makes of an instance, if it is that.
    """

    cls: type[object]
    lower: Lower | None = None
    lower_other: Lower | None = None
    shadow: Shadow | None = None

    def encoder(self, encode: Encode) -> Encode:
        """Give what writes an instance, in as few calls as can be."""
        lower = self.lower
        if lower is None:
            return encode
        if self.shadow is not None:
            return self.shadow.then(encode)
        return lambda value: encode(lower(value))


@final
@frozen(order=False)
class _Choices:
    """
    The members of a union.

    Attributes:
        choices: Those whose class is known.
        names: How all are called.
        is_closed: Whether there are no others.
    """

    choices: Sequence[_Choice]
    names: str
    is_closed: bool

    def encoders(self, encode: Encode) -> dict[type[object], Encode]:
        """Give what writes an instance, by its class."""
        return {one.cls: one.encoder(encode) for one in self.choices}

    def lowering(self) -> Lower | None:
        """Lower a value as the member does that it is of."""
        if not self.is_closed and all(one.lower is None for one in self.choices):
            return None
        lower_for = {one.cls: one.lower for one in self.choices}

        def lower(value: object) -> object:
            cls = type(value)
            if cls not in lower_for:
                return self._lower_other(value)
            lower = lower_for[cls]
            return value if lower is None else lower(value)

        return lower

    def _lower_other(self, value: object) -> object:
        # A str is a Sequence, and a member of its own.
        is_text = isinstance(value, (str, bytes))
        for one in self.choices:
            if not is_text and one.lower_other and isinstance(value, one.cls):
                return one.lower_other(value)
        if self.is_closed:
            raise Misfit(f"{name_of(type(value))} is not {self.names}")
        return value


# --- Any form ------------------------------------------------------------------------


@final
@frozen(eq=False, order=False)
class Writer:
    """
    Finds out how values are written.

    Attributes:
        options: How classes are written.
        is_careful: Whether an instance of a class may be one of a derived class, of
            which msgspec would write all fields.
    """

    options: Options
    is_careful: bool = False
    _objects: dict[tuple[object, Tag | None], Lower] = field(
        factory=dict[tuple[object, Tag | None], Lower], init=False
    )
    _shadows: dict[tuple[object, Tag | None], Shadow] = field(
        factory=dict[tuple[object, Tag | None], Shadow], init=False
    )

    def lowering(self, form: object) -> Lower | None:
        """Find out how a form is written; `None` if msgspec writes it as it is."""
        form = unannotated(unwrapped(form))
        if not is_anywhere(form, self._is_foreign):
            return None
        shape = shape_of(form)
        if shape is not None:
            return self._object(shape, shape.tag)
        if is_union(form):
            return self.choices(tuple(members_of(form))).lowering()
        return self._container(form)

    def choices(self, members: Sequence[object]) -> _Choices:
        """Sort the members of a union, or the one that there is, by their classes."""
        found = tagged(members, self.options)
        dicts = [one for one in found if one.shape.is_dict]
        tags = {one.shape.form: one.tags[0] for one in found if one.is_added}
        choices: list[_Choice] = []
        is_closed = True
        for member in members:
            shape = shape_of(member)
            lower = self.lowering(member)
            if shape is not None and len(dicts) > 1 and shape.is_dict:
                choices.append(self._choice_of_dicts(dicts))
            elif shape is not None:
                choices.append(self._class_choice(shape, lower, tags.get(shape.form)))
            elif member is _NOTHING:
                choices.append(_Choice(_NOTHING))
            elif lower is None:
                is_closed = False
            else:
                choices.append(_Choice(_class_of(member), lower, lower))
        names = " or ".join(name_of(member) for member in members)
        return _Choices(choices, names, is_closed)

    def _class_choice(
        self, shape: Shape, lower: Lower | None, added: Tag | None
    ) -> _Choice:
        tag = added or shape.tag
        whole = self._object(shape, tag)
        if shape.is_dict:
            return _Choice(_DICT, whole if added else lower, whole)
        if added is None and lower is None:
            return _Choice(shape.cls, None, whole)
        return _Choice(shape.cls, whole, whole, self._shadows.get((shape.form, tag)))

    def _choice_of_dicts(self, dicts: Sequence[Tagged]) -> _Choice:
        # They have no class to tell them by, but a Literal, or they were refused.
        lowers: dict[object, Lower | None] = {
            value: self.lowering(one.shape.form)
            for one in dicts
            for _, value in one.tags
        }
        key, _ = dicts[0].tags[0]

        def lower(value: object) -> object:
            lower = lowers.get(_item(value, key, None))
            return value if lower is None else lower(value)

        return _Choice(_DICT, lower if any(lowers.values()) else None, lower)

    def _is_foreign(self, form: object) -> bool:
        """Say whether msgspec does not write a form as it is to be written."""
        shape = shape_of(form)
        if shape is not None:
            is_open = self.is_careful and not shape.is_dict
            return is_open or not shape.writes_natively
        return is_union(form) and any(
            one.is_added for one in tagged(members_of(form), self.options)
        )

    def _object(self, shape: Shape, tag: Tag | None) -> Lower:
        known = self._objects.get((shape.form, tag))
        if known is not None:
            return known
        parts: list[_Part] = []
        lower = (
            _array_lowering(tag, parts)
            if shape.is_array
            else _object_lowering(shape, tag, parts)
        )
        # Before its fields: a class may have itself in it.
        self._objects[shape.form, tag] = lower
        parts += [
            _Part(one.name, one.key, self.lowering(one.form))
            for one in shape.fields
            if one.is_written
        ]
        if any(part.lower is not None for part in parts):
            return lower
        if has_shadow(shape):
            shadow = Shadow(shape, tag, lower)
            self._shadows[shape.form, tag] = shadow
            self._objects[shape.form, tag] = lower = shadow.lowering()
        if tag == shape.tag and shape.writes_natively:
            self._objects[shape.form, tag] = lower = _unless_exact(shape.cls, lower)
        return lower

    def _container(self, form: object) -> Lower:
        origin, arguments = origin_of(form), arguments_of(form)
        lowers = [self.lowering(one) for one in arguments if one is not Ellipsis]
        if (
            is_class(origin)
            and issubclass(origin, _TUPLE)
            and Ellipsis not in arguments
        ):
            return _tuple_lowering(lowers)
        *keys, last = lowers
        return _dict_lowering(last) if keys else _list_lowering(last)


def _class_of(form: object) -> type[object]:
    origin = origin_of(unannotated(form))
    return origin if is_class(origin) else object


@final
@frozen(order=False)
class _Part:
    """A field of a class: the attribute, its name in a message, and its lowering."""

    name: str
    key: str
    lower: Lower | None


def _unless_exact(cls: type[object], lower: Lower) -> Lower:
    """Leave an instance of the class itself to msgspec."""
    return lambda value: value if type(value) is cls else lower(value)


_attribute: Callable[[object, str, object], object] = getattr


def _object_lowering(shape: Shape, tag: Tag | None, parts: Sequence[_Part]) -> Lower:
    get = _item if shape.is_dict else _attribute
    tags = () if tag is None else (tag,)

    def lower(value: object) -> object:
        lowered: dict[str, object] = dict(tags)
        for part in parts:
            item = get(value, part.name, UNSET)
            if item is not UNSET:
                lowered[part.key] = _at(f".{part.key}", part.lower, item)
        return lowered

    return lower


def _item(value: object, name: str, default: object) -> object:
    return value.get(name, default) if _is_mapping(value) else default


def _array_lowering(tag: Tag | None, parts: Sequence[_Part]) -> Lower:
    tags: tuple[object, ...] = () if tag is None else (tag[1],)

    def lower(value: object) -> object:
        items = [_attribute(value, part.name, None) for part in parts]
        lowers = [part.lower for part in parts]
        return [*tags, *_lowered(lowers, items, start=len(tags))]

    return lower


def _tuple_lowering(lowers: Sequence[Lower | None]) -> Lower:
    def lower(value: object) -> object:
        items = tuple(value if _is_array(value) else ())
        if len(items) != len(lowers):
            raise Misfit(
                f"a tuple of length {len(lowers)} was expected, and one of length "
                f"{len(items)} came"
            )
        return list(_lowered(lowers, items))

    return lower


def _list_lowering(lower_item: Lower | None) -> Lower:
    def lower(value: object) -> object:
        items = value if _is_array(value) else ()
        return [_at(f"[{at}]", lower_item, item) for at, item in enumerate(items)]

    return lower


def _dict_lowering(lower_item: Lower | None) -> Lower:
    def lower(value: object) -> object:
        items = value.items() if _is_mapping(value) else ()
        return {key: _at(f"[{key!r}]", lower_item, item) for key, item in items}

    return lower


def _lowered(
    lowers: Sequence[Lower | None], items: Iterable[object], *, start: int = 0
) -> Iterator[object]:
    for at, (lower, item) in enumerate(zip(lowers, items, strict=True), start):
        yield _at(f"[{at}]", lower, item)


def _at(step: str, lower: Lower | None, value: object) -> object:
    if lower is None:
        return value
    try:
        return lower(value)
    except Misfit as misfit:
        misfit.steps.append(step)
        raise


# What a type checker has let pass is not looked at once more; what is wrong after all,
# msgspec does not write.


def _is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, Mapping)


def _is_array(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable)
