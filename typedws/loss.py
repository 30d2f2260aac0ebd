"""
Whether an error out of the server's `send()` says that the peer has gone.

ASGI lets a server raise any `OSError` then (message format 2.4), and `OSError` is also
what a middleware's time-out, a missing file or a failed look-up is. Taking all of them
for a disconnect would hide real faults. The one server that raises something else is
known by the name of it.
"""

import errno
from typing import Final

__all__ = ["may_mean_loss", "means_loss"]

_LOST: Final = frozenset(
    {
        None,  # a server's own subclass, such as uvicorn's ClientDisconnected
        errno.EBADF,
        errno.ENOTCONN,
        errno.ESHUTDOWN,
    }
)
_SOMETHING_ELSE: Final = (
    TimeoutError,
    BlockingIOError,
    ChildProcessError,
    FileExistsError,
    FileNotFoundError,
    InterruptedError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
    ProcessLookupError,
)
_LOST_BY_NAME: Final = ("autobahn.exception", "Disconnected")
"""A RuntimeError of the library below daphne: who sends hears of the end first."""

_BUSY_BY_NAME: Final = ("trio", "BusyResourceError")
"""Of hypercorn with trio, which has begun to close the stream in another task."""


def means_loss(error: Exception) -> bool:
    """Tell whether an error says that the peer has gone."""
    if isinstance(error, ConnectionError):
        # To refuse is the answer to a new connection, not the end of this one.
        return not isinstance(error, ConnectionRefusedError)
    if isinstance(error, RuntimeError):
        return _name_of(error) == _LOST_BY_NAME
    return (
        isinstance(error, OSError)
        and not isinstance(error, _SOMETHING_ELSE)
        and error.errno in _LOST
    )


def may_mean_loss(error: Exception) -> bool:
    """
    Tell whether an error fits a peer that has gone, but other causes as well.

    Some servers answer a send after the end with a bare RuntimeError about the state
    they are in, before the application could know of the end.
    """
    return type(error) is RuntimeError or _name_of(error) == _BUSY_BY_NAME


def _name_of(error: Exception) -> tuple[str, str]:
    return type(error).__module__, type(error).__qualname__
