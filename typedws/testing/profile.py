"""
How a server behaves towards an application, as a value.

Each field is one thing in which servers differ. The defaults are the specification's:
`STRICT`. The profiles of real servers are in `typedws.testing.profiles`; what each
field does is in `typedws.testing.server` and the modules that it stands on.
"""

from typing import Final, Literal, TypeAlias, final

from attrs import frozen

__all__ = ["STRICT", "Profile"]

Denial: TypeAlias = Literal["streamed", "joined", "one part", "none"]
UnofferedSubprotocol: TypeAlias = Literal["sent", "raises", "hangs"]
RepeatedHeaders: TypeAlias = Literal["kept", "grouped", "joined"]
Wrong: TypeAlias = Literal["raises", "ignored"]
AfterDisconnect: TypeAlias = Literal["blocks", "repeats", "repeats once"]
AfterDenial: TypeAlias = int | Literal["blocks"]
AfterClose: TypeAlias = int | Literal["own code"]
ReasonKey: TypeAlias = Literal["always", "of a frame", "never"]
LongReason: TypeAlias = Literal["raises", "cut", "sent"]
SendAfterDisconnect: TypeAlias = Literal["OSError", "silent"]
BothPayloads: TypeAlias = Literal["bytes", "raises"]
OpenEnd: TypeAlias = int | Literal["stays open"]

_HIGH_WATER: Final = 64 * 1024
"""Bytes: what asyncio's transports hold before a writer has to wait."""


