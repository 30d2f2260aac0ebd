"""The messages that the applications echo, as models of pydantic."""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field


class JoinModel(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """The same, as a user of pydantic writes it."""

    type: Literal["Join"] = "Join"
    room: str
    name: str


class SayModel(BaseModel):  # type: ignore[explicit-any]  # pydantic's own
    """The same, as a user of pydantic writes it."""

    type: Literal["Say"] = "Say"
    room: str
    name: str
    text: str


Model: TypeAlias = Annotated[JoinModel | SayModel, Field(discriminator="type")]
