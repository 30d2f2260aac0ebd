"""
The Cookie header, read as browsers write it (RFC 6265, section 5.4).

The standard library's `SimpleCookie` drops every cookie after one that it dislikes, so
a single stray cookie of another application would hide ours.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

__all__ = ["parse_cookies"]

# Not all that Python strips: latin-1 reads the last byte of an "à" as a blank.
_BLANKS = " \t"
_ESCAPE = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))")


def parse_cookies(headers: Iterable[str]) -> Mapping[str, str]:
    """
    Read the cookies of one or several Cookie headers.

    Browsers send the cookie with the longest path first, so the first of a repeated
    name is kept. What has no `=` is no cookie and is passed over.
    """
    cookies: dict[str, str] = {}
    for header in headers:
        for cookie in header.split(";"):
            name, equals, value = cookie.partition("=")
            if equals:
                cookies.setdefault(name.strip(_BLANKS), _unquoted(value.strip(_BLANKS)))
    return MappingProxyType(cookies)


def _unquoted(value: str) -> str:
    # Python's own `http.cookies` quotes a value with blanks or semicolons in it.
    if len(value) >= len('""') and value[0] == value[-1] == '"':
        return _ESCAPE.sub(_unescaped, value[1:-1])
    return value


def _unescaped(match: re.Match[str]) -> str:
    octal = match[0][1:]
    return chr(int(octal, 8)) if len(octal) > 1 else octal
