"""
Which pages may connect: the origin policies of an application.

A browser lets any page open a WebSocket to any server, and sends the cookies along.
Only the Origin header tells whose page it is (RFC 6455, section 10.2).
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Protocol, final

from attrs import field, frozen

from typedws.scope import Scheme, WebSocketScope

__all__ = ["AllowedOrigins", "AnyOrigin", "OriginPolicy", "SameOrigin"]

# RFC 6454, section 6.2: the form in which a browser writes an origin: in lower case,
# nothing in front of the host and nothing behind the port. Whatever differs is not
# from a browser's Origin header and is not guessed at.
_ORIGIN: Final = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.\-]*)://"
    r"(?P<host>[a-z0-9_](?:[a-z0-9_.\-]*[a-z0-9_\-])?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?",
    re.ASCII,
)
_HOST: Final = re.compile(
    r"(?P<host>[^:\[\]]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?", re.ASCII
)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LARGEST_PORT: Final = 65535


class OriginPolicy(Protocol):
    """Decides by a handshake whether its page may connect."""

    @property
    def cure(self) -> str:
        """What to change to let a refused origin in, for the log."""
        ...

    def allows(self, scope: WebSocketScope, /) -> bool:
        """Tell whether the handshake may go on: only `True` lets it."""
        ...


@final
@frozen(order=False)
class Origin:
    """
    An origin: a scheme, a host and a port.

    Attributes:
        scheme: In lower case.
        host: In lower case, an IPv6 address in brackets.
        port: The scheme's default where the text has none, `None` for a scheme
            without one.
    """

    scheme: str
    host: str
    port: int | None


def parse_origin(text: str) -> Origin | None:
    """Read an origin as a browser writes it; `None` for anything else."""
    match = _ORIGIN.fullmatch(text)
    if match is None:
        return None
    scheme, host = match["scheme"], match["host"]
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS.get(scheme)
    if port is not None and port > _LARGEST_PORT:
        return None
    return Origin(scheme, host, port)


@final
@frozen(order=False)
class SameOrigin:
    """
    Let in pages of this host and port, and clients that are no browsers.

    The Origin header is compared with the Host header, which behind a proxy must be
    passed on. A port that neither names is the default of the origin's scheme, since
    TLS may end at the proxy. A page that did not come over HTTP (an extension's, or an
    app's of `capacitor://localhost`) is none of this host.
    """

    @property
    def cure(self) -> str:
        """What to change to let a refused origin in, for the log."""
        return (
            "to allow it, use websocket_app(origins=AllowedOrigins(...)) with it; "
            "behind a proxy, let the proxy pass the Host header on"
        )

    def allows(self, scope: WebSocketScope, /) -> bool:
        """Tell whether there is no Origin, or one of the host that was asked for."""
        fields = scope.headers.raw
        origins = [value for name, value in fields if name == b"origin"]
        if not origins:
            return True
        hosts = [value for name, value in fields if name == b"host"]
        if len(origins) != 1 or len(hosts) != 1:
            return False
        return _is_same(origins[0], hosts[0], scope.scheme)


def _compare(origin_value: bytes, host_value: bytes, scheme: Scheme) -> bool:
    origin = parse_origin(origin_value.decode("latin-1"))
    if scheme == "wss" and origin is not None and origin.scheme != "https":
        # Whoever holds the network can forge a page that came without TLS.
        return False
    match = _HOST.fullmatch(host_value.decode("latin-1").lower())
    if origin is None or match is None or origin.scheme not in _DEFAULT_PORTS:
        return False
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS[origin.scheme]
    return (origin.host, origin.port) == (match["host"], port)


# One site has few pairs of these, and each of its handshakes brings one.
_is_same: Callable[[bytes, bytes, Scheme], bool] = lru_cache(_compare)


def _allowed(origin: object) -> Origin:
    parsed = parse_origin(origin) if isinstance(origin, str) else None
    if parsed is None:
        message = (
            f"AllowedOrigins: {origin!a} is not an origin as browsers write it; "
            "give scheme, host and perhaps port, in lower case and nothing behind: "
            "'https://app.example.com'; to let every page in, use AnyOrigin()"
        )
        raise ValueError(message)
    return parsed


@final
@frozen(order=False, init=False)
class AllowedOrigins:
    """
    Let in the pages of these origins, and clients that are no browsers.

    An origin is compared as a whole: scheme, host and port. There are no patterns.

    Attributes:
        origins: The origins.
    """

    origins: frozenset[Origin] = field()

    def __init__(self, *origins: str) -> None:
        """
        Allow these origins: `AllowedOrigins("https://app.example.com")`.

        Raises:
            ValueError: One is not an origin as browsers write it.
        """
        allowed = frozenset(_allowed(origin) for origin in origins)
        object.__setattr__(self, "origins", allowed)

    @property
    def cure(self) -> str:
        """What to change to let a refused origin in, for the log."""
        return "to allow it, add it to AllowedOrigins(...)"

    def allows(self, scope: WebSocketScope, /) -> bool:
        """Tell whether there is no Origin, or one of these."""
        origins = scope.headers.getlist("origin")
        if not origins:
            return True
        return len(origins) == 1 and parse_origin(origins[0]) in self.origins


@final
@frozen(order=False)
class AnyOrigin:
    """
    Let in every page of the web.

    Right where a connection gives nothing that a stranger may not have: no cookies,
    no address range that stands for trust.
    """

    @property
    def cure(self) -> str:
        """What to change to let a refused origin in: none is refused."""
        return ""

    def allows(self, _scope: WebSocketScope, /) -> bool:
        """Let it in."""
        return True
