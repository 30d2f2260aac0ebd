"""
Denial responses: the ASGI extension `websocket.http.response`.

A handshake that is refused with `websocket.close` becomes an HTTP 403 without a body.
With the extension it becomes any HTTP response: a `DenialResponse` of ours, or whatever
an ASGI response app (a Starlette `Response`, say) sends.
"""

import sys
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Mapping,
)
from typing import Protocol, Self, TypeGuard, final

from attrs import define, field, frozen
from typing_extensions import TypeIs

from typedws.asgi import (
    ASGIReceive,
    ASGIScope,
    ASGISend,
    WebSocketResponseBodyEvent,
    WebSocketResponseStartEvent,
)
from typedws.exceptions import LocalProtocolError
from typedws.fields import HeadersInput, RawFields, checked_fields, is_pairs
from typedws.json_text import JSONInput, encode_json
from typedws.scope import WebSocketScope

__all__ = ["EXTENSION", "DenialResponse"]

EXTENSION = "websocket.http.response"

_BODILESS_STATUSES = frozenset({204, 205, 304})
# RFC 9110, section 8.6: no Content-Length in a 204; in a 304 it is that of another
# response, which nobody here knows.
_LENGTHLESS_STATUSES = frozenset({204, 304})
_FIRST_STATUS, _LAST_STATUS = 200, 599
_DEFAULT_STATUS = 403
# Not lists, so the last one counts (RFC 9110, section 5.3).
_SINGLETONS = frozenset(
    {
        b"age",
        b"content-length",
        b"content-type",
        b"date",
        b"etag",
        b"expires",
        b"last-modified",
        b"location",
        b"retry-after",
        b"server",
    }
)
# granian lists it in the scope of a WebSocket, where it means nothing, and no other
# server does; what wraps `receive` and `send` hands the scope on.
_OF_GRANIAN = "http.response.pathsend"
_TAKES_TWO_COOKIES = (2, 8, 9)
"""The first granian that does not end at a response header that is there twice."""
_JOINED_BYTES = 1024 * 1024
"""Up to here a body is joined into one event: some servers take no more than one."""


def _denial_fields(headers: HeadersInput) -> RawFields:
    return checked_fields(headers, what="a denial response")


def _checked_status(status: int) -> int:
    return _status_of(status)


def _status_of(status: object) -> int:
    if not isinstance(status, int) or isinstance(status, bool):
        kind = type(status).__name__
        message = f"the status of a denial response is an int, not {kind}"
        raise TypeError(message)
    # 1xx would not end the request, and 101 would accept the handshake.
    if not _FIRST_STATUS <= status <= _LAST_STATUS:
        message = (
            f"a denial response has a final HTTP status, {_FIRST_STATUS} to "
            f"{_LAST_STATUS}, not {status}"
        )
        raise LocalProtocolError(message)
    return int(status)


def _checked_body(
    body: bytes | bytearray | memoryview | AsyncIterable[bytes],
) -> bytes | AsyncIterable[bytes]:
    return body if _is_stream(body) else _bytes_of(body)


def _is_stream(body: object) -> TypeIs[AsyncIterable[bytes]]:
    return isinstance(body, AsyncIterable)


def _is_bytes_like(data: object) -> TypeGuard[bytes | bytearray | memoryview]:
    return isinstance(data, (bytes, bytearray, memoryview))


def _bytes_of(data: object) -> bytes:
    if _is_bytes_like(data):
        return bytes(data)
    hint = "; encode it" if isinstance(data, str) else ""
    message = (
        f"the body of a denial response takes bytes, not {type(data).__name__}{hint}"
    )
    raise TypeError(message)


