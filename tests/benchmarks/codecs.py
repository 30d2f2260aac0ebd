"""
How long a codec takes, beside what a Starlette application does for the same messages.

    python -m tests.benchmarks.codecs

A message of either class of a union is read, and one of either is written. All take
turns, and of each step the best turn counts, in time of the processor: so a machine
that is busy is busy for all. It is no test, for a ratio is no pass or fail.
"""

import json
import math
import sys
import time
import timeit
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Final, Literal, TypeVar

from attrs import field, frozen
from pydantic import BaseModel, Field, TypeAdapter

from typedws import Codec, JsonCodec, MsgpackCodec
from typedws.codecs.pydantic import PydanticCodec

TIMES: Final = 500
TURNS: Final = 100


@frozen(order=False)
class Join:
    """Somebody comes into a room."""

    room: str
    name: str


@frozen(order=False)
class Say:
    """Somebody says something there."""

    room: str
    text: str
    loud: bool = False
    tags: list[str] = field(factory=list[str])


@frozen(order=False)
class LiteralJoin:
    """The same, told apart by a field of its own."""

    room: str
    name: str
    type: Literal["Join"] = "Join"


@frozen(order=False)
class LiteralSay:
    """The same, told apart by a field of its own."""

    room: str
    text: str
    loud: bool = False
    tags: list[str] = field(factory=list[str])
    type: Literal["Say"] = "Say"


class JoinModel(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """The same, as a user of pydantic writes it."""

    type: Literal["Join"] = "Join"
    room: str
    name: str


class SayModel(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """The same, as a user of pydantic writes it."""

    type: Literal["Say"] = "Say"
    room: str
    text: str
    loud: bool = False
    tags: list[str] = []


TEXTS: Final = (
    '{"type":"Join","room":"lobby","name":"ann"}',
    '{"type":"Say","room":"lobby","text":"Hello, how are you?","tags":["a","b"]}',
)
Model = Annotated[JoinModel | SayModel, Field(discriminator="type")]
Step = Callable[[], object]
ValueT = TypeVar("ValueT")


def main() -> None:
    """Measure, and print a table."""
    either = JsonCodec(Join | Say, Join | Say)
    packed = MsgpackCodec(Join | Say, Join | Say)
    steps: Mapping[str, Sequence[Step]] = {
        "json.loads, json.dumps": json_steps(),
        "pydantic, TypeAdapter": pydantic_steps(),
        "JsonCodec": codec_steps(either, TEXTS),
        "JsonCodec, told apart by a Literal": codec_steps(
            JsonCodec(LiteralJoin | LiteralSay, LiteralJoin | LiteralSay), TEXTS
        ),
        "JsonCodec, unknown fields refused": codec_steps(
            JsonCodec(Join | Say, Join | Say, unknown_fields="refuse"), TEXTS
        ),
        "MsgpackCodec": codec_steps(
            packed, [packed.encode(either.decode(text)) for text in TEXTS]
        ),
        "PydanticCodec": codec_steps(PydanticCodec(Model, Model), TEXTS),
    }
    times: dict[str, list[float]] = {
        name: [math.inf] * len(its_steps) for name, its_steps in steps.items()
    }
    for _ in range(TURNS):
        for name, its_steps in steps.items():
            for at, step in enumerate(its_steps):
                taken = timeit.timeit(step, timer=time.process_time, number=TIMES)
                times[name][at] = min(times[name][at], taken / TIMES)
    report({name: sum(taken) for name, taken in times.items()})


def report(best: Mapping[str, float]) -> None:
    """Print how often each is faster than the first two."""
    untyped, pydantic = list(best.values())[:2]
    write = sys.stdout.write
    write(f"Python {sys.version.split()[0]}: two messages read, two written\n")
    write(f"{'':36}{'time':>9}{'vs json':>10}{'vs pydantic':>13}\n")
    for name, taken in best.items():
        times = f"{untyped / taken:8.2f} x{pydantic / taken:11.2f} x"
        write(f"{name:36}{taken * 1e6:6.2f} us{times}\n")


def json_steps() -> Sequence[Step]:
    """What `receive_json()` and `send_json()` of Starlette do, without any check."""
    dumps = partial(json.dumps, separators=(",", ":"), ensure_ascii=False)
    return [
        step
        for text in TEXTS
        for step in (partial(json.loads, text), partial(dumps, json.loads(text)))
    ]


def pydantic_steps() -> Sequence[Step]:
    """What a user of Starlette writes: text, `TypeAdapter` and `model_dump_json()`."""
    adapter = TypeAdapter(Model)
    return [
        step
        for text in TEXTS
        for step in (
            partial(adapter.validate_json, text),
            adapter.validate_json(text).model_dump_json,
        )
    ]


def codec_steps(
    codec: Codec[ValueT, ValueT], payloads: Sequence[str | bytes]
) -> Sequence[Step]:
    """What `receive()` and `send()` of a typed session do."""
    return [
        step
        for payload in payloads
        for step in (
            partial(codec.decode, payload),
            partial(codec.encode, codec.decode(payload)),
        )
    ]


if __name__ == "__main__":
    main()
