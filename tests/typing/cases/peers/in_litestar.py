"""Litestar"""

from typing import Any, TypeAlias

from litestar import Litestar, websocket
from litestar.connection import WebSocket
from litestar.datastructures import State

Socket: TypeAlias = WebSocket[Any, Any, State]


@websocket("/echo")
async def echo(socket: Socket) -> None:
    await socket.accept()
    async for text in socket.iter_data("text"):
        await socket.send_text(text)


# Not here: A text is sent before the accept.
#   A send accepts the handshake by itself.
# Not here: A message is received before the accept.
#   A receive accepts the handshake by itself.


async def accepts_twice(socket: Socket) -> None:
    """A handshake is accepted twice."""
    await socket.accept()
    await socket.accept()  # E: nobody
    await socket.close()


# Not here: A denial is sent after the accept.
#   There is no denial response for a WebSocket.


async def forgets_to_return(socket: Socket) -> None:
    """A refusal on one branch lacks its `return`, and the accept follows."""
    if socket.query_params.get("token") != "secret":
        await socket.close()
    await socket.accept()  # E: nobody
    await socket.close()


async def sends_after_the_close(socket: Socket) -> None:
    """A text is sent after the close."""
    await socket.accept()
    await socket.close()
    await socket.send_text("bye")  # E: nobody


async def falls_off_the_end(socket: Socket) -> None:  # E: nobody
    """A handler returns without a close."""
    await socket.accept()
    await socket.send_text("hello")


async def overlooks_a_kind(socket: Socket) -> None:
    """Binary messages are forgotten."""
    await socket.accept()
    while True:
        event = await socket.receive()
        if event["type"] == "websocket.disconnect":
            return
        if event["type"] == "websocket.receive" and (text := event.get("text")):
            await socket.send_text(text)  # E: nobody


async def takes_every_message_for_text(socket: Socket) -> None:
    """Every message is taken for text."""
    await socket.accept()
    event = await socket.receive()
    if event["type"] == "websocket.receive":
        print(event["text"].upper() + "!")  # E
    await socket.close()


async def names_a_field_that_is_not_there(socket: Socket) -> None:
    """A field of a message is misspelt."""
    await socket.accept()
    event = await socket.receive()
    if event["type"] == "websocket.receive":
        print(event["txt"])  # E
    await socket.close()


async def takes_json_for_a_text(socket: Socket) -> None:
    """A received JSON value is used as a text."""
    await socket.accept()
    name: str = await socket.receive_json()  # E: nobody
    await socket.send_text(name)
    await socket.close()


async def takes_json_for_an_object(socket: Socket) -> None:
    """A received JSON value is used as an object, without a look."""
    await socket.accept()
    value = await socket.receive_json()
    print(value["name"])  # E: nobody
    await socket.close()


# Not here: Bytes are sent as text.
#   It is no mistake: they are decoded.
# Not here: A text is sent as bytes.
#   It is no mistake: it is encoded.


# Not here: A set is sent as JSON.
#   It is no mistake: it is sent as an array.


async def forgets_await(socket: Socket) -> None:
    """A send is not awaited."""
    await socket.accept()
    socket.send_text("hello")  # E
    await socket.close()


async def forgets_async(socket: Socket) -> None:
    """A loop over the texts lacks its `async`."""
    await socket.accept()
    for _ in socket.iter_data("text"):  # E
        print("another")
    await socket.close()


async def forgets_async_at_the_loop(socket: Socket) -> None:
    """A loop over the messages lacks its `async`."""
    await socket.accept()
    for _ in socket:  # E
        print("another")
    await socket.close()


async def accepts_what_was_not_offered(socket: Socket) -> None:
    """A subprotocol is accepted that the client has not offered."""
    await socket.accept(subprotocols="chat.v9")  # E: nobody
    await socket.close()


# Not here: The subprotocol is compared with a name that was never negotiated.
#   The connection does not keep the accepted subprotocol.


async def closes_with_a_code_that_may_not_be_sent(socket: Socket) -> None:
    """A close code is sent that RFC 6455 forbids."""
    await socket.accept()
    await socket.close(1006)  # E: nobody


async def closes_with_a_text(socket: Socket) -> None:
    """The reason of a close stands where its code belongs."""
    await socket.accept()
    await socket.close("bye")  # E


async def refuses_with_a_close_code(socket: Socket) -> None:
    """A handshake is refused with a close code, which no client would see."""
    await socket.close(code=1008)  # E: nobody


async def changes_a_header(socket: Socket) -> None:
    """A header of the request is set."""
    socket.headers["host"] = "example.com"  # E
    await socket.close()


async def changes_the_scope(socket: Socket) -> None:
    """A key of the scope is set."""
    socket.scope["path"] = "/"  # E: nobody
    await socket.close()


async def misspells_an_attribute(socket: Socket) -> None:
    """An attribute is misspelt."""
    print(socket.query_parameters)  # E
    await socket.close()


async def takes_a_parameter_for_a_text(socket: Socket) -> None:
    """A path parameter is used as a text, without a look."""
    print(socket.path_params["room"].upper())  # E: nobody
    await socket.close()


async def takes_the_client_for_granted(socket: Socket) -> None:
    """The address of the client, which a server may not tell, is used."""
    print(socket.client.host)  # E
    await socket.close()


async def takes_the_state_for_granted(socket: Socket) -> None:
    """A value of the application's state is used, without a look."""
    print(socket.app.state.pool.acquire())  # E: nobody
    await socket.close()


def takes_two_arguments() -> Litestar:
    """A handler takes a second argument, which nobody gives it."""

    @websocket("/chat")
    async def greet(socket: Socket, greeting: int) -> None:
        await socket.accept()
        await socket.send_json(greeting)

    return Litestar([greet])  # E: nobody
