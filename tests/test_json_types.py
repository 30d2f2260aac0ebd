"""Tests of `receive_json(type=...)` and `iter_json(type=...)`: JSON of a type."""

import gc
import weakref
from typing import Annotated, Literal, final

import pytest
from attrs import frozen, make_class
from msgspec import Meta
from typing_extensions import TypeForm

from tests.scripted import Event, binary, connected, disconnect, server, text
from typedws import (
    JSON,
    ClosedWebSocket,
    DecodeError,
    JSONMode,
    MessageTypeError,
    ValidationError,
    WebSocketDisconnect,
)

pytestmark = pytest.mark.anyio


@final
@frozen(order=False)
class Say:
    """A message, which is told apart by its tag."""

    text: str


@final
@frozen(order=False)
class Join:
    """Another one."""

    room: str


@pytest.mark.parametrize(
    ("form", "json", "value"),
    [
        pytest.param(int, "1", 1, id="int"),
        pytest.param(None, "null", None, id="None"),
        pytest.param(int | None, "null", None, id="optional"),
        pytest.param(Literal["a", 1], '"a"', "a", id="Literal"),
        pytest.param(Say, '{"text": "a"}', Say("a"), id="attrs-class"),
        pytest.param(
            Say | Join, '{"type": "Join", "room": "a"}', Join("a"), id="union"
        ),
        pytest.param(dict[str, list[int]], '{"a": [1]}', {"a": [1]}, id="containers"),
        pytest.param(Annotated[int, Meta(ge=0)], "0", 0, id="Annotated"),
        pytest.param(JSON, '[{"a": null}]', [{"a": None}], id="JSON"),
    ],
)
@pytest.mark.parametrize("mode", ["text", "binary"])
async def test_json_of_a_type_is_received_and_iterated_over(
    form: TypeForm[object], json: str, value: object, mode: JSONMode
) -> None:
    """In text and in binary messages."""
    event = text(json) if mode == "text" else binary(json.encode())
    websocket = await connected(server(event, event, event, disconnect()))
    values = websocket.iter_json(mode, type=form)

    assert value == await websocket.receive_json(mode, type=form)
    assert [value, value] == [value async for value in values]
    with pytest.raises(WebSocketDisconnect):
        await websocket.receive_json(mode, type=form)


async def test_what_is_not_of_the_type_is_an_error_that_carries_it() -> None:
    """The connection lives on, and the next message can be received."""
    bad = '{"type": "Say", "text": 1}'
    websocket = await connected(server(text(bad), text("{"), text(bad), text("1")))
    values = websocket.iter_json(type=Say | Join)
    with pytest.raises(ValidationError) as caught:
        await websocket.receive_json(type=Say | Join)
    with pytest.raises(DecodeError):
        await anext(values)
    with pytest.raises(ValidationError):
        await anext(values)

    assert bad == caught.value.data
    assert "$.text" == caught.value.path
    assert 1 == await websocket.receive_json(type=int)


@pytest.mark.parametrize(
    ("mode", "event"),
    [
        pytest.param("text", binary(b"1"), id="binary for text"),
        pytest.param("binary", text("1"), id="text for binary"),
    ],
)
async def test_a_message_of_the_other_kind_is_the_same_error_as_without_a_type(
    mode: JSONMode, event: Event
) -> None:
    """Which of the two is spoken has nothing to do with the type."""
    websocket = await connected(server(event, event))
    with pytest.raises(MessageTypeError):
        await websocket.receive_json(mode, type=int)
    with pytest.raises(MessageTypeError):
        await anext(websocket.iter_json(mode, type=int))


@pytest.mark.parametrize("form", [complex, 3, "int"], ids=repr)
async def test_what_is_no_type_for_json_is_refused_before_anything_is_taken(
    form: TypeForm[object],
) -> None:
    """Each time anew."""
    websocket = await connected(server(text("1")))
    for _ in range(2):
        with pytest.raises(TypeError):
            await websocket.receive_json(type=form)
    with pytest.raises(TypeError):
        websocket.iter_json(type=form)

    assert 1 == await websocket.receive_json(type=int)


async def test_a_type_without_a_hash_is_read_as_well() -> None:
    """A mapping in an annotation is no reason to refuse it."""
    websocket = await connected(server(text("1"), text("1")))
    form: TypeForm[int] = Annotated[int, {"unit": "m"}]

    assert 1 == await websocket.receive_json(type=form)
    assert 1 == await websocket.receive_json(type=form)


async def test_types_are_not_kept_for_ever() -> None:
    """A program that makes up new ones does not fill the memory."""
    events = [text('{"a": 1}') for _ in range(300)]
    websocket = await connected(server(*events, disconnect()))
    made: list[weakref.ref[type[object]]] = []
    for _ in range(300):
        cls: type[object] = make_class("Made", ["a"])
        made.append(weakref.ref(cls))
        await websocket.receive_json(type=cls)
        del cls
    gc.collect()

    assert len([one for one in made if one() is not None]) < 300
    assert isinstance(await websocket.receive(), ClosedWebSocket)
