"""Tests of `typedws.scope`: what is read, what is refused, and the URL."""

from collections import UserDict
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from tests.scripted import scope
from typedws import Address, InvalidScope, WebSocketScope

quick = settings(max_examples=100, deadline=None)

HUGE: Final = 10**5000
"""Python refuses to write an int of so many digits."""


class Unspeakable:
    """A value that can't be shown."""

    @override
    def __repr__(self) -> str:
        raise ZeroDivisionError


def parsed(**changes: object) -> WebSocketScope:
    """Parse a scope as uvicorn makes it, with changes."""
    return WebSocketScope.parse(scope(**changes))


def with_host(*hosts: bytes, **changes: object) -> WebSocketScope:
    """Parse a scope with these Host headers."""
    return parsed(headers=[(b"host", host) for host in hosts], **changes)


# --- What is read --------------------------------------------------------------------


def test_a_scope_is_read() -> None:
    """Each key becomes an attribute of a type of its own."""
    raw = scope(
        query_string=b"a=1",
        root_path="/api",
        subprotocols=["v2", "v1"],
        state={"pool": 1},
        path_params={"room": "lobby"},
        headers=[(b"Host", b"example.com"), (b"cookie", b"a=1")],
    )
    read = WebSocketScope.parse(raw)

    assert ("/chat", b"/chat", b"a=1", "/api") == (
        read.path,
        read.raw_path,
        read.query_string,
        read.root_path,
    )
    assert ("ws", "1.1", "3.0", "2.4") == (
        read.scheme,
        read.http_version,
        read.asgi_version,
        read.spec_version,
    )
    assert ((b"host", b"example.com"), (b"cookie", b"a=1")) == read.headers.raw
    assert Address("192.0.2.1", 50000) == read.client
    assert Address("192.0.2.2", 8000) == read.server
    assert ("v2", "v1") == read.subprotocols
    assert {"websocket.http.response": {}} == read.extensions
    assert {"pool": 1} == read.state
    assert {"room": "lobby"} == read.path_params
    assert ({"a": "1"}, {"a": "1"}) == (dict(read.query_params), read.cookies)
    assert raw == read.raw


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        pytest.param(
            {"url_route": {"args": (), "kwargs": {"a": 1}}}, {"a": 1}, id="one"
        ),
        pytest.param(
            {"url_route": {"kwargs": {"a": 1}}, "path_params": {"a": 2, "b": 3}},
            {"a": 1, "b": 3},
            id="inside another",
        ),
        pytest.param({"url_route": {"args": ("a",)}}, {}, id="without names"),
        pytest.param({"url_route": None}, {}, id="none"),
    ],
)
def test_the_router_of_channels_is_read_as_well(
    left: dict[str, object], expected: dict[str, object]
) -> None:
    """It leaves the parameters in a key of its own."""
    assert expected == WebSocketScope.parse(scope(**left)).path_params


def test_a_scope_of_nothing_but_what_asgi_demands_is_read() -> None:
    """The rest has the defaults of the specification; daphne's is almost like this."""
    read = WebSocketScope.parse({"type": "websocket", "path": "/", "headers": []})

    assert (None, b"", "") == (read.raw_path, read.query_string, read.root_path)
    assert ("ws", "1.1", "2.0", "2.0") == (
        read.scheme,
        read.http_version,
        read.asgi_version,
        read.spec_version,
    )
    assert (None, None, ()) == (read.client, read.server, read.subprotocols)
    assert ({}, {}, {}) == (read.extensions, read.state, read.path_params)
    assert ({}, {}, "/") == (read.cookies, dict(read.query_params), str(read.url))


@pytest.mark.parametrize(
    "key",
    [
        "asgi",
        "http_version",
        "scheme",
        "raw_path",
        "query_string",
        "root_path",
        "client",
        "server",
        "subprotocols",
        "state",
        "extensions",
        "path_params",
    ],
)
def test_none_is_read_as_a_missing_key(key: str) -> None:
    """Some servers say it so."""
    missing = scope()
    missing.pop(key, None)
    of_none, without = parsed(**{key: None}), WebSocketScope.parse(missing)

    for name in ("asgi_version", "spec_version") if key == "asgi" else (key,):
        assert getattr(without, name) == getattr(of_none, name)
    assert repr(without) == repr(of_none)


