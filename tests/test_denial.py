"""Tests of denial responses: of ours, and of any ASGI response app."""

import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import Final, TypeAlias, cast

import anyio
import anyio.lowlevel
import pytest
from attrs.exceptions import FrozenInstanceError
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.scripted import (
    CONNECT,
    BrokenRule,
    Event,
    ScriptedServer,
    cancel_when_blocked,
    disconnect,
    failing,
    record,
    scope,
    server,
    settle,
    text,
)
from typedws import (
    ConcurrentReceiveError,
    DenialResponse,
    DeniedWebSocket,
    EncodeError,
    ExtensionUnavailable,
    HeadersInput,
    LocalProtocolError,
    SpentStateError,
    UnacceptedWebSocket,
    WebSocketDisconnect,
)
from typedws.states import begin, end

pytestmark = pytest.mark.anyio

Part: TypeAlias = dict[str, object]

MIB: Final = 1024 * 1024
START: Final[Part] = {"type": "http.response.start", "status": 404, "headers": []}


class Fault(Exception):
    """What a response app may raise."""


def body(data: bytes, *, more_body: bool = False) -> Part:
    """Make the event of a part of a body."""
    return {"type": "http.response.body", "body": data, "more_body": more_body}


def start_of(scripted: ScriptedServer) -> tuple[object, object]:
    """Give status and headers of the response that the server was sent."""
    start = scripted.sent[0]

    assert {"type", "status", "headers"} == {*start}
    assert "websocket.http.response.start" == start["type"]
    return start["status"], start["headers"]


def parts_of(scripted: ScriptedServer) -> list[tuple[object, object]]:
    """Give the body events that the server was sent."""
    parts = scripted.sent[1:]

    assert all({"type", "body", "more_body"} == {*part} for part in parts)
    assert {"websocket.http.response.body"} >= {part["type"] for part in parts}
    return [(part["body"], part["more_body"]) for part in parts]


