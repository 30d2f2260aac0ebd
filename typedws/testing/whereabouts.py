"""
Where a coroutine stands: the line that it awaits at, found without touching it.

A suspended coroutine knows what it awaits, which is often another coroutine. The chain
ends at the event loop; on the way to it lies the code of whoever wrote the handler.
"""

import gc
import linecache
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import (
    AsyncGeneratorType,
    CodeType,
    CoroutineType,
    FrameType,
    GeneratorType,
)
from typing import Final, final

import anyio
from attrs import field, frozen
from typing_extensions import TypeIs, override

__all__ = ["Place", "place_in", "place_of"]

_OURS: Final = (str(Path(__file__).parents[1]), str(Path(anyio.__file__).parent))
_INSTALLED: Final = tuple(sysconfig.get_path(name) for name in ("purelib", "platlib"))
_STANDARD: Final = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib"))
_LOOPS: Final = frozenset({"trio", "outcome", "uvloop"})
_SLEEPS: Final = frozenset({"sleep", "sleep_forever", "sleep_until"})


@final
@frozen(order=False)
class Place:
    """
    A line at which a coroutine waits.

    Attributes:
        file: The file of the line.
        line: Its number.
        function: The function that it is in.
        doing: What it waits for, as far as that can be said.
    """

    file: str
    line: int = field(kw_only=True)
    function: str = field(kw_only=True)
    doing: str = field(kw_only=True)

    @override
    def __str__(self) -> str:
        source = linecache.getline(self.file, self.line).strip()
        shown = f": `{source}`" if source else ""
        return f"{self.doing} at {self.file}:{self.line} in {self.function}(){shown}"


def place_of(awaitable: object, known: Mapping[CodeType, str]) -> Place | None:
    """
    Find the line of a handler at which a coroutine waits; `None` if it is over.

    Args:
        awaitable: The coroutine.
        known: What it is doing if it is in one of these functions.
    """
    frames = list(_frames(awaitable))
    return _place(frames, _doing([frame.f_code for frame in frames], known))


def place_in(running: FrameType | None) -> Place | None:
    """Find the line of a handler that a thread is running; `None` if it runs none."""
    frames: list[FrameType] = []
    while running is not None:
        frames.insert(0, running)
        running = running.f_back
    return _place(frames, "busy")


def _place(frames: list[FrameType], doing: str) -> Place | None:
    # The handler's own line; that of a framework, if the handler is nothing but that.
    for is_foreign in (_is_library, _is_plumbing, _is_nothing):
        for frame in reversed(frames):
            code = frame.f_code
            if not is_foreign(code.co_filename):
                return Place(
                    code.co_filename,
                    line=frame.f_lineno,
                    function=code.co_name,
                    doing=doing,
                )
    return None


def _doing(codes: list[CodeType], known: Mapping[CodeType, str]) -> str:
    for code in codes:
        if code in known:
            return known[code]
        if code.co_name in _SLEEPS and _is_plumbing(code.co_filename):
            return "asleep"
    return "waiting"


def _frames(awaitable: object) -> Iterator[FrameType]:
    """Follow what each coroutine awaits, the outermost one first."""
    awaited: object = awaitable
    while awaited is not None:
        frame, awaited = _link(awaited)
        if frame is not None:
            yield frame


def _link(awaitable: object) -> tuple[FrameType | None, object]:
    if _is_coroutine(awaitable):
        return awaitable.cr_frame, _awaited(awaitable, "cr_await")
    if _is_generator(awaitable):
        return awaitable.gi_frame, _awaited(awaitable, "gi_yieldfrom")
    if _is_async_generator(awaitable):
        return awaitable.ag_frame, _awaited(awaitable, "ag_await")
    # A step of an asynchronous generator, and the wrapper that `__await__` makes of a
    # coroutine, have no attribute for what they wrap.
    inside: list[object] = gc.get_referents(awaitable)
    wrapped = (it for it in inside if _is_coroutine(it) or _is_async_generator(it))
    return None, next(wrapped, None)


def _awaited(awaitable: object, name: str) -> object:
    # By name: typeshed gives an Any for what is awaited.
    awaited: object = getattr(awaitable, name)
    return awaited


def _is_coroutine(value: object) -> "TypeIs[CoroutineType[object, object, object]]":
    return isinstance(value, CoroutineType)


def _is_generator(value: object) -> "TypeIs[GeneratorType[object, object, object]]":
    return isinstance(value, GeneratorType)


def _is_async_generator(value: object) -> "TypeIs[AsyncGeneratorType[object, object]]":
    return isinstance(value, AsyncGeneratorType)


def _is_nothing(_file: str) -> bool:
    return False


def _is_plumbing(file: str) -> bool:
    """Tell whether a file says nothing of a handler, nor of its framework."""
    if file.startswith(_OURS):
        return True
    package = _package_of(file)
    return package in _LOOPS if package else file.startswith(_STANDARD)


def _is_library(file: str) -> bool:
    return bool(_package_of(file)) or _is_plumbing(file)


def _package_of(file: str) -> str:
    """Name the package that a file is installed with, if it is."""
    for folder in _INSTALLED:
        if file.startswith(folder):
            return Path(file).relative_to(folder).parts[0]
    return ""
