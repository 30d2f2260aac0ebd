"""
Whether something can be a handler, a guard, a task or an application.

It is told before a client finds out, and only what can't work is refused. A
callable can return a coroutine without being a coroutine function, and whatever leaves
a doubt is let through.
"""

import dis
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from types import CodeType, CoroutineType, FunctionType, MethodType
from typing import Final, Never, Protocol, TypeGuard

from typedws.codecs.forms import is_class, members_of, origin_of

__all__ = [
    "Steps",
    "check_application",
    "is_application",
    "is_async",
    "is_callable",
    "is_coroutine",
    "name_of_callable",
    "problem_with",
    "refusal",
    "refusal_of_application",
    "returns_nothing",
]

# By these names mypy does not see the `Any` in their own signatures.
_AWAITABLE: Final[type[object]] = Awaitable
_COROUTINE: Final[type[object]] = CoroutineType
_FUNCTION: Final[type[object]] = FunctionType
_METHOD: Final[type[object]] = MethodType
_PARTIAL: Final[type[object]] = partial
_AROUND_A_FUNCTION: Final = ((_PARTIAL, "func"), (_METHOD, "__func__"))
_CALL: Final = "__call__"
_LAMBDA: Final = "<lambda>"
_CONSTANTS: Final = {"LOAD_CONST", "RETURN_CONST"}
_RETURNS: Final = {"RETURN_CONST", "RETURN_VALUE"}
"""Instructions; not every version of Python has them all."""

_NAME: Final = "__name__"
_RETURN: Final = "return"
_WRAPPED: Final = "__wrapped__"
_MISFITS: Final = {
    0: "it takes arguments",
    1: "it does not take one argument",
    2: "it does not take two arguments",
    3: "it does not take three arguments",
}
_OF_AN_APPLICATION: Final = 3
_WRITE_APPLICATION: Final = (
    "give what @websocket_app makes of a handler, or an instance of an ASGI 3 "
    "application: `async def app(scope, receive, send)`"
)


class Steps(Protocol):
    """A call, step by step: see `collections.abc.Generator`."""

    def send(self, value: None, /) -> object:
        """Go on with it, to where it waits next."""
        ...

    def throw(self, error: BaseException, /) -> object:
        """Raise an error where it waits, and go on with it."""
        ...


class _Function(Protocol):
    __name__: str

    @property
    def __code__(self) -> CodeType: ...
    @property
    def __closure__(self) -> tuple[object, ...] | None: ...
    def __call__(self, argument: Never, /) -> object: ...


class _Instruction(Protocol):
    @property
    def opname(self) -> str: ...
    @property
    def argval(self) -> object: ...
    @property
    def is_jump_target(self) -> bool: ...


_instructions_of: Callable[[CodeType], Iterable[_Instruction]] = dis.get_instructions


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
    a_what = f"an {what}" if what[0] in "AEIOU" else f"a {what}"
    return TypeError(f"{name_of_callable(given)} can't be {a_what}: {problem}; {write}")


def check_application(given: object) -> None:
    """
    Refuse what can't be an ASGI application.

    Raises:
        TypeError: It is a handler that nobody has decorated, a class, an application of
            ASGI 2, or nothing of the kind.
    """
    if not is_application(given):
        raise refusal_of_application(given)


def is_application(given: object) -> bool:
    """Tell whether something can be an ASGI application."""
    return problem_with(given, _OF_AN_APPLICATION) is None


def refusal_of_application(given: object) -> TypeError:
    """Make the error for what can't be an ASGI application."""
    takes = _OF_AN_APPLICATION
    return refusal(
        given, what="ASGI application", takes=takes, write=_WRITE_APPLICATION
    )


def name_of_callable(given: object) -> str:
    """Give the name of a function, or of the class of another callable."""
    name: object = getattr(given, _NAME, None)
    return name if isinstance(name, str) else type(given).__name__


def is_callable(given: object) -> TypeGuard[Callable[[Never], object]]:
    """Tell whether something can be called, with whatever it takes."""
    return callable(given)


def is_coroutine(given: object) -> TypeGuard[Steps]:
    """Tell whether a call can be taken step by step; another awaitable need not be."""
    return isinstance(given, _COROUTINE)


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


def is_async(given: object) -> bool:
    """Tell whether something that is called is an `async def`, for all that is seen."""
    function = _function_in(given)
    called: object = getattr(type(function), _CALL, None)
    return any(
        inspect.iscoroutinefunction(one) or inspect.isasyncgenfunction(one)
        for one in (function, called)
    )


def returns_nothing(given: object) -> bool:
    """Tell whether what something returns, once awaited, can only be None."""
    called: object = getattr(type(given), _CALL, None)
    function = _function_in(given)
    function = function if _is_function(function) else called
    # A decorator may return something else than its annotations, which are copied.
    if not _is_function(function) or hasattr(function, _WRAPPED):
        return False
    code = function.__code__
    if not code.co_flags & inspect.CO_COROUTINE:
        return False
    try:
        annotations: Mapping[str, object] = inspect.get_annotations(
            function, eval_str=True
        )
    except Exception:  # noqa: BLE001 - an annotation may be anything
        return False
    if _RETURN in annotations:
        return annotations[_RETURN] is None
    return _has_no_value_to_return(code)


def _has_no_value_to_return(code: CodeType) -> bool:
    """Tell whether a function comes to its end, and never with a value."""
    is_none = False
    are_none: set[bool] = set()
    for instruction in _instructions_of(code):
        was_none = is_none and not instruction.is_jump_target
        is_none = instruction.opname in _CONSTANTS and instruction.argval is None
        if instruction.opname in _RETURNS:
            are_none.add(is_none or was_none)
    return are_none == {True}


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