def sending(*steps: Part | Exception) -> ASGIApp:
    """Make a response app that sends events, and may raise at the end."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for step in steps:
            if isinstance(step, Exception):
                raise step
            await send(step)

    return app


async def pieces(*parts: bytes | Exception) -> AsyncIterator[bytes]:
    """Make a body in parts, which may fail at the end."""
    for part in parts:
        if isinstance(part, Exception):
            raise part
        yield part


# --- The value ---------------------------------------------------------------------


async def test_a_denial_response_is_a_forbidden_without_a_body_by_default() -> None:
    """It is what close() would have made of it."""
    response = DenialResponse()

    assert (403, (), b"") == (response.status, response.headers, response.body)


async def test_a_denial_response_is_an_immutable_value() -> None:
    """Two with the same content are equal; headers are kept in lower case."""
    response = DenialResponse(HTTPStatus.NOT_FOUND, headers={"X-A": "1"}, body=b"a")

    assert DenialResponse(404, headers=[(b"x-a", b"1")], body=b"a") == response
    assert int is type(response.status)
    with pytest.raises(FrozenInstanceError):
        response.status = 200  # type: ignore[misc]  # ty: ignore[invalid-assignment]


async def test_a_denial_response_of_text_or_json_says_what_it_is() -> None:
    """The type of the content is added to the headers."""
    plain = DenialResponse.text("hé", status=401, headers={"x-a": "1"})
    document = DenialResponse.json({"error": None}, status=422)

    assert (
        DenialResponse(
            401,
            headers=[("x-a", "1"), ("content-type", "text/plain; charset=utf-8")],
            body="hé".encode(),
        )
        == plain
    )
    assert (
        DenialResponse(
            422,
            headers=[("content-type", "application/json")],
            body=b'{"error":null}',
        )
        == document
    )


async def test_a_denial_response_of_what_is_no_json_is_refused() -> None:
    """NaN is no JSON."""
    with pytest.raises(EncodeError):
        DenialResponse.json(float("nan"))


@pytest.mark.parametrize("status", [-1, 0, 100, 101, 199, 600, 1000])
async def test_a_status_that_ends_no_request_is_refused(status: int) -> None:
    """101 would even accept the handshake."""
    with pytest.raises(LocalProtocolError) as caught:
        DenialResponse(status)

    assert (
        f"a denial response has a final HTTP status, 200 to 599, not {status}"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("404", "the status of a denial response is an int, not str"),
        (404.0, "the status of a denial response is an int, not float"),
        (True, "the status of a denial response is an int, not bool"),
        (None, "the status of a denial response is an int, not NoneType"),
    ],
)
async def test_a_status_that_is_no_int_is_refused(
    status: object, sentence: str
) -> None:
    """A caller without a type checker is told at once, not by the server."""
    with pytest.raises(TypeError) as caught:
        DenialResponse(cast("int", status))

    assert sentence == str(caught.value)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        pytest.param(
            {"Sec-WebSocket-Accept": "x"},
            "a denial response: the header b'sec-websocket-accept' belongs to the "
            "handshake, which the server writes",
        ),
        pytest.param(
            {"Transfer-Encoding": "chunked"},
            "a denial response: the header b'transfer-encoding' is about the "
            "connection, which the server rules (RFC 9110, 7.6.1)",
        ),
        pytest.param(
            {"x\n": "1"},
            r"a denial response: the header b'x\n' has a name that HTTP forbids "
            r"(RFC 9110, section 5.1)",
        ),
        pytest.param(
            {"x": "1\r\nset-cookie: a=1"},
            "a denial response: the header b'x' has a value that HTTP forbids "
            "(RFC 9110, section 5.5)",
        ),
    ],
)
async def test_a_header_that_is_not_the_applications_is_refused(
    headers: HeadersInput, sentence: str
) -> None:
    """Some servers would write it as it is."""
    with pytest.raises(LocalProtocolError) as caught:
        DenialResponse(headers=headers)

    assert sentence == str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("a", "the body of a denial response takes bytes, not str; encode it"),
        (3, "the body of a denial response takes bytes, not int"),
        (None, "the body of a denial response takes bytes, not NoneType"),
        ([b"a"], "the body of a denial response takes bytes, not list"),
    ],
)
async def test_a_body_that_is_neither_bytes_nor_their_iterator_is_refused(
    wrong: object, sentence: str
) -> None:
    """At once, and not when half of the response was sent."""
    with pytest.raises(TypeError) as caught:
        DenialResponse(body=cast("bytes", wrong))

    assert sentence == str(caught.value)


@pytest.mark.parametrize("data", [bytearray(b"abc"), memoryview(b"abc")])
async def test_a_body_may_be_anything_like_bytes(data: bytes) -> None:
    """It is kept as bytes, which nobody can change."""
    assert b"abc" == DenialResponse(body=data).body


@pytest.mark.parametrize("status", [204, 205, 304])
@pytest.mark.parametrize("data", [b"a", pieces(b"a")], ids=["whole", "streamed"])
async def test_a_status_without_a_body_refuses_one(
    status: int, data: bytes | AsyncIterator[bytes]
) -> None:
    """RFC 9110, section 6.4.1: a client would take it for the next response."""
    with pytest.raises(LocalProtocolError) as caught:
        DenialResponse(status, body=data)

    assert f"a denial response with status {status} can't have a body" == str(
        caught.value
    )


# --- A response of ours ------------------------------------------------------------


async def test_a_whole_response_is_sent_in_two_events() -> None:
    """Its length is told; the token tells its status."""
    scripted = server()

    denied = await scripted.websocket().send_denial_response(
        DenialResponse(404, headers={"x-a": "1"}, body=b"not here")
    )

    assert (404, True) == (denied.status, denied.response_sent)
    assert (404, [(b"x-a", b"1"), (b"content-length", b"8")]) == start_of(scripted)
    assert [(b"not here", False)] == parts_of(scripted)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, [(b"content-length", b"0")]),
        (204, []),
        (205, [(b"content-length", b"0")]),
        (304, []),
    ],
)
async def test_an_empty_response_has_a_length_only_where_http_allows_it(
    status: int, headers: list[tuple[bytes, bytes]]
) -> None:
    """RFC 9110, section 8.6: none in a 204, and in a 304 that of another response."""
    scripted = server()

    await scripted.websocket().send_denial_response(DenialResponse(status))

    assert (status, headers) == start_of(scripted)
    assert [(b"", False)] == parts_of(scripted)


async def test_a_length_that_the_application_gives_is_replaced_by_the_true_one() -> (
    None
):
    """A client would wait for the rest, or take it for the next response."""
    scripted = server()

    await scripted.websocket().send_denial_response(
        DenialResponse(headers={"Content-Length": "9"}, body=b"abc")
    )

    assert (403, [(b"content-length", b"3")]) == start_of(scripted)


async def test_a_large_response_that_is_whole_is_sent_whole() -> None:
    """Some servers send no more than one body event (uvicorn's legacy one)."""
    scripted = server()
    data = b"x" * (3 * MIB)

    await scripted.websocket().send_denial_response(DenialResponse(body=data))

    assert (403, [(b"content-length", b"3145728")]) == start_of(scripted)
    assert [(data, False)] == parts_of(scripted)


async def test_a_streamed_response_is_joined_where_it_is_small() -> None:
    """One event, and its length is told."""
    scripted = server()
    response = DenialResponse(body=pieces(b"a", b"", b"b" * (MIB - 2), b"c"))

    denied = await scripted.websocket().send_denial_response(response)

    assert denied.response_sent
    assert (403, [(b"content-length", b"1048576")]) == start_of(scripted)
    assert [(b"a" + b"b" * (MIB - 2) + b"c", False)] == parts_of(scripted)


async def test_a_streamed_response_that_is_large_is_sent_as_it_comes() -> None:
    """The first MiB is joined, and what follows is not kept back."""
    scripted = server()
    response = DenialResponse(body=pieces(b"a" * MIB, b"b", b"c", b"d"))

    denied = await scripted.websocket().send_denial_response(response)

    assert denied.response_sent
    assert (403, []) == start_of(scripted)
    assert [
        (b"a" * MIB + b"b", True),
        (b"c", True),
        (b"d", True),
        (b"", False),
    ] == parts_of(scripted)


async def test_a_response_of_many_small_parts_takes_no_quadratic_time() -> None:
    """A part costs the same, however many there were before it."""
    scripted = server()
    count = 100_000
    response = DenialResponse(body=pieces(*[b"x"] * count))

    with anyio.fail_after(5):
        await scripted.websocket().send_denial_response(response)

    assert [(b"x" * count, False)] == parts_of(scripted)


async def test_a_part_that_is_no_bytes_is_an_error_that_names_it() -> None:
    """Nothing was sent yet, so another answer is possible."""
    scripted = server()
    websocket = scripted.websocket()
    response = DenialResponse(body=pieces(b"a", cast("bytes", "b")))

    with pytest.raises(TypeError) as caught:
        await websocket.send_denial_response(response)

    assert "the body of a denial response takes bytes, not str; encode it" == str(
        caught.value
    )
    assert [] == scripted.handed
    await websocket.close()


async def test_a_body_that_fails_early_has_sent_nothing() -> None:
    """The error is the body's, and another answer is possible."""
    scripted = server()
    websocket = scripted.websocket()
    response = DenialResponse(body=pieces(b"a" * MIB, Fault()))

    with pytest.raises(Fault):
        await websocket.send_denial_response(response)

    assert [] == scripted.handed
    assert isinstance(await websocket.close(), DeniedWebSocket)


async def test_a_body_that_fails_late_has_answered_by_half() -> None:
    """No other answer can follow it, and the state says so."""
    scripted = server()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    response = DenialResponse(404, body=pieces(b"a" * MIB, b"b", Fault()))

    with pytest.raises(Fault):
        await websocket.send_denial_response(response)

    denied = connection.current
    assert isinstance(denied, DeniedWebSocket)
    assert (404, False) == (denied.status, denied.response_sent)
    with pytest.raises(SpentStateError):
        await websocket.close()
    assert [(b"a" * MIB + b"b", True)] == parts_of(scripted)


async def test_what_a_response_app_has_left_behind_sends_nothing_more() -> None:
    """Half of its response was the answer, and the connection is over."""
    scripted = server()
    left: list[Send] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        left.append(send)
        await send(START)
        await send(body(b"a" * (MIB + 1), more_body=True))
        raise Fault

    with pytest.raises(Fault):
        await scripted.websocket().send_denial_response(app)
    with pytest.raises(LocalProtocolError, match="the handshake was refused, so"):
        await left[0](body(b"b"))

    assert [(b"a" * (MIB + 1), True)] == parts_of(scripted)


async def test_a_body_whose_response_fails_is_closed() -> None:
    """A generator that is left half way must not wait for the garbage collector."""
    events: list[str] = []

    async def parts() -> AsyncIterator[bytes]:
        try:
            for _ in range(3):
                yield b"a" * (MIB + 1)
        finally:
            events.append("closed")

    scripted = server()
    scripted.on_send = failing(ValueError())

    with pytest.raises(ValueError, match=r"^$"):
        await scripted.websocket().send_denial_response(DenialResponse(body=parts()))

    assert ["closed"] == events


async def test_a_body_may_be_any_asynchronous_iterable() -> None:
    """It need not be a generator."""

    class Countdown:
        def __init__(self) -> None:
            self.left = 3

        def __aiter__(self) -> "Countdown":
            return self

        async def __anext__(self) -> bytes:
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return str(self.left).encode()

    scripted = server()

    await scripted.websocket().send_denial_response(DenialResponse(body=Countdown()))

    assert [(b"210", False)] == parts_of(scripted)


async def test_a_repeated_header_is_folded_into_one_field() -> None:
    """A repeated name ends a server (granian); cookies can't be folded."""
    scripted = server()
    fields = [
        ("vary", "a"),
        ("set-cookie", "a=1"),
        ("Vary", "b"),
        ("set-cookie", "b=2"),
    ]

    await scripted.websocket().send_denial_response(DenialResponse(headers=fields))

    assert (
        403,
        [
            (b"vary", b"a, b"),
            (b"set-cookie", b"a=1"),
            (b"set-cookie", b"b=2"),
            (b"content-length", b"0"),
        ],
    ) == start_of(scripted)


GRANIAN: Final[Mapping[str, object]] = {
    "websocket.http.response": {},
    "http.response.pathsend": {},
}
"""The extensions by which granian is known: the second is none of a WebSocket."""


def load_granian(monkeypatch: pytest.MonkeyPatch, version: object) -> None:
    """Let a granian of this version be what has started the process."""
    granian = ModuleType("granian")
    granian.__dict__["__version__"] = version
    monkeypatch.setitem(sys.modules, "granian", granian)


@pytest.mark.parametrize("version", ["2.8.7", "2.7", None])
async def test_two_cookies_are_refused_where_they_would_end_the_server(
    version: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is sent, so that the handshake can be answered otherwise."""
    load_granian(monkeypatch, version)
    scripted = server()
    websocket = scripted.websocket(extensions=GRANIAN)
    fields = [("set-cookie", "a=1"), ("vary", "a"), ("set-cookie", "b=2")]

    with pytest.raises(LocalProtocolError) as caught:
        await websocket.send_denial_response(DenialResponse(401, headers=fields))
    denied = await websocket.send_denial_response(
        DenialResponse(401, headers=fields[:2])
    )

    assert (
        "a denial response can set one cookie on a granian before 2.8.9, which ends at "
        "a header that is there twice; this one sets 2"
    ) == str(caught.value)
    assert 401 == denied.status
    assert ["websocket.http.response.start", "websocket.http.response.body"] == (
        scripted.sent_types()
    )


@pytest.mark.parametrize("version", ["2.8.9", "2.10.0", "3.0.0rc1"])
async def test_two_cookies_are_sent_where_they_do_no_harm(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer granian lives on."""
    load_granian(monkeypatch, version)
    scripted = server()
    websocket = scripted.websocket(extensions=GRANIAN)
    cookies = [("set-cookie", "a=1"), ("set-cookie", "b=2")]

    await websocket.send_denial_response(DenialResponse(401, headers=cookies))

    assert (
        401,
        [
            (b"set-cookie", b"a=1"),
            (b"set-cookie", b"b=2"),
            (b"content-length", b"0"),
        ],
    ) == start_of(scripted)


async def test_a_long_body_in_parts_is_refused_where_there_can_be_one() -> None:
    """Before anything is sent, so that the handshake can be answered otherwise."""
    scripted = server()
    websocket = scripted.websocket(extensions=GRANIAN)
    body = pieces(b"a" * MIB, b"b", b"c")

    with pytest.raises(LocalProtocolError) as caught:
        await websocket.send_denial_response(DenialResponse(401, body=body))
    long = b"a" * MIB + b"b"
    denied = await websocket.send_denial_response(DenialResponse(402, body=long))

    assert (
        "a denial response that comes in parts is sent as one on granian, so it can "
        "have 1,048,576 bytes; this one has more, so give its body as bytes"
    ) == str(caught.value)
    assert (402, True) == (denied.status, denied.response_sent)
    assert [(long, False)] == parts_of(scripted)


# --- Without the extension ---------------------------------------------------------


async def test_a_server_without_the_extension_is_sent_nothing() -> None:
    """Some ignore what they do not know, and the handshake would hang (daphne)."""
    scripted = server()
    websocket = scripted.websocket(extensions=None)

    with pytest.raises(ExtensionUnavailable) as caught:
        await websocket.send_denial_response(DenialResponse(404))

    assert isinstance(caught.value, RuntimeError)
    assert (
        "send_denial_response(): the server does not offer the ASGI extension "
        "'websocket.http.response'; pass fallback=True to refuse with a plain "
        "HTTP 403, or call close()"
    ) == str(caught.value)
    assert [] == scripted.handed
    await websocket.close()


async def test_a_server_without_the_extension_falls_back_to_a_plain_refusal() -> None:
    """The state says that the response was not sent."""
    scripted = server()
    called: list[object] = []

    denied = await scripted.websocket(extensions={}).send_denial_response(
        PlainTextResponse("no", 404, background=BackgroundTask(called.append, 1)),
        fallback=True,
    )

    assert (403, False) == (denied.status, denied.response_sent)
    assert ["websocket.close"] == scripted.sent_types()
    assert [] == called


async def test_a_fallback_is_not_taken_where_the_server_has_the_extension() -> None:
    """It is for the others."""
    scripted = server()

    denied = await scripted.websocket().send_denial_response(
        DenialResponse(404), fallback=True
    )

    assert (404, True) == (denied.status, denied.response_sent)


# --- Responses of Starlette --------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "status", "headers", "data"),
    [
        pytest.param(
            Response(b"a", 410, {"x-a": "1"}),
            410,
            [(b"x-a", b"1"), (b"content-length", b"1")],
            b"a",
            id="Response",
        ),
        pytest.param(
            Response(status_code=204), 204, [], b"", id="Response without body"
        ),
        pytest.param(
            JSONResponse({"error": "é"}, 422),
            422,
            [(b"content-type", b"application/json"), (b"content-length", b"14")],
            '{"error":"é"}'.encode(),
            id="JSONResponse",
        ),
        pytest.param(
            RedirectResponse("/elsewhere"),
            307,
            [(b"location", b"/elsewhere"), (b"content-length", b"0")],
            b"",
            id="RedirectResponse",
        ),
    ],
)
async def test_a_response_of_starlette_is_sent_as_it_is(
    response: Response,
    status: int,
    headers: list[tuple[bytes, bytes]],
    data: bytes,
) -> None:
    """It is written for HTTP, and that is what it is shown."""
    scripted = server()

    denied = await scripted.websocket().send_denial_response(response)

    assert (status, True) == (denied.status, denied.response_sent)
    assert (status, headers) == start_of(scripted)
    assert [(data, False)] == parts_of(scripted)


async def test_a_response_of_starlette_may_set_two_cookies() -> None:
    """They stay two fields (RFC 6265, section 3)."""
    scripted = server()
    response = PlainTextResponse("no", 401)
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")

    await scripted.websocket().send_denial_response(response)

    assert (
        401,
        [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"set-cookie", b"a=1; Path=/; SameSite=lax"),
            (b"set-cookie", b"b=2; Path=/; SameSite=lax"),
            (b"content-length", b"2"),
        ],
    ) == start_of(scripted)


