"""Groups of what is no connection: codecs, imports, the plugin, the test client."""

from collections.abc import Mapping
from typing import Final

from tests.benchmarks.goals import Goal
from tests.benchmarks.group import Effort, Group, Row, Unit
from tests.benchmarks.groups.echoes import IN_MEMORY
from tests.benchmarks.libraries import (
    BLACKSHEEP,
    CHANX,
    FALCON,
    FASTAPI,
    LITESTAR,
    QUART,
    RAW,
    STARLETTE,
    TYPEDWS,
    Library,
)

_JSON: Final = Library("json", module="codecs_in_json", packages=())
_PYDANTIC: Final = Library(
    "pydantic", module="codecs_in_pydantic", packages=("pydantic",)
)
_CODECS: Final = Library("typedws", module="codecs_in_typedws", packages=("typedws",))
_OUR_PYDANTIC: Final = Library(
    "typedws", module="codecs_in_pydantic", packages=("typedws", "pydantic")
)
_UNTYPED: Final = Row(_JSON, "untyped", "loads() and dumps(), no types")
_PLAIN: Final = Row(_CODECS, "plain", "JsonCodec")

CODECS: Final = Group(
    "codecs",
    title="Codecs alone",
    text=(
        "A message of either class of a union is read and one of either is written, "
        "with defaults and a list among the fields; the sum of the four. No connection "
        "takes part."
    ),
    unit=Unit.MICROSECONDS,
    rows=(
        _UNTYPED,
        _PLAIN,
        Row(_CODECS, "literal", "JsonCodec, told apart by a Literal"),
        Row(_CODECS, "strict", "JsonCodec, unknown fields refused"),
        Row(_CODECS, "msgpack", "MsgpackCodec"),
        Row(_OUR_PYDANTIC, "codec", "PydanticCodec"),
        Row(_PYDANTIC, "adapter", "TypeAdapter"),
    ),
    bench="codecs",
    effort=IN_MEMORY,
    ours=_PLAIN.name,
)

_IMPORT: Final = Row(TYPEDWS, "typedws")

IMPORTS: Final = Group(
    "import",
    title="Import",
    text=(
        "A fresh interpreter that has imported attrs and msgspec imports the library: "
        "of Starlette `starlette.websockets`, of Falcon `falcon.asgi`, of chanx what "
        "its consumers need, of the others the package."
    ),
    unit=Unit.MILLISECONDS,
    rows=(
        _IMPORT,
        Row(STARLETTE, "starlette.websockets"),
        Row(FALCON, "falcon.asgi"),
        Row(LITESTAR, "litestar"),
        Row(QUART, "quart"),
        Row(BLACKSHEEP, "blacksheep"),
        Row(FASTAPI, "fastapi"),
        Row(CHANX, "chanx.fast_channels.websocket"),
    ),
    bench="imports",
    effort=Effort(processes=1, turns=21),
    ours=_IMPORT.name,
    goals=(Goal("Seconds to import typedws", row=_IMPORT.name, bound=0.060),),
)

COLD: Final = "an empty cache"
WARM: Final = "a full cache"
WITH_PLUGIN: Final = "with"
_MYPY: Final = Library("mypy", packages=("mypy",))
_WITHOUT: Final = Row(_MYPY, "without", "without the plugin")
_WITH: Final = Row(_MYPY, WITH_PLUGIN, "with the plugin")

PLUGIN: Final = Group(
    "plugin",
    title="The mypy plugin",
    text="mypy checks this repository. In seconds of the processor.",
    unit=Unit.SECONDS,
    cases=(COLD, WARM),
    rows=(_WITHOUT, _WITH),
    bench="plugin_cost",
    needs=("mypy",),
    effort=Effort(processes=1, turns=5),
    base=_WITHOUT.name,
)

_CROWD: Final = 1_000
QUEUES: Final = "queues"
_ANYIO: Final = Library("anyio", packages=("anyio",))
_QUEUES: Final = Row(_ANYIO, QUEUES, "a queue pair")
_CONNECT: Final = Row(TYPEDWS, "iter_text", "over connect()")

TESTING_CASES: Final[Mapping[str, tuple[str, int]]] = {
    "asyncio": ("asyncio", 1),
    "trio": ("trio", 1),
    f"asyncio, {_CROWD:,} connections": ("asyncio", _CROWD),
    f"trio, {_CROWD:,} connections": ("trio", _CROWD),
}
"""The event loop, and how many connections there are at once."""

TESTING: Final = Group(
    "testing",
    title="The client for tests",
    text=(
        "A message is echoed over `typedws.testing.connect()`, by an application in "
        "raw ASGI and by one of typedws; beside it over two memory object streams of "
        "anyio with a task between them, which is the least that two tasks need to "
        f"talk. With {_CROWD:,} connections each of them says ten messages or more, so "
        "there the connecting counts as well."
    ),
    unit=Unit.MICROSECONDS,
    cases=tuple(TESTING_CASES),
    rows=(_QUEUES, Row(RAW, "text", "over connect()"), _CONNECT),
    bench="testing_kit",
    needs=("trio",),
    effort=Effort(processes=2, turns=8),
    base=_QUEUES.name,
    ours=_CONNECT.name,
)
