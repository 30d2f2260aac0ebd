"""
Whether something can be a handler, a guard or a task, told before a client finds out.

Only what can't work is refused. A callable can return a coroutine without being a
coroutine function, and whatever leaves a doubt is let through.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Final, Never, Protocol, TypeGuard

from typedws.codecs.forms import is_class, members_of, origin_of

__all__ = ["is_callable", "name_of_callable", "problem_with", "refusal"]

# By these names mypy does not see the `Any` in their own signatures.
_AWAITABLE: Final[type[object]] = Awaitable
_FUNCTION: Final[type[object]] = FunctionType
_METHOD: Final[type[object]] = MethodType
_PARTIAL: Final[type[object]] = partial
_AROUND_A_FUNCTION: Final = ((_PARTIAL, "func"), (_METHOD, "__func__"))
_CALL: Final = "__call__"
_LAMBDA: Final = "<lambda>"
_NAME: Final = "__name__"
_RETURN: Final = "return"
_MISFITS: Final = {
    0: "it takes arguments",
    1: "it does not take one argument",
    2: "it does not take two arguments",
}


class _Function(Protocol):
    __name__: str

    @property
    def __code__(self) -> CodeType: ...
    @property
    def __closure__(self) -> tuple[object, ...] | None: ...
    def __call__(self, argument: Never, /) -> object: ...


def refusal(given: object, *, what: str, takes: int, write: str) -> TypeError:
    """
    Make the error for what can't be a handler, a guard or a task.

    Args:
        given: What the application gave.
        what: What it was to be.
        takes: With how many arguments it would be called.
        write: What to write instead.
    """
    problem = problem_with(given, takes)
    return TypeError(f"{name_of_callable(given)} can't be a {what}: {problem}; {write}")


def name_of_callable(given: object) -> str:
    """Give the name of a function, or of the class of another callable."""
    name: object = getattr(given, _NAME, None)
    return name if isinstance(name, str) else type(given).__name__


def is_callable(given: object) -> TypeGuard[Callable[[Never], object]]:
    """Tell whether something can be called, with whatever it takes."""
    return callable(given)


def problem_with(given: object, takes: int) -> str | None:
    """Say why something can't be called and awaited; `None` if perhaps it can."""
    if not is_callable(given):
        return "it can't be called"
    if is_class(given):
        # An awaitable made by calling its class would do.
        is_awaitable = issubclass(given, _AWAITABLE)
        return None if is_awaitable else "it is a class, not an instance"
    if not inspect.iscoroutinefunction(given):
        problem = _problem_with_result(_function_in(given))
        if problem is not None:
            return problem
    return None if _takes(given, takes) else _MISFITS[takes]


def _function_in(given: object) -> object:
    """Give what a partial or a bound method calls."""
    for kind, name in _AROUND_A_FUNCTION:
        if _is(given, kind):
            function: object = getattr(given, name)
            return _function_in(function)
    return given


def _is(given: object, kind: type[object]) -> bool:
    return isinstance(given, kind)


def _problem_with_result(given: object) -> str | None:
    called: object = getattr(type(given), _CALL)
    function = given if _is_function(given) else called
    if not _is_function(function) or _is_coroutine_function(function):
        return None
    if inspect.isasyncgenfunction(function):
        return "it is an asynchronous generator function, with a yield in it"
    if inspect.isgeneratorfunction(function):
        return "it is a generator function, with a yield in it"
    is_plain = function is given and function.__closure__ is None
    return "it is not async" if _returns_at_once(function, is_plain=is_plain) else None


def _is_function(given: object) -> TypeGuard[_Function]:
    return isinstance(given, _FUNCTION)


def _is_coroutine_function(function: _Function) -> bool:
    is_by_decorator = bool(function.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE)
    innermost: object = inspect.unwrap(function)
    return is_by_decorator or inspect.iscoroutinefunction(innermost)


def _returns_at_once(function: _Function, *, is_plain: bool) -> bool:
    """Tell whether what a function returns can't be awaited."""
    try:
        annotations: Mapping[str, object] = inspect.get_annotations(
            function, eval_str=True
        )
    except Exception:  # noqa: BLE001 - an annotation may be anything
        return False
    if _RETURN in annotations:
        return not any(map(_may_be_awaited, members_of(annotations[_RETURN])))
    # Without a word on what it returns: an inner function may be a decorator's, and a
    # lambda calls something else. Any other has lost its `async`.
    return is_plain and function.__name__ != _LAMBDA


def _may_be_awaited(form: object) -> bool:
    kind = form if is_class(form) else origin_of(form)
    return not is_class(kind) or kind is object or issubclass(kind, _AWAITABLE)


def _takes(given: Callable[[Never], object], takes: int) -> bool:
    try:
        # Not that of what it wraps: a decorator may add an argument, or take one away.
        signature = inspect.signature(given, follow_wrapped=False)
    except (TypeError, ValueError):
        return True
    try:
        signature.bind(*(None,) * takes)
    except TypeError:
        return False
    return True
