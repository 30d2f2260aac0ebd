"""
Subprotocols (RFC 6455, section 1.9): names, and the messages that go with a name.

A `Subprotocol` ties a name to a codec. Its type argument is the session that an accept
with it opens, and not name and messages: so a choice between several of them is one
type with a union inside, which every type checker hands on whole.
"""

from typing import (
    Generic,
    Literal,
    LiteralString,
    Never,
    TypeGuard,
    TypeVar,
    Union,
    final,
    get_args,
    get_origin,
)

from attrs import frozen
from typing_extensions import TypeForm, TypeIs

from typedws.codecs.codec import Codec
from typedws.codecs.forms import is_alias, unwrapped
from typedws.exceptions import LocalProtocolError
from typedws.fields import is_token
from typedws.scope import WebSocketScope
from typedws.typed import TypedWebSocket, check_codec

__all__ = ["Subprotocol"]

In = TypeVar("In")
Out = TypeVar("Out")
NameT = TypeVar("NameT", bound=LiteralString)
SessionT_co = TypeVar("SessionT_co", covariant=True)


@final
@frozen(eq=False, order=False, init=False)
class Subprotocol(Generic[SessionT_co]):
    """
    A subprotocol: its name, and the codec of its messages.

        CHAT_V2: Final = Subprotocol(Literal["chat.v2"], JsonCodec(Say | Join, Said))
        CHAT_V1: Final = Subprotocol(Literal["chat.v1"], JsonCodec(Line, Line))

        chosen = websocket.negotiate(CHAT_V2, CHAT_V1)
        if chosen is None:
            return await websocket.close()
        session = await websocket.accept(chosen)
        if session.subprotocol == "chat.v2":
            return await talk(session)
        return await talk_in_lines(session)

    The type argument is the session: for the first one here a
    `TypedWebSocket[Say | Join, Said, Literal["chat.v2"]]`, for a choice the union.

    Attributes:
        name: The name.
        codec: The codec.
    """

    name: str
    codec: Codec[object, Never]

    def __init__(
        self: "Subprotocol[TypedWebSocket[In, Out, NameT]]",
        name: TypeForm[NameT],
        codec: Codec[In, Out],
    ) -> None:
        """
        Tie a name to a codec.

        Args:
            name: The name, as a `Literal`, so that type checkers know it.
            codec: What reads and writes the messages.

        Raises:
            TypeError: The name is not a `Literal` of one name, or the codec is none.
            LocalProtocolError: The name is no token, which RFC 6455 demands.
        """
        names = names_in(name)
        if len(names) != 1:
            message = (
                'a Subprotocol takes a Literal of one name, such as Literal["chat.v2"],'
                f" not {name!r}"
            )
            raise TypeError(message)
        if not is_token(names[0]):
            message = (
                f"a subprotocol's name is a token (RFC 6455, section 4.1), and "
                f"{names[0]!a} is none"
            )
            raise LocalProtocolError(message)
        check_codec(codec)
        object.__setattr__(self, "name", names[0])
        object.__setattr__(self, "codec", codec)


def checked_subprotocols(*given: object) -> list[Subprotocol[object]]:
    """
    Return what is to be negotiated.

    Raises:
        TypeError: Something is not a `Subprotocol`.
    """
    spoken: list[Subprotocol[object]] = []
    for one in given:
        if not is_subprotocol(one):
            message = f"negotiate() takes no {one!r} beside a Subprotocol"
            raise TypeError(message)
        spoken.append(one)
    return spoken


def is_subprotocol(value: object) -> TypeIs[Subprotocol[object]]:
    """Tell whether something is a `Subprotocol`."""
    return isinstance(value, Subprotocol)


def names_in(form: object) -> tuple[str, ...]:
    """Return the names in a `Literal`, none if the form is something else."""
    names: tuple[object, ...] = ()
    for literal in _literals_in(form):
        some: tuple[object, ...] = get_args(literal)
        names += some
    return names if _are_texts(names) else ()


def check_offered(scope: WebSocketScope, name: object) -> None:
    """
    Refuse to accept with a subprotocol that the client does not offer.

    Raises:
        LocalProtocolError: It is not offered, or is no token.
        TypeError: It is not a str.
    """
    if not isinstance(name, str):
        message = f"a subprotocol is a str, not {type(name).__name__}"
        raise TypeError(message)
    # RFC 6455, section 4.1: a client fails the connection if the server names one that
    # it has not offered. Some servers, told to, hang or die.
    if name in scope.subprotocols and not is_token(name):
        message = (
            f"accept(): the client offers the subprotocol {name!a}, which is no "
            "token (RFC 6455, section 4.1) and can't be accepted"
        )
        raise LocalProtocolError(message)
    if name not in scope.subprotocols:
        # What it offers is not told: some clients put a token among the names.
        number = len(scope.subprotocols)
        offer = f"{number} other{'s' * (number > 1)}" if number else "none"
        message = (
            f"accept(): the client does not offer the subprotocol {name!a}, but "
            f"{offer} (see `subprotocols`); choose with negotiate()"
        )
        raise LocalProtocolError(message)


def _literals_in(form: object) -> list[object]:
    """Return the Literals in a Literal, an alias of one, or a union of such."""
    if is_alias(form):
        return _literals_in(unwrapped(form))
    kind: object = get_origin(form)
    if kind is Union:
        members: tuple[object, ...] = get_args(form)
        parts = [_literals_in(member) for member in members]
        return [literal for part in parts for literal in part] if all(parts) else []
    return [form] if kind is Literal else []


def _are_texts(names: tuple[object, ...]) -> TypeGuard[tuple[str, ...]]:
    return all(isinstance(name, str) for name in names)
