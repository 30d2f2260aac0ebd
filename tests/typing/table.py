"""
The tables of docs/type-safety.md, made from what the type checkers find.

    $ python -m tests.typing.table --write

writes them into the page, between its markers. Without `--write` it prints the page.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeAlias, final

from attrs import frozen

from tests.pages import ROOT
from tests.typing.catalogue import Case, cases_in, not_here, subject_of
from tests.typing.checkers import CHECKERS, PLUGIN, SETTINGS, Runs
from tests.typing.compare import (
    MISTAKES,
    PEER_CHECKERS,
    PEER_PACKAGES,
    PEERS,
    PLUGIN_CASES,
    PROGRAMS,
    run_all,
)
from tests.typing.marks import Marks
from tests.typing.run_time import LOGGED, outcome_of

PAGE: Final = ROOT / "docs" / "type-safety.md"

SUBJECTS: Final = (
    "before_the_accept",
    "spent_states",
    "paths_without_end",
    "events_and_messages",
    "typed_messages",
    "both_ways",
    "message_codecs",
    "forgotten_awaits",
    "after_the_end",
    "the_handshake",
    "handshake_parameters",
    "frozen_values",
    "applications",
    "guards",
)
"""In the order of the page."""

_YES: Final = "✓"
_NO: Final = "—"
_UNSEEN: Final = "unseen"

Outcomes: TypeAlias = Mapping[str, str]
"""What happens at run time, by what a case says."""


@final
@frozen(order=False)
class Results:
    """
    What the tables are made from.

    Attributes:
        found: Which checkers have found something in which lines.
        outcomes: What happens at run time.
    """

    found: Marks
    outcomes: Outcomes


def results_of(runs: Runs) -> Results:
    """Gather what the checkers have found, and run the mistakes."""
    found: dict[tuple[str, int], frozenset[str]] = {}
    for name, future in runs.items():
        for one in future.result().findings:
            place = (one.file, one.line)
            found[place] = found.get(place, frozenset[str]()) | {name}
    cases = [*mistakes(), *unseen()]
    return Results(found, {case.says: outcome_of(case) for case in cases})


def mistakes() -> list[Case]:
    """List the mistakes, in the order of the page."""
    files = sorted(MISTAKES, key=lambda file: SUBJECTS.index(file.stem))
    return [case for file in files for case in cases_in(file)]


def unseen() -> tuple[Case, ...]:
    """List the uses of a state that was left which not even the plugin sees."""
    (file,) = (file for file in PLUGIN_CASES if file.stem == _UNSEEN)
    return cases_in(file)


# --- Parts of the page ---------------------------------------------------------------


def _rows(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return _rows([head, ["---", *[":---:"] * (len(head) - 1)], *rows])


def settings(_: Results) -> str:
    """Show what the checkers were run with."""
    return f"```toml\n{SETTINGS.read_text()}```"


def versions(_: Results) -> str:
    """Say which releases were run."""
    tools = {checker.package for checker in CHECKERS.values()}
    said = ", ".join(f"{name} {version(name)}" for name in sorted(tools))
    return (
        f"Run on Python {sys.version_info.major}.{sys.version_info.minor} with {said}."
    )


def counts(results: Results) -> str:
    """Count the mistakes that each checker finds."""
    cases = mistakes()
    found = [case.found_by(results.found) for case in cases]
    each = [
        f"| {checker.title} | {sum(name in names for names in found)} |"
        for name, checker in CHECKERS.items()
    ]
    nobody = sum(not names for names in found)
    programs = sum(len(cases_in(file)) for file in PROGRAMS)
    return "\n".join(
        [
            f"| Of {len(cases)} mistakes | found |",
            "|---|:---:|",
            *each,
            f"| no checker, but at run time | {nobody - len(_unnoticed(results))} |",
            f"| neither a checker nor the run | {len(_unnoticed(results))} |",
            "",
            f"In {programs} correct programs, none of them reports anything.",
        ]
    )


def _unnoticed(results: Results) -> list[Case]:
    return [
        case
        for case in mistakes()
        if not case.found_by(results.found) and not results.outcomes[case.says]
    ]


def gaps(results: Results) -> str:
    """Say for each checker what others find without a plugin, and it does not."""
    lines: list[str] = []
    for name, checker in CHECKERS.items():
        missed = [
            case.says.removesuffix(".")
            for case in mistakes()
            if case.found_by(results.found) - {PLUGIN.name, name}
            and name not in case.found_by(results.found)
        ]
        lines.append(f"- {checker.title}: {'; '.join(missed) or 'nothing'}.")
    return "\n".join(lines)


def table(results: Results) -> str:
    """Make a table of mistakes for each subject."""
    head = ["Mistake", *(it.title for it in CHECKERS.values()), "at run time"]
    files = sorted(MISTAKES, key=lambda file: SUBJECTS.index(file.stem))
    parts = [
        f"### {subject_of(file)}\n\n"
        + _table(head, [_row(case, results) for case in cases_in(file)])
        for file in files
    ]
    return "\n\n".join(parts)


def _row(case: Case, results: Results) -> list[str]:
    found = case.found_by(results.found)
    cells = [_YES if name in found else _NO for name in CHECKERS]
    return [case.says.removesuffix("."), *cells, _outcome(results.outcomes[case.says])]


def _outcome(outcome: str) -> str:
    if outcome == LOGGED:
        return "logged"
    return f"`{outcome}`" if outcome else _NO


def peers(results: Results) -> str:
    """Make the table of the same mistakes in other libraries."""
    files = sorted(PEERS, key=_rank)
    head = ["Mistake", f"typedws ({PLUGIN.title})", "typedws"]
    head += [f"{subject_of(file)} {version(_package(file))}" for file in files]
    ours = {case.says: case.found_by(results.found) for case in mistakes()}
    theirs = [
        {case.says: case.found_by(results.found) for case in cases_in(file)}
        for file in files
    ]
    return _table(
        head,
        [
            [
                says.removesuffix("."),
                _YES if PLUGIN.name in found else _NO,
                _finders(found),
                *(_finders(peer[says]) if says in peer else "n/a" for peer in theirs),
            ]
            for says, found in ours.items()
            if any(says in peer for peer in theirs)
        ],
    )


def _finders(found: frozenset[str]) -> str:
    names = [name for name in PEER_CHECKERS if name in found]
    return _YES if len(names) == len(PEER_CHECKERS) else " ".join(names) or _NO


def _rank(file: Path) -> int:
    return PEER_PACKAGES.index(_package(file))


def _package(file: Path) -> str:
    return file.stem.removeprefix("in_")


def reasons(_: Results) -> str:
    """Say why a mistake can't be made in a library."""
    lines: list[str] = []
    for file in sorted(PEERS, key=_rank):
        by_reason: dict[str, list[str]] = {}
        for says, reason in not_here(file).items():
            by_reason.setdefault(reason, []).append(says.removesuffix("."))
        lines.append(f"- {subject_of(file)}:")
        lines += [
            f"  - {reason} ({'; '.join(said)})" for reason, said in by_reason.items()
        ]
    return "\n".join(lines)


