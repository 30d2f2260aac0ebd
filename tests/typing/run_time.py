"""
What happens at run time: the same cases, run against a scripted server.

A case that is a handler is served as an application. Any other is called with whatever
its annotations ask for. A file of cases may say what the peer's handshake has besides,
as `HANDSHAKE`, and what the peer says, as `PEER_SAYS`.
"""

import contextlib
import functools
import gc
import inspect
import io
import logging
import re
import runpy
import types
import typing
import warnings
from collections.abc import Awaitable, Callable, Generator, Mapping
from pathlib import Path
from typing import Final, Protocol, TypeGuard, TypeVar, Union, final

import anyio
import attrs
import msgspec
from attrs import frozen
from typing_extensions import is_protocol

from tests.scripted import (
    Event,
    ScriptedServer,
    binary,
    disconnect,
    scope,
    server,
    text,
)
from tests.typing.catalogue import Case
from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DeniedWebSocket,
    Ended,
    UnacceptedWebSocket,
    websocket_app,
)
from typedws.asgi import AnyASGIApp, application
from typedws.ended import ClosedStateError, WebSocketDisconnect, leaves

LOGGED: Final = "a line in the log"
NOTHING: Final = ""

_LONGEST: Final = 5.0
_ENDS: Final[tuple[object, ...]] = (ClosedWebSocket, DeniedWebSocket, Ended)
_HANDSHAKE: Final[dict[str, object]] = {
    # What a user may not take for granted.
    "client": None,
    "path_params": {"room": 7},
    "state": {"pool": object()},
}
_WANTS_BINARY: Final = re.compile(r'iter_bytes\(|mode="binary"')
_PATIENCE: Final = 20
"""How many messages the peer takes before it has gone."""

_VALUES: Final[dict[object, object]] = {bool: True, int: 1, str: "text"}


class NotCallableHereError(Exception):
    """An annotation asks for something that is not to be had here."""


class _Handler(Protocol):
    def __call__(self, *values: object) -> Awaitable[Ended]: ...


@final
@frozen(order=False)
class _Peer:
    """
    The other side, as a file of cases wants it.

    Attributes:
        handshake: What the handshake has besides: `HANDSHAKE` in the file.
        says: A text that it says: `PEER_SAYS` in the file.
    """

    handshake: Mapping[str, object]
    says: str

    def server(self, program: object) -> ScriptedServer:
        """Let it say two things of the kind that a program asks for."""
        code = inspect.getsource(program) if inspect.isfunction(program) else ""
        data = self.says or ('"hello"' if "_json(" in code else "hello")
        says = binary(data.encode()) if _WANTS_BINARY.search(code) else text(data)
        scripted = server(says, says, disconnect())

        def count(_: Event) -> None:
            if len(scripted.sent) > _PATIENCE:
                raise ConnectionResetError

        scripted.on_send = count
        return scripted

    def websocket(self) -> UnacceptedWebSocket:
        """Begin a connection to it."""
        return self.server(None).websocket(**self.handshake)


def outcome_of(case: Case) -> str:
    """
    Run a case; return what it raises, by name, or that it is logged.

    Raises:
        NotCallableHereError: It can't be run.
    """
    return anyio.run(_run, case)


async def _run(case: Case) -> str:
    with _quiet() as (log, warned), anyio.fail_after(_LONGEST):
        module = _module(case.file)
        found, peer = module[case.name], _peer_of(module)
        if _is_handler(found):
            raised = await _serve(found, peer)
        else:
            raised = await _call(found, peer)
        names = [type(error).__name__ for error in raised]
        # An error keeps what was never awaited, which is warned of when it goes.
        raised.clear()
        gc.collect(1)
    for name in names:
        return name
    for warning in warned:
        return warning.category.__name__
    return LOGGED if log.getvalue() else NOTHING


@functools.cache
def _module(file: Path) -> dict[str, object]:
    return runpy.run_path(str(file))


def _peer_of(module: Mapping[str, object]) -> _Peer:
    besides = msgspec.convert(module.get("HANDSHAKE", {}), dict[str, object])
    says = msgspec.convert(module.get("PEER_SAYS", ""), str)
    return _Peer({**_HANDSHAKE, **besides}, says)


