"""
Building: from what msgspec has read to the values that were asked for.

What fits is known only when a class has been asked to make an instance of it. So an
error is found deep inside, and learns on its way out in which place that is.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Sized
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Final, Protocol, TypeAlias, TypeGuard, final

import msgspec
from attrs import frozen
from msgspec import UNSET

from typedws.codecs.forms import is_class, subscripted
from typedws.codecs.hashes import MOST_ALIKE, TooManyAlike, check_hashes
from typedws.json_text import UNWANTED, said_by

__all__ = [
    "Build",
    "Misfit",
    "Part",
    "Reading",
    "build_class",
    "build_dict",
    "build_list",
    "build_sized",
    "build_tuple",
    "build_union",
]

Build: TypeAlias = Callable[[object], object]
"""From what msgspec read to the value that was asked for."""


@final
@frozen(order=False)
class Reading:
    """
    How a form is read.

    Attributes:
        form: What msgspec is to read.
        build: Makes the value of that, `None` if it is the value.
        comes_as: The class of what msgspec reads, if there is a build.
    """

    form: object
    build: Build | None = None
    comes_as: type[object] = object


@final
class Misfit(Exception):
    """
    What is in a place does not fit there; on its way out it learns of the place.

    Attributes:
        problem: What is wrong.
        steps: The place, from the inside out.
        is_key: Whether it is the key of an object that is there.
    """

    def __init__(self, problem: str, *steps: str, is_key: bool = False) -> None:
        """Keep what is known where the error is found."""
        super().__init__(problem, *steps)
        self.problem = problem
        self.steps: list[str] = list(steps)
        self.is_key = is_key

    @property
    def place(self) -> str:
        """The place, as msgspec writes it."""
        place = "$" + "".join(reversed(self.steps))
        return f"key in {place}" if self.is_key else place

    def as_validation_error(self) -> msgspec.ValidationError:
        """Make the error that msgspec would have raised."""
        return msgspec.ValidationError(f"{self.problem} - at `{self.place}`")


# --- Classes -------------------------------------------------------------------------


@final
@frozen(order=False)
class Part:
    """
    A field of a stand-in.

    Attributes:
        slot: The name of the attribute that it is read from.
        argument: The name of the argument that it is for, `None` if it is for none.
        step: The field's place in the object.
        build: Makes the value, `None` if it is the value.
    """

    slot: str
    argument: str | None
    step: str
    build: Build | None


class _Constructor(Protocol):
    def __call__(self, **values: object) -> object: ...


# By this type: of a class, the checkers take no arguments that they do not know.
_constructor: Callable[[type[object]], _Constructor] = partial


def build_class(
    cls: type[object], parts: Iterable[Part], given: Mapping[str, object]
) -> Build:
    """
    Make the build of a class, from a stand-in.

    Args:
        cls: The class.
        parts: The fields of the stand-in; more may come until the first build.
        given: Arguments that no field has.
    """
    make = _constructor(cls)

    def build(stand_in: object) -> object:
        values = dict(given)
        for part in parts:
            value: object = getattr(stand_in, part.slot)
            if value is UNSET or part.argument is None:
                continue
            values[part.argument] = _at(part.step, part.build, value)
        try:
            return make(**values)
        except (ValueError, TypeError, *UNWANTED) as error:
            # As msgspec has it: by these a class says that it does not want the values.
            raise Misfit(said_by(error)) from error

    return build


def _at(step: str, build: Build | None, value: object) -> object:
    if build is None:
        return value
    try:
        return build(value)
    except Misfit as misfit:
        misfit.steps.append(step)
        raise


# --- Unions and containers -----------------------------------------------------------


def build_union(readings: Iterable[Reading]) -> Build | None:
    """Make the build of a union; `None` if every member is read as it is."""
    builds = {one.comes_as: one.build for one in readings if one.build is not None}
    build_for = builds.get

    def build(value: object) -> object:
        build_it = build_for(type(value))
        return value if build_it is None else build_it(value)

    return build if builds else None


def build_dict(keys: object | None, value: Build | None) -> Build:
    """
    Make the build of a dict, from a dict.

    Args:
        keys: The type of the keys, if they are read as texts; `None` if they are read.
        value: What makes the values.
    """

    def build(read: object) -> object:
        items = read if _is_mapping(read) else dict[object, object]()
        names = list(items) if keys is None else _keys(list(items), keys)
        built = [_at("[...]", value, item) for item in items.values()]
        return dict(zip(names, built, strict=True))

    return build


def _keys(names: Sequence[object], form: object) -> Sequence[object]:
    # Some at a time: so few do no harm, whatever their hashes are.
    keys: list[object] = []
    for start in range(0, len(names), MOST_ALIKE):
        some = names[start : start + MOST_ALIKE]
        found = _some_keys(some, form)
        if len(found) < len(some):
            # Two texts were one key.
            found = [key for name in some for key in _some_keys([name], form)]
        keys += found
    _check_hashes(keys)
    return keys


def _some_keys(names: Iterable[object], form: object) -> Sequence[object]:
    texts: object = dict.fromkeys(names)
    try:
        read: object = msgspec.convert(
            texts, subscripted(dict, (form, object)), str_keys=True
        )
    except (msgspec.ValidationError, TypeError) as error:
        # A Decimal that is a signaling NaN has no hash.
        raise Misfit(str(error).partition(" - at `")[0], is_key=True) from None
    return list(read if _is_array(read) else ())


def build_tuple(builds: Sequence[Build | None]) -> Build:
    """Make the build of a tuple whose length is known, from a tuple."""

    def build(read: object) -> object:
        items = read if _is_array(read) else ()
        return tuple(
            item if one is None else _at(f"[{at}]", one, item)
            for at, (one, item) in enumerate(zip(builds, items, strict=True))
        )

    return build


def build_list(origin: object, build_item: Build | None) -> Build:
    """Make the build of a list, a set or a tuple of any length, from a list."""
    cls = origin if is_class(origin) else object
    make = next(make for kind, make in _MAKERS if issubclass(cls, kind))

    def build(read: object) -> object:
        items = read if _is_array(read) else ()
        if build_item is None:
            return make(items)
        built: list[object] = []
        try:
            built.extend(map(build_item, items))
        except Misfit as misfit:
            misfit.steps.append(f"[{len(built)}]")
            raise
        return make(built)

    return build


def build_sized(build: Build, least: int, most: float) -> Build:
    """Make the build of a set or a dict that has a bounded number of items."""

    def build_it(read: object) -> object:
        value = build(read)
        length = len(value) if isinstance(value, Sized) else 0
        if length < least:
            problem = f"Expected at least {least} different items, got {length}"
            raise Misfit(problem)
        if length > most:
            raise Misfit(f"Expected at most {most} different items, got {length}")
        return value

    return build_it


def _frozenset(items: Iterable[object]) -> object:
    return frozenset(_set(items))


def _set(items: Iterable[object]) -> AbstractSet[object]:
    values = list(items)
    _check_hashes(values)
    return set(values)


def _check_hashes(values: Collection[object]) -> None:
    try:
        check_hashes(values)
    except TypeError as error:
        raise Misfit(said_by(error)) from error
    except TooManyAlike:
        problem = f"Expected values, got more than {MOST_ALIKE} that have one hash"
        raise Misfit(problem) from None


_Make: TypeAlias = Callable[[Iterable[object]], object]

_MAKERS: Final[Sequence[tuple[type[object], _Make]]] = (
    (tuple, tuple),
    (frozenset, _frozenset),
    (AbstractSet, _set),
    (object, list),
)
"""What makes a container of a list, by the first of these classes that it is of."""


# msgspec has seen to it. Asking again would cost as much as building does.


def _is_mapping(_read: object) -> TypeGuard[Mapping[object, object]]:
    return True


def _is_array(_read: object) -> TypeGuard[Iterable[object]]:
    return True
