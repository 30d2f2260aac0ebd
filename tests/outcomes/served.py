"""
What a real server serves: the application of the scenario that the path names.

A server imports this module in a process of its own. Each visit has an application of
its own, so that one that was drained is not met again.
"""

import logging
import os
import sys
from typing import Final

import anyio

from tests.outcomes.noting import BEGINS, DRAIN, ENDS, name_of, number_of, write
from tests.outcomes.scenarios.catalogue import SCENARIOS
from tests.servers.launching import PARENT, TOKEN
from tests.servers.observing import STATE
from tests.servers.orphans import leave_with
from tests.servers.plain_data import is_dict
from typedws import WebSocketApp
from typedws.asgi import AnyASGISend, ASGIReceive, ASGIScope, ASGISend, sender

_TOKEN: Final = os.environ[TOKEN]
_APPS: Final[dict[str, WebSocketApp]] = {}


async def app(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
    """Serve a scenario at `/its-name/a-number/...`, and drain or give the token."""
    kind = scope["type"]
    if kind == "lifespan":
        await _live(scope, receive, sender(send))
    elif kind == "http":
        await _answer(str(scope["path"]), sender(send))
    else:
        await _serve(scope, receive, send)


async def _live(scope: ASGIScope, receive: ASGIReceive, send: ASGISend) -> None:
    await receive()
    namespace = scope.get("state")
    if is_dict(namespace):
        namespace.update(STATE)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _answer(path: str, send: ASGISend) -> None:
    if path.startswith(DRAIN):
        await _APPS[path.removeprefix(DRAIN)].drain(deadline=2)
    headers = [(b"content-length", str(len(_TOKEN)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send(
        {"type": "http.response.body", "body": _TOKEN.encode(), "more_body": False}
    )


async def _serve(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
    path = str(scope["path"])
    number = number_of(path)
    write(number, BEGINS)
    how = "returns"
    try:
        await _app_of(path)(scope, receive, send)
    except anyio.get_cancelled_exc_class():
        how = "is cancelled"
        raise
    except Exception as error:
        how = f"raises {type(error).__name__}"
        raise
    finally:
        write(number, f"{ENDS}{how}")


def _app_of(path: str) -> WebSocketApp:
    number = number_of(path)
    if number not in _APPS:
        _APPS[number] = SCENARIOS[name_of(path)].app()
    return _APPS[number]


def _log() -> None:
    """Show what typedws logs, whatever the server does with logging."""
    logger = logging.getLogger("typedws")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(logging.StreamHandler(sys.stderr))


_log()
leave_with(int(os.environ[PARENT]))
