"""The pictures of the site: each is what its module would draw now."""

import pytest

from tests.site import red_line, state_diagram
from tests.typing.checkers import LONGEST_CHECK, PLUGIN, Runs


def test_the_states_are_drawn_as_they_are_annotated() -> None:
    """`python -m tests.site.state_diagram` draws them anew."""
    assert state_diagram.drawing() == state_diagram.PICTURE.read_text()


def test_each_state_leads_where_the_page_says() -> None:
    """The arrows, without the picture."""
    assert {
        ("UnacceptedWebSocket", "ConnectedWebSocket"): ["accept()"],
        ("UnacceptedWebSocket", "DeniedWebSocket"): [
            "close()",
            "send_denial_response()",
        ],
        ("ConnectedWebSocket", "ClosedWebSocket"): [
            "close()",
            "receive()",
            "receive_each()",
            "run()",
            "send_each()",
        ],
    } == state_diagram.transitions()


@pytest.mark.timeout(LONGEST_CHECK)
def test_the_red_lines_are_those_of_mypy(checked: Runs) -> None:
    """`python -m tests.site.red_line` draws them anew."""
    if PLUGIN.name not in checked:
        pytest.skip("mypy is not installed here")
    found = checked[PLUGIN.name].result().findings

    assert red_line.drawing(found) == red_line.PICTURE.read_text()
