"""
Draws `docs/images/red-line.svg`: a real mistake, and what mypy says of it.

    python -m tests.site.red_line

The program is the first one of `docs/typestate.md`, and each sentence is what mypy
prints, with the plugin. A test compares the picture with what this would draw.
"""

import re
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tests.pages import ROOT, Block, blocks_of
from tests.site.drawing import picture, text
from tests.typing.checkers import PLUGIN, Finding, make_project

PICTURE: Final = ROOT / "docs" / "images" / "red-line.svg"
PROGRAM: Final = blocks_of(ROOT / "docs" / "typestate.md")[0]

_WIDTH: Final = 720
_LEFT: Final = 24
_LETTER: Final = 7.83
"""The width of one of 13 pixels in a monospaced font."""
_LINE: Final = 21
_LONGEST: Final = 84


def findings() -> list[Finding]:
    """Let mypy look at the program."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder).resolve()
        files = make_project(project, [PROGRAM.write(project)])
        return PLUGIN.check(project, files)


def drawing(found: Iterable[Finding], block: Block = PROGRAM) -> str:
    """Draw the program with what was found in it."""
    says = {it.line: it.message for it in found if it.file == f"{block.name}.py"}
    rows = list(_rows(block, says))
    parts = [part for row, line in enumerate(rows) for part in _row(row, *line)]
    return picture("What mypy says", _WIDTH, 30 + len(rows) * _LINE, parts)


def _rows(block: Block, says: dict[int, str]) -> Iterator[tuple[str, str]]:
    lines = enumerate(block.code.splitlines(), start=block.line)
    for number, line in lines:
        code = re.sub(r"  # (error|spent).*", "", line)
        yield code, "wrong" if number in says else "code"
        if number in says:
            sentence = re.sub(
                r"(?<= line )\d+",
                lambda match: str(int(match[0]) - block.line + 1),
                f"error: {says[number]}",
            )
            for part in textwrap.wrap(sentence, _LONGEST):
                yield part, "said"


def _row(row: int, words: str, kind: str) -> Iterator[str]:
    y = 30 + row * _LINE
    if kind == "said":
        yield text(_LEFT + 31, y, words, style="said")
        return
    if words:
        yield text(_LEFT, y, words, style="code")
    if kind == "wrong":
        indent = len(words) - len(words.lstrip())
        yield _wave(round(_LEFT + indent * _LETTER), len(words.strip()), y + 5)


def _wave(x: int, letters: int, y: int) -> str:
    teeth = round(letters * _LETTER / 4)
    points = " ".join(f"{x + 4 * n},{y + 2 * (n % 2)}" for n in range(teeth + 1))
    return f'<polyline points="{points}" class="wrong"/>'


def main(file: Path = PICTURE) -> None:
    """Write the picture."""
    file.write_text(drawing(findings()))


if __name__ == "__main__":
    main()
