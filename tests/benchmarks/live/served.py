"""
What a real server serves: the applications of several libraries, chosen by the path.

One process serves them all, so that they have everything else in common: the server,
the event loop, and what was imported.
"""

import os
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Final

from tests.benchmarks.libraries import LIBRARIES
from tests.benchmarks.lifespan import started
from tests.benchmarks.live.serving import APPLICATIONS, PROCESSOR_TIME, path_of
from tests.servers.launching import PARENT, TOKEN
from tests.servers.orphans import leave_with
from typedws.asgi import ASGIApp, ASGIReceive, ASGIScope, ASGISend

_TOKEN: Final = os.environ[TOKEN].encode()


def _applications() -> Mapping[str, ASGIApp]:
    named = [name.split(":") for name in os.environ[APPLICATIONS].split(",")]
    return {
        path_of(library, use): LIBRARIES[library].application(use)
        for library, use in named
    }


_APPLICATIONS: Final = _applications()


async def app(scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
    """Serve one of the applications, and over HTTP the token or the time."""
    if scope["type"] == "websocket":
        asked: ASGIScope = {**scope, "path": "/", "raw_path": b"/"}
        await _APPLICATIONS[str(scope["path"])](asked, receive, send)
    elif scope["type"] == "lifespan":
        await _live(receive, send)
    else:
        asks_for_time = scope["path"] == PROCESSOR_TIME
        body = str(time.process_time()).encode() if asks_for_time else _TOKEN
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": body, "more_body": False})


async def _live(receive: ASGIReceive, send: ASGISend) -> None:
    async with AsyncExitStack() as stack:
        await receive()
        for application in _APPLICATIONS.values():
            await stack.enter_async_context(started(application))
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


leave_with(int(os.environ[PARENT]))
