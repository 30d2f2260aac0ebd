"""Writes the tables of `docs/servers.md`, from what was seen."""

import importlib.metadata
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.outcomes.differences import (
    DIFFERENCES,
    Difference,
    difference_of,
    expected,
    newer_difference_of,
)
from tests.outcomes.running import Row, Rows
from tests.outcomes.scenarios.catalogue import GROUPS, SCENARIOS
from tests.outcomes.setups import SETUPS

__all__ = ["PAGE", "PYTHON", "Undeclared", "written"]

PAGE: Final = Path(__file__).parents[2] / "docs" / "servers.md"

PYTHON: Final = "3.11"
"""The one that the page is made with."""

_MARK: Final = re.compile(
    r"(<!-- made by tests/outcomes: (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL
)
_SAME: Final = "\u2713"


class Undeclared(Exception):
    """Something was seen of which no difference speaks."""


def written(page: str, seen: Mapping[str, Rows]) -> str:
    """
    Write the tables into a page.

    Raises:
        Undeclared: Something was seen of which no difference speaks.
    """
    tables = {
        "scenarios": _scenarios(seen),
        "differences": _differences(seen),
        "setups": _setups(),
    }

    def table(match: re.Match[str]) -> str:
        lines = "\n".join(tables[match["name"]])
        return f"{match[1]}\n{lines}\n\n{match[3]}"

    return _MARK.sub(table, page)


def _setups() -> Iterator[str]:
    yield _line(["Server", "Version", "Python", "Command line"])
    yield _line(["---"] * 4)
    for name, setup in SETUPS.items():
        version = importlib.metadata.version(setup.package)
        options = " ".join(setup.options).replace("PORT", "8000")
        command = f"`{setup.package} {options}`"
        yield _line([name, ".".join(version.split(".")[:2]), PYTHON, command])


def _scenarios(seen: Mapping[str, Rows]) -> Iterator[str]:
    yield _line(["What happens", *seen])
    yield _line(["---"] * (len(seen) + 1))
    for group, scenarios in GROUPS.items():
        yield _line([f"**{group}**", *([""] * len(seen))])
        for scenario in scenarios:
            cells = (
                _cell(server, scenario.name, rows[scenario.name])
                for server, rows in seen.items()
            )
            yield _line([scenario.says, *cells])


def _cell(server: str, scenario: str, row: Row) -> str:
    newer = newer_difference_of(server, scenario)
    cell = _cell_of_this_python(server, scenario, row)
    return cell if newer is None else f"{cell}; from Python 3.12 on {_link(newer)}"


def _cell_of_this_python(server: str, scenario: str, row: Row) -> str:
    if row == expected(SCENARIOS[scenario]):
        return _SAME
    difference = difference_of(server, scenario)
    if difference is None or not difference.allows(scenario, row):
        raise Undeclared(server, scenario, row)
    return _link(difference)


def _link(difference: Difference) -> str:
    number = DIFFERENCES.index(difference) + 1
    return f"[{number}](#difference-{number})"


def _differences(seen: Mapping[str, Rows]) -> Iterator[str]:
    for number, difference in enumerate(DIFFERENCES, 1):
        yield f"### Difference {number}"
        yield ""
        yield f"**{', '.join(_servers(difference, seen))}.** {difference.why}"
        yield f"What to do: {difference.instead}"
        yield ""
        yield "| What happens | What is seen everywhere else | What is seen here |"
        yield "|---|---|---|"
        for name, row in (*difference.rows.items(), *difference.from_3_12.items()):
            usual = expected(SCENARIOS[name])
            yield _line(
                [
                    SCENARIOS[name].says,
                    _told(usual, row),
                    _told(row, usual),
                ]
            )
        yield ""


def _servers(difference: Difference, seen: Mapping[str, Rows]) -> Iterable[str]:
    return (
        server
        for server in difference.servers
        if difference.from_3_12
        or any(
            seen[server][name] != expected(SCENARIOS[name]) for name in difference.rows
        )
    )


def _told(row: Row, other: Row) -> str:
    """Tell of a row what the other has not."""
    parts: list[str] = []
    if row.app != other.app:
        parts.append(f"the application: {_lines(row.app)}")
    if row.client != other.client:
        parts.append(f"the client: {_lines(row.client)}")
    if row.log != other.log:
        parts.append(f"the log: {row.log or 'at most one line'}")
    if row.server != other.server:
        parts.append(f"the server: {row.server or 'lives'}")
    return "; ".join(parts)


def _lines(lines: tuple[str, ...]) -> str:
    shown = (line if len(line) < 80 else f"{line[:40]}\u2026" for line in lines)
    return ", ".join(f"`{line}`".replace("|", "\\|") for line in shown) or "nothing"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
