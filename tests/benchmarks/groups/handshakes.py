"""Groups of handshakes in memory: what a library adds to a connection."""

from typing import Final

from tests.benchmarks.goals import Goal
from tests.benchmarks.group import Group, Row, Unit
from tests.benchmarks.groups.echoes import IN_MEMORY
from tests.benchmarks.libraries import (
    BLACKSHEEP,
    FALCON,
    FASTAPI,
    LITESTAR,
    PYDANTIC,
    QUART,
    RAW,
    STARLETTE,
    TYPEDWS,
    TYPEDWS_ROUTED,
)

_RAW: Final = Row(RAW, "handshake")
_BARE: Final = Row(TYPEDWS, "handshake", "WebSocket")
_APP: Final = Row(TYPEDWS, "handshake, app", "websocket_app")
_THEIRS: Final = Row(STARLETTE, "handshake", "WebSocket")

HANDSHAKE_PLAIN: Final = Group(
    "handshake-plain",
    title="Handshake",
    text=(
        "One header and one path parameter are read, the handshake is accepted, and "
        "the connection closed. `WebSocket` is the class alone and `websocket_app` an "
        "application, with a path parameter that somebody else has found; the others "
        "find it with their router."
    ),
    unit=Unit.MICROSECONDS,
    rows=(
        _RAW,
        _APP,
        _BARE,
        Row(TYPEDWS_ROUTED, "handshake", "behind Starlette's router"),
        _THEIRS,
        Row(STARLETTE, "handshake, routed", "behind its router"),
        Row(LITESTAR, "handshake"),
        Row(FALCON, "handshake"),
        Row(QUART, "handshake"),
        Row(BLACKSHEEP, "handshake"),
    ),
    bench="handshakes",
    effort=IN_MEMORY,
    base=_RAW.name,
    yardstick=_THEIRS.name,
    ours=_APP.name,
    goals=tuple(
        Goal(
            f"A handshake with {row.detail}: its time, as a part of Starlette's",
            row=row.name,
            yardstick=_THEIRS.name,
            bound=0.5,
        )
        for row in (_APP, _BARE)
    ),
)

_TYPED: Final = Row(TYPEDWS, "handshake, typed", "the same origin")
_BY_HAND: Final = Row(PYDANTIC, "handshake, typed", "by hand")

HANDSHAKE_TYPED: Final = Group(
    "handshake-typed",
    title="Handshake with an origin and typed parameters",
    text=(
        "A page of an origin that may connect sends a path and a query that are read "
        "into classes with a number, a bounded number and a choice of two. typedws and "
        "Starlette are not behind a router here, FastAPI and Litestar are. Raw ASGI "
        "checks nothing."
    ),
    unit=Unit.MICROSECONDS,
    rows=(
        _RAW,
        _TYPED,
        Row(TYPEDWS, "handshake, typed, allowed", "a list of origins"),
        _BY_HAND,
        Row(FASTAPI, "handshake, typed"),
        Row(LITESTAR, "handshake, typed"),
    ),
    bench="handshakes",
    effort=IN_MEMORY,
    base=_RAW.name,
    yardstick=_BY_HAND.name,
    ours=_TYPED.name,
)

HANDSHAKES: Final = (HANDSHAKE_PLAIN, HANDSHAKE_TYPED)
