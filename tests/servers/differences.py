"""
Where a profile can not be equal to its server, and why. There is nothing else.

The tests compare every other row, and that these rows do differ, so that this list is
true; the docs show it.
"""

from collections.abc import Mapping
from typing import Final

from typedws.testing import DAPHNE, GRANIAN, HYPERCORN, UVICORN, Profile

PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile for profile in (UVICORN, HYPERCORN, GRANIAN, DAPHNE)
}
"""By the names of their servers, in the order of the tables."""

VARIANTS: Final = {"uvicorn-wsproto": "uvicorn", "hypercorn-trio": "hypercorn"}
"""Servers of which another set-up has the profile."""

_PING: Final = (
    "There are no frames in memory, so a test can not send a ping. The server answers "
    "one by itself; the application sees nothing of it here or there."
)

CHANCES: Final[Mapping[tuple[str, str], str]] = {
    ("hypercorn-trio", scenario): (
        "Whether the last call raises depends on which of two tasks comes first."
    )
    for scenario in (
        "accept_after_close",
        "accept_after_a_denial_response",
        "send_after_close",
    )
}
"""Rows that are not the same each time, by the names of a server and a scenario."""

DIFFERENCES: Final[Mapping[tuple[str, str], str]] = {
    **{(name, "ping"): _PING for name in PROFILES},
    ("uvicorn", "close_long_after_the_client_has_closed"): (
        "Until the TCP connection is gone, too, uvicorn takes a close and does "
        "nothing; milliseconds later it raises an `OSError`. In memory the "
        "TCP connection is never gone, and the close is always taken."
    ),
    ("granian", "reset_before_a_denial_response"): (
        "granian raises when the body of the response is sent, and `receive()` blocks "
        "then. In memory nothing raises, and `receive()` gives the disconnect, as it "
        "does on granian itself in all other cases."
    ),
}
"""By the names of a profile and of a scenario."""
