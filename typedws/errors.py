"""
What an exception that leaves a handler becomes for the peer.

The peer never sees a text of the exception: it gets a code, and a reason or a body that
the application has chosen beforehand.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, final

from attrs import field, frozen
from typing_extensions import TypeIs

from typedws.close import CloseCode, checked_close
from typedws.denial import DenialResponse
from typedws.ended import ClosedStateError, WebSocketDisconnect
from typedws.exceptions import DecodeError, MessageTypeError

__all__ = ["ErrorOutcome", "ErrorPolicy"]

_SERVER_ERROR: Final = 500


@final
@frozen(order=False)
class ErrorOutcome:
    """
    What the peer gets.

    Attributes:
        code: The close code, for a connection that was accepted.
        reason: The close reason, for a connection that was accepted.
        denial: The response, for a handshake that was not answered; where the server
            can't send it, a plain 403. Its body is bytes, since it is sent many times.

    Raises:
        LocalProtocolError: The code may not be sent, or the reason is too long.
        TypeError: The body of the denial is an iterable.
    """

    code: int = CloseCode.INTERNAL_ERROR
    reason: str = field(default="", kw_only=True)
    denial: DenialResponse = field(default=DenialResponse(_SERVER_ERROR), kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse now what could not be sent later, and keep plain values."""
        code, reason = checked_close(self.code, self.reason)
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "reason", reason)
        if not isinstance(self.denial.body, bytes):
            message = (
                "the denial of an ErrorOutcome is sent once for every such error, so "
                "its body is bytes; an iterable may be empty the second time"
            )
            raise TypeError(message)


_BY_PEER: Final[Mapping[type[Exception], ErrorOutcome]] = MappingProxyType(
    {
        # RFC 6455, section 7.4.1: 1007 for "data within a message that was not
        # consistent with the type of the message", 1003 for "a type of data it
        # cannot accept".
        DecodeError: ErrorOutcome(CloseCode.INVALID_FRAME_PAYLOAD_DATA),
        MessageTypeError: ErrorOutcome(CloseCode.UNSUPPORTED_DATA),
    }
)


def _outcomes(
    given: Mapping[type[Exception], ErrorOutcome],
) -> Mapping[type[Exception], ErrorOutcome]:
    for error, outcome in given.items():
        _check_expectation(error, outcome)
    return MappingProxyType({**_BY_PEER, **given})


def _check_expectation(error: type[object], outcome: object) -> None:
    # When the application starts, and not when the first error comes.
    if not _is_exception_class(error):
        message = f"ErrorPolicy(expected=...): {error!a} is not a class of exceptions"
        raise TypeError(message)
    if not isinstance(outcome, ErrorOutcome):
        message = (
            f"ErrorPolicy(expected=...): {error.__name__} becomes an ErrorOutcome, "
            f"not {outcome!a}"
        )
        raise TypeError(message)


def _is_exception_class(error: type[object]) -> bool:
    try:
        return issubclass(error, Exception)
    except TypeError:
        return False


@final
@frozen(order=False, eq=False)
class ErrorPolicy:
    """
    What an exception that leaves a handler becomes.

    A `WebSocketDisconnect` is an ordinary end. An exception of a type in `expected` is
    one that the application has foreseen: the peer gets the outcome, the log one line.
    Every other exception is a fault: the peer gets `unexpected`, and the exception goes
    on to the middleware and the server, which log it.

    Attributes:
        unexpected: For a fault; by default 1011, or HTTP 500 before the accept.
        expected: By the type of the exception, the nearest base class counting. What a
            peer can cause is in it from the start: `DecodeError` becomes 1007,
            `MessageTypeError` 1003.
    """

    unexpected: ErrorOutcome = ErrorOutcome()
    expected: Mapping[type[Exception], ErrorOutcome] = field(
        default=MappingProxyType[type[Exception], ErrorOutcome]({}),
        converter=_outcomes,
        kw_only=True,
    )

    def expected_outcome(self, error: BaseException) -> ErrorOutcome | None:
        """Return the outcome of an exception that was foreseen, else `None`."""
        for base in type(error).__mro__:
            if issubclass(base, Exception) and base in self.expected:
                return self.expected[base]
        return None


def is_disconnect(error: BaseException) -> bool:
    """Tell whether an exception is the end of the connection and nothing else."""
    return all(
        isinstance(leaf, WebSocketDisconnect) and not isinstance(leaf, ClosedStateError)
        for leaf in leaves(error)
    )


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Give the exceptions in a group, however deep, or the exception itself."""
    if _is_group(error):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error


def _is_group(
    error: BaseException,
) -> TypeIs[BaseExceptionGroup[BaseException]]:
    return isinstance(error, BaseExceptionGroup)