def no_tool(results: Results) -> str:
    """List the uses of a state that was left which no tool sees."""
    return "\n".join(
        f"- {case.says} At run time: {_outcome(results.outcomes[case.says])}."
        for case in unseen()
    )


def only_at_run_time(results: Results) -> str:
    """List the mistakes that no checker finds."""
    return "\n".join(
        f"- {case.says} At run time: {_outcome(results.outcomes[case.says])}."
        for case in mistakes()
        if not case.found_by(results.found)
    )


PARTS: Final[Mapping[str, Callable[[Results], str]]] = {
    "settings": settings,
    "versions": versions,
    "counts": counts,
    "gaps": gaps,
    "table": table,
    "peers": peers,
    "reasons": reasons,
    "no tool": no_tool,
    "only at run time": only_at_run_time,
}
"""What stands between which markers."""


# --- The page ------------------------------------------------------------------------


def parts_of(results: Results) -> dict[str, str]:
    """Make all parts of the page."""
    return {name: make(results) for name, make in PARTS.items()}


def page_with(parts: Mapping[str, str], page: str) -> str:
    """
    Put parts between their markers.

    Raises:
        LookupError: A marker is not in the page.
    """
    for name, part in parts.items():
        begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
        before, begins, rest = page.partition(begin)
        _, ends, after = rest.partition(end)
        if not begins or not ends:
            message = f"the page has no place for {name!r}"
            raise LookupError(message)
        page = f"{before}{begin}\n\n{part}\n\n{end}{after}"
    return page


def main() -> int:
    """Print the page as it should be, or write it."""
    with tempfile.TemporaryDirectory() as folder:
        results = results_of(run_all(Path(folder).resolve()))
    page = page_with(parts_of(results), PAGE.read_text())
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page)
    else:
        sys.stdout.write(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