@pytest.mark.parametrize("count", [3, 3 * MIB])
async def test_a_streaming_response_of_starlette_is_sent(count: int) -> None:
    """It is one event if it is small; in any case nothing is missing."""
    scripted = server()
    response = StreamingResponse(pieces(b"a" * count, b"b" * count, b"c"), 404)

    denied = await scripted.websocket().send_denial_response(response)

    assert (404, True) == (denied.status, denied.response_sent)
    parts = [cast("bytes", event["body"]) for event in scripted.sent[1:]]
    assert b"a" * count + b"b" * count + b"c" == b"".join(parts)
    assert (count < MIB) == (1 == len(parts))


@pytest.mark.parametrize("size", [100, 3 * MIB])
async def test_a_file_response_of_starlette_is_sent(tmp_path: Path, size: int) -> None:
    """All of the file, and its length."""
    path = tmp_path / "page.html"
    path.write_bytes(b"x" * size)
    scripted = server()

    denied = await scripted.websocket().send_denial_response(
        FileResponse(path, status_code=404)
    )

    assert (404, True) == (denied.status, denied.response_sent)
    _, headers = start_of(scripted)
    assert (b"content-length", str(size).encode()) in cast("list[object]", headers)
    parts = [cast("bytes", event["body"]) for event in scripted.sent[1:]]
    assert b"x" * size == b"".join(parts)


