"""Tests of `Subprotocol`: the subprotocol that is chosen decides what is spoken."""

from typing import Final, Literal, TypeAlias, final

import pytest
from typing_extensions import TypeForm

from typedws import (
    ConnectedWebSocket,
    Headers,
    LocalProtocolError,
    SpentStateError,
    Subprotocol,
    TypedWebSocket,
    UnacceptedWebSocket,
)
from typedws.testing import Accepted, unaccepted_websocket

pytestmark = pytest.mark.anyio


@final
class Words:
    """A codec of words, in text messages."""

    def decode(self, data: str | bytes, /) -> list[str]:
        """Read words."""
        return str(data).split()

    def encode(self, value: list[str], /) -> str:
        """Write words."""
        return " ".join(value)


@final
class Number:
    """A codec of numbers, in binary messages."""

    def decode(self, data: str | bytes, /) -> int:
        """Read a number."""
        return int(data)

    def encode(self, value: int, /) -> bytes:
        """Write a number."""
        return str(value).encode()


WORDS: Final = Subprotocol(Literal["words.v2"], Words())
NUMBER: Final = Subprotocol(Literal["number.v1"], Number())
NUMBER_V2: Final = Subprotocol(Literal["number.v2"], Number())
NUMBER_V3: Final = Subprotocol(Literal["number.v3"], Number())
NUMBER_V4: Final = Subprotocol(Literal["number.v4"], Number())

Name: TypeAlias = Literal["words.v2"]


def offering(*names: str) -> UnacceptedWebSocket:
    """Make a handshake in which the client offers these."""
    websocket, _ = unaccepted_websocket(subprotocols=names)
    return websocket


# --- A subprotocol -------------------------------------------------------------------


def test_a_subprotocol_has_its_name_and_its_codec() -> None:
    """The name as plain text, whether the Literal has another name or not."""
    codec = Words()
    aliased = Subprotocol(Name, codec)

    assert "words.v2" == aliased.name == Subprotocol(Literal["words.v2"], codec).name
    assert codec is aliased.codec


def test_a_subprotocol_can_not_be_changed() -> None:
    """It is shared by all connections."""
    for name in ("name", "codec", "of_my_own"):
        with pytest.raises(AttributeError):
            setattr(WORDS, name, None)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        pytest.param(
            "words",
            TypeError(
                "a Subprotocol takes a Literal of one name, such as "
                "Literal[\"chat.v2\"], not 'words'"
            ),
            id="text",
        ),
        pytest.param(
            Literal["a", "b"],
            TypeError(
                "a Subprotocol takes a Literal of one name, such as "
                "Literal[\"chat.v2\"], not typing.Literal['a', 'b']"
            ),
            id="two",
        ),
        pytest.param(
            Literal["no token"],
            LocalProtocolError(
                "a subprotocol's name is a token (RFC 6455, section 4.1), and "
                "'no token' is none"
            ),
            id="no-token",
        ),
    ],
)
def test_what_is_no_name_is_refused_at_once(
    form: TypeForm[Name], error: Exception
) -> None:
    """When the application starts, and not when the first client comes."""
    with pytest.raises(type(error)) as caught:
        Subprotocol(form, Words())

    assert str(error) == str(caught.value)


def test_what_is_no_codec_is_refused_at_once() -> None:
    """A class instead of an object is the usual slip."""
    with pytest.raises(TypeError) as caught:
        Subprotocol(Literal["words.v2"], Words)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]

    assert "a codec is an object, and Words is a class; make one" == str(caught.value)


# --- Negotiation ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["words.v2", "number.v1"], WORDS),
        (["number.v1", "words.v2"], WORDS),
        (["number.v1"], NUMBER),
        (["other"], None),
        ([], None),
    ],
    ids=["both", "both-in-another-order", "one", "another", "none"],
)
async def test_the_best_subprotocol_that_is_offered_is_chosen(
    offered: list[str], chosen: Subprotocol[object] | None
) -> None:
    """In the order of the server, as with bare names."""
    assert chosen is offering(*offered).negotiate(WORDS, NUMBER)