@final
@frozen(order=False)
class DenialResponse:
    """
    The HTTP response with which a handshake is refused.

    Browsers do not show it to the page; other clients do.

    Attributes:
        status: The HTTP status, 200 to 599.
        headers: A mapping, or pairs of str or bytes. `content-length` is added to a
            body that is whole.
        body: All of it, or an async iterable of its parts. Parts are joined up to
            1 MiB, since some servers take a body in one event only; what a longer body
            has more is then sent on as it comes. On such a server (granian) it is
            refused.

    Raises:
        LocalProtocolError: The status is not one of a final response, a header is
            forbidden, or the status allows no body.
        TypeError: The status is not an int, or the body is of another type.
    """

    status: int = field(default=_DEFAULT_STATUS, converter=_checked_status)
    headers: RawFields = field(default=(), converter=_denial_fields, kw_only=True)
    body: bytes | AsyncIterable[bytes] = field(
        default=b"", converter=_checked_body, kw_only=True
    )

    def __attrs_post_init__(self) -> None:
        """Refuse a body where HTTP allows none (RFC 9110, section 6.4.1)."""
        if self.body:
            _check_body_allowed(self.status)

    @classmethod
    def text(
        cls, text: str, *, status: int = _DEFAULT_STATUS, headers: HeadersInput = ()
    ) -> Self:
        """Make a response of plain text in UTF-8."""
        return cls._of("text/plain; charset=utf-8", text.encode(), status, headers)

    @classmethod
    def json(
        cls,
        value: JSONInput,
        *,
        status: int = _DEFAULT_STATUS,
        headers: HeadersInput = (),
    ) -> Self:
        """
        Make a response of JSON.

        Raises:
            EncodeError: The value has no JSON form.
        """
        return cls._of("application/json", encode_json(value), status, headers)

    @classmethod
    def _of(
        cls, content_type: str, body: bytes, status: int, headers: HeadersInput
    ) -> Self:
        fields = _denial_fields(headers)
        if not any(name == b"content-type" for name, _ in fields):
            fields = (*fields, (b"content-type", content_type.encode()))
        return cls(status, headers=fields, body=body)


@final
@define(eq=False, order=False, repr=False)
class DenialSender:
    """
    The `send` of a response: checks its events, joins its body, hands them on.

    It takes the events of plain HTTP and those of the extension. Nothing goes to the
    server before the response is whole or 1 MiB long, so a response app that fails
    early has sent nothing.

    Attributes:
        status: The status that the response starts with.
        has_sent: Whether the server was handed a part of it.
        is_whole: Whether the server was handed all of it.
    """

    _send: ASGISend = field(alias="send")
    _on_whole: Callable[[int], None] = field(alias="on_whole")
    _repeats_headers: bool = field(default=True, alias="repeats_headers")
    _takes_parts: bool = field(default=True, alias="takes_parts")
    status: int = field(default=_DEFAULT_STATUS, init=False)
    has_sent: bool = field(default=False, init=False)
    is_whole: bool = field(default=False, init=False)
    _has_started: bool = field(default=False, init=False)
    _fields: RawFields = field(default=(), init=False)
    _parts: list[bytes] = field(factory=list[bytes], init=False)
    _length: int = field(default=0, init=False)

    async def __call__(self, event: Mapping[str, object]) -> None:
        """
        Take an event of a response app.

        Raises:
            LocalProtocolError: The event is none of a response, or untimely; or the
                server takes no more than one part, and this would be the first.
            TypeError: The status is not an int, or the body is not bytes.
        """
        kind = event.get("type")
        name = kind.removeprefix("websocket.") if isinstance(kind, str) else ""
        if name == "http.response.start" and not self._has_started:
            self.start(*_start_of(event))
        elif name == "http.response.body" and self._has_started:
            part = _bytes_of(event.get("body", b""))
            await self.add(part, more_body=bool(event.get("more_body", False)))
        else:
            message = f"a denial response can't send {kind!a} here"
            raise LocalProtocolError(message)

    def start(self, status: int, fields: RawFields) -> None:
        """
        Begin the response.

        Raises:
            LocalProtocolError: It has what would end the server.
        """
        self._has_started = True
        self.status = status
        self._fields = _folded(fields)
        cookies = sum(name == b"set-cookie" for name, _ in self._fields)
        if cookies > 1 and not self._repeats_headers:
            message = (
                "a denial response can set one cookie on a granian before 2.8.9, which "
                f"ends at a header that is there twice; this one sets {cookies}"
            )
            raise LocalProtocolError(message)

    async def add(self, part: bytes, *, more_body: bool) -> None:
        """
        Add to the body, and end it if there is no more.

        Raises:
            LocalProtocolError: It was ended before, the status allows no body, or the
                server takes no more than one part, and this would be the first.
        """
        if self.is_whole:
            message = "a denial response can't go on after its last part"
            raise LocalProtocolError(message)
        if part:
            _check_body_allowed(self.status)
        self._parts.append(part)
        self._length += len(part)
        if self.has_sent or self._length > _JOINED_BYTES or not more_body:
            self._check_parts(more_body=more_body)
            await self._flush(more_body=more_body)

    def _check_parts(self, *, more_body: bool) -> None:
        if more_body and not self._takes_parts:
            message = (
                "a denial response that comes in parts is sent as one on granian, so "
                f"it can have {_JOINED_BYTES:,} bytes; this one has more, so give its "
                "body as bytes"
            )
            raise LocalProtocolError(message)

    async def _flush(self, *, more_body: bool) -> None:
        if not self.has_sent:
            await self._send_start(is_whole=not more_body)
        body = b"".join(self._parts)
        self._parts.clear()
        await self._send(
            WebSocketResponseBodyEvent(
                type="websocket.http.response.body", body=body, more_body=more_body
            )
        )
        if not more_body:
            self.is_whole = True
            self._on_whole(self.status)

    async def _send_start(self, *, is_whole: bool) -> None:
        fields = self._fields
        if is_whole:
            fields = _with_length(fields, self.status, self._length)
        await self._send(
            WebSocketResponseStartEvent(
                type="websocket.http.response.start",
                status=self.status,
                headers=list(fields),
            )
        )
        self.has_sent = True


