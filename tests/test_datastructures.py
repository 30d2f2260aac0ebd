"""Tests of `typedws.datastructures`: URL, Address, Headers and QueryParams."""

import copy
import pickle
from collections.abc import Mapping, MutableMapping
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers as StarletteHeaders

from typedws import URL, Address, Headers, HeadersInput, LocalProtocolError, QueryParams
from typedws.datastructures import (
    encoded_path,
    encoded_query,
    is_encoded_path,
    is_host,
)

quick = settings(max_examples=100, deadline=None)

FULL = "wss://user:secret@Example.com:8443/a/b%20c?x=1&y=%2F#top"


def twins(value: object) -> list[object]:
    """Send a value through pickle and through copy."""
    pickled: object = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes
    return [pickled, copy.copy(value), copy.deepcopy(value)]


def is_mutable(value: object) -> bool:
    """Tell whether a value is a mapping that can be changed."""
    return isinstance(value, MutableMapping)


# --- URL -----------------------------------------------------------------------------


def test_a_url_has_its_components() -> None:
    """They are those that the standard library finds."""
    url = URL(FULL)

    assert ("wss", "user:secret@Example.com:8443") == (url.scheme, url.netloc)
    assert ("user", "secret") == (url.username, url.password)
    assert ("example.com", 8443) == (url.hostname, url.port)
    assert ("/a/b%20c", "x=1&y=%2F", "top") == (url.path, url.query, url.fragment)


def test_a_url_of_a_path_has_no_host() -> None:
    """What is not there is `None` or empty, never guessed at."""
    url = URL("/a")

    assert ("", "", "/a", "", "") == (
        url.scheme,
        url.netloc,
        url.path,
        url.query,
        url.fragment,
    )
    assert (None, None, None, None) == (
        url.hostname,
        url.port,
        url.username,
        url.password,
    )


@pytest.mark.parametrize(
    ("url", "is_secure"),
    [
        pytest.param("wss://a/", True, id="wss"),
        pytest.param("https://a/", True, id="https"),
        pytest.param("WSS://a/", True, id="upper-case"),
        pytest.param("ws://a/", False, id="ws"),
        pytest.param("http://a/", False, id="http"),
        pytest.param("/wss://a/", False, id="path"),
    ],
)
def test_a_url_tells_whether_it_is_secure(url: str, is_secure: bool) -> None:
    """By its scheme alone."""
    assert is_secure is URL(url).is_secure


def test_a_url_is_the_text_it_was_made_from() -> None:
    """It goes wherever a str goes, and is equal to it."""
    url = URL(FULL)

    assert FULL == url
    assert hash(FULL) == hash(url)
    assert f"-{FULL}-" == f"-{url}-"
    assert {FULL: 1} == {url: 1}


def test_the_repr_of_a_url_shows_that_it_is_one() -> None:
    """And can be pasted."""
    assert "URL('ws://a/b')" == repr(URL("ws://a/b"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("ws://a:65536/", id="port-too-large"),
        pytest.param("ws://a:-1/", id="negative-port"),
        pytest.param("ws://a:x/", id="port-of-letters"),
        pytest.param("ws://a:\u0663/", id="port-of-arabic-digits"),
        pytest.param("ws://[::1/", id="bracket-not-closed"),
        pytest.param("ws://::1]/", id="bracket-not-opened"),
        pytest.param("ws://a\u2100b/", id="host-with-a-slash-in-disguise"),
        pytest.param("ws://a/\nb", id="line-feed"),
        pytest.param("ws://a\t.example/", id="tab-in-the-host"),
        pytest.param("ws://a/b\r", id="carriage-return-behind"),
        pytest.param(" ws://a/", id="blank-in-front"),
        pytest.param("\x00ws://a/", id="NUL-in-front"),
        pytest.param("ws://a/b c", id="blank-inside"),
        pytest.param("ws://a/\x7f", id="DEL"),
    ],
)
def test_what_is_no_url_is_a_value_error(text: str) -> None:
    """At once, and not when a component is read; nothing is dropped to make it one."""
    with pytest.raises(ValueError, match=r"(?i)port|ipv6|netloc|blanks"):
        URL(text)


