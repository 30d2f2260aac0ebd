"""Groups of echoes in memory: what a library adds to a message that comes and goes."""

from typing import Final

from tests.benchmarks.goals import Goal
from tests.benchmarks.group import Effort, Group, Row, Unit
from tests.benchmarks.libraries import (
    BLACKSHEEP,
    CHANX,
    FALCON,
    LITESTAR,
    PYDANTIC,
    QUART,
    RAW,
    STARLETTE,
    TYPEDWS,
    TYPEDWS_PYDANTIC,
)

IN_MEMORY: Final = Effort(processes=5, turns=20)


def _overhead(text: str, row: Row, yardstick: Row, base: Row, bound: float) -> Goal:
    return Goal(
        text,
        row=row.name,
        yardstick=yardstick.name,
        base=base.name,
        bound=bound,
    )


def _faster(text: str, row: Row, yardstick: Row, bound: float) -> Goal:
    return Goal(
        text, row=row.name, yardstick=yardstick.name, is_speed=True, bound=bound
    )


_RAW_TEXT: Final = Row(RAW, "text")
_RAW_BYTES: Final = Row(RAW, "bytes")
_OUR_TEXT: Final = Row(TYPEDWS, "iter_text", "iter_text()")
_THEIR_TEXT: Final = Row(STARLETTE, "iter_text", "iter_text()")
_OUR_BYTES: Final = Row(TYPEDWS, "iter_bytes", "iter_bytes()")
_THEIR_BYTES: Final = Row(STARLETTE, "iter_bytes", "iter_bytes()")

ECHO_TEXT: Final = Group(
    "echo-text",
    title="Echo of texts",
    text="A text of 44 characters is received and sent back.",
    unit=Unit.MICROSECONDS,
    rows=(
        _RAW_TEXT,
        _OUR_TEXT,
        Row(TYPEDWS, "receive_text", "receive_text()"),
        _THEIR_TEXT,
        Row(STARLETTE, "receive_text", "receive_text()"),
        Row(LITESTAR, "iter_text", "iter_data()"),
        Row(LITESTAR, "receive_text", "receive_text()"),
        Row(FALCON, "text"),
        Row(QUART, "text"),
        Row(BLACKSHEEP, "text"),
    ),
    bench="echoes",
    effort=IN_MEMORY,
    base=_RAW_TEXT.name,
    yardstick=_THEIR_TEXT.name,
    ours=_OUR_TEXT.name,
    goals=(
        _overhead(
            "A text: what it adds to raw ASGI, as a part of what Starlette adds",
            _OUR_TEXT,
            _THEIR_TEXT,
            _RAW_TEXT,
            0.25,
        ),
    ),
)

ECHO_BYTES: Final = Group(
    "echo-bytes",
    title="Echo of bytes",
    text="A binary message of 44 bytes is received and sent back.",
    unit=Unit.MICROSECONDS,
    rows=(
        _RAW_BYTES,
        _OUR_BYTES,
        Row(TYPEDWS, "receive_bytes", "receive_bytes()"),
        _THEIR_BYTES,
        Row(STARLETTE, "receive_bytes", "receive_bytes()"),
        Row(LITESTAR, "iter_bytes", "iter_data()"),
        Row(FALCON, "bytes"),
        Row(QUART, "bytes"),
        Row(BLACKSHEEP, "bytes"),
    ),
    bench="echoes",
    effort=IN_MEMORY,
    base=_RAW_BYTES.name,
    yardstick=_THEIR_BYTES.name,
    ours=_OUR_BYTES.name,
    goals=(
        _overhead(
            "Bytes: what they add to raw ASGI, as a part of what Starlette adds",
            _OUR_BYTES,
            _THEIR_BYTES,
            _RAW_BYTES,
            0.25,
        ),
    ),
)

_BY_ISINSTANCE: Final = Row(TYPEDWS, "isinstance", "receive() and isinstance")
_BY_MATCH: Final = Row(TYPEDWS, "match", "receive() and match")

ECHO_EVENTS: Final = Group(
    "echo-events",
    title="Echo of events",
    text=(
        "A message is received as whatever kind it is, told apart, and sent back. "
        "Starlette gives dicts for it; its `iter_text()`, which takes only texts, is "
        "here as the yardstick."
    ),
    unit=Unit.MICROSECONDS,
    rows=(
        _RAW_TEXT,
        _BY_ISINSTANCE,
        _BY_MATCH,
        Row(TYPEDWS, "async for", "async for and send()"),
        Row(TYPEDWS, "halves", "split(), from half to half"),
        Row(TYPEDWS, "run", "run() with a reader"),
        _THEIR_TEXT,
        Row(STARLETTE, "receive", "receive() of a dict"),
        Row(QUART, "text", "receive() of str or bytes"),
    ),
    bench="echoes",
    effort=IN_MEMORY,
    base=_RAW_TEXT.name,
    yardstick=_THEIR_TEXT.name,
    ours=_BY_ISINSTANCE.name,
    goals=(
        _overhead(
            "An event by isinstance: the same part",
            _BY_ISINSTANCE,
            _THEIR_TEXT,
            _RAW_TEXT,
            0.5,
        ),
        _overhead(
            "An event by match with keywords: the same part",
            _BY_MATCH,
            _THEIR_TEXT,
            _RAW_TEXT,
            0.5,
        ),
    ),
)

