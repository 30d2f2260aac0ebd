"""Messages read and written by pydantic, and by the codec that typedws has for it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, TypeAdapter

from tests.benchmarks.applications.codecs import TEXTS, Steps
from tests.benchmarks.applications.codecs_in_typedws import steps_of
from typedws.codecs.pydantic import PydanticCodec


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


Model = Annotated[JoinModel | SayModel, Field(discriminator="type")]


def adapter() -> Steps:
    """What a user of Starlette writes: text, `TypeAdapter` and `model_dump_json()`."""
    models: TypeAdapter[BaseModel] = TypeAdapter(Model)
    return [
        step
        for text in TEXTS
        for step in (
            partial(models.validate_json, text),
            models.validate_json(text).model_dump_json,
        )
    ]


def codec() -> Steps:
    """What a typed session with models of pydantic does."""
    return steps_of(PydanticCodec(Model, Model), TEXTS)


STEPS: Final[Mapping[str, Callable[[], Steps]]] = {"adapter": adapter, "codec": codec}
