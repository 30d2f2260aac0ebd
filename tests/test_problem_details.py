"""Tests of what a client is told whose handshake does not fit, and of its policy."""

import json
import logging
from collections.abc import Callable
from typing import Annotated, Final, Unpack

import msgspec
import pytest
from attrs import frozen

from tests.scripted import scope, server
from typedws import (
    DenialResponse,
    Ended,
    ErrorOutcome,
    ErrorPolicy,
    InvalidParameters,
    InvalidScope,
    ParameterProblem,
    UnacceptedWebSocket,
    WebSocketApp,
    websocket_app,
)
from typedws.problem_details import problem_details
from typedws.testing import Closed, ConnectOptions, Denied, connect, handshake

UNACCEPTED: Final = "<UnacceptedWebSocket '/chat' from 192.0.2.1:50000>"

Log = Callable[[], list[str]]


@frozen(order=False)
class Search:
    """What the handlers of this file ask for."""

    page: Annotated[int, msgspec.Meta(ge=1)]
    size: int = 20


class Limited(Exception):
    """An exception with something to tell."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    """Give what typedws has logged, from the level INFO on."""
    caplog.set_level(logging.INFO, "typedws")
    return lambda: list(caplog.messages)


async def ask(websocket: UnacceptedWebSocket) -> Ended:
    """Ask for a search before anything is accepted."""
    websocket.query_params_as(Search)
    pytest.fail("the query was taken")


async def ask_late(websocket: UnacceptedWebSocket) -> Ended:
    """Ask for a search after the handshake."""
    connection = await websocket.accept()
    connection.query_params_as(Search)
    pytest.fail("the query was taken")


async def denied(app: WebSocketApp, **options: Unpack[ConnectOptions]) -> Denied:
    """Return how an application refuses a query that does not fit."""
    options.setdefault("client", ("192.0.2.1", 50000))
    answer = await handshake(app, "/chat?page=0&size=%0a", **options)
    assert isinstance(answer, Denied)
    return answer


@pytest.mark.anyio
async def test_a_query_that_does_not_fit_is_a_400_with_all_that_is_wrong(
    log: Log,
) -> None:
    """By the denial extension, with problem details; the log has one line."""
    answer = await denied(websocket_app(ask))

    assert 400 == answer.status
    assert [
        ("content-type", "application/problem+json"),
        ("content-length", str(len(answer.body))),
    ] == list(answer.headers.multi_items())
    assert {
        "title": "Bad Request",
        "status": 400,
        "detail": "The query of the handshake did not fit.",
        "errors": [
            {"place": "query.page", "expected": "int >= 1", "got": "'0'"},
            {"place": "query.size", "expected": "int", "got": r"'\n'"},
        ],
    } == json.loads(answer.body)
    assert [
        f"{UNACCEPTED}: ended by InvalidParameters at query.page, query.size"
    ] == log()


@pytest.mark.anyio
async def test_without_the_extension_it_is_a_plain_403() -> None:
    """Nothing was accepted."""
    scripted = server()
    plain = scope(query_string=b"page=0", extensions={})
    await websocket_app(ask)(plain, scripted.receive, scripted.send)

    assert ["websocket.close"] == scripted.sent_types()


@pytest.mark.anyio
async def test_after_the_accept_it_is_a_close_with_1008() -> None:
    """The reason is the same for all."""
    async with connect(websocket_app(ask_late), "/chat?page=0") as peer:
        assert Closed(1008, "the handshake did not fit") == await peer.receive()


@pytest.mark.anyio
async def test_a_guard_may_ask_as_well() -> None:
    """What it does not get denies."""

    async def guard(websocket: UnacceptedWebSocket) -> Search:
        return websocket.query_params_as(Search)

    async def handler(_websocket: UnacceptedWebSocket, _search: Search) -> Ended:
        pytest.fail("the handler was called")

    assert 400 == (await denied(websocket_app(handler, guard=guard))).status


@pytest.mark.anyio
async def test_a_state_that_does_not_fit_is_a_500() -> None:
    """It is the application's own fault, and goes on to the log."""

    async def handler(websocket: UnacceptedWebSocket) -> Ended:
        websocket.state_as(Search)
        pytest.fail("the state was taken")

    app = websocket_app(handler)
    with pytest.raises(InvalidScope):
        await denied(app)

    assert 500 == (await denied(app, raise_app_errors=False)).status


