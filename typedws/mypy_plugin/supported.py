"""
Which mypy will do: a version from which on, and a trial of what the plugin relies on.

Where a mypy will not do, one line says so, and mypy goes on as without the plugin.
"""

import ast
from typing import Final

from mypy.binder import ConditionalTypeBinder
from mypy.nodes import NameExpr, Var
from mypy.options import Options
from mypy.plugin import Plugin
from mypy.types import NoneType, TypeGuardedType

from typedws.mypy_plugin.attempts import Attempt
from typedws.mypy_plugin.complaints import refusal
from typedws.mypy_plugin.flow import Flow
from typedws.mypy_plugin.marks import mark_of
from typedws.mypy_plugin.methods import CONNECTED
from typedws.mypy_plugin.typestate import TypestatePlugin

__all__ = ["choose"]

OLDEST_MYPY: Final = (2, 2)
"""The first release that takes the TypeForm in our signatures without a flag."""


def choose(version: str) -> type[Plugin]:
    """Return the plugin for a version of mypy, or one that does nothing."""
    problem = problem_with(version)
    return TypestatePlugin if problem is None else refusal(problem)(version)


def problem_with(version: str) -> str | None:
    """Say what about this mypy is not as the plugin needs it."""
    major, minor = version.split(".")[:2]
    if (int(major), int(minor)) < OLDEST_MYPY:
        return "it needs mypy {}.{} or newer".format(*OLDEST_MYPY)
    try:
        probe()
        TypestatePlugin(Options())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return f"{type(error).__name__}: {error}"
    return None


def probe() -> None:
    """Try out what the plugin does with the binder."""
    name = NameExpr("probe")
    name.node = Var("probe", NoneType())
    mark = TypeGuardedType(NoneType())
    flow = Flow(ConditionalTypeBinder(Options()))
    flow.put_if_unknown(mark_of(name, CONNECTED), NoneType, level=0)
    flow.binder.push_frame()
    flow.binder.try_frames.add(0)
    flow.put(mark_of(name, CONNECTED), mark)
    flow.tell([Attempt(ast.Pass(), loops=0, final=[ast.Pass()])])
    if (
        flow.get(mark_of(name, CONNECTED)) is not mark
        or flow.get(mark_of(name, CONNECTED), skip=1) is mark
    ):
        message = "the binder does not give back what it was given"
        raise LookupError(message)
