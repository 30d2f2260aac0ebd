"""
What a real server serves: the handler that the path names, and over HTTP its notes.

A server imports this module in a process of its own.
"""

import json
import os
from pathlib import Path
from typing import Final

from tests.matrix.handlers import HANDLERS
from tests.matrix.notes import note_end, notes_of
from tests.servers.launching import PARENT, TOKEN
from tests.servers.orphans import leave_with
from typedws.asgi import AnyASGISend, ASGIReceive, ASGIScope, ASGISend, sender

_TOKEN: Final = os.environ[TOKEN]


async def app(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
    """Serve a handler at `/its-name/a-number`, and answer questions over HTTP."""
    kind = scope["type"]
    if kind == "lifespan":
        await _live(receive, sender(send))
    elif kind == "http":
        await _answer(str(scope["path"]), sender(send))
    else:
        await _serve(scope, receive, send)


async def _live(receive: ASGIReceive, send: ASGISend) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _serve(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
    path = str(scope["path"])
    how = "returned"
    try:
        await HANDLERS[path.split("/")[1]](scope, receive, send)
    except BaseException as error:
        how = type(error).__name__
        raise
    finally:
        note_end(path, how)


def _memory() -> int:
    pages = Path("/proc/self/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def _answer(path: str, send: ASGISend) -> None:
    _, question, *rest = path.split("/")
    if question == "notes":
        body = json.dumps(notes_of(rest[0]))
    elif question == "memory":
        body = json.dumps(_memory())
    elif question == "drain":
        await HANDLERS[rest[0]].drain(deadline=5)
        body = "null"
    else:
        body = _TOKEN
    data = body.encode()
    headers = [(b"content-length", str(len(data)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": data, "more_body": False})


leave_with(int(os.environ[PARENT]))
