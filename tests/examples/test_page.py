"""The page about frameworks has the programs that are tried, and all of them."""

from tests.examples.page import PAGE, names_in, renewed
from tests.examples.serving import NAMES


def test_the_page_has_the_programs_as_they_are() -> None:
    """If not: `python -m tests.examples.page`."""
    page = PAGE.read_text()

    assert renewed(page) == page


def test_the_page_has_every_program() -> None:
    """Each once."""
    assert NAMES == sorted(names_in(PAGE.read_text()))