def test_the_error_of_a_url_with_a_blank_shows_it() -> None:
    """Escaped, since it may not be visible."""
    with pytest.raises(ValueError, match="blanks") as caught:
        URL("ws://a/\n")

    assert (r"a URL has no blanks and no control characters: 'ws://a/\n'") == str(
        caught.value
    )


@pytest.mark.parametrize("name", ["path", "_parts", "other"])
def test_a_url_can_not_be_changed(name: str) -> None:
    """Neither its components nor anything else."""
    url = URL(FULL)
    sentence = f"a URL can't be changed: {name}"
    with pytest.raises(AttributeError, match=sentence):
        setattr(url, name, "/other")
    with pytest.raises(AttributeError, match=sentence):
        delattr(url, name)

    assert "/a/b%20c" == url.path


def test_a_url_survives_pickle_and_copy_with_its_components() -> None:
    """Its path is not parsed anew: that would find another one here."""
    url = URL.from_components(scheme="ws", netloc="a", path="/b;c", query="d?e")

    for twin in twins(url):
        assert isinstance(twin, URL)
        assert url == twin
        assert ("a", "/b;c", "d?e") == (twin.hostname, twin.path, twin.query)


@pytest.mark.parametrize(
    ("netloc", "path", "query", "text"),
    [
        pytest.param("a:80", "/b", "c=d", "ws://a:80/b?c=d", id="whole"),
        pytest.param("a", "/b", "", "ws://a/b", id="no-query"),
        pytest.param("a", "", "", "ws://a", id="no-path"),
        pytest.param("a", "", "c", "ws://a?c", id="no-path-but-a-query"),
        pytest.param("a", "//b", "", "ws://a//b", id="two-slashes"),
        pytest.param("a", "b", "", "ws://a/b", id="no-slash"),
        pytest.param("a", "@b/c", "", "ws://a/@b/c", id="user-info-in-disguise"),
        pytest.param("a", ":80/c", "", "ws://a/:80/c", id="port-in-disguise"),
        pytest.param("a", ".b/c", "", "ws://a/.b/c", id="domain-in-disguise"),
        pytest.param("a", "http://b/c", "", "ws://a/http://b/c", id="absolute-form"),
        pytest.param("", "/b", "c", "/b?c", id="no-host"),
        pytest.param("", "//b/c", "", "////b/c", id="no-host-and-two-slashes"),
        pytest.param("", "b:c", "", "/b:c", id="no-host-and-a-scheme-in-disguise"),
        pytest.param("", "", "", "", id="nothing"),
    ],
)
def test_a_url_is_put_together_so_that_it_can_be_taken_apart(
    netloc: str, path: str, query: str, text: str
) -> None:
    """No path can run into the host, nor become one."""
    url = URL.from_components(scheme="ws", netloc=netloc, path=path, query=query)
    parsed = urlsplit(text)

    assert text == url
    assert "ws" == url.scheme
    assert (netloc, query) == (url.netloc, url.query)
    assert (url.netloc, url.path, url.query) == (
        parsed.netloc,
        parsed.path,
        parsed.query,
    )


