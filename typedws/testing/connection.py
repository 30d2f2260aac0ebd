"""
One connection in memory, as a record: how far it has come, and what is on the way.

What changes it: the application, by `typedws.testing.server`, and the client, by
`typedws.testing.client`. How an application is told that it may not do what it does is
here as well, since that is the same wherever it happens.
"""

from enum import Enum
from typing import Final, NoReturn, final

from attrs import define, field

from typedws.testing.errors import ASGIViolation, ClientGone, ServerEnded
from typedws.testing.outcomes import Answer, Closed, Denied
from typedws.testing.profile import Profile, SendAfterDisconnect
from typedws.testing.rules import AFTER_CLOSE, AFTER_REFUSAL, RESPONSE, Breach, Rule
from typedws.testing.signal import Signal
from typedws.testing.to_app import ToApp
from typedws.testing.to_client import ToClient

__all__ = ["Connection", "Stage"]

_GONE: Final = "the client has gone"


@final
class Stage(Enum):
    """How far a connection has come."""

    UNANSWERED = "unanswered"
    RESPONDING = "responding"
    DENIED = "denied"
    OPEN = "open"
    LEFT = "left"
    """The client has gone."""
    CLOSED = "closed"
    """The application has closed, or has ended."""


@final
@define(eq=False, order=False, repr=False)
class Connection:
    """
    A connection.

    Attributes:
        profile: How its server behaves.
        offered: The subprotocols that the client offers.
        stage: How far the connection has come.
        response: The denial response, as far as it has come.
        answer: The answer to the handshake.
        closed: How the connection ended, as the client sees it.
        violation: The first breach of the specification.
        is_app_over: Whether the application has ended.
        changed: Fired when there is something new for the client.
        to_client: The messages that the client has not read.
        to_app: The events that the application has not received.
    """

    profile: Profile
    offered: tuple[str, ...] = ()
    stage: Stage = field(default=Stage.UNANSWERED, init=False)
    response: Denied | None = field(default=None, init=False)
    answer: Answer | None = field(default=None, init=False)
    closed: Closed | None = field(default=None, init=False)
    violation: ASGIViolation | ServerEnded | None = field(default=None, init=False)
    is_app_over: bool = field(default=False, init=False)
    changed: Signal = field(factory=Signal, init=False)
    to_client: ToClient = field(init=False)
    to_app: ToApp = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Let nothing but the handshake be on the way."""
        self.to_client = ToClient(self.profile.send_buffer, changed=self.changed)
        self.to_app = ToApp(self.profile, changed=self.changed)

    def leave(self, closed: Closed) -> None:
        """Let the client be gone."""
        self._end(Stage.LEFT, closed)

    def close(self, closed: Closed) -> None:
        """Let the application, or its server, have closed."""
        self._end(Stage.CLOSED, closed)

    def _end(self, stage: Stage, closed: Closed) -> None:
        self.stage = stage
        self.closed = closed
        self.to_client.end()
        self.changed.fire()

    # --- What nobody may do ----------------------------------------------------------

    def refuse(self, breach: Breach) -> NoReturn:
        """Raise, in the application; the client's side looks at `violation`."""
        if not self.profile.enforces_specification:
            raise RuntimeError(str(breach))
        self.fail(ASGIViolation(breach))

    def fail(self, violation: ASGIViolation | ServerEnded) -> NoReturn:
        """Raise, in the application and in the test."""
        self.violation = self.violation or violation
        self.changed.fire()
        raise violation

    def refuse_late(self, kind: str, before: Rule) -> NoReturn:
        """Refuse an event that comes at the wrong time; `before`: before the accept."""
        earlier, rule = {
            Stage.UNANSWERED: ("before the handshake was answered", before),
            Stage.RESPONDING: ("while a denial response was under way", RESPONSE),
            Stage.DENIED: (
                "after the handshake was refused",
                AFTER_REFUSAL if self.response is None else RESPONSE,
            ),
            Stage.OPEN: ("after the handshake was accepted", before),
            Stage.LEFT: ("after the client had gone", AFTER_CLOSE),
            Stage.CLOSED: ("after websocket.close", AFTER_CLOSE),
        }[self.stage]
        self.refuse(Breach(f"{kind} came {earlier}", rule=rule))

    def refuse_gone(self, policy: SendAfterDisconnect) -> None:
        """Tell the application that there is no client, where the server does."""
        if policy == "OSError":
            raise ClientGone(_GONE)

    def record(self, how: str, rule: Rule) -> None:
        """Keep in mind how the application returned, which it may not."""
        if self.profile.enforces_specification:
            breach = Breach(f"the application returned {how}", rule=rule)
            self.violation = self.violation or ASGIViolation(breach)
