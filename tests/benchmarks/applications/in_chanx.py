"""An application in chanx: a consumer on fast-channels, with its default settings."""

from collections.abc import Mapping
from typing import Final, Literal

from chanx.core.decorators import ws_handler
from chanx.fast_channels.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from pydantic import BaseModel

from typedws.asgi import AnyASGIApp


class Joining(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """Who comes into which room."""

    room: str
    name: str


class Saying(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """Who says what where."""

    room: str
    name: str
    text: str


class JoinMessage(BaseMessage):  # type: ignore[explicit-any]  # pydantic's own
    """Somebody comes into a room."""

    action: Literal["Join"] = "Join"
    payload: Joining


class SayMessage(BaseMessage):  # type: ignore[explicit-any]  # pydantic's own
    """Somebody says something there."""

    action: Literal["Say"] = "Say"
    payload: Saying


class EchoConsumer(AsyncJsonWebsocketConsumer):
    """Echoes both messages."""

    groups: list[str] = []  # noqa: RUF012 - its own type for it
    channel_layer_alias = ""

    @ws_handler
    async def join(self, message: JoinMessage) -> JoinMessage:
        """Echo a join."""
        return message

    @ws_handler
    async def say(self, message: SayMessage) -> SayMessage:
        """Echo a say."""
        return message


APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {"typed": EchoConsumer.as_asgi()}