# --- Paths, queries and hosts --------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "encoded"),
    [
        pytest.param("/a-b._~!$&'()*+,;=:@", "/a-b._~!$&'()*+,;=:@", id="every-sign"),
        pytest.param("/a b", "/a%20b", id="blank"),
        pytest.param("/a?b#c", "/a%3Fb%23c", id="delimiters"),
        pytest.param("/50%", "/50%25", id="percent-sign"),
        pytest.param("/%2F", "/%252F", id="encoded-text"),
        pytest.param("/é€", "/%C3%A9%E2%82%AC", id="utf-8"),
        pytest.param("/\r\n\x00", "/%0D%0A%00", id="control-characters"),
        pytest.param(
            '/"<>\\^`{|}[]', "/%22%3C%3E%5C%5E%60%7B%7C%7D%5B%5D", id="others"
        ),
        pytest.param("/\ud800", "/%3F", id="lone-surrogate"),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_path_is_encoded(path: str, encoded: str) -> None:
    """RFC 3986, section 3.3, lists the characters that stay."""
    assert encoded == encoded_path(path)
    assert is_encoded_path(encoded)


@pytest.mark.parametrize(
    "text",
    ["/a b", "/a?b", "/a#b", "/%", "/%2", "/%zz", "/é", "/\n", "/a\n", "/[", '/"'],
    ids=ascii,
)
def test_what_is_no_encoded_path_is_told(text: str) -> None:
    """It would end the path early, or is none at all."""
    assert not is_encoded_path(text)


@pytest.mark.parametrize(
    ("query", "encoded"),
    [
        pytest.param(b"a=1&b=%20+c", "a=1&b=%20+c", id="encoded"),
        pytest.param(b"a=%zz", "a=%zz", id="bad-escape"),
        pytest.param(b"a=/?:@", "a=/?:@", id="signs"),
        pytest.param(b"a#b", "a%23b", id="hash-sign"),
        pytest.param(b"a b\r\n", "a%20b%0D%0A", id="blanks"),
        pytest.param(b"\xff\xc3\xa9", "%FF%C3%A9", id="other-bytes"),
        pytest.param(b"", "", id="empty"),
    ],
)
def test_a_query_is_encoded_where_it_is_not(query: bytes, encoded: str) -> None:
    """What the client has encoded stays as it is."""
    assert encoded == encoded_query(query)


@pytest.mark.parametrize(
    "text",
    [
        "example.com",
        "EXAMPLE.com:80",
        "example.com.",
        "localhost:8000",
        "a",
        "my_host",
        "xn--bcher-kva.example",
        "127.0.0.1",
        "127.0.0.1:65535",
        "a:0",
        "a:",
        "a:00080",
        "12345678",
        "0",
        "9" * 5000,
        "9" * 5000 + ":80",
        "[::1]",
        "[::1]:8000",
        "[2001:DB8::1]",
        "[::ffff:192.0.2.1]:80",
        "a%20b",
    ],
    ids=lambda text: f"{text[:20]}-{len(text)}",
)
def test_hosts_are_told(text: str) -> None:
    """A host, and perhaps a port."""
    assert is_host(text)
    assert URL(f"ws://{text}/").netloc == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b",
        " a",
        "a ",
        "a\t",
        "a\n",
        "a\r\nb",
        "a\x00",
        "a/b",
        "a\\b",
        "a?b",
        "a#b",
        "a@b",
        "user:secret@b",
        "http://a",
        ":80",
        "a:b",
        "a:80:80",
        "a:65536",
        "a:99999",
        "a:123456",
        "a:+80",
        "a:-1",
        "a: 80",
        "a:\u0663",
        "é",
        "\uff41.example",
        "a%",
        "a%zz",
        "::1",
        "[::1",
        "::1]",
        "[]",
        "[a]",
        "[:::]",
        "[::::]:80",
        "[....]",
        "[1.2.3.4]",
        "[::1]80",
        "[::1]:65536",
        "[::1%eth0]",
        "[::12345]",
        "[::1][::1]",
        "a[::1]",
        "[v1.a]",
        "<script>",
        '"',
    ],
    ids=ascii,
)
def test_what_is_no_host_is_told(text: str) -> None:
    """A Host header is the client's: what is in it must not get into the URL."""
    assert not is_host(text)


