"""aiohttp"""

from aiohttp import WSMsgType, web


async def echo(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
    return ws


async def sends_a_text(request: web.Request) -> web.WebSocketResponse:
    """A text is sent before the accept."""
    ws = web.WebSocketResponse()
    await ws.send_str("too early")  # E: nobody
    return ws


async def receives(request: web.Request) -> web.WebSocketResponse:
    """A message is received before the accept."""
    ws = web.WebSocketResponse()
    await ws.receive_str()  # E: nobody
    return ws


async def accepts_twice(request: web.Request) -> web.WebSocketResponse:
    """A handshake is accepted twice."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.prepare(request)  # E: nobody
    return ws


async def denies_after_the_accept(request: web.Request) -> web.StreamResponse:
    """A denial is sent after the accept."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    return web.Response(status=401)  # E: nobody


async def forgets_to_return(request: web.Request) -> web.WebSocketResponse:
    """A refusal on one branch lacks its `return`, and the accept follows."""
    if request.query.get("token") != "secret":
        web.Response(status=401)
    ws = web.WebSocketResponse()
    await ws.prepare(request)  # E: nobody
    return ws


async def sends_after_the_close(request: web.Request) -> web.WebSocketResponse:
    """A text is sent after the close."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.close()
    await ws.send_str("bye")  # E: nobody
    return ws


# Not here: A handler returns without a close.
#   It is no mistake: the framework closes.


async def overlooks_a_kind(request: web.Request) -> web.WebSocketResponse:
    """Binary messages are forgotten."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:  # E: nobody
            await ws.send_str(message.data)
        elif message.type is WSMsgType.ERROR:
            print(ws.exception())
    return ws


async def takes_every_message_for_text(request: web.Request) -> web.WebSocketResponse:
    """Every message is taken for text."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        print(message.data.upper() + "!")  # E: nobody
    return ws


async def names_a_field_that_is_not_there(request: web.Request) -> web.WebSocketResponse:
    """A field of a message is misspelt."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        print(message.text)  # E
    return ws


async def takes_json_for_a_text(request: web.Request) -> web.WebSocketResponse:
    """A received JSON value is used as a text."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    name: str = await ws.receive_json()  # E: nobody
    await ws.send_str(name)
    return ws


async def takes_json_for_an_object(request: web.Request) -> web.WebSocketResponse:
    """A received JSON value is used as an object, without a look."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    value = await ws.receive_json()
    print(value["name"])  # E: nobody
    return ws


async def sends_bytes_as_text(request: web.Request) -> web.WebSocketResponse:
    """Bytes are sent as text."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.send_str(b"hello")  # E
    return ws


async def sends_text_as_bytes(request: web.Request) -> web.WebSocketResponse:
    """A text is sent as bytes."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.send_bytes("hello")  # E
    return ws


async def sends_a_set_as_json(request: web.Request) -> web.WebSocketResponse:
    """A set is sent as JSON."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.send_json({1, 2})  # E: nobody
    return ws


async def forgets_await(request: web.Request) -> web.WebSocketResponse:
    """A send is not awaited."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    ws.send_str("hello")  # E
    return ws


async def forgets_async_at_the_loop(request: web.Request) -> web.WebSocketResponse:
    """A loop over the messages lacks its `async`."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    for _ in ws:  # E: nobody
        print("another")
    return ws


# Not here: A loop over the texts lacks its `async`.
#   There is one loop, over both kinds.
# Not here: A subprotocol is accepted that the client has not offered.
#   The framework chooses among those that are offered.


async def compares_with_another_name(request: web.Request) -> web.WebSocketResponse:
    """The subprotocol is compared with a name that was never negotiated."""
    ws = web.WebSocketResponse(protocols=["chat.v2", "chat.v1"])
    await ws.prepare(request)
    if ws.ws_protocol == "chat.v3":  # E: nobody
        print("three")
    return ws


async def closes_with_a_code_that_may_not_be_sent(request: web.Request) -> web.WebSocketResponse:
    """A close code is sent that RFC 6455 forbids."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.close(code=1005)  # E: nobody
    return ws


async def closes_with_a_text(request: web.Request) -> web.WebSocketResponse:
    """The reason of a close stands where its code belongs."""
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.close(code="bye")  # E
    return ws


# Not here: A handshake is refused with a close code, which no client would see.
#   A handshake is refused with an HTTP response.


async def changes_a_header(request: web.Request) -> None:
    """A header of the request is set."""
    request.headers["host"] = "example.com"  # E


# Not here: A key of the scope is set.
#   There is no scope; a request is a place for values of one's own.


async def misspells_an_attribute(request: web.Request) -> None:
    """An attribute is misspelt."""
    print(request.query_parameters)  # E


# Not here: A path parameter is used as a text, without a look.
#   It is no mistake: a path parameter is a text.


async def takes_the_client_for_granted(request: web.Request) -> None:
    """The address of the client, which a server may not tell, is used."""
    print(request.remote.upper())  # E


class Pool:
    def get(self) -> str:
        return "one"


POOL = web.AppKey("POOL", Pool)


async def takes_the_state_for_granted(request: web.Request) -> None:
    """A value of the application's state is used, without a look."""
    print(request.app[POOL].acquire())  # E


async def greet(request: web.Request, greeting: str) -> web.WebSocketResponse:
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await ws.send_str(greeting)
    return ws


def takes_two_arguments() -> None:
    """A handler takes a second argument, which nobody gives it."""
    web.Application().add_routes([web.get("/chat", greet)])  # E
