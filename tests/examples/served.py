"""
What uvicorn serves: one of the programs in docs/examples, by its name.

`tests.examples.served:chat_alone` is the `app` of that program as it is, but that a
plain request for `/` is answered here: with the token by which the tests know that the
server is the one that they have started.
"""

import os
from importlib import import_module
from typing import Final

from tests.servers.launching import PARENT, TOKEN
from tests.servers.orphans import leave_with
from typedws.asgi import (
    AnyASGIApp,
    AnyASGISend,
    ASGIApp,
    ASGIReceive,
    ASGIScope,
    application,
    sender,
)

_TOKEN: Final = os.environ.get(TOKEN, "").encode()


def __getattr__(name: str) -> ASGIApp:
    """Serve the program of that name."""
    if name.startswith("_"):
        raise AttributeError(name)
    served: AnyASGIApp = import_module(f"docs.examples.{name}").app
    return _with_token(application(served))


def _with_token(app: ASGIApp) -> ASGIApp:
    async def serve(scope: ASGIScope, receive: ASGIReceive, send: AnyASGISend) -> None:
        if scope["type"] == "http" and scope["path"] == "/":
            await _tell_token(send)
        else:
            await app(scope, receive, sender(send))

    return serve


async def _tell_token(send: AnyASGISend) -> None:
    headers = [(b"content-length", str(len(_TOKEN)).encode())]
    start = sender(send)
    await start({"type": "http.response.start", "status": 200, "headers": headers})
    await start({"type": "http.response.body", "body": _TOKEN, "more_body": False})


if PARENT in os.environ:
    leave_with(int(os.environ[PARENT]))