# --- Address -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "text"),
    [
        pytest.param(Address("192.0.2.1", 80), "192.0.2.1:80", id="ipv4"),
        pytest.param(Address("::1", 80), "[::1]:80", id="ipv6"),
        pytest.param(Address("::1"), "[::1]", id="ipv6-without-a-port"),
        pytest.param(Address("testclient", 0), "testclient:0", id="port-zero"),
        pytest.param(Address("/run/x.sock"), "/run/x.sock", id="unix-socket"),
    ],
)
def test_an_address_is_written_as_in_a_url(address: Address, text: str) -> None:
    """An IPv6 address in brackets."""
    assert text == str(address)


def test_an_address_is_a_value() -> None:
    """It can be compared, hashed, matched, sent elsewhere, and not changed."""
    address = Address("a", 80)
    match address:
        case Address("a", 80):
            matched = True
        case _:
            matched = False

    assert matched
    assert Address("a", 80) == address
    assert Address("a", 81) != address
    assert hash(Address("a", 80)) == hash(address)
    assert "Address(host='a', port=80)" == repr(address)
    assert [address] * 3 == twins(address)
    with pytest.raises(AttributeError):
        address.port = 81  # type: ignore[misc]  # ty: ignore[invalid-assignment]


# --- Headers -------------------------------------------------------------------------

RAW = ((b"host", b"a"), (b"x-tag", b"1"), (b"x-tag", b"2"), (b"accept", b"\xe9"))
HEADERS = Headers(RAW)


def test_headers_are_a_mapping_that_ignores_case() -> None:
    """Of a repeated name it gives the first value."""
    assert ("1", "1", "1") == (HEADERS["x-tag"], HEADERS["X-Tag"], HEADERS["X-TAG"])
    assert ["host", "x-tag", "accept"] == list(HEADERS)
    assert 3 == len(HEADERS)
    assert {"host": "a", "x-tag": "1", "accept": "é"} == dict(HEADERS)
    assert isinstance(HEADERS, Mapping)
    assert not is_mutable(HEADERS)


def test_headers_keep_every_value() -> None:
    """In their order, and raw."""
    assert ["1", "2"] == HEADERS.getlist("X-Tag")
    assert [] == HEADERS.getlist("missing")
    assert [
        ("host", "a"),
        ("x-tag", "1"),
        ("x-tag", "2"),
        ("accept", "é"),
    ] == HEADERS.multi_items()
    assert RAW == HEADERS.raw


def test_headers_are_shown_with_every_value() -> None:
    """As pairs, from which they can be made again."""
    assert "Headers([('a', '1'), ('a', '2')])" == repr(
        Headers([("A", "1"), ("a", "2")])
    )
    assert "Headers([])" == repr(Headers())


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("missing", id="missing"),
        pytest.param("", id="empty"),
        pytest.param("hos", id="part-of-a-name"),
        pytest.param("host ", id="blank-behind"),
        pytest.param("x_tag", id="underscore"),
        pytest.param("é", id="latin-1"),
        pytest.param("\u20ac", id="not-latin-1"),
        pytest.param("ho\u017ft", id="long-s-that-folds-to-s"),
        pytest.param("\ud800", id="lone-surrogate"),
    ],
)
def test_a_name_that_is_not_there_is_a_key_error(name: str) -> None:
    """Whatever it is made of."""
    with pytest.raises(KeyError) as caught:
        HEADERS[name]

    assert (name,) == caught.value.args
    assert name not in HEADERS
    assert HEADERS.get(name) is None
    assert [] == HEADERS.getlist(name)


def test_a_name_outside_latin_1_is_not_taken_for_another() -> None:
    """Not even for one with a question mark in the place."""
    headers = Headers([(b"?", b"1"), (b"\\u20ac", b"2"), (b"\xe2\x82\xac", b"3")])

    assert "\u20ac" not in headers


def test_names_in_latin_1_can_be_looked_up() -> None:
    """No server lets them through, but nothing breaks if one does."""
    headers = Headers([(b"X-\xc9", b"1")])

    assert ["x-É"] == list(headers)
    assert "1" == headers["X-É"]


