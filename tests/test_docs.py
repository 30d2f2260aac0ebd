"""
The programs in README.md and docs/: each runs, and each passes the type checkers.

Every block that is marked as Python is a module of its own; functions in it whose names
begin with `test_` are tests. A comment above a block
says which conversation of this file is held with its `app`:

    <!-- talk: echo -->

Programs before and after a change that have the same mark must thus do the same. A line
with a comment that begins with `# error` is one that every type checker must refuse,
one with `# spent` one that mypy must refuse, with the plugin.
"""

import re
import runpy
import sys
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Mapping
from itertools import repeat
from pathlib import Path
from typing import Final, TypeAlias

import msgspec
import pytest
from attrs import Factory, define, field
from websockets.asyncio.client import connect
from websockets.asyncio.server import Server, ServerConnection, serve

from tests.pages import BLOCKS, PAGES, ROOT, Block, mistakes_in, reuses_in
from tests.scripted import (
    CONNECT,
    Event,
    ScriptedServer,
    binary,
    disconnect,
    scope,
    text,
)
from tests.typing.checkers import CHECKERS, LONGEST_CHECK, PLUGIN, Runs
from tests.typing.compare import differences
from typedws.asgi import AnyASGIApp, ASGIApp, application

Handler: TypeAlias = Callable[[ServerConnection], Awaitable[None]]

TALKING: Final = [block for block in BLOCKS if block.talk is not None]


# --- Conversations -----------------------------------------------------------------


@define(eq=False)
class Client:
    """
    What a client says, and what it must hear.

    Attributes:
        says: The messages and the disconnect of the client.
        hears: What it gets: its answer, then messages and the end of the connection.
        asks: What is special about its handshake.
        hangs_up_after: How many messages it waits for before it has gone.
        reads_json: Whether it hears values, and does not care how they are written.
    """

    says: list[Event] = Factory(list[Event])
    hears: list[object] = field(factory=list[object], kw_only=True)
    asks: Mapping[str, object] = field(factory=dict[str, object], kw_only=True)
    hangs_up_after: int | None = field(default=None, kw_only=True)
    reads_json: bool = field(default=False, kw_only=True)

    async def talk_to(self, app: ASGIApp) -> list[object]:
        """Hold the conversation; return what was heard."""
        server = ScriptedServer(deque([CONNECT, *self.says]))
        heard: list[object] = []

        def hear(event: Event) -> None:
            if self.hangs_up_after is not None and len(heard) > self.hangs_up_after:
                server.give(disconnect(1001))
                raise ConnectionResetError
            # What is sent after the client has closed, nobody hears.
            if not server.is_over:
                heard.append(self.understood(payload_of(event)))
            if event["type"] == "websocket.close":
                server.give(disconnect(1006))

        server.on_send = hear
        await app(scope(**self.asks), server.receive, server.send)
        return heard

    async def talk_over_a_socket(self, handler: Handler) -> list[object]:
        """Hold it with a handler of websockets, which serves itself."""
        heard: list[object] = [ACCEPT]
        async with (
            serve(handler, "127.0.0.1", 0) as server,
            connect(f"ws://127.0.0.1:{port_of(server)}", proxy=None) as client,
        ):
            for event in self.says:
                if event["type"] == "websocket.disconnect":
                    return heard
                await client.send(str(event["text"]))
                heard.append(self.understood(await client.recv()))
            await client.wait_closed()
            return [*heard, ("close", client.close_code, client.close_reason)]

    def understood(self, payload: object) -> object:
        """Read JSON, where it is a value that counts."""
        if self.reads_json and isinstance(payload, str):
            return msgspec.json.decode(payload, type=dict[str, object])
        return payload


def port_of(server: Server) -> int:
    """Tell where a server listens."""
    (listener,) = server.sockets
    port: int = listener.getsockname()[1]
    return port


def payload_of(event: Event) -> object:
    """Return what a client sees of an event, whatever framework has sent it."""
    kind = str(event["type"]).removeprefix("websocket.")
    match kind:
        case "accept":
            return kind, event.get("subprotocol"), event.get("headers", NO_HEADERS)
        case "close":
            return kind, event["code"], event.get("reason") or ""
        case "http.response.start":
            return event["status"]
        case "http.response.body":
            return event["body"]
        case _:
            return event.get("text") or event.get("bytes")


