"""
Marks: which type checkers find a mistake in which lines.

    await websocket.send_text("too early")  # E

says that all of them do. Otherwise they are named, or those that do not are:

    await websocket.accept()  # E: plugin
    match event:  # E: not ty
    await connected.close(1006)  # E: nobody

`plugin` is mypy with our plugin, `mypy` is mypy without. In a file that is shown to two
checkers only, all of them are these two.
"""

import re
import tokenize
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

Place: TypeAlias = tuple[str, int]
"""The name of a file, and the number of a line in it."""

Marks: TypeAlias = Mapping[Place, frozenset[str]]
"""Which checkers find a mistake there; perhaps none does."""

NOBODY: Final = "nobody"

_MARK: Final = re.compile(r"# E(?:: (?P<negation>not )?(?P<names>\w+(?: \w+)*))?")
_OF_THE_PLUGIN: Final = re.compile(r"# E: mypy-plugin\[[a-z-]+\]")
"""A mark in `plugin_cases/`, which names the code as well."""


class NotAMarkError(Exception):
    """A comment looks like a mark, and is none."""


def marks_of(file: Path, checkers: Iterable[str]) -> Marks:
    """
    Read the marks in a file that is shown to some checkers.

    Raises:
        NotAMarkError: A comment looks like a mark, and is none.
    """
    everybody = frozenset(checkers)
    found: dict[Place, frozenset[str]] = {}
    with file.open("rb") as stream:
        for token in tokenize.tokenize(stream.readline):
            if token.type == tokenize.COMMENT and re.match(r"#\s*E\b", token.string):
                place = (file.name, token.start[0])
                found[place] = _read(token.string, everybody, place)
    return found


def _read(comment: str, everybody: frozenset[str], place: Place) -> frozenset[str]:
    if _OF_THE_PLUGIN.fullmatch(comment):
        return frozenset({"plugin"}) & everybody
    mark = _MARK.fullmatch(comment)
    if mark is None:
        raise NotAMarkError(*place, comment)
    names = mark["names"]
    if names is None:
        return everybody
    if names == NOBODY and not mark["negation"]:
        return frozenset()
    named = frozenset(names.split())
    if not named < everybody:
        raise NotAMarkError(*place, comment, f"one of {sorted(everybody)} at a time")
    return everybody - named if mark["negation"] else named
