"""websockets"""

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol


async def echo(websocket: ServerConnection) -> None:
    async for message in websocket:
        await websocket.send(message)


# Not here: A text is sent before the accept.
#   A handler begins with an accepted connection.
# Not here: A message is received before the accept.
#   A handler begins with an accepted connection.
# Not here: A handshake is accepted twice.
#   A handler begins with an accepted connection.
# Not here: A denial is sent after the accept.
#   A handler begins with an accepted connection; `process_request` refuses before it.
# Not here: A refusal on one branch lacks its `return`, and the accept follows.
#   What `process_request` returns decides.


async def sends_after_the_close(websocket: ServerConnection) -> None:
    """A text is sent after the close."""
    await websocket.close()
    await websocket.send("bye")  # E: nobody


# Not here: A handler returns without a close.
#   It is no mistake: the library closes.


async def overlooks_a_kind(websocket: ServerConnection) -> None:
    """Binary messages are forgotten."""
    async for message in websocket:
        match message:  # E
            case str(text):
                await websocket.send(text)


async def takes_every_message_for_text(websocket: ServerConnection) -> None:
    """Every message is taken for text."""
    async for message in websocket:
        print(message.upper() + "!")  # E


# Not here: A field of a message is misspelt.
#   A message is a plain text or plain bytes.
# Not here: A received JSON value is used as a text.
#   JSON is left to the user.
# Not here: A received JSON value is used as an object, without a look.
#   JSON is left to the user.
# Not here: Bytes are sent as text.
#   One `send` takes both kinds.
# Not here: A text is sent as bytes.
#   One `send` takes both kinds.
# Not here: A set is sent as JSON.
#   JSON is left to the user.


async def forgets_await(websocket: ServerConnection) -> None:
    """A send is not awaited."""
    websocket.send("hello")  # E


async def forgets_async_at_the_loop(websocket: ServerConnection) -> None:
    """A loop over the messages lacks its `async`."""
    for _ in websocket:  # E
        print("another")


# Not here: A loop over the texts lacks its `async`.
#   There is one loop, over both kinds.
# Not here: A subprotocol is accepted that the client has not offered.
#   The library chooses among those that are offered.


async def compares_with_another_name(websocket: ServerConnection) -> None:
    """The subprotocol is compared with a name that was never negotiated."""
    if websocket.subprotocol == Subprotocol("chat.v3"):  # E: nobody
        print("three")


async def closes_with_a_code_that_may_not_be_sent(websocket: ServerConnection) -> None:
    """A close code is sent that RFC 6455 forbids."""
    await websocket.close(1006)  # E: nobody


async def closes_with_a_text(websocket: ServerConnection) -> None:
    """The reason of a close stands where its code belongs."""
    await websocket.close("bye")  # E


# Not here: A handshake is refused with a close code, which no client would see.
#   A handshake is refused with an HTTP response.


async def changes_a_header(websocket: ServerConnection) -> None:
    """A header of the request is set."""
    if websocket.request is not None:
        websocket.request.headers["host"] = "example.com"  # E: nobody


# Not here: A key of the scope is set.
#   There is no scope.


async def misspells_an_attribute(websocket: ServerConnection) -> None:
    """An attribute is misspelt."""
    print(websocket.query_parameters)  # E


# Not here: A path parameter is used as a text, without a look.
#   A handler for `route()` takes path parameters as arguments, with the types that it says.


async def takes_the_client_for_granted(websocket: ServerConnection) -> None:
    """The address of the client, which a server may not tell, is used."""
    print(websocket.remote_address[0].upper())  # E: nobody


# Not here: A value of the application's state is used, without a look.
#   There is no application.


async def greet(websocket: ServerConnection, greeting: str) -> None:
    await websocket.send(greeting)


async def takes_two_arguments() -> Server:
    """A handler takes a second argument, which nobody gives it."""
    return await serve(greet, "localhost", 8765)  # E
