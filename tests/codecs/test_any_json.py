"""`JSON` in MessagePack, which may hold more: what is not JSON is refused."""

import datetime as dt
from typing import Annotated, Final, TypedDict

import msgspec
import pytest
from attrs import field, frozen
from typing_extensions import TypeForm

from tests.codecs.kinds import Join
from typedws import JSON, JsonCodec, JSONInput, MsgpackCodec, ValidationError


@frozen
class Holder:
    """A class with JSON in it."""

    content: JSON
    more: "JSON | None" = None
    by_name: "dict[str, JSON]" = field(factory=dict[str, JSON])


class Struct(msgspec.Struct):
    """A Struct with JSON in it."""

    content: JSON


class Dict(TypedDict):
    """A dict with JSON in it."""

    content: JSON


NOTHING: Final[list[int]] = []
NOBODY: Final[dict[str, int]] = {}
MOMENT: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("form", "value", "path", "problem"),
    [
        pytest.param(JSON, b"", "$", "Expected JSON, got `bytes`", id="bytes"),
        pytest.param(
            JSON, [1, {"a": [b""]}], "$[1][...][0]", "got `bytes`", id="deep-inside"
        ),
        pytest.param(
            JSON, [NOTHING, NOBODY, MOMENT], "$[2]", "got `datetime`", id="a-moment"
        ),
        pytest.param(
            JSON, msgspec.msgpack.Ext(1, b""), "$", "got `Ext`", id="an-extension"
        ),
        pytest.param(
            JSON,
            ["a", {"b": {"c": 1, 2: 3}}],
            "key in $[1][...]",
            "Expected `str`, got `int`",
            id="number-as-key",
        ),
        pytest.param(JSON, {(1,): 1}, "key in $", "got `tuple`", id="array-as-key"),
        pytest.param(JSONInput, [b""], "$[0]", "got `bytes`", id="JSONInput"),
        pytest.param(JSON | None, [[b""]], "$[0][0]", "got `bytes`", id="or-none"),
        pytest.param(
            Annotated[JSON, "what it is"], [b""], "$[0]", "got `bytes`", id="annotated"
        ),
        pytest.param(list[JSON], [1, b""], "$[1]", "got `bytes`", id="list"),
        pytest.param(dict[str, JSON], {"a": b""}, "$[...]", "`bytes`", id="dict"),
        pytest.param(
            Holder, {"content": [b""]}, "$.content[0]", "got `bytes`", id="attrs"
        ),
        pytest.param(
            Holder,
            {"content": 1, "more": {"a": b""}},
            "$.more[...]",
            "got `bytes`",
            id="or-none-in-a-class",
        ),
        pytest.param(
            Holder,
            {"content": 1, "by_name": {"a": [b""]}},
            "$.by_name[...][0]",
            "got `bytes`",
            id="in-a-dict-of-a-class",
        ),
        pytest.param(
            Struct, {"content": [b""]}, "$.content[0]", "got `bytes`", id="Struct"
        ),
        pytest.param(
            Dict, {"content": [b""]}, "$.content[0]", "got `bytes`", id="TypedDict"
        ),
        pytest.param(
            Holder | Join,
            {"type": "Holder", "content": [b""]},
            "$.content[0]",
            "got `bytes`",
            id="union",
        ),
    ],
)
def test_what_is_not_json_is_refused(
    form: TypeForm[object], value: object, path: str, problem: str
) -> None:
    """The type says `JSON`, and what a handler gets has its type."""
    with pytest.raises(ValidationError) as caught:
        MsgpackCodec(form, None).decode(msgspec.msgpack.encode(value))

    assert path == caught.value.path
    assert caught.value.problem.endswith(problem)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        pytest.param(
            JSON, {"a": [1, 2.5, None, True, "b", NOBODY, NOTHING]}, id="JSON"
        ),
        pytest.param(JSON | None, None, id="or-none"),
        pytest.param(Holder, Holder([{"a": 1}], {"b": 2}, {"c": [3]}), id="attrs"),
        pytest.param(Struct, Struct([{"a": 1}]), id="Struct"),
        pytest.param(Dict, {"content": [{"a": 1}]}, id="TypedDict"),
    ],
)
def test_what_is_json_is_read(form: TypeForm[object], value: object) -> None:
    """In both formats."""
    for codec in (JsonCodec(form, form), MsgpackCodec(form, form)):
        assert value == codec.decode(codec.encode(value))


def test_anything_is_more_than_json() -> None:
    """Where a type says `object`."""
    value = {1: b"", "a": MOMENT}

    assert value == MsgpackCodec(object, None).decode(msgspec.msgpack.encode(value))
