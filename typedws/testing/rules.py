"""
The rules of ASGI that an application can break, in the words of the specification.

The specification is in the public domain. `typedws.testing.events` says what breaks a
rule; here is what the rule says, and where.
"""

from typing import Final, final

from attrs import field, frozen
from typing_extensions import override

__all__ = ["Breach", "Rule"]


@final
@frozen(order=False)
class Rule:
    """
    A rule.

    Attributes:
        sentence: What the specification says.
        section: Where it says so.
    """

    sentence: str
    section: str = field(kw_only=True)

    @override
    def __str__(self) -> str:
        return f'"{self.sentence}" ({self.section})'


@final
@frozen(order=False)
class Breach:
    """
    What an application did against a rule.

    Attributes:
        problem: What it did.
        rule: What it broke.
    """

    problem: str
    rule: Rule = field(kw_only=True)

    @override
    def __str__(self) -> str:
        return f"{self.problem}. The rule: {self.rule}"


_MESSAGES: Final = "ASGI, HTTP & WebSocket message format"
_DENIAL: Final = "ASGI, extensions, Websocket Denial Response"

EVENT: Final = Rule(
    "Each event is a dict with a top-level type key that contains a Unicode string of "
    "the message type.",
    section="ASGI, Events",
)
VALID_EVENT: Final = Rule(
    "If a server receives an invalid event dictionary - for example, having an unknown "
    "type, missing keys an event type should have, or with wrong Python types for "
    "objects [...] - it should raise an exception out of the send awaitable back to "
    "the application.",
    section="ASGI, Error Handling",
)
ANSWER: Final = Rule(
    "This message must be responded to with either an Accept message or a Close "
    "message before the socket will pass websocket.receive messages.",
    section=f"{_MESSAGES}, Connect",
)
ACCEPT: Final = Rule(
    "Sent by the application when it wishes to accept an incoming connection.",
    section=f"{_MESSAGES}, Accept",
)
SUBPROTOCOL: Final = Rule(
    "The subprotocol the server wishes to accept.", section=f"{_MESSAGES}, Accept"
)
OFFERED: Final = Rule(
    "[If the response has] a subprotocol that was not present in the client's "
    "handshake [...], the client MUST _Fail the WebSocket Connection_.",
    section="RFC 6455, section 4.1",
)
ACCEPT_HEADERS: Final = Rule(
    "An iterable of [name, value] two-item iterables, where name is the header name, "
    "and value is the header value. [...] Header names must be lowercased. Must not "
    "include a header named sec-websocket-protocol; use the subprotocol key instead.",
    section=f"{_MESSAGES}, Accept",
)
RESPONSE_HEADERS: Final = Rule(
    "An iterable of [name, value] two-item iterables, where name is the header name, "
    "and value is the header value. [...] Header names must be lowercased.",
    section=f"{_MESSAGES}, Response Start",
)
FIELD_NAME: Final = Rule("field-name = token", section="RFC 9110, section 5.1")
FIELD_VALUE: Final = Rule(
    "Field values containing CR, LF, or NUL characters are invalid and dangerous.",
    section="RFC 9110, section 5.5",
)
PAYLOAD: Final = Rule(
    "Exactly one of bytes or text must be non-None.", section=f"{_MESSAGES}, Send"
)
UTF_8: Final = Rule(
    'The "Payload data" is text data encoded as UTF-8.', section="RFC 6455, section 5.6"
)
CLOSE: Final = Rule(
    "The WebSocket close code, as per the WebSocket spec.",
    section=f"{_MESSAGES}, Close",
)
AFTER_CLOSE: Final = Rule(
    "If send() is called on a closed connection the server should raise a "
    "server-specific subclass of OSError.",
    section=f"{_MESSAGES}, Disconnected Client",
)
AFTER_REFUSAL: Final = Rule(
    "If this is sent before the socket is accepted, the server must close the "
    "connection with a HTTP 403 error code (Forbidden), and not complete the WebSocket "
    "handshake.",
    section=f"{_MESSAGES}, Close",
)
EXTENSION: Final = Rule(
    "ASGI Servers that implement this extension will provide websocket.http.response "
    "in the extensions part of the scope.",
    section=_DENIAL,
)
RESPONSE: Final = Rule(
    "This will allow the ASGI Framework to send HTTP response messages after the "
    "websocket.connect message. These messages cannot be followed by any other "
    "websocket messages.",
    section=_DENIAL,
)
RESPONSE_START: Final = Rule(
    "Needs to be followed by at least one response content message.",
    section=f"{_MESSAGES}, Response Start",
)
RESPONSE_BODY: Final = Rule(
    "If more_body is set to False [...] this will complete the response.",
    section=f"{_MESSAGES}, Response Body",
)
SCOPE: Final = Rule(
    "WebSocket connections' scope lives as long as the socket itself - if the "
    "application dies the socket should be closed, and vice-versa.",
    section=f"{_MESSAGES}, Websocket Connection Scope",
)
LIFESPAN: Final = Rule(
    "A server must wait for this message before it starts processing connections.",
    section="ASGI, Lifespan, Startup Complete",
)
