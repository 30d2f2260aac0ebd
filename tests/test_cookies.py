"""Tests of `typedws.cookies`."""

import http.cookies
from collections.abc import MutableMapping

import pytest

from typedws.cookies import parse_cookies


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        pytest.param("a=1", {"a": "1"}, id="one"),
        pytest.param("a=1; b=2", {"a": "1", "b": "2"}, id="two"),
        pytest.param("a=1;b=2", {"a": "1", "b": "2"}, id="without-a-blank"),
        pytest.param(" a = 1 ;\tb=2\t", {"a": "1", "b": "2"}, id="with-blanks"),
        pytest.param("a=", {"a": ""}, id="empty-value"),
        pytest.param("a=b=c", {"a": "b=c"}, id="equals-sign-in-the-value"),
        pytest.param("=1", {"": "1"}, id="empty-name"),
        pytest.param("", {}, id="empty-header"),
        pytest.param(";;; ;", {}, id="nothing-but-semicolons"),
        pytest.param("a", {}, id="no-equals-sign"),
        pytest.param("stray; a=1", {"a": "1"}, id="stray-text"),
        pytest.param("a=1; a=2", {"a": "1"}, id="repeated-name-keeps-the-first"),
        pytest.param("a=1; A=2", {"a": "1", "A": "2"}, id="case-counts"),
        pytest.param("a:b=1; c=2", {"a:b": "1", "c": "2"}, id="name-with-a-colon"),
        pytest.param("{}=1; a=2", {"{}": "1", "a": "2"}, id="name-of-brackets"),
        pytest.param("a=1,b=2", {"a": "1,b=2"}, id="comma-is-no-separator"),
        pytest.param("text=next; x=x", {"text": "next", "x": "x"}, id="words"),
        pytest.param("a=%20", {"a": "%20"}, id="percent-is-left-alone"),
        pytest.param("a=\xa0x\xa0", {"a": "\xa0x\xa0"}, id="no-break-space-is-kept"),
        pytest.param("a=voil\xc3\xa0", {"a": "voil\xc3\xa0"}, id="utf-8-is-kept-whole"),
        pytest.param("a=\x85", {"a": "\x85"}, id="next-line-is-kept"),
        pytest.param("a=\x00", {"a": "\x00"}, id="NUL-is-kept"),
    ],
)
def test_cookies_are_read_as_browsers_write_them(
    header: str, cookies: dict[str, str]
) -> None:
    """One cookie that is strange does not hide the others."""
    assert cookies == parse_cookies([header])


@pytest.mark.parametrize(
    ("value", "read"),
    [
        pytest.param('"a b"', "a b", id="quoted"),
        pytest.param('""', "", id="empty-quotes"),
        pytest.param('"', '"', id="one-quote"),
        pytest.param('"a', '"a', id="no-closing-quote"),
        pytest.param('a"', 'a"', id="no-opening-quote"),
        pytest.param('a"b"c', 'a"b"c', id="quotes-inside"),
        pytest.param(r'"a\"b"', 'a"b', id="escaped-quote"),
        pytest.param(r'"a\\b"', r"a\b", id="escaped-backslash"),
        pytest.param(r'"\073"', ";", id="octal"),
        pytest.param(r'"\377"', "\xff", id="largest-octal"),
        pytest.param(r'"\400"', "400", id="octal-too-large"),
        pytest.param(r'"\07"', "07", id="octal-too-short"),
        pytest.param(r'"\134073"', r"\073", id="read-once-only"),
        pytest.param(r"\073", r"\073", id="not-quoted"),
        pytest.param('"\\"', "\\", id="lone-backslash"),
    ],
)
def test_quotes_are_taken_off(value: str, read: str) -> None:
    """They are how Python's own `http.cookies` writes what a cookie can't hold."""
    assert {"a": read} == parse_cookies([f"a={value}"])


@pytest.mark.parametrize(
    "value",
    ["plain", "a b", "a;b", 'a"b', "a\\b", "a,b", "é", "\\073", '"', '""', "\t", ""],
)
def test_what_the_standard_library_writes_is_read_back(value: str) -> None:
    """A cookie set by a framework comes back as it was."""
    jar: http.cookies.SimpleCookie = http.cookies.SimpleCookie()
    jar["name"] = value

    assert {"name": value} == parse_cookies([jar.output(header="").strip()])


def test_several_headers_are_one() -> None:
    """HTTP/2 lets a client split them (RFC 9113, section 8.2.3)."""
    assert {"a": "1", "b": "2", "c": "3"} == parse_cookies(["a=1; b=2", "c=3; a=4"])


def test_no_header_has_no_cookies() -> None:
    """The most frequent case."""
    assert {} == parse_cookies([])


def test_cookies_can_not_be_changed() -> None:
    """They are what the client said."""
    assert not isinstance(parse_cookies(["a=1"]), MutableMapping)
