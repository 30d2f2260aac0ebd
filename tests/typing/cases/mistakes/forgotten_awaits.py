"""A forgotten `await`"""

import anyio

from typedws import (
    ConnectedWebSocket,
    Ended,
    UnacceptedWebSocket,
)


async def forgets_it_at_a_send(connected: ConnectedWebSocket) -> Ended:
    """A send is not awaited."""
    connected.send_text("hello")  # E
    return await connected.close()


async def forgets_it_at_a_send_of_json(connected: ConnectedWebSocket) -> Ended:
    """A send of JSON is not awaited."""
    connected.send_json({"hello": "world"})  # E
    return await connected.close()


async def forgets_it_at_the_accept(websocket: UnacceptedWebSocket) -> Ended:
    """The accept is not awaited."""
    connected = websocket.accept()
    return await connected.close()  # E


async def forgets_it_at_the_returned_close(connected: ConnectedWebSocket) -> Ended:
    """The close that is returned is not awaited."""
    return connected.close()  # E


async def forgets_it_at_the_close(connected: ConnectedWebSocket) -> Ended:
    """A close is not awaited, and nothing asks for its result."""
    connected.close(1001)  # E
    return await connected.close()


async def forgets_it_at_a_receive(connected: ConnectedWebSocket) -> Ended:
    """A receive is not awaited, and its result is used."""
    text = connected.receive_text()
    print(text.upper())  # E
    return await connected.close()


async def forgets_it_in_a_condition(connected: ConnectedWebSocket) -> Ended:
    """A receive is not awaited, and a condition asks for its truth."""
    if connected.receive_text():  # E: pyright
        await connected.send_text("thanks")
    return await connected.close()


async def forgets_async_at_the_loop(connected: ConnectedWebSocket) -> Ended:
    """A loop over the messages lacks its `async`."""
    for _ in connected:  # E
        print("another")
    return await connected.close()


async def forgets_async_at_the_texts(connected: ConnectedWebSocket) -> Ended:
    """A loop over the texts lacks its `async`."""
    for _ in connected.iter_text():  # E
        print("another")
    return await connected.close()


async def calls_what_a_task_is_to_call(connected: ConnectedWebSocket) -> Ended:
    """A task group is given a coroutine where it wants a function."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(connected.send_text("hello"))  # E
    return await connected.close()


async def gives_a_task_the_wrong_argument(connected: ConnectedWebSocket) -> Ended:
    """A task group is given a function with an argument of the wrong type."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(connected.send_text, 3)  # E: not ty
    return await connected.close()