async def send_response(response: DenialResponse, sender: DenialSender) -> None:
    """Send a response of ours."""
    sender.start(response.status, response.headers)
    if isinstance(response.body, bytes):
        await sender.add(response.body, more_body=False)
        return
    parts = aiter(response.body)
    try:
        async for part in parts:
            await sender.add(_bytes_of(part), more_body=True)
    finally:
        # Left half way, it must not wait for the garbage collector.
        if _is_generator(parts):
            await parts.aclose()
    await sender.add(b"", more_body=False)


def repeats_headers(scope: WebSocketScope) -> bool:
    """Tell whether a server lives on when a header of a denial is there twice."""
    return _OF_GRANIAN not in scope.extensions or _is_mended(sys.modules.get("granian"))


def takes_parts(scope: WebSocketScope) -> bool:
    """Tell whether a server takes the body of a denial in more than one event."""
    return _OF_GRANIAN not in scope.extensions


def _is_mended(granian: object) -> bool:
    # What serves is loaded. Without it the scope is that of a server in memory.
    version: object = getattr(granian, "__version__", None)
    numbers = tuple(int(it) for it in str(version).split(".") if it.isdecimal())
    return granian is None or numbers >= _TAKES_TWO_COOKIES


def response_receive(await_disconnect: Callable[[], Awaitable[None]]) -> ASGIReceive:
    """Make the `receive` of a response app: an empty request, then the disconnect."""
    events: deque[ASGIScope] = deque(
        [{"type": "http.request", "body": b"", "more_body": False}]
    )

    async def receive() -> ASGIScope:
        if events:
            return events.popleft()
        await await_disconnect()
        return {"type": "http.disconnect"}

    return receive


def response_scope(scope: WebSocketScope) -> ASGIScope:
    """
    Make the HTTP scope that a response app is called with.

    Response apps are written for HTTP, so that is what they are shown: a GET, without
    extensions, from a server whose `send` tells that the client has gone.
    """
    return {
        **scope.as_asgi,
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": "GET",
        "scheme": "https" if scope.scheme == "wss" else "http",
        "headers": list(scope.headers.raw),
        "extensions": {},
    }


class _Generator(Protocol):
    async def aclose(self) -> None: ...


def _is_generator(parts: object) -> TypeGuard[_Generator]:
    return isinstance(parts, AsyncGenerator)


def _start_of(event: Mapping[str, object]) -> tuple[int, RawFields]:
    status, headers = _status_of(event.get("status")), event.get("headers", ())
    if not is_pairs(headers):
        message = f"a denial response has pairs for headers, not {headers!a}"
        raise LocalProtocolError(message)
    return status, _denial_fields(headers)


def _check_body_allowed(status: int) -> None:
    if status in _BODILESS_STATUSES:
        message = f"a denial response with status {status} can't have a body"
        raise LocalProtocolError(message)


def _folded(fields: RawFields) -> RawFields:
    # RFC 9110, section 5.3, lets a list be written in one field; cookies are the
    # exception. A server that panics at a repeated name (granian 2.8.7) is spared it.
    folded: dict[bytes, bytes] = {}
    cookies: list[tuple[bytes, bytes]] = []
    for name, value in fields:
        if name == b"set-cookie":
            cookies.append((name, value))
        elif name in folded and name not in _SINGLETONS:
            folded[name] = b", ".join((folded[name], value))
        else:
            folded[name] = value
    return (*folded.items(), *cookies)


def _with_length(fields: RawFields, status: int, length: int) -> RawFields:
    others = tuple(field for field in fields if field[0] != b"content-length")
    if status in _LENGTHLESS_STATUSES:
        return others
    return (*others, (b"content-length", str(length).encode()))
