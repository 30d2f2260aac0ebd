"""The group of what idle connections hold."""

from typing import Final

from tests.benchmarks.goals import Goal
from tests.benchmarks.group import Effort, Group, Row, Unit
from tests.benchmarks.libraries import (
    BLACKSHEEP,
    FALCON,
    LITESTAR,
    QUART,
    RAW,
    STARLETTE,
    TYPEDWS,
)

_OURS: Final = Row(TYPEDWS, "iter_text")
_THEIRS: Final = Row(STARLETTE, "iter_text")

MEMORY: Final = Group(
    "memory",
    title="Memory of an idle connection",
    text=(
        "500 connections have echoed one message each, and wait for the "
        "next. What Python has allocated for one: the server's task, functions and "
        "scope, which raw ASGI shows, and what the library keeps."
    ),
    unit=Unit.BYTES,
    rows=(
        Row(RAW, "text"),
        _OURS,
        Row(TYPEDWS, "isinstance", "receive()"),
        _THEIRS,
        Row(LITESTAR, "iter_text"),
        Row(FALCON, "text"),
        Row(QUART, "text"),
        Row(BLACKSHEEP, "text"),
    ),
    bench="memory",
    effort=Effort(processes=2, turns=2),
    base=RAW.name,
    yardstick=_THEIRS.name,
    ours=_OURS.name,
    goals=(
        Goal(
            "Memory of an idle connection, as a part of Starlette's",
            row=_OURS.name,
            yardstick=_THEIRS.name,
            bound=1.0,
        ),
    ),
)