async def test_a_file_response_without_its_file_has_sent_nothing(
    tmp_path: Path,
) -> None:
    """Another answer is possible."""
    scripted = server()
    websocket = scripted.websocket()

    with pytest.raises(RuntimeError, match="does not exist"):
        await websocket.send_denial_response(FileResponse(tmp_path / "nothing"))

    assert [] == scripted.handed
    await websocket.close()


async def test_a_background_task_of_a_response_runs_when_it_was_sent() -> None:
    """By then the handshake is answered, and the state is left."""
    scripted = server()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    seen: list[object] = []

    def task() -> None:
        seen.append(type(connection.current))

    denied = await websocket.send_denial_response(
        PlainTextResponse("no", 404, background=BackgroundTask(task))
    )

    assert [DeniedWebSocket] == seen
    assert (404, True) == (denied.status, denied.response_sent)


async def test_a_background_task_that_fails_is_the_callers_to_know() -> None:
    """The response was sent whole all the same."""
    scripted = server()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)

    def task() -> None:
        raise Fault

    with pytest.raises(Fault):
        await websocket.send_denial_response(
            PlainTextResponse("no", 404, background=BackgroundTask(task))
        )

    denied = connection.current
    assert isinstance(denied, DeniedWebSocket)
    assert (404, True) == (denied.status, denied.response_sent)


