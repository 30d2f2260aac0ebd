"""
Any JSON, where a message may hold more than that.

`JSON` is read as anything. In MessagePack that may be bytes, a moment, an extension, or
a map with numbers as keys, and JSON has none of these.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeGuard, final

from attrs import frozen

from typedws.codecs.building import Misfit

__all__ = ["build_json"]

_LEAVES: Final[frozenset[type[object]]] = frozenset({str, int, float, bool, type(None)})


@final
@frozen(eq=False, order=False)
class _Place:
    """A step to a place, and the place that it is taken from."""

    step: str
    outer: "_Place | None"


def build_json(read: object) -> object:
    """
    Give back what was read, if it is JSON.

    Raises:
        Misfit: Something in it is not.
    """
    waiting = [read]
    while waiting:
        value = waiting.pop()
        if type(value) in _LEAVES:
            continue
        if _is_array(value):
            waiting += value
        elif _is_map(value) and all(type(key) is str for key in value):
            waiting += value.values()
        else:
            raise _misfit(read)
    return read


def _misfit(read: object) -> Misfit:
    """Find the first place that is no JSON, now that there is one."""
    waiting: list[tuple[object, _Place | None]] = [(read, None)]
    while True:
        value, place = waiting.pop()
        if _is_map(value):
            for key in value:
                if type(key) is not str:
                    problem = f"Expected `str`, got `{type(key).__name__}`"
                    return Misfit(problem, *_steps(place), is_key=True)
            inner = _Place("[...]", place)
            waiting += reversed([(item, inner) for item in value.values()])
        elif _is_array(value):
            items = [(it, _Place(f"[{at}]", place)) for at, it in enumerate(value)]
            waiting += reversed(items)
        elif type(value) not in _LEAVES:
            problem = f"Expected JSON, got `{type(value).__name__}`"
            return Misfit(problem, *_steps(place))


def _steps(place: _Place | None) -> list[str]:
    steps: list[str] = []
    while place is not None:
        steps.append(place.step)
        place = place.outer
    return steps


def _is_map(value: object) -> TypeGuard[Mapping[object, object]]:
    return type(value) is dict


def _is_array(value: object) -> TypeGuard[Sequence[object]]:
    return type(value) is list
