"""
The programs in docs/frameworks.md: each is the file in docs/examples of that name.

`python -m tests.examples.page` copies them there anew.
"""

import re
from typing import Final

from tests.examples.serving import EXAMPLES
from tests.servers.launching import ROOT

PAGE: Final = ROOT / "docs" / "frameworks.md"

_PROGRAM: Final = re.compile(
    r"^<!-- program: (?P<name>\w+) -->\n(?:\n```py\n.*?^```\n)?",
    re.MULTILINE | re.DOTALL,
)


def renewed(page: str) -> str:
    """Put each program behind its mark."""
    return _PROGRAM.sub(_program, page)


def names_in(page: str) -> list[str]:
    """Name the programs of a page."""
    return [match["name"] for match in _PROGRAM.finditer(page)]


def _program(match: re.Match[str]) -> str:
    name: str = match["name"]
    code = (EXAMPLES / f"{name}.py").read_text()
    return f"<!-- program: {name} -->\n\n```py\n{code}```\n"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