NO_HEADERS: Final[list[object]] = []
ACCEPT: Final = ("accept", None, NO_HEADERS)
CLOSE: Final = ("close", 1000, "")
NO_TYPE_SPOKEN_HERE: Final = (
    "close",
    1008,
    "the message is of no type that is spoken here",
)
NO_TYPE: Final = (
    '{"type":"Problem","message":"Object missing required field `type`","place":"$"}'
)
NO_TEXT: Final = (
    '{"type":"Problem","message":"Expected `str`, got `int`","place":"$.text"}'
)
TWO_PROBLEMS: Final = (
    b'{"title":"Bad Request","status":400,'
    b'"detail":"The query of the handshake did not fit.","errors":['
    b'{"place":"query.page","expected":"int >= 1","got":"\'0\'"},'
    b'{"place":"query.order","expected":"one value","got":"2 values"}]}'
)


def packed(value: object) -> Event:
    """Make the event of a message in MessagePack."""
    return binary(msgspec.msgpack.encode(value))


TALKS: Final[Mapping[str, list[Client]]] = {
    "hello": [Client(hears=[ACCEPT, "Hello, world!", CLOSE])],
    "handshake": [
        Client(
            asks={
                "path": "/users/ada",
                "query_string": b"search=a%20b",
                "headers": [
                    (b"host", b"example.com"),
                    (b"sec-websocket-version", b"13"),
                    (b"cookie", b"theme=dark"),
                ],
            },
            hears=[
                ACCEPT,
                '["/users/ada","/users/ada","13","a b","ada","dark"]',
                CLOSE,
            ],
        )
    ],
    "echo": [
        Client(
            [text("hello"), text("é"), disconnect()],
            hears=[ACCEPT, "Message text was: hello", "Message text was: é"],
        )
    ],
    "json": [
        Client(
            [text('{"name": "Ada"}'), text('{"name": "Bob"}'), disconnect()],
            asks={"path": "/"},
            hears=[ACCEPT, b'{"hello":"Ada"}', b'{"hello":"Bob"}'],
        )
    ],
    "both": [
        Client(
            [text("hello"), binary(b"\x00"), disconnect(1001)],
            hears=[ACCEPT, "HELLO", b"\x00"],
        )
    ],
    "subprotocol": [
        Client(
            asks={"subprotocols": ["chat.v1", "chat.v2"]},
            hears=[
                ("accept", "chat.v2", [(b"x-served-by", b"chat")]),
                "two",
                ("close", 4000, "that is all"),
            ],
        ),
        Client(
            asks={"subprotocols": ["chat.v1"]},
            hears=[
                ("accept", "chat.v1", [(b"x-served-by", b"chat")]),
                "one",
                ("close", 4000, "that is all"),
            ],
        ),
    ],
    "room": [
        Client(
            [text("hello"), disconnect()],
            asks={"path": "/rooms/lobby", "query_string": b"name=Ada"},
            hears=[ACCEPT, "Ada is in lobby", "Ada: hello"],
        )
    ],
    "members": [
        Client(
            asks={
                "path": "/",
                "headers": [(b"host", b"a.com"), (b"cookie", b"session=s3cret")],
            },
            hears=[ACCEPT, "Hello, Ada!", CLOSE],
        ),
        Client(asks={"path": "/"}, hears=[401, b'{"detail":"log in first"}']),
    ],
    "greetings": [
        Client(
            [text('{"name": "Ada"}'), text('{"name": "Bob"}')],
            hears=[
                ACCEPT,
                {"hello": "Ada", "number": 1},
                {"hello": "Bob", "number": 2},
                ("close", 4000, ""),
            ],
            reads_json=True,
        )
    ],
    "denial": [
        Client(asks={"query_string": b"token=let+me+in"}, hears=[ACCEPT, CLOSE]),
        Client(asks={"query_string": b"token=wrong"}, hears=[CLOSE]),
        Client(hears=[401, b'{"error":"no token"}']),
    ],
    "typed": [
        Client(
            [
                text('{"type": "Say", "text": "hello"}'),
                text('{"type": "Join", "name": "Ada"}'),
                text('{"type": "Say", "text": 1}'),
                text("{"),
                text('{"type": "Say", "text": "bye"}'),
                disconnect(),
            ],
            hears=[
                ACCEPT,
                '{"type":"Said","name":"somebody","text":"hello"}',
                '{"type":"Joined","name":"Ada"}',
                NO_TEXT,
                '{"type":"Problem","message":"Input data was truncated","place":"$"}',
                '{"type":"Said","name":"Ada","text":"bye"}',
            ],
        ),
        Client(
            [text("{}") for _ in range(11)],
            hears=[
                ACCEPT,
                *repeat(NO_TYPE, 10),
                NO_TYPE_SPOKEN_HERE,
            ],
        ),
    ],
    "msgpack": [
        Client(
            [packed({"number": 7, "data": b"\x00\xff"}), disconnect()],
            hears=[ACCEPT, msgspec.msgpack.encode({"length": 2, "number": 7})],
        ),
        Client(
            [text("{}")],
            hears=[ACCEPT, ("close", 1007, "the message can't be decoded")],
        ),
    ],
    "versions": [
        Client(
            [text('{"name": "Ada", "text": "hi"}'), disconnect()],
            asks={"subprotocols": ["chat.v1", "chat.v2"]},
            hears=[("accept", "chat.v2", NO_HEADERS), '{"name":"Ada","text":"HI"}'],
        ),
        Client(
            [text('{"text": "hi"}'), disconnect()],
            asks={"subprotocols": ["chat.v1"]},
            hears=[("accept", "chat.v1", NO_HEADERS), '{"text":"HI"}'],
        ),
        Client(hears=[CLOSE]),
    ],
    "single": [
        Client(
            [text('{"prefix": "> ", "times": 2}'), text("ab"), disconnect()],
            hears=[ACCEPT, "> abab"],
        ),
        Client([text('{"times": 2}')], hears=[ACCEPT, NO_TYPE_SPOKEN_HERE]),
    ],
    "pydantic": [
        Client(
            [
                text('{"kind": "deposit", "amount": 5}'),
                text('{"kind": "withdraw", "amount": 2}'),
                text('{"kind": "withdraw", "amount": 0}'),
            ],
            hears=[ACCEPT, '{"amount":5}', '{"amount":3}', NO_TYPE_SPOKEN_HERE],
        )
    ],
    "own": [
        Client([text("get it"), disconnect()], hears=[ACCEPT, "GET it"]),
        Client([text(" it")], hears=[ACCEPT, NO_TYPE_SPOKEN_HERE]),
    ],
    "parameters": [
        Client(
            asks={
                "path": "/rooms/lobby",
                "query_string": b"page=2&tag=a&tag=b",
                "headers": [(b"host", b"example.com"), (b"accept-language", b"de, en")],
            },
            hears=[
                ACCEPT,
                "lobby from page 2, newest",
                "tags ['a', 'b'], in de",
                CLOSE,
            ],
        ),
        Client(
            asks={
                "path": "/rooms/lobby",
                "query_string": b"page=0&order=up&order=down",
            },
            hears=[
                400,
                TWO_PROBLEMS,
            ],
        ),
    ],
    "caught": [
        Client(asks={"query_string": b"page=2"}, hears=[ACCEPT, "page 2", CLOSE]),
        Client(asks={"query_string": b"page=x"}, hears=[422, b"bad: query.page"]),
    ],
    "guard": [
        Client(
            asks={"headers": [(b"host", b"a.com"), (b"cookie", b"session=s3cret")]},
            hears=[ACCEPT, "Hello, Ada!", CLOSE],
        ),
        Client(hears=[401, b'{"error":"log in first"}']),
    ],
    "guards": [
        Client(
            asks={
                "query_string": b"room=attic",
                "headers": [(b"host", b"example.com"), (b"cookie", b"name=Ada")],
            },
            hears=[ACCEPT, "Ada is in attic", CLOSE],
        ),
        Client(hears=[CLOSE]),
    ],
    "state": [
        Client(
            asks={"path": "/", "state": {"uploads": Path("/srv/uploads")}},
            hears=[ACCEPT, "uploads", CLOSE],
        )
    ],
    "ticks": [Client(hangs_up_after=3, hears=[ACCEPT, "tick", "tick", "tick"])],
}
"""By the name that a mark gives to them."""


