"""
The benchmarks.

    python -m tests.benchmarks [group ...] [--quick] [--write] [--list]

Without a group all are measured, which takes half an hour; `echo` stands for
all groups whose names begin with it. `--quick` takes a first look. `--write` puts the
figures on the page docs/benchmarks.md.
"""

import argparse
import sys
from collections.abc import Sequence

from tests.benchmarks import record
from tests.benchmarks.group import Group
from tests.benchmarks.machine import packages_of, this_machine
from tests.benchmarks.page import write_page
from tests.benchmarks.results import Measurement, Result
from tests.benchmarks.running import WorkerFailed, measure, steps_of
from tests.benchmarks.suite import SUITE, groups_called
from tests.benchmarks.terminal import Bar, console, print_goals, print_result


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; return the exit status."""
    options = _parser().parse_args(arguments)
    if options.list:
        return _list()
    if options.quick and options.write:
        return _complain("--quick is for a first look, and nothing to --write down")
    try:
        groups = groups_called(options.groups)
    except KeyError as error:
        return _complain(f"there is no group {error}; --list names them")
    if options.write:
        try:
            # Nobody is to learn that after half an hour.
            _with_earlier(groups, {})
        except record.OtherCircumstances as error:
            return _complain(f"{error}, so all groups must be measured for the page")
    return _measure(groups, quick=options.quick, writes=options.write)


class Options(argparse.Namespace):
    """What the command line says."""

    groups: list[str]
    quick: bool
    write: bool
    list: bool


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure typedws beside its peers.",
    )
    parser.add_argument("groups", nargs="*", help="a group, or how several begin")
    parser.add_argument("--quick", action="store_true", help="take a first look")
    parser.add_argument("--write", action="store_true", help="write it on the page")
    parser.add_argument("--list", action="store_true", help="list the groups")
    return parser


def _list() -> int:
    for group in SUITE:
        print(f"{group.key:24}{group.title}")
    return 0


def _complain(text: str) -> int:
    print(f"python -m tests.benchmarks: {text}", file=sys.stderr)
    return 2


def _measure(groups: Sequence[Group], *, quick: bool, writes: bool) -> int:
    measurements = [
        Measurement(group, group.effort.quick() if quick else group.effort)
        for group in groups
    ]
    try:
        with Bar(sum(map(steps_of, measurements))) as bar:
            measure(measurements, bar)
    except WorkerFailed as error:
        return _complain(f"nothing was measured, since a process failed:\n{error}")
    except KeyboardInterrupt:
        return _complain("interrupted")
    results = {each.group.key: Result.of(each) for each in measurements}
    _print(groups, results)
    return _write(groups, results) if writes else 0


def _print(groups: Sequence[Group], results: dict[str, Result]) -> None:
    out, machine = console(), this_machine()
    for group in groups:
        print_result(group, results[group.key], out)
    pairs = [(group, results[group.key]) for group in groups]
    print_goals(pairs, machine.python, out)
    out.print(
        f"\n{machine.python}, {machine.system}, {machine.processor}, "
        f"{machine.cores} cores",
        highlight=False,
    )
    versions = packages_of(groups).items()
    names = ", ".join(f"{name} {version}" for name, version in versions)
    out.print(f"[dim]{names}[/]", highlight=False)


def _write(groups: Sequence[Group], results: dict[str, Result]) -> int:
    record.write(_with_earlier(groups, results))
    write_page()
    return 0


def _with_earlier(groups: Sequence[Group], results: dict[str, Result]) -> record.Record:
    made = record.Record(this_machine(), packages_of(groups), results)
    earlier = record.read(record.file_of(made.machine))
    if earlier is None or len(groups) == len(SUITE):
        return made
    return earlier.with_part(made)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
