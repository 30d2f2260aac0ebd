"""Tests of the record: parts are put in where everything else is the same."""

from pathlib import Path

import pytest
from attrs import evolve

from tests.benchmarks import record
from tests.benchmarks.machine import Machine, packages_of, this_machine
from tests.benchmarks.record import OtherCircumstances, Record
from tests.benchmarks.results import Result
from tests.benchmarks.suite import groups_called
from tests.benchmarks.test_results import measured

MACHINE = Machine("CPython 3.11.7", "Linux 6.1", "A processor", 2)
RESULT = Result.of(measured())
WHOLE = Record(MACHINE, {"attrs": "1.0", "uvicorn": "0.1"}, {"a": RESULT, "b": RESULT})


def test_a_part_takes_the_place_of_what_was_there() -> None:
    """The rest stays."""
    other = evolve(RESULT, turns=99)

    whole = WHOLE.with_part(Record(MACHINE, {"attrs": "1.0", "x": "1"}, {"b": other}))

    assert {"a": RESULT, "b": other} == whole.results
    assert {"attrs": "1.0", "uvicorn": "0.1", "x": "1"} == whole.packages


def test_a_part_of_another_version_is_refused() -> None:
    """A table of two versions would be true of none."""
    with pytest.raises(OtherCircumstances, match=r"attrs 2\.0 is not attrs 1\.0"):
        WHOLE.with_part(Record(MACHINE, {"attrs": "2.0"}, {"b": RESULT}))


def test_a_part_of_another_machine_is_refused() -> None:
    """Its microseconds are others."""
    other = evolve(MACHINE, processor="Another one")

    with pytest.raises(OtherCircumstances, match="Another one"):
        WHOLE.with_part(Record(other, {}, {"b": RESULT}))


def test_a_record_is_read_as_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its Python, the oldest first."""
    monkeypatch.setattr(record, "FOLDER", tmp_path)
    newer = evolve(WHOLE, machine=evolve(MACHINE, python="CPython 3.13.0"))
    record.write(newer)
    record.write(WHOLE)

    assert {"CPython 3.11.7": WHOLE, "CPython 3.13.0": newer} == record.records()
    assert ["CPython 3.11.7", "CPython 3.13.0"] == list(record.records())
    assert ["cpython-3.11.json", "cpython-3.13.json"] == sorted(
        path.name for path in tmp_path.iterdir()
    )


def test_there_may_be_no_record_yet(tmp_path: Path) -> None:
    """The first run makes it."""
    assert record.read(tmp_path / "cpython-3.99.json") is None


def test_the_machine_is_described_without_its_name() -> None:
    """By what a figure depends on."""
    machine = this_machine()

    assert machine.python.startswith(("CPython 3.", "PyPy 3."))
    assert machine.cores >= 1
    assert machine.processor


def test_the_versions_are_those_of_all_that_takes_part() -> None:
    """Of what the libraries need, too."""
    versions = packages_of(groups_called(["codecs"]))

    assert {"attrs", "msgspec", "anyio", "idna"} <= set(versions)
