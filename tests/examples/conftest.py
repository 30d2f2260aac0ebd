"""The programs that are served, each started once for all tests."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.examples.serving import Served, Start, serving


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Serve a program when a test asks for it, until the end of all tests."""
    started: dict[str, Served] = {}
    with ExitStack() as stack:

        def start_once(name: str) -> Served:
            if name not in started:
                folder = tmp_path_factory.mktemp("example")
                started[name] = stack.enter_context(serving(name, folder))
            return started[name]

        yield start_once
