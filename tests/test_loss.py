"""Tests of `typedws.loss`: which errors of a server's `send()` mean a lost peer."""

import errno
import socket
import ssl

import pytest
import trio

from typedws.loss import may_mean_loss, means_loss


class ClientDisconnected(OSError):
    """What a server raises, as uvicorn does."""


class StateError(RuntimeError):
    """What a library raises about a state of its own."""


class Disconnected(RuntimeError):
    """What autobahn raises, and daphne lets through."""


Disconnected.__module__ = "autobahn.exception"


class Unrelated:
    """Where another class has the same name."""

    class Disconnected(RuntimeError):
        """What somebody else raises."""


LOSSES = [
    pytest.param(ConnectionError(), id="ConnectionError"),
    pytest.param(ConnectionResetError(errno.ECONNRESET, "reset"), id="reset"),
    pytest.param(ConnectionAbortedError(errno.ECONNABORTED, "aborted"), id="aborted"),
    pytest.param(BrokenPipeError(errno.EPIPE, "broken pipe"), id="broken-pipe"),
    pytest.param(OSError(errno.EPIPE, "broken pipe"), id="broken-pipe-by-number"),
    pytest.param(OSError(errno.ESHUTDOWN, "shut down"), id="shut-down"),
    pytest.param(OSError(errno.EBADF, "closed here"), id="bad-descriptor"),
    pytest.param(OSError(errno.ENOTCONN, "not connected"), id="not-connected"),
    pytest.param(OSError(), id="bare-OSError"),
    pytest.param(OSError("gone"), id="OSError-with-a-text"),
    pytest.param(ClientDisconnected(), id="subclass-of-a-server"),
    pytest.param(Disconnected(), id="RuntimeError-of-autobahn"),
]

DOUBTS = [
    pytest.param(RuntimeError(), id="bare-RuntimeError"),
    pytest.param(
        RuntimeError("Unexpected ASGI message"), id="RuntimeError-with-a-text"
    ),
    pytest.param(trio.BusyResourceError(), id="stream-that-trio-closes"),
]

OTHERS = [
    pytest.param(ConnectionRefusedError(errno.ECONNREFUSED, "refused"), id="refused"),
    pytest.param(TimeoutError(), id="time-out"),
    pytest.param(TimeoutError(errno.ETIMEDOUT, "timed out"), id="time-out-by-number"),
    pytest.param(OSError(errno.ETIMEDOUT, "timed out"), id="time-out-of-the-kernel"),
    pytest.param(FileNotFoundError(errno.ENOENT, "no file"), id="no-file"),
    pytest.param(FileNotFoundError(), id="bare-FileNotFoundError"),
    pytest.param(FileExistsError(), id="file-exists"),
    pytest.param(IsADirectoryError(), id="is-a-directory"),
    pytest.param(NotADirectoryError(), id="not-a-directory"),
    pytest.param(PermissionError(), id="permission"),
    pytest.param(BlockingIOError(), id="would-block"),
    pytest.param(InterruptedError(), id="interrupted"),
    pytest.param(ChildProcessError(), id="child-process"),
    pytest.param(ProcessLookupError(), id="no-process"),
    pytest.param(OSError(errno.ENOSPC, "disk full"), id="disk-full"),
    pytest.param(OSError(errno.EMFILE, "too many files"), id="too-many-files"),
    pytest.param(OSError(errno.EIO, "disk broken"), id="disk-broken"),
    pytest.param(OSError(0, "no error"), id="number-zero"),
    pytest.param(socket.gaierror(socket.EAI_NONAME, "no name"), id="look-up"),
    pytest.param(ssl.SSLCertVerificationError(1, "expired"), id="certificate"),
    pytest.param(StateError("of something else"), id="subclass-of-RuntimeError"),
    pytest.param(Unrelated.Disconnected(), id="another-Disconnected"),
    pytest.param(RecursionError(), id="recursion"),
    pytest.param(NotImplementedError(), id="not-implemented"),
    pytest.param(ValueError("bad code"), id="ValueError"),
    pytest.param(AssertionError(), id="AssertionError"),
    pytest.param(EOFError(), id="EOFError"),
    pytest.param(Exception(), id="Exception"),
]


@pytest.mark.parametrize("error", LOSSES)
def test_an_error_that_means_loss(error: Exception) -> None:
    """It says so by its class, by its number, or as a server's own OSError."""
    assert (True, False) == (means_loss(error), may_mean_loss(error))


@pytest.mark.parametrize("error", DOUBTS)
def test_an_error_that_may_mean_loss(error: Exception) -> None:
    """Some servers answer so, and so do many bugs."""
    assert (False, True) == (means_loss(error), may_mean_loss(error))


@pytest.mark.parametrize("error", OTHERS)
def test_an_error_that_means_something_else(error: Exception) -> None:
    """A middleware's time-out, say: taken for a loss it would hide a fault."""
    assert (False, False) == (means_loss(error), may_mean_loss(error))