@pytest.mark.parametrize("key", [5, None, b"host", ("host",), ["host"]], ids=repr)
def test_what_is_no_text_is_in_no_headers(key: object) -> None:
    """As in any other mapping of str."""
    assert key not in HEADERS


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("a", "1"), ("A", "2")], id="pairs-of-str"),
        pytest.param([(b"a", b"1"), (b"A", b"2")], id="pairs-of-bytes"),
        pytest.param(Headers([("a", "1"), ("a", "2")]), id="Headers"),
        pytest.param(
            StarletteHeaders(raw=[(b"a", b"1"), (b"a", b"2")]), id="Starlette-Headers"
        ),
    ],
)
def test_headers_are_made_of_what_has_fields(headers: HeadersInput) -> None:
    """Repeated names stay repeated."""
    assert ((b"a", b"1"), (b"a", b"2")) == Headers(headers).raw


def test_headers_of_a_text_outside_latin_1_are_refused() -> None:
    """They could never have been on a wire."""
    with pytest.raises(LocalProtocolError, match="outside latin-1"):
        Headers({"a": "€"})


def test_headers_are_a_value() -> None:
    """They can be compared, hashed, sent elsewhere, and not changed."""
    headers = Headers({"A": "1"})

    assert Headers([(b"a", b"1")]) == headers
    assert Headers({"a": "2"}) != headers
    assert {"a": "1"} != headers
    assert hash(Headers([(b"a", b"1")])) == hash(headers)
    assert [headers] * 3 == twins(headers)
    with pytest.raises(AttributeError):
        headers.raw = ()  # type: ignore[misc]  # ty: ignore[invalid-assignment]


@quick
@given(st.lists(st.tuples(st.binary(), st.binary())))
def test_headers_read_any_bytes(fields: list[tuple[bytes, bytes]]) -> None:
    """Every field can be looked up, and comes out as it went in."""
    headers = Headers(fields)

    assert [(name.lower(), value) for name, value in fields] == [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in headers.multi_items()
    ]
    assert set(headers) == {name for name, _ in headers.multi_items()}
    assert len(headers) == len(list(headers))
    for name in headers:
        assert name in headers
        assert headers[name] == headers.getlist(name)[0]


@quick
@given(st.lists(st.tuples(st.binary(), st.binary())), st.text())
def test_headers_can_be_asked_for_any_name(
    fields: list[tuple[bytes, bytes]], name: str
) -> None:
    """There is a value, or there is a KeyError."""
    headers = Headers(fields)

    assert (name in headers) is bool(headers.getlist(name))
    assert (name in headers) is (headers.get(name) is not None)


# --- QueryParams ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"a=1", [("a", "1")], id="one"),
        pytest.param(
            b"a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")], id="repeated"
        ),
        pytest.param(b"a=", [("a", "")], id="empty-value"),
        pytest.param(b"a", [("a", "")], id="no-equals-sign"),
        pytest.param(b"=1", [("", "1")], id="empty-name"),
        pytest.param(b"&&a=1&", [("a", "1")], id="empty-parts"),
        pytest.param(b"a=b=c", [("a", "b=c")], id="two-equals-signs"),
        pytest.param(b"a=1;b=2", [("a", "1;b=2")], id="semicolon-is-no-separator"),
        pytest.param(b"a=+b%20c%2B", [("a", " b c+")], id="blanks-and-plus"),
        pytest.param(b"%61=%C3%A9", [("a", "é")], id="escapes"),
        pytest.param("a=é".encode(), [("a", "é")], id="raw-utf-8"),
        pytest.param(b"a=%26b%3D", [("a", "&b=")], id="escaped-separators"),
        pytest.param(b"a=%FF", [("a", "\ufffd")], id="escaped-bytes-that-are-no-utf-8"),
        pytest.param(b"a=\xff", [("a", "\ufffd")], id="bytes-that-are-no-utf-8"),
        pytest.param(b"a=%ED%A0%80", [("a", "\ufffd" * 3)], id="escaped-surrogate"),
        pytest.param(b"a=%zz%2&%=1", [("a", "%zz%2"), ("%", "1")], id="bad-escapes"),
        pytest.param(b"a=%00%0D%0A", [("a", "\x00\r\n")], id="control-characters"),
        pytest.param(b"a[]=1&a.b=2", [("a[]", "1"), ("a.b", "2")], id="no-magic-names"),
    ],
)
def test_query_parameters_are_read(query: bytes, pairs: list[tuple[str, str]]) -> None:
    """As browsers write them; nothing is an error, the worst is U+FFFD."""
    params = QueryParams(query)

    assert pairs == params.multi_items()
    assert dict(pairs) == dict(params)
    assert query == params.raw


