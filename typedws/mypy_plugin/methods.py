"""
The tables: which method leaves which state, and which ones raise on a state that was.

A new transition is a line here. Nothing else in the plugin names a method.
"""

from typing import Final

__all__ = [
    "CONNECTED",
    "MARK",
    "RAISING_READS",
    "READS",
    "REFUSED",
    "SPENT",
    "TRANSITIONS",
    "TYPED",
    "UNACCEPTED",
]

UNACCEPTED: Final = "typedws.states.UnacceptedWebSocket"
CONNECTED: Final = "typedws.states.ConnectedWebSocket"
TYPED: Final = "typedws.typed.TypedWebSocket"
SPENT: Final = "typedws.spent.SpentWebSocket"

TRANSITIONS: Final = {
    UNACCEPTED: {
        "accept": "ConnectedWebSocket",
        "close": "DeniedWebSocket",
        "send_denial_response": "DeniedWebSocket",
    },
    CONNECTED: {"close": "ClosedWebSocket"},
    TYPED: {"close": "ClosedWebSocket"},
}
"""What leaves which state, and what to use from there on."""

REFUSED: Final = {
    UNACCEPTED: frozenset({"accept", "close", "send_denial_response"}),
    CONNECTED: frozenset({"send", "send_text", "send_bytes", "send_json"}),
    TYPED: frozenset({"send"}),
}
"""What raises on a state that was left."""

# After the end they raise `WebSocketDisconnect`, which is how a loop of them ends.
RAISING_READS: Final = frozenset({"receive_text", "receive_bytes", "receive_json"})
# What follows one of them runs only if there was a message, so if it was not closed.
READS: Final = RAISING_READS | {
    "receive",
    "__aiter__",
    "iter_text",
    "iter_bytes",
    "iter_json",
}

MARK: Final = {
    UNACCEPTED: "<answered by>",
    CONNECTED: "<closed by>",
    TYPED: "<closed by>",
}
"""Attributes that no program can name."""
