"""What a codec is: two methods, which any class may have."""

from typing import Protocol, TypeAlias, TypeVar

__all__ = ["Codec", "Payload"]

Payload: TypeAlias = str | bytes
"""What a message carries: a text message's str, a binary message's bytes."""

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)


class Codec(Protocol[In_co, Out_contra]):
    """
    From payloads to values of the type `In`, and from values of the type `Out` back.

    Any class with these two methods is one; there is nothing to derive from. A codec is
    shared by every connection that speaks it, so it keeps no state of one.
    """

    def decode(self, data: Payload, /) -> In_co:
        """
        Read the payload of a message.

        Args:
            data: A text message's `str`, or a binary message's `bytes`.

        Raises:
            DecodeError: The payload can't be read, or came in a message of the wrong
                kind; as `ValidationError`, it can be read, but is not of the type.
        """
        ...

    def encode(self, value: Out_contra, /) -> Payload:
        """
        Make the payload of a message: a `str` travels as text, `bytes` as binary.

        Raises:
            EncodeError: The value has no such form.
        """
        ...
