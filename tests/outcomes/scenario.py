"""
A scenario: what a handler does, what its client does, and what both see of it.

What they see is the same on every server, but for what `tests.outcomes.differences`
declares.
"""

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from attrs import frozen

from tests.outcomes.visiting import Visit
from typedws import (
    ErrorPolicy,
    Handler,
    Limits,
    OriginPolicy,
    SameOrigin,
    WebSocketApp,
    websocket_app,
)

__all__ = ["Client", "Scenario"]

Client: TypeAlias = Callable[[Visit], Awaitable[None]]

_SAME_ORIGIN: Final = SameOrigin()
_NO_LIMITS: Final = Limits()
_DEFAULT_ERRORS: Final = ErrorPolicy()


@frozen(order=False, eq=False)
class Scenario:
    """
    One visit to an application.

    Attributes:
        name: What it is called in paths.
        says: What happens, as the row of a table.
        handler: What the application does.
        client: What the client does.
        app_sees: What the handler sees, line by line, and how the application ends.
        client_sees: What the client sees.
        limits: The limits of the application.
        errors: What an exception of the handler becomes.
        origins: Which pages may connect.
        logs_faults: Whether a handler fails, which a server may log at any length.
        connections: How many connections the application is to be asked for.
        is_hostile: Whether the client breaks the rules. Then nothing else happens on
            the server meanwhile, and its log is watched.
        is_alone: Whether it must not run beside others. Its log is watched, too.
        stops_the_server: Whether it takes a server of its own, which it stops.
    """

    name: str
    says: str
    handler: Handler
    client: Client
    app_sees: tuple[str, ...]
    client_sees: tuple[str, ...]
    limits: Limits = _NO_LIMITS
    errors: ErrorPolicy = _DEFAULT_ERRORS
    origins: OriginPolicy = _SAME_ORIGIN
    logs_faults: bool = False
    connections: int = 1
    is_hostile: bool = False
    is_alone: bool = False
    stops_the_server: bool = False

    def app(self) -> WebSocketApp:
        """Make its application."""
        return websocket_app(
            self.handler, limits=self.limits, errors=self.errors, origins=self.origins
        )
