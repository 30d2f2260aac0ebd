"""Tests with the frameworks: the kit is for any ASGI application."""

from typing import Final, Protocol

import pytest

from typedws.asgi import AnyASGIApp
from typedws.testing import Closed, Denied, connect, handshake, lifespan

pytestmark = pytest.mark.anyio

FRAMEWORKS: Final = ("starlette", "fastapi", "litestar", "quart")


class Module(Protocol):
    """A module with an application in it."""

    app: AnyASGIApp


@pytest.mark.parametrize("name", FRAMEWORKS)
async def test_a_framework_is_an_application_as_any_other(
    name: str, anyio_backend_name: str
) -> None:
    """It connects, echoes, closes, refuses, and is left."""
    if anyio_backend_name == "trio" and name == "quart":
        pytest.skip("Quart runs on asyncio")
    pytest.importorskip(name)
    module: Module = pytest.importorskip(f"tests.testing.frameworks.{name}_app")
    async with lifespan(module.app) as running:
        async with connect(running, "/echo") as peer:
            await peer.send_text("hello")
            assert "hello" == await peer.receive_text()
            await peer.send_text("close")
            assert Closed(4000, "bye") == await peer.receive()
        async with connect(running, "/echo") as left:
            await left.send_text("hello")
        denied = await handshake(running, "/refuse")
        assert isinstance(denied, Denied)
        assert 403 == denied.status
