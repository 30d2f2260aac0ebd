"""Groups that show how cost grows: with sizes, connections, classes and headers."""

from typing import Final

from tests.benchmarks.group import Effort, Group, Row, Unit
from tests.benchmarks.libraries import LITESTAR, PYDANTIC, RAW, STARLETTE, TYPEDWS

GROWING: Final = Effort(processes=3, turns=10)

SIZES: Final = ("10", "100", "1000", "10000", "100000", "1000000")
CROWDS: Final = ("1", "10", "100", "1000", "10000")
CLASSES: Final = ("2", "4", "8", "16", "32", "64")
HEADER_COUNTS: Final = ("5", "10", "20", "50", "100")

ASCII: Final = "ASCII"
ACCENTED: Final = "with accents"


_OUR_TEXT: Final = Row(TYPEDWS, "iter_text", f"texts in {ASCII}")
_THEIR_TEXT: Final = Row(STARLETTE, "iter_text", f"texts in {ASCII}")

BY_SIZE: Final = Group(
    "growth-size",
    title="Longer messages",
    text=(
        "One message is received and sent back. A text that is not ASCII is looked "
        "through for what UTF-8 can't hold, so a long one takes longer than with "
        "Starlette, which leaves the look to the server. The JSON is an array of "
        "numbers, without a type."
    ),
    unit=Unit.MICROSECONDS,
    scale="characters or bytes of a message",
    cases=SIZES,
    rows=(
        Row(RAW, "text", "texts"),
        _OUR_TEXT,
        Row(TYPEDWS, "iter_text", f"texts {ACCENTED}"),
        Row(TYPEDWS, "iter_bytes", "bytes"),
        Row(TYPEDWS, "iter_json", "JSON"),
        _THEIR_TEXT,
        Row(STARLETTE, "iter_bytes", "bytes"),
        Row(STARLETTE, "iter_json", "JSON"),
    ),
    bench="echoes",
    effort=GROWING,
    base=f"{RAW.name}, texts",
    yardstick=_THEIR_TEXT.name,
    ours=_OUR_TEXT.name,
)

BY_CONNECTIONS: Final = Group(
    "growth-connections",
    title="More connections, in memory",
    text=(
        "All connections are open at once, each in a task of asyncio, and get a text "
        "one after the other, again and again. What one message takes, the event loop "
        "included."
    ),
    unit=Unit.MICROSECONDS,
    scale="connections",
    cases=CROWDS,
    rows=(
        Row(RAW, "text"),
        Row(TYPEDWS, "iter_text"),
        Row(STARLETTE, "iter_text"),
        Row(LITESTAR, "iter_text"),
    ),
    bench="crowds",
    effort=GROWING,
    base=RAW.name,
    yardstick=STARLETTE.name,
    ours=TYPEDWS.name,
)

BY_CLASSES: Final = Group(
    "growth-union",
    title="More classes of messages",
    text=(
        "A union of so many classes with three fields each, as typed JSON; a message "
        "of each takes its turn. Raw ASGI sends the text back as it is."
    ),
    unit=Unit.MICROSECONDS,
    scale="classes in the union",
    cases=CLASSES,
    rows=(
        Row(RAW, "text"),
        Row(TYPEDWS, "attrs", "attrs classes"),
        Row(TYPEDWS, "Structs", "Structs"),
        Row(PYDANTIC, "typed"),
    ),
    bench="echoes",
    effort=GROWING,
    base=RAW.name,
    ours=f"{TYPEDWS.name}, attrs classes",
)

BY_HEADERS: Final = Group(
    "growth-headers",
    title="More headers",
    text="The handshake above, with so many headers; the one that is read is the last.",
    unit=Unit.MICROSECONDS,
    scale="headers",
    cases=HEADER_COUNTS,
    rows=(
        Row(RAW, "handshake"),
        Row(TYPEDWS, "handshake, app", "websocket_app"),
        Row(TYPEDWS, "handshake", "WebSocket"),
        Row(STARLETTE, "handshake", "WebSocket"),
    ),
    bench="handshakes",
    effort=GROWING,
    base=RAW.name,
    yardstick=f"{STARLETTE.name}, WebSocket",
    ours=f"{TYPEDWS.name}, websocket_app",
)

GROWTH: Final = (BY_SIZE, BY_CONNECTIONS, BY_CLASSES, BY_HEADERS)
