"""Tests of what typedws exports: names, docstrings, and that nothing can be changed."""

import enum
import inspect
import operator
import subprocess
import sys
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import Final, Literal

import attrs
import pytest

import typedws
from tests.scripted import PlainCodec, scope
from tests.test_floors import FLOORS
from typedws import (
    URL,
    Address,
    AllowedOrigins,
    AnyOrigin,
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    DeniedWebSocket,
    ErrorOutcome,
    ErrorPolicy,
    ErrorReply,
    Handshake,
    Headers,
    Heartbeat,
    JsonCodec,
    Limits,
    MsgpackCodec,
    ParameterProblem,
    QueryParams,
    RateLimit,
    SameOrigin,
    Subprotocol,
    TextMessage,
    TypedWebSocket,
    TypedWSError,
    UnacceptedWebSocket,
    WebSocketRoutes,
    WebSocketScope,
    all_guards,
    websocket_app,
)
from typedws.ended import closed_websocket, denied_websocket

ONLY_IN_THEIR_MODULES: Final = {
    "typedws.ahead",  # the machine's own
    "typedws.asgi",  # the wire: for the authors of middleware
    "typedws.callables",  # the decorator's own
    "typedws.codecs.any_json",  # the codecs' own
    "typedws.codecs.building",  # the codecs' own
    "typedws.codecs.checks",  # the codecs' own
    "typedws.codecs.direct",  # the codecs' own
    "typedws.codecs.expected",  # the codecs' own
    "typedws.codecs.forms",  # the codecs' own
    "typedws.codecs.found",  # the codecs' own
    "typedws.codecs.glances",  # the codecs' own
    "typedws.codecs.hashes",  # the codecs' own
    "typedws.codecs.keys",  # the codecs' own
    "typedws.codecs.libraries",  # the codecs' own
    "typedws.codecs.locations",  # the codecs' own
    "typedws.codecs.making",  # the codecs' own
    "typedws.codecs.parts",  # the codecs' own
    "typedws.codecs.places",  # the codecs' own
    "typedws.codecs.plain",  # the codecs' own
    "typedws.codecs.pydantic",  # needs the extra
    "typedws.codecs.reading",  # the codecs' own
    "typedws.codecs.shadows",  # the codecs' own
    "typedws.codecs.shapes",  # the codecs' own
    "typedws.codecs.unions",  # the codecs' own
    "typedws.codecs.untyped",  # the codecs' own
    "typedws.codecs.writing",  # the codecs' own
    "typedws.connection",  # the machine's own
    "typedws.deadlines",  # the machine's own
    "typedws.ending",  # the application's own
    "typedws.endpoints",  # for frameworks that take no ASGI application
    "typedws.heartbeat",  # the application's own
    "typedws.interruption",  # the application's own
    "typedws.per_loop",  # the application's own
    "typedws.iteration",  # the machine's own
    "typedws.limiting",  # the machine's own
    "typedws.live",  # the application's own
    "typedws.lifespan_state",  # the handshake's own
    "typedws.parameters",  # the handshake's own
    "typedws.pending",  # the machine's own
    "typedws.problem_details",  # the error policy's own
    "typedws.reader",  # the machine's own
    "typedws.records",  # the handshake's own
    "typedws.running",  # the sessions' own
    "typedws.serving",  # the application's own
    "typedws.signals",  # the application's own
    "typedws.stand_ins",  # the machine's own
    "typedws.standalone",  # the application's own
    "typedws.text_forms",  # the handshake's own
    "typedws.demo.app",
    "typedws.demo.chat",
    "typedws.demo.messages",
    "typedws.demo.rooms",
}
PLUMBING: Final = {
    "EXTENSION",
    "checked_close",
    "checked_fields",
    "decode_json",
    "encode_json",
    "is_pairs",
    "is_token",
    "json_decoder",
    "may_mean_loss",
    "means_loss",
    "new",
    "parse_cookies",
    "raw_fields",
    "setter",
}
"""What modules export to each other."""

SCOPE: Final = WebSocketScope.parse(scope())


STATES: Final[list[Handshake]] = [
    UnacceptedWebSocket(scope()),
    closed_websocket(SCOPE, 1000, "", "client"),
    denied_websocket(SCOPE, 403, response_sent=True),
]
MODELS: Final[list[object]] = [
    Address("a", 80),
    AllowedOrigins("https://a"),
    AnyOrigin(),
    BytesMessage(b""),
    DenialResponse(),
    ErrorOutcome(),
    ErrorPolicy(),
    ErrorReply(str),
    Headers(),
    Heartbeat(PlainCodec(), "ping", every=20, within=10),
    JsonCodec(int, int),
    Limits(),
    MsgpackCodec(int, int),
    ParameterProblem("query.a", expected="int", got="'b'"),
    QueryParams(),
    RateLimit(messages=1),
    SCOPE,
    SameOrigin(),
    Subprotocol(Literal["chat"], PlainCodec()),
    TextMessage(""),
    URL("/"),
    WebSocketRoutes({}),
]


