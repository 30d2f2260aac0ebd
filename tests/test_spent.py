"""`SpentWebSocket`, of which there are no instances."""

from inspect import signature

import pytest

from typedws import Handshake, SpentWebSocket


def test_it_can_not_be_built() -> None:
    """It is the type of a name, so it refuses."""
    assert len(signature(SpentWebSocket).parameters) == 1
    with pytest.raises(TypeError) as caught:
        SpentWebSocket(None)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]  # ty: ignore[invalid-argument-type]

    assert str(caught.value) == (
        "a SpentWebSocket exists for type checkers only; "
        "at run time a spent name still holds its UnacceptedWebSocket"
    )


def test_it_has_the_data_and_none_of_the_actions() -> None:
    """What mypy allows on a spent name is what a handshake says."""
    spent: SpentWebSocket = object.__new__(SpentWebSocket)

    assert issubclass(SpentWebSocket, Handshake)
    assert not any(hasattr(spent, name) for name in ("accept", "close", "scope"))
