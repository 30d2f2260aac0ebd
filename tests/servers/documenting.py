"""
Writes the tables of `docs/servers-in-tests.md`, from the profiles and the measurements.

    python -m tests.servers.documenting

A test compares the page with what this would write.
"""

import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeGuard

from attrs import fields

from tests.servers.differences import CHANCES, DIFFERENCES, PROFILES, VARIANTS
from tests.servers.plain_data import is_dict, is_sequence
from tests.servers.rows import Row, measured, measured_version
from tests.servers.scenarios import SCENARIOS
from typedws.testing import STRICT, Profile

_HIGHEST_CODE: Final = 2**16 - 1

PAGE: Final = Path(__file__).parents[2] / "docs" / "servers-in-tests.md"

_MARK: Final = re.compile(
    r"(<!-- made by tests/servers: (?P<name>[a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL
)
_FIELD: Final = re.compile(
    r"^    (\w+): (.*?)(?=^    \w+: |\Z)", re.MULTILINE | re.DOTALL
)
"""A field in the docstring of `Profile`."""

_NOT_SHOWN: Final = frozenset({"name", "enforces_specification"})


def written(page: str) -> str:
    """Write the tables into a page."""

    def table(match: re.Match[str]) -> str:
        lines = "\n".join(_TABLES[match["name"]]())
        return f"{match[1]}\n{lines}\n\n{match[3]}"

    return _MARK.sub(table, page)


# --- Tables ------------------------------------------------------------------------


def _versions() -> Iterator[str]:
    yield "| Profile | Measured on |"
    yield "|---|---|"
    for name in PROFILES:
        yield f"| `{name.upper()}` | {name} {measured_version(name)} |"


def _fields() -> Iterator[str]:
    names = ["`STRICT`", *(f"`{name.upper()}`" for name in PROFILES)]
    yield _row(["", *names])
    yield _row(["---"] * (len(names) + 1))
    for name, says in _described():
        strict = _shown(getattr(STRICT, name))
        cells = [_shown(getattr(profile, name)) for profile in PROFILES.values()]
        if any(cell != strict for cell in cells):
            yield _row([f"{says} (`{name}`)", strict, *cells])


def _differences() -> Iterator[str]:
    yield "| Scenario | Profile | Why |"
    yield "|---|---|---|"
    for scenario, why in dict.fromkeys(
        (scenario, why) for (_, scenario), why in DIFFERENCES.items()
    ):
        names = [name for name in PROFILES if DIFFERENCES.get((name, scenario)) == why]
        shown = "all" if len(names) == len(PROFILES) else ", ".join(names)
        yield f"| {SCENARIOS[scenario].says} | {shown} | {why} |"


def _variants() -> Iterator[str]:
    yield "| Scenario | Set-up | What is seen | Instead of |"
    yield "|---|---|---|---|"
    for variant, name in VARIANTS.items():
        own, other = measured(name), measured(variant)
        for scenario, described in SCENARIOS.items():
            if (variant, scenario) in CHANCES:
                yield _row(
                    [described.says, variant, CHANCES[variant, scenario], "one of both"]
                )
                continue
            here, there = _unequal(other[scenario], own[scenario])
            if here or there:
                yield _row([described.says, variant, _joined(here), _joined(there)])


def _scenarios() -> Iterator[str]:
    for number, scenario in enumerate(SCENARIOS.values(), 1):
        yield f"{number}. {scenario.says}"


_TABLES: Final = {
    "versions": _versions,
    "fields": _fields,
    "differences": _differences,
    "variants": _variants,
    "scenarios": _scenarios,
}


# --- Cells -------------------------------------------------------------------------


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _described() -> Iterator[tuple[str, str]]:
    """Give the fields, and the first sentence of what the docstring says of each."""
    text = inspect.cleandoc(Profile.__doc__ or "").partition("Attributes:\n")[2]
    told = dict(_FIELD.findall(text))
    for attribute in fields(Profile):
        if attribute.name not in _NOT_SHOWN:
            sentence = " ".join(told[attribute.name].split())
            yield attribute.name, sentence.partition(". ")[0].rstrip(".")


def _shown(value: object) -> str:
    if is_items(value):
        return ", ".join(sorted(map(_shown_item, value))) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value > _HIGHEST_CODE:
        return f"{value // 1024} KiB"
    return "none" if value is None else str(value)


def _shown_item(item: object) -> str:
    if isinstance(item, range):
        first, last = item[0], item[-1]
        if last >= _HIGHEST_CODE:
            return "any"
        return str(first) if first == last else f"{first} to {last}"
    return " becomes ".join(map(str, item)) if is_items(item) else f"`{item}`"


def is_items(value: object) -> TypeGuard[frozenset[object] | tuple[object, ...]]:
    """Whether a value holds others."""
    return isinstance(value, (frozenset, tuple))


def _unequal(here: Row, there: Row) -> tuple[list[str], list[str]]:
    """Give the lines of two rows in which they differ."""
    first, second = list(_told(here)), list(_told(there))
    return (
        [line for line in first if line not in second],
        [line for line in second if line not in first],
    )


def _told(row: Row) -> Iterator[str]:
    for side, record in row.items():
        for line in record:
            parts = line if is_sequence(line) else [line]
            yield f"{_SIDES[side]}{' '.join(map(_word, parts))}"


_SIDES: Final = {"app": "", "client": "client: ", "server": "the server "}


def _word(part: object) -> str:
    if is_dict(part):
        others = (f"{key}={part[key]!a}" for key in part if key != "type")
        return f"`{' '.join([str(part['type']), *others])}`"
    return f"{part!a}" if is_sequence(part) else str(part)


def _joined(lines: Sequence[str]) -> str:
    return "; ".join(lines) or "nothing of it"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