# --- Response apps by hand ---------------------------------------------------------


async def test_a_response_app_is_shown_an_http_request() -> None:
    """A GET with the headers of the handshake, without a body."""
    seen: dict[str, object] = {}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        seen["request"] = (request.method, str(request.url), await request.body())
        seen["types"] = (scope["type"], scope["extensions"], scope["scheme"])
        await PlainTextResponse("no")(scope, receive, send)

    scripted = server()

    await scripted.websocket(scheme="wss").send_denial_response(app)

    assert {
        "request": ("GET", "https://example.com/chat", b""),
        "types": ("http", {}, "https"),
    } == seen


async def test_a_response_app_may_send_the_events_of_either_kind() -> None:
    """Optional keys may be missing, as HTTP has it."""
    for prefix in ("", "websocket."):
        scripted = server()

        await scripted.websocket().send_denial_response(
            sending(
                {"type": f"{prefix}http.response.start", "status": 404},
                {"type": f"{prefix}http.response.body", "more_body": True},
                {"type": f"{prefix}http.response.body", "body": bytearray(b"a")},
            )
        )

        assert (404, [(b"content-length", b"1")]) == start_of(scripted)
        assert [(b"a", False)] == parts_of(scripted)


async def test_a_response_app_that_sends_a_large_body_whole_has_it_sent_whole() -> None:
    """It was in one event, and stays so."""
    scripted = server()

    await scripted.websocket().send_denial_response(
        sending(START, body(b"a", more_body=True), body(b"b" * MIB))
    )

    assert (404, [(b"content-length", b"1048577")]) == start_of(scripted)
    assert [(b"a" + b"b" * MIB, False)] == parts_of(scripted)


WHOLE: Final = "the denial response's app returned before its response was whole"