@pytest.mark.parametrize("versions", [(), ("version", "spec_version")], ids=repr)
def test_the_versions_of_asgi_may_be_missing_or_none(versions: tuple[str, ...]) -> None:
    """Then they are the oldest, by which nothing new is expected of the server."""
    read = parsed(asgi=dict.fromkeys(versions))

    assert ("2.0", "2.0") == (read.asgi_version, read.spec_version)


@pytest.mark.parametrize(
    ("scheme", "read"),
    [
        ("ws", "ws"),
        ("wss", "wss"),
        ("http", "ws"),
        ("https", "wss"),
        ("WSS", "wss"),
        ("Https", "wss"),
    ],
)
def test_the_scheme_is_that_of_a_websocket(scheme: str, read: str) -> None:
    """Though some servers and proxies name that of HTTP."""
    assert read == parsed(scheme=scheme).scheme
    assert read == parsed(scheme=scheme).url.scheme


@pytest.mark.parametrize(
    ("client", "address"),
    [
        pytest.param(("a", 50000), Address("a", 50000), id="tuple"),
        pytest.param(["a", 50000], Address("a", 50000), id="list"),
        pytest.param(("a", "50000"), Address("a", 50000), id="port-as-text"),
        pytest.param(("a", 0), Address("a", 0), id="port-zero"),
        pytest.param(("a", 65535), Address("a", 65535), id="largest-port"),
        pytest.param(("a", None), Address("a"), id="port-of-None"),
        pytest.param(["/run/x.sock", None], Address("/run/x.sock"), id="unix-socket"),
        pytest.param(("::1", 80), Address("::1", 80), id="ipv6"),
        pytest.param(("", 0), Address("", 0), id="empty-host"),
    ],
)
def test_addresses_are_read(client: object, address: Address) -> None:
    """Lists are as good as tuples, and a text of digits as good as a port."""
    read = parsed(client=client, server=client)

    assert address == read.client == read.server


def test_the_names_of_headers_are_in_lower_case() -> None:
    """A server that leaves them as they came is put right."""
    assert ((b"x-a", b"B"),) == parsed(headers=[(b"X-A", b"B")]).headers.raw


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([[b"a", b"1"]], id="lists"),
        pytest.param(((b"a", b"1"),), id="tuples"),
        pytest.param(iter([(b"a", b"1")]), id="iterator"),
        pytest.param({(b"a", b"1")}, id="set"),
    ],
)
def test_headers_are_read_from_any_iterable(headers: object) -> None:
    """That is what ASGI says that they are."""
    assert ((b"a", b"1"),) == parsed(headers=headers).headers.raw


@pytest.mark.parametrize("headers", ["", b"", {}], ids=repr)
def test_what_is_empty_but_no_pairs_are_no_headers(headers: object) -> None:
    """It is a mistake, and not a request without headers."""
    with pytest.raises(InvalidScope) as caught:
        parsed(headers=headers)

    assert "headers" == caught.value.key


def test_headers_that_are_not_ascii_are_latin_1() -> None:
    """And the bytes are kept."""
    read = parsed(headers=[(b"x", "é".encode()), (b"y", b"\xff")])

    assert ("Ã©", "ÿ") == (read.headers["x"], read.headers["y"])
    assert ((b"x", b"\xc3\xa9"), (b"y", b"\xff")) == read.headers.raw


def test_a_query_that_is_not_utf_8_is_replaced() -> None:
    """And the bytes are kept."""
    read = parsed(query_string=b"a=\xff&b=%FF&c=%zz")

    assert {"a": "\ufffd", "b": "\ufffd", "c": "%zz"} == dict(read.query_params)
    assert b"a=\xff&b=%FF&c=%zz" == read.query_string == read.query_params.raw
    assert "a=%FF&b=%FF&c=%zz" == read.url.query


def test_the_cookies_of_several_headers_are_one_mapping() -> None:
    """The first of a repeated name counts."""
    headers = [(b"cookie", b"a=1; b=2"), (b"Cookie", b"a=3; c=4")]

    assert {"a": "1", "b": "2", "c": "4"} == parsed(headers=headers).cookies


def test_the_scope_of_any_mapping_is_read() -> None:
    """It need not be a dict."""
    for raw in (MappingProxyType(scope()), UserDict(scope())):
        assert "/chat" == WebSocketScope.parse(raw).path