def test_query_parameters_are_a_mapping() -> None:
    """Of a repeated name it gives the last value, as Starlette does."""
    params = QueryParams(b"a=1&b=2&a=3")

    assert ("3", "2") == (params["a"], params["b"])
    assert ["1", "3"] == params.getlist("a")
    assert [] == params.getlist("missing")
    assert ["a", "b"] == list(params)
    assert 2 == len(params)
    assert "a" in params
    assert "A" not in params
    assert params.get("missing") is None
    assert isinstance(params, Mapping)
    assert not is_mutable(params)
    with pytest.raises(KeyError, match="missing"):
        params["missing"]


@pytest.mark.parametrize("key", [5, None, b"a", ("a",)], ids=repr)
def test_what_is_no_text_is_in_no_query(key: object) -> None:
    """As in any other mapping of str."""
    assert key not in QueryParams("a=1")


def test_query_parameters_can_be_written() -> None:
    """As a text that is fit for a URL, and as what they are made of."""
    params = QueryParams(b"a=\xff%20&b=2")

    assert "a=%FF%20&b=2" == str(params)
    assert "QueryParams([('a', '\ufffd '), ('b', '2')])" == repr(params)


def test_query_parameters_are_made_of_text_as_well() -> None:
    """Which is written in UTF-8; what has no UTF-8 becomes a question mark."""
    assert QueryParams("a=é".encode()) == QueryParams("a=é")
    assert QueryParams(b"a=?") == QueryParams("a=\ud800")
    assert QueryParams() == QueryParams("")


@pytest.mark.parametrize("query", [None, 5, ["a=1"], {"a": "1"}], ids=repr)
def test_what_is_no_query_is_a_type_error(query: object) -> None:
    """At once, and not when the parameters are read."""
    with pytest.raises(TypeError, match="a bytes-like object is required"):
        QueryParams(query)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


def test_query_parameters_are_a_value() -> None:
    """They can be compared, hashed, sent elsewhere, and not changed."""
    params = QueryParams(b"a=1")
    before = twins(params)

    assert "1" == params["a"]
    assert [params] * 3 == before == twins(params)
    assert all(isinstance(twin, QueryParams) and "1" == twin["a"] for twin in before)
    assert QueryParams(b"a=2") != params
    assert {"a": "1"} != params
    assert hash(QueryParams(b"a=1")) == hash(params)
    with pytest.raises(AttributeError):
        params.raw = b""  # type: ignore[misc]  # ty: ignore[invalid-assignment]


def test_the_raw_query_is_bytes_that_nobody_else_can_change() -> None:
    """A bytearray is copied."""
    buffer = bytearray(b"a=1")
    params = QueryParams(buffer)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
    buffer[2:] = b"2"

    assert b"a=1" == params.raw


@quick
@given(
    st.binary()
    | st.text(alphabet="a=&%+;F\xff\ud800").map(lambda t: t.encode("utf-8", "replace"))
)
def test_query_parameters_read_any_bytes(query: bytes) -> None:
    """Written and read again they are the same."""
    params = QueryParams(query)
    text = str(params)

    assert text.isascii()
    assert params.multi_items() == parse_qsl(text, keep_blank_values=True)
    assert len(params) == len(set(params)) == len(dict(params))
    for name in params:
        assert params[name] == params.getlist(name)[-1]