# --- Tests -------------------------------------------------------------------------


def id_of(block: Block) -> str:
    """Name a test after its block."""
    return block.name


def test_every_page_with_programs_was_found() -> None:
    """A pattern that finds nothing would prove nothing."""
    fences = [page for page in PAGES for _ in re.findall("```python", page.read_text())]

    assert fences == [block.page for block in BLOCKS]
    assert {ROOT / "docs" / "index.md", ROOT / "docs" / "from-starlette.md"} <= set(
        fences
    )


def test_every_conversation_is_held() -> None:
    """A mark with a typing error would hold none, and a talk without a mark neither."""
    marks = [
        mark for page in PAGES for mark in re.findall("<!-- talk:", page.read_text())
    ]

    assert len(marks) == len(TALKING)
    assert set(TALKS) == {block.talk for block in TALKING}


@pytest.fixture(autouse=True)
def _importable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[None, None, None]:
    """Let a program import another one of its page."""
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.mark.parametrize("block", BLOCKS, ids=id_of)
def test_a_program_runs(block: Block, tmp_path: Path) -> None:
    """It can be imported, with nothing around it."""
    runpy.run_path(str(block.write(tmp_path)))


# The pages about testing have tests that need pytest: tests/testing/test_page.py.
TESTED_BY_PYTEST: Final = {"testing.md", "servers-in-tests.md"}
TESTED_HERE: Final = [it for it in BLOCKS if it.page.name not in TESTED_BY_PYTEST]
WITH_TESTS: Final = [it for it in TESTED_HERE if "\ndef test_" in it.code]
WITH_ASYNC_TESTS: Final = [it for it in TESTED_HERE if "\nasync def test_" in it.code]


