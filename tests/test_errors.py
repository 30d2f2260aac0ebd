"""Tests of `typedws.errors`: what an exception becomes for the peer."""

from collections.abc import AsyncIterator

import pytest

from tests.scripted import scope
from typedws import (
    CloseCode,
    ClosedStateError,
    DecodeError,
    DenialResponse,
    EncodeError,
    ErrorOutcome,
    ErrorPolicy,
    InvalidParameters,
    LocalProtocolError,
    MessageTypeError,
    ReceiveTimeout,
    ValidationError,
    WebSocketDisconnect,
    WebSocketScope,
)
from typedws.ended import closed_websocket, is_disconnect_of, leaves

SCOPE = WebSocketScope.parse(scope())
CLOSED = closed_websocket(SCOPE, 1000, "", "client")
ELSEWHERE = closed_websocket(WebSocketScope.parse(scope()), 1000, "", "client")
DISCONNECT = WebSocketDisconnect(CLOSED)
MISTAKE = ClosedStateError(CLOSED, "send()")
BAD_JSON = DecodeError("no JSON", "{")
BAD_TYPE = ValidationError("no number", "{}", "$.a")
UNDECODED = "the message can't be decoded"
UNSPOKEN = "the message is of no type that is spoken here"


class AppError(Exception):
    """An error of an application."""


class NoMoneyError(AppError):
    """A more particular one."""


# --- Outcomes ------------------------------------------------------------------------


def test_a_fault_becomes_1011_or_an_http_500() -> None:
    """The default of the default; neither says anything about the fault."""
    outcome = ErrorPolicy().unexpected

    assert (1011, "") == (outcome.code, outcome.reason)
    assert DenialResponse(500) == outcome.denial


def test_an_outcome_has_what_the_application_has_chosen() -> None:
    """A code, a reason, and a response for a handshake that was not answered."""
    denial = DenialResponse.text("no", status=402)
    outcome = ErrorOutcome(4001, reason="no money", denial=denial)

    assert (4001, "no money", denial) == (outcome.code, outcome.reason, outcome.denial)


def test_an_outcome_is_of_plain_values() -> None:
    """Servers look at the type of a code, and daphne refuses all but int."""
    outcome = ErrorOutcome(CloseCode.TRY_AGAIN_LATER)

    assert 1013 == outcome.code
    assert int is type(outcome.code) is type(ErrorOutcome().code)
    assert str is type(outcome.reason)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param(999, "", id="forbidden-code"),
        pytest.param(CloseCode.ABNORMAL_CLOSURE, "", id="code-that-is-never-sent"),
        pytest.param(1011, "x" * 124, id="reason-too-long"),
        pytest.param(1011, "\ud800", id="reason-with-a-lone-surrogate"),
    ],
)
def test_an_outcome_that_can_not_be_sent_is_refused(code: int, reason: str) -> None:
    """When the application starts, and not when the first error comes."""
    with pytest.raises(LocalProtocolError, match=r"^(close code|a close reason) "):
        ErrorOutcome(code, reason=reason)


@pytest.mark.parametrize(
    ("expected", "sentence"),
    [
        (
            {ValueError: 4000},
            "ErrorPolicy(expected=...): ValueError becomes an ErrorOutcome, not 4000",
        ),
        (
            {"ValueError": ErrorOutcome()},
            "ErrorPolicy(expected=...): 'ValueError' is not a class of exceptions",
        ),
        (
            {bytes: ErrorOutcome()},
            "ErrorPolicy(expected=...): <class 'bytes'> is not a class of exceptions",
        ),
    ],
    ids=["outcome", "key", "no-Exception"],
)
def test_a_policy_that_can_not_work_is_refused(
    expected: dict[type[Exception], ErrorOutcome], sentence: str
) -> None:
    """When the application starts, and not when the first error comes."""
    with pytest.raises(TypeError) as caught:
        ErrorPolicy(expected=expected)

    assert sentence == str(caught.value)


def test_a_denial_that_can_be_sent_only_once_is_refused() -> None:
    """The second error would get an empty body."""

    async def body() -> AsyncIterator[bytes]:
        yield b"once"

    with pytest.raises(TypeError, match=r"^the denial of an ErrorOutcome is sent once"):
        ErrorOutcome(denial=DenialResponse(503, body=body()))


def test_an_outcome_is_a_value() -> None:
    """It can be compared, hashed, and not changed."""
    outcome = ErrorOutcome(4000, reason="x")

    assert ErrorOutcome(4000, reason="x") == outcome
    assert ErrorOutcome(4001, reason="x") != outcome
    assert hash(ErrorOutcome(4000, reason="x")) == hash(outcome)
    with pytest.raises(AttributeError):
        outcome.code = 4001  # type: ignore[misc]  # ty: ignore[invalid-assignment]


# --- The policy ----------------------------------------------------------------------