def test_the_body_is_bounded() -> None:
    """However much is wrong; then it says how much it leaves out."""
    problem = ParameterProblem("query.x", expected="e" * 203, got="g" * 63)
    response = problem_details(InvalidParameters("query", (problem,) * 1000))
    assert isinstance(response.body, bytes)

    body = json.loads(response.body)
    assert (20, 980) == (len(body["errors"]), body["errors_left_out"])
    assert len(response.body) < 10_000


# --- Policies that look at the exception ---------------------------------------------


def in_words(error: InvalidParameters) -> ErrorOutcome:
    """Make an outcome of the exception."""
    places = " ".join(problem.place for problem in error.problems)
    return ErrorOutcome(4400, denial=DenialResponse.text(places, status=422))


def retry(error: Limited) -> ErrorOutcome:
    """Tell the client when to come again."""
    headers = {"retry-after": str(error.seconds)}
    return ErrorOutcome(1013, denial=DenialResponse(429, headers=headers))


@pytest.mark.anyio
async def test_an_application_can_answer_in_its_own_words() -> None:
    """A function in the policy makes the outcome of the exception."""
    errors = ErrorPolicy(expected={InvalidParameters: in_words})
    answer = await denied(websocket_app(ask, errors=errors))

    assert 422 == answer.status
    assert b"query.page query.size" == answer.body


@pytest.mark.anyio
async def test_an_application_can_answer_with_the_same_for_all() -> None:
    """An outcome in the policy is an outcome."""
    outcome = ErrorOutcome(denial=DenialResponse(404))
    errors = ErrorPolicy(expected={InvalidParameters: outcome})

    assert 404 == (await denied(websocket_app(ask, errors=errors))).status


@pytest.mark.anyio
async def test_any_foreseen_exception_can_be_looked_at() -> None:
    """It has what the client is to know."""

    async def handler(_websocket: UnacceptedWebSocket) -> Ended:
        raise Limited(30)

    errors = ErrorPolicy(expected={Limited: retry})
    answer = await denied(websocket_app(handler, errors=errors))

    assert 429 == answer.status
    assert "30" == answer.headers["retry-after"]


def fail(_error: InvalidParameters) -> ErrorOutcome:
    """Go wrong."""
    raise LookupError("no words")


def give_nothing(_error: InvalidParameters) -> ErrorOutcome:
    """Forget to return something."""
    return None  # type: ignore[return-value]  # ty: ignore[invalid-explicit-return]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        pytest.param(fail, "no words", id="raises"),
        pytest.param(
            give_nothing,
            "ErrorPolicy(expected=...): the function for InvalidParameters gave None, "
            "which is no ErrorOutcome",
            id="gives nothing",
        ),
    ],
)
async def test_a_function_that_goes_wrong_is_a_fault(
    function: Callable[[InvalidParameters], ErrorOutcome],
    sentence: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The client gets a 500, the log both exceptions, and the first one goes on."""
    errors = ErrorPolicy(expected={InvalidParameters: function})
    app = websocket_app(ask, errors=errors)
    with pytest.raises(InvalidParameters):
        await denied(app)

    (record,) = caplog.records
    assert record.exc_info
    assert 500 == (await denied(app, raise_app_errors=False)).status
    assert f"{UNACCEPTED}: ErrorPolicy(expected=...) failed" == record.getMessage()
    assert sentence == str(record.exc_info[1])


@pytest.mark.parametrize(
    "outcome", [4000, None, ErrorOutcome, "text"], ids=["int", "None", "class", "text"]
)
def test_what_is_neither_outcome_nor_function_is_refused(outcome: object) -> None:
    """When the application starts."""
    with pytest.raises(TypeError, match="InvalidParameters becomes an ErrorOutcome"):
        ErrorPolicy(expected={InvalidParameters: outcome})  # type: ignore[dict-item]  # ty: ignore[invalid-argument-type]
