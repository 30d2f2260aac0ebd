"""
How a connection ends, as a profile has it: what application and client are told.

Pure; `typedws.testing.server` says when.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from typedws.close import LONGEST_REASON, CloseCode, checked_close
from typedws.exceptions import LocalProtocolError
from typedws.testing.outcomes import Closed
from typedws.testing.profile import Profile

__all__ = [
    "LOST",
    "answer_to_client",
    "close_seen",
    "event_of_client_close",
    "event_of_long_message",
    "event_of_loss",
    "event_of_own_close",
    "event_of_refusal",
]

Event: TypeAlias = Mapping[str, object]

LOST: Final = Closed(int(CloseCode.ABNORMAL_CLOSURE), closed_by="network")
"""What a client sees when the connection is lost."""


def event_of_client_close(profile: Profile, code: int | None, reason: str) -> Event:
    """Make the event for a close frame of the client."""
    if not profile.tells_client_code:
        return event_of_loss(profile)
    told = profile.code_of_no_code if code is None else code
    return _disconnect(profile, told, reason if profile.tells_client_reason else "")


def event_of_loss(profile: Profile) -> Event:
    """Make the event for a connection that was lost."""
    return _disconnect(profile, profile.code_of_loss, None)


def event_of_refusal(profile: Profile, code: int) -> Event:
    """Make the event for a connection that never came to be."""
    return _disconnect(profile, code, None)


def event_of_own_close(profile: Profile, code: int, reason: str) -> Event:
    """Make the event for a close of the application."""
    if profile.after_close == "own code":
        return _disconnect(profile, code, reason)
    return _disconnect(profile, profile.after_close, None)


def event_of_long_message(profile: Profile, size: int) -> Event:
    """Make the event for a message that is longer than the server takes."""
    reason = profile.reason_of_long_message
    told = reason.format(size=size, limit=profile.message_limit) if reason else None
    return _disconnect(profile, profile.code_of_long_message, told)


def _disconnect(profile: Profile, code: int | None, reason: str | None) -> Event:
    event: dict[str, object] = {"type": "websocket.disconnect", "code": code}
    is_frame = reason is not None
    if profile.gives_reason_key == "always" or (
        profile.gives_reason_key == "of a frame" and is_frame
    ):
        event["reason"] = reason or ""
    return event


def answer_to_client(profile: Profile, code: int | None, reason: str) -> Closed:
    """Return what the client sees of its own close."""
    if profile.answers_client_close is not None:
        return Closed(profile.answers_client_close, closed_by="client")
    seen = int(CloseCode.NO_STATUS_RECEIVED) if code is None else code
    return Closed(seen, reason, closed_by="client")


def close_seen(profile: Profile, code: int, reason: str) -> Closed:
    """
    Return what the client sees of a close of the application.

    Raises:
        RuntimeError: The server does not take it.
    """
    if not any(code in taken for taken in profile.close_codes):
        raise RuntimeError(f"{profile.name} does not take the close code {code}")
    code = dict(profile.replaced_close_codes).get(code, code)
    reason = _sent(profile, reason)
    try:
        checked_close(code, reason)
    except LocalProtocolError:
        # RFC 6455, section 7.1.7: the client must fail the connection.
        return LOST
    return Closed(code, reason)


def _sent(profile: Profile, reason: str) -> str:
    if not profile.sends_close_reason:
        return ""
    data = reason.encode()
    if len(data) <= LONGEST_REASON or profile.long_reason == "sent":
        return reason
    if profile.long_reason == "raises":
        raise RuntimeError(
            f"{profile.name} does not take a close reason of {len(data)} bytes"
        )
    return data[:LONGEST_REASON].decode(errors="ignore")
