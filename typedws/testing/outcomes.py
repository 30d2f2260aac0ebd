"""
What a client sees of a connection, as values: the answer to its handshake, and the end.

A message is a `TextMessage` or a `BytesMessage`, as everywhere in typedws.
"""

from typing import TypeAlias, final

from attrs import field, frozen

from typedws.datastructures import Headers
from typedws.ended import ClosedBy

__all__ = ["Accepted", "Answer", "Closed", "Denied"]

_NO_HEADERS = Headers()


@final
@frozen(order=False)
class Accepted:
    """
    The handshake was accepted.

    Attributes:
        subprotocol: The one that was chosen of those offered.
        headers: What the application added to the response.
    """

    subprotocol: str | None = None
    headers: Headers = field(default=_NO_HEADERS, kw_only=True)


@final
@frozen(order=False)
class Denied:
    """
    The handshake was refused with an HTTP response.

    Attributes:
        status: The HTTP status: 403, unless the application chose another.
        headers: The headers of the response.
        body: The body of the response.
        complete: Whether the application sent the response to its end.
    """

    status: int
    headers: Headers = field(default=_NO_HEADERS, kw_only=True)
    body: bytes = field(default=b"", kw_only=True)
    complete: bool = field(default=True, kw_only=True)


Answer: TypeAlias = Accepted | Denied
"""What becomes of a handshake."""


@final
@frozen(order=False)
class Closed:
    """
    The connection is over: the last thing that a client receives.

    Attributes:
        code: The close code. 1005: there was none. 1006: the connection was lost, and
            there was no close frame.
        reason: The close reason.
        closed_by: `"server"` for the application, `"client"` for the test, `"network"`
            for a connection that was lost.
    """

    code: int
    reason: str = ""
    closed_by: ClosedBy = field(default="server", kw_only=True)
