"""Tests of `typedws.fields`: what may stand in the headers of an accept or a denial."""

from collections import OrderedDict
from collections.abc import Iterable
from types import MappingProxyType

import pytest
from starlette.datastructures import Headers as StarletteHeaders
from starlette.datastructures import MutableHeaders

from typedws import Headers, HeadersInput, LocalProtocolError, QueryParams
from typedws.fields import checked_fields, is_pairs, is_token, raw_fields

ONE = ((b"x-name", b"value"),)
TWICE = ((b"set-cookie", b"a=1"), (b"set-cookie", b"b=2"))


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-Name": "value"}, id="dict"),
        pytest.param(OrderedDict({"X-Name": "value"}), id="ordered-dict"),
        pytest.param(MappingProxyType({"X-Name": "value"}), id="read-only-mapping"),
        pytest.param([("X-Name", "value")], id="list-of-str-pairs"),
        pytest.param([(b"X-Name", b"value")], id="list-of-bytes-pairs"),
        pytest.param((("X-Name", "value"),), id="tuple-of-pairs"),
        pytest.param(iter([("X-Name", "value")]), id="iterator-of-pairs"),
        pytest.param({("X-Name", "value")}, id="set-of-pairs"),
        pytest.param({"X-Name": "value"}.items(), id="items-of-a-dict"),
        pytest.param(Headers({"X-Name": "value"}), id="Headers"),
        pytest.param(StarletteHeaders({"X-Name": "value"}), id="Starlette-Headers"),
        pytest.param(
            MutableHeaders({"X-Name": "value"}), id="Starlette-MutableHeaders"
        ),
    ],
)
def test_every_form_of_headers_becomes_pairs_of_bytes(headers: HeadersInput) -> None:
    """Names are in lower case, as ASGI demands."""
    assert ONE == raw_fields(headers)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("set-cookie", "a=1"), ("set-cookie", "b=2")], id="pairs"),
        pytest.param(Headers(list(TWICE)), id="Headers"),
        pytest.param(StarletteHeaders(raw=list(TWICE)), id="Starlette-Headers"),
    ],
)
def test_a_multi_dict_keeps_its_repeated_names(headers: HeadersInput) -> None:
    """Taken for a mapping it would lose all but one of them."""
    assert TWICE == raw_fields(headers)


def test_no_headers_are_no_fields() -> None:
    """The default of every method that takes headers."""
    assert () == raw_fields(())
    assert () == raw_fields({})


def test_text_is_written_in_latin_1() -> None:
    """The one encoding that HTTP ever had for fields; bytes are left alone."""
    assert ((b"x", b"\xe9\xff"), (b"y", b"\xc3\xa9")) == raw_fields(
        [("x", "é\xff"), (b"y", "é".encode())]
    )


def test_only_ascii_letters_of_a_name_become_lower_case() -> None:
    """Bytes have no other letters."""
    assert ((b"x-\xc9", b"Value"),) == raw_fields([(b"X-\xc9", b"Value")])


def test_text_outside_latin_1_is_refused() -> None:
    """Whoever wants another encoding gives bytes."""
    for headers in ({"x": "5 €"}, {"5 €": "x"}, {"x": "\ud800"}):
        with pytest.raises(LocalProtocolError, match=r"outside latin-1; encode it$"):
            raw_fields(headers)


