"""
What msgspec does not write, though a type checker lets it pass.

An instance of a subclass of `str` is a `str` to every type checker, and a `UserDict` is
a `Mapping`. They are written as what they pass for.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TypeGuard

__all__ = ["plain"]


def plain(value: object) -> object:
    """
    Give the plain value that an object passes for.

    Raises:
        TypeError: There is none.
    """
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, (bytes, Decimal)):
        return bytes(value) if isinstance(value, bytes) else Decimal(value)
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return _plain_time(value)
    return _plain_container(value)


def _plain_time(value: dt.date | dt.time | dt.timedelta) -> object:
    if isinstance(value, dt.datetime):
        return dt.datetime.combine(dt.datetime.date(value), dt.datetime.timetz(value))
    if isinstance(value, dt.date):
        return dt.date(value.year, value.month, value.day)
    if isinstance(value, dt.timedelta):
        return dt.timedelta(value.days, value.seconds, value.microseconds)
    # There is no shorter way that keeps the fold.
    return dt.datetime.combine(dt.date.min, value).timetz()


def _plain_container(value: object) -> object:
    if _is_mapping(value):
        return dict(value)
    if _is_collection(value):
        return list(value)
    raise TypeError(f"{type(value).__qualname__} has no form in a message")


def _is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, Mapping)


def _is_collection(value: object) -> TypeGuard[Collection[object]]:
    return isinstance(value, Collection)
