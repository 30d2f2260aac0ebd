"""Tests of what an application does wrong: the test gets it as it is, and at once."""

import traceback

import anyio
import pytest
from attrs import evolve

from tests.testing.apps import (
    ACCEPT,
    CLOSE,
    Event,
    Receive,
    Send,
    accepting,
    echo,
    sending,
    text,
    wait_for_end,
)
from typedws import ClosedWebSocket, UnacceptedWebSocket, websocket_app
from typedws.testing import (
    STRICT,
    ASGIViolation,
    Closed,
    Denied,
    connect,
    handshake,
)

pytestmark = pytest.mark.anyio


class Mistake(Exception):
    """What an application raises here."""


async def failing(_receive: Receive, _send: Send) -> None:
    """Fail."""
    raise Mistake("of the handler")


async def fail_at_once(_scope: Event, _receive: Receive, _send: Send) -> None:
    """Fail before the handshake is answered."""
    raise Mistake("before the answer")


@websocket_app
async def faulty(websocket: UnacceptedWebSocket) -> ClosedWebSocket:
    """Fail after a message."""
    connected = await websocket.accept()
    await connected.send_text("so far so good")
    raise Mistake("of the handler")


# --- Exceptions of the application ---------------------------------------------------


async def test_an_exception_is_raised_where_the_test_waits() -> None:
    """With its own traceback, and not in a group."""
    with pytest.raises(Mistake, match=r"^of the handler$") as caught:
        async with connect(accepting(failing)) as peer:
            await peer.receive()

    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "failing" == frames[-1]
    assert frames.index("receive") < frames.index("failing")


async def test_what_was_sent_before_comes_first() -> None:
    """And the exception then, rather than the close frame that it became."""
    with pytest.raises(Mistake):
        async with connect(faulty) as peer:
            assert "so far so good" == await peer.receive_text()
            await peer.receive()


async def test_an_exception_is_raised_where_the_test_sends() -> None:
    """It will not be heard any more."""
    with pytest.raises(Mistake):
        async with connect(faulty) as peer:
            await peer.receive_text()
            await anyio.sleep(0.05)
            await peer.send_text("hello?")


async def test_an_exception_is_raised_at_the_end_of_the_block() -> None:
    """If the test does not wait for anything before that."""
    with pytest.raises(Mistake):
        async with connect(faulty) as peer:
            await peer.receive_text()


async def test_an_exception_ends_the_wait_for_the_answer() -> None:
    """In both forms."""
    with pytest.raises(Mistake, match="before the answer"):
        async with connect(fail_at_once):
            raise AssertionError
    with pytest.raises(Mistake, match="before the answer"):
        await handshake(fail_at_once)


async def test_an_exception_that_the_test_has_caught_is_done_with() -> None:
    """It is not raised again at the end."""
    async with connect(accepting(failing)) as peer:
        with pytest.raises(Mistake):
            await peer.receive()


async def test_an_outcome_of_pytest_comes_through() -> None:
    """Though it is no Exception."""

    async def app(_receive: Receive, _send: Send) -> None:
        pytest.fail("in the handler")

    with pytest.raises(pytest.fail.Exception, match="in the handler"):
        async with connect(accepting(app)) as peer:
            await peer.receive()


async def test_a_failure_of_the_test_is_not_hidden() -> None:
    """It has a note of what the application did."""
    with pytest.raises(AssertionError, match=r"^of the test") as caught:
        async with connect(faulty) as peer:
            await peer.receive_text()
            await anyio.sleep(0.05)
            raise AssertionError("of the test")

    (note,) = caught.value.__notes__
    assert note.startswith("Beside that, the application failed:\nTraceback (most")
    assert note.endswith("Mistake: of the handler")


async def test_a_failure_of_the_test_comes_out_as_it_is() -> None:
    """Where the application did nothing wrong."""
    failure = AssertionError("of the test")
    with pytest.raises(AssertionError) as caught:
        async with connect(echo):
            raise failure

    assert failure is caught.value
    assert not hasattr(failure, "__notes__")


async def test_a_group_of_the_application_stays_a_group() -> None:
    """It is what the application raises on a server as well."""

    async def app(_receive: Receive, _send: Send) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(failing, _receive, _send)

    with pytest.raises(ExceptionGroup) as caught:
        async with connect(accepting(app)) as peer:
            await peer.receive()

    assert [Mistake] == [type(error) for error in caught.value.exceptions]


async def test_a_test_can_see_what_a_client_sees() -> None:
    """Where it asks for that."""
    async with connect(faulty, raise_app_errors=False) as peer:
        assert "so far so good" == await peer.receive_text()
        assert Closed(1011) == await peer.receive()
    async with connect(accepting(failing), raise_app_errors=False) as peer:
        assert Closed(1006, closed_by="network") == await peer.receive()
    assert Denied(500) == await handshake(fail_at_once, raise_app_errors=False)


