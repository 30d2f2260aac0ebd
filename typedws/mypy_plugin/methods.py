"""
The table: what each method of a state means for those that follow it.

A new transition is a line here. Nothing else in the plugin names a method.
"""

from collections.abc import Mapping
from typing import Final, final

from attrs import frozen

__all__ = [
    "CONNECTED",
    "MARK",
    "METHODS",
    "SESSION",
    "SPENT",
    "UNACCEPTED",
    "Method",
    "methods_by_name",
    "successors",
]

UNACCEPTED: Final = "typedws.states.UnacceptedWebSocket"
CONNECTED: Final = "typedws.states.ConnectedWebSocket"
SESSION: Final = "typedws.sessions.Session"
TYPED: Final = "typedws.typed.TypedWebSocket"
SPENT: Final = "typedws.spent.SpentWebSocket"


@final
@frozen(eq=False, order=False)
class Method:
    """
    A method of a state.

    Attributes:
        leads_to: The state that it returns, if it leaves this one.
        lasts: Whether it goes on for long. Then the state is left where it is awaited,
            and not already where it is called, as for a task.
        is_refused: Whether it raises on a state that was left.
        reads: Whether what follows it runs only if there was a message, and so only if
            the connection was not closed.
        fails_at_the_end: Whether it raises `WebSocketDisconnect` after the end. That is
            how a loop ends, and a mistake only where the connection must be closed.
    """

    leads_to: str = ""
    lasts: bool = False
    is_refused: bool = False
    reads: bool = False
    fails_at_the_end: bool = False


_CLOSES: Final = Method(leads_to="ClosedWebSocket")
_RUNS: Final = Method(leads_to="ClosedWebSocket", lasts=True)
_SENDS: Final = Method(is_refused=True)
_RECEIVES: Final = Method(reads=True, fails_at_the_end=True)
_READS: Final = Method(reads=True)

# What every view on an open connection has. mypy asks for a method by the class that
# defines it, and a variable may be declared as no more than a session.
_SESSION: Final[Mapping[str, Method]] = {
    "close": _CLOSES,
    "run": _RUNS,
    "send_each": _RUNS,
    "receive_each": _RUNS,
    "send": _SENDS,
    "receive": _READS,
    "__aiter__": _READS,
    "iter_messages": _READS,
}

METHODS: Final[Mapping[str, Mapping[str, Method]]] = {
    UNACCEPTED: {
        "accept": Method(leads_to="ConnectedWebSocket", is_refused=True),
        "close": Method(leads_to="DeniedWebSocket", is_refused=True),
        "send_denial_response": Method(leads_to="DeniedWebSocket", is_refused=True),
    },
    SESSION: _SESSION,
    CONNECTED: {
        **_SESSION,
        "send_text": _SENDS,
        "send_bytes": _SENDS,
        "send_json": _SENDS,
        "receive_text": _RECEIVES,
        "receive_bytes": _RECEIVES,
        "receive_json": _RECEIVES,
        "iter_text": _READS,
        "iter_bytes": _READS,
        "iter_json": _READS,
    },
    TYPED: _SESSION,
}
"""By the full name of the class of a state."""

MARK: Final = {
    UNACCEPTED: "<answered by>",
    SESSION: "<closed by>",
    CONNECTED: "<closed by>",
    TYPED: "<closed by>",
}
"""Attributes that no program can name."""


def methods_by_name() -> dict[str, tuple[str, str, Method]]:
    """Return the table by the full name of a method, which mypy asks for."""
    return {
        f"{state}.{name}": (state, name, method)
        for state, methods in METHODS.items()
        for name, method in methods.items()
    }


def successors(state: str) -> dict[str, str]:
    """Return what each transition of a state leads to."""
    return {name: method.leads_to for name, method in METHODS[state].items()}
