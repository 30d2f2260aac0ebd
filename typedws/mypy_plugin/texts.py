"""The texts of the files: each is read once, and again when it has changed."""

import ast
import warnings
from contextlib import suppress
from pathlib import Path
from typing import final

from mypy.checker import TypeChecker
from mypy.nodes import Statement
from mypy.options import Options

from typedws.mypy_plugin.reader import Reader
from typedws.mypy_plugin.sites import Text

__all__ = ["Texts"]


@final
class Texts:
    """
    Hands out what the text of a file says.

    Args:
        options: What mypy was told: an editor may have another file checked in place of
            one that is not saved yet.
    """

    def __init__(self, options: Options) -> None:
        """Begin with no file read."""
        self._shadows = {
            Path(source).resolve(): shadow
            for source, shadow in options.shadow_file or ()
        }
        self._checked: tuple[list[Statement], Text] | None = None
        self._others: dict[str, tuple[int, Text]] = {}

    def checked(self, checker: TypeChecker) -> Text:
        """Return the text of the file that is checked."""
        definitions = checker.tree.defs
        # dmypy keeps a tree, and gives it new definitions.
        if self._checked is None or self._checked[0] is not definitions:
            self._checked = definitions, _read(self._path(checker.path))
        return self._checked[1]

    def other(self, path: str) -> Text:
        """Return the text of any file, as it is now."""
        path, changed = self._path(path), 0
        with suppress(OSError):
            changed = Path(path).stat().st_mtime_ns
        if path not in self._others or self._others[path][0] != changed:
            self._others[path] = changed, _read(path)
        return self._others[path][1]

    def _path(self, path: str) -> str:
        return self._shadows.get(Path(path).resolve(), path) if self._shadows else path


def _read(path: str) -> Text:
    """Read a file; one that can't be read says nothing."""
    try:
        # What Python finds odd in a text, mypy does not mention.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(Path(path).read_bytes())
        return Reader(tree).text
    except (OSError, SyntaxError, ValueError, RecursionError):
        return Text()
