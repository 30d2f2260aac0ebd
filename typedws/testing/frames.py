"""What a message takes of a buffer: its payload in UTF-8, and the header of a frame."""

from typing import Final

from typedws.messages import Message

__all__ = ["HEADER", "size_of"]

HEADER: Final = 2
"""Bytes that a message takes beyond its payload: the header of a short frame."""


def size_of(message: Message) -> int:
    """Return what a message takes of a buffer, in bytes."""
    data = message.data
    if isinstance(data, str) and not data.isascii():
        return len(data.encode()) + HEADER
    return len(data) + HEADER
