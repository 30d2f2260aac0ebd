"""Tests of limits as values: what makes no sense is refused when an app is built."""

import math
from collections.abc import Callable
from typing import Final

import pytest

from tests.scripted import PlainCodec
from typedws import (
    EncodeError,
    Heartbeat,
    JsonCodec,
    Limits,
    RateLimit,
)

Make = Callable[[], object]


def make(made: Make) -> Make:
    """Give its type to a lambda in a table."""
    return made


REFUSED: Final[dict[str, tuple[Make, type[Exception], str]]] = {
    "no seconds at all": (
        make(lambda: Limits(idle_timeout=0)),
        ValueError,
        "Limits(idle_timeout=...) takes a number of seconds above 0, not 0",
    ),
    "negative seconds": (
        make(lambda: Limits(send_timeout=-1.5)),
        ValueError,
        "Limits(send_timeout=...) takes a number of seconds above 0, not -1.5",
    ),
    "NaN": (
        make(lambda: Limits(close_timeout=math.nan)),
        ValueError,
        "Limits(close_timeout=...) takes a number of seconds above 0, not nan",
    ),
    "for ever, which is None": (
        make(lambda: Limits(handshake_timeout=math.inf)),
        ValueError,
        "Limits(handshake_timeout=...) takes a number of seconds above 0, not inf",
    ),
    "a text": (
        make(lambda: Limits(idle_timeout="20")),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        TypeError,
        "Limits(idle_timeout=...) takes a number of seconds, not str",
    ),
    "a bool": (
        make(lambda: Limits(idle_timeout=True)),
        TypeError,
        "Limits(idle_timeout=...) takes a number of seconds, not bool",
    ),
    "half a byte": (
        make(lambda: Limits(message_size=0.5)),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        TypeError,
        "Limits(message_size=...) takes a whole number of bytes, not float",
    ),
    "messages without a byte": (
        make(lambda: Limits(message_size=0)),
        ValueError,
        "Limits(message_size=...) takes a number of bytes above 0, not 0",
    ),
    "no room to read ahead": (
        make(lambda: Limits(buffer_messages=0)),
        ValueError,
        "Limits(buffer_messages=...) takes a number of messages above 0, not 0",
    ),
    "a buffer without bounds": (
        make(lambda: Limits(buffer_size=None)),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        TypeError,
        "Limits(buffer_size=...) takes a whole number of bytes, not NoneType",
    ),
    "a number for a rate": (
        make(lambda: Limits(rate=20)),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        TypeError,
        "Limits(rate=...) takes a RateLimit, not int",
    ),
    "a number for a heartbeat": (
        make(lambda: Limits(heartbeat=20)),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        TypeError,
        "Limits(heartbeat=...) takes a Heartbeat, not int",
    ),
    "a heartbeat longer than the idle time-out": (
        make(
            lambda: Limits(
                idle_timeout=30,
                heartbeat=Heartbeat(PlainCodec(), "ping", every=20, within=10),
            )
        ),
        ValueError,
        (
            "Limits(idle_timeout=30): the peer would be idle before the heartbeat is "
            "over, which takes 30 s; make it shorter, or leave one of the two out"
        ),
    ),
    "a rate of nothing": (
        make(RateLimit),
        ValueError,
        "RateLimit() limits nothing: give messages, size, or both",
    ),
    "no messages a second": (
        make(lambda: RateLimit(messages=0)),
        ValueError,
        "RateLimit(messages=...) takes a number of messages a second above 0, not 0",
    ),
    "a rate of bytes that is a text": (
        make(lambda: RateLimit(size="1 kB")),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        TypeError,
        "RateLimit(size=...) takes a number of bytes a second, not str",
    ),
    "no burst": (
        make(lambda: RateLimit(messages=1, burst=0)),
        ValueError,
        "RateLimit(burst=...) takes a number of seconds above 0, not 0",
    ),
    "a third way": (
        make(lambda: RateLimit(messages=1, exceeded="drop")),  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]
        ValueError,
        "RateLimit(exceeded=...) is 'wait' or 'close', not 'drop'",
    ),
    "a heartbeat all the time": (
        make(lambda: Heartbeat(PlainCodec(), "ping", every=0, within=1)),
        ValueError,
        "Heartbeat(every=...) takes a number of seconds above 0, not 0",
    ),
    "a heartbeat that nobody can answer": (
        make(lambda: Heartbeat(PlainCodec(), "ping", every=1, within=-1)),
        ValueError,
        "Heartbeat(within=...) takes a number of seconds above 0, not -1",
    ),
}


@pytest.mark.parametrize(("built", "kind", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_limit_that_makes_no_sense_is_refused(
    built: Make, kind: type[Exception], problem: str
) -> None:
    """With what belongs there."""
    with pytest.raises(kind) as caught:
        built()

    assert problem == str(caught.value)


def test_a_heartbeat_writes_its_ping_once() -> None:
    """For all connections, and if it can't be written that is known now."""
    heartbeat = Heartbeat(JsonCodec(int, float), 1.5, every=20, within=10)

    assert ("1.5", 20, 10) == (heartbeat.payload, heartbeat.every, heartbeat.within)
    with pytest.raises(EncodeError):
        Heartbeat(JsonCodec(int, float), math.nan, every=20, within=10)


def test_by_default_only_a_close_has_a_limit() -> None:
    """And what typedws itself would have to hold."""
    limits = Limits()

    assert 5.0 == limits.close_timeout
    assert (32, 1024 * 1024) == (limits.buffer_messages, limits.buffer_size)
    assert {None} == {
        limits.message_size,
        limits.handshake_timeout,
        limits.idle_timeout,
        limits.send_timeout,
        limits.rate,
        limits.heartbeat,
    }


def test_every_limit_may_be_left_out() -> None:
    """Even that of a close."""
    assert Limits(close_timeout=None).close_timeout is None


def test_a_heartbeat_fits_into_an_idle_time_out() -> None:
    """If it is shorter."""
    heartbeat = Heartbeat(PlainCodec(), "ping", every=20, within=9)

    assert heartbeat is Limits(idle_timeout=30, heartbeat=heartbeat).heartbeat
