"""
Serves an application with daphne: `python -m tests.live.serve_daphne echo`.

A launcher, as `tests.live.process` starts them: it takes a free port of the loopback
interface, and prints it once clients can connect.
"""

import sys

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server

from tests.live.applications import APPLICATIONS


def main(name: str) -> None:
    """Serve one of the applications until a signal comes."""
    server = Server(
        APPLICATIONS[name],
        endpoints=build_endpoint_description_strings(host="127.0.0.1", port=0),
        # On stdout stands the port alone.
        verbosity=0,
        ready_callable=lambda: tell_port(server),
    )
    server.run()


def tell_port(server: Server) -> None:
    """Print where it listens."""
    [(_, port)] = server.listening_addresses
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
