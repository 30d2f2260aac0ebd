"""Tests of `DeniedWebSocket`: what a handler returns that refused a handshake."""

import pytest

from tests.scripted import server
from typedws import DenialResponse, DeniedWebSocket

pytestmark = pytest.mark.anyio


async def test_a_denied_state_tells_the_status_and_that_it_was_sent() -> None:
    """A refusal with close() is a 403, since that is what a server makes of it."""
    by_close = await server().websocket().close()
    by_response = await server().websocket().send_denial_response(DenialResponse(404))

    assert (403, True) == (by_close.status, by_close.response_sent)
    assert (404, True) == (by_response.status, by_response.response_sent)
    assert "<DeniedWebSocket with status 404>" == repr(by_response)


async def test_a_denied_state_still_reads_the_handshake() -> None:
    """Reading never depends on the state."""
    denied = await server().websocket().close()

    assert "/chat" == denied["path"]
    assert "ws://example.com/chat" == denied.url


async def test_a_denied_state_can_not_be_built_by_hand() -> None:
    """It is a proof; whoever is type checked can't even write the call."""
    with pytest.raises(TypeError) as caught:
        DeniedWebSocket(403)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert (
        "a DeniedWebSocket is proof of a refused handshake: take it from close() "
        "or send_denial_response() of the UnacceptedWebSocket"
    ) == str(caught.value)
