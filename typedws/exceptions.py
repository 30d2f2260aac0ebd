"""
The errors of typedws, all but the one that carries a state.

    TypedWSError
    ├── InvalidScope                 (also a ValueError)
    ├── InvalidParameters            the client's handshake does not fit (ValueError)
    ├── ProtocolError
    │   ├── LocalProtocolError       our side would break ASGI or RFC 6455
    │   │   └── SpentStateError      a state was used after it was left (RuntimeError)
    │   └── RemoteProtocolError      the server sent what ASGI forbids here
    ├── ConcurrentReceiveError       two tasks in receive() at once
    ├── ReceiveTimeout               no message came in time (also a TimeoutError)
    ├── WebSocketDisconnect          the connection is over: lives in `typedws.ended`
    │   └── ClosedStateError         used after this side closed it (SpentStateError)
    ├── ExtensionUnavailable         the server lacks an extension (RuntimeError)
    ├── MessageTypeError             text was asked for and bytes came, or the reverse
    ├── DecodeError                  a message can't be decoded (ValueError)
    │   └── ValidationError          it can be read, but is not of the type asked for
    └── EncodeError                  a value can't be encoded (ValueError)

Fields are plain values, so that an error can be read without the rest of the library.
`WebSocketDisconnect` hands over a `ClosedWebSocket`, hence lives beside that class.
"""

from typing import Literal, TypeAlias, final

from attrs import field, frozen
from typing_extensions import override

__all__ = [
    "ConcurrentReceiveError",
    "DecodeError",
    "EncodeError",
    "ExtensionUnavailable",
    "InvalidParameters",
    "InvalidScope",
    "LocalProtocolError",
    "MessageTypeError",
    "ParameterProblem",
    "ParametersPart",
    "ProtocolError",
    "ReceiveTimeout",
    "RemoteProtocolError",
    "SpentStateError",
    "TypedWSError",
    "ValidationError",
]


class TypedWSError(Exception):
    """The base of every error that typedws raises on purpose."""


class InvalidScope(TypedWSError, ValueError):
    """
    A scope is not a websocket scope, or lacks what was asked of it.

    Attributes:
        key: The key of the scope that is at fault.
        expected: What belongs there.
        got: What was found there.
    """

    def __init__(self, key: str, expected: str, got: str) -> None:
        """Keep the three facts; the sentence is made from them."""
        super().__init__(key, expected, got)
        self.key = key
        self.expected = expected
        self.got = got

    @override
    def __str__(self) -> str:
        return f"scope[{self.key!r}]: expected {self.expected}, got {self.got}"


ParametersPart: TypeAlias = Literal["path", "query", "headers", "cookies"]
"""The part of a handshake in which a parameter came."""


@final
@frozen(order=False)
class ParameterProblem:
    """
    What is wrong with one parameter of a handshake.

    Texts in ASCII, of bounded length. The value of a header or a cookie, which may be a
    secret, is in none of them.

    Attributes:
        place: The part and the name: `query.page`, or `query.tags[2]` in a list.
        expected: What belongs there.
        got: What came.
    """

    place: str
    expected: str = field(kw_only=True)
    got: str = field(kw_only=True)

    @override
    def __str__(self) -> str:
        return f"{self.place}: expected {self.expected}, got {self.got}"


class InvalidParameters(TypedWSError, ValueError):
    """
    The parameters of a client's handshake are not what was asked for.

    What is wrong with the scope itself, which is the server's, is an `InvalidScope`.

    Attributes:
        part: Where they came.
        problems: What is wrong, one for each parameter.
    """

    def __init__(
        self, part: ParametersPart, problems: tuple[ParameterProblem, ...]
    ) -> None:
        """Keep the facts; the sentence is made from them."""
        super().__init__(part, problems)
        self.part: ParametersPart = part
        self.problems = problems

    @override
    def __str__(self) -> str:
        problems = "; ".join(map(str, self.problems))
        return f"The handshake does not fit: {problems}"


class ProtocolError(TypedWSError):
    """One side broke, or was about to break, the protocol."""


class LocalProtocolError(ProtocolError):
    """
    Our side was about to break ASGI or RFC 6455.

    What would have broken it was not sent. The connection is as it was before the call,
    unless a denial response broke off half way: then the handshake is refused.
    """


class SpentStateError(LocalProtocolError, RuntimeError):
    """
    A state was used after it was left.

    Attributes:
        state: The name of the class that was used.
        method: What was called on it.
        left_by: What left the state: a call, or an event.
        successor: The name of the class to use instead.
    """

    def __init__(self, state: str, method: str, left_by: str, successor: str) -> None:
        """Keep the four facts; the sentence is made from them."""
        super().__init__(state, method, left_by, successor)
        self.state = state
        self.method = method
        self.left_by = left_by
        self.successor = successor

    @override
    def __str__(self) -> str:
        left = self.left_by
        if left.endswith(")"):
            left = f"{left} was already called on it"
        return (
            f"{self.method} was called on a spent {self.state}: {left}; "
            f"use the {self.successor} that came of it"
        )


