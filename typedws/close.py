"""
Close codes and reasons, after RFC 6455, section 7.4.

`checked_close` is the one place that decides what may be sent.
"""

from enum import IntEnum, unique

from typedws.exceptions import LocalProtocolError

__all__ = ["CloseCode", "checked_close"]

LONGEST_REASON = 123
"""In bytes of UTF-8: a control frame holds 125, of which the code takes two."""

_PRIVATE_CODES = range(3000, 5000)


@unique
class CloseCode(IntEnum):
    """
    The close codes that have a meaning of their own.

    From the IANA WebSocket Close Code Number Registry, which RFC 6455 founded. The
    codes 3000 to 3999 are for libraries and frameworks, 4000 to 4999 for applications.
    """

    NORMAL_CLOSURE = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    NO_STATUS_RECEIVED = 1005
    ABNORMAL_CLOSURE = 1006
    INVALID_FRAME_PAYLOAD_DATA = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014
    TLS_HANDSHAKE = 1015


# RFC 6455, section 7.4.1, of each of these: "is a reserved value and MUST NOT be set
# as a status code in a Close control frame by an endpoint".
_NEVER_SENT = frozenset(
    {
        CloseCode.NO_STATUS_RECEIVED,
        CloseCode.ABNORMAL_CLOSURE,
        CloseCode.TLS_HANDSHAKE,
    }
)
_SENDABLE_CODES = frozenset(map(int, CloseCode)) - _NEVER_SENT
_PLAIN_CLOSE = (1000, "")
"""What nearly every `close()` means."""


def checked_close(code: int, reason: str | None) -> tuple[int, str]:
    """
    Return the code as a plain int and the reason as text, if both may be sent.

    Args:
        code: 1000 to 1003, 1007 to 1014, or 3000 to 4999.
        reason: At most 123 bytes of UTF-8.

    Raises:
        LocalProtocolError: The code may not be sent, or the reason is too long.
        TypeError: The code is not an int, or the reason not a str.
    """
    if code is CloseCode.NORMAL_CLOSURE and reason is None:
        return _PLAIN_CLOSE
    return _checked_code(code), _checked_reason(reason)


def _checked_code(code: int) -> int:
    # A caller without a type checker is told here, rather than by the server's
    # struct.error; bool is an int to Python and a mistake to everyone else.
    if not _is_plain_int(code):
        message = f"a close code is an int, not {type(code).__name__}"
        raise TypeError(message)
    if code not in _SENDABLE_CODES and code not in _PRIVATE_CODES:
        message = (
            f"close code {int(code)} may not be sent (RFC 6455, section 7.4); "
            "use 1000-1003, 1007-1014 or, for codes of your own, 4000-4999"
        )
        raise LocalProtocolError(message)
    # An IntEnum's member is turned into the int it stands for: daphne refuses others.
    return int(code)


def _is_plain_int(code: object) -> bool:
    return isinstance(code, int) and not isinstance(code, bool)


def _checked_reason(reason: object) -> str:
    if reason is None:
        return ""
    if not isinstance(reason, str):
        message = f"a close reason is a str, not {type(reason).__name__}"
        raise TypeError(message)
    try:
        length = len(reason.encode())
    except UnicodeEncodeError as error:
        message = (
            f"a close reason is UTF-8 (RFC 6455, section 5.5.1), and this one has a "
            f"lone surrogate at position {error.start}"
        )
        raise LocalProtocolError(message) from None
    if length > LONGEST_REASON:
        message = (
            f"a close reason is at most {LONGEST_REASON} bytes of UTF-8 (RFC 6455, "
            f"section 5.5), and this one is {length}; shorten it"
        )
        raise LocalProtocolError(message)
    # A StrEnum's member, too, is turned into what it stands for.
    return str.__str__(reason)
