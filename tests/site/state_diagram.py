"""
Draws `docs/images/states.svg`: the states, and what leads from one to the next.

    python -m tests.site.state_diagram

The arrows are the return annotations of the methods. A test compares the picture with
what this would draw.
"""

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_overloads

from tests.pages import ROOT
from tests.site.drawing import arrow, box, picture, text
from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DeniedWebSocket,
    Handshake,
    UnacceptedWebSocket,
)

PICTURE: Final = ROOT / "docs" / "images" / "states.svg"
STATES: Final = (
    *(UnacceptedWebSocket, ConnectedWebSocket, ClosedWebSocket, DeniedWebSocket),
)
_NAMES: Final = [state.__name__ for state in STATES]
_STATE: Final = re.compile(rf"\b({'|'.join(_NAMES)})\b")

_MARGIN: Final = 20
_BOX: Final = 330
_LINE: Final = 20
_LETTERS: Final = 48


def methods_of(state: type[Handshake]) -> Iterator[str]:
    """Name what a state can do, beside being read."""
    for name in dir(state):
        is_method = inspect.isfunction(inspect.getattr_static(state, name))
        if is_method and not name.startswith("_") and not hasattr(Handshake, name):
            yield name


def targets(state: type[Handshake], method: str) -> set[str]:
    """Name the states that a method returns, by its annotations."""
    function = inspect.getattr_static(state, method)
    annotations = [
        inspect.formatannotation(inspect.signature(one).return_annotation)
        for one in (function, *get_overloads(function))
    ]
    return {name for it in annotations for name in _STATE.findall(it)}


def transitions() -> dict[tuple[str, str], list[str]]:
    """Give the methods that lead from one state to another."""
    found: dict[tuple[str, str], list[str]] = {}
    for state in STATES:
        for method in methods_of(state):
            for target in targets(state, method):
                found.setdefault((state.__name__, target), []).append(f"{method}()")
    return found


def staying(state: type[Handshake]) -> list[str]:
    """Give the methods that lead nowhere else."""
    return [f"{it}()" for it in methods_of(state) if not targets(state, it)]


def drawing() -> str:
    """Draw the states."""
    return picture("The states of a connection", 600, 530, list(_parts()))


def _parts() -> Iterator[str]:
    arrows = transitions()
    unaccepted, connected, closed, denied = _NAMES
    yield from _state(_MARGIN, 20, 70, UnacceptedWebSocket)
    yield arrow((120, 90), (120, 150))
    yield from _label(132, 124, arrows.pop((unaccepted, connected)))
    yield from _state(_MARGIN, 150, 150, ConnectedWebSocket)
    yield arrow((120, 300), (120, 400))
    yield from _label(132, 330, arrows.pop((connected, closed)))
    yield from _ending(_MARGIN, 400, closed)
    yield arrow((350, 55), (500, 55), (500, 400))
    yield from _label(490, 346, arrows.pop((unaccepted, denied)), anchor="end")
    yield from _ending(390, 400, denied)
    yield text(_MARGIN, 500, "All four say what the handshake said.", style="soft")
    if arrows:
        raise NotImplementedError(arrows)


def _state(x: int, y: int, height: int, state: type[Handshake]) -> Iterator[str]:
    yield box(x, y, _BOX, height)
    yield text(x + 12, y + 24, state.__name__, style="name")
    lines = _wrapped(staying(state), _LETTERS)
    for number, line in enumerate(lines):
        yield text(x + 12, y + 48 + number * _LINE, line, style="soft")


def _ending(x: int, y: int, name: str) -> Iterator[str]:
    yield box(x, y, 190, 60)
    yield text(x + 12, y + 24, name, style="name")
    yield text(x + 12, y + 46, "can be returned", style="soft")


def _label(
    x: int, y: int, methods: list[str], *, anchor: str = "start"
) -> Iterator[str]:
    for number, line in enumerate(_wrapped(methods, _LETTERS // 2)):
        yield text(x, y + number * _LINE, line, anchor=anchor)


def _wrapped(methods: list[str], letters: int) -> list[str]:
    return textwrap.wrap(", ".join(methods), letters, break_long_words=False)


def main(file: Path = PICTURE) -> None:
    """Write the picture."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(drawing())


if __name__ == "__main__":
    main()
