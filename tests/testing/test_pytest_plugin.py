"""Tests of the pytest plugin: what it gives to a test, with every runner of tests."""

from pathlib import Path

import pytest

from tests.testing.inner_run import run_pytest
from typedws.testing import STRICT
from typedws.testing.pytest_plugin import SyncWebSocketClient, WebSocketClient

# Each starts a process, which takes its time where many others run.
pytestmark = pytest.mark.timeout(180)

APP = """
import pytest
from typedws import websocket_app
from typedws.testing import WaitTimeout

@websocket_app
async def app(websocket):
    connected = await websocket.accept()
    async for message in connected:
        await connected.send(message)
    return await connected.close()
"""
ASYNC = """
{mark}
async def test_echo(websocket_client):
    async with websocket_client(app, "/") as peer:
        await peer.send_text("a")
        assert "a" == await peer.receive_text()

@pytest.mark.websocket(wait=0.05)
{mark}
async def test_defaults(websocket_client):
    async with websocket_client(app, "/") as peer:
        with pytest.raises(WaitTimeout):
            await peer.receive()
"""
SYNC = """
@pytest.mark.websocket(wait=60.0)
class TestAll:
    @pytest.mark.websocket(wait=0.05)
    def test_sync(self, sync_websocket_client):
        with sync_websocket_client(app) as peer:
            peer.send_text("a")
            assert "a" == peer.receive_text()
            with pytest.raises(WaitTimeout):
                peer.receive()
"""


def test_the_fixture_works_with_anyio(tmp_path: Path) -> None:
    """On both event loops."""
    run = run_pytest(tmp_path, APP + ASYNC.format(mark="@pytest.mark.anyio"))

    assert {"passed": 4} == run.outcomes


def test_the_fixture_for_tests_that_are_not_async_works(
    tmp_path: Path,
) -> None:
    """The nearest marker counts."""
    run = run_pytest(tmp_path, APP + SYNC)

    assert {"passed": 1} == run.outcomes


BACKEND = """
import trio

async def where(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": str(trio.lowlevel.in_trio_run())})
    await send({"type": "websocket.close"})

def test_trio(sync_websocket_client):
    with sync_websocket_client(where, backend="trio") as peer:
        assert "True" == peer.receive_text()

def test_asyncio(sync_websocket_client):
    with sync_websocket_client(where) as peer:
        assert "False" == peer.receive_text()
"""


def test_the_fixture_for_tests_that_are_not_async_takes_a_backend(
    tmp_path: Path,
) -> None:
    """As `sync.connect()` does."""
    run = run_pytest(tmp_path, APP + BACKEND)

    assert {"passed": 2} == run.outcomes


@pytest.mark.parametrize("arguments", ["1.0", "timeout=1.0"])
def test_a_marker_takes_the_names_of_options(tmp_path: Path, arguments: str) -> None:
    """And says so of others."""
    code = f"""
@pytest.mark.websocket({arguments})
def test_a(websocket_client):
    pass
"""
    run = run_pytest(tmp_path, APP + code)

    assert {"error": 1} == run.outcomes
    assert "pytest.mark.websocket takes the names of ConnectOptions" in run.output


VIRTUAL = """
import anyio
import time
import trio.testing
from typedws.testing import VirtualTimeLoop

@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    if request.param == "asyncio":
        return "asyncio", {"loop_factory": VirtualTimeLoop}
    return "trio", {"clock": trio.testing.MockClock(autojump_threshold=0)}

async def slow(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await anyio.sleep(3600)
    await send({"type": "websocket.close"})

@pytest.mark.anyio
async def test_idle(websocket_client):
    began = time.monotonic()
    async with websocket_client(slow) as peer:
        assert 1000 == (await peer.receive()).code
    assert time.monotonic() - began < 10
"""


def test_the_tests_may_run_in_several_processes(tmp_path: Path) -> None:
    """As pytest-xdist starts them."""
    run = run_pytest(tmp_path, APP + ASYNC.format(mark="@pytest.mark.anyio"), "-n", "2")

    assert {"passed": 4} == run.outcomes


def test_the_plugin_can_be_switched_off(tmp_path: Path) -> None:
    """What it gives is then not there, and `connect()` is, as ever."""
    code = """
@pytest.mark.anyio
async def test_a(websocket_client):
    pass

@pytest.mark.anyio
async def test_b():
    from typedws.testing import connect
    async with connect(app) as peer:
        await peer.send_text("a")
        assert "a" == await peer.receive_text()
"""
    run = run_pytest(tmp_path, APP + code, "-p", "no:typedws")

    assert {"passed": 2, "error": 2} == run.outcomes
    assert "fixture 'websocket_client' not found" in run.output


def test_virtual_time_works_with_anyio(tmp_path: Path) -> None:
    """By its fixture for the event loop."""
    run = run_pytest(tmp_path, APP + VIRTUAL)

    assert {"passed": 2} == run.outcomes


SLOW = """
import anyio
import time

async def slow(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await anyio.sleep(3600)
    await send({"type": "websocket.close"})
"""
LOOP_FACTORIES = """
import asyncio
from typedws.testing import VirtualTimeLoop

def pytest_asyncio_loop_factories(config, item):
    return {"real": asyncio.new_event_loop, "virtual": VirtualTimeLoop}
"""
VIRTUAL_ASYNCIO = """
@pytest.mark.asyncio(loop_factories=["virtual"])
async def test_idle(websocket_client):
    began = time.monotonic()
    async with websocket_client(slow) as peer:
        assert 1000 == (await peer.receive()).code
    assert time.monotonic() - began < 10
"""
VIRTUAL_TRIO = """
@pytest.mark.trio
async def test_idle(websocket_client, autojump_clock):
    began = time.monotonic()
    async with websocket_client(slow) as peer:
        assert 1000 == (await peer.receive()).code
    assert time.monotonic() - began < 10
"""


def test_the_fixture_and_virtual_time_work_with_pytest_asyncio(tmp_path: Path) -> None:
    """The clock is that of the event loop, which a hook of it makes."""
    (tmp_path / "conftest.py").write_text(LOOP_FACTORIES)
    code = ASYNC.format(mark="@pytest.mark.asyncio") + VIRTUAL_ASYNCIO
    run = run_pytest(tmp_path, APP + SLOW + code)

    assert {"passed": 5} == run.outcomes


def test_the_fixture_and_virtual_time_work_with_pytest_trio(tmp_path: Path) -> None:
    """The clock is a fixture of it."""
    code = ASYNC.format(mark="@pytest.mark.trio") + VIRTUAL_TRIO
    run = run_pytest(tmp_path, APP + SLOW + code)

    assert {"passed": 3} == run.outcomes


def test_a_client_is_a_value() -> None:
    """With the defaults of a test."""
    assert WebSocketClient({"profile": STRICT}) == WebSocketClient({"profile": STRICT})
    assert SyncWebSocketClient() == SyncWebSocketClient({})
