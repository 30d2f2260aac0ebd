"""The catalogue of errors: each has an entry, and its example raises it."""

import re
import runpy
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from tests.pages import ROOT, Block, blocks_of
from tests.site.names import every_public_name

PAGE: Final = ROOT / "docs" / "errors.md"
EXAMPLES: Final = [block for block in blocks_of(PAGE) if block.raises]


def public_errors() -> dict[str, type[BaseException]]:
    """Give the public classes that can be raised, by their names."""
    found: dict[str, type[BaseException]] = {}
    for full in every_public_name():
        module, _, name = full.rpartition(".")
        value: object = getattr(import_module(module), name)
        if isinstance(value, type) and issubclass(value, BaseException):
            found[name] = value
    return found


ENTRIES: Final = re.findall(
    r"^### `(\w+)`\n\n> (.+)\n\n\*\*Cause\.\*\* .+\n\n\*\*Cure\.\*\* .+\n\n"
    r"<!-- raises: (\w+) -->\n\n```python\n",
    PAGE.read_text(),
    re.MULTILINE,
)
"""The name, the sentence, and the mark of each entry that is whole."""


def test_every_public_error_has_an_entry() -> None:
    """With a sentence, a cause, a cure and an example, and no entry is of another."""
    names = [name for name, _, _ in ENTRIES]

    assert sorted(public_errors()) == sorted(names)
    assert names == [mark for _, _, mark in ENTRIES]
    assert names == [block.raises for block in EXAMPLES]


@pytest.mark.anyio
@pytest.mark.parametrize("block", EXAMPLES, ids=lambda block: str(block.raises))
async def test_an_example_raises_its_error(
    block: Block, tmp_path: Path, anyio_backend_name: str
) -> None:
    """With the sentence that the entry shows."""
    if "import asyncio" in block.code and anyio_backend_name == "trio":
        pytest.skip("this mistake can't be made on trio")
    name = str(block.raises)
    program = runpy.run_path(str(block.write(tmp_path)))
    mistake: Callable[[], Awaitable[None]] = program["mistake"]
    with pytest.raises(public_errors()[name]) as caught:
        await mistake()
    shown = {entry: sentence for entry, sentence, _ in ENTRIES}[name]

    assert shown == sentence_of(caught.value)


def sentence_of(error: BaseException) -> str:
    """Give the first line of what an error says, without the folder of a program."""
    line, *_ = str(error).splitlines()
    return re.sub(r"at \S+\.py:\d+", "at app.py:8", line)
