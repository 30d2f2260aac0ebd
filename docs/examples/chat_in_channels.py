"""A chat room in Django with Channels: `uvicorn chat_in_channels:app`."""

from typing import Any

from attrs import frozen
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

from typedws import (
    AllowedOrigins,
    DenialResponse,
    Ended,
    JsonCodec,
    UnacceptedWebSocket,
    websocket_app,
)
from typedws.asgi import (
    AnyASGIApp,
    AnyASGISend,
    ASGIApp,
    ASGIReceive,
    ASGIScope,
    application,
    sender,
)
from typedws.endpoints import channels_endpoint

if not settings.configured:  # in a project, this is settings.py
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"])
django_app = get_asgi_application()


@frozen
class Path:
    room: int


@frozen
class Say:
    text: str


@frozen
class Said:
    room: int
    text: str


@frozen
class State:
    greeting: str


CODEC = JsonCodec(Say, Said)


@websocket_app(origins=AllowedOrigins("https://chat.example"))
async def room(websocket: UnacceptedWebSocket) -> Ended:
    number = websocket.path_params_as(Path).room
    if number > 99:
        response = DenialResponse.json({"error": "no such room"}, status=404)
        return await websocket.send_denial_response(response, fallback=True)
    session = (await websocket.accept()).typed(CODEC)
    await session.send(Said(number, websocket.state_as(State).greeting))
    async for message in session:
        if message.text == "bye":
            return await session.close(4000, "see you")
        await session.send(Said(number, message.text))
    return await session.close()


def greeting(app: AnyASGIApp) -> ASGIApp:
    """A middleware: what it leaves in the state, a handler reads."""
    inner = application(app)

    async def serve(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
        state = {"greeting": "Hello from Channels"}
        await inner({**scope, "state": state}, receive, sender(send))

    return serve


async def rooms(_: HttpRequest) -> JsonResponse:
    """A plain view beside it."""
    return JsonResponse({"open": room.connections})


urlpatterns = [path("rooms", rooms)]
websocket_urlpatterns: list[Any] = [path("rooms/<int:room>", channels_endpoint(room))]
app = ProtocolTypeRouter(
    {
        "http": django_app,
        "websocket": greeting(URLRouter(websocket_urlpatterns)),
    }
)
