"""An application of typedws behind the router of Starlette."""

from collections.abc import Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from tests.benchmarks.applications.in_typedws import handshake_app
from typedws.asgi import AnyASGIApp

APPLICATIONS: Final[Mapping[str, AnyASGIApp]] = {
    "handshake": Starlette(routes=[WebSocketRoute("/rooms/{room}", handshake_app)])
}