@contextlib.contextmanager
def _quiet() -> Generator[tuple[io.StringIO, list[warnings.WarningMessage]]]:
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("typedws")
    logger.addHandler(handler)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("always")
            yield log, warned
    finally:
        logger.removeHandler(handler)


def _is_handler(found: object) -> TypeGuard[_Handler]:
    if not inspect.iscoroutinefunction(found):
        return False
    signature = inspect.signature(found)
    returned: object = signature.return_annotation
    return returned in _ENDS and len(signature.parameters) == 1


async def _serve(handler: _Handler, peer: _Peer) -> list[BaseException]:
    raised: list[BaseException] = []
    (hint,) = _parameters(handler)

    async def recording(websocket: UnacceptedWebSocket) -> Ended:
        try:
            return await handler(await _value(hint, lambda: websocket))
        except Exception as error:
            raised.extend(_refusals(error))
            raise

    await _answer(websocket_app(recording), raised, handler, peer)
    return raised


async def _answer(
    app: AnyASGIApp, raised: list[BaseException], program: object, peer: _Peer
) -> None:
    scripted = peer.server(program)
    served = scope(**peer.handshake)
    try:
        await application(app)(served, scripted.receive, scripted.send)
    except Exception as error:  # noqa: BLE001 - what it is, is the question
        if not raised:
            raised.extend(_refusals(error))


async def _call(found: object, peer: _Peer) -> list[BaseException]:
    raised: list[BaseException] = []
    if not callable(found):
        raise NotCallableHereError(found)
    try:
        values = [await _value(hint, peer.websocket) for hint in _parameters(found)]
        result = found if _is_app(found) else found(*values)
        if inspect.isawaitable(result):
            result = await result
    except NotCallableHereError:
        raise
    except Exception as error:  # noqa: BLE001 - what it is, is the question
        return _refusals(error)
    if _is_app(result):
        await _answer(result, raised, found, peer)
    return raised


def _is_app(found: object) -> TypeGuard[AnyASGIApp]:
    call: object = getattr(found, "__call__", None)  # noqa: B004 - its signature is asked
    if isinstance(found, type) or not inspect.iscoroutinefunction(call):
        return False
    return [*inspect.signature(call).parameters] == ["scope", "receive", "send"]


def _refusals(error: BaseException) -> list[BaseException]:
    # The peer leaves in the end, and that is no refusal.
    return [leaf for leaf in leaves(error) if not _is_disconnect(leaf)]


def _parameters(function: object) -> list[object]:
    if _is_app(function):
        return []
    if isinstance(function, type) and is_protocol(function):
        raise NotCallableHereError(function)
    if not callable(function):
        raise NotCallableHereError(function)
    parameters = inspect.signature(function).parameters.values()
    return [it.annotation for it in parameters if it.default is it.empty]


async def _value(hint: object, make: Callable[[], UnacceptedWebSocket]) -> object:
    """Make a value of a type that an annotation asks for."""
    origin = typing.get_origin(hint)
    is_union = origin is Union or origin is types.UnionType
    arguments: tuple[object, ...] = typing.get_args(hint)
    if isinstance(hint, TypeVar) and (hint.__bound__ or hint.__constraints__):
        bound: object = hint.__bound__
        return await _value(bound or hint.__constraints__[0], make)
    if is_union:
        return await _value(arguments[0], make)
    if origin is list:
        return [await _value(arguments[0], make)]
    return await _state(origin or hint, make)


async def _state(kind: object, make: Callable[[], UnacceptedWebSocket]) -> object:
    if kind is UnacceptedWebSocket:
        return make()
    if kind is ConnectedWebSocket:
        return await make().accept()
    if kind is ClosedWebSocket:
        return await (await make().accept()).close()
    if kind in _VALUES:
        return _VALUES[kind]
    if isinstance(kind, type) and attrs.has(kind):
        return kind(*[await _value(hint, make) for hint in _parameters(kind)])
    raise NotCallableHereError(kind)


def _is_disconnect(error: BaseException) -> bool:
    return isinstance(error, WebSocketDisconnect) and not isinstance(
        error, ClosedStateError
    )
