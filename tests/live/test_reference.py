"""
Every code sample and statement of Starlette's WebSocket documentation, on typedws.

The headings are those of that page. The clients are those of the package `websockets`,
and the server is uvicorn, with both of its WebSocket implementations.
"""

import http.client
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from tests.live.server import (
    CLOSE,
    SECONDS,
    TEXT,
    LiveServer,
    frame,
    read_answer,
    vanish,
)
from tests.waiting import eventually
from typedws import (
    URL,
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    Ended,
    ExtensionUnavailable,
    Handler,
    Headers,
    QueryParams,
    TextMessage,
    UnacceptedWebSocket,
    WebSocket,
    WebSocketApp,
    WebSocketDisconnect,
    websocket_app,
)
from typedws.asgi import (
    AnyASGIApp,
    AnyASGISend,
    ASGIReceive,
    ASGIScope,
    application,
    sender,
)

pytestmark = pytest.mark.live

SECRET: Final = "the password is swordfish"


# --- What the tests are made of ----------------------------------------------------


def hear(client: ClientConnection) -> str | bytes:
    """Receive a message, but do not wait for ever."""
    return client.recv(timeout=SECONDS)


def end_of(client: ClientConnection) -> tuple[int, str]:
    """Receive the server's close frame; return its code and reason."""
    with pytest.raises(ConnectionClosed) as caught:
        hear(client)
    frame = caught.value.rcvd
    assert frame is not None, "the server sent no close frame"
    return frame.code, frame.reason


def refusal(live: LiveServer, path: str = "/") -> tuple[int, Mapping[str, str], bytes]:
    """Be refused; return status, headers and body."""
    with pytest.raises(InvalidStatus) as caught, live.connect(path):
        pass
    response = caught.value.response
    headers = {name.lower(): value for name, value in response.headers.raw_items()}
    return response.status_code, headers, bytes(response.body or b"")


def reader(
    live: LiveServer, read: Callable[[UnacceptedWebSocket], object]
) -> WebSocketApp:
    """Serve a handler that sends as JSON what it has read from the handshake."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        answer = json.dumps(read(websocket))
        connection = await websocket.accept()
        await connection.send_text(answer)
        return await connection.close()

    live.app = app
    return app


def read_by(client: ClientConnection) -> object:
    """Return what such a handler has read."""
    value: object = json.loads(hear(client))
    return value


async def wait(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Accept, and wait for the end."""
    connection = await websocket.accept()
    async for _ in connection:
        pass
    return await connection.close()


# --- WebSocket ---------------------------------------------------------------------


