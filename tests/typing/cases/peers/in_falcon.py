"""Falcon"""

from falcon.asgi import App, Request, WebSocket


class Echo:
    async def on_websocket(self, req: Request, ws: WebSocket) -> None:
        await ws.accept()
        while True:
            await ws.send_text(await ws.receive_text())


async def sends_a_text(req: Request, ws: WebSocket) -> None:
    """A text is sent before the accept."""
    await ws.send_text("too early")  # E: nobody
    await ws.close()


async def receives(req: Request, ws: WebSocket) -> None:
    """A message is received before the accept."""
    await ws.receive_text()  # E: nobody
    await ws.close()


async def accepts_twice(req: Request, ws: WebSocket) -> None:
    """A handshake is accepted twice."""
    await ws.accept()
    await ws.accept()  # E: nobody


# Not here: A denial is sent after the accept.
#   There is no denial response for a WebSocket.


async def forgets_to_return(req: Request, ws: WebSocket) -> None:
    """A refusal on one branch lacks its `return`, and the accept follows."""
    if req.get_param("token") != "secret":
        await ws.close()
    await ws.accept()  # E: nobody


async def sends_after_the_close(req: Request, ws: WebSocket) -> None:
    """A text is sent after the close."""
    await ws.accept()
    await ws.close()
    await ws.send_text("bye")  # E: nobody


# Not here: A handler returns without a close.
#   It is no mistake: the framework closes.
# Not here: Binary messages are forgotten.
#   There is no receive for both kinds.
# Not here: Every message is taken for text.
#   There is no receive for both kinds.
# Not here: A field of a message is misspelt.
#   A message is a plain text or plain bytes.


async def takes_json_for_a_text(req: Request, ws: WebSocket) -> None:
    """A received JSON value is used as a text."""
    await ws.accept()
    name: str = await ws.receive_media()  # E
    await ws.send_text(name)


async def takes_json_for_an_object(req: Request, ws: WebSocket) -> None:
    """A received JSON value is used as an object, without a look."""
    await ws.accept()
    value = await ws.receive_media()
    print(value["name"])  # E


async def sends_bytes_as_text(req: Request, ws: WebSocket) -> None:
    """Bytes are sent as text."""
    await ws.accept()
    await ws.send_text(b"hello")  # E


async def sends_text_as_bytes(req: Request, ws: WebSocket) -> None:
    """A text is sent as bytes."""
    await ws.accept()
    await ws.send_data("hello")  # E


async def sends_a_set_as_json(req: Request, ws: WebSocket) -> None:
    """A set is sent as JSON."""
    await ws.accept()
    await ws.send_media({1, 2})  # E: nobody


async def forgets_await(req: Request, ws: WebSocket) -> None:
    """A send is not awaited."""
    await ws.accept()
    ws.send_text("hello")  # E


# Not here: A loop over the messages lacks its `async`.
#   Messages can not be iterated over.
# Not here: A loop over the texts lacks its `async`.
#   Messages can not be iterated over.


async def accepts_what_was_not_offered(req: Request, ws: WebSocket) -> None:
    """A subprotocol is accepted that the client has not offered."""
    await ws.accept("chat.v9")  # E: nobody


# Not here: The subprotocol is compared with a name that was never negotiated.
#   The connection does not keep the accepted subprotocol.


async def closes_with_a_code_that_may_not_be_sent(req: Request, ws: WebSocket) -> None:
    """A close code is sent that RFC 6455 forbids."""
    await ws.accept()
    await ws.close(1006)  # E: nobody


async def closes_with_a_text(req: Request, ws: WebSocket) -> None:
    """The reason of a close stands where its code belongs."""
    await ws.accept()
    await ws.close("bye")  # E


async def refuses_with_a_close_code(req: Request, ws: WebSocket) -> None:
    """A handshake is refused with a close code, which no client would see."""
    await ws.close(1008)  # E: nobody


async def changes_a_header(req: Request, ws: WebSocket) -> None:
    """A header of the request is set."""
    req.headers["HOST"] = "example.com"  # E


async def changes_the_scope(req: Request, ws: WebSocket) -> None:
    """A key of the scope is set."""
    req.scope["path"] = "/"  # E: nobody


async def misspells_an_attribute(req: Request, ws: WebSocket) -> None:
    """An attribute is misspelt."""
    print(req.query_parameters)  # E


# Not here: A path parameter is used as a text, without a look.
#   Path parameters are arguments of the handler, with the types that it says.
# Not here: The address of the client, which a server may not tell, is used.
#   There is always an address, if need be 127.0.0.1.


async def takes_the_state_for_granted(req: Request, ws: WebSocket) -> None:
    """A value of the application's state is used, without a look."""
    print(req.context.pool.acquire())  # E: nobody


class Greeter:
    async def on_websocket(self, req: Request, ws: WebSocket, greeting: str) -> None:
        await ws.accept()
        await ws.send_text(greeting)


def takes_two_arguments() -> None:
    """A handler takes a second argument, which nobody gives it."""
    App().add_route("/chat", Greeter())  # E: nobody