@pytest.mark.parametrize(
    ("steps", "error", "sentence"),
    [
        pytest.param([], LocalProtocolError, WHOLE, id="nothing"),
        pytest.param([START], LocalProtocolError, WHOLE, id="only a start"),
        pytest.param(
            [START, body(b"a", more_body=True)], LocalProtocolError, WHOLE, id="a half"
        ),
        pytest.param(
            [body(b"a")],
            LocalProtocolError,
            "a denial response can't send 'http.response.body' here",
            id="no start",
        ),
        pytest.param(
            [START, START],
            LocalProtocolError,
            "a denial response can't send 'http.response.start' here",
            id="two starts",
        ),
        pytest.param(
            [START, {"type": "http.response.trailers"}],
            LocalProtocolError,
            "a denial response can't send 'http.response.trailers' here",
            id="an event of another extension",
        ),
        pytest.param(
            [{"type": "websocket.accept"}],
            LocalProtocolError,
            "a denial response can't send 'websocket.accept' here",
            id="an accept",
        ),
        pytest.param(
            [dict[str, object]()],
            LocalProtocolError,
            "a denial response can't send None here",
            id="no type",
        ),
        pytest.param(
            [{"type": 3}],
            LocalProtocolError,
            "a denial response can't send 3 here",
            id="a type that is no text",
        ),
        pytest.param(
            [{**START, "status": "404"}],
            TypeError,
            "the status of a denial response is an int, not str",
            id="a status that is no int",
        ),
        pytest.param(
            [{"type": "http.response.start"}],
            TypeError,
            "the status of a denial response is an int, not NoneType",
            id="no status",
        ),
        pytest.param(
            [{**START, "status": 101}],
            LocalProtocolError,
            "a denial response has a final HTTP status, 200 to 599, not 101",
            id="an accepting status",
        ),
        pytest.param(
            [{**START, "headers": 3}],
            LocalProtocolError,
            "a denial response has pairs for headers, not 3",
            id="headers that are no pairs",
        ),
        pytest.param(
            [{**START, "headers": [(b"upgrade", b"h2c")]}],
            LocalProtocolError,
            "a denial response: the header b'upgrade' is about the connection, which "
            "the server rules (RFC 9110, 7.6.1)",
            id="a header of the server's",
        ),
        pytest.param(
            [START, {"type": "http.response.body", "body": "a"}],
            TypeError,
            "the body of a denial response takes bytes, not str; encode it",
            id="a body of text",
        ),
        pytest.param(
            [{**START, "status": 204}, body(b"a")],
            LocalProtocolError,
            "a denial response with status 204 can't have a body",
            id="a body where there is none",
        ),
        pytest.param([Fault("a")], Fault, "a", id="a fault before the start"),
        pytest.param([START, Fault("a")], Fault, "a", id="a fault after the start"),
        pytest.param(
            [START, body(b"x" * MIB, more_body=True), Fault("a")],
            Fault,
            "a",
            id="a fault in the first MiB",
        ),
    ],
)
async def test_a_response_app_that_fails_early_has_sent_nothing(
    steps: list[Part | Exception], error: type[Exception], sentence: str
) -> None:
    """So the handshake can still be answered in another way."""
    scripted = server()
    websocket = scripted.websocket()

    with pytest.raises(error) as caught:
        await websocket.send_denial_response(sending(*steps))

    assert sentence == str(caught.value)
    assert [] == scripted.handed
    assert isinstance(await websocket.close(), DeniedWebSocket)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        pytest.param(Fault(), Fault, id="raises"),
        pytest.param(START, LocalProtocolError, id="starts again"),
        pytest.param(None, LocalProtocolError, id="returns"),
    ],
)
async def test_a_response_app_that_fails_late_has_answered_by_half(
    step: Part | Exception | None, error: type[Exception]
) -> None:
    """No other answer can follow it, and the state says so."""
    scripted = server()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    steps = [START, body(b"x" * (MIB + 1), more_body=True)]

    with pytest.raises(error):
        await websocket.send_denial_response(
            sending(*steps) if step is None else sending(*steps, step)
        )

    denied = connection.current
    assert isinstance(denied, DeniedWebSocket)
    assert (404, False) == (denied.status, denied.response_sent)
    with pytest.raises(SpentStateError):
        await websocket.accept()
    await end(connection)
    assert 2 == len(scripted.handed)


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (body(b"b"), "a denial response can't go on after its last part"),
        (
            body(b"", more_body=True),
            "a denial response can't go on after its last part",
        ),
        (START, "a denial response can't send 'http.response.start' here"),
    ],
)
async def test_a_response_app_that_goes_on_after_its_end_is_told(
    step: Part, sentence: str
) -> None:
    """The client has its response, and the server sees nothing of the rest."""
    scripted = server()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)

    with pytest.raises(LocalProtocolError) as caught:
        await websocket.send_denial_response(sending(START, body(b"a"), step))

    assert sentence == str(caught.value)
    denied = connection.current
    assert isinstance(denied, DeniedWebSocket)
    assert denied.response_sent
    assert 2 == len(scripted.handed)