async def test_any_number_of_subprotocols_can_be_negotiated() -> None:
    """Also those that come from a list."""
    websocket = offering("number.v1")

    assert NUMBER is websocket.negotiate(NUMBER)
    assert NUMBER is websocket.negotiate(WORDS, NUMBER_V2, NUMBER)
    assert NUMBER is websocket.negotiate(WORDS, NUMBER_V2, NUMBER_V3, NUMBER)
    assert NUMBER is websocket.negotiate(WORDS, NUMBER_V2, NUMBER_V3, NUMBER_V4, NUMBER)
    assert NUMBER_V2 is offering("number.v2").negotiate(*[NUMBER_V2] * 3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            [Subprotocol, "words.v2"],
            f"negotiate() takes a Literal of names, not {Subprotocol!r}, 'words.v2'",
        ),
        (
            [Name, NUMBER],
            f"negotiate() takes a Literal of names, not {Name!r}, {NUMBER!r}",
        ),
        (
            [WORDS, NUMBER, "number.v1"],
            "negotiate() takes no 'number.v1' beside a Subprotocol",
        ),
    ],
    ids=["classes", "a-name-first", "a-name-last"],
)
async def test_negotiate_refuses_a_mixture(
    arguments: list[Subprotocol[object]], sentence: str
) -> None:
    """Names have no messages."""
    with pytest.raises(TypeError) as caught:
        offering("words.v2").negotiate(*arguments)

    assert sentence == str(caught.value)


# --- The accept ----------------------------------------------------------------------


async def test_an_accept_with_a_subprotocol_opens_its_session() -> None:
    """The client is told the name, and the messages are those of the codec."""
    websocket, peer = unaccepted_websocket(subprotocols=["words.v2"])
    chosen = websocket.negotiate(WORDS, NUMBER)
    assert chosen is not None
    session = await websocket.accept(chosen, headers={"x-served-by": "typedws"})

    assert isinstance(session, TypedWebSocket)
    assert session.subprotocol == "words.v2"
    assert Accepted("words.v2", headers=Headers({"x-served-by": "typedws"})) == (
        peer.answer
    )
    await peer.send_text("hello world")
    assert ["hello", "world"] == await session.receive()
    await session.send(["and", "you"])
    assert "and you" == await peer.receive_text()
    assert 0 == peer.unread


async def test_the_subprotocol_tells_the_sessions_apart() -> None:
    """One comparison, and the checker knows which messages there are."""
    websocket, peer = unaccepted_websocket(subprotocols=["number.v1"])
    chosen = websocket.negotiate(WORDS, NUMBER)
    assert chosen is not None
    session = await websocket.accept(chosen)

    assert session.subprotocol == "number.v1"
    await peer.send_bytes(b"42")
    assert 42 == await session.receive()
    await session.send(43)
    assert b"43" == await peer.receive_bytes()


async def test_nothing_that_was_negotiated_is_accepted_without_a_subprotocol() -> None:
    """The connection is then the untyped one."""
    websocket, peer = unaccepted_websocket()
    connection = await websocket.accept(websocket.negotiate(WORDS, NUMBER))

    assert isinstance(connection, ConnectedWebSocket)
    assert connection.subprotocol is None
    assert Accepted() == peer.answer


async def test_a_subprotocol_that_is_not_offered_is_not_accepted() -> None:
    """Nothing was sent, and another can still be accepted."""
    websocket, peer = unaccepted_websocket(subprotocols=["number.v1"])
    with pytest.raises(LocalProtocolError) as caught:
        await websocket.accept(WORDS)

    assert (
        "accept(): the client does not offer the subprotocol 'words.v2', but 1 other "
        "(see `subprotocols`); choose with negotiate()"
    ) == str(caught.value)
    assert peer.answer is None
    assert "number.v1" == (await websocket.accept(NUMBER)).subprotocol


async def test_an_accept_with_a_subprotocol_is_a_transition() -> None:
    """The handshake is spent after it."""
    websocket = offering("words.v2")
    await websocket.accept(WORDS)
    with pytest.raises(SpentStateError):
        await websocket.accept(WORDS)
