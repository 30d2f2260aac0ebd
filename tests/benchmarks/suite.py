"""The suite: every group, in the order of the page."""

from collections.abc import Sequence
from typing import Final

from tests.benchmarks.group import Group
from tests.benchmarks.groups.echoes import ECHOES
from tests.benchmarks.groups.growth import GROWTH
from tests.benchmarks.groups.handshakes import HANDSHAKES
from tests.benchmarks.groups.memory import MEMORY
from tests.benchmarks.groups.servers import END_TO_END_GROUPS
from tests.benchmarks.groups.tools import CODECS, IMPORTS, PLUGIN, TESTING

SUITE: Final[tuple[Group, ...]] = (
    *ECHOES,
    CODECS,
    *HANDSHAKES,
    MEMORY,
    *GROWTH,
    *END_TO_END_GROUPS,
    IMPORTS,
    PLUGIN,
    TESTING,
)


def group_called(key: str) -> Group:
    """
    Find a group by its key.

    Raises:
        KeyError: There is none.
    """
    return {group.key: group for group in SUITE}[key]


def groups_called(names: Sequence[str]) -> list[Group]:
    """
    Find the groups of some names; `echo` stands for each that begins with `echo-`.

    Raises:
        KeyError: There is none of a name.
    """
    for name in names:
        if not any(_is_called(group, name) for group in SUITE):
            raise KeyError(name)
    return [
        group
        for group in SUITE
        if not names or any(_is_called(group, name) for name in names)
    ]


def _is_called(group: Group, name: str) -> bool:
    return group.key == name or group.key.startswith(f"{name}-")