def test_a_scope_does_not_change_when_the_raw_one_does() -> None:
    """Middleware that works on it later has no effect on what was read."""
    raw = scope(headers=[(b"a", b"1")], subprotocols=["v1"])
    read = WebSocketScope.parse(raw)
    raw.clear()

    assert "/chat" == read.raw["path"] == read.as_asgi["path"]
    assert ((b"a", b"1"),) == read.headers.raw


def test_a_scope_can_not_be_changed() -> None:
    """Neither its attributes nor its mappings."""
    read = parsed(state={"a": 1}, path_params={"a": 1})
    for name in ("path", "url", "other"):
        with pytest.raises(AttributeError):
            setattr(read, name, "x")
    for mapping in (
        read.state,
        read.extensions,
        read.path_params,
        read.cookies,
        read.raw,
        read.as_asgi,
    ):
        assert isinstance(mapping, MappingProxyType)


def test_scopes_are_equal_to_themselves_alone() -> None:
    """Two connections are two, even if they asked for the same."""
    one, other = parsed(), parsed()

    assert one == one  # noqa: PLR0124 - that is the question
    assert one != other
    assert 2 == len({one, other})


def test_the_repr_of_a_scope_has_no_secrets() -> None:
    """Headers, cookies and state stay out of the logs."""
    read = parsed(
        headers=[(b"authorization", b"s3cret"), (b"cookie", b"a=s3cret")],
        state={"key": "s3cret"},
        extensions={"s3cret": {}},
        raw_path=b"/s3cret",
        user="s3cret",
    )

    assert "path='/chat'" in repr(read)
    assert "s3cret" not in repr(read)


def test_the_scope_in_the_shape_of_asgi_has_every_key() -> None:
    """With the defaults filled in, and what a framework has added."""
    raw: dict[str, object] = {
        "type": "websocket",
        "path": "/",
        "headers": (),
        "app": "an app",
    }

    assert {
        "type": "websocket",
        "asgi": {"version": "2.0", "spec_version": "2.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/",
        "raw_path": None,
        "query_string": b"",
        "root_path": "",
        "headers": (),
        "client": None,
        "server": None,
        "subprotocols": (),
        "state": {},
        "extensions": {},
        "path_params": {},
        "app": "an app",
    } == WebSocketScope.parse(raw).as_asgi


def test_addresses_in_the_shape_of_asgi_are_pairs() -> None:
    """As a server gives them."""
    asgi = parsed(client=["a", "1"], server=["/run/x.sock", None]).as_asgi

    assert (("a", 1), ("/run/x.sock", None)) == (asgi["client"], asgi["server"])


# --- What is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "got"),
    [
        pytest.param("http", "str 'http'", id="http"),
        pytest.param("lifespan", "str 'lifespan'", id="lifespan"),
        pytest.param("WebSocket", "str 'WebSocket'", id="upper-case"),
        pytest.param(b"websocket", "bytes b'websocket'", id="bytes"),
        pytest.param(None, "nothing", id="None"),
        pytest.param(["websocket"], "list ['websocket']", id="list"),
    ],
)
def test_a_scope_of_another_type_is_refused(kind: object, got: str) -> None:
    """Before anything else is looked at."""
    with pytest.raises(InvalidScope) as caught:
        WebSocketScope.parse({"type": kind})

    assert f"scope['type']: expected 'websocket', got {got}" == str(caught.value)


def test_an_empty_scope_is_refused() -> None:
    """It has no type."""
    with pytest.raises(InvalidScope, match=r"^scope\['type'\]: .* got nothing$"):
        WebSocketScope.parse({})


@pytest.mark.parametrize(
    ("key", "expected"), [("path", "a str"), ("headers", "pairs of bytes")]
)
def test_a_key_that_asgi_demands_may_not_be_missing(key: str, expected: str) -> None:
    """Nor be None: it has no default."""
    missing = scope()
    del missing[key]

    for raw in (missing, scope(**{key: None})):
        with pytest.raises(InvalidScope) as caught:
            WebSocketScope.parse(raw)

        assert (key, expected, "nothing") == (
            caught.value.key,
            caught.value.expected,
            caught.value.got,
        )