def exported(module: ModuleType) -> list[str]:
    """Name what a module exports."""
    names: list[str] = getattr(module, "__all__", [])
    return names


def public_classes() -> dict[str, type]:
    """Give the classes that typedws exports."""
    members = {name: getattr(typedws, name) for name in typedws.__all__}
    return {name: it for name, it in members.items() if inspect.isclass(it)}


def unlike(kinds: Iterable[type]) -> dict[str, type]:
    """Give the exported classes that are of none of these kinds."""
    kept = public_classes().items()
    return {name: it for name, it in kept if not issubclass(it, tuple(kinds))}


# --- Names ---------------------------------------------------------------------------


def test_the_exports_are_sorted_and_unique() -> None:
    """As ruff sorts them: constants, classes, functions."""
    names = typedws.__all__
    constants = sorted(name for name in names if name.isupper())
    classes = sorted(n for n in names if n[0].isupper() and not n.isupper())
    functions = sorted(name for name in names if name[0].islower())

    assert constants + classes + functions == names
    assert len(set(names)) == len(names)


def test_the_exports_are_those_of_the_modules() -> None:
    """All of them, but for what modules export to each other."""
    of_modules = {
        name
        for module in FLOORS
        if module not in ONLY_IN_THEIR_MODULES | {"typedws", "typedws.demo.__main__"}
        and not module.startswith("typedws.testing")  # which has a face of its own
        and not module.startswith("typedws.mypy_plugin")  # which is for mypy
        for name in exported(import_module(module))
    }

    assert set(typedws.__all__) == of_modules - PLUMBING
    assert PLUMBING <= of_modules


def test_every_export_is_there_and_no_other_public_name() -> None:
    """So `from typedws import *` and an editor show the same."""
    public = {
        name
        for name, value in vars(typedws).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }

    assert set(typedws.__all__) == public


@pytest.mark.parametrize("module", [m for m in FLOORS if m != "typedws.demo.__main__"])
def test_what_a_module_exports_is_there(module: str) -> None:
    """Each name once."""
    if module.startswith("typedws.mypy_plugin"):
        pytest.importorskip("mypy", reason="mypy is not installed here")
    loaded = import_module(module)
    names = exported(loaded)

    assert [] == [name for name in names if not hasattr(loaded, name)]
    assert len(set(names)) == len(names)


def test_the_first_state_has_the_name_that_people_know() -> None:
    """Other frameworks call the whole machine so."""
    assert typedws.WebSocket is UnacceptedWebSocket


# --- Docstrings ----------------------------------------------------------------------


@pytest.mark.parametrize("name", public_classes())
def test_every_class_and_its_public_methods_have_docstrings(name: str) -> None:
    """Their own, and not those of a base class."""
    cls = public_classes()[name]
    members = {
        member: value
        for member, value in vars(cls).items()
        if not member.startswith("_")
        and (inspect.isroutine(value) or isinstance(value, property))
    }

    assert cls.__doc__
    assert cls.__doc__ not in {base.__doc__ for base in cls.__mro__[1:]}
    assert [] == [member for member, value in members.items() if not value.__doc__]


def test_the_functions_have_docstrings() -> None:
    """The two that typedws exports."""
    functions = [n for n in typedws.__all__ if inspect.isfunction(getattr(typedws, n))]

    assert ["all_guards", "websocket_app"] == functions
    assert all_guards.__doc__
    assert websocket_app.__doc__


# --- Final and frozen ----------------------------------------------------------------


def test_every_state_and_model_is_among_those_that_are_tested() -> None:
    """What is exported and is neither an error nor an enum is a state or a model."""
    others = {"Handshake", "OriginPolicy", "ConnectedWebSocket", "WebSocketApp"}
    others.add("Codec")  # a Protocol
    others.add("SpentWebSocket")  # has no instances
    others |= {"TypedWebSocket", "Session"}  # take an event loop to be made
    others |= {"WebSocketReader", "WebSocketWriter"}  # streams of anyio, not values
    tested = {type(value) for value in (*STATES, *MODELS)}
    found = unlike([BaseException, enum.Enum])

    assert tested == {cls for name, cls in found.items() if name not in others}


