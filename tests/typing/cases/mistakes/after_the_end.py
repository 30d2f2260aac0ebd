"""The close, and after it"""

from typedws import (
    ConnectedWebSocket,
    DenialResponse,
    Ended,
    UnacceptedWebSocket,
)


async def accepts_the_connection(connected: ConnectedWebSocket) -> Ended:
    """The connection is accepted again."""
    await connected.accept()  # E
    return await connected.close()


async def denies_the_connection(connected: ConnectedWebSocket) -> Ended:
    """The open connection is answered with a denial."""
    return await connected.send_denial_response(DenialResponse(401))  # E


async def sends_on_what_is_closed(connected: ConnectedWebSocket) -> Ended:
    """A text is sent on what the close has returned."""
    closed = await connected.close()
    await closed.send_text("bye")  # E
    return closed


async def receives_from_what_is_closed(connected: ConnectedWebSocket) -> Ended:
    """A message is received from what the close has returned."""
    closed = await connected.close()
    await closed.receive()  # E
    return closed


async def iterates_over_what_is_closed(connected: ConnectedWebSocket) -> Ended:
    """Messages are iterated over on what the close has returned."""
    closed = await connected.close()
    async for _ in closed:  # E
        print("another")
    return closed


async def closes_what_is_closed(connected: ConnectedWebSocket) -> Ended:
    """What the close has returned is closed once more."""
    closed = await connected.close()
    return await closed.close()  # E


async def rebinds_the_name(connected: ConnectedWebSocket) -> Ended:
    """The closed state is bound to the name of the open one."""
    connected = await connected.close()  # E
    return await connected.close()


async def accepts_what_is_denied(websocket: UnacceptedWebSocket) -> Ended:
    """What a refusal has returned is accepted."""
    denied = await websocket.close()
    await denied.accept()  # E
    return denied


async def asks_a_denial_for_its_code(websocket: UnacceptedWebSocket) -> Ended:
    """A refusal is asked for a close code, which it does not have."""
    denied = await websocket.close()
    print(denied.code)  # E
    return denied


async def takes_every_end_for_a_close(websocket: UnacceptedWebSocket) -> Ended:
    """An end is asked for its close code, without a look at which end it is."""

    async def run() -> Ended:
        return await websocket.close()

    ended = await run()
    print(ended.code)  # E
    return ended


async def closes_with_a_text(connected: ConnectedWebSocket) -> Ended:
    """The reason of a close stands where its code belongs."""
    return await connected.close("bye")  # E


async def closes_with_bytes(connected: ConnectedWebSocket) -> Ended:
    """The reason of a close is given as bytes."""
    return await connected.close(1000, b"bye")  # E


async def closes_with_a_status(connected: ConnectedWebSocket) -> Ended:
    """The code of a close goes by the name that it has in HTTP."""
    return await connected.close(status=1008)  # E


async def closes_with_a_code_that_may_not_be_sent(connected: ConnectedWebSocket) -> Ended:
    """A close code is sent that RFC 6455 forbids."""
    return await connected.close(1006)  # E: nobody


async def closes_with_a_status_of_http(connected: ConnectedWebSocket) -> Ended:
    """An HTTP status is sent as a close code."""
    return await connected.close(404)  # E: nobody


async def closes_with_a_long_story(connected: ConnectedWebSocket) -> Ended:
    """A close reason is longer than 123 bytes."""
    return await connected.close(1000, "because " * 20)  # E: nobody


async def compares_who_closed(connected: ConnectedWebSocket) -> Ended:
    """Who closed is compared with a word that is not one of the three."""
    closed = await connected.close()
    if closed.closed_by == "peer":  # E: not pyrefly ty
        print("gone")
    return closed
