"""
Denial responses: the ASGI extension `websocket.http.response`.

A handshake that is refused with `websocket.close` becomes an HTTP 403 without a body.
With the extension it becomes any HTTP response: a `DenialResponse` of ours, or whatever
an ASGI response app (a Starlette `Response`, say) sends.
"""

from collections import deque
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from typing import Self, final

from attrs import define, field, frozen

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
from typedws.messages import checked_bytes
from typedws.scope import WebSocketScope

__all__ = ["EXTENSION", "DenialResponse"]

EXTENSION = "websocket.http.response"

_BODILESS_STATUSES = frozenset({204, 205, 304})
_FIRST_STATUS, _LAST_STATUS = 200, 599
_DEFAULT_STATUS = 403
_JOINED_BYTES = 1024 * 1024
"""Up to here a body is joined into one event: some servers take no more than one."""


def _denial_fields(headers: HeadersInput) -> RawFields:
    return checked_fields(headers, what="a denial response")


def _checked_status(status: int) -> int:
    # 1xx would not end the request, and 101 would accept the handshake.
    if not _FIRST_STATUS <= status <= _LAST_STATUS:
        message = (
            f"a denial response has a final HTTP status, {_FIRST_STATUS} to "
            f"{_LAST_STATUS}, not {status}"
        )
        raise LocalProtocolError(message)
    return int(status)


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
            1 MiB, since some servers take a body in one event only; a longer body is
            then sent on as it comes.

    Raises:
        LocalProtocolError: The status is not one of a final response, a header is
            forbidden, or the status allows no body.
    """

    status: int = field(default=_DEFAULT_STATUS, converter=_checked_status)
    headers: RawFields = field(default=(), converter=_denial_fields, kw_only=True)
    body: bytes | AsyncIterable[bytes] = field(default=b"", kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse a body where HTTP allows none (RFC 9110, section 6.4.1)."""
        if self.status in _BODILESS_STATUSES and self.body:
            message = f"a denial response with status {self.status} can't have a body"
            raise LocalProtocolError(message)

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
        fields = (*_denial_fields(headers), (b"content-type", content_type.encode()))
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
    status: int = field(default=_DEFAULT_STATUS, init=False)
    has_sent: bool = field(default=False, init=False)
    is_whole: bool = field(default=False, init=False)
    _has_started: bool = field(default=False, init=False)
    _fields: RawFields = field(default=(), init=False)
    _parts: list[bytes] = field(factory=list[bytes], init=False)

    async def __call__(self, event: Mapping[str, object]) -> None:
        """
        Take an event of a response app.

        Raises:
            LocalProtocolError: The event is none of a response, or untimely.
        """
        kind = event.get("type")
        name = kind.removeprefix("websocket.") if isinstance(kind, str) else ""
        if name == "http.response.start" and not self._has_started:
            self.start(*_start_of(event))
        elif name == "http.response.body" and self._has_started:
            await self.add(_part_of(event))
            if not event.get("more_body", False):
                await self.finish()
        else:
            message = f"a denial response can't send {kind!a} here"
            raise LocalProtocolError(message)

    def start(self, status: int, fields: RawFields) -> None:
        """Begin the response."""
        self._has_started = True
        self.status = status
        self._fields = _folded(fields)

    async def add(self, part: bytes) -> None:
        """Add to the body."""
        if self.is_whole:
            message = "a denial response can't go on after its last part"
            raise LocalProtocolError(message)
        self._parts.append(part)
        if sum(map(len, self._parts)) > _JOINED_BYTES:
            await self._flush(more_body=True)

    async def finish(self) -> None:
        """End the response."""
        if not self.has_sent:
            self._fields = _with_length(self._fields, sum(map(len, self._parts)))
        await self._flush(more_body=False)
        self.is_whole = True

    def check_whole(self) -> None:
        """
        Check that a response app has sent all of its response.

        Raises:
            LocalProtocolError: It has not.
        """
        if not self.is_whole:
            message = "the denial response's app returned before its response was whole"
            raise LocalProtocolError(message)

    async def _flush(self, *, more_body: bool) -> None:
        if not self.has_sent:
            await self._send(
                WebSocketResponseStartEvent(
                    type="websocket.http.response.start",
                    status=self.status,
                    headers=list(self._fields),
                )
            )
            self.has_sent = True
        body = b"".join(self._parts)
        self._parts.clear()
        await self._send(
            WebSocketResponseBodyEvent(
                type="websocket.http.response.body", body=body, more_body=more_body
            )
        )


async def send_response(response: DenialResponse, sender: DenialSender) -> None:
    """Send a response of ours."""
    sender.start(response.status, response.headers)
    if isinstance(response.body, bytes):
        await sender.add(response.body)
    else:
        async for part in response.body:
            await sender.add(part)
    await sender.finish()


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


def _start_of(event: Mapping[str, object]) -> tuple[int, RawFields]:
    status, headers = event.get("status"), event.get("headers", ())
    if not isinstance(status, int):
        message = f"a denial response has an int for a status, not {status!a}"
        raise LocalProtocolError(message)
    if not is_pairs(headers):
        message = f"a denial response has pairs for headers, not {headers!a}"
        raise LocalProtocolError(message)
    return _checked_status(status), _denial_fields(headers)


def _part_of(event: Mapping[str, object]) -> bytes:
    return checked_bytes(event.get("body", b""), "a denial response's body")


def _folded(fields: RawFields) -> RawFields:
    # RFC 9110, section 5.3, lets a list be written in one field; cookies are the
    # exception. A server that panics at a repeated name (granian 2.8) is spared it.
    folded: dict[bytes, bytes] = {}
    cookies: list[tuple[bytes, bytes]] = []
    for name, value in fields:
        if name == b"set-cookie":
            cookies.append((name, value))
        else:
            folded[name] = (
                b", ".join((folded[name], value)) if name in folded else value
            )
    return (*folded.items(), *cookies)


def _with_length(fields: RawFields, length: int) -> RawFields:
    others = (field for field in fields if field[0] != b"content-length")
    return (*others, (b"content-length", str(length).encode()))