def test_hello_world(live: LiveServer) -> None:
    """The first sample: `WebSocket(scope=scope, receive=receive, send=send)`."""

    async def app(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
        websocket = WebSocket(scope=scope, receive=receive, send=send)
        connection = await websocket.accept()
        await connection.send_text("Hello, world!")
        await connection.close()

    live.app = app
    with live.connect() as client:
        assert "Hello, world!" == hear(client)
        assert (1000, "") == end_of(client)


def test_receive_and_send_are_optional(live: LiveServer) -> None:
    """`WebSocket(scope)` reads the scope; the rest of the connection is elsewhere."""

    async def app(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
        path = WebSocket(scope).url.path
        connection = await WebSocket(scope, receive, send).accept()
        await connection.send_text(path)
        await connection.close()

    live.app = app
    with live.connect("/here") as client:
        assert "/here" == hear(client)


def test_websockets_present_a_mapping_interface(live: LiveServer) -> None:
    """`websocket["path"]` is the ASGI path, and the rest of the scope is there, too."""
    reader(
        live,
        lambda websocket: [
            websocket["path"],
            websocket["type"],
            websocket["query_string"].decode(),
            "nothing" in websocket,
            websocket.get("nothing"),
            sorted(websocket.keys() - {"starlette.app"}),
        ],
    )
    with live.connect("/chat/%C3%A9?a=1") as client:
        assert [
            "/chat/é",
            "websocket",
            "a=1",
            False,
            None,
            [
                "asgi",
                "client",
                "extensions",
                "headers",
                "http_version",
                "path",
                "path_params",
                "query_string",
                "raw_path",
                "root_path",
                "scheme",
                "server",
                "state",
                "subprotocols",
                "type",
            ],
        ] == read_by(client)


def test_the_url_is_a_str_with_components(live: LiveServer) -> None:
    """`websocket.url` is a `str`, and has path, port, scheme and the rest."""
    urls: list[URL] = []
    reader(live, lambda websocket: urls.append(websocket.url))
    with live.connect("/chat?search=a%20b") as client:
        read_by(client)

    [url] = urls
    assert isinstance(url, str)
    assert live.url("/chat?search=a%20b") == url
    assert ("ws", "127.0.0.1", live.port) == (url.scheme, url.hostname, url.port)
    assert ("/chat", "search=a%20b", "") == (url.path, url.query, url.fragment)


def test_headers_are_an_immutable_case_insensitive_multi_dict(live: LiveServer) -> None:
    """`websocket.headers["sec-websocket-version"]` works in any case."""
    headers: list[Headers] = []
    reader(live, lambda websocket: headers.append(websocket.headers))
    with live.connect(headers=[("X-Tag", "a"), ("x-tag", "b")]) as client:
        read_by(client)

    [got] = headers
    assert "13" == got["sec-websocket-version"] == got["Sec-WebSocket-Version"]
    assert ["a", "b"] == got.getlist("X-TAG")
    assert not hasattr(got, "__setitem__")


def test_query_parameters_are_an_immutable_multi_dict(live: LiveServer) -> None:
    """`websocket.query_params["search"]` is decoded."""
    params: list[QueryParams] = []
    reader(live, lambda websocket: params.append(websocket.query_params))
    with live.connect("/?search=caf%C3%A9+au+lait&tag=a&tag=b&empty=") as client:
        read_by(client)

    [got] = params
    assert "café au lait" == got["search"]
    assert ["a", "b"] == got.getlist("tag")
    assert ("", None) == (got["empty"], got.get("missing"))
    assert not hasattr(got, "__setitem__")


def test_path_parameters_come_from_the_router(live: LiveServer) -> None:
    """`websocket.path_params["username"]`, from a route or a mount of Starlette."""
    app = reader(live, lambda websocket: dict(websocket.path_params))
    routes = [
        WebSocketRoute("/users/{username}/{page:int}", app),
        Mount("/of/{tenant}", app),
    ]
    live.app = Starlette(routes=routes)

    with live.connect("/users/ada/7") as client:
        assert {"username": "ada", "page": 7} == read_by(client)
    with live.connect("/of/acme/rooms") as client:
        assert {"tenant": "acme"} == read_by(client)


def test_a_mounted_application_sees_the_whole_path(live: LiveServer) -> None:
    """As ASGI has it: the path is the one that was asked for, `root_path` a part."""
    app = reader(
        live,
        lambda websocket: [websocket["path"], websocket["root_path"], websocket.url],
    )
    live.app = Starlette(routes=[Mount("/api", app)])
    with live.connect("/api/chat") as client:
        assert ["/api/chat", "/api", live.url("/api/chat")] == read_by(client)


def test_cookies_client_and_state_are_there(live: LiveServer) -> None:
    """What the class inherits from Starlette's `HTTPConnection`."""
    reader(
        live,
        lambda websocket: [
            dict(websocket.cookies),
            websocket.client.host if websocket.client else None,
            dict(websocket.state),
        ],
    )
    with live.connect(headers=[("cookie", "a=1; b=two")]) as client:
        assert [{"a": "1", "b": "two"}, "127.0.0.1", {}] == read_by(client)


# --- Accepting the connection ------------------------------------------------------


def test_accept_with_nothing(live: LiveServer) -> None:
    """`await websocket.accept()` names no subprotocol."""
    live.app = websocket_app(wait)
    with live.connect(subprotocols=["chat"]) as client:
        assert client.subprotocol is None


def test_accept_with_a_subprotocol(live: LiveServer) -> None:
    """`await websocket.accept(subprotocol=...)` chooses one that is offered."""
    seen: list[object] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        seen.append(websocket.subprotocols)
        connection = await websocket.accept(subprotocol="chat.v1")
        seen.append(connection.subprotocol)
        return await connection.close()

    live.app = app
    with live.connect(subprotocols=["chat.v2", "chat.v1"]) as client:
        assert "chat.v1" == client.subprotocol

    assert [("chat.v2", "chat.v1"), "chat.v1"] == seen


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([(b"x-one", b"1"), (b"x-two", b"2")], id="bytes"),
        pytest.param([("x-one", "1"), ("x-two", "2")], id="str"),
        pytest.param({"X-One": "1", "X-Two": "2"}, id="mapping"),
    ],
)
def test_accept_with_headers(
    live: LiveServer,
    headers: Mapping[str, str] | list[tuple[str, str]] | list[tuple[bytes, bytes]],
) -> None:
    """`await websocket.accept(headers=...)` adds them to the answer."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept(None, headers)
        return await connection.close()

    live.app = app
    with live.connect() as client:
        assert client.response is not None
        answer = client.response.headers

        assert ("1", "2") == (answer["x-one"], answer["x-two"])


# --- Sending data ------------------------------------------------------------------


def test_sending_data(live: LiveServer) -> None:
    """`send_text`, `send_bytes`, and `send_json` in text frames or in binary ones."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        await connection.send_text("text é")
        await connection.send_text("")
        await connection.send_bytes(b"\x00\xff")
        await connection.send_bytes(bytearray(b"array"))
        await connection.send_bytes(memoryview(b"view"))
        await connection.send_json({"a": [1, None, "é"]})
        await connection.send_json({"a": 1}, mode="binary")
        return await connection.close()

    live.app = app
    with live.connect() as client:
        assert "text é" == hear(client)
        assert "" == hear(client)
        assert b"\x00\xff" == hear(client)
        assert b"array" == hear(client)
        assert b"view" == hear(client)
        assert '{"a":[1,null,"é"]}' == hear(client)
        assert b'{"a":1}' == hear(client)
        assert (1000, "") == end_of(client)