STR = "a str"
MAPPING = "a mapping"
ADDRESS = "a host and a port"
PAIRS = "pairs of bytes"


@pytest.mark.parametrize(
    ("key", "value", "expected", "got"),
    [
        ("path", b"/", STR, "bytes b'/'"),
        ("path", 5, STR, "int 5"),
        ("path", HUGE, STR, "int that can't be shown"),
        ("path", Unspeakable(), STR, "Unspeakable that can't be shown"),
        ("root_path", b"", STR, "bytes b''"),
        ("http_version", 1.1, STR, "float 1.1"),
        ("scheme", 5, STR, "int 5"),
        ("scheme", "", "'ws' or 'wss'", "str ''"),
        ("scheme", "ftp", "'ws' or 'wss'", "str 'ftp'"),
        ("scheme", "ws://evil/", "'ws' or 'wss'", "str 'ws://evil/'"),
        ("scheme", "WS\n", "'ws' or 'wss'", r"str 'WS\n'"),
        ("raw_path", "/", "bytes", "str '/'"),
        ("query_string", "a=1", "bytes", "str 'a=1'"),
        ("query_string", bytearray(b"a"), "bytes", "bytearray bytearray(b'a')"),
        ("asgi", "3.0", MAPPING, "str '3.0'"),
        ("asgi", {"version": 3}, "a str for its 'version'", "int 3"),
        ("asgi", {"spec_version": 2.4}, "a str for its 'spec_version'", "float 2.4"),
        ("state", [], MAPPING, "list []"),
        ("extensions", ["websocket.http.response"], MAPPING, None),
        ("path_params", "room", MAPPING, "str 'room'"),
        ("url_route", "room", MAPPING, "str 'room'"),
        ("subprotocols", "chat", "a list of str", "str 'chat'"),
        ("subprotocols", ["a", b"b"], "a list of str", "list ['a', b'b']"),
        ("subprotocols", {"a": "b"}, "a list of str", "dict {'a': 'b'}"),
        ("client", "127.0.0.1", ADDRESS, "str '127.0.0.1'"),
        ("client", "ab", ADDRESS, "str 'ab'"),
        ("client", ("a",), ADDRESS, "tuple ('a',)"),
        ("client", ("a", 1, 0, 0), ADDRESS, "tuple ('a', 1, 0, 0)"),
        ("client", (b"a", 1), ADDRESS, "tuple (b'a', 1)"),
        ("client", (None, 1), ADDRESS, "tuple (None, 1)"),
        ("client", ("a", 1.0), ADDRESS, "tuple ('a', 1.0)"),
        ("client", ("a", True), ADDRESS, "tuple ('a', True)"),
        ("client", ("a", -1), ADDRESS, "tuple ('a', -1)"),
        ("client", ("a", 65536), ADDRESS, "tuple ('a', 65536)"),
        ("client", ("a", HUGE), ADDRESS, "tuple that can't be shown"),
        ("client", ("a", ""), ADDRESS, "tuple ('a', '')"),
        ("client", ("a", "abc"), ADDRESS, "tuple ('a', 'abc')"),
        ("client", ("a", "-1"), ADDRESS, "tuple ('a', '-1')"),
        ("client", ("a", " 80"), ADDRESS, "tuple ('a', ' 80')"),
        ("client", ("a", "65536"), ADDRESS, "tuple ('a', '65536')"),
        ("client", ("a", "9" * 5000), ADDRESS, None),
        ("client", ("a", "\u0663"), ADDRESS, r"tuple ('a', '\u0663')"),
        ("client", ("a", b"80"), ADDRESS, "tuple ('a', b'80')"),
        ("server", 80, ADDRESS, "int 80"),
        ("server", {"a": 1, "b": 2}, ADDRESS, "dict {'a': 1, 'b': 2}"),
        ("headers", 5, PAIRS, "int 5"),
        ("headers", b"host", PAIRS, "bytes b'host'"),
        ("headers", "host", PAIRS, "str 'host'"),
        ("headers", {"host": "a"}, PAIRS, "dict {'host': 'a'}"),
        ("headers", [None], PAIRS, "among them nothing"),
        ("headers", [()], PAIRS, "among them tuple ()"),
        ("headers", [(b"a",)], PAIRS, "among them tuple (b'a',)"),
        ("headers", [(b"a", b"b", b"c")], PAIRS, "among them tuple (b'a', b'b', b'c')"),
        ("headers", [("a", "b")], PAIRS, "among them tuple ('a', 'b')"),
        ("headers", [(b"a", "b")], PAIRS, "among them tuple (b'a', 'b')"),
        ("headers", [(b"a", None)], PAIRS, "among them tuple (b'a', None)"),
        ("headers", [b"ab"], PAIRS, "among them bytes b'ab'"),
    ],
    ids=lambda part: part if isinstance(part, str) else type(part).__name__,
)
def test_a_value_of_the_wrong_kind_is_refused(
    key: str, value: object, expected: str, got: str | None
) -> None:
    """The error names the key, what belongs there, and what was found."""
    with pytest.raises(InvalidScope) as caught:
        parsed(**{key: value})

    assert (key, expected) == (caught.value.key, caught.value.expected)
    assert got in {None, caught.value.got}


