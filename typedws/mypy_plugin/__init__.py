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

from mypy.plugin import Plugin

from typedws.mypy_plugin.supported import complain, problem_with
from typedws.mypy_plugin.typestate import TypestatePlugin

__all__ = ["plugin"]


def plugin(version: str) -> type[Plugin]:
    """
    Hand the plugin to mypy.

    Args:
        version: The version of mypy.
    """
    problem = problem_with(version)
    if problem is None:
        return TypestatePlugin
    complain(problem, version)
    return Plugin
