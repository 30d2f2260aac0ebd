"""Tests of `typedws.origins`: which pages may connect."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scripted import scope
from typedws import (
    AllowedOrigins,
    AnyOrigin,
    OriginPolicy,
    SameOrigin,
    WebSocketScope,
)
from typedws.origins import parse_origin

quick = settings(max_examples=100, deadline=None)


def handshake(
    *origins: str, host: str | None = "example.com", scheme: str = "ws"
) -> WebSocketScope:
    """Make the handshake of a page of these origins."""
    hosts = [] if host is None else [(b"host", host.encode("latin-1"))]
    origin_fields = [(b"origin", origin.encode("latin-1")) for origin in origins]
    return WebSocketScope.parse(scope(headers=hosts + origin_fields, scheme=scheme))


# What differs from the origin of a page of https://example.com in the smallest ways.
HOSTILE = [
    pytest.param("null", id="null"),
    pytest.param("", id="empty"),
    pytest.param("*", id="asterisk"),
    pytest.param("example.com", id="host-alone"),
    pytest.param("//example.com", id="no-scheme"),
    pytest.param("https:example.com", id="no-slashes"),
    pytest.param("https:/example.com", id="one-slash"),
    pytest.param("https:///example.com", id="three-slashes"),
    pytest.param("https://", id="scheme-alone"),
    pytest.param("https://example.com/", id="slash-behind"),
    pytest.param("https://example.com/path", id="path-behind"),
    pytest.param("https://example.com?", id="question-mark-behind"),
    pytest.param("https://example.com#", id="hash-sign-behind"),
    pytest.param("https://example.com\\", id="backslash-behind"),
    pytest.param("https:\\\\example.com", id="backslashes"),
    pytest.param("https://example.com.", id="trailing-dot"),
    pytest.param("https://.example.com", id="leading-dot"),
    pytest.param("https://example..com", id="two-dots"),
    pytest.param("https://evil.example.com", id="subdomain"),
    pytest.param("https://com", id="superdomain"),
    pytest.param("https://example.com.evil.test", id="longer-at-the-end"),
    pytest.param("https://evilexample.com", id="longer-at-the-front"),
    pytest.param("https://evil-example.com", id="longer-by-a-hyphen"),
    pytest.param("https://example.co", id="shorter-at-the-end"),
    pytest.param("https://xample.com", id="shorter-at-the-front"),
    pytest.param("https://exampleXcom", id="any-letter-for-the-dot"),
    pytest.param("https://example-com", id="hyphen-for-the-dot"),
    pytest.param("https://user@example.com", id="user"),
    pytest.param("https://example.com@evil.test", id="host-as-the-user"),
    pytest.param("https://evil.test@example.com", id="evil-as-the-user"),
    pytest.param("https://example.com:secret@evil.test", id="host-as-user-info"),
    pytest.param("https://evil.test/https://example.com", id="host-in-the-path"),
    pytest.param("https://evil.test?https://example.com", id="host-in-the-query"),
    pytest.param("https://evil.test#https://example.com", id="host-in-the-fragment"),
    pytest.param("HTTPS://example.com", id="upper-case-scheme"),
    pytest.param("https://EXAMPLE.com", id="upper-case-host"),
    pytest.param("https://example.com:", id="empty-port"),
    pytest.param("https://example.com:0", id="port-zero"),
    pytest.param("https://example.com:0443", id="port-with-a-leading-zero"),
    pytest.param("https://example.com:444", id="other-port"),
    pytest.param("https://example.com:80", id="other-default-port"),
    pytest.param("https://example.com:65979", id="port-that-wraps-around-to-443"),
    pytest.param("https://example.com:99999", id="port-too-large"),
    pytest.param("https://example.com:4430", id="longer-port"),
    pytest.param("https://example.com:44\xb3", id="port-with-a-superscript"),
    pytest.param("https://example.com:+443", id="port-with-a-sign"),
    pytest.param("https://example.com:443:443", id="two-ports"),
    pytest.param("https://example.com:evil", id="port-of-letters"),
    pytest.param(" https://example.com", id="blank-in-front"),
    pytest.param("https://example.com ", id="blank-behind"),
    pytest.param("https://exam ple.com", id="blank-inside"),
    pytest.param("https://example.com\n", id="line-feed-behind"),
    pytest.param("https://example.com\r\n", id="line-break-behind"),
    pytest.param("\thttps://example.com", id="tab-in-front"),
    pytest.param("https://example.com\x00", id="NUL-behind"),
    pytest.param("https://example.com\x00.evil.test", id="NUL-inside"),
    pytest.param("https://example.com%00", id="escaped-NUL"),
    pytest.param("https://example%2ecom", id="escaped-dot"),
    pytest.param("https://ex\xe4mple.com", id="latin-1-letter"),
    pytest.param("https://example.com\xad", id="soft-hyphen"),
    pytest.param("https://xn--example-.com", id="punycode"),
    pytest.param("https://example.com,https://example.com", id="joined-by-the-server"),
    pytest.param("https://evil.test, https://example.com", id="joined-with-evil"),
    pytest.param("https://example.com https://evil.test", id="list-of-origins"),
    pytest.param("https://[::1]", id="ipv6"),
    pytest.param("https://[example.com]", id="host-in-brackets"),
    pytest.param("https://[::1].example.com", id="ipv6-as-a-subdomain"),
    pytest.param("https://127.0.0.1", id="ipv4"),
    pytest.param("https://3232235777", id="ipv4-as-a-number"),
    pytest.param("file://", id="file"),
    pytest.param("file://example.com", id="file-with-a-host"),
    pytest.param("ftp://example.com", id="ftp"),
    pytest.param("wss://example.com", id="wss"),
    pytest.param("ws://example.com", id="ws"),
    pytest.param("capacitor://example.com", id="scheme-of-an-app"),
    pytest.param("chrome-extension://example.com", id="scheme-of-an-extension"),
    pytest.param("javascript://example.com", id="javascript"),
    pytest.param("https+evil://example.com", id="longer-scheme"),
    pytest.param("ttps://example.com", id="shorter-scheme"),
    pytest.param("blob:https://example.com", id="blob"),
    pytest.param("view-source:https://example.com", id="view-source"),
    pytest.param("https://" + "a" * 100_000, id="long"),
    pytest.param("https://" + "a." * 50_000, id="long-with-dots"),
]


@pytest.mark.parametrize("origin", HOSTILE)
@pytest.mark.parametrize(
    "policy",
    [SameOrigin(), AllowedOrigins("https://example.com", "https://example.com:8443")],
    ids=["same-origin", "allowed-origins"],
)
def test_a_hostile_origin_is_refused(policy: OriginPolicy, origin: str) -> None:
    """An origin is right as a whole or it is wrong; nothing is cut or guessed at."""
    good = "https://example.com"

    assert policy.allows(handshake(good, host="example.com:443"))
    assert not policy.allows(handshake(origin, host="example.com:443"))
    assert not policy.allows(handshake(good, origin, host="example.com:443"))
    assert not policy.allows(handshake(origin, good, host="example.com:443"))


@pytest.mark.parametrize("policy", [SameOrigin(), AllowedOrigins(), AnyOrigin()])
def test_clients_that_are_no_browsers_are_let_in(policy: OriginPolicy) -> None:
    """They send no Origin, and no page makes them do anything."""
    assert policy.allows(handshake())
    assert policy.allows(handshake(host=None))


# --- SameOrigin ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        pytest.param("https://example.com", "example.com", id="tls"),
        pytest.param("http://example.com", "example.com", id="no-tls"),
        pytest.param("https://example.com", "example.com:443", id="port-in-host"),
        pytest.param("http://example.com", "example.com:80", id="port-80-in-host"),
        pytest.param("https://example.com:443", "example.com", id="port-in-origin"),
        pytest.param("https://example.com:8443", "example.com:8443", id="same-port"),
        pytest.param("http://example.com:443", "example.com:443", id="odd-port"),
        pytest.param("https://example.com", "EXAMPLE.com", id="host-in-upper-case"),
        pytest.param("http://localhost:8000", "localhost:8000", id="localhost"),
        pytest.param("http://127.0.0.1:8000", "127.0.0.1:8000", id="ipv4"),
        pytest.param("http://[::1]:8000", "[::1]:8000", id="ipv6"),
        pytest.param("https://[2001:db8::1]", "[2001:DB8::1]", id="ipv6-upper-case"),
        pytest.param("http://my_host", "my_host", id="underscore"),
        pytest.param("https://xn--bcher-kva.de", "xn--bcher-kva.de", id="punycode"),
    ],
)
def test_the_page_of_the_same_host_is_let_in(origin: str, host: str) -> None:
    """With TLS that ends at a proxy in front, or without."""
    assert SameOrigin().allows(handshake(origin, host=host, scheme="ws"))


@pytest.mark.parametrize("host", ["example.com", "example.com:443"])
def test_where_tls_ends_here_the_page_came_by_tls(host: str) -> None:
    """Whoever holds the network can forge a page that came without."""
    assert SameOrigin().allows(
        handshake("https://example.com", host=host, scheme="wss")
    )
    assert not SameOrigin().allows(
        handshake("http://example.com", host="example.com", scheme="wss")
    )
    assert not SameOrigin().allows(
        handshake("http://example.com:443", host=host, scheme="wss")
    )


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        pytest.param("https://example.com", "example.com:80", id="tls-and-port-80"),
        pytest.param("http://example.com", "example.com:443", id="no-tls-and-port-443"),
        pytest.param(
            "http://example.com:8000", "example.com", id="port-in-origin-only"
        ),
        pytest.param("http://example.com", "example.com:8000", id="port-in-host-only"),
        pytest.param("http://a", "b", id="other-host"),
        pytest.param("http://localhost", "127.0.0.1", id="names-of-one-address"),
        pytest.param(
            "http://[::1]", "[0:0:0:0:0:0:0:1]", id="spellings-of-one-address"
        ),
        pytest.param("http://example.com", "", id="empty-host"),
        pytest.param(
            "http://example.com", "example.com:", id="host-with-an-empty-port"
        ),
        pytest.param("http://example.com", "example.com.", id="host-with-a-dot"),
        pytest.param("http://example.com", " example.com", id="host-with-a-blank"),
        pytest.param("http://example.com", "example.com\n", id="host-with-a-line-feed"),
        pytest.param("http://example.com", "example.com/x", id="host-with-a-path"),
        pytest.param("http://example.com", "evil@example.com", id="host-with-a-user"),
        pytest.param(
            "http://example.com", "example.com, a", id="hosts-that-were-joined"
        ),
        pytest.param("http://example.com", "example.com:8x", id="port-of-letters"),
        pytest.param("http://a", "a:" + "9" * 5000, id="port-too-long"),
    ],
)
def test_the_page_of_another_host_is_refused(origin: str, host: str) -> None:
    """Host and port count, by the text of their names."""
    assert not SameOrigin().allows(handshake(origin, host=host))


def test_a_page_needs_one_host_to_be_compared_with() -> None:
    """Two are as good as none."""
    origin = (b"origin", b"http://example.com")
    host = (b"host", b"example.com")
    one = WebSocketScope.parse(scope(headers=[host, origin]))
    two = WebSocketScope.parse(scope(headers=[host, host, origin]))

    assert SameOrigin().allows(one)
    assert not SameOrigin().allows(two)
    assert not SameOrigin().allows(handshake("http://example.com", host=None))


@quick
@given(
    st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255))
)
def test_arbitrary_headers_are_let_in_only_if_they_name_one_host(
    origin: str, host: str
) -> None:
    """And no exception comes of the others."""
    is_let_in = SameOrigin().allows(handshake(origin, host=host))
    parsed = parse_origin(origin)

    assert not is_let_in or (parsed and host.lower().startswith(parsed.host))


# --- AllowedOrigins ------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com",
        "https://app.example.com:443",
        "http://localhost:3000",
        "http://[::1]:3000",
        "capacitor://localhost",
    ],
)
def test_an_allowed_origin_is_let_in(origin: str) -> None:
    """Whatever host was asked for; a default port may be named or not."""
    policy = AllowedOrigins(
        "https://app.example.com",
        "http://localhost:3000",
        "http://[::1]:3000",
        "capacitor://localhost",
    )

    assert policy.allows(handshake(origin, host="api.example.com"))


@pytest.mark.parametrize(
    "origin",
    [
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://example.com",
        "https://api.example.com",
        "capacitor://localhost:80",
        "ionic://localhost",
    ],
)
def test_any_other_origin_is_refused(origin: str) -> None:
    """Scheme, host and port count; the page's own host counts for nothing here."""
    policy = AllowedOrigins("https://app.example.com", "capacitor://localhost")

    assert not policy.allows(handshake(origin, host="api.example.com"))


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "",
        "null",
        "example.com",
        "https://*.example.com",
        "https://example.com/",
        "https://Example.com",
        "https://example.com:99999",
        "https://b\u00fccher.de",
        "https://example.com\n",
    ],
    ids=ascii,
)
def test_what_is_no_origin_can_not_be_allowed(origin: str) -> None:
    """It would allow nothing, and its author believes that it does."""
    with pytest.raises(ValueError, match=r"^AllowedOrigins: ") as caught:
        AllowedOrigins("https://example.com", origin)

    assert (
        f"AllowedOrigins: {origin!a} is not an origin as browsers write it; "
        "give scheme, host and perhaps port, in lower case and nothing behind: "
        "'https://app.example.com'; to let every page in, use AnyOrigin()"
    ) == str(caught.value)


