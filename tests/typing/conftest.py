"""What of this folder runs where the type checkers are not installed."""

from importlib.util import find_spec

HAS_MYPY = find_spec("mypy") is not None

# They run mypy, and one of them imports it.
OF_THE_PLUGIN = ["test_paths.py", "test_plugin.py", "test_plugin_runs.py"]
collect_ignore: list[str] = [] if HAS_MYPY else OF_THE_PLUGIN


def pytest_report_header() -> str:
    """Say what is left out."""
    if HAS_MYPY:
        return "mypy is here: its plugin is tested"
    return "mypy is not installed here: the tests of its plugin are left out"
