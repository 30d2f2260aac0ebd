"""The command: `python -m typedws.demo [--host HOST] [--port PORT]`."""

import argparse
import logging
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Final

_EXTRA: Final = ("starlette", "uvicorn", "websockets")

try:
    import uvicorn

    from typedws.demo.app import create_app

    # uvicorn speaks WebSocket through it, and looks for it only when it serves.
    import_module("websockets")
except ModuleNotFoundError as _missing:
    _package = (_missing.name or "").partition(".")[0]
    if _package not in _EXTRA:
        raise
    sys.exit(
        f"The demo needs the package {_package}, which is not installed here. "
        'Get all that it needs with: pip install "typedws[demo]"'
    )

# Far more than any message that the chat takes; a larger one ends its sender's
# connection with 1009 before it is held in memory.
_LARGEST_FRAME: Final = 64 * 1024

# A client that vanished without a word gives its name back within two of these.
_PING_SECONDS: Final = 10

_LAST_PORT: Final = 65_535


class _Options(argparse.Namespace):
    host: str
    port: int


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Serve the chat until Ctrl+C.

    Args:
        arguments: What follows the command; taken from the command line by default.
    """
    options = _options(arguments)
    listener = _listener(options.host, options.port)
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("typedws").setLevel(logging.INFO)
    sys.stdout.write(f"The chat is at {_address(options, listener)}; Ctrl+C ends it.\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        create_app(),
        log_level="warning",
        ws_max_size=_LARGEST_FRAME,
        ws_ping_interval=_PING_SECONDS,
        ws_ping_timeout=_PING_SECONDS,
        timeout_graceful_shutdown=3,
    )
    with listener, suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _options(arguments: Sequence[str] | None) -> _Options:
    parser = argparse.ArgumentParser(
        prog="python -m typedws.demo",
        description="Serve a chat with rooms, with a page to use it from.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument(
        "--port", type=_port, default=8000, help="default: %(default)s; 0: any free one"
    )
    return parser.parse_args(arguments, namespace=_Options())


def _port(words: str) -> int:
    if not words.isdecimal() or int(words) > _LAST_PORT:
        message = f"a port is a number, 0 to {_LAST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(words)


def _listener(host: str, port: int) -> socket.socket:
    # Bound here rather than by uvicorn, for one plain line if it can't be had.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # Python adds "(while attempting to bind on address ...)", which is said here.
        why = str(error.strerror).partition(" (while")[0]
        sys.exit(
            f"Can't listen on {host}:{port}: {why}. "
            "Choose another: make demo PORT=8001, or python -m typedws.demo --port 8001"
        )


def _address(options: _Options, listener: socket.socket) -> str:
    host = f"[{options.host}]" if ":" in options.host else options.host
    # The port may have been left to the system.
    port: int = listener.getsockname()[1]
    return f"http://{host}:{port}"


if __name__ == "__main__":
    main()
