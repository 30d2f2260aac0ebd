"""
A mypy plugin that reports the use of a state that was left.

mypy's binder knows, at each point of the control flow, what a name was narrowed to. A
transition leaves a mark there, and mypy carries it through branches, loops and `try`; a
use that sees a mark is reported.

Nothing in typedws imports it, and it is for mypy alone: `plugins = typedws.mypy_plugin`
makes mypy call `plugin()`. `methods.py` says what is a transition and what is a use,
`typestate.py` is what mypy asks, and `flow.py` is the one place that touches what mypy
does not promise to keep.
"""

from collections.abc import Callable

from mypy.plugin import Plugin

from typedws.mypy_plugin.complaints import refusal

__all__ = ["plugin"]

_chosen: Callable[[str], type[Plugin]]
try:
    from typedws.mypy_plugin.supported import choose

    _chosen = choose
except Exception as _error:  # noqa: BLE001 - a mypy that lacks what is imported, or so
    _chosen = refusal(f"{type(_error).__name__}: {_error}")


def plugin(version: str) -> type[Plugin]:
    """
    Hand the plugin to mypy.

    Args:
        version: The version of mypy.
    """
    return _chosen(version)
