"""What the codecs alone are given: two messages, with defaults and a list in one."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

Steps: TypeAlias = Sequence[Callable[[], object]]
"""What is done in turn: each message is read, and written."""

TEXTS: Final = (
    '{"type":"Join","room":"lobby","name":"ann"}',
    '{"type":"Say","room":"lobby","text":"Hello, how are you?","tags":["a","b"]}',
)