def test_the_error_shows_the_text_outside_latin_1() -> None:
    """In ASCII, so that it can be logged anywhere."""
    with pytest.raises(LocalProtocolError) as caught:
        raw_fields({"x": "5 €"})

    assert (
        r"the header text '5 \u20ac' has characters outside latin-1; encode it"
    ) == str(caught.value)


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        pytest.param(
            [("x", 5)], "headers are str or bytes, not int", id="value-of-an-int"
        ),
        pytest.param(
            [(None, "x")], "headers are str or bytes, not NoneType", id="name-of-None"
        ),
        pytest.param(
            {"x": ["a", "b"]}, "headers are str or bytes, not list", id="list-of-values"
        ),
        pytest.param(
            [("x", bytearray(b"a"))],
            "headers are str or bytes, not bytearray",
            id="bytearray",
        ),
        pytest.param(
            [("x",)],
            "headers are pairs of a name and a value, not tuple",
            id="tuple-of-one",
        ),
        pytest.param(
            [("x", "y", "z")],
            "headers are pairs of a name and a value, not tuple",
            id="tuple-of-three",
        ),
        pytest.param(
            ["ab", "cd"],
            "headers are pairs of a name and a value, not str",
            id="texts-of-two-letters",
        ),
        pytest.param(
            "x: y",
            "headers are pairs of a name and a value, not str",
            id="text",
        ),
        pytest.param(
            b"x: y",
            "headers are pairs of a name and a value, not int",
            id="bytes",
        ),
        pytest.param(
            [{"x": "y", "a": "b"}],
            "headers are pairs of a name and a value, not dict",
            id="list-of-dicts",
        ),
        pytest.param(
            QueryParams("a=1"),
            "headers are pairs of a name and a value, not int",
            id="query-parameters",
        ),
        pytest.param(5, "'int' object is not iterable", id="int"),
        pytest.param(None, "'NoneType' object is not iterable", id="None"),
    ],
)
def test_what_are_no_headers_is_a_type_error(headers: object, sentence: str) -> None:
    """Nothing is taken for a name or a value by guesswork."""
    with pytest.raises(TypeError) as caught:
        raw_fields(headers)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert sentence == str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x", id="one-letter"),
        pytest.param("X-Request-ID", id="upper-case"),
        pytest.param("!#$%&'*+-.^_`|~0", id="every-sign"),
        pytest.param("set-cookie", id="set-cookie"),
        pytest.param("te-x", id="begins-like-hop-by-hop"),
        pytest.param("x-upgrade", id="ends-like-hop-by-hop"),
        pytest.param("x-sec-websocket-key", id="ends-like-the-handshake"),
        pytest.param("n" * 10_000, id="long"),
    ],
)
def test_names_that_are_tokens_pass(name: str) -> None:
    """RFC 9110, section 5.6.2, lists the characters."""
    assert ((name.lower().encode(), b"v"),) == checked_fields({name: "v"}, what="x")


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" ", id="blank"),
        pytest.param(b" x", id="blank-in-front"),
        pytest.param(b"x ", id="blank-behind"),
        pytest.param(b"x y", id="blank-inside"),
        pytest.param(b"x\t", id="tab"),
        pytest.param(b":x", id="colon-in-front"),
        pytest.param(b"x:", id="colon-behind"),
        pytest.param(b"x\r\nset-cookie: a=1\r\ny", id="injected-header"),
        pytest.param(b"x\n", id="line-feed-behind"),
        pytest.param(b"x\r", id="carriage-return-behind"),
        pytest.param(b"\r\n\r\n<script>", id="injected-body"),
        pytest.param(b"x\x00", id="NUL"),
        pytest.param(b"x\x7f", id="DEL"),
        pytest.param(b"x\x0b", id="vertical-tab"),
        pytest.param("é".encode("latin-1"), id="latin-1"),
        pytest.param("é".encode(), id="utf-8"),
        *(
            pytest.param(bytes([sign]), id=f"sign-{sign}")
            for sign in b'"(),/;<=>?@[\\]{}'
        ),
    ],
)
def test_names_that_http_forbids_are_refused(name: bytes) -> None:
    """A server that writes them as they are lets the peer read other headers."""
    with pytest.raises(LocalProtocolError) as caught:
        checked_fields([(name, b"value")], what="accept()")

    assert (
        f"accept(): the header {name!r} has a name that HTTP forbids "
        "(RFC 9110, section 5.1)"
    ) == str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"a", id="one-character"),
        pytest.param(b"a b\tc", id="blanks-inside"),
        pytest.param(b"a   b", id="several-blanks"),
        pytest.param(bytes(range(0x21, 0x7F)), id="every-visible-character"),
        pytest.param(bytes(range(0x80, 0x100)), id="every-other-byte"),
        pytest.param(b"v" * 100_000, id="long"),
    ],
)
def test_values_that_http_allows_pass(value: bytes) -> None:
    """RFC 9110, section 5.5, lists the characters."""
    assert ((b"x", value),) == checked_fields([(b"x", value)], what="x")


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b" ", id="blank"),
        pytest.param(b" a", id="blank-in-front"),
        pytest.param(b"a ", id="blank-behind"),
        pytest.param(b"\ta", id="tab-in-front"),
        pytest.param(b"a\t", id="tab-behind"),
        pytest.param(b"a" + b" " * 10_000, id="many-blanks-behind"),
        pytest.param(b"a\r\nset-cookie: b=1", id="injected-header"),
        pytest.param(b"a\r\n b", id="folded-line"),
        pytest.param(b"a\n b", id="folded-line-without-carriage-return"),
        pytest.param(b"a\n", id="line-feed-behind"),
        pytest.param(b"\r\n", id="line-break-alone"),
        pytest.param(b"a\rb", id="carriage-return"),
        pytest.param(b"a\x00b", id="NUL"),
        pytest.param(b"a\x7fb", id="DEL"),
        pytest.param(b"a\x1bb", id="escape"),
    ],
)
def test_values_that_http_forbids_are_refused(value: bytes) -> None:
    """The error names the header, and not a value that may be secret."""
    with pytest.raises(LocalProtocolError) as caught:
        checked_fields([(b"x", b"fine"), (b"authorization", value)], what="accept()")

    assert (
        "accept(): the header b'authorization' has a value that HTTP forbids "
        "(RFC 9110, section 5.5)"
    ) == str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "Sec-WebSocket-Accept",
        "Sec-WebSocket-Extensions",
        "Sec-WebSocket-Key",
        "Sec-WebSocket-Protocol",
        "SEC-WEBSOCKET-PROTOCOL",
        "sec-websocket-protocol",
        "sec-websocket-of-the-future",
        "sec-websocket-",
    ],
)
def test_names_of_the_handshake_are_refused(name: str) -> None:
    """Two servers die of them, and the others send them twice."""
    with pytest.raises(LocalProtocolError) as caught:
        checked_fields({name: "chat"}, what="accept()")

    assert (
        f"accept(): the header {name.lower().encode()!r} belongs to the handshake, "
        "which the server writes"
    ) == str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "Connection",
        "Keep-Alive",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "upgrade",
    ],
)
def test_names_that_are_about_the_connection_are_refused(name: str) -> None:
    """They are the server's, in every spelling."""
    with pytest.raises(LocalProtocolError) as caught:
        checked_fields({name: "close"}, what="a denial response")

    assert (
        f"a denial response: the header {name.lower().encode()!r} is about the "
        "connection, which the server rules (RFC 9110, 7.6.1)"
    ) == str(caught.value)


