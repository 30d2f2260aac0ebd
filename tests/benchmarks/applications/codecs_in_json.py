"""Messages read and written by the json of the standard library, without a check."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from tests.benchmarks.applications.codecs import TEXTS, Steps


def untyped() -> Steps:
    """What `receive_json()` and `send_json()` of Starlette do."""
    dumps = partial(json.dumps, separators=(",", ":"), ensure_ascii=False)
    return [
        step
        for text in TEXTS
        for step in (partial(json.loads, text), partial(dumps, json.loads(text)))
    ]


STEPS: Final[Mapping[str, Callable[[], Steps]]] = {"untyped": untyped}