def test_what_a_peer_can_cause_is_expected_from_the_start() -> None:
    """The codes are those that RFC 6455 has for it."""
    policy = ErrorPolicy()
    decode = policy.expected_outcome(BAD_JSON)
    validation = policy.expected_outcome(BAD_TYPE)
    kind = policy.expected_outcome(MessageTypeError("receive_text()", b""))

    assert ErrorOutcome(1007, reason=UNDECODED) == decode
    assert ErrorOutcome(1008, reason=UNSPOKEN) == validation
    assert ErrorOutcome(1003) == kind


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        EncodeError("no JSON form"),
        LocalProtocolError("x"),
        AppError(),
        KeyboardInterrupt(),
        SystemExit(),
        BaseException(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_any_other_exception_is_a_fault(error: BaseException) -> None:
    """What is wrong on our side is not the peer's business."""
    assert ErrorPolicy().expected_outcome(error) is None


def test_the_nearest_base_class_counts() -> None:
    """As in a chain of except clauses, however they are written down."""
    general, particular = ErrorOutcome(4000), ErrorOutcome(4001)
    policy = ErrorPolicy(expected={AppError: general, NoMoneyError: particular})

    assert general is policy.expected_outcome(AppError())
    assert particular is policy.expected_outcome(NoMoneyError())
    assert general is ErrorPolicy(expected={AppError: general}).expected_outcome(
        NoMoneyError()
    )


def test_all_exceptions_can_be_expected() -> None:
    """But what is raised to stop the program is none of them."""
    policy = ErrorPolicy(expected={Exception: ErrorOutcome(4000)})

    assert ErrorOutcome(4000) == policy.expected_outcome(ValueError())
    assert ErrorOutcome(1007, reason=UNDECODED) == policy.expected_outcome(BAD_JSON)
    assert policy.expected_outcome(KeyboardInterrupt()) is None


def test_the_first_expectations_can_be_changed() -> None:
    """And the others stay."""
    policy = ErrorPolicy(expected={DecodeError: ErrorOutcome(4000)})

    assert ErrorOutcome(4000) == policy.expected_outcome(BAD_JSON)
    assert {
        DecodeError,
        InvalidParameters,
        MessageTypeError,
        ReceiveTimeout,
    } == set(policy.expected)


def test_what_is_said_of_a_decode_error_holds_for_a_validation_error() -> None:
    """Unless something else is said of that."""
    one = ErrorPolicy(expected={DecodeError: ErrorOutcome(4000)})
    both = ErrorPolicy(
        expected={DecodeError: ErrorOutcome(4000), ValidationError: ErrorOutcome(4001)}
    )
    other = ErrorPolicy(expected={ValidationError: ErrorOutcome(4001)})

    assert ErrorOutcome(4000) == one.expected_outcome(BAD_TYPE)
    assert ErrorOutcome(4001) == both.expected_outcome(BAD_TYPE)
    assert ErrorOutcome(4001) == other.expected_outcome(BAD_TYPE)
    assert 1007 == getattr(other.expected_outcome(BAD_JSON), "code", None)


def test_a_policy_does_not_change_with_the_mapping_it_was_made_of() -> None:
    """Nor can it be changed itself."""
    given: dict[type[Exception], ErrorOutcome] = {AppError: ErrorOutcome(4000)}
    policy = ErrorPolicy(expected=given)
    given.clear()

    assert ErrorOutcome(4000) == policy.expected_outcome(AppError())
    with pytest.raises(TypeError, match="item assignment"):
        policy.expected[AppError] = ErrorOutcome()  # type: ignore[index]  # ty: ignore[invalid-assignment]
    with pytest.raises(AttributeError):
        policy.expected = {}  # type: ignore[misc]  # ty: ignore[invalid-assignment]


# --- Groups --------------------------------------------------------------------------


def group(*errors: Exception) -> ExceptionGroup[Exception]:
    """Make a group as a task group does."""
    return ExceptionGroup("unhandled errors in a TaskGroup", errors)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(DISCONNECT, id="alone"),
        pytest.param(group(DISCONNECT), id="in-a-group"),
        pytest.param(group(DISCONNECT, DISCONNECT), id="twice"),
        pytest.param(group(group(group(DISCONNECT)), DISCONNECT), id="deep"),
        pytest.param(BaseExceptionGroup("", [DISCONNECT]), id="base-group"),
    ],
)
def test_a_disconnect_is_one_however_it_comes(error: BaseException) -> None:
    """Task groups wrap it."""
    assert is_disconnect_of(SCOPE, error)


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ValueError(), id="other"),
        pytest.param(WebSocketDisconnect(ELSEWHERE), id="of-another-connection"),
        pytest.param(MISTAKE, id="use-after-our-own-close"),
        pytest.param(group(MISTAKE), id="use-after-our-own-close-in-a-group"),
        pytest.param(group(DISCONNECT, ValueError()), id="with-another"),
        pytest.param(group(DISCONNECT, group(ValueError())), id="with-another-deep"),
        pytest.param(group(DISCONNECT, MISTAKE), id="with-use-after-our-own-close"),
        pytest.param(
            BaseExceptionGroup("", [DISCONNECT, SystemExit()]), id="with-exit"
        ),
        pytest.param(SystemExit(), id="exit"),
    ],
)
def test_a_disconnect_does_not_hide_another_exception(error: BaseException) -> None:
    """That would be a fault that nobody hears of."""
    assert not is_disconnect_of(SCOPE, error)


def test_the_leaves_of_a_group_are_its_exceptions() -> None:
    """In their order, without the groups."""
    one, two, three = ValueError(), KeyError(), DISCONNECT

    assert [one] == list(leaves(one))
    assert [one, two, three] == list(leaves(group(one, group(group(two), three))))
