"""Quart"""

# Correct programs are reported as well: `accept` and `config` have a bare `dict`.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from quart import Quart, websocket

app = Quart(__name__)


@app.websocket("/echo")
async def echo() -> None:
    while True:
        await websocket.send(await websocket.receive())


# Not here: A text is sent before the accept.
#   A send accepts the handshake by itself.
# Not here: A message is received before the accept.
#   A receive accepts the handshake by itself.


async def accepts_twice() -> None:
    """A handshake is accepted twice."""
    await websocket.accept()
    await websocket.accept()  # E: nobody


async def denies_after_the_accept() -> tuple[str, int]:
    """A denial is sent after the accept."""
    await websocket.accept()
    return "log in first", 401  # E: nobody


async def forgets_to_return() -> None:
    """A refusal on one branch lacks its `return`, and the accept follows."""
    if websocket.args.get("token") != "secret":
        await websocket.close(1000)
    await websocket.accept()  # E: nobody


async def sends_after_the_close() -> None:
    """A text is sent after the close."""
    await websocket.accept()
    await websocket.close(1000)
    await websocket.send("bye")  # E: nobody


# Not here: A handler returns without a close.
#   It is no mistake: the framework closes.


async def overlooks_a_kind() -> None:
    """Binary messages are forgotten."""
    while True:
        match await websocket.receive():  # E
            case str(text):
                await websocket.send(text)


async def takes_every_message_for_text() -> None:
    """Every message is taken for text."""
    message = await websocket.receive()
    print(message.upper() + "!")  # E


# Not here: A field of a message is misspelt.
#   A message is a plain text or plain bytes.


async def takes_json_for_a_text() -> None:
    """A received JSON value is used as a text."""
    name: str = await websocket.receive_json()  # E: nobody
    await websocket.send(name)


async def takes_json_for_an_object() -> None:
    """A received JSON value is used as an object, without a look."""
    value = await websocket.receive_json()
    print(value["name"])  # E: nobody


# Not here: Bytes are sent as text.
#   One `send` takes both kinds.
# Not here: A text is sent as bytes.
#   One `send` takes both kinds.


async def sends_a_set_as_json() -> None:
    """A set is sent as JSON."""
    await websocket.send_json({1, 2})  # E: nobody


async def forgets_await() -> None:
    """A send is not awaited."""
    websocket.send("hello")  # E


# Not here: A loop over the messages lacks its `async`.
#   Messages can not be iterated over.
# Not here: A loop over the texts lacks its `async`.
#   Messages can not be iterated over.


async def accepts_what_was_not_offered() -> None:
    """A subprotocol is accepted that the client has not offered."""
    await websocket.accept(subprotocol="chat.v9")  # E: nobody


# Not here: The subprotocol is compared with a name that was never negotiated.
#   The connection does not keep the accepted subprotocol.


async def closes_with_a_code_that_may_not_be_sent() -> None:
    """A close code is sent that RFC 6455 forbids."""
    await websocket.accept()
    await websocket.close(1006)  # E: nobody


async def closes_with_a_text() -> None:
    """The reason of a close stands where its code belongs."""
    await websocket.accept()
    await websocket.close("bye")  # E


async def refuses_with_a_close_code() -> None:
    """A handshake is refused with a close code, which no client would see."""
    await websocket.close(code=1008)  # E: nobody


async def changes_a_header() -> None:
    """A header of the request is set."""
    websocket.headers["host"] = "example.com"  # E: nobody


async def changes_the_scope() -> None:
    """A key of the scope is set."""
    websocket.scope["path"] = "/"  # E: nobody


async def misspells_an_attribute() -> None:
    """An attribute is misspelt."""
    print(websocket.query_parameters)  # E


# Not here: A path parameter is used as a text, without a look.
#   Path parameters are arguments of the handler, with the types that it says.


async def takes_the_client_for_granted() -> None:
    """The address of the client, which a server may not tell, is used."""
    print(websocket.remote_addr.upper())  # E


async def takes_the_state_for_granted() -> None:
    """A value of the application's state is used, without a look."""
    print(app.config["POOL"].acquire())  # E: nobody


def takes_two_arguments() -> None:
    """A handler takes a second argument, which nobody gives it."""

    @app.websocket("/chat")  # E: nobody
    async def greet(greeting: str) -> None:
        await websocket.send(greeting)

    print(greet)
