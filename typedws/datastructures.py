"""
The parts of a handshake, as values: URL, headers, query parameters, addresses.

All are immutable and know nothing of ASGI; `typedws.scope` makes them from a scope.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from ipaddress import IPv6Address
from typing import Self, final
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from attrs import field, frozen
from typing_extensions import override

from typedws.fields import RawFields, raw_fields

__all__ = ["URL", "Address", "Headers", "QueryParams"]

_SECURE_SCHEMES = frozenset({"wss", "https"})
# RFC 3986, section 3.3: what may stand in a path as it is; the percent sign is not
# among them, since the path that ASGI hands over is decoded.
_PATH_CHARACTERS = "/:@!$&'()*+,;=-._~"
_ENCODED_PATH = re.compile(r"(?:[A-Za-z0-9/:@!$&'()*+,;=\-._~]|%[0-9A-Fa-f]{2})*")
_QUERY_CHARACTERS = _PATH_CHARACTERS + "?%"
# RFC 3986, section 3.2.2, without the parts that a Host header may not have.
_HOST = re.compile(
    r"(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+|\[(?P<ipv6>[0-9A-Fa-f:.]+)\])"
    r"(?::(?P<port>[0-9]{0,5}))?"
)
_LARGEST_PORT = 65535
_BLANK = re.compile(r"[\x00-\x20\x7f]")


@final
class URL(str):
    """
    A URL that is a `str` and has its components as read-only properties.

    One that comes from a handshake keeps the components that it was made from. Its path
    is thus the path that the server routed by, whatever stands in the Host header.

    Raises:
        ValueError: The text has a port or an IPv6 address that is none, or a blank or
            control character, which no URL has.
    """

    __slots__ = ("_parts",)
    _parts: SplitResult

    def __new__(cls, url: str) -> Self:
        """Take a URL apart."""
        if _BLANK.search(url):  # urlsplit() would drop some, and take apart another URL
            message = f"a URL has no blanks and no control characters: {url!a}"
            raise ValueError(message)
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError here rather than in a property later
        return cls._of(url, parts)

    @classmethod
    def from_components(
        cls, *, scheme: str, netloc: str, path: str, query: str = ""
    ) -> Self:
        """
        Put a URL together from parts that are already encoded.

        A path that does not begin with a slash is given one: it can't run into the
        netloc. Without a netloc the URL has no scheme either and is the path alone.
        """
        if path and not path.startswith("/"):
            path = f"/{path}"
        parts = SplitResult(scheme, netloc, path, query, "")
        before_path = f"{scheme}://{netloc}" if netloc else ""
        if not netloc and path.startswith("//"):
            # RFC 3986, section 4.2: what follows two slashes would be a netloc.
            before_path = "//"
        return cls._of(f"{before_path}{path}{'?' if query else ''}{query}", parts)

    @classmethod
    def _of(cls, url: str, parts: SplitResult) -> Self:
        self = super().__new__(cls, url)
        object.__setattr__(self, "_parts", parts)
        return self

    @override
    def __setattr__(self, name: str, value: object) -> None:
        message = f"a URL can't be changed: {name}"
        raise AttributeError(message)

    @override
    def __delattr__(self, name: str) -> None:
        message = f"a URL can't be changed: {name}"
        raise AttributeError(message)

    @override
    def __reduce__(
        self,
    ) -> tuple[Callable[[str, SplitResult], "URL"], tuple[object, ...]]:
        return URL._of, (str(self), self._parts)

    @override
    def __repr__(self) -> str:
        return f"URL({str(self)!r})"

    @property
    def scheme(self) -> str:
        """The part before the colon, such as `wss`."""
        return self._parts.scheme

    @property
    def netloc(self) -> str:
        """Host and port, with the user's name and password if there are any."""
        return self._parts.netloc

    @property
    def hostname(self) -> str | None:
        """The host in lower case, an IPv6 address without its brackets."""
        return self._parts.hostname

    @property
    def port(self) -> int | None:
        """The port, if the URL names one."""
        return self._parts.port

    @property
    def path(self) -> str:
        """The path, percent-encoded."""
        return self._parts.path

    @property
    def query(self) -> str:
        """The part between `?` and `#`."""
        return self._parts.query

    @property
    def fragment(self) -> str:
        """The part after `#`."""
        return self._parts.fragment

    @property
    def username(self) -> str | None:
        """The user's name, if the URL has one."""
        return self._parts.username

    @property
    def password(self) -> str | None:
        """The password, if the URL has one."""
        return self._parts.password

    @property
    def is_secure(self) -> bool:
        """Whether the scheme is one that runs over TLS."""
        return self._parts.scheme in _SECURE_SCHEMES