async def test_a_response_that_the_server_refuses_is_its_error() -> None:
    """Some servers take no more than one part (granian)."""
    scripted = server()

    def refuse(event: Event) -> None:
        if event.get("more_body"):
            raise ValueError("one part only")

    scripted.on_send = refuse
    websocket, connection = begin(scope(), scripted.receive, scripted.send)

    with pytest.raises(ValueError, match=r"^one part only$"):
        await websocket.send_denial_response(
            DenialResponse(body=pieces(b"a" * MIB, b"b"))
        )

    denied = connection.current
    assert isinstance(denied, DeniedWebSocket)
    assert not denied.response_sent


# --- Response apps that receive ----------------------------------------------------


async def test_a_response_app_that_receives_gets_a_request_and_the_disconnect() -> None:
    """The client has gone, so there is nobody to answer."""
    events: list[object] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        events.extend([await receive(), await receive(), await receive()])

    scripted = server(disconnect(1001))

    with pytest.raises(WebSocketDisconnect) as caught:
        await scripted.websocket().send_denial_response(app)

    assert 1001 == caught.value.code
    assert [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
        {"type": "http.disconnect"},
    ] == events
    assert [] == scripted.handed


async def test_what_is_no_disconnect_is_nothing_to_a_response_app() -> None:
    """A client may talk before it has its answer."""
    events: list[object] = []

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        events.append(await receive())

    with pytest.raises(WebSocketDisconnect):
        await server(text("a"), disconnect()).websocket().send_denial_response(app)

    assert [{"type": "http.disconnect"}] == events


async def test_a_response_app_that_receives_after_its_end_gets_the_disconnect() -> None:
    """As HTTP has it; the server is not asked, which might never answer."""
    events: list[object] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send(body(b"a"))
        events.append(await receive())

    scripted = server()
    scripted.fault = BrokenRule("receive() was called")

    denied = await scripted.websocket().send_denial_response(app)

    assert [{"type": "http.disconnect"}] == events
    assert (404, True) == (denied.status, denied.response_sent)


async def test_a_response_app_that_goes_on_receiving_leaves_others_a_turn() -> None:
    """So that it can be cancelled, too."""
    turns: list[int] = []

    async def listen(receive: Receive) -> None:
        for _ in range(100):
            await receive()
        turns.append(100)

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(body(b"a"))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(listen, receive)
            for turn in range(10):
                await anyio.lowlevel.checkpoint()
                turns.append(turn)

    await server().websocket().send_denial_response(app)

    assert [*range(10), 100] == turns


async def test_a_response_app_may_listen_for_the_disconnect_while_it_sends() -> None:
    """Many do; a disconnect that follows the response is no loss of it."""
    scripted = server()
    events: list[object] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(record, events, receive)
            await settle()
            await send(START)
            await send(body(b"a"))
            scripted.give(disconnect(1006))

    denied = await scripted.websocket().send_denial_response(app)

    assert [{"type": "http.disconnect"}] == events
    assert (404, True) == (denied.status, denied.response_sent)


async def test_a_response_app_that_listens_when_a_send_fails_is_not_disturbed() -> None:
    """The server's receive() is never called twice at once."""
    scripted = server()
    scripted.on_send = failing(OSError())
    events: list[object] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(record, events, receive)
            await settle()
            await send(START)
            tasks.start_soon(record, events, lambda: send(body(b"a")))
            await settle()
            scripted.give(disconnect(1001))

    with pytest.raises(WebSocketDisconnect) as caught:
        await scripted.websocket().send_denial_response(app)

    assert 1001 == caught.value.code
    assert {dict, WebSocketDisconnect} == {type(event) for event in events}


async def test_a_response_app_that_receives_twice_at_once_is_told() -> None:
    """The server's receive() is never called twice at once."""
    results: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(record, results, receive)
            await settle()
            await record(results, receive)
            tasks.cancel_scope.cancel()
        await PlainTextResponse("no")(scope, receive, send)

    denied = await server().websocket().send_denial_response(app)

    assert denied.response_sent
    assert [ConcurrentReceiveError] == [type(result) for result in results]


# --- A client that goes ------------------------------------------------------------


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(lambda: DenialResponse(404, body=b"a"), id="whole"),
        pytest.param(lambda: DenialResponse(body=pieces(b"a" * MIB, b"b")), id="parts"),
        pytest.param(lambda: PlainTextResponse("no"), id="app"),
        pytest.param(
            lambda: StreamingResponse(pieces(b"a" * MIB, b"b")), id="streaming app"
        ),
    ],
)
@pytest.mark.parametrize("taken", [0, 1])
async def test_a_client_that_goes_while_it_is_answered_is_a_disconnect(
    response: Callable[[], DenialResponse | Response], taken: int
) -> None:
    """At the start of the response as well as later."""
    scripted = server()

    def lose(_event: Event) -> None:
        if len(scripted.sent) == taken:
            scripted.give(disconnect(1001))
            raise OSError

    scripted.on_send = lose
    websocket = scripted.websocket()

    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send_denial_response(response())

    assert 1001 == caught.value.code
    with pytest.raises(WebSocketDisconnect):
        await websocket.close()
    assert taken == len(scripted.sent)


