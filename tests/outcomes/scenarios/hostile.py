"""Clients that break the rules of RFC 6455, or of the network, once they are open."""

import struct
from typing import Final

from tests.outcomes.raw_client import Opcode, close_payload, frame
from tests.outcomes.scenario import Client, Scenario
from tests.outcomes.scenarios.moves import RETURNS, echo_and_tell_the_end
from tests.outcomes.visiting import Visit

__all__ = ["SCENARIOS"]

RESERVED: Final = 0x40
"""A bit that only an extension may set."""


def sends(*frames: bytes) -> Client:
    """Open a connection, send frames, and see how the server ends it."""

    async def client(visit: Visit) -> None:
        async with visit.raw() as client:
            await client.connect()
            for data in frames:
                await client.send(data)
            await client.hear_the_end()

    return client


def sends_and_resets(*frames: bytes) -> Client:
    """Open a connection, send frames, and lose the network."""

    async def client(visit: Visit) -> None:
        async with visit.raw() as client:
            await client.connect()
            for data in frames:
                await client.send(data)
            await client.reset()
            await visit.until_it_ends()

    return client


def sends_and_finishes(*frames: bytes) -> Client:
    """Open a connection, send frames, end its own direction, and read on."""

    async def client(visit: Visit) -> None:
        async with visit.raw() as client:
            await client.connect()
            for data in frames:
                await client.send(data)
            await client.finish()
            await visit.until_it_ends()

    return client


async def never_answers_a_close(visit: Visit) -> None:
    """Close, and go on to send."""
    async with visit.raw() as client:
        await client.connect()
        await client.send(frame(Opcode.CLOSE, close_payload(1000)))
        await client.send(frame(Opcode.TEXT, b"late"))
        await visit.until_it_ends()


async def resets_a_hundred_times(visit: Visit) -> None:
    """Open connections and lose them, a hundred one after the other."""
    for _ in range(HUNDRED):
        async with visit.raw() as client:
            await client.connect()
            await client.send(frame(Opcode.TEXT, b"hello"))
            await client.reset()
    visit.seen.clear()


HUNDRED: Final = 100

LOST: Final = ("over: 1006 by network", RETURNS)


def _breaks(name: str, says: str, code: int, *frames: bytes) -> Scenario:
    return Scenario(
        name,
        says,
        echo_and_tell_the_end,
        sends(*frames),
        (f"over: {code} by client", RETURNS),
        ("accepted", f"closed {code}"),
        is_hostile=True,
    )


def _goes(name: str, says: str, client: Client) -> Scenario:
    return Scenario(
        name, says, echo_and_tell_the_end, client, LOST, ("accepted",), is_hostile=True
    )


SCENARIOS: Final = (
    _breaks("no_mask", "a frame without a mask", 1002, frame(1, b"a", masked=False)),
    _breaks("opcode_3", "a reserved opcode", 1002, frame(3, b"a")),
    _breaks("opcode_11", "a reserved opcode of control frames", 1002, frame(11)),
    _breaks(
        "reserved_bit",
        "a bit of an extension that was not negotiated",
        1002,
        frame(1, b"a", reserved=RESERVED),
    ),
    _breaks("ping_in_parts", "a fragmented ping", 1002, frame(9, b"a", fin=False)),
    _breaks("long_ping", "a ping of 126 bytes", 1002, frame(9, b"a" * 126)),
    _breaks("no_start", "a continuation of nothing", 1002, frame(0, b"a")),
    _breaks(
        "no_continuation",
        "a new message amid the parts of another",
        1002,
        frame(1, b"a", fin=False),
        frame(1, b"b"),
    ),
    _breaks("no_utf_8", "text that is not UTF-8", 1007, frame(1, b"\xff")),
    _breaks(
        "no_utf_8_in_a_reason",
        "a close reason that is not UTF-8",
        1007,
        frame(8, close_payload(1000, b"\xff")),
    ),
    _breaks("half_a_code", "a close frame of one byte", 1002, frame(8, b"\x03")),
    _breaks("code_1005", "a close with 1005", 1002, frame(8, close_payload(1005))),
    _breaks("code_999", "a close with 999", 1002, frame(8, close_payload(999))),
    _breaks(
        "endless",
        "a frame that says to be 1 TiB long",
        1009,
        frame(2, b"a" * 100, length=2**40),
    ),
    _breaks(
        "negative",
        "a frame with the highest bit of its length set",
        1002,
        b"\x82\xff" + struct.pack("!Q", 2**63) + b"\0\0\0\0a",
    ),
    _goes(
        "half_a_frame_and_a_reset",
        "half of a frame, and the network goes",
        sends_and_resets(frame(1, b"a" * 100)[:50]),
    ),
    _goes(
        "half_a_frame_and_a_finish",
        "half of a frame, and the end of the TCP connection",
        sends_and_finishes(frame(1, b"a" * 100)[:50]),
    ),
    _goes(
        "half_a_message_and_a_reset",
        "a part of a message, and the network goes",
        sends_and_resets(frame(1, b"a", fin=False)),
    ),
    _goes(
        "half_open",
        "the client ends its direction, and reads on",
        sends_and_finishes(),
    ),
    Scenario(
        "late_message",
        "a message behind a close",
        echo_and_tell_the_end,
        never_answers_a_close,
        ("over: 1000 by client", RETURNS),
        ("accepted",),
        is_hostile=True,
    ),
    Scenario(
        "resets",
        "100 connections that the network loses, one after the other",
        echo_and_tell_the_end,
        resets_a_hundred_times,
        LOST,
        (),
        connections=HUNDRED,
        is_hostile=True,
    ),
)
