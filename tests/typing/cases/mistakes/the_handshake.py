"""What the handshake says"""

from typedws import UnacceptedWebSocket


def misspells_an_attribute(websocket: UnacceptedWebSocket) -> None:
    """An attribute is misspelt."""
    print(websocket.query_parameters)  # E


def takes_a_parameter_for_a_text(websocket: UnacceptedWebSocket) -> None:
    """A path parameter is used as a text, without a look."""
    print(websocket.path_params["room"].upper())  # E


def takes_a_parameter_for_granted(websocket: UnacceptedWebSocket) -> None:
    """A query parameter that may be missing is used."""
    token: str = websocket.query_params.get("token")  # E
    print(token)


def takes_the_client_for_granted(websocket: UnacceptedWebSocket) -> None:
    """The address of the client, which a server may not tell, is used."""
    print(websocket.client.host)  # E


def takes_the_host_for_granted(websocket: UnacceptedWebSocket) -> None:
    """The host of the URL, which may be missing, is used."""
    print(websocket.url.hostname.lower())  # E


def takes_a_header_for_bytes(websocket: UnacceptedWebSocket) -> None:
    """A header, which is text, is decoded."""
    print(websocket.headers["host"].decode())  # E


def takes_the_query_string_for_text(websocket: UnacceptedWebSocket) -> None:
    """The raw query string, which is bytes, is used as text."""
    print("query: " + websocket["query_string"])  # E


def takes_the_state_for_granted(websocket: UnacceptedWebSocket) -> None:
    """A value of the application's state is used, without a look."""
    print(websocket.state["pool"].acquire())  # E


def takes_the_state_for_attributes(websocket: UnacceptedWebSocket) -> None:
    """The application's state is read by attribute."""
    print(websocket.state.pool)  # E


def takes_the_user_for_granted(websocket: UnacceptedWebSocket) -> None:
    """The user whom a middleware has found is used, without a look."""
    print(websocket.user.display_name)  # E


def calls_a_property(websocket: UnacceptedWebSocket) -> None:
    """A property is called."""
    print(websocket.url())  # E


def begins_with_nothing() -> UnacceptedWebSocket:
    """A connection is begun without a scope."""
    return UnacceptedWebSocket()  # E


def begins_with_a_path() -> UnacceptedWebSocket:
    """A connection is begun with a path in place of a scope."""
    return UnacceptedWebSocket("/chat")  # E