async def test_an_application_that_is_no_coroutine_function_is_one_that_fails() -> None:
    """With a sentence that says so."""

    def app(_scope: Event, _receive: Receive, _send: Send) -> None:
        pass

    with pytest.raises(TypeError, match="returned NoneType, which can't be awaited"):
        await handshake(app)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


# --- Breaches of the specification ---------------------------------------------------

START = "websocket.http.response.start"
BODY = "websocket.http.response.body"

BREACHES: dict[str, tuple[list[object], str]] = {
    "no dict": ([None], "send() was handed None, and an event is a dict"),
    "a text": (["a"], "send() was handed of type str, and an event is a dict"),
    "no type": ([{}], "send() was handed an event whose type is None"),
    "an unknown type": (
        [{"type": "http.disconnect"}],
        "send() was handed an event of the unknown type 'http.disconnect'",
    ),
    "a type of HTTP": (
        [{"type": "http.response.start", "status": 403}],
        "'http.response.start'; in a websocket scope it is websocket.http.response.sta",
    ),
    "a message first": ([text("a")], "websocket.send came before websocket.accept"),
    "accepted twice": (
        [ACCEPT, ACCEPT],
        "websocket.accept came after the handshake was accepted",
    ),
    "closed twice": ([ACCEPT, CLOSE, CLOSE], "websocket.close came after websocket"),
    "a message after the close": (
        [ACCEPT, CLOSE, text("a")],
        "websocket.send came after websocket.close",
    ),
    "accepted after the refusal": (
        [CLOSE, ACCEPT],
        "websocket.accept came after the handshake was refused",
    ),
    "a subprotocol that is no text": (
        [{**ACCEPT, "subprotocol": b"v1"}],
        "websocket.accept: the subprotocol is of type bytes, not a str",
    ),
    "a subprotocol that is not offered": (
        [{**ACCEPT, "subprotocol": "v2"}],
        "the client does not offer the subprotocol 'v2', but 'v1'",
    ),
    "headers that are a mapping": (
        [{**ACCEPT, "headers": {b"a": b"b"}}],
        "websocket.accept: the headers are of type dict, not pairs of bytes",
    ),
    "headers of text": (
        [{**ACCEPT, "headers": [("a", "b")]}],
        "among the headers is ('a', 'b'), which is no pair of bytes",
    ),
    "a header that is no pair": (
        [{**ACCEPT, "headers": [(b"a",)]}],
        "among the headers is (b'a',), which is no pair of bytes",
    ),
    "a header that is one text": (
        [{**ACCEPT, "headers": [b"ab"]}],
        "among the headers is b'ab', which is no pair of bytes",
    ),
    "a header in upper case": (
        [{**ACCEPT, "headers": [(b"X-A", b"b")]}],
        "the header b'X-A' is not in lower case",
    ),
    "a header with an illegal name": (
        [{**ACCEPT, "headers": [(b"a b", b"c")]}],
        "b'a b' is no name of a header",
    ),
    "a header with an illegal value": (
        [{**ACCEPT, "headers": [(b"a", b"b\r\nc: d")]}],
        r"the header b'a' has the illegal value b'b\r\nc: d'",
    ),
    "the header of the subprotocol": (
        [{**ACCEPT, "headers": [(b"sec-websocket-protocol", b"v1")]}],
        "there is a header sec-websocket-protocol",
    ),
    "no payload": (
        [ACCEPT, {"type": "websocket.send"}],
        "websocket.send: there is neither of text and bytes",
    ),
    "both payloads": (
        [ACCEPT, {"type": "websocket.send", "text": "a", "bytes": b"a"}],
        "websocket.send: there is both of text and bytes",
    ),
    "bytes as text": (
        [ACCEPT, {"type": "websocket.send", "text": b"a"}],
        "websocket.send: 'text' is of type bytes, not a str",
    ),
    "text as bytes": (
        [ACCEPT, {"type": "websocket.send", "bytes": "a"}],
        "websocket.send: 'bytes' is of type str, not bytes",
    ),
    "a bytearray": (
        [ACCEPT, {"type": "websocket.send", "bytes": bytearray(b"a")}],
        "websocket.send: 'bytes' is of type bytearray, not bytes",
    ),
    "a lone surrogate": (
        [ACCEPT, text("a\ud800")],
        "the text has a lone surrogate at position 1, hence no UTF-8",
    ),
    "a close code that is none": (
        [ACCEPT, {**CLOSE, "code": "1000"}],
        "websocket.close: 'code' is of type str, not an int",
    ),
    "a close code that may not be sent": (
        [ACCEPT, {**CLOSE, "code": 1006}],
        "websocket.close: close code 1006 may not be sent",
    ),
    "a close reason that is none": (
        [ACCEPT, {**CLOSE, "reason": b"a"}],
        "websocket.close: 'reason' is of type bytes, not a str",
    ),
    "a close reason that is too long": (
        [ACCEPT, {**CLOSE, "reason": "a" * 124}],
        "a close reason is at most 123 bytes of UTF-8",
    ),
    "a response after the accept": (
        [ACCEPT, {"type": START, "status": 403}],
        f"{START} came after the handshake was accepted",
    ),
    "a response without a status": (
        [{"type": START}],
        f"{START}: 'status' is None, not an int",
    ),
    "a response that is not final": (
        [{"type": START, "status": 101}],
        f"{START}: the status 101 is none of a final response",
    ),
    "a response with headers of text": (
        [{"type": START, "status": 403, "headers": [("a", "b")]}],
        f"{START}: among the headers is ('a', 'b')",
    ),
    "a body without a response": (
        [{"type": BODY}],
        f"{BODY} came before the handshake was answered",
    ),
    "a body of text": (
        [{"type": START, "status": 403}, {"type": BODY, "body": "a"}],
        f"{BODY}: 'body' is of type str, not bytes",
    ),
    "more of a body, said by an int": (
        [{"type": START, "status": 403}, {"type": BODY, "more_body": 1}],
        f"{BODY}: 'more_body' is of type int, not a bool",
    ),
    "a message within a response": (
        [{"type": START, "status": 403}, text("a")],
        "websocket.send came while a denial response was under way",
    ),
    "a body after the response": (
        [{"type": START, "status": 403}, {"type": BODY}, {"type": BODY}],
        f"{BODY} came after the handshake was refused",
    ),
}