@final
@frozen(order=False, kw_only=True)
class Profile:
    """
    How a server behaves.

    The defaults are what the ASGI specification says, and the strictest reading where
    it says nothing.

    Attributes:
        name: The server's name, for error messages and test ids.
        enforces_specification: Whether what breaks ASGI fails the test. If not, the
            client sees what the server would make of it.
        spec_version: The scope's `asgi["spec_version"]`; `None`: the key is missing.
        scope_lacks: The keys that the scope does not have.
        lists_for_addresses: Whether `client` and `server` are lists.
        text_for_ports: Whether the ports in them are texts.
        other_extensions: The scope's `extensions` beside that of the denial response.
        repeated_headers: What becomes of request headers of one name. `"grouped"`: they
            stand where the first of them stood; `"joined"`: they are one, with commas.
        drops_underscored_headers: Whether request headers with `_` in their name are
            dropped.
        denial: What becomes of a denial response. `"streamed"`: its parts go out one by
            one; `"joined"`: at the end; `"one part"`: a second one raises; `"none"`:
            there is no such extension.
        ignores_unknown_events: Whether `send()` takes an event of an unknown type, or
            of an extension that is not there, and does nothing.
        sends_accept_headers: Whether the client gets the headers of an accept.
        unoffered_subprotocol: What becomes of an accept with a subprotocol that the
            client has not offered.
        status_of_return: The HTTP status that a client gets when the application
            returns without an answer; `None`: the handshake hangs.
        status_of_error: The same, when the application raises.
        denies_at_return: Whether a close before the accept reaches the client only when
            the application returns.
        drops_unfinished_response: Whether the client sees the connection lost when the
            application returns in the middle of a denial response; if not, it is as if
            there had been none.
        ends_by_repeated_response_headers: Whether a denial response with one header
            twice ends the server's process, and all connections with it, as it does
            with a granian before 2.8.9.
        code_before_accept: The code of the disconnect, when the client goes before it
            has an answer.
        after_denial: What `receive()` does after a close before the accept: a
            disconnect with this code, or it blocks.
        after_response: The same, after a denial response.
        accept_after_denial: What an accept does after a close before the accept. Where
            `denies_at_return` is on, it is taken.
        both_keys: Whether a received message has both `text` and `bytes`, one `None`.
        both_payloads: What `send()` does with an event that has both. Only where
            `enforces_specification` is off.
        no_payload: What `send()` does with an event that has neither.
        send_before_accept: What `send()` does with a message before the accept.
        lone_surrogate: What `send()` does with text that UTF-8 can not encode; if it is
            ignored, an empty text is sent.
        takes_buffers: Whether `send()` takes a bytearray or a memoryview.
        drops_empty_messages: Whether an empty message to the client is lost.
        send_buffer: Bytes to the client, unread, after which `send()` blocks; `None`:
            never.
        receive_buffer: Bytes from the client, unread, after which the client blocks;
            `None`: never.
        message_limit: The most bytes of a message that the server takes; `None`: there
            is no limit.
        code_of_long_message: The code of the disconnect when a message is longer.
        reason_of_long_message: Its reason, with `{size}` and `{limit}`, where the event
            has one.
        answers_client_close: The code of the close frame that answers the client's;
            `None`: the client's own.
        tells_client_code: Whether the application is told the client's close code; if
            not, it is `code_of_loss`.
        tells_client_reason: Whether the application is told the client's close reason.
        code_of_no_code: What stands for a close without a code; `None`: the event has
            the key, and its value is `None`.
        code_of_loss: What stands for a connection that was lost.
        gives_reason_key: Which disconnect events have a `reason`: all, those that stand
            for a close frame, or none.
        after_disconnect: What `receive()` does after it has given the disconnect.
        after_close: The code that `receive()` gives after the application has closed;
            the reason is that of the application where it is its own code.
        drops_unread_at_close: Whether messages that came before the application has
            closed, and were not received, are lost.
        send_after_close: What `send()` does with a message after the application has
            closed.
        close_after_close: What `send()` does with another close.
        send_after_disconnect: What `send()` does when the client has gone.
        send_after_disconnect_read: The same, once `receive()` has given the disconnect.
        accept_after_disconnect: What an accept does when the client has gone.
        close_after_disconnect: What a close does when the client has closed.
        close_after_loss: The same, when the connection was lost.
        close_codes: Which close codes `send()` takes; any other raises. A client that
            gets one that RFC 6455 does not allow sees 1006.
        replaced_close_codes: Which codes become another one on the wire.
        sends_close_reason: Whether the client gets the reason of a close.
        long_reason: What becomes of a reason over 123 bytes. `"sent"`: the frame is
            illegal, so that a client sees 1006.
        end_of_return: The close code that a client sees when the application returns
            while the connection is open; 1006: the connection is lost, 1005: a close
            without a code.
        end_of_error: The same, when the application raises.
    """

    name: str
    enforces_specification: bool = False
    # The scope.
    spec_version: str | None = "2.5"
    scope_lacks: frozenset[str] = frozenset()
    lists_for_addresses: bool = False
    text_for_ports: bool = False
    other_extensions: tuple[str, ...] = ()
    repeated_headers: RepeatedHeaders = "kept"
    drops_underscored_headers: bool = False
    # The handshake.
    denial: Denial = "streamed"
    ignores_unknown_events: bool = False
    sends_accept_headers: bool = True
    unoffered_subprotocol: UnofferedSubprotocol = "raises"
    status_of_return: int | None = 500
    status_of_error: int | None = 500
    denies_at_return: bool = False
    drops_unfinished_response: bool = True
    ends_by_repeated_response_headers: bool = False
    code_before_accept: int = 1006
    after_denial: AfterDenial = 1006
    after_response: AfterDenial = 1006
    accept_after_denial: Wrong = "raises"
    # Messages.
    both_keys: bool = False
    both_payloads: BothPayloads = "raises"
    no_payload: Wrong = "raises"
    send_before_accept: Wrong = "raises"
    lone_surrogate: Wrong = "raises"
    takes_buffers: bool = False
    drops_empty_messages: bool = False
    send_buffer: int | None = _HIGH_WATER
    receive_buffer: int | None = _HIGH_WATER
    message_limit: int | None = None
    code_of_long_message: int = 1009
    reason_of_long_message: str = ""
    # The end.
    answers_client_close: int | None = None
    tells_client_code: bool = True
    tells_client_reason: bool = True
    code_of_no_code: int | None = 1005
    code_of_loss: int = 1006
    gives_reason_key: ReasonKey = "always"
    after_disconnect: AfterDisconnect = "blocks"
    after_close: AfterClose = "own code"
    drops_unread_at_close: bool = False
    send_after_close: Wrong = "raises"
    close_after_close: Wrong = "raises"
    send_after_disconnect: SendAfterDisconnect = "OSError"
    send_after_disconnect_read: SendAfterDisconnect = "OSError"
    accept_after_disconnect: SendAfterDisconnect = "OSError"
    close_after_disconnect: SendAfterDisconnect = "OSError"
    close_after_loss: SendAfterDisconnect = "OSError"
    close_codes: tuple[range, ...] = (
        range(1000, 1004),
        range(1007, 1015),
        range(3000, 5000),
    )
    replaced_close_codes: tuple[tuple[int, int], ...] = ()
    sends_close_reason: bool = True
    long_reason: LongReason = "raises"
    end_of_return: OpenEnd = 1006
    end_of_error: OpenEnd = 1006


STRICT: Final = Profile(name="the ASGI specification", enforces_specification=True)
"""The specification itself: what breaks it fails the test."""