def test_further_names_can_be_forbidden() -> None:
    """A response that accepts has no content, hence no length of it."""
    headers = {"Content-Length": "5"}

    assert ((b"content-length", b"5"),) == checked_fields(headers, what="x")

    with pytest.raises(LocalProtocolError) as caught:
        checked_fields(headers, what="accept()", forbidden={b"content-length"})

    assert ("accept(): the header b'content-length' does not belong here") == str(
        caught.value
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("chat", id="word"),
        pytest.param("chat.v2+json", id="with-signs"),
        pytest.param("0", id="digit"),
    ],
)
def test_tokens_are_told(text: str) -> None:
    """A subprotocol is one (RFC 6455, section 4.1)."""
    assert is_token(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("a b", id="blank"),
        pytest.param("a,b", id="comma"),
        pytest.param("a\n", id="line-feed"),
        pytest.param("a\r\nb: c", id="injection"),
        pytest.param("é", id="latin-1"),
        pytest.param("\u212a", id="kelvin-sign"),
        pytest.param("\uff41", id="full-width-letter"),
        pytest.param("\ud800", id="lone-surrogate"),
        pytest.param("a\x00", id="NUL"),
    ],
)
def test_what_is_no_token_is_told(text: str) -> None:
    """Servers told to send such a subprotocol hang or die."""
    assert not is_token(text)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([], id="list"),
        pytest.param({}, id="dict"),
        pytest.param(iter([]), id="iterator"),
    ],
)
def test_what_may_be_headers_is_told(headers: Iterable[object]) -> None:
    """Whatever can be iterated may be: its items are looked at later."""
    assert is_pairs(headers)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param("x: y", id="text"),
        pytest.param(b"x: y", id="bytes"),
        pytest.param(None, id="None"),
        pytest.param(5, id="int"),
    ],
)
def test_what_are_never_headers_is_told(headers: object) -> None:
    """A text can be iterated as well, but its letters are no fields."""
    assert not is_pairs(headers)
