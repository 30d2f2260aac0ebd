"""Handlers and applications"""

import asyncio
import functools

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from typedws import (
    AllowedOrigins,
    AnyOrigin,
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    Ended,
    ErrorOutcome,
    ErrorPolicy,
    UnacceptedWebSocket,
    WebSocketApp,
    websocket_app,
)


async def refuse(websocket: UnacceptedWebSocket) -> Ended:
    return await websocket.close()


async def greet(websocket: UnacceptedWebSocket, greeting: str) -> Ended:
    connected = await websocket.accept()
    await connected.send_text(greeting.upper())
    return await connected.close()


def returns_nothing() -> WebSocketApp:
    """A handler returns nothing."""

    async def handler(websocket: UnacceptedWebSocket) -> None:
        await websocket.accept()

    return websocket_app(handler)  # E


def returns_the_connection() -> WebSocketApp:
    """A handler returns the open connection."""

    async def handler(websocket: UnacceptedWebSocket) -> ConnectedWebSocket:
        return await websocket.accept()

    return websocket_app(handler)  # E


def decorates_what_returns_nothing() -> WebSocketApp:
    """A decorated handler returns nothing."""

    @websocket_app(origins=AnyOrigin())  # E
    async def handler(websocket: UnacceptedWebSocket) -> None:
        await websocket.close()

    return handler


def takes_the_connection() -> WebSocketApp:
    """A handler begins with an open connection."""

    async def handler(connected: ConnectedWebSocket) -> Ended:
        return await connected.close()

    return websocket_app(handler)  # E


def takes_two_arguments() -> WebSocketApp:
    """A handler takes a second argument, which nobody gives it."""
    return websocket_app(greet)  # E


def takes_none() -> WebSocketApp:
    """A handler takes no argument."""

    async def handler() -> Ended:
        raise NotImplementedError

    return websocket_app(handler)  # E


def is_not_asynchronous() -> WebSocketApp:
    """A handler is not asynchronous."""

    def handler(websocket: UnacceptedWebSocket) -> Ended:
        return asyncio.run(websocket.close())

    return websocket_app(handler)  # E


def binds_an_argument_of_the_wrong_type() -> WebSocketApp:
    """A handler is bound to an argument of the wrong type by `functools.partial`."""
    return websocket_app(functools.partial(greet, greeting=1))  # E


def binds_an_argument_that_there_is_not() -> WebSocketApp:
    """A handler is bound to an argument that it does not have."""
    return websocket_app(functools.partial(greet, greetings="hello"))  # E


def binds_too_little() -> WebSocketApp:
    """A handler is bound to fewer arguments than it needs."""
    return websocket_app(functools.partial(greet))  # E: not plugin mypy


class Forgetful:
    async def __call__(self, websocket: UnacceptedWebSocket) -> ConnectedWebSocket:
        return await websocket.accept()


def calls_an_object_that_does_not_end() -> WebSocketApp:
    """A handler is an object whose call returns the open connection."""
    return websocket_app(Forgetful())  # E


def gives_the_class_for_the_object() -> WebSocketApp:
    """A handler is the class in place of its object."""
    return websocket_app(Forgetful)  # E


def allows_one_text() -> WebSocketApp:
    """Origins are given as a text in place of a policy."""
    return websocket_app(refuse, origins="https://app.example.com")  # E


def allows_a_list() -> WebSocketApp:
    """Allowed origins are given as a list."""
    return websocket_app(refuse, origins=AllowedOrigins(["https://app.example.com"]))  # E


def allows_a_pattern() -> WebSocketApp:
    """An allowed origin is a pattern, which would match nothing."""
    return websocket_app(refuse, origins=AllowedOrigins("https://*.example.com"))  # E: nobody


def gives_the_policy_for_its_object() -> WebSocketApp:
    """The class of a policy stands in place of its object."""
    return websocket_app(refuse, origins=AnyOrigin)  # E


def foresees_errors_in_a_dict() -> WebSocketApp:
    """Foreseen errors are given without the policy that holds them."""
    return websocket_app(refuse, errors={KeyError: ErrorOutcome(4004)})  # E


def foresees_an_error_with_a_number() -> WebSocketApp:
    """A foreseen error becomes a bare close code."""
    return websocket_app(refuse, errors=ErrorPolicy(expected={KeyError: 4004}))  # E


def foresees_an_error_by_its_name() -> WebSocketApp:
    """A foreseen error is named by a text."""
    errors = ErrorPolicy(expected={"KeyError": ErrorOutcome(4004)})  # E
    return websocket_app(refuse, errors=errors)


def misspells_a_policy() -> WebSocketApp:
    """The name of a policy is misspelt."""
    return websocket_app(refuse, origin=AnyOrigin())  # E


def denies_with_a_text_as_status() -> DenialResponse:
    """The status of a denial is a text."""
    return DenialResponse("401")  # E


def denies_with_a_text_as_body() -> DenialResponse:
    """The body of a denial is a text."""
    return DenialResponse(401, body="log in first")  # E


def derives_a_state() -> None:
    """A state is derived from, around its constructor."""

    class Closed(ClosedWebSocket):  # E
        def __init__(self) -> None:
            pass

    print(Closed())


def routes_to_the_handler() -> Starlette:
    """A route of a framework is given the handler in place of the application."""
    return Starlette(routes=[WebSocketRoute("/chat", refuse)])  # E: nobody
