"""
What is left of an `UnacceptedWebSocket` after its handshake was answered.

Only `typedws.mypy_plugin` speaks of it: mypy can narrow a name to a class, so there has
to be a class for "still here, and of no more use". At run time the name holds the same
`UnacceptedWebSocket` as before, whose actions raise `SpentStateError`.
"""

from typing import Generic, Never, final

from attrs import frozen
from typing_extensions import TypeVar

from typedws.handshake import HandshakeMapping

__all__ = ["SpentWebSocket"]

SpentByT_co = TypeVar("SpentByT_co", bound=str, default=str, covariant=True)


@final
@frozen(eq=False, order=False, init=False, repr=False)
class SpentWebSocket(HandshakeMapping, Generic[SpentByT_co]):
    """
    A handshake that was answered: its data can be read, its actions are gone.

    The type of a name, in mypy with the plugin, from `accept()`, `close()` or
    `send_denial_response()` on. The type argument says which call it was:
    `SpentWebSocket[Literal["accept() on line 12"]]`. There are no instances.

    Attributes:
        scope: The scope, as a typed model.
    """

    def __init__(self, _not_public: Never, /) -> None:
        """Refuse to be built: it is the type of a name, not of an object."""
        message = (
            "a SpentWebSocket exists for type checkers only; "
            "at run time a spent name still holds its UnacceptedWebSocket"
        )
        raise TypeError(message)

    # mypy asks the plugin what an attribute is only where the class could have any;
    # with `object` as its type no action can be called, with or without the plugin.
    def __getattr__(self, name: str) -> object:
        """Refuse what is no data of the handshake."""
        raise AttributeError(name)