@pytest.mark.parametrize("name", BREACHES)
async def test_a_breach_of_the_specification_fails_the_test(name: str) -> None:
    """With what was done, the rule, and where it stands."""
    events, problem = BREACHES[name]
    with pytest.raises(ASGIViolation) as caught:
        async with connect(sending(*events), subprotocols=["v1"]) as peer:
            await peer.receive()
            await peer.receive()

    error = caught.value
    assert problem in error.breach.problem
    assert str(error) == (
        f"the application broke ASGI. {error.breach.problem}. The rule: "
        f'"{error.rule.sentence}" ({error.rule.section})'
    )
    assert "sending" not in str(error)
    frames = traceback.extract_tb(error.__traceback__)
    assert "app" in {frame.name for frame in frames}


async def test_a_breach_that_the_application_swallows_fails_the_test_too() -> None:
    """It is the test's to know."""

    async def app(receive: Receive, send: Send) -> None:
        with pytest.raises(ASGIViolation):
            await send({"type": "websocket.send"})
        await wait_for_end(receive, send)

    with pytest.raises(ASGIViolation):
        async with connect(accepting(app)):
            pass
    with pytest.raises(ASGIViolation):
        async with connect(accepting(app)) as peer:
            await peer.receive()


async def test_a_breach_that_became_another_exception_is_still_the_cause() -> None:
    """The exception has the more to tell."""

    async def app(_receive: Receive, send: Send) -> None:
        try:
            await send({"type": "websocket.send"})
        except ASGIViolation as error:
            raise Mistake from error

    with pytest.raises(Mistake) as caught:
        async with connect(accepting(app)) as peer:
            await peer.receive()

    assert isinstance(caught.value.__cause__, ASGIViolation)


async def test_a_breach_and_an_exception_that_have_nothing_to_do_with_each_other() -> (
    None
):
    """The first is raised, with a note of the second."""

    async def app(_receive: Receive, send: Send) -> None:
        with pytest.raises(ASGIViolation):
            await send({"type": "websocket.send"})
        raise Mistake("of its own")

    with pytest.raises(ASGIViolation) as caught:
        async with connect(accepting(app)):
            pass

    assert caught.value.__notes__[0].endswith("Mistake: of its own")


async def test_an_application_that_returns_without_an_answer_breaks_asgi() -> None:
    """The wait ends at once."""
    with pytest.raises(ASGIViolation, match="returned without an answer to the handsh"):
        await handshake(sending())


async def test_an_application_that_returns_within_its_response_breaks_asgi() -> None:
    """A client would see half of it."""
    with pytest.raises(ASGIViolation, match="returned before its denial response was"):
        await handshake(sending({"type": START, "status": 403}))


async def test_an_extension_that_is_not_offered_may_not_be_used() -> None:
    """The scope says what is offered."""
    bare = evolve(STRICT, denial="none")
    with pytest.raises(ASGIViolation, match="does not offer the extension"):
        await handshake(sending({"type": START, "status": 403}), profile=bare)


async def test_further_keys_are_no_breach() -> None:
    """ASGI: "the presence of additional keys [...] should not raise"."""
    async with connect(sending({**ACCEPT, "more": 1}, {**text("é"), "more": 1})) as it:
        assert "é" == await it.receive_text()