@pytest.mark.parametrize("name", unlike([BaseException]))
def test_a_class_that_is_no_base_is_final(name: str) -> None:
    """A subclass could break what a type checker has proved."""
    is_base = name in {"Codec", "Handshake", "OriginPolicy", "CloseCode", "Session"}

    assert is_base is not getattr(public_classes()[name], "__final__", False)


@pytest.mark.parametrize("value", [*STATES, *MODELS], ids=lambda it: type(it).__name__)
def test_nothing_can_be_changed(value: object) -> None:
    """No attribute can be set, replaced, or deleted."""
    cls = type(value)
    fields = [it.name for it in attrs.fields(cls)] if attrs.has(cls) else []
    properties = [n for n, it in vars(cls).items() if isinstance(it, property)]
    for name in (*fields, *properties, "of_my_own"):
        with pytest.raises(AttributeError):
            setattr(value, name, None)
        with pytest.raises(AttributeError):
            delattr(value, name)

    assert not hasattr(value, "__dict__")


@pytest.mark.parametrize(
    "value",
    [value for value in (*STATES, *MODELS) if attrs.has(type(value))],
    ids=lambda it: type(it).__name__,
)
def test_no_value_is_less_than_another(value: object) -> None:
    """An order by fields would mean nothing."""
    with pytest.raises(TypeError, match="not supported between instances"):
        operator.lt(value, value)  # type: ignore[arg-type]  # ty: ignore[invalid-argument-type]


@pytest.mark.parametrize("state", STATES, ids=lambda it: type(it).__name__)
def test_what_a_state_says_of_the_handshake_can_not_be_changed(
    state: Handshake,
) -> None:
    """The properties of the base class neither."""
    properties = [n for n, it in vars(Handshake).items() if isinstance(it, property)]
    for name in properties:
        with pytest.raises(AttributeError):
            setattr(state, name, None)

    assert {"url", "headers", "state", "client"} <= set(properties)


def test_an_application_can_not_be_changed() -> None:
    """Its handler and its policies are what they were."""

    async def handler(websocket: UnacceptedWebSocket) -> DeniedWebSocket:
        return await websocket.close()

    app = websocket_app(handler)
    for name in ("handler", "origins", "errors", "of_my_own"):
        with pytest.raises(AttributeError):
            setattr(app, name, None)

    assert handler is app.handler


# --- Proofs --------------------------------------------------------------------------

SENTENCES: Final[dict[type[object], str]] = {
    ClosedWebSocket: (
        "a ClosedWebSocket is proof of a closed connection: take it from close(), "
        "from receive(), or from WebSocketDisconnect.closed"
    ),
    DeniedWebSocket: (
        "a DeniedWebSocket is proof of a refused handshake: take it from close() "
        "or send_denial_response() of the UnacceptedWebSocket"
    ),
    ConnectedWebSocket: (
        "a ConnectedWebSocket is an accepted connection: take it from accept() of "
        "the UnacceptedWebSocket"
    ),
    TypedWebSocket: (
        "a TypedWebSocket is a view on an accepted connection: take it from typed() of "
        "the ConnectedWebSocket"
    ),
    Handshake: ("a Handshake is what the four states have in common; make a WebSocket"),
}


@pytest.mark.parametrize("cls", SENTENCES, ids=lambda cls: cls.__name__)
def test_a_proof_can_not_be_built_by_hand(cls: type[object]) -> None:
    """Neither with an argument nor with those of its attributes."""
    with pytest.raises(TypeError) as caught:
        cls(SCOPE)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        cls()
    with pytest.raises(TypeError):
        cls(scope=SCOPE, code=1000, reason="", closed_by="client")  # type: ignore[call-arg]

    assert SENTENCES[cls] == str(caught.value)


# --- Imports -------------------------------------------------------------------------

OPTIONAL: Final = {
    "fastapi",
    "hypothesis",
    "mypy",
    "playwright",
    "pydantic",
    "pytest",
    "starlette",
    "trio",
    "uvicorn",
    "websockets",
    "wsproto",
}


def test_typedws_imports_what_it_depends_on_and_no_more() -> None:
    """The packages of the extras stay out, and so does the demo."""
    program = "import sys, typedws; print(*sorted(sys.modules), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    loaded = set(done.stdout.split())

    assert {"typedws", "attrs", "anyio", "msgspec", "typing_extensions"} <= loaded
    assert set() == OPTIONAL & loaded
    assert set() == {name for name in loaded if name.startswith("typedws.demo")}


def test_every_error_is_a_typed_ws_error() -> None:
    """One except clause for all that typedws raises on purpose."""
    errors = {c for c in public_classes().values() if issubclass(c, BaseException)}

    assert set() == {error for error in errors if not issubclass(error, TypedWSError)}