async def test_an_app_that_answers_a_client_that_has_gone_sends_nothing() -> None:
    """It has seen the disconnect, and is told of it again."""
    scripted = server(disconnect(1001))
    events: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await receive()
        await record(events, lambda: PlainTextResponse("no")(scope, receive, send))

    with pytest.raises(WebSocketDisconnect) as caught:
        await scripted.websocket().send_denial_response(app)

    assert [WebSocketDisconnect] == [type(event) for event in events]
    assert 1001 == caught.value.code
    assert [] == scripted.handed


@pytest.mark.parametrize(
    "fault", [Fault("of the app"), ExceptionGroup("of tasks", [Fault("of a task")])]
)
async def test_an_app_that_fails_since_the_client_has_gone_is_a_disconnect(
    fault: Exception,
) -> None:
    """What the app makes of the disconnect is the cause, and no error of its own."""

    async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
        await receive()
        await receive()
        raise fault

    with pytest.raises(WebSocketDisconnect) as caught:
        await server(disconnect(1001)).websocket().send_denial_response(app)

    assert 1001 == caught.value.code
    assert fault is caught.value.__cause__


async def test_an_app_that_swallows_the_disconnect_does_not_hide_it() -> None:
    """It returns as if nothing had happened; the client has gone all the same."""
    scripted = server(disconnect(1001))
    scripted.on_send = failing(OSError())

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        errors: list[object] = []
        await record(errors, lambda: send(body(b"a")))

    with pytest.raises(WebSocketDisconnect) as caught:
        await scripted.websocket().send_denial_response(app)

    assert 1001 == caught.value.code
    assert None is caught.value.__cause__
    assert None is caught.value.__context__


# --- Cancellation ------------------------------------------------------------------


async def test_a_denial_that_is_cancelled_before_it_sends_can_be_repeated() -> None:
    """The state is as it was."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        await anyio.sleep_forever()

    scripted = server()
    websocket = scripted.websocket()
    await cancel_when_blocked(lambda: websocket.send_denial_response(app))

    denied = await websocket.send_denial_response(DenialResponse(404))

    assert (404, True) == (denied.status, denied.response_sent)


async def test_a_denial_that_is_cancelled_half_way_has_answered_by_half() -> None:
    """No other answer can follow it."""

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send(START)
        await send(body(b"a" * (MIB + 1), more_body=True))
        await anyio.sleep_forever()

    scripted = server()
    websocket, connection = begin(scope(), scripted.receive, scripted.send)
    await cancel_when_blocked(lambda: websocket.send_denial_response(app))

    denied = connection.current
    assert isinstance(denied, DeniedWebSocket)
    assert (404, False) == (denied.status, denied.response_sent)


async def test_a_denial_that_is_cancelled_stays_cancelled_though_the_client_went() -> (
    None
):
    """The disconnect does not take the place of the cancellation."""
    scripted = server(disconnect(1001))
    reached: list[str] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(body(b"a" * (MIB + 1), more_body=True))
        await receive()
        await receive()
        await anyio.sleep_forever()

    async def deny() -> None:
        try:
            await scripted.websocket().send_denial_response(app)
        except anyio.get_cancelled_exc_class():
            reached.append("cancelled")
            raise
        except WebSocketDisconnect:
            reached.append("swallowed")

    await cancel_when_blocked(deny)

    assert ["cancelled"] == reached


async def test_no_other_answer_is_possible_while_a_response_app_runs() -> None:
    """The app may take its time."""
    scripted = ScriptedServer(deque([CONNECT]))
    websocket = scripted.websocket()
    go_on = anyio.Event()
    results: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go_on.wait()
        await PlainTextResponse("no")(scope, receive, send)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(record, results, lambda: websocket.send_denial_response(app))
        await settle()

        for answer in (UnacceptedWebSocket.accept, UnacceptedWebSocket.close):
            with pytest.raises(LocalProtocolError, match="another task is already"):
                await answer(websocket)

        go_on.set()

    assert [DeniedWebSocket] == [type(result) for result in results]


PROBLEM: Final = {"content-type": "application/problem+json"}


@pytest.mark.parametrize(
    ("response", "length"),
    [
        (DenialResponse.text("{}", headers=PROBLEM), b"2"),
        (DenialResponse.json({}, headers=PROBLEM), b"2"),
    ],
    ids=["text", "json"],
)
async def test_a_content_type_of_the_caller_takes_the_place_of_ours(
    response: DenialResponse, length: bytes
) -> None:
    """Two of them would be one that is neither."""
    scripted = server()

    await scripted.websocket().send_denial_response(response)

    start = scripted.sent[0]
    assert [
        (b"content-type", b"application/problem+json"),
        (b"content-length", length),
    ] == start["headers"]


async def test_of_a_repeated_field_that_is_no_list_the_last_one_counts() -> None:
    """A list is joined; a place to go to is not."""
    scripted = server()
    headers = [("vary", "a"), ("location", "/a"), ("vary", "b"), ("location", "/b")]

    await scripted.websocket().send_denial_response(
        DenialResponse(302, headers=headers)
    )

    assert [
        (b"vary", b"a, b"),
        (b"location", b"/b"),
        (b"content-length", b"0"),
    ] == scripted.sent[0]["headers"]