_OUR_JSON: Final = Row(TYPEDWS, "iter_json", "iter_json()")
_THEIR_JSON: Final = Row(STARLETTE, "iter_json", "iter_json()")

ECHO_JSON: Final = Group(
    "echo-json",
    title="Echo of JSON without a type",
    text=(
        "Two JSON objects of 43 and 70 bytes take turns; each is decoded, encoded and "
        "sent back. Raw ASGI sends the text back as it is."
    ),
    unit=Unit.MICROSECONDS,
    rows=(
        _RAW_TEXT,
        _OUR_JSON,
        Row(TYPEDWS, "receive_json", "receive_json()"),
        _THEIR_JSON,
        Row(STARLETTE, "receive_json", "receive_json()"),
        Row(LITESTAR, "iter_json", "iter_json()"),
        Row(FALCON, "json"),
        Row(QUART, "json"),
        Row(BLACKSHEEP, "json"),
    ),
    bench="echoes",
    effort=IN_MEMORY,
    base=_RAW_TEXT.name,
    yardstick=_THEIR_JSON.name,
    ours=_OUR_JSON.name,
)

_ATTRS: Final = Row(TYPEDWS, "attrs", "attrs classes")
_STRUCTS: Final = Row(TYPEDWS, "Structs", "Structs")
_WITH_PYDANTIC: Final = Row(PYDANTIC, "typed")
_CHANX: Final = Row(CHANX, "typed")
_LISTENER: Final = Row(LITESTAR, "listener", "listener of Structs")

ECHO_TYPED: Final = Group(
    "echo-typed",
    title="Echo of typed JSON",
    text=(
        "The same two objects, as a union of two classes: decoded, validated, encoded "
        "and sent back. Starlette's `iter_json()` does not validate; it is here as the "
        "yardstick. chanx takes messages in an envelope only, which is some bytes more."
    ),
    unit=Unit.MICROSECONDS,
    rows=(
        _RAW_TEXT,
        _ATTRS,
        Row(TYPEDWS, "attrs, receive", "attrs classes by receive()"),
        _STRUCTS,
        Row(TYPEDWS_PYDANTIC, "typed", "pydantic models"),
        _THEIR_JSON,
        _WITH_PYDANTIC,
        _LISTENER,
        _CHANX,
    ),
    bench="echoes",
    effort=IN_MEMORY,
    base=_RAW_TEXT.name,
    yardstick=_THEIR_JSON.name,
    ours=_ATTRS.name,
    goals=tuple(
        _faster(f"Typed JSON of {ours.detail}: times as fast as {what}", ours, row, by)
        for ours in (_ATTRS, _STRUCTS)
        for row, what, by in (
            (_THEIR_JSON, "Starlette without types", 4.0),
            (_WITH_PYDANTIC, "Starlette with pydantic", 3.0),
            (_CHANX, "chanx", 1.0),
            (_LISTENER, "Litestar", 1.0),
        )
    ),
)

_PACKED: Final = Row(TYPEDWS, "msgpack attrs", "attrs classes")

ECHO_MSGPACK: Final = Group(
    "echo-msgpack",
    title="Echo of MessagePack",
    text=(
        "The same two objects in MessagePack. Only typedws validates them. Starlette "
        "has no MessagePack; with msgspec it takes three lines of one's own."
    ),
    unit=Unit.MICROSECONDS,
    rows=(
        _RAW_BYTES,
        _PACKED,
        Row(TYPEDWS, "msgpack Structs", "Structs"),
        Row(STARLETTE, "msgpack", "msgspec by hand, no types"),
        Row(LITESTAR, "msgpack", "iter_msgpack(), no types"),
    ),
    bench="echoes",
    effort=IN_MEMORY,
    base=_RAW_BYTES.name,
    ours=_PACKED.name,
)

ECHOES: Final = (
    ECHO_TEXT,
    ECHO_BYTES,
    ECHO_EVENTS,
    ECHO_JSON,
    ECHO_TYPED,
    ECHO_MSGPACK,
)
