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
from typing_extensions import TypeIs

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

__all__ = ["WebSocketScope"]

_LONGEST_QUOTE = 60
_DEFAULT_PORTS = {"ws": 80, "wss": 443}
_PORT = re.compile("[0-9]{1,5}")
_LARGEST_PORT = 65535

Scheme: TypeAlias = Literal["ws", "wss"]
_SCHEMES: dict[str, Scheme] = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


@final
@frozen(order=False, eq=False, kw_only=True)
class WebSocketScope:
    """
    What is known of a connection before its first message.

    Attributes:
        path: The path that was asked for, decoded, with `root_path` in front.
        raw_path: The path as it was on the wire, if the server tells.
        query_string: The part after `?` as it was on the wire.
        root_path: Where the application is mounted.
        scheme: `ws` or `wss`.
        http_version: `1.1`, say.
        headers: The request's headers.
        client: The peer, if the server tells.
        server: Our own end, if the server tells.
        subprotocols: What the client offers, in its order of preference.
        extensions: The ASGI extensions that the server offers.
        state: What the application's lifespan left for its connections.
        path_params: What the router took out of the path.
        asgi_version: The version of ASGI that the server speaks.
        spec_version: The version of its WebSocket part.
        raw: The scope as the server gave it, read-only.
    """

    path: str
    raw_path: bytes | None = field(repr=False)
    query_string: bytes
    root_path: str
    scheme: Scheme
    http_version: str
    headers: Headers = field(repr=False)
    client: Address | None
    server: Address | None
    subprotocols: tuple[str, ...]
    extensions: Mapping[str, object] = field(repr=False)
    state: Mapping[str, object] = field(repr=False)
    path_params: Mapping[str, object]
    asgi_version: str
    spec_version: str
    raw: Mapping[str, object] = field(repr=False)

    @classmethod
    def parse(cls, scope: Mapping[str, object]) -> Self:
        """
        Read a raw scope.

        Raises:
            InvalidScope: It is of another type, lacks a key, or a value is unreadable.
        """
        kind = scope.get("type")
        if kind != "websocket":
            raise InvalidScope("type", "'websocket'", _quote(kind))
        asgi = _mapping(scope, "asgi")
        return cls(
            path=_text(scope, "path"),
            raw_path=_data(scope, "raw_path"),
            query_string=_data(scope, "query_string") or b"",
            root_path=_text(scope, "root_path", ""),
            scheme=_scheme(scope),
            http_version=_text(scope, "http_version", "1.1"),
            headers=_headers(scope),
            client=_address(scope, "client"),
            server=_address(scope, "server"),
            subprotocols=_texts(scope, "subprotocols"),
            extensions=_mapping(scope, "extensions"),
            state=_mapping(scope, "state"),
            path_params=_mapping(scope, "path_params"),
            asgi_version=_version(asgi, "version"),
            spec_version=_version(asgi, "spec_version"),
            raw=MappingProxyType(dict(scope)),
        )

    @cached_property
    def url(self) -> URL:
        """
        The URL that the client asked for.

        Its host is that of the Host header; where that is missing, repeated or no host
        at all, it is the server's own address. Where that is missing, too, the URL is
        the path and the query alone. Its path begins with a slash in every case.
        """
        return URL.from_components(
            scheme=self.scheme,
            netloc=self._netloc(),
            path=self._encoded_path(),
            query=encoded_query(self.query_string),
        )

    @cached_property
    def query_params(self) -> QueryParams:
        """The query parameters."""
        return QueryParams(self.query_string)

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The cookies; of a repeated name the first, which is the more specific."""
        return parse_cookies(self.headers.getlist("cookie"))

    @cached_property
    def as_asgi(self) -> Mapping[str, object]:
        """The scope in the shape that ASGI gives it, defaults filled in, immutable."""
        return MappingProxyType(
            {
                **self.raw,
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


def _headers(scope: Mapping[str, object]) -> Headers:
    value = scope.get("headers")
    if not _may_be_pairs(value):
        raise InvalidScope("headers", "pairs of bytes", _quote(value))
    return headers_of(tuple(_header(pair) for pair in value))


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
    return isinstance(value, Mapping)


def _may_be_pairs(value: object) -> TypeGuard[Iterable[object]]:
    # An empty text or mapping would pass for no headers at all.
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, (list, tuple))


def _is_port(value: object) -> TypeGuard[int | str]:
    if isinstance(value, str) and _PORT.fullmatch(value):
        value = int(value)
    return (
        isinstance(value, int)
        and not isinstance(value, bool)
        and 0 <= value <= _LARGEST_PORT
    )
