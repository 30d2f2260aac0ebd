"""
The client's opening handshake: from what a test writes to a scope.

Pure. What is no request that a client could make is refused here, at the call.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, final
from urllib.parse import SplitResult, quote, unquote, urlsplit

from attrs import field, frozen

from typedws.datastructures import is_host
from typedws.exceptions import LocalProtocolError
from typedws.fields import HeadersInput, RawFields, checked_fields, is_token, raw_fields
from typedws.testing.profile import Profile

__all__ = ["Request"]

_PORTS: Final = {"ws": 80, "wss": 443}
_HOST: Final = "testserver"
_CLIENT: Final = ("127.0.0.1", 50_000)
_KEY: Final = b"dGhlIHNhbXBsZSBub25jZQ=="
"""The key of the example in RFC 6455, section 1.3."""

_HTTP: Final = {"http": "ws", "https": "wss"}
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f]")
_PATH: Final = "/:@!$&'()*+,;=-._~%"
_EXTENSION: Final = "websocket.http.response"


@final
@frozen(order=False, kw_only=True)
class Request:
    """
    A client's request for a WebSocket.

    Attributes:
        scheme: `ws` or `wss`.
        raw_path: The path as it goes over the wire.
        query_string: What stands behind the `?`.
        headers: All headers, in the order of the wire.
        subprotocols: What the client offers.
        client: The client's address.
        server: The server's address.
    """

    scheme: Literal["ws", "wss"]
    raw_path: bytes
    query_string: bytes
    headers: RawFields = field(repr=False)
    subprotocols: tuple[str, ...]
    client: tuple[str, int]
    server: tuple[str, int]

    @classmethod
    def parse(
        cls,
        target: str,
        *,
        headers: HeadersInput = (),
        subprotocols: Sequence[str] = (),
        origin: str | None = None,
        client: tuple[str, int] = _CLIENT,
    ) -> "Request":
        """
        Read what a test wrote.

        Raises:
            ValueError: The target is no path and no ws or wss URL.
            LocalProtocolError: A header or a subprotocol that no client may send.
            TypeError: An argument is of a wrong type.
        """
        parts = _split(target)
        scheme: Literal["ws", "wss"] = "wss" if parts.scheme == "wss" else "ws"
        netloc = parts.netloc or _HOST
        offered = _checked_subprotocols(subprotocols)
        return cls(
            scheme=scheme,
            raw_path=quote(parts.path or "/", safe=_PATH).encode(),
            query_string=quote(parts.query, safe=f"{_PATH}?").encode(),
            headers=_headers(netloc, _checked_headers(headers, origin), offered),
            subprotocols=offered,
            client=client,
            server=(parts.hostname or _HOST, parts.port or _PORTS[scheme]),
        )

    def scope(
        self,
        profile: Profile,
        *,
        root_path: str = "",
        state: Mapping[str, object] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> dict[str, object]:
        """Make the scope that a server makes of it."""
        extensions = {name: dict[str, str]() for name in profile.other_extensions}
        if profile.denial != "none":
            extensions[_EXTENSION] = dict[str, str]()
        asgi = {"version": "3.0"}
        if profile.spec_version is not None:
            asgi["spec_version"] = profile.spec_version
        scope: dict[str, object] = {
            "type": "websocket",
            "asgi": asgi,
            "http_version": "1.1",
            "scheme": self.scheme,
            "path": unquote(self.raw_path.decode(), errors="replace"),
            "raw_path": self.raw_path,
            "query_string": self.query_string,
            "root_path": root_path,
            "headers": list(_as_received(self.headers, profile)),
            "client": _address(self.client, profile),
            "server": _address(self.server, profile),
            "subprotocols": list(self.subprotocols),
            "extensions": extensions,
        }
        if state is not None:
            # ASGI: "a shallow copy of the namespace is passed into each" call.
            scope["state"] = dict(state)
        kept = {key: it for key, it in scope.items() if key not in profile.scope_lacks}
        return {**kept, **(extra or {})}


def _split(target: object) -> SplitResult:
    if not isinstance(target, str):
        raise TypeError(f"a target is a str, not {type(target).__name__}")
    if _UNSAFE.search(target):
        raise ValueError(f"a target has no control characters: {target!a}")
    if target.startswith("/"):
        path, _, query = target.partition("?")
        parts = SplitResult("ws", "", path, query, "")
    else:
        parts = _split_url(target)
    if "#" in target:
        raise ValueError(
            f"{target!a} has a fragment, and a WebSocket URL has none "
            "(RFC 6455, section 3); write %23 for a # in the path"
        )
    return parts


def _split_url(target: str) -> SplitResult:
    parts = urlsplit(target)
    if "://" not in target:
        raise ValueError(
            f"a path begins with a slash: write {'/' + target!a}, "
            f"or a whole URL such as 'ws://{_HOST}/{target.lstrip('/')}'"
        )
    if parts.scheme not in _PORTS:
        cure = _HTTP.get(parts.scheme)
        hint = f"; write {cure}://" if cure else ""
        raise ValueError(
            f"{target!a}: a WebSocket URL is of the scheme ws or wss "
            f"(RFC 6455, section 3), not {parts.scheme!a}{hint}"
        )
    if "@" in parts.netloc:
        raise ValueError(
            f"{target!a} has a user in it; send a header: "
            "headers={'authorization': ...}"
        )
    if not is_host(parts.netloc):
        raise ValueError(f"{target!a}: {parts.netloc!a} is no host")
    return parts


def _checked_subprotocols(subprotocols: Sequence[str]) -> tuple[str, ...]:
    if isinstance(subprotocols, str):
        raise TypeError(
            f"subprotocols is a list of names: write [{subprotocols!a}], "
            f"not {subprotocols!a}"
        )
    offered = tuple(subprotocols)
    for name in offered:
        _check_text(name)
        if not is_token(name):
            raise LocalProtocolError(
                f"the subprotocol {name!a} is no token (RFC 6455, section 4.1)"
            )
    if len(set(offered)) < len(offered):
        raise LocalProtocolError(
            f"the subprotocols {', '.join(offered)} are not unique "
            "(RFC 6455, section 4.1)"
        )
    return offered


def _check_text(name: object) -> None:
    if not isinstance(name, str):
        raise TypeError(f"the name of a subprotocol is a str, not {name!a}")


def _checked_headers(headers: HeadersInput, origin: str | None) -> RawFields:
    own = raw_fields(headers)
    if any(name == b"sec-websocket-protocol" for name, _ in own):
        raise LocalProtocolError("pass subprotocols=[...], not sec-websocket-protocol")
    fields = checked_fields(own, what="connect()")
    if origin is None:
        return fields
    if any(name == b"origin" for name, _ in fields):
        raise LocalProtocolError("there is an origin among the headers as well")
    return fields + checked_fields({"origin": origin}, what="connect()")


def _headers(netloc: str, own: RawFields, subprotocols: tuple[str, ...]) -> RawFields:
    fields: RawFields = (
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
        (b"sec-websocket-key", _KEY),
        (b"sec-websocket-version", b"13"),
    )
    if not any(name == b"host" for name, _ in own):
        fields = ((b"host", netloc.encode()), *fields)
    if subprotocols:
        offer = ", ".join(subprotocols).encode()
        fields = (*fields, (b"sec-websocket-protocol", offer))
    return fields + own


def _as_received(headers: RawFields, profile: Profile) -> RawFields:
    if profile.drops_underscored_headers:
        headers = tuple((name, value) for name, value in headers if b"_" not in name)
    if profile.repeated_headers == "kept":
        return headers
    values: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    if profile.repeated_headers == "joined":
        return tuple((name, b",".join(all_)) for name, all_ in values.items())
    return tuple((name, value) for name, all_ in values.items() for value in all_)


def _address(address: tuple[str, int], profile: Profile) -> object:
    host, port = address
    shown = str(port) if profile.text_for_ports else port
    return [host, shown] if profile.lists_for_addresses else (host, shown)