# --- Policies are values -------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "same", "other"),
    [
        pytest.param(SameOrigin(), SameOrigin(), AnyOrigin(), id="SameOrigin"),
        pytest.param(AnyOrigin(), AnyOrigin(), SameOrigin(), id="AnyOrigin"),
        pytest.param(
            AllowedOrigins("https://a", "https://b"),
            AllowedOrigins("https://b:443", "https://a", "https://a"),
            AllowedOrigins("https://a"),
            id="AllowedOrigins",
        ),
    ],
)
def test_a_policy_is_a_value(
    policy: OriginPolicy, same: OriginPolicy, other: OriginPolicy
) -> None:
    """It can be compared, hashed, and not changed."""
    assert same == policy
    assert other != policy
    assert hash(same) == hash(policy)
    with pytest.raises(AttributeError):
        setattr(policy, "origins", frozenset())  # noqa: B010 - not all have it


def test_a_policy_says_what_would_let_an_origin_in() -> None:
    """For the log line about a refusal."""
    assert (
        "to allow it, use websocket_app(origins=AllowedOrigins(...)) with it; "
        "behind a proxy, let the proxy pass the Host header on"
    ) == SameOrigin().cure
    assert "to allow it, add it to AllowedOrigins(...)" == AllowedOrigins().cure
    assert "" == AnyOrigin().cure


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "", "\xff"], ids=ascii)
def test_any_origin_is_let_in_where_all_are(origin: str) -> None:
    """Even several at once."""
    assert AnyOrigin().allows(handshake(origin))
    assert AnyOrigin().allows(handshake(origin, origin))


