"""
From a raw scope to a `WebSocketScope`, once, with the defaults of the specification.

Servers leave keys out, put `None` where a default belongs, give lists for tuples and a
port as text. All of that is read; a value that can't be read is an `InvalidScope`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Literal, Self, TypeAlias, TypeGuard, final
from urllib.parse import unquote

from attrs import field, frozen
from typing_extensions import TypeIs, override

from typedws.cookies import parse_cookies
from typedws.datastructures import (
    URL,
    Address,
    Headers,
    QueryParams,
    encoded_path,
    encoded_query,
    headers_of,
    is_encoded_path,
    is_host,
)
from typedws.exceptions import InvalidScope
from typedws.fields import RawFields

__all__ = ["WebSocketScope"]

_LONGEST_QUOTE = 60
_DEFAULT_PORTS = {"ws": 80, "wss": 443}
_PORT = re.compile("[0-9]{1,5}")
_LARGEST_PORT = 65535

Scheme: TypeAlias = Literal["ws", "wss"]
_SCHEMES: dict[str, Scheme] = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


def _websocket_scope(scope: Mapping[str, object]) -> Mapping[str, object]:
    kind = scope.get("type")
    if kind != "websocket":
        raise InvalidScope("type", "'websocket'", _quote(kind))
    if type(scope.get("path")) is not str:
        _text(scope, "path")
    if type(scope.get("headers")) is not list:
        _pairs(scope)
    return scope


@final
@frozen(order=False, eq=False, repr=False)
class WebSocketScope:
    """
    What is known of a connection before its first message.

    Each part is read when it is asked for, since most handlers ask for few; `parse()`
    reads them all. A part that the server has left unreadable is an `InvalidScope`.

    In a handshake it is a view of the server's scope, which nobody changes any more:
    ASGI has a middleware change a copy. What `parse()` returns has a copy of its own.
    """

    _raw: Mapping[str, object] = field(converter=_websocket_scope, alias="scope")
    _read_headers: Headers | None = field(default=None, init=False)
    _read_query: QueryParams | None = field(default=None, init=False)

    @classmethod
    def parse(cls, scope: Mapping[str, object]) -> Self:
        """
        Read a raw scope, every part of it.

        Raises:
            InvalidScope: It is of another type, lacks a key, or a value is unreadable.
        """
        parsed = cls(dict(scope))
        dict(parsed.as_asgi)
        return parsed

    @override
    def __repr__(self) -> str:
        return f"WebSocketScope(path={self.path!a})"

    @property
    def raw(self) -> Mapping[str, object]:
        """The scope as the server gave it, read-only."""
        return MappingProxyType(self._raw)

    @property
    def path(self) -> str:
        """The path that was asked for, decoded, with `root_path` in front."""
        return _text(self._raw, "path")

    @property
    def raw_path(self) -> bytes | None:
        """The path as it was on the wire, if the server tells."""
        return _data(self._raw, "raw_path")

    @property
    def query_string(self) -> bytes:
        """The part after `?` as it was on the wire."""
        return _data(self._raw, "query_string") or b""

    @property
    def root_path(self) -> str:
        """Where the application is mounted."""
        return _text(self._raw, "root_path", "")

    @property
    def scheme(self) -> Scheme:
        """`ws` or `wss`."""
        return _scheme(self._raw)

    @property
    def http_version(self) -> str:
        """`1.1`, say."""
        return _text(self._raw, "http_version", "1.1")

    @property
    def headers(self) -> Headers:
        """The request's headers."""
        headers = self._read_headers
        if headers is None:
            headers = _headers(self._raw)
            object.__setattr__(self, "_read_headers", headers)
        return headers

    @property
    def client(self) -> Address | None:
        """The peer, if the server tells."""
        return _address(self._raw, "client")

    @property
    def server(self) -> Address | None:
        """Our own end, if the server tells."""
        return _address(self._raw, "server")

    @property
    def subprotocols(self) -> tuple[str, ...]:
        """What the client offers, in its order of preference."""
        return _texts(self._raw, "subprotocols")

    @property
    def extensions(self) -> Mapping[str, object]:
        """The ASGI extensions that the server offers."""
        return _mapping(self._raw, "extensions")

    @property
    def state(self) -> Mapping[str, object]:
        """What the application's lifespan left for its connections."""
        return _mapping(self._raw, "state")

    @property
    def path_params(self) -> Mapping[str, object]:
        """What the router took out of the path; that of Channels has its own key."""
        params = _mapping(self._raw, "path_params")
        if "url_route" not in self._raw:
            return params
        route = _mapping(self._raw, "url_route")
        return MappingProxyType({**params, **_mapping(route, "kwargs")})

    @property
    def asgi_version(self) -> str:
        """The version of ASGI that the server speaks."""
        return _version(_mapping(self._raw, "asgi"), "version")

    @property
    def spec_version(self) -> str:
        """The version of its WebSocket part."""
        return _version(_mapping(self._raw, "asgi"), "spec_version")

    @property
    def url(self) -> URL:
        """
        The URL that the client asked for.

        Its host is that of the Host header; where that is missing, repeated or no host
        at all, it is the server's own address. Where that is missing, too, the URL is
        the path and the query alone. Its path begins with a slash in every case.
        """
        return self._url

    @property
    def query_params(self) -> QueryParams:
        """The query parameters."""
        query = self._read_query
        if query is None:
            query = QueryParams(self.query_string)
            object.__setattr__(self, "_read_query", query)
        return query

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies; of a repeated name the first, which is the more specific."""
        return self._cookies

    @property
    def as_asgi(self) -> Mapping[str, object]:
        """The scope in the shape that ASGI gives it, defaults filled in, immutable."""
        return self._as_asgi

    # What takes longer to make than to keep. Behind properties, since a checker would
    # let a public cached_property be assigned to.

    @cached_property
    def _url(self) -> URL:
        return URL.from_components(
            scheme=self.scheme,
            netloc=self._netloc(),
            path=self._encoded_path(),
            query=encoded_query(self.query_string),
        )

    @cached_property
    def _cookies(self) -> Mapping[str, str]:
        return parse_cookies(self.headers.getlist("cookie"))

    @cached_property
    def _as_asgi(self) -> Mapping[str, object]:
        return MappingProxyType(
            {
                **self._raw,
                "type": "websocket",
                "asgi": MappingProxyType(
                    {"version": self.asgi_version, "spec_version": self.spec_version}
                ),
                "http_version": self.http_version,
                "scheme": self.scheme,
                "path": self.path,
                "raw_path": self.raw_path,
                "query_string": self.query_string,
                "root_path": self.root_path,
                "headers": self.headers.raw,
                "client": _pair(self.client),
                "server": _pair(self.server),
                "subprotocols": self.subprotocols,
                "state": self.state,
                "extensions": self.extensions,
                "path_params": self.path_params,
            }
        )

    def _netloc(self) -> str:
        hosts = self.headers.getlist("host")
        if len(hosts) == 1 and is_host(hosts[0]):
            return hosts[0]
        if self.server is None or self.server.port is None:
            return ""
        is_default = self.server.port == _DEFAULT_PORTS[self.scheme]
        netloc = str(Address(self.server.host) if is_default else self.server)
        return netloc if is_host(netloc) else ""

    def _encoded_path(self) -> str:
        # The raw path keeps what decoding loses (an encoded slash), but it is only
        # taken where it says the same: routers and proxies change `path` alone.
        raw = (self.raw_path or b"").decode("latin-1")
        if is_encoded_path(raw) and unquote(raw) == self.path:
            return raw
        return encoded_path(self.path)


def _quote(value: object) -> str:
    if value is None:
        return "nothing"
    try:
        text = ascii(value)
    except Exception:  # noqa: BLE001 - an int too long for Python, a foreign repr, ...
        text = "that can't be shown"
    if len(text) > _LONGEST_QUOTE:
        text = f"{text[:_LONGEST_QUOTE]}..."
    return f"{type(value).__name__} {text}"


def _text(scope: Mapping[str, object], key: str, default: str | None = None) -> str:
    value = scope.get(key)
    if value is None and default is not None:
        return default
    if isinstance(value, str):
        return value
    raise InvalidScope(key, "a str", _quote(value))


def _scheme(scope: Mapping[str, object]) -> Scheme:
    # Some servers say "http", and a proxy's header may be in upper case.
    scheme = _SCHEMES.get(_text(scope, "scheme", "ws").lower())
    if scheme is None:
        raise InvalidScope("scheme", "'ws' or 'wss'", _quote(scope["scheme"]))
    return scheme


def _version(asgi: Mapping[str, object], key: str) -> str:
    value = asgi.get(key)
    if value is None:
        return "2.0"
    if isinstance(value, str):
        return value
    raise InvalidScope("asgi", f"a str for its {key!r}", _quote(value))


def _data(scope: Mapping[str, object], key: str) -> bytes | None:
    value = scope.get(key)
    if value is None or isinstance(value, bytes):
        return value
    raise InvalidScope(key, "bytes", _quote(value))


def _mapping(scope: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = scope.get(key)
    if value is None:
        return MappingProxyType({})
    if _is_mapping(value):
        return MappingProxyType(value)
    raise InvalidScope(key, "a mapping", _quote(value))


def _texts(scope: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = scope.get(key)
    if value is None:
        return ()
    if _is_sequence(value):
        texts = tuple(item for item in value if isinstance(item, str))
        if len(texts) == len(value):
            return texts
    raise InvalidScope(key, "a list of str", _quote(value))


def _pairs(scope: Mapping[str, object]) -> Iterable[object]:
    value = scope.get("headers")
    if _may_be_pairs(value):
        return value
    raise InvalidScope("headers", "pairs of bytes", _quote(value))


def _headers(scope: Mapping[str, object]) -> Headers:
    fields = tuple(_pairs(scope))
    if _are_raw_fields(fields):
        return headers_of(fields)
    return headers_of(tuple(_header(pair) for pair in fields))


def _header(pair: object) -> tuple[bytes, bytes]:
    if _is_sequence(pair) and len(pair) == 2:  # noqa: PLR2004 - a name and a value
        name, value = pair
        if isinstance(name, bytes) and isinstance(value, bytes):
            return name.lower(), value
    raise InvalidScope("headers", "pairs of bytes", f"among them {_quote(pair)}")


def _address(scope: Mapping[str, object], key: str) -> Address | None:
    value = scope.get(key)
    if value is None:
        return None
    if _is_sequence(value) and len(value) == 2:  # noqa: PLR2004 - a host and a port
        host, port = value
        if isinstance(host, str) and (port is None or _is_port(port)):
            return Address(host, None if port is None else int(port))
    raise InvalidScope(key, "a host and a port", _quote(value))


def _pair(address: Address | None) -> tuple[str, int | None] | None:
    return None if address is None else (address.host, address.port)


# The type forms of the next four say no more than was checked: `isinstance` alone
# would make the items `Any`.


def _is_mapping(value: object) -> TypeIs[Mapping[str, object]]:
    # What is a dict needs no look into the registry of abstract classes.
    return isinstance(value, (dict, Mapping))


def _may_be_pairs(value: object) -> TypeGuard[Iterable[object]]:
    # An empty text or mapping would pass for no headers at all.
    return isinstance(value, (list, tuple)) or (
        isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))
    )


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, (list, tuple))


def _are_raw_fields(pairs: tuple[object, ...]) -> TypeGuard[RawFields]:
    # What servers give, nearly always: each handshake waits for this loop, so it calls
    # as little as it can.
    if not _are_tuples(pairs):
        return False
    try:
        for name, value in pairs:
            if type(name) is not bytes or type(value) is not bytes:
                return False
            if not name.islower():
                return False
    except ValueError:
        return False
    return True


def _are_tuples(
    values: tuple[object, ...],
) -> TypeGuard[tuple[tuple[object, ...], ...]]:
    for value in values:  # noqa: SIM110 - all() would call a generator each time
        if type(value) is not tuple:
            return False
    return True


def _is_port(value: object) -> TypeGuard[int | str]:
    if isinstance(value, str) and _PORT.fullmatch(value):
        value = int(value)
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and 0 <= value <= _LARGEST_PORT
    )