class RemoteProtocolError(ProtocolError):
    """
    The server sent an event that ASGI forbids here; the connection was ended.

    Attributes:
        event_type: The event's `type`, as text; empty for what was no event at all.
        keys: The event's keys.
    """

    def __init__(self, problem: str, event_type: str, keys: tuple[str, ...]) -> None:
        """Keep the facts; values stay out, since they belong to the peer."""
        super().__init__(problem, event_type, keys)
        self.problem = problem
        self.event_type = event_type
        self.keys = keys

    @override
    def __str__(self) -> str:
        if not self.event_type:
            return f"{self.problem}; the connection was ended"
        return (
            f"{self.problem}: the server sent an event of type {self.event_type} "
            f"with the keys {list(self.keys)}; the connection was ended"
        )


class ConcurrentReceiveError(TypedWSError):
    """
    Two tasks were in `receive()` of one connection at once.

    Each message goes to one caller, so two would share them out by chance.

    Attributes:
        method: What the second task called.
    """

    def __init__(self, method: str) -> None:
        """Keep the name of the call."""
        super().__init__(method)
        self.method = method

    @override
    def __str__(self) -> str:
        return (
            f"{self.method}: another task is already receiving on this connection; "
            "receive in one task and hand the messages on"
        )


class ReceiveTimeout(TypedWSError, TimeoutError):
    """
    No message came in time. None is lost: the next call goes on waiting.

    Attributes:
        method: What was called.
        seconds: How long it was to wait.
    """

    def __init__(self, method: str, seconds: float) -> None:
        """Keep the two facts; the sentence is made from them."""
        # Not that of an OSError, which takes the first of two for an errno.
        Exception.__init__(self, method, seconds)
        self.method = method
        self.seconds = seconds

    @override
    def __str__(self) -> str:
        return (
            f"{self.method}: no message came within {self.seconds:g} s; the connection "
            "is still open, and the next call goes on waiting"
        )


class ExtensionUnavailable(TypedWSError, RuntimeError):
    """
    The server does not offer an ASGI extension that a call needs.

    Attributes:
        extension: The extension's name.
    """

    def __init__(self, extension: str) -> None:
        """Keep the name of the extension."""
        super().__init__(extension)
        self.extension = extension

    @override
    def __str__(self) -> str:
        return (
            "send_denial_response(): the server does not offer the ASGI extension "
            f"{self.extension!r}; pass fallback=True to refuse with a plain "
            "HTTP 403, or call close()"
        )


class MessageTypeError(TypedWSError):
    """
    A message of the other kind came: text for bytes, or bytes for text.

    The message was taken from the connection and is here; the connection lives on.

    Attributes:
        method: What was called.
        data: The payload that came.
    """

    def __init__(self, method: str, data: str | bytes) -> None:
        """Keep the payload, so that it is not lost."""
        super().__init__(method, data)
        self.method = method
        self.data = data

    @override
    def __str__(self) -> str:
        is_text = isinstance(self.data, str)
        came, wanted = ("text", "binary") if is_text else ("binary", "text")
        return (
            f"{self.method} needs a {wanted} message, but a {came} message of length "
            f"{len(self.data)} came; use receive() to take both kinds"
        )


class DecodeError(TypedWSError, ValueError):
    """
    A message can't be decoded: it is not JSON, say, or of the wrong kind.

    The message was taken from the connection and is here; the connection lives on.

    Attributes:
        problem: What is wrong with it.
        path: Where in the document, `$` for all of it.
        data: The payload that came.
        expected: What belongs there, where the problem says so, else `None`.
        got: What was found there, where it can be told, else `None`.
    """

    def __init__(
        self,
        problem: str,
        data: str | bytes,
        path: str = "$",
        *,
        expected: str | None = None,
        got: str | None = None,
    ) -> None:
        """Keep the payload, so that it is not lost."""
        super().__init__(problem, data, path)
        self.problem = problem
        self.data = data
        self.path = path
        self.expected = expected
        self.got = got

    @override
    def __str__(self) -> str:
        return f"The message can't be decoded, at {self.path}: {self.problem}"


class ValidationError(DecodeError):
    """
    A message can be read, but is not of the type that was asked for.

    So a peer that speaks the format has broken the protocol of this application.
    """


class EncodeError(TypedWSError, ValueError):
    """
    A value can't be written, as JSON (RFC 8259) say; nothing was sent.

    Attributes:
        problem: What is wrong with it.
        path: Where in the value, `$` for all of it.
        form: What it was to be written as.
    """

    def __init__(self, problem: str, path: str = "$", *, form: str = "JSON") -> None:
        """Keep the facts; the sentence is made from them."""
        super().__init__(problem, path)
        self.problem = problem
        self.path = path
        self.form = form

    @override
    def __str__(self) -> str:
        return f"The value can't be sent as {self.form}, at {self.path}: {self.problem}"
