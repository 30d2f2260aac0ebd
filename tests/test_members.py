"""What an editor offers after the dot: in each state what is legal there, no more."""

import inspect
from typing import Final

import pytest

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DeniedWebSocket,
    Handshake,
    SpentWebSocket,
    TypedWebSocket,
    UnacceptedWebSocket,
)

HANDSHAKE: Final = {
    *{"scope", "url", "headers", "cookies", "client", "state", "subprotocols"},
    *{"query_params", "path_params", "app", "user", "auth"},
    *{"path_params_as", "query_params_as", "headers_as", "cookies_as", "state_as"},
    *{"get", "keys", "values", "items"},
}
"""What can be read in every state."""

SESSION: Final = {
    *{"receive", "iter_messages", "send", "close", "subprotocol", "wait_draining"},
    *{"split", "run", "send_each", "receive_each"},
}
"""What an open connection can do, whatever its messages are."""

MEMBERS: Final[dict[type[Handshake], set[str]]] = {
    UnacceptedWebSocket: HANDSHAKE
    | {"negotiate", "accept", "close", "send_denial_response"},
    ConnectedWebSocket: HANDSHAKE
    | SESSION
    | {"typed"}
    | {"receive_text", "receive_bytes", "receive_json"}
    | {"iter_text", "iter_bytes", "iter_json"}
    | {"send_text", "send_bytes", "send_json"},
    TypedWebSocket: HANDSHAKE | SESSION | {"codec", "with_reply"},
    ClosedWebSocket: HANDSHAKE | {"code", "reason", "closed_by", "clean"},
    DeniedWebSocket: HANDSHAKE | {"status", "response_sent"},
    SpentWebSocket: HANDSHAKE,
}


def members_of(state: type[object]) -> set[str]:
    """Name what an editor lists first: what has no underscore in front."""
    return {name for name in dir(state) if not name.startswith("_")}


@pytest.mark.parametrize("state", MEMBERS, ids=lambda it: it.__name__)
def test_a_state_offers_what_is_legal_in_it(state: type[Handshake]) -> None:
    """Exactly that, so nothing internal is in the list."""
    assert MEMBERS[state] == members_of(state)


@pytest.mark.parametrize("state", MEMBERS, ids=lambda it: it.__name__)
def test_what_a_state_offers_says_what_it_is(state: type[Handshake]) -> None:
    """In a docstring, or as an attribute in that of a class."""
    classes = "".join(inspect.cleandoc(base.__doc__ or "") for base in state.__mro__)
    silent = [
        name
        for name in MEMBERS[state]
        if not inspect.getdoc(inspect.getattr_static(state, name))
        and f"\n    {name}: " not in classes
    ]

    assert [] == silent
