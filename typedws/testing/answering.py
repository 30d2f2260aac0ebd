"""
What an application makes of a handshake: an accept, a refusal, or a denial response.

Or none of them, when it has ended; then its server answers.
"""

from typing import Final, final

from attrs import define, field

from typedws.datastructures import Headers
from typedws.testing.connection import Connection, Stage
from typedws.testing.ends import LOST, event_of_loss, event_of_refusal
from typedws.testing.errors import ServerEnded
from typedws.testing.events import Accept, ResponseBody, ResponseStart
from typedws.testing.outcomes import Accepted, Denied
from typedws.testing.profile import AfterDenial
from typedws.testing.rules import (
    ACCEPT,
    ANSWER,
    EXTENSION,
    OFFERED,
    RESPONSE,
    RESPONSE_START,
    Breach,
)

__all__ = ["Answering"]

_FORBIDDEN: Final = 403


@final
@define(eq=False, order=False, repr=False)
class Answering:
    """
    The answer to the handshake of a connection.

    Attributes:
        connection: The connection.
    """

    connection: Connection
    _withheld: Denied | None = field(default=None, init=False)

    # --- The accept ------------------------------------------------------------------

    def accept(self, event: Accept) -> None:
        """Take `websocket.accept`."""
        connection, profile = self.connection, self.connection.profile
        if self._is_too_late():
            connection.refuse_gone(profile.accept_after_disconnect)
            return
        if connection.stage is not Stage.UNANSWERED and self._withheld is None:
            if self._ignores_late_accept():
                return
            connection.refuse_late("websocket.accept", ACCEPT)
        if event.subprotocol is None or event.subprotocol in connection.offered:
            self._withheld = None
            headers = event.headers if profile.sends_accept_headers else ()
            connection.stage = Stage.OPEN
            connection.answer = Accepted(event.subprotocol, headers=Headers(headers))
            connection.changed.fire()
        else:
            self._accept_unoffered(event.subprotocol)

    def _is_too_late(self) -> bool:
        connection = self.connection
        return connection.stage is Stage.LEFT and connection.answer is None

    def _ignores_late_accept(self) -> bool:
        connection = self.connection
        is_after_close = connection.stage is Stage.DENIED and not connection.response
        return is_after_close and connection.profile.accept_after_denial == "ignored"

    def _accept_unoffered(self, subprotocol: str) -> None:
        connection, profile = self.connection, self.connection.profile
        if profile.unoffered_subprotocol == "hangs":
            return
        if not profile.enforces_specification:
            connection.leave(LOST)
        if profile.unoffered_subprotocol == "sent":
            # The client must fail the connection; it is open to the server until then.
            connection.to_app.disconnect(
                event_of_loss(profile),
                is_repeated=profile.after_disconnect == "repeats",
            )
            return
        offer = ", ".join(map(ascii, connection.offered)) or "none"
        connection.refuse(
            Breach(
                f"websocket.accept: the client does not offer the subprotocol "
                f"{subprotocol!a}, but {offer}",
                rule=OFFERED,
            )
        )

    # --- The refusal -----------------------------------------------------------------

    def deny(self) -> None:
        """Take `websocket.close` before an answer."""
        self._deny(Denied(_FORBIDDEN), self.connection.profile.after_denial)

    def _deny(self, denied: Denied, after: AfterDenial) -> None:
        connection, profile = self.connection, self.connection.profile
        connection.stage = Stage.DENIED
        is_final = connection.response is not None or connection.is_app_over
        if profile.denies_at_return and not is_final:
            self._withheld = denied
        else:
            connection.answer = denied
        if after != "blocks":
            is_repeated = profile.after_disconnect == "repeats once"
            event = event_of_refusal(profile, after)
            connection.to_app.disconnect(event, is_repeated=is_repeated)
        connection.changed.fire()

    # --- The denial response ---------------------------------------------------------

    def start_response(self, event: ResponseStart) -> None:
        """Take `websocket.http.response.start`."""
        connection = self.connection
        if connection.profile.denial == "none":
            self._refuse_extension()
            return
        if self._is_too_late():
            connection.refuse_gone(connection.profile.accept_after_disconnect)
            return
        if connection.stage is not Stage.UNANSWERED:
            connection.refuse_late("websocket.http.response.start", RESPONSE)
        connection.stage = Stage.RESPONDING
        connection.response = Denied(
            event.status, headers=Headers(event.headers), complete=False
        )

    def _refuse_extension(self) -> None:
        if not self.connection.profile.ignores_unknown_events:
            self.connection.refuse(
                Breach(
                    "a denial response came, and the server does not offer the "
                    "extension",
                    rule=EXTENSION,
                )
            )

    def continue_response(self, event: ResponseBody) -> None:
        """Take `websocket.http.response.body`."""
        connection, profile = self.connection, self.connection.profile
        if profile.denial == "none" and profile.ignores_unknown_events:
            return
        if self._is_too_late():
            connection.refuse_gone(profile.accept_after_disconnect)
            return
        response = connection.response
        if response is None or connection.stage is not Stage.RESPONDING:
            connection.refuse_late("websocket.http.response.body", RESPONSE_START)
        if event.more_body and profile.denial == "one part":
            raise RuntimeError(f"{profile.name} takes a response in one part")
        self._check_repeated(response.headers)
        connection.response = _continued(response, event)
        if connection.response.complete:
            self._deny(connection.response, profile.after_response)

    def _check_repeated(self, headers: Headers) -> None:
        profile = self.connection.profile
        repeated = [name for name in headers if len(headers.getlist(name)) > 1]
        if repeated and profile.ends_by_repeated_response_headers:
            names = ", ".join(repeated)
            cause = f"a denial response has more than one {names}"
            self.connection.fail(ServerEnded(profile.name, cause))

    # --- The end of the application --------------------------------------------------

    def end(self, *, failed: bool) -> None:
        """Answer for an application that has ended."""
        connection = self.connection
        if self._withheld is not None:
            connection.answer = self._withheld
        if connection.stage is Stage.UNANSWERED:
            self._end_unanswered(failed=failed)
        elif connection.stage is Stage.RESPONDING:
            self._end_responding(failed=failed)

    def _end_unanswered(self, *, failed: bool) -> None:
        profile = self.connection.profile
        status = profile.status_of_error if failed else profile.status_of_return
        if not failed:
            self.connection.record("without an answer to the handshake", ANSWER)
        if status is not None:
            self._deny(Denied(status), "blocks")

    def _end_responding(self, *, failed: bool) -> None:
        connection, profile = self.connection, self.connection.profile
        if profile.enforces_specification:
            connection.answer = connection.response
            if not failed:
                connection.record(
                    "before its denial response was whole", RESPONSE_START
                )
        elif profile.drops_unfinished_response or self._is_begun():
            connection.leave(LOST)
        else:
            self._end_unanswered(failed=failed)

    def _is_begun(self) -> bool:
        # A server that streams sends the head with the first part.
        response = self.connection.response
        begun = response is not None and bool(response.body)
        return begun and self.connection.profile.denial == "streamed"


def _continued(response: Denied, event: ResponseBody) -> Denied:
    return Denied(
        response.status,
        headers=response.headers,
        body=response.body + event.body,
        complete=not event.more_body,
    )
