"""
The profiles of real servers: what each does where it differs from the specification.

Every value was measured: `tests/servers` runs the same scenarios on the servers and on
these profiles, and compares what the application and the client have seen. The versions
are those that were measured; the settings are the servers' defaults.
"""

from typing import Final

from typedws.testing.profile import STRICT, Profile

__all__ = ["DAPHNE", "GRANIAN", "HYPERCORN", "STRICT", "UVICORN"]

_ANY_CODE: Final = (range(65_536),)
_MEBIBYTE: Final = 1024 * 1024

UVICORN: Final = Profile(
    name="uvicorn",
    spec_version="2.4",
    denial="joined",
    unoffered_subprotocol="sent",
    both_payloads="bytes",
    no_payload="ignored",
    takes_buffers=True,
    message_limit=16 * _MEBIBYTE,
    reason_of_long_message="frame with {size} bytes exceeds limit of {limit} bytes",
    code_of_loss=1005,
    gives_reason_key="of a frame",
    after_disconnect="repeats once",
    close_after_disconnect="silent",
)
"""uvicorn 0.54, with the WebSocket implementation that is its default."""

HYPERCORN: Final = Profile(
    name="hypercorn",
    spec_version="2.3",
    unoffered_subprotocol="raises",
    drops_unfinished_response=False,
    after_denial=1000,
    after_response=1000,
    both_keys=True,
    both_payloads="bytes",
    takes_buffers=True,
    message_limit=16 * _MEBIBYTE,
    code_of_long_message=1006,
    tells_client_code=False,
    tells_client_reason=False,
    code_of_no_code=1006,
    gives_reason_key="never",
    after_close=1000,
    close_after_close="ignored",
    send_after_disconnect="silent",
    send_after_disconnect_read="silent",
    accept_after_disconnect="silent",
    close_after_disconnect="silent",
    close_after_loss="silent",
    close_codes=_ANY_CODE,
    replaced_close_codes=((1005, 1000), (1006, 1000), (1015, 1000)),
    long_reason="cut",
    end_of_return=1011,
    end_of_error=1011,
)
"""hypercorn 0.18, with its asyncio worker."""

GRANIAN: Final = Profile(
    name="granian",
    spec_version="2.3",
    other_extensions=("http.response.pathsend",),
    text_for_ports=True,
    repeated_headers="grouped",
    denial="one part",
    sends_accept_headers=False,
    unoffered_subprotocol="sent",
    status_of_return=403,
    status_of_error=403,
    denies_at_return=True,
    drops_unfinished_response=False,
    code_before_accept=1005,
    after_denial=1005,
    after_response="blocks",
    accept_after_denial="ignored",
    send_before_accept="ignored",
    lone_surrogate="ignored",
    takes_buffers=True,
    message_limit=16 * _MEBIBYTE,
    code_of_long_message=1005,
    tells_client_reason=False,
    code_of_loss=1005,
    gives_reason_key="never",
    after_disconnect="repeats",
    after_close=1005,
    drops_unread_at_close=True,
    send_after_close="ignored",
    close_after_close="ignored",
    send_after_disconnect="silent",
    send_after_disconnect_read="silent",
    accept_after_disconnect="silent",
    close_after_disconnect="silent",
    close_after_loss="silent",
    close_codes=_ANY_CODE,
    long_reason="sent",
    end_of_return=1005,
    end_of_error=1005,
)
"""granian 2.8."""

DAPHNE: Final = Profile(
    name="daphne",
    spec_version=None,
    scope_lacks=frozenset({"extensions", "http_version", "scheme", "state"}),
    lists_for_addresses=True,
    repeated_headers="joined",
    drops_underscored_headers=True,
    denial="none",
    ignores_unknown_events=True,
    sends_accept_headers=False,
    unoffered_subprotocol="hangs",
    status_of_return=None,
    drops_unfinished_response=False,
    after_response="blocks",
    accept_after_denial="ignored",
    no_payload="ignored",
    drops_empty_messages=True,
    send_buffer=None,
    receive_buffer=None,
    message_limit=_MEBIBYTE,
    code_of_long_message=1006,
    answers_client_close=1000,
    tells_client_reason=False,
    code_of_no_code=None,
    gives_reason_key="never",
    close_after_close="ignored",
    send_after_disconnect="silent",
    send_after_disconnect_read="silent",
    accept_after_disconnect="silent",
    close_after_disconnect="silent",
    close_after_loss="silent",
    close_codes=(range(1000, 1001), range(3000, 5000)),
    sends_close_reason=False,
    long_reason="sent",
    end_of_return="stays open",
    end_of_error=1011,
)
"""daphne 4.2."""
