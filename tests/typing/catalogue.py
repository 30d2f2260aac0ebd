"""
What the files in `cases/` hold: mistakes, and correct programs.

In both kinds of files the docstring of the module names a subject. A function or class
on the top level that has a docstring is a case; what has none helps a case.
"""

import ast
import functools
import re
from pathlib import Path
from typing import Final, final

from attrs import frozen

from tests.typing.marks import Marks

_NOT_HERE: Final = re.compile(r"^# Not here: (.+)\n#   (.+)$", re.MULTILINE)


@final
@frozen(order=False)
class Case:
    """
    A mistake, or a correct program.

    Attributes:
        file: Where it is.
        subject: What the file is about.
        name: Of the function or the class.
        says: The first line of its docstring.
        first: The number of its first line.
        last: The number of its last line.
    """

    file: Path
    subject: str
    name: str
    says: str
    first: int
    last: int

    def found_by(self, marks: Marks) -> frozenset[str]:
        """Tell who finds it."""
        found = [
            marks.get((self.file.name, line), frozenset[str]()) for line in self.lines
        ]
        return frozenset[str]().union(*found)

    @property
    def lines(self) -> range:
        """The numbers of its lines."""
        return range(self.first, self.last + 1)


@functools.cache
def subject_of(file: Path) -> str:
    """Read what a file is about."""
    return ast.get_docstring(ast.parse(file.read_text())) or file.stem


@functools.cache
def cases_in(file: Path) -> tuple[Case, ...]:
    """Find the cases in a file, in their order."""
    tree = ast.parse(file.read_text())
    subject = ast.get_docstring(tree) or file.stem
    found: list[Case] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            says = ast.get_docstring(node)
            if says is not None:
                first = min([node.lineno, *(it.lineno for it in node.decorator_list)])
                last = node.end_lineno or node.lineno
                line = says.splitlines()[0]
                found.append(Case(file, subject, node.name, line, first, last))
    return tuple(found)


@functools.cache
def not_here(file: Path) -> dict[str, str]:
    """Find which mistakes can not be made in a library, and why not."""
    return dict(_NOT_HERE.findall(file.read_text()))
