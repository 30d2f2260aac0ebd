"""
What an exception that leaves a handler becomes for the peer.

The peer never sees a text of the exception: it gets a code, and a reason or a body that
the application has chosen beforehand. Only of its own parameters it is told more.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Never, TypeAlias, TypeGuard, final

from attrs import field, frozen

from typedws.callables import is_callable
from typedws.close import CloseCode, checked_close
from typedws.codecs.forms import is_class
from typedws.denial import DenialResponse
from typedws.exceptions import (
    DecodeError,
    InvalidParameters,
    MessageTypeError,
    ReceiveTimeout,
    ValidationError,
)
from typedws.problem_details import problem_details

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
        TypeError: The code is not an int, the reason not a str, or the denial no
            `DenialResponse`, or one whose body is an iterable.
    """

    code: int = CloseCode.INTERNAL_ERROR
    reason: str = field(default="", kw_only=True)
    denial: DenialResponse = field(default=DenialResponse(_SERVER_ERROR), kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Refuse now what could not be sent later, and keep plain values."""
        _check_denial(self.denial)
        code, reason = checked_close(self.code, self.reason)
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "reason", reason)
        if not isinstance(self.denial.body, bytes):
            message = (
                "the denial of an ErrorOutcome is sent once for every such error, so "
                "its body is bytes; an iterable may be empty the second time"
            )
            raise TypeError(message)


def _check_denial(denial: object) -> None:
    if not isinstance(denial, DenialResponse):
        message = (
            f"ErrorOutcome(denial=...) takes a DenialResponse(...), not {denial!a}"
        )
        raise TypeError(message)


ExpectedOutcome: TypeAlias = ErrorOutcome | Callable[[Never], ErrorOutcome]
"""What the peer gets, or a function that makes it of the exception."""


def _refused_parameters(error: InvalidParameters) -> ErrorOutcome:
    return ErrorOutcome(
        CloseCode.POLICY_VIOLATION,
        reason="the handshake did not fit",
        denial=problem_details(error),
    )


_BY_PEER: Final[Mapping[type[Exception], ExpectedOutcome]] = MappingProxyType(
    {
        # RFC 6455, section 7.4.1: 1007 for "data within a message that was not
        # consistent with the type of the message", 1003 for "a type of data it
        # cannot accept". What can be read but is no message of this application is
        # neither: it "violates its policy", so 1008, "a generic status code that can
        # be returned when there is no other more suitable status code".
        DecodeError: ErrorOutcome(
            CloseCode.INVALID_FRAME_PAYLOAD_DATA,
            reason="the message can't be decoded",
        ),
        ValidationError: ErrorOutcome(
            CloseCode.POLICY_VIOLATION,
            reason="the message is of no type that is spoken here",
        ),
        MessageTypeError: ErrorOutcome(CloseCode.UNSUPPORTED_DATA),
        # Neither this side goes away nor does it fail: the peer was to say something.
        ReceiveTimeout: ErrorOutcome(
            CloseCode.POLICY_VIOLATION, reason="no message came in time"
        ),
        InvalidParameters: _refused_parameters,
    }
)


def _outcomes(
    given: Mapping[type[Exception], ExpectedOutcome],
) -> Mapping[type[Exception], ExpectedOutcome]:
    for error, outcome in given.items():
        _check_expectation(error, outcome)
    expected = {**_BY_PEER, **given}
    if DecodeError in given and ValidationError not in given:
        # Whoever speaks of the one means the other, too.
        del expected[ValidationError]
    return MappingProxyType(expected)


def _check_expectation(error: type[object], outcome: object) -> None:
    # When the application starts, and not when the first error comes.
    if not _is_exception_class(error):
        message = f"ErrorPolicy(expected=...): {error!a} is not a class of exceptions"
        raise TypeError(message)
    if not isinstance(outcome, ErrorOutcome) and not _is_maker(outcome):
        message = (
            f"ErrorPolicy(expected=...): {error.__name__} becomes an ErrorOutcome, "
            f"not {outcome!a}"
        )
        raise TypeError(message)


def _check_unexpected(outcome: object) -> None:
    if not isinstance(outcome, ErrorOutcome):
        message = (
            f"ErrorPolicy(unexpected=...) takes an ErrorOutcome(...), not {outcome!a}"
        )
        raise TypeError(message)


def _is_maker(outcome: object) -> TypeGuard[Callable[[Exception], object]]:
    # An outcome stands for a type of exceptions, and is called with one of that type.
    return is_callable(outcome) and not is_class(outcome)


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
            peer can cause is in it from the start: `DecodeError` becomes 1007, its
            subclass `ValidationError` 1008, unless only `DecodeError` is given,
            `MessageTypeError` 1003 and `ReceiveTimeout` 1008. `InvalidParameters`
            becomes HTTP 400 with a list of what was wrong, or 1008 after the accept. A
            function in the place of an outcome makes one from the exception, which is
            of the type that it stands for.
    """

    unexpected: ErrorOutcome = ErrorOutcome()
    expected: Mapping[type[Exception], ExpectedOutcome] = field(
        default=MappingProxyType[type[Exception], ExpectedOutcome]({}),
        converter=_outcomes,
        kw_only=True,
    )

    def __attrs_post_init__(self) -> None:
        """Refuse now what would fail at the first fault."""
        _check_unexpected(self.unexpected)

    def expected_outcome(self, error: BaseException) -> ErrorOutcome | None:
        """
        Return the outcome of an exception that was foreseen, else `None`.

        Raises:
            TypeError: A function of `expected` gave something else than an outcome.
                What it raises itself, too.
        """
        if not isinstance(error, Exception):
            return None
        for base in type(error).__mro__:
            if issubclass(base, Exception) and base in self.expected:
                return _outcome_of(error, self.expected[base])
        return None


def _outcome_of(error: Exception, expected: ExpectedOutcome) -> ErrorOutcome:
    outcome = expected(error) if _is_maker(expected) else expected
    if isinstance(outcome, ErrorOutcome):
        return outcome
    message = (
        f"ErrorPolicy(expected=...): the function for {type(error).__name__} gave "
        f"{outcome!a}, which is no ErrorOutcome"
    )
    raise TypeError(message)
