"""
The same client for tests that are not async.

    with connect(app, "/echo") as peer:
        peer.send_text("hello")

        assert "hello" == peer.receive_text()

The application runs in an event loop of its own, in another thread, for as long as the
block lasts. What belongs to an event loop has to be made in that one: the startup of an
application can do it, and `lifespan()` runs it there.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Generic, TypeVar, Unpack, final, overload

from attrs import field, frozen
from typing_extensions import TypeForm, override

from typedws.asgi import AnyASGIApp
from typedws.close import CloseCode
from typedws.codecs.codec import Codec
from typedws.datastructures import Headers
from typedws.json_text import JSON, JSONInput
from typedws.messages import JSONMode, Message
from typedws.testing import connecting, running_app
from typedws.testing import peer as peers
from typedws.testing import typed_peer as typed_peers
from typedws.testing.bounds import Bound
from typedws.testing.loop_thread import Backend, Calls, LoopThread, event_loop
from typedws.testing.options import ConnectOptions
from typedws.testing.outcomes import Answer, Closed

__all__ = ["Peer", "RunningApp", "TypedPeer", "connect", "handshake", "lifespan"]

T = TypeVar("T")
In = TypeVar("In")
Out = TypeVar("Out")
In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)


@final
@frozen(eq=False, order=False)
class RunningApp:
    """
    An application whose lifespan is running, in a thread of its own.

    Attributes:
        running: The application.
        loop: Its event loop.
    """

    running: running_app.RunningApp
    loop: LoopThread = field(kw_only=True, repr=False)


@contextmanager
def lifespan(
    app: AnyASGIApp, *, wait: float = 5.0, backend: Backend = "asyncio"
) -> Generator[RunningApp]:
    """
    Run the lifespan of an application around the block.

    The clients of what this gives share its event loop.

    Args:
        app: The application.
        wait: The longest wait, in seconds.
        backend: Which event loop to run it in.

    Raises:
        Exception: What `typedws.testing.lifespan()` raises.
    """
    seconds = Bound(wait).seconds
    with event_loop(backend, seconds) as loop:
        block = running_app.lifespan(app, wait=wait)
        with loop.entered(block, seconds) as running:
            yield RunningApp(running, loop=loop)


@contextmanager
def connect(
    app: AnyASGIApp | RunningApp,
    target: str = "/",
    /,
    *,
    backend: Backend = "asyncio",
    **options: Unpack[ConnectOptions],
) -> Generator["Peer"]:
    """
    Connect to an application, for as long as the block lasts.

    Args:
        app: Any ASGI application, or one that `lifespan()` runs.
        target: The path with its query, or a whole URL of the scheme ws or wss.
        backend: Which event loop to run it in, unless `lifespan()` has one.
        options: See `ConnectOptions`.

    Raises:
        Exception: What `typedws.testing.connect()` raises.
    """
    seconds = _seconds(options)
    with _loop(app, backend, seconds) as loop:
        connection = connecting.connect(_async_app(app), target, **options)
        with loop.entered(connection, seconds) as peer:
            yield Peer(peer, calls=Calls(loop, seconds))


def handshake(
    app: AnyASGIApp | RunningApp,
    target: str = "/",
    /,
    *,
    backend: Backend = "asyncio",
    **options: Unpack[ConnectOptions],
) -> Answer:
    """
    Ask an application for a WebSocket, and leave as soon as it has answered.

    Args:
        app: Any ASGI application, or one that `lifespan()` runs.
        target: The path with its query, or a whole URL of the scheme ws or wss.
        backend: Which event loop to run it in, unless `lifespan()` has one.
        options: See `ConnectOptions`.

    Raises:
        Exception: What `typedws.testing.handshake()` raises.
    """

    async def ask() -> Answer:
        return await connecting.handshake(_async_app(app), target, **options)

    seconds = _seconds(options)
    with _loop(app, backend, seconds) as loop:
        return loop.call(ask, seconds)


@contextmanager
def _loop(
    app: AnyASGIApp | RunningApp, backend: Backend, seconds: float
) -> Generator[LoopThread]:
    if isinstance(app, RunningApp):
        with app.loop.turning(seconds) as loop:
            yield loop
        return
    with event_loop(backend, seconds) as loop:
        yield loop


def _seconds(options: ConnectOptions) -> float:
    return Bound(options.get("wait", 5.0)).seconds


def _async_app(app: AnyASGIApp | RunningApp) -> AnyASGIApp | running_app.RunningApp:
    return app.running if isinstance(app, RunningApp) else app


@final
@frozen(eq=False, order=False)
class _Received(Iterator[T]):
    """No generator: an error does not end it."""

    _receive: Callable[[], T | Closed] = field(alias="receive")

    @override
    def __next__(self) -> T:
        received = self._receive()
        if isinstance(received, Closed):
            raise StopIteration
        return received


@final
@frozen(eq=False, order=False, repr=False)
class Peer:
    """The client of one connection, as in `typedws.testing`; each call waits."""

    _peer: peers.Peer = field(alias="peer")
    _calls: Calls = field(alias="calls", kw_only=True)

    @override
    def __repr__(self) -> str:
        return repr(self._peer)

    @property
    def scope(self) -> Mapping[str, object]:
        """The ASGI scope that the application was given."""
        return self._peer.scope

    @property
    def answer(self) -> Answer | None:
        """The answer to the handshake."""
        return self._peer.answer

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the application chose."""
        return self._peer.subprotocol

    @property
    def accept_headers(self) -> Headers:
        """The headers that the application added to its accept."""
        return self._peer.accept_headers

    @property
    def closed(self) -> Closed | None:
        """The end of the connection, if it is over; there may be unread messages."""
        return self._peer.closed

    @property
    def unread(self) -> int:
        """How many messages the application has sent that the test has not read."""
        return self._peer.unread

    def typed(self, codec: Codec[In, Out]) -> "TypedPeer[In, Out]":
        """See the connection through the codec of the client: `CHAT.mirrored()`."""
        return TypedPeer(self._peer.typed(codec), calls=self._calls)

    def receive(self) -> Message | Closed:
        """Wait for the next message, or the end of the connection."""
        return self._calls(self._peer.receive)

    def receive_text(self) -> str:
        """Wait for the next message, which is to be text."""
        return self._calls(self._peer.receive_text)

    def receive_bytes(self) -> bytes:
        """Wait for the next message, which is to be binary."""
        return self._calls(self._peer.receive_bytes)

    @overload
    def receive_json(self, *, mode: JSONMode = ...) -> JSON: ...
    @overload
    def receive_json(self, type: TypeForm[T], *, mode: JSONMode = ...) -> T: ...
    def receive_json(
        self, type: TypeForm[object] = JSON, *, mode: JSONMode = "text"
    ) -> object:
        """Wait for the next message, which is to be JSON."""
        return self._calls(partial(self._peer.receive_json, type, mode=mode))

    def __iter__(self) -> Iterator[Message]:
        """Iterate over the messages, until the connection is over."""
        return _Received(self.receive)

    def wait_all_read(self) -> None:
        """Wait until the application has taken all that it was sent."""
        self._calls(self._peer.wait_all_read)

    def send(self, message: Message) -> None:
        """Send a message of either kind."""
        self._calls(partial(self._peer.send, message))

    def send_text(self, data: str) -> None:
        """Send a text message."""
        self._calls(partial(self._peer.send_text, data))

    def send_bytes(self, data: bytes | bytearray | memoryview) -> None:
        """Send a binary message."""
        self._calls(partial(self._peer.send_bytes, data))

    def send_json(self, data: JSONInput, *, mode: JSONMode = "text") -> None:
        """Send a JSON message (RFC 8259)."""

        async def send() -> None:
            await self._peer.send_json(data, mode=mode)

        self._calls(send)

    def close(
        self, code: int | None = CloseCode.NORMAL_CLOSURE, reason: str = ""
    ) -> Closed:
        """Close the connection; return the end that it had before, if it was over."""
        return self._calls(partial(self._peer.close, code, reason))

    def lose(self) -> Closed:
        """Let the network go away: no close frame, in neither direction."""

        async def lose() -> Closed:
            return self._peer.lose()

        return self._calls(lose)


@final
@frozen(eq=False, order=False, repr=False)
class TypedPeer(Generic[In_co, Out_contra]):
    """The client of one connection, seen through a codec; each call waits."""

    _peer: typed_peers.TypedPeer[In_co, Out_contra] = field(alias="peer")
    _calls: Calls = field(alias="calls", kw_only=True)

    @override
    def __repr__(self) -> str:
        return repr(self._peer)

    @property
    def codec(self) -> Codec[In_co, Out_contra]:
        """What reads the messages of the application, and writes the client's."""
        return self._peer.codec

    def receive(self) -> In_co | Closed:
        """Wait for the next message, or the end of the connection."""
        return self._calls(self._peer.receive)

    def __iter__(self) -> Iterator[In_co]:
        """Iterate over the messages, until the connection is over."""
        return _Received(self.receive)

    def send(self, value: Out_contra) -> None:
        """Send a message."""
        self._calls(partial(self._peer.send, value))
