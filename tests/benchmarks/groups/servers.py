"""Groups of real servers: what of a library's cost can be seen from outside."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from tests.benchmarks.goals import Goal
from tests.benchmarks.group import Effort, Group, Row, Unit
from tests.benchmarks.libraries import LITESTAR, RAW, STARLETTE, TYPEDWS

UVICORN: Final = "uvicorn"
UVICORN_ON_UVLOOP: Final = "uvicorn on uvloop"
GRANIAN: Final = "granian"

SERVERS: Final = (UVICORN, UVICORN_ON_UVLOOP, GRANIAN)
CONNECTIONS: Final = (1, 8, 64)
CROWD: Final = 1_000
SIZES: Final = ("1", "10", "100", "1000", "10000")
PERCENTILES: Final = (50.0, 99.0, 99.9)

LATENCY_CONNECTIONS: Final = 64
LATENCY_PER_TICK: Final = 8
"""So many messages each millisecond: a fifth of what the slowest server can do."""

SMALL: Final = b"Hello, how are you today? I am fine, thanks."
LARGE: Final = b"a" * 16_384

Case: TypeAlias = tuple[str, int]
"""A server, and how many connections there are."""

END_TO_END: Final = Effort(processes=3, turns=8)
_NEEDS: Final = ("picows",)


def _plural(count: int) -> str:
    return f"{count:,} connection{'' if count == 1 else 's'}"


MESSAGE_CASES: Final[Mapping[str, Case]] = {
    f"{server}, {_plural(count)}": (server, count)
    for server in SERVERS
    for count in CONNECTIONS
}
SERVER_CASES: Final[Mapping[str, Case]] = {server: (server, 0) for server in SERVERS}
FAN_OUT_CASES: Final[Mapping[str, Case]] = {
    server: (server, CROWD) for server in SERVERS
}
SIZE_CASES: Final[Mapping[str, Case]] = {
    size: (UVICORN_ON_UVLOOP, int(size)) for size in SIZES
}
TIME_CASES: Final[Mapping[str, Case]] = {
    server: (server, CONNECTIONS[-1]) for server in SERVERS
}
LATENCY_CASES: Final[Mapping[str, tuple[str, float]]] = {
    f"{server}, {percent:g} %": (server, percent)
    for server in SERVERS
    for percent in PERCENTILES
}

_RAW: Final = Row(RAW, "text")
_OURS: Final = Row(TYPEDWS, "iter_text")
_THEIRS: Final = Row(STARLETTE, "iter_text")
_ECHOES: Final = (_RAW, _OURS, _THEIRS, Row(LITESTAR, "iter_text"))


def _as_fast_as_raw(what: str) -> tuple[Goal, ...]:
    return tuple(
        Goal(
            f"{what} per second, {case}: as a part of raw ASGI's",
            row=_OURS.name,
            case=case,
            yardstick=_RAW.name,
            is_speed=True,
            bound=0.97,
        )
        for case, (server, _) in MESSAGE_CASES.items()
        if server != GRANIAN
    )


MESSAGES: Final = Group(
    "server-messages",
    title="Messages end to end",
    text=(
        "Each connection says a text of 44 characters and waits for its echo, then "
        "says the next."
    ),
    unit=Unit.PER_SECOND,
    cases=tuple(MESSAGE_CASES),
    rows=_ECHOES,
    bench="servers",
    effort=END_TO_END,
    needs=_NEEDS,
    loop="uvloop",
    base=_RAW.name,
    ours=_OURS.name,
    goals=_as_fast_as_raw("Small messages"),
)

LARGE_MESSAGES: Final = Group(
    "server-large-messages",
    title="Large messages end to end",
    text="The same, with texts of 16 kB.",
    unit=Unit.PER_SECOND,
    cases=tuple(MESSAGE_CASES),
    rows=_ECHOES,
    bench="servers",
    effort=END_TO_END,
    needs=_NEEDS,
    loop="uvloop",
    base=_RAW.name,
    ours=_OURS.name,
    goals=_as_fast_as_raw("Large messages"),
)

PROCESSOR_TIME: Final = Group(
    "server-time",
    title="Processor time of the server",
    text=(
        f"Small messages on {CONNECTIONS[-1]} connections, but what counts is the time "
        "of the processor that the server takes for one. Other programs on the machine "
        "disturb this less."
    ),
    unit=Unit.MICROSECONDS,
    cases=tuple(TIME_CASES),
    rows=_ECHOES,
    bench="servers",
    effort=END_TO_END,
    needs=_NEEDS,
    loop="uvloop",
    base=_RAW.name,
    ours=_OURS.name,
)

HANDSHAKES: Final = Group(
    "server-handshakes",
    title="Handshakes end to end",
    text=(
        "Eight clients connect, are accepted, are told of the close, and connect anew."
    ),
    unit=Unit.PER_SECOND,
    cases=tuple(SERVER_CASES),
    rows=(
        Row(RAW, "greeting"),
        Row(TYPEDWS, "greeting"),
        Row(STARLETTE, "greeting"),
        Row(LITESTAR, "greeting"),
    ),
    bench="servers",
    effort=END_TO_END,
    needs=_NEEDS,
    loop="uvloop",
    base=RAW.name,
    ours=TYPEDWS.name,
)

FAN_OUT: Final = Group(
    "server-fan-out",
    title="Fan-out end to end",
    text=(
        f"One of {CROWD:,} clients says something, and the server sends it to all of "
        "them, one after the other. Until the last has heard it."
    ),
    unit=Unit.MILLISECONDS,
    cases=tuple(FAN_OUT_CASES),
    rows=(
        Row(RAW, "fan-out"),
        Row(TYPEDWS, "fan-out"),
        Row(STARLETTE, "fan-out"),
        Row(LITESTAR, "fan-out"),
    ),
    bench="servers",
    effort=Effort(processes=2, turns=8),
    needs=_NEEDS,
    loop="uvloop",
    base=RAW.name,
    ours=TYPEDWS.name,
)

LATENCY: Final = Group(
    "server-latency",
    title="Latency end to end",
    text=(
        f"{LATENCY_CONNECTIONS} connections are asked by the clock, "
        f"{LATENCY_PER_TICK} of them each millisecond, whether earlier answers have "
        "come or not. So many per cent of the answers came within this time."
    ),
    unit=Unit.MICROSECONDS,
    cases=tuple(LATENCY_CASES),
    rows=_ECHOES,
    bench="latency",
    effort=END_TO_END,
    needs=_NEEDS,
    loop="uvloop",
    base=_RAW.name,
    ours=_OURS.name,
)

SERVER_GROWTH: Final = Group(
    "server-growth",
    title="More connections, end to end",
    text=(
        "Each of so many connections says a text and waits for its echo, then says the "
        "next; on uvicorn with uvloop."
    ),
    unit=Unit.PER_SECOND,
    scale="connections",
    cases=tuple(SIZE_CASES),
    rows=(_RAW, _OURS, _THEIRS),
    bench="servers",
    effort=Effort(processes=2, turns=3),
    needs=_NEEDS,
    loop="uvloop",
    base=_RAW.name,
    ours=_OURS.name,
)

END_TO_END_GROUPS: Final = (
    MESSAGES,
    LARGE_MESSAGES,
    PROCESSOR_TIME,
    HANDSHAKES,
    FAN_OUT,
    LATENCY,
    SERVER_GROWTH,
)
