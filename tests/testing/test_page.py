"""Tests of the page "Testing": its programs are tests, and its table is what we do."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.pages import ROOT, blocks_of
from tests.testing.inner_run import run_pytest
from tests.testing.peers_table import (
    CLIENTS,
    PAGE,
    outcome_of,
    page_with,
    recorded,
    table,
)
from tests.testing.wrong_handlers import HANDLERS

BLOCKS: Final = [
    block
    for page in (PAGE, ROOT / "docs" / "servers-in-tests.md")
    for block in blocks_of(page)
]

HOOK = "def pytest_"
"""How a block begins that belongs into a `conftest.py`."""


def test_the_tests_of_the_pages_pass(tmp_path: Path) -> None:
    """Each block is a file of tests, and there is a test in each, but for the hooks."""
    for block in BLOCKS:
        (tmp_path / f"test_{block.name}.py").write_text(block.code)
    # The page recommends anyio's plugin; the others that are installed here would warn.
    others = ("-p", "no:asyncio", "-p", "no:trio")
    options = ("-o", "anyio_mode=auto", "-W", "error", "-rp")
    run = run_pytest(tmp_path, None, *others, *options)

    assert ["passed"] == list(run.outcomes), run.output
    tested = [
        it for it in BLOCKS if not it.code.rpartition("\n\n\n")[2].startswith(HOOK)
    ]

    assert len(BLOCKS) - 1 == len(tested)
    assert set() == {it.name for it in tested if f"test_{it.name}.py" not in run.output}


def test_the_table_of_the_page_is_the_one_that_was_recorded() -> None:
    """`python -m tests.testing.peers_table` writes both."""
    outcomes = recorded()["outcomes"]

    assert page_with(table()) == PAGE.read_text()
    assert list(HANDLERS) == list(outcomes)
    assert all(list(CLIENTS) == list(cells) for cells in outcomes.values())


@pytest.mark.parametrize("handler", HANDLERS)
def test_our_column_of_the_table_is_what_we_do(handler: str) -> None:
    """Those of the others take minutes, and their packages."""
    outcomes = recorded()["outcomes"]
    _, client = CLIENTS["typedws.testing"]

    assert outcomes[handler]["typedws.testing"] == outcome_of(client, HANDLERS[handler])


def test_the_page_names_every_error() -> None:
    """And says when it comes."""
    content = Path(PAGE).read_text()

    named = set(re.findall(r"`(\w+)`", content))
    assert {
        "ASGIViolation",
        "AppCancelled",
        "ConnectionOver",
        "HandshakeDenied",
        "LeakedTaskWarning",
        "LifespanFailed",
        "WaitTimeout",
    } <= named
