"""Values that do not change"""

from typedws import (
    AnyOrigin,
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    Ended,
    TextMessage,
    UnacceptedWebSocket,
    websocket_app,
)


def changes_a_message() -> None:
    """The payload of a message is changed."""
    message = TextMessage("a")
    message.data = "b"  # E


def changes_a_denial() -> None:
    """The status of a denial is changed."""
    denial = DenialResponse()
    denial.status = 401  # E


def changes_a_header(websocket: UnacceptedWebSocket) -> None:
    """A header of the request is set."""
    websocket.headers["host"] = "example.com"  # E


def removes_a_header(websocket: UnacceptedWebSocket) -> None:
    """A header of the request is removed."""
    del websocket.headers["host"]  # E


def changes_a_query_parameter(websocket: UnacceptedWebSocket) -> None:
    """A query parameter is set."""
    websocket.query_params["page"] = "2"  # E


def changes_a_cookie(websocket: UnacceptedWebSocket) -> None:
    """A cookie is set on the request."""
    websocket.cookies["session"] = "new"  # E


def changes_a_path_parameter(websocket: UnacceptedWebSocket) -> None:
    """A path parameter is set."""
    websocket.path_params["room"] = "lobby"  # E


def changes_the_state_of_the_lifespan(websocket: UnacceptedWebSocket) -> None:
    """The state of the application is written to."""
    websocket.state["visits"] = 1  # E


def changes_the_scope(websocket: UnacceptedWebSocket) -> None:
    """A key of the scope is set."""
    websocket["path"] = "/"  # E


def changes_the_url(websocket: UnacceptedWebSocket) -> None:
    """A component of the URL is changed."""
    websocket.url.path = "/"  # E


def changes_the_typed_scope(websocket: UnacceptedWebSocket) -> None:
    """A field of the typed scope is changed."""
    websocket.scope.path = "/"  # E


def changes_the_subprotocol(connected: ConnectedWebSocket) -> None:
    """The subprotocol of a connection is changed."""
    connected.subprotocol = "chat"  # E


def adds_an_attribute(connected: ConnectedWebSocket) -> None:
    """Something of one's own is kept on the connection."""
    connected.name = "Ada"  # E: not pyrefly


def changes_a_close_code(closed: ClosedWebSocket) -> None:
    """The code of a close is changed."""
    closed.code = 1000  # E


def changes_a_policy() -> None:
    """A policy of an application is changed."""

    @websocket_app
    async def app(websocket: UnacceptedWebSocket) -> Ended:
        return await websocket.close()

    app.origins = AnyOrigin()  # E
