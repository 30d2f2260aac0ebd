"""JSON of a type, for who asks message by message: a decoder for each type, kept."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from typing_extensions import TypeForm

from typedws.codecs.json import JsonCodec
from typedws.json_text import JSON, decode_json
from typedws.messages import JSONMode

__all__ = ["json_decoder"]

Decode: TypeAlias = Callable[[str | bytes], object]

_MOST_KEPT: Final = 128
"""Types. A program that makes up new ones for ever must not fill the memory."""


def json_decoder(form: TypeForm[object], mode: JSONMode) -> Decode:
    """
    Return what reads JSON of a type.

    Raises:
        TypeError: The type is none that JSON can be read into.
    """
    if _is_any_json(form):
        return decode_json
    try:
        decode = _kept(form, mode)
    except TypeError:
        # It has no hash, or it is no type for JSON; then that is said below.
        decode = None
    return decode or _decoder(form, mode)


def _decoder(form: TypeForm[object], mode: JSONMode) -> Decode:
    return JsonCodec(form, None, mode=mode).decode


_kept: Callable[[object, JSONMode], Decode] = lru_cache(_MOST_KEPT)(_decoder)


def _is_any_json(form: object) -> bool:
    return form is JSON
