"""
The errors of the kit.

    TypedWSError
    ├── HandshakeDenied          connect(): the application refused the handshake
    ├── ConnectionOver           a message was awaited, and the end came
    ├── ASGIViolation            the application broke ASGI (AssertionError)
    ├── ServerEnded              the server of a profile would end here (AssertionError)
    ├── WaitTimeout              a wait has run out (TimeoutError)
    ├── AppCancelled             the application ended by a cancellation of its own
    └── LifespanFailed           the application's startup or shutdown failed

An exception of the application itself is none of these: it is raised as it is.
"""

from typing_extensions import override

from typedws.exceptions import TypedWSError
from typedws.testing.outcomes import Closed, Denied
from typedws.testing.rules import Breach, Rule

__all__ = [
    "ASGIViolation",
    "AppCancelled",
    "ClientGone",
    "ConnectionOver",
    "HandshakeDenied",
    "LeakedTaskWarning",
    "LifespanFailed",
    "ServerEnded",
    "WaitTimeout",
]

_LONGEST_BODY = 200


class HandshakeDenied(TypedWSError):
    """
    The application refused the handshake.

    Attributes:
        denied: The response.
    """

    def __init__(self, denied: Denied) -> None:
        """Keep the response."""
        super().__init__(denied)
        self.denied = denied

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.denied.status

    @override
    def __str__(self) -> str:
        body = self.denied.body
        if len(body) > _LONGEST_BODY:
            body = body[:_LONGEST_BODY] + b"..."
        shown = f": {body!r}" if body else ""
        return (
            f"the application refused the handshake with HTTP {self.status}{shown}; "
            "where that is what you test, use handshake()"
        )


class ConnectionOver(TypedWSError):
    """
    The connection is over, and a message was asked for.

    Attributes:
        closed: The end.
    """

    def __init__(self, method: str, closed: Closed) -> None:
        """Keep the name of the call, and the end."""
        super().__init__(method, closed)
        self.method = method
        self.closed = closed

    @override
    def __str__(self) -> str:
        closed = self.closed
        reason = f", reason {closed.reason!a}" if closed.reason else ""
        end = {
            "server": f"the application closed it with {closed.code}{reason}",
            "client": f"the test closed it with {closed.code}{reason}",
            "network": f"it was lost without a close frame ({closed.code})",
        }[closed.closed_by]
        return f"{self.method}: the connection is over: {end}"


class ASGIViolation(TypedWSError, AssertionError):
    """
    The application broke ASGI.

    It is raised where the application called `send()`, and in the test.

    Attributes:
        breach: What the application did, and the rule.
    """

    def __init__(self, breach: Breach) -> None:
        """Keep the breach."""
        super().__init__(breach)
        self.breach = breach

    @property
    def rule(self) -> Rule:
        """The rule, in the words of the specification."""
        return self.breach.rule

    @override
    def __str__(self) -> str:
        return f"the application broke ASGI. {self.breach}"


class ServerEnded(TypedWSError, AssertionError):
    """
    What the application did ends the process of the server that is played.

    It is raised where the application called `send()`, and in the test.

    Attributes:
        server: The name of the server.
        cause: What the application did.
    """

    def __init__(self, server: str, cause: str) -> None:
        """Keep both facts."""
        super().__init__(server, cause)
        self.server = server
        self.cause = cause

    @override
    def __str__(self) -> str:
        return (
            f"{self.server} would end here, and drop all its connections: {self.cause}"
        )


class WaitTimeout(TypedWSError, TimeoutError):
    """
    A wait has run out.

    Attributes:
        waited_for: What was waited for.
        seconds: How long; `None` if nothing more can come, so that it was not awaited.
        whereabouts: What the application was doing.
    """

    def __init__(
        self, waited_for: str, seconds: float | None, whereabouts: str
    ) -> None:
        """Keep the three facts; the sentence is made from them."""
        super().__init__(waited_for, seconds, whereabouts)
        self.waited_for = waited_for
        self.seconds = seconds
        self.whereabouts = whereabouts

    @override
    def __str__(self) -> str:
        within = "" if self.seconds is None else f" within {self.seconds:g} s"
        return f"{self.waited_for}{within}. {self.whereabouts}"


class AppCancelled(TypedWSError):
    """The application ended by a cancellation that came from itself."""

    @override
    def __str__(self) -> str:
        return (
            "the application ended with a cancellation that nobody asked for; "
            "it awaited a task or a future that was cancelled, or raised it itself"
        )


class LifespanFailed(TypedWSError):
    """
    The application's startup or shutdown failed.

    Attributes:
        phase: `"startup"` or `"shutdown"`.
        message: What the application said of it.
    """

    def __init__(self, phase: str, message: str) -> None:
        """Keep both facts."""
        super().__init__(phase, message)
        self.phase = phase
        self.message = message

    @override
    def __str__(self) -> str:
        return f"the application's {self.phase} failed: {self.message}"


class ClientGone(OSError):
    """The client has gone: what `send()` raises then, as ASGI asks of a server."""


class LeakedTaskWarning(RuntimeWarning):
    """The application ended, and left a task behind that is still running."""