# --- Receiving data ----------------------------------------------------------------


def test_receiving_data(live: LiveServer) -> None:
    """`receive_text`, `receive_bytes`, and `receive_json` of both kinds of frames."""
    got: list[object] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        got.append(await connection.receive_text())
        got.append(await connection.receive_bytes())
        got.append(await connection.receive_json())
        got.append(await connection.receive_json(mode="binary"))
        return await connection.close()

    live.app = app
    with live.connect() as client:
        client.send("text é")
        client.send(b"\x00\xff")
        client.send('{"a": [1, null]}')
        client.send(b'{"b": 2.5}')

        assert (1000, "") == end_of(client)

    assert ["text é", b"\x00\xff", {"a": [1, None]}, {"b": 2.5}] == got


@pytest.mark.parametrize(
    "receive",
    [
        pytest.param(ConnectedWebSocket.receive_text, id="text"),
        pytest.param(ConnectedWebSocket.receive_bytes, id="bytes"),
        pytest.param(ConnectedWebSocket.receive_json, id="json"),
    ],
)
def test_receiving_may_raise_a_disconnect(
    live: LiveServer,
    receive: Callable[[ConnectedWebSocket[None]], Awaitable[object]],
) -> None:
    """`WebSocketDisconnect` says with which code and reason the peer has closed."""
    caught: list[WebSocketDisconnect] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        try:
            await receive(connection)
        except WebSocketDisconnect as error:
            caught.append(error)
            return error.closed
        pytest.fail("a message came")

    live.app = app
    with live.connect() as client:
        client.close(4321, "enough")
    live.settle()

    [error] = caught
    assert (4321, "enough") == (error.code, error.reason)
    assert ("client", True) == (error.closed.closed_by, error.closed.clean)


