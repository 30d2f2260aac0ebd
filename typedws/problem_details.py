"""
What a client is told of its own mistakes: Problem Details for HTTP APIs (RFC 9457).

Other clients than browsers get to see it, and the format is one that many can read.
"""

from typing import Final

from typedws.denial import DenialResponse
from typedws.exceptions import InvalidParameters
from typedws.json_text import JSONInput

__all__ = ["problem_details"]

_BAD_REQUEST: Final = 400
_MOST_ERRORS: Final = 20
_HEADERS: Final = {"content-type": "application/problem+json"}


def problem_details(error: InvalidParameters) -> DenialResponse:
    """Make the response that lists what was wrong with a handshake."""
    errors: list[JSONInput] = [
        {"place": it.place, "expected": it.expected, "got": it.got}
        for it in error.problems[:_MOST_ERRORS]
    ]
    details: dict[str, JSONInput] = {
        # RFC 9457, section 4.2.1: without a type "the title SHOULD be the same as the
        # recommended HTTP status phrase".
        "title": "Bad Request",
        "status": _BAD_REQUEST,
        "detail": f"The {error.part} of the handshake did not fit.",
        "errors": errors,
    }
    left_out = len(error.problems) - len(errors)
    if left_out:
        # An extension member, by section 3.2, as `errors` is.
        details["errors_left_out"] = left_out
    return DenialResponse.json(details, status=_BAD_REQUEST, headers=_HEADERS)