@pytest.mark.parametrize(
    ("path", "got"),
    [
        pytest.param(["x" * 56], f"list ['{'x' * 56}']", id="60-characters"),
        pytest.param(["x" * 57], f"list ['{'x' * 57}'...", id="61-characters"),
        pytest.param(["x" * 10_000], f"list ['{'x' * 58}...", id="many-characters"),
    ],
)
def test_what_was_found_is_cut_short(path: object, got: str) -> None:
    """The error of a huge value is not huge."""
    with pytest.raises(InvalidScope) as caught:
        parsed(path=path)

    assert got == caught.value.got


def test_what_was_found_is_shown_in_ascii() -> None:
    """So that it can be logged anywhere."""
    with pytest.raises(InvalidScope) as caught:
        parsed(query_string="é\u2028")

    assert r"str '\xe9\u2028'" == caught.value.got


# --- The URL -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "hostname", "port"),
    [
        pytest.param(b"example.com", "example.com", None, id="name"),
        pytest.param(b"Example.COM:8080", "example.com", 8080, id="name-and-port"),
        pytest.param(b"example.com.", "example.com.", None, id="trailing-dot"),
        pytest.param(b"12345678", "12345678", None, id="number"),
        pytest.param(b"127.0.0.1:80", "127.0.0.1", 80, id="ipv4"),
        pytest.param(b"[::1]", "::1", None, id="ipv6"),
        pytest.param(b"[2001:DB8::1]:8000", "2001:db8::1", 8000, id="ipv6-and-port"),
        pytest.param(b"a:", "a", None, id="empty-port"),
    ],
)
def test_the_url_has_the_host_of_the_host_header(
    host: bytes, hostname: str, port: int | None
) -> None:
    """As it came, in its own spelling."""
    url = with_host(host).url

    assert f"ws://{host.decode()}/chat" == url
    assert (hostname, port) == (url.hostname, url.port)


@pytest.mark.parametrize(
    "hosts",
    [
        pytest.param([], id="no-host"),
        pytest.param([b"a", b"a"], id="repeated"),
        pytest.param([b""], id="empty"),
        pytest.param([b"evil.com/x"], id="with-a-path"),
        pytest.param([b"evil.com?x"], id="with-a-query"),
        pytest.param([b"evil.com#x"], id="with-a-fragment"),
        pytest.param([b"a@b"], id="with-user-info"),
        pytest.param([b"a b"], id="with-a-blank"),
        pytest.param([b"a\r\nb"], id="with-a-line-break"),
        pytest.param([b"a\\b"], id="with-a-backslash"),
        pytest.param([b"http://a"], id="with-a-scheme"),
        pytest.param([b"a:99999"], id="port-too-large"),
        pytest.param([b"a:" + b"9" * 5000], id="port-too-long"),
        pytest.param([b"[::1"], id="bracket-not-closed"),
        pytest.param([b"[:::]"], id="no-ipv6"),
        pytest.param(["é".encode()], id="not-ascii"),
        pytest.param([b"a, b"], id="joined-by-the-server"),
    ],
)
def test_the_server_stands_in_for_a_host_that_is_none(hosts: list[bytes]) -> None:
    """What the client wrote there gets nowhere."""
    url = with_host(*hosts).url

    assert "ws://192.0.2.2:8000/chat" == url
    assert ("192.0.2.2", 8000, "/chat") == (url.hostname, url.port, url.path)