@pytest.mark.parametrize("block", WITH_TESTS, ids=id_of)
def test_a_program_passes_its_own_tests(block: Block, tmp_path: Path) -> None:
    """A page that shows how to test shows what works."""
    found: Mapping[str, Callable[[], None]] = runpy.run_path(str(block.write(tmp_path)))
    tests = [found[name] for name in found if name.startswith("test_")]

    assert tests

    for test in tests:
        test()


@pytest.mark.anyio
@pytest.mark.parametrize("block", WITH_ASYNC_TESTS, ids=id_of)
async def test_a_program_passes_its_own_asynchronous_tests(
    block: Block, tmp_path: Path
) -> None:
    """On asyncio and on trio."""
    found: Mapping[str, Callable[[], Awaitable[None]]] = runpy.run_path(
        str(block.write(tmp_path))
    )
    tests = [found[name] for name in found if name.startswith("test_")]

    assert tests

    for test in tests:
        await test()


def application_of(app: AnyASGIApp) -> ASGIApp:
    """Give an application of any framework the type that it has here."""
    return application(app)


@pytest.mark.anyio
@pytest.mark.parametrize("block", TALKING, ids=id_of)
async def test_a_program_does_what_its_page_says(
    block: Block, tmp_path: Path, anyio_backend_name: str
) -> None:
    """A client of it hears what is expected, before and after."""
    if anyio_backend_name == "trio" and ONLY_ON_ASYNCIO & set(block.code.split()):
        pytest.skip("it needs asyncio")
    program = runpy.run_path(str(block.write(tmp_path)))
    for client in TALKS[block.talk or ""]:
        if "app" in program:
            heard = await client.talk_to(application_of(program["app"]))
        else:
            heard = await client.talk_over_a_socket(program["handler"])

        assert client.hears == heard


ONLY_ON_ASYNCIO: Final = {"channels.generic.websocket", "websockets.asyncio.server"}
"""What a program imports that can't run on trio."""


@pytest.mark.timeout(LONGEST_CHECK)
@pytest.mark.parametrize("checker", CHECKERS)
def test_programs_pass_the_type_checkers(checker: str, checked: Runs) -> None:
    """Nothing is found in them but the mistakes that the page speaks of."""
    if checker not in checked:
        pytest.skip(f"{checker} is not installed here")
    files = {f"{block.name}.py" for block in BLOCKS if block.is_typed}
    mistakes = {place for block in BLOCKS for place in mistakes_in(block)}
    if checker == PLUGIN.name:
        mistakes |= {place for block in BLOCKS for place in reuses_in(block)}
    found = differences(
        checker,
        dict.fromkeys(mistakes, frozenset({checker})),
        [it for it in checked[checker].result().findings if it.file in files],
    )

    assert [] == found.lines()
    assert mistakes
