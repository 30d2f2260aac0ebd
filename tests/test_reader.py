"""Tests of the reader alone; what it is for is tested with those who wait for it."""

import anyio
import pytest

from tests.scripted import ScriptedServer, settle
from typedws.reader import Buffer, Reader

pytestmark = pytest.mark.anyio


def pass_over(code: int, reason: str, *, is_all_read: bool) -> None:
    """Do nothing about the end."""


async def test_a_connection_may_be_over_before_the_reader_has_begun() -> None:
    """Then it asks the server for nothing, and gives the end."""
    scripted = ScriptedServer()
    reader = Reader(scripted.receive, Buffer(1, 1), pass_over)
    async with anyio.create_task_group() as tasks:
        assert reader.claim()
        tasks.start_soon(reader.read)
        reader.end(1001, "over")
        await settle()

        assert not scripted.is_receiving
        assert not reader.is_reading
    assert {"type": "websocket.disconnect", "code": 1001, "reason": "over"} == (
        await reader.receive()
    )


async def test_only_one_task_reads_and_none_after_the_end() -> None:
    """A claim is for one of them."""
    reader = Reader(ScriptedServer().receive, Buffer(1, 1), pass_over)

    assert reader.claim()
    assert not reader.claim()
    reader.end(1000, "")
    await reader.read()
    assert not reader.claim()
