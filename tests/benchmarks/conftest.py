"""Which tests of the benchmarks can run: some need what only the group `bench` has."""

from importlib.util import find_spec
from typing import Final

NEEDS: Final = {"test_command.py": "rich", "test_live.py": "picows"}

collect_ignore = [file for file, package in NEEDS.items() if not find_spec(package)]
