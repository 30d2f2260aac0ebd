"""
The programs in README.md and docs/, each a block that is marked as Python.

A comment above a block says which conversation is held with its `app`, or which error
its `mistake()` raises, or by which name the other programs of the page import it:

    <!-- talk: echo -->
    <!-- raises: DecodeError -->
    <!-- file: echo.py -->
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, final

from attrs import frozen

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))

_BLOCK: Final = re.compile(
    r"(?:^<!-- (?:talk: (?P<talk>[\w-]+)|raises: (?P<raises>\w+)"
    r"|file: (?P<file>[\w.]+)) -->\n\n)?"
    r"^```python\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@final
@frozen(order=False)
class Block:
    """
    A program in a page.

    Attributes:
        page: The page.
        line: The number of its first line there.
        code: The program.
        talk: The name of the conversation to hold with it.
        raises: The name of the error that it is an example of.
        files: The programs of the page that it may import, by the names of their files.
    """

    page: Path
    line: int
    code: str
    talk: str | None
    raises: str | None
    files: Mapping[str, str]

    @property
    def name(self) -> str:
        """A name for a file and for a test."""
        page = self.page.relative_to(ROOT).with_suffix("")
        return re.sub(r"\W", "_", f"{page}_{self.line}")

    @property
    def is_typed(self) -> bool:
        """Whether type checkers are shown it: Channels has no types that they know."""
        return not re.search(r"^from channels", self.code, re.MULTILINE)

    def write(self, folder: Path) -> Path:
        """Write it as a module, each line where it is in the page."""
        for name, code in self.files.items():
            if re.search(rf"^from {Path(name).stem} import", self.code, re.MULTILINE):
                (folder / name).write_text(code)
        file = folder / f"{self.name}.py"
        file.write_text("\n" * (self.line - 1) + self.code)
        return file


def blocks_of(page: Path) -> list[Block]:
    """Find the programs in a page."""
    content = page.read_text()
    matches = list(_BLOCK.finditer(content))
    files = {match["file"]: match["code"] for match in matches if match["file"]}
    return [
        Block(
            page,
            content.count("\n", 0, match.start("code")) + 1,
            match["code"],
            match["talk"],
            match["raises"],
            files,
        )
        for match in matches
    ]


BLOCKS: Final = [block for page in PAGES for block in blocks_of(page)]


def mistakes_in(block: Block) -> set[tuple[str, int]]:
    """Find the lines with a comment that begins with `# error`."""
    return _marked(block, "error")


def reuses_in(block: Block) -> set[tuple[str, int]]:
    """Find those that begin with `# spent`: the plugin for mypy sees them, alone."""
    return _marked(block, "spent")


def _marked(block: Block, word: str) -> set[tuple[str, int]]:
    return {
        (f"{block.name}.py", number)
        for number, line in enumerate(block.code.splitlines(), start=block.line)
        if re.search(rf"# {word}\b", line)
    }
