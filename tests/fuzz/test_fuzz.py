"""
Fuzzing: whatever a client or a server sends, only errors of typedws come out, in time.

Here with what Hypothesis makes, and with what `make fuzz` has once found or kept. That
one looks further, for it sees which lines its inputs reach.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, fuzz

CORPUS: Final = Path(__file__).with_name("corpus")
KEPT: Final = sorted(CORPUS.glob("*/*"))

# How long a target takes is measured by itself.
short: Final = settings(max_examples=50, deadline=None)
long: Final = settings(max_examples=5_000, deadline=None)

json_values: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
"""What resembles JSON; not all of it is."""

messages: Final = st.fixed_dictionaries(
    {"type": st.sampled_from(["Say", "Join", "", 1, None])},
    optional={
        "text": json_values,
        "to": json_values,
        "rooms": json_values,
        "at": json_values,
    },
)


def msgspec_takes(value: object) -> bool:
    """Tell whether a value has a form in MessagePack."""
    try:
        msgspec.msgpack.encode(value)
    except (OverflowError, UnicodeEncodeError):
        return False
    return True


BYTES: Final[Mapping[str, st.SearchStrategy[bytes]]] = {
    **dict.fromkeys(TARGETS, st.binary(max_size=500)),
    "json": st.binary(max_size=500)
    | json_values.map(lambda value: repr(value).encode("utf-8", "surrogatepass"))
    | st.integers(0, 3000).map(lambda depth: b"[" * depth),
    "codecs": st.binary(max_size=500)
    | messages.map(lambda value: repr(value).replace("'", '"').encode())
    | messages.filter(msgspec_takes).map(msgspec.msgpack.encode),
}


@pytest.mark.parametrize("name", TARGETS)
@short
@given(st.data())
def test_only_errors_of_typedws_come_out(name: str, data: st.DataObject) -> None:
    """A short look at each target."""
    fuzz(name, data.draw(BYTES[name]))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", TARGETS)
@long
@given(st.data())
def test_only_errors_of_typedws_come_out_for_long(
    name: str, data: st.DataObject
) -> None:
    """A long look at each target."""
    fuzz(name, data.draw(BYTES[name]))


@pytest.mark.parametrize(
    "path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_what_was_kept_does_no_harm(path: Path) -> None:
    """Each was found by coverage, so that all of them together reach far."""
    fuzz(path.parent.name, path.read_bytes())


def test_each_target_has_a_corpus() -> None:
    """A small one, so that a clone stays small."""
    names = {path.parent.name for path in KEPT}

    assert set(TARGETS) == names
    assert sum(path.stat().st_size for path in KEPT) < 100_000
