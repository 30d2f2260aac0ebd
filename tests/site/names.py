"""What is public, by its name: what the reference has an entry for."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

PUBLIC_MODULES: Final = (
    "typedws",
    "typedws.asgi",
    "typedws.codecs.pydantic",
    "typedws.endpoints",
    "typedws.testing",
    "typedws.testing.pytest_plugin",
    "typedws.testing.sync",
)
"""What the docs call public."""


def public_names(module: str) -> list[str]:
    """Name what a public module exports."""
    names: list[str] = import_module(module).__all__
    return names


def every_public_name() -> Iterator[str]:
    """Name all that is public, each with its module."""
    for module in PUBLIC_MODULES:
        for name in public_names(module):
            yield f"{module}.{name}"


def _first_owners() -> Mapping[str, str]:
    owners: dict[str, str] = {}
    for full in every_public_name():
        owners.setdefault(full.rpartition(".")[2], full)
    return MappingProxyType(owners)


OWNERS: Final = _first_owners()
"""The full name of each public name; that of `typedws` where there are two."""