@pytest.mark.parametrize(
    ("server", "scheme", "text"),
    [
        pytest.param(("a", 80), "ws", "ws://a/chat", id="default-port"),
        pytest.param(("a", 443), "wss", "wss://a/chat", id="default-port-with-tls"),
        pytest.param(("a", 443), "ws", "ws://a:443/chat", id="other-default-port"),
        pytest.param(("a", 80), "wss", "wss://a:80/chat", id="other-port-with-tls"),
        pytest.param(("::1", 80), "ws", "ws://[::1]/chat", id="ipv6"),
        pytest.param(("::1", 8000), "ws", "ws://[::1]:8000/chat", id="ipv6-and-port"),
        pytest.param(("a", None), "ws", "/chat", id="no-port"),
        pytest.param(["/run/x.sock", None], "ws", "/chat", id="unix-socket"),
        pytest.param(["/run/x.sock", 0], "ws", "/chat", id="unix-socket-and-port"),
        pytest.param(("", 8000), "ws", "/chat", id="empty-host"),
        pytest.param(("a b", 8000), "ws", "/chat", id="no-host"),
        pytest.param(("x[y]:z", 8000), "ws", "/chat", id="brackets"),
        pytest.param(None, "ws", "/chat", id="no-server"),
    ],
)
def test_the_address_of_the_server_is_a_host_where_it_can_be(
    server: object, scheme: str, text: str
) -> None:
    """Where it can't, the URL is the path alone."""
    assert text == with_host(server=server, scheme=scheme).url


@pytest.mark.parametrize(
    ("path", "raw_path", "url_path"),
    [
        pytest.param("/a/b", b"/a/b", "/a/b", id="plain"),
        pytest.param("/a/b", b"/a%2Fb", "/a%2Fb", id="raw-keeps-an-encoded-slash"),
        pytest.param("/a/b", b"/a%2fb", "/a%2fb", id="raw-keeps-its-spelling"),
        pytest.param("/~é", b"/%7E%C3%A9", "/%7E%C3%A9", id="raw-keeps-escapes"),
        pytest.param("/\ufffd", b"/%FF", "/%FF", id="raw-keeps-bad-utf-8"),
        pytest.param("/mounted", b"/other", "/mounted", id="raw-says-something-else"),
        pytest.param("/a", b"/a?b=c", "/a", id="raw-with-a-query"),
        pytest.param("/a?b", b"/a?b", "/a%3Fb", id="raw-with-a-question-mark"),
        pytest.param("/a#b", b"/a#b", "/a%23b", id="raw-with-a-hash-sign"),
        pytest.param("/a b", b"/a b", "/a%20b", id="raw-with-a-blank"),
        pytest.param("/a\r\nb", b"/a\r\nb", "/a%0D%0Ab", id="raw-with-a-line-break"),
        pytest.param("/50%", b"/50%", "/50%25", id="raw-with-a-bad-escape"),
        pytest.param("/é", "/é".encode(), "/%C3%A9", id="raw-in-utf-8"),
        pytest.param("/é", b"/\xe9", "/%C3%A9", id="raw-in-latin-1"),
        pytest.param("/a?b#c%2F", None, "/a%3Fb%23c%252F", id="no-raw"),
        pytest.param("/\ud800", None, "/%3F", id="lone-surrogate"),
        pytest.param("", b"", "", id="empty"),
        pytest.param("//evil.com/x", b"//evil.com/x", "//evil.com/x", id="two-slashes"),
        pytest.param("@evil.com/x", b"@evil.com/x", "/@evil.com/x", id="user-info"),
        pytest.param(".evil.com/x", None, "/.evil.com/x", id="longer-host"),
        pytest.param(":80/x", b":80/x", "/:80/x", id="port"),
        pytest.param("http://b/x", b"http://b/x", "/http://b/x", id="absolute-form"),
        pytest.param("*", b"*", "/*", id="asterisk"),
    ],
)
@pytest.mark.parametrize("hosts", [[b"a"], []], ids=["host", "no-host"])
def test_the_path_of_the_url_is_the_one_that_was_routed(
    path: str, raw_path: bytes | None, url_path: str, hosts: list[bytes]
) -> None:
    """Whatever it looks like, the URL has the same host and the same path again."""
    read = with_host(*hosts, path=path, raw_path=raw_path, server=None)
    again = urlsplit(str(read.url))

    assert path == read.path
    assert url_path == read.url.path == again.path
    assert ("a" if hosts else "") == read.url.netloc == again.netloc
    assert "" == again.query == again.fragment


