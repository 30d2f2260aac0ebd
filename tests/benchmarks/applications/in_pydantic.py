"""Applications in Starlette that read messages and parameters with pydantic."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal, cast

from pydantic import BaseModel, Field, TypeAdapter, create_model
from starlette.websockets import WebSocket

from tests.benchmarks.applications.in_starlette import Event, Receive, Send
from tests.benchmarks.applications.models import Model
from tests.benchmarks.applications.noting import note
from tests.benchmarks.applications.unions import form_of, union_of
from typedws.asgi import AnyASGIApp

ADAPTER: Final[TypeAdapter[BaseModel]] = TypeAdapter(Model)


class Path(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """What the router is to have found."""

    room: int


class Query(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """What a client may ask for."""

    page: Annotated[int, Field(ge=1)] = 1
    order: Literal["newest", "oldest"] = "newest"


def echo_with(adapter: TypeAdapter[BaseModel]) -> AnyASGIApp:
    """Make an application that decodes, validates and encodes."""

    async def echo(scope: Event, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        async for text in websocket.iter_text():
            message = adapter.validate_json(text)
            await websocket.send_text(message.model_dump_json())

    return echo


async def handshake_typed(scope: Event, receive: Receive, send: Send) -> None:
    """Compare the origin, read the parameters, accept, and close."""
    websocket = WebSocket(scope, receive, send)
    if websocket.headers.get("origin") != "https://app.example.com":
        await websocket.close()
        return
    path = Path.model_validate(websocket.path_params)
    query = Query.model_validate(dict(websocket.query_params))
    note(path.room, query.page, query.order)
    await websocket.accept()
    await websocket.close()


def of_models(count: int) -> AnyASGIApp:
    """Echo a union of so many models."""
    parts = (union_of(_model, count), Field(discriminator="type"))
    adapter: object = TypeAdapter(form_of("Annotated", parts))
    return echo_with(cast("TypeAdapter[BaseModel]", adapter))


def _model(name: str) -> type[BaseModel]:
    tag = form_of("Literal", name)
    return create_model(name, type=(tag, name), room=str, name=str, text=str)


UNIONS: Final[Mapping[str, Callable[[int], AnyASGIApp]]] = {"typed": of_models}

APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    "typed": echo_with(ADAPTER),
    "handshake, typed": handshake_typed,
}