# --- Iterating data ----------------------------------------------------------------


def test_the_echo_sample(live: LiveServer) -> None:
    """The second sample: `async for message in websocket.iter_text()`."""

    async def app(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
        websocket = WebSocket(scope=scope, receive=receive, send=send)
        connection = await websocket.accept()
        async for message in connection.iter_text():
            await connection.send_text(f"Message text was: {message}")
        await connection.close()

    live.app = app
    with live.connect() as client:
        client.send("hello")
        assert "Message text was: hello" == hear(client)
        client.send("again")
        assert "Message text was: again" == hear(client)


def test_the_iterators_end_with_the_connection(live: LiveServer) -> None:
    """`iter_text`, `iter_bytes` and `iter_json` exit when the peer has closed."""
    got: list[object] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        async for text in connection.iter_text():
            got.append(text)
            break
        async for data in connection.iter_bytes():
            got.append(data)
            break
        async for value in connection.iter_json(mode="binary"):
            got.append(value)
            break
        got.extend([value async for value in connection.iter_json()])
        closed = await connection.close()
        got.append((closed.code, closed.reason, closed.closed_by))
        return closed

    live.app = app
    with live.connect() as client:
        client.send("text")
        client.send(b"data")
        client.send(b"[1]")
        client.send("[2]")
        client.send("null")
        client.close(4001, "done")
    live.settle()

    assert ["text", b"data", [1], [2], None, (4001, "done", "client")] == got


# --- Closing the connection --------------------------------------------------------


def test_close(live: LiveServer) -> None:
    """`await websocket.close(code=1000, reason=None)`."""
    ends: list[ClosedWebSocket] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        match websocket["path"]:
            case "/default":
                ends.append(await connection.close())
            case "/keywords":
                ends.append(await connection.close(code=4000, reason="bye é"))
            case _:
                ends.append(await connection.close(3000, "bye"))
        return ends[-1]

    live.app = app
    with live.connect("/default") as client:
        assert (1000, "") == end_of(client)
    with live.connect("/keywords") as client:
        assert (4000, "bye é") == end_of(client)
    with live.connect("/positions") as client:
        assert (3000, "bye") == end_of(client)

    assert [(1000, ""), (4000, "bye é"), (3000, "bye")] == [
        (end.code, end.reason) for end in ends
    ]
    assert {"server"} == {end.closed_by for end in ends}


# --- Sending and receiving messages ------------------------------------------------


def test_raw_messages_are_typed_events(live: LiveServer) -> None:
    """`websocket.send(message)` and `websocket.receive()` keep the state updated."""
    events: list[object] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        while not isinstance(event := await connection.receive(), ClosedWebSocket):
            events.append(event)
            await connection.send(event)
        assert event is await connection.receive()
        assert event is await connection.close()
        return event

    live.app = app
    with live.connect() as client:
        client.send("text")
        assert "text" == hear(client)
        client.send(b"data")
        assert b"data" == hear(client)
    live.settle()

    assert [TextMessage("text"), BytesMessage(b"data")] == events


# --- Send denial response ----------------------------------------------------------


def test_close_before_accept_is_a_403(live: LiveServer) -> None:
    """`websocket.close()` before `accept()`: the server sends an HTTP 403."""
    ends: list[DeniedWebSocket] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        ends.append(await websocket.close())
        return ends[-1]

    live.app = app
    status, _, body = refusal(live)

    assert (403, b"") == (status, body)
    live.settle()
    assert [(403, True)] == [(end.status, end.response_sent) for end in ends]


async def parts() -> AsyncIterator[bytes]:
    """Stream a body."""
    yield b"one, "
    yield b"two"


async def text_parts() -> AsyncIterator[str]:
    """Stream a body of text."""
    yield "one, "
    yield "two"


@pytest.mark.parametrize(
    ("respond", "expected"),
    [
        pytest.param(
            lambda: DenialResponse(
                429,
                headers={"retry-after": "30", "content-type": "text/x-list"},
                body=b"one, two",
            ),
            (429, "text/x-list"),
            id="ours",
        ),
        pytest.param(
            lambda: DenialResponse(
                429,
                headers=[(b"retry-after", b"30"), (b"content-type", b"text/x-list")],
                body=parts(),
            ),
            (429, "text/x-list"),
            id="ours-streamed",
        ),
        pytest.param(
            lambda: DenialResponse.text(
                "one, two", status=401, headers=[("retry-after", "30")]
            ),
            (401, "text/plain; charset=utf-8"),
            id="ours-text",
        ),
        pytest.param(
            lambda: Response(
                b"one, two",
                429,
                headers={"retry-after": "30"},
                media_type="application/x-list",
            ),
            (429, "application/x-list"),
            id="Response",
        ),
        pytest.param(
            lambda: PlainTextResponse("one, two", 404, headers={"retry-after": "30"}),
            (404, "text/plain; charset=utf-8"),
            id="PlainTextResponse",
        ),
        pytest.param(
            lambda: StreamingResponse(
                text_parts(),
                503,
                headers={"retry-after": "30"},
                media_type="text/x-list",
            ),
            (503, "text/x-list; charset=utf-8"),
            id="StreamingResponse",
        ),
    ],
)
def test_denial_responses(
    live: LiveServer,
    respond: Callable[[], DenialResponse | AnyASGIApp],
    expected: tuple[int, str | None],
) -> None:
    """`websocket.send_denial_response(response)` with what may be a response."""
    ends: list[DeniedWebSocket] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        ends.append(await websocket.send_denial_response(respond()))
        return ends[-1]

    live.app = app
    status, headers, body = refusal(live)

    assert expected == (status, headers.get("content-type"))
    assert ("30", b"one, two") == (headers["retry-after"], body)
    live.settle()
    assert [(status, True)] == [(end.status, end.response_sent) for end in ends]


@pytest.mark.parametrize("make", [DenialResponse.json, JSONResponse])
def test_denial_responses_of_json(
    live: LiveServer, make: Callable[[dict[str, str]], DenialResponse | AnyASGIApp]
) -> None:
    """JSON can be had from either."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        return await websocket.send_denial_response(make({"error": "no"}))

    live.app = app
    _, headers, body = refusal(live)

    assert ("application/json", b'{"error":"no"}') == (headers["content-type"], body)


def test_denial_responses_of_a_file(live: LiveServer, tmp_path: Path) -> None:
    """A file is sent in parts, and is more than one."""
    content = b"0123456789abcdef" * 20_000
    file = tmp_path / "refusal.bin"
    file.write_bytes(content)

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        return await websocket.send_denial_response(FileResponse(file, 402))

    live.app = app
    status, headers, body = refusal(live)

    assert (402, str(len(content))) == (status, headers["content-length"])
    assert content == body


def without_extension(app: AnyASGIApp) -> AnyASGIApp:
    """Make of a server one that lacks the extension."""

    async def middleware(
        scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend
    ) -> None:
        server = {**scope, "extensions": None}
        await application(app)(server, receive, sender(send))

    return middleware


def test_a_denial_response_needs_the_extension(live: LiveServer) -> None:
    """If it is not supported a `RuntimeError` is raised, and nothing is sent."""
    errors: list[RuntimeError] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        try:
            return await websocket.send_denial_response(DenialResponse(429))
        except RuntimeError as error:
            errors.append(error)
            connection = await websocket.accept()
            return await connection.close()

    live.app = without_extension(app)
    with live.connect() as client:
        assert (1000, "") == end_of(client)

    [error] = errors
    assert isinstance(error, ExtensionUnavailable)
    assert "websocket.http.response" == error.extension


def test_a_denial_response_can_fall_back(live: LiveServer) -> None:
    """With `fallback=True` the server's own 403 stands in."""
    ends: list[DeniedWebSocket] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        response = DenialResponse(429)
        ends.append(await websocket.send_denial_response(response, fallback=True))
        return ends[-1]

    live.app = without_extension(app)
    status, _, _ = refusal(live)

    assert 403 == status
    live.settle()
    assert [(403, False)] == [(end.status, end.response_sent) for end in ends]


# --- What is not on that page: how connections end ---------------------------------


def served(live: LiveServer) -> list[ClosedWebSocket]:
    """Serve a handler that waits for the end; return where it puts the end."""
    ends: list[ClosedWebSocket] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        ends.append(await wait(websocket))
        return ends[-1]

    live.app = app
    return ends


def test_a_client_that_closes_with_a_code(live: LiveServer) -> None:
    """Code and reason are the client's."""
    ends = served(live)
    with live.connect() as client:
        client.close(4321, "r")
    live.settle()

    assert [(4321, "r", "client", True)] == [
        (end.code, end.reason, end.closed_by, end.clean) for end in ends
    ]


def test_a_client_that_closes_without_a_code(live: LiveServer) -> None:
    """A close frame without a code is 1005 (RFC 6455, section 7.1.5)."""
    ends = served(live)
    with live.connect_raw() as client:
        read_answer(client)
        client.sendall(frame(CLOSE, b""))
        eventually(lambda: bool(ends))

    assert [(1005, "", "client")] == [
        (end.code, end.reason, end.closed_by) for end in ends
    ]


def test_a_client_that_vanishes_while_it_is_heard(live: LiveServer) -> None:
    """A connection that is reset ends the iteration, and is not clean."""
    ends = served(live)
    with live.connect_raw() as client:
        read_answer(client)
        vanish(client)
        eventually(lambda: bool(ends))

    [end] = ends
    assert end.code in {1005, 1006}
    assert not end.clean


def test_a_client_that_vanishes_while_it_is_sent_to(live: LiveServer) -> None:
    """A send to a connection that is reset raises the one disconnect, in time."""
    ends: list[ClosedWebSocket] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        try:
            while True:
                await connection.send_bytes(b"\x00" * 65536)
                # uvicorn's send() lets nothing else run, not even the loss.
                await anyio.lowlevel.checkpoint()
        except WebSocketDisconnect as lost:
            ends.append(lost.closed)
            return lost.closed

    live.app = app
    with live.connect_raw() as client:
        read_answer(client)
        vanish(client)
        eventually(lambda: bool(ends))

    [end] = ends
    assert end.code in {1005, 1006}


def test_a_client_that_vanishes_with_messages_unread(live: LiveServer) -> None:
    """What it sent before is not lost, and the end comes behind it."""
    got: list[object] = []

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        await connection.receive_text()
        try:
            while True:
                await connection.send_text("are you there?")
                await anyio.lowlevel.checkpoint()
        except WebSocketDisconnect as lost:
            got.append(lost.code)
        while not isinstance(event := await connection.receive(), ClosedWebSocket):
            got.append(event)
        got.append(event.code)
        return event

    live.app = websocket_app(handler)
    with live.connect_raw() as client:
        read_answer(client)
        client.sendall(
            frame(TEXT, b"one") + frame(TEXT, b"two") + frame(CLOSE, b"\x10\xe1")
        )
        eventually(lambda: len(got) == 3)

    assert [4321, TextMessage("two"), 4321] == got


def test_a_client_that_does_not_wait_for_the_answer(live: LiveServer) -> None:
    """One that has gone before the accept is a disconnect like any other."""
    asked, gone = threading.Event(), threading.Event()
    errors: list[WebSocketDisconnect] = []

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        asked.set()
        await anyio.to_thread.run_sync(gone.wait, SECONDS)
        await anyio.sleep(0.05)  # until the server has noticed
        try:
            return await wait(websocket)
        except WebSocketDisconnect as lost:
            errors.append(lost)
            raise

    live.app = app
    with live.connect_raw() as client:
        assert asked.wait(SECONDS)
        vanish(client)
        gone.set()
        eventually(lambda: bool(errors))

    [error] = errors
    assert not error.closed.clean


def test_a_handler_that_fails(live: LiveServer) -> None:
    """The client gets 1011 and nothing else; the server logs the traceback."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        await websocket.accept()
        raise LookupError(SECRET)

    live.app = app
    with live.connect() as client:
        assert (1011, "") == end_of(client)

    [error] = live.settle()
    assert "LookupError: the password is swordfish" in error


def test_a_handler_that_fails_before_the_accept(live: LiveServer) -> None:
    """The client gets a 500 and nothing else; the server logs the traceback."""

    @websocket_app
    async def app(_websocket: UnacceptedWebSocket) -> Ended:
        raise LookupError(SECRET)

    live.app = app
    status, headers, body = refusal(live)

    assert (500, b"") == (status, body)
    assert SECRET not in str(headers)
    [error] = live.settle()
    assert "LookupError: the password is swordfish" in error


def returning_early(ends: list[ClosedWebSocket], *, accept: bool) -> Handler:
    """Make a handler that returns the end of another connection."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        if accept:
            await websocket.accept()
        return ends[0]

    return handler


def test_a_handler_that_returns_early(live: LiveServer) -> None:
    """An open connection is closed with 1000, an open handshake refused with 403."""
    ends = served(live)
    with live.connect():
        pass
    live.settle()

    live.app = websocket_app(returning_early(ends, accept=True))
    with live.connect() as client:
        assert (1000, "") == end_of(client)
    live.app = websocket_app(returning_early(ends, accept=False))
    status, _, body = refusal(live)

    assert (403, b"") == (status, body)
    assert ["returned before the connection had ended"] * 2 == [
        message.partition("the handler ")[2].partition(";")[0]
        for message in live.messages()
    ]


def test_bad_messages_of_a_client(live: LiveServer) -> None:
    """What a client may send by mistake has a code and leaves no traceback."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        connection = await websocket.accept()
        async for _ in connection.iter_json():
            pass
        return await connection.close()

    live.app = app
    with live.connect() as client:
        client.send("{")
        assert (1007, "the message can't be decoded") == end_of(client)
    with live.connect() as client:
        client.send(b"{}")
        assert (1003, "") == end_of(client)


def test_a_page_of_another_site(live: LiveServer) -> None:
    """It is refused with a 403 that says why, and the log says how to allow it."""
    live.app = websocket_app(wait)
    evil = [("origin", "https://evil.example")]
    with pytest.raises(InvalidStatus) as caught, live.connect(headers=evil):
        pass

    response = caught.value.response
    assert 403 == response.status_code
    assert b"This page may not connect here.\n" == response.body
    [message] = live.messages()
    assert "refused the origin ['https://evil.example'] by SameOrigin()" in message


def test_a_page_of_this_site(live: LiveServer) -> None:
    """It may connect: its origin is what the Host header says."""
    live.app = websocket_app(wait)
    with live.connect(headers=[("origin", live.url("", scheme="http"))]) as client:
        client.send("hello")

    assert [] == live.messages()


def test_uvicorn_takes_an_application_as_it_is() -> None:
    """The server guesses by the signature which version of ASGI is spoken."""
    config = uvicorn.Config(websocket_app(wait), log_config=None)
    config.load()

    assert "asgi3" == config.interface


def test_a_plain_http_request(live: LiveServer) -> None:
    """It is told to upgrade."""
    live.app = websocket_app(wait)
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=SECONDS)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()

    assert (426, "websocket") == (response.status, response.headers["upgrade"])
    assert "upgrade" == response.headers["connection"]
    assert body.startswith(b"This is a WebSocket endpoint")
