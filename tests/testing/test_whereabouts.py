"""Tests of where a coroutine stands, of those that no application is."""

from typedws.testing.whereabouts import place_of


async def coroutine() -> None:
    """Do nothing."""


def test_what_has_no_frame_is_nowhere() -> None:
    """A coroutine that is over, and what is no coroutine."""
    over = coroutine()
    over.close()

    assert [None, None] == [place_of(over, {}), place_of(object(), {})]
