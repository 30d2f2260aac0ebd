"""Starlette"""

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


async def sends_a_text(websocket: WebSocket) -> None:
    """A text is sent before the accept."""
    await websocket.send_text("too early")  # E: nobody
    await websocket.close()


async def receives(websocket: WebSocket) -> None:
    """A message is received before the accept."""
    await websocket.receive_text()  # E: nobody
    await websocket.close()


async def accepts_twice(websocket: WebSocket) -> None:
    """A handshake is accepted twice."""
    await websocket.accept()
    await websocket.accept()  # E: nobody
    await websocket.close()


async def denies_after_the_accept(websocket: WebSocket) -> None:
    """A denial is sent after the accept."""
    await websocket.accept()
    await websocket.send_denial_response(Response(status_code=401))  # E: nobody


async def forgets_to_return(websocket: WebSocket) -> None:
    """A refusal on one branch lacks its `return`, and the accept follows."""
    if websocket.query_params.get("token") != "secret":
        await websocket.close()
    await websocket.accept()  # E: nobody
    await websocket.close()


async def sends_after_the_close(websocket: WebSocket) -> None:
    """A text is sent after the close."""
    await websocket.accept()
    await websocket.close()
    await websocket.send_text("bye")  # E: nobody


async def falls_off_the_end(websocket: WebSocket) -> None:  # E: nobody
    """A handler returns without a close."""
    await websocket.accept()
    await websocket.send_text("hello")


async def overlooks_a_kind(websocket: WebSocket) -> None:
    """Binary messages are forgotten."""
    await websocket.accept()
    while True:
        event = await websocket.receive()
        if event["type"] == "websocket.disconnect":
            return
        if event["type"] == "websocket.receive" and (text := event.get("text")):
            await websocket.send_text(text)  # E: nobody


async def takes_every_message_for_text(websocket: WebSocket) -> None:
    """Every message is taken for text."""
    await websocket.accept()
    event = await websocket.receive()
    print(event["text"].upper() + "!")  # E: nobody
    await websocket.close()


async def names_a_field_that_is_not_there(websocket: WebSocket) -> None:
    """A field of a message is misspelt."""
    await websocket.accept()
    event = await websocket.receive()
    print(event["txt"])  # E: nobody
    await websocket.close()


async def takes_json_for_a_text(websocket: WebSocket) -> None:
    """A received JSON value is used as a text."""
    await websocket.accept()
    name: str = await websocket.receive_json()  # E: nobody
    await websocket.send_text(name)
    await websocket.close()


async def takes_json_for_an_object(websocket: WebSocket) -> None:
    """A received JSON value is used as an object, without a look."""
    await websocket.accept()
    value = await websocket.receive_json()
    print(value["name"])  # E: nobody
    await websocket.close()


async def sends_bytes_as_text(websocket: WebSocket) -> None:
    """Bytes are sent as text."""
    await websocket.accept()
    await websocket.send_text(b"hello")  # E
    await websocket.close()


async def sends_text_as_bytes(websocket: WebSocket) -> None:
    """A text is sent as bytes."""
    await websocket.accept()
    await websocket.send_bytes("hello")  # E
    await websocket.close()


async def sends_a_set_as_json(websocket: WebSocket) -> None:
    """A set is sent as JSON."""
    await websocket.accept()
    await websocket.send_json({1, 2})  # E: nobody
    await websocket.close()


async def forgets_await(websocket: WebSocket) -> None:
    """A send is not awaited."""
    await websocket.accept()
    websocket.send_text("hello")  # E
    await websocket.close()


async def forgets_async(websocket: WebSocket) -> None:
    """A loop over the texts lacks its `async`."""
    await websocket.accept()
    for _ in websocket.iter_text():  # E
        print("another")
    await websocket.close()


async def forgets_async_at_the_loop(websocket: WebSocket) -> None:
    """A loop over the messages lacks its `async`."""
    await websocket.accept()
    for _ in websocket:  # E: nobody
        print("another")
    await websocket.close()


async def accepts_what_was_not_offered(websocket: WebSocket) -> None:
    """A subprotocol is accepted that the client has not offered."""
    await websocket.accept("chat.v9")  # E: nobody
    await websocket.close()


# Not here: The subprotocol is compared with a name that was never negotiated.
#   The connection does not keep the accepted subprotocol.


async def closes_with_a_code_that_may_not_be_sent(websocket: WebSocket) -> None:
    """A close code is sent that RFC 6455 forbids."""
    await websocket.accept()
    await websocket.close(1006)  # E: nobody


async def closes_with_a_text(websocket: WebSocket) -> None:
    """The reason of a close stands where its code belongs."""
    await websocket.accept()
    await websocket.close("bye")  # E


async def refuses_with_a_close_code(websocket: WebSocket) -> None:
    """A handshake is refused with a close code, which no client would see."""
    await websocket.close(code=1008)  # E: nobody


async def changes_a_header(websocket: WebSocket) -> None:
    """A header of the request is set."""
    websocket.headers["host"] = "example.com"  # E
    await websocket.close()


async def changes_the_scope(websocket: WebSocket) -> None:
    """A key of the scope is set."""
    websocket["path"] = "/"  # E
    await websocket.close()


async def misspells_an_attribute(websocket: WebSocket) -> None:
    """An attribute is misspelt."""
    print(websocket.query_parameters)  # E
    await websocket.close()


async def takes_a_parameter_for_a_text(websocket: WebSocket) -> None:
    """A path parameter is used as a text, without a look."""
    print(websocket.path_params["room"].upper())  # E: nobody
    await websocket.close()


async def takes_the_client_for_granted(websocket: WebSocket) -> None:
    """The address of the client, which a server may not tell, is used."""
    print(websocket.client.host)  # E
    await websocket.close()


async def takes_the_state_for_granted(websocket: WebSocket) -> None:
    """A value of the application's state is used, without a look."""
    print(websocket.state.pool.acquire())  # E: nobody
    await websocket.close()


async def greet(websocket: WebSocket, greeting: str) -> None:
    await websocket.accept()
    await websocket.send_text(greeting)
    await websocket.close()


def takes_two_arguments() -> Starlette:
    """A handler takes a second argument, which nobody gives it."""
    return Starlette(routes=[WebSocketRoute("/chat", greet)])  # E: nobody