# --- Parsing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port"),
    [
        ("https://a", "https", "a", 443),
        ("http://a", "http", "a", 80),
        ("http://a:8000", "http", "a", 8000),
        ("http://a:65535", "http", "a", 65535),
        ("http://[::1]:1", "http", "[::1]", 1),
        ("app+x.y-z://a.b-c_d", "app+x.y-z", "a.b-c_d", None),
    ],
)
def test_an_origin_has_three_parts(
    text: str, scheme: str, host: str, port: int | None
) -> None:
    """A port that is not there is the default of the scheme."""
    origin = parse_origin(text)

    assert origin is not None
    assert (scheme, host, port) == (origin.scheme, origin.host, origin.port)


@pytest.mark.parametrize("port", [65536, 99999])
def test_a_port_that_is_none_makes_no_origin(port: int) -> None:
    """The largest is 65535."""
    assert parse_origin(f"https://example.com:{port}") is None


@quick
@given(st.text() | st.from_regex(r"(?:https?|app)://[ -~]{0,9}(?::\d{0,7})?"))
def test_any_text_is_an_origin_or_none(text: str) -> None:
    """What is one is in lower case and has nothing but its three parts."""
    origin = parse_origin(text)
    if origin is None:
        return

    assert text == text.lower()
    assert re.fullmatch(r"[a-z0-9+.\-]+://[a-z0-9_.\-\[\]:]+", text)
    assert text.startswith(f"{origin.scheme}://{origin.host}")
    assert text.removeprefix(f"{origin.scheme}://{origin.host}") in {
        "",
        f":{origin.port}",
    }
