"""
Direct: the steps of a codec, for a session that takes them itself.

To call `decode()` and `encode()`, and to look once more at what they return, takes a
sixth of the time that a small message takes. So a session does what these two do.
"""

from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeGuard, TypeVar, final

from attrs import frozen

from typedws.codecs.codec import Codec, Payload
from typedws.codecs.glances import Glance
from typedws.exceptions import DecodeError, EncodeError

__all__ = ["Direct", "direct_of"]

In_co = TypeVar("In_co", covariant=True)
Out_contra = TypeVar("Out_contra", contravariant=True)
In = TypeVar("In")
Out = TypeVar("Out")

_DIRECT: Final = "_direct"


@final
@frozen(eq=False, order=False, kw_only=True)
class Direct(Generic[In_co, Out_contra]):
    """
    The steps of a codec.

    Attributes:
        kind: The class of the payloads.
        key: The name of the payload in an event.
        other: The name of one of the other kind.
        glance: Reads the tag of a message, `None` if there is none to read.
        decode: Reads a message, if there is no tag.
        decode_error: Turns what these raise, which is `UNREADABLE`, into ours.
        encoders: What writes a value, by its class.
        encode: Writes any other value.
        encode_error: Turns what these raise, which is `UNWRITABLE`, into ours.
    """

    kind: type[str] | type[bytes]
    key: str
    other: str
    glance: Callable[[Payload], Glance[In_co]] | None
    decode: Callable[[Payload], In_co]
    decode_error: Callable[[Exception, Payload], DecodeError]
    encoders: Mapping[type[object], Callable[[Out_contra], bytes]]
    encode: Callable[[Out_contra], bytes]
    encode_error: Callable[[Exception, Out_contra], EncodeError]


def direct_of(codec: Codec[In, Out]) -> Direct[In, Out] | None:
    """Give the steps of a codec; `None` if it has none but its two methods."""
    found: object = getattr(codec, _DIRECT, None)
    return found if _is_of(found, codec) else None


def _is_of(found: object, _codec: Codec[In, Out]) -> TypeGuard[Direct[In, Out]]:
    return isinstance(found, Direct)
