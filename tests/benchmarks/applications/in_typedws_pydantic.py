"""An application of typedws with the models of pydantic."""

from collections.abc import Mapping
from typing import Final

from tests.benchmarks.applications.in_typedws import typed
from tests.benchmarks.applications.models import Model
from typedws.asgi import AnyASGIApp
from typedws.codecs.pydantic import PydanticCodec

APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    "typed": typed(PydanticCodec(Model, Model))
}
