"""A chat room in Django alone: `uvicorn chat_in_django:app`."""

from attrs import frozen
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
    WebSocketRoutes,
    websocket_app,
)

if not settings.configured:  # in a project, this is settings.py
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"])


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


CODEC = JsonCodec(Say, Said)


@websocket_app(origins=AllowedOrigins("https://chat.example"))
async def room(websocket: UnacceptedWebSocket) -> Ended:
    number = websocket.path_params_as(Path).room
    if number > 99:
        response = DenialResponse.json({"error": "no such room"}, status=404)
        return await websocket.send_denial_response(response, fallback=True)
    session = (await websocket.accept()).typed(CODEC)
    async for message in session:
        if message.text == "bye":
            return await session.close(4000, "see you")
        await session.send(Said(number, message.text))
    return await session.close()


async def rooms(_: HttpRequest) -> JsonResponse:
    """A plain view beside it."""
    return JsonResponse({"open": room.connections})


urlpatterns = [path("rooms", rooms)]
app = WebSocketRoutes({"/rooms/{room}": room}, http=get_asgi_application())