def is_encoded_path(text: str) -> bool:
    """Tell whether a text may stand in a URL as its path."""
    return _ENCODED_PATH.fullmatch(text) is not None


def encoded_path(path: str) -> str:
    """Percent-encode a decoded path."""
    return quote(path, safe=_PATH_CHARACTERS, errors="replace")


def encoded_query(query: bytes) -> str:
    """Percent-encode what in a query string is not ASCII, and leave the rest."""
    return quote(query, safe=_QUERY_CHARACTERS)


def is_host(text: str) -> bool:
    """Tell whether a text is a host and perhaps a port, and nothing besides."""
    match = _HOST.fullmatch(text)
    if match is None or (match["port"] and int(match["port"]) > _LARGEST_PORT):
        return False
    return not match["ipv6"] or _is_ipv6(match["ipv6"])


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


@final
@frozen(order=False)
class Address:
    """
    One end of the connection.

    Attributes:
        host: A host name, an IP address, or the path of a Unix socket.
        port: `None` for a Unix socket.
    """

    host: str
    port: int | None = None

    @override
    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


@final
@frozen(order=False, repr=False)
class Headers(Mapping[str, str]):
    """
    HTTP headers: an immutable mapping that ignores case and keeps repeated names.

    `headers[name]` gives the first value of a name, `getlist` gives all. Iteration and
    `len()` count each name once. Bytes that are not ASCII are read as latin-1.

    Attributes:
        raw: Each field as it came, the name in lower case.
    """

    raw: RawFields = field(converter=raw_fields, default=())

    @override
    def __getitem__(self, name: str, /) -> str:
        wanted = _field_name(name)
        for key, value in self.raw:
            if key == wanted:
                return value.decode("latin-1")
        raise KeyError(name)

    @override
    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str):
            return False
        wanted = _field_name(name)
        return any(key == wanted for key, _ in self.raw)

    @override
    def __iter__(self) -> Iterator[str]:
        return iter({key.decode("latin-1"): None for key, _ in self.raw})

    @override
    def __len__(self) -> int:
        return len({key for key, _ in self.raw})

    @override
    def __repr__(self) -> str:
        return f"Headers({self.multi_items()!r})"

    def getlist(self, name: str) -> list[str]:
        """Return every value of a name, in order."""
        wanted = _field_name(name)
        return [value.decode("latin-1") for key, value in self.raw if key == wanted]

    def multi_items(self) -> list[tuple[str, str]]:
        """Return every field, in order."""
        return [
            (key.decode("latin-1"), value.decode("latin-1")) for key, value in self.raw
        ]


def headers_of(fields: RawFields) -> Headers:
    """Make headers of pairs that were checked before, with names in lower case."""
    headers = Headers.__new__(Headers)
    object.__setattr__(headers, "raw", fields)
    return headers


def _field_name(name: str) -> bytes | None:
    try:
        return name.encode("latin-1").lower()
    except UnicodeEncodeError:
        return None  # which no field has for a name


def _query_bytes(query: str | bytes) -> bytes:
    if isinstance(query, str):
        return query.encode("utf-8", "replace")
    return bytes(memoryview(query))  # a TypeError for what is neither


@final
@frozen(order=False, repr=False)
class QueryParams(Mapping[str, str]):
    """
    Query parameters: an immutable mapping that keeps repeated names.

    `params[name]` gives the last value of a name, `getlist` gives all. Iteration and
    `len()` count each name once. Bytes that are not UTF-8 are read as U+FFFD.

    Attributes:
        raw: The query string as it came.
    """

    raw: bytes = field(converter=_query_bytes, default=b"")
    _read_pairs: tuple[tuple[str, str], ...] | None = field(
        default=None, init=False, eq=False
    )

    @property
    def _pairs(self) -> tuple[tuple[str, str], ...]:
        pairs = self._read_pairs
        if pairs is None:
            text = self.raw.decode("utf-8", "replace")
            pairs = tuple(parse_qsl(text, keep_blank_values=True))
            object.__setattr__(self, "_read_pairs", pairs)
        return pairs

    @cached_property
    def _last(self) -> dict[str, str]:
        return dict(self._pairs)

    @override
    def __getitem__(self, name: str, /) -> str:
        return self._last[name]

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    @override
    def __len__(self) -> int:
        return len(self._last)

    @override
    def __repr__(self) -> str:
        return f"QueryParams({self.multi_items()!r})"

    @override
    def __str__(self) -> str:
        return encoded_query(self.raw)

    def getlist(self, name: str) -> list[str]:
        """Return every value of a name, in order."""
        return [value for key, value in self._pairs if key == name]

    def multi_items(self) -> list[tuple[str, str]]:
        """Return every pair, in order."""
        return list(self._pairs)
