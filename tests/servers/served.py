"""
What a real server serves: the application of any scenario, chosen by the path.

A server imports this module in a process of its own. What the application sees goes to
a file for each connection, in the folder that the environment names, one line of JSON
for each call that it made.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.servers.launching import FOLDER, LIVE, PARENT, TOKEN, record_of
from tests.servers.observing import Receive, Send, live, observe
from tests.servers.orphans import leave_with
from tests.servers.plain_data import Event
from tests.servers.scenarios import SCENARIOS

_FOLDER: Final = Path(os.environ[FOLDER])
_TOKEN: Final = os.environ[TOKEN]


async def app(scope: Event, receive: Receive, send: Send) -> None:
    """Serve a scenario at `/its-name/a-number/...`, and the token over HTTP."""
    if scope["type"] == "lifespan":
        await live(scope, receive, send)
    elif scope["type"] == "http":
        await _answer(send)
    else:
        await _observe(scope, receive, send)


async def _answer(send: Send) -> None:
    headers = [(b"content-length", str(len(_TOKEN)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _TOKEN.encode()})


async def _observe(scope: Event, receive: Receive, send: Send) -> None:
    _, name, number, *_ = str(scope["path"]).split("/")
    file = record_of(_FOLDER, number)

    def record(line: object) -> None:
        with file.open("a") as lines:
            lines.write(json.dumps(line) + "\n")

    steps = SCENARIOS[name].app
    at = f"/{number}"
    told = _without(scope, at)
    await observe(steps, told, receive, send, record=record, patience=LIVE)


def _without(scope: Event, number: str) -> Mapping[str, object]:
    changed = dict(scope)
    changed["path"] = str(scope["path"]).replace(number, "", 1)
    raw = scope.get("raw_path")
    if isinstance(raw, bytes):
        changed["raw_path"] = raw.replace(number.encode(), b"", 1)
    return changed


leave_with(int(os.environ[PARENT]))
