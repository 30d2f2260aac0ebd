"""Ports of the loopback interface, for servers in processes of their own."""

import socket

__all__ = ["free_port", "listens"]


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def listens(port: int) -> bool:
    """Tell whether anybody takes connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