# --- Anything at all -----------------------------------------------------------------

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.none().map(lambda _: HUGE)
    | st.floats()
    | st.text(max_size=10)
    | st.binary(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(
            st.text(max_size=5) | st.binary(max_size=5), inner, max_size=3
        )
    ),
    max_leaves=5,
)
KEYS = [*scope(), "path_params", "app", "user"]
any_path = st.text(alphabet="/@:?#%2F.\\ \n\r[]é\ud800ab", max_size=20) | st.text()


def read_everything(read: WebSocketScope) -> None:
    """Read what is worked out when it is asked for."""
    url = read.url
    again = urlsplit(str(url))

    assert str(url).isascii()
    assert (url.netloc, url.path, url.query, "") == (
        again.netloc,
        again.path,
        again.query,
        again.fragment,
    )
    assert (url.hostname, url.port) == (again.hostname, again.port)
    assert not url.netloc or url.hostname
    assert all(isinstance(name, str) for name in read.headers)
    assert all(isinstance(name, str) for name in read.query_params)
    assert all(isinstance(name, str) for name in read.cookies)
    assert "websocket" == read.as_asgi["type"]


@quick
@given(st.dictionaries(st.sampled_from(KEYS), anything))
def test_an_arbitrary_scope_is_read_or_refused(changes: dict[str, object]) -> None:
    """By InvalidScope, and by nothing else; what was read can be read to the end."""
    raw = scope(**changes)
    raw["type"] = "websocket"
    try:
        read = WebSocketScope.parse(raw)
    except InvalidScope as error:
        refused = error.key
        problem = str(error)
    else:
        read_everything(read)
        return

    assert refused in changes
    assert problem.isascii()


@quick
@given(st.dictionaries(st.text() | st.integers() | st.binary(), anything))
def test_a_scope_of_arbitrary_keys_is_refused(raw: Mapping[str, object]) -> None:
    """It is none of a websocket."""
    with pytest.raises(InvalidScope):
        WebSocketScope.parse(raw)


@quick
@given(st.dictionaries(st.text() | st.integers() | st.binary(), anything), any_path)
def test_further_keys_are_carried_along(extra: dict[str, object], path: str) -> None:
    """Whatever they are, they are in the raw scope."""
    for key in KEYS:
        extra.pop(key, None)
    raw: dict[str, object] = {"type": "websocket", "path": path, "headers": ()}
    read = WebSocketScope.parse({**extra, **raw})

    read_everything(read)
    assert {*extra, *raw} == set(read.raw) <= set(read.as_asgi)


@quick
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"host", b"HOST", b"cookie"]) | st.binary(), st.binary()
        )
    ),
    st.binary(),
)
def test_arbitrary_bytes_of_a_client_can_be_read(
    headers: list[tuple[bytes, bytes]], query: bytes
) -> None:
    """Whatever stands in its headers and in its query."""
    read_everything(parsed(headers=headers, query_string=query))


@quick
@given(
    st.text(alphabet="a.:[]/@?#%\\ \r\n0519é-_\x00", max_size=20)
    | st.text(st.characters(max_codepoint=255))
)
@example("evil.com/x")
@example("9" * 5000)
def test_no_host_header_changes_the_path(host: str) -> None:
    """The path is the one that was routed, and the host is one or is the server."""
    read = with_host(host.encode("latin-1"), path="/a b", raw_path=b"/a%20b")

    read_everything(read)
    assert "/a%20b" == read.url.path
    assert read.url.netloc in {host, "192.0.2.2:8000"}


@quick
@given(
    any_path, st.binary() | any_path.map(lambda path: path.encode("utf-8", "replace"))
)
def test_no_path_changes_the_host(path: str, raw_path: bytes) -> None:
    """However a server comes by a path without a slash, or with two."""
    read = with_host(b"a:80", path=path, raw_path=raw_path)

    read_everything(read)
    assert ("a:80", path) == (read.url.netloc, read.path)
