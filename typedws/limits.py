"""
Limits: how much a peer may send, and how long anything may take.

Values only: `typedws.limiting` sees to those of an open connection, and `typedws.app`
to that of the handshake.
"""

import math
from typing import Final, Literal, TypeAlias, TypeVar, final

from attrs import frozen

from typedws.codecs.codec import Codec, Payload

__all__ = ["Heartbeat", "Limits", "RateLimit"]

Exceeded: TypeAlias = Literal["wait", "close"]
"""What is done about a peer that is too fast."""

OutT = TypeVar("OutT")

_CLOSE_TIMEOUT: Final = 5.0
_BUFFER_MESSAGES: Final = 32
_BUFFER_SIZE: Final = 1024 * 1024


@final
@frozen(order=False, kw_only=True)
class RateLimit:
    """
    How fast a peer may send: a token bucket, for messages, bytes or both.

    Attributes:
        messages: Messages a second, on average; `None` for no limit.
        size: Bytes of payload a second, on average; `None` for no limit.
        burst: For how many seconds the peer may save up what it does not use. So after
            a silence it may send `messages * burst` messages at once.
        exceeded: `"wait"`: it is not listened to until it is within the limit again,
            and what it sends meanwhile waits in the network. `"close"`: the connection
            is closed with 1008.

    Raises:
        TypeError: A number is none, or `exceeded` is neither word.
        ValueError: A number is not positive, or neither limit is given.
    """

    messages: float | None = None
    size: float | None = None
    burst: float = 1.0
    exceeded: Exceeded = "wait"

    def __attrs_post_init__(self) -> None:
        """Refuse now what would make no sense later."""
        _check_optional(self.messages, "RateLimit(messages=...)", "messages a second")
        _check_optional(self.size, "RateLimit(size=...)", "bytes a second")
        _check_number(self.burst, "RateLimit(burst=...)", "seconds")
        if self.messages is None and self.size is None:
            message = "RateLimit() limits nothing: give messages, size, or both"
            raise ValueError(message)
        if self.exceeded not in {"wait", "close"}:
            message = (
                f"RateLimit(exceeded=...) is 'wait' or 'close', not {self.exceeded!a}"
            )
            raise ValueError(message)


@final
@frozen(order=False, init=False)
class Heartbeat:
    """
    A sign of life that a silent peer is asked for: a message of your own.

    Servers send the pings of WebSocket themselves, and most drop a connection on which
    none is answered. A heartbeat is for what they do not reach: a peer behind a proxy
    that answers for it, a page whose script hangs, a server without pings.

        Heartbeat(CODEC, Ping(), every=20, within=10)

    When nothing has come from the peer for `every` seconds, it is sent the ping. When
    nothing comes within another `within` seconds, the connection is closed with 1001.
    Every message is a sign of life, and the handler receives each of them, so the
    answer needs a class among those that come in.

    Args:
        codec: What writes the ping.
        ping: The message.
        every: Seconds of silence after which it is sent.
        within: Seconds that the peer then has to send something.

    Attributes:
        payload: The ping, as the codec writes it.

    Raises:
        EncodeError: The codec can't write the ping.
        TypeError: A number is none.
        ValueError: A number is not positive.
    """

    payload: Payload
    every: float
    within: float

    def __init__(
        self,
        codec: Codec[object, OutT],
        ping: OutT,
        *,
        every: float,
        within: float,
    ) -> None:
        """Write the ping once for all connections."""
        _check_number(every, "Heartbeat(every=...)", "seconds")
        _check_number(within, "Heartbeat(within=...)", "seconds")
        object.__setattr__(self, "payload", codec.encode(ping))
        object.__setattr__(self, "every", every)
        object.__setattr__(self, "within", within)


@final
@frozen(order=False, kw_only=True)
class Limits:
    """
    What an application allows a peer, and how long anything may take.

    `None` is no limit. What a peer exceeds closes its connection, and is one line in
    the log; the handler sees the end as it sees any other.

    Attributes:
        message_size: Bytes of a message. A larger one closes the connection with 1009.
            A server has a limit of its own, and needs it: it is the server that holds
            the message in memory before anybody can look at its size.
        handshake_timeout: Seconds that guard and handler have for their answer to the
            handshake. Then they are cancelled, and the client gets HTTP 503.
        idle_timeout: Seconds for which a peer may be silent while somebody waits for
            its next message. Then the connection is closed with 1001.
        send_timeout: Seconds that a peer may take to accept a message, when all buffers
            before it are full. Then the connection is closed with 1008.
        close_timeout: Seconds that a close may take, when a peer does not read. Then
            the connection is given up, and the peer may get no close frame.
        rate: How fast a peer may send.
        heartbeat: What a silent peer is asked for.
        buffer_messages: How many messages typedws reads ahead, where it has to.
        buffer_size: From how many bytes it reads no further.

    Raises:
        TypeError: A limit is of the wrong type.
        ValueError: A number is not positive, or the heartbeat does not fit between the
            idle time-outs.
    """

    message_size: int | None = None
    handshake_timeout: float | None = None
    idle_timeout: float | None = None
    send_timeout: float | None = None
    close_timeout: float | None = _CLOSE_TIMEOUT
    rate: RateLimit | None = None
    heartbeat: Heartbeat | None = None
    buffer_messages: int = _BUFFER_MESSAGES
    buffer_size: int = _BUFFER_SIZE

    def __attrs_post_init__(self) -> None:
        """Refuse now what would make no sense later."""
        for name in _SECONDS:
            value: object = getattr(self, name)
            _check_optional(value, f"Limits({name}=...)", "seconds")
        if self.message_size is not None:
            _check_count(self.message_size, "Limits(message_size=...)", "bytes")
        _check_count(self.buffer_messages, "Limits(buffer_messages=...)", "messages")
        _check_count(self.buffer_size, "Limits(buffer_size=...)", "bytes")
        _check_is(self.rate, RateLimit, "Limits(rate=...)")
        _check_is(self.heartbeat, Heartbeat, "Limits(heartbeat=...)")
        _check_heartbeat(self.heartbeat, self.idle_timeout)


_SECONDS: Final = ("handshake_timeout", "idle_timeout", "send_timeout", "close_timeout")


def _check_number(value: object, what: str, unit: str) -> None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        message = f"{what} takes a number of {unit}, not {type(value).__name__}"
        raise TypeError(message)
    if not 0 < value < math.inf:
        message = f"{what} takes a number of {unit} above 0, not {value}"
        raise ValueError(message)


def _check_optional(value: object, what: str, unit: str) -> None:
    if value is not None:
        _check_number(value, what, unit)


def _check_count(value: object, what: str, unit: str) -> None:
    if type(value) is not int:
        message = f"{what} takes a whole number of {unit}, not {type(value).__name__}"
        raise TypeError(message)
    _check_number(value, what, unit)


def _check_is(value: object, kind: type[object], what: str) -> None:
    if value is not None and not isinstance(value, kind):
        message = f"{what} takes a {kind.__name__}, not {type(value).__name__}"
        raise TypeError(message)


def _check_heartbeat(heartbeat: Heartbeat | None, idle_timeout: float | None) -> None:
    if heartbeat is None or idle_timeout is None:
        return
    seconds = heartbeat.every + heartbeat.within
    if seconds >= idle_timeout:
        message = (
            f"Limits(idle_timeout={idle_timeout:g}): the peer would be idle before the "
            f"heartbeat is over, which takes {seconds:g} s; make it shorter, or leave "
            "one of the two out"
        )
        raise ValueError(message)
