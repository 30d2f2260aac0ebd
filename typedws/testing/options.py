"""The arguments that all ways to connect have in common, and how they are checked."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import NoneType
from typing import Final, TypedDict, final

from attrs import evolve, frozen
from typing_extensions import TypeIs

from typedws.asgi import AnyASGIApp, ASGIApp, application
from typedws.fields import HeadersInput
from typedws.testing.bounds import Bound
from typedws.testing.profile import STRICT, Profile
from typedws.testing.request import Request

__all__ = ["ConnectOptions"]

_ASGI_ARGUMENTS: Final = (None, None, None)


class ConnectOptions(TypedDict, total=False):
    """
    How to connect; all of it may be left out.

    Attributes:
        headers: Further headers of the request, as a mapping or pairs.
        subprotocols: The subprotocols that the client offers, the best one first.
        origin: The page that the client is on, as a browser tells it.
        profile: The server to behave like; the specification itself, if left out.
        wait: The longest wait, in seconds of real time: 5, if left out.
        buffer: Bytes that may be unread in each direction before a sender has to wait:
            65536, if left out, or what the server of the profile holds.
        raise_app_errors: Whether an exception that ends the application is raised in
            the test: yes, if left out. Without it the test sees what a client sees.
        root_path: Where the application is mounted.
        client: The client's address, instead of 127.0.0.1, port 50000.
        scope: Further keys of the scope, as a middleware or a router leaves them.
    """

    headers: HeadersInput
    subprotocols: Sequence[str]
    origin: str | None
    profile: Profile
    wait: float
    buffer: int
    raise_app_errors: bool
    root_path: str
    client: tuple[str, int]
    scope: Mapping[str, object]


@final
@frozen(order=False, eq=False, kw_only=True)
class Settings:
    """
    The arguments, checked.

    Attributes:
        request: What the client asks for.
        profile: The server to behave like.
        bound: The longest wait.
        raise_app_errors: Whether an exception of the application is the test's as well.
        scope: The scope that the application gets.
    """

    request: Request
    profile: Profile
    bound: Bound
    raise_app_errors: bool
    scope: dict[str, object]


def settings_of(
    target: str,
    options: ConnectOptions,
    *,
    state: Mapping[str, object] | None = None,
) -> Settings:
    """Check the arguments, and draw together what they say."""
    _check_names(options)
    _check_kinds(options)
    profile = _profile(options)
    request = Request.parse(
        target,
        headers=options.get("headers", ()),
        subprotocols=options.get("subprotocols", ()),
        origin=options.get("origin"),
        client=options.get("client", ("127.0.0.1", 50_000)),
    )
    return Settings(
        request=request,
        profile=profile,
        bound=Bound(options.get("wait", 5.0)),
        raise_app_errors=options.get("raise_app_errors", True),
        scope=request.scope(
            profile,
            root_path=options.get("root_path", ""),
            state=state,
            extra=options.get("scope"),
        ),
    )


def merged(defaults: ConnectOptions, options: ConnectOptions) -> ConnectOptions:
    """Fill in defaults."""
    all_of_them = defaults.copy()
    all_of_them.update(options)
    return all_of_them


def are_options(options: Mapping[str, object]) -> TypeIs[ConnectOptions]:
    """Tell whether these are options by name; the values are looked at later."""
    return set(options) <= set(ConnectOptions.__annotations__)


def _check_names(options: Mapping[str, object]) -> None:
    if not are_options(options):
        unknown = set(options) - set(ConnectOptions.__annotations__)
        names = ", ".join(sorted(unknown))
        known = ", ".join(ConnectOptions.__annotations__)
        raise TypeError(f"there is no option {names}; there are {known}")


def _is_a(*kinds: type) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kinds)


def _is_address(value: object) -> bool:
    match value:
        case tuple((str(), int())):
            return True
        case _:
            return False


_KINDS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "profile": (_is_a(Profile), "a profile such as typedws.testing.UVICORN"),
    "buffer": (_is_a(int, NoneType), "a positive number of bytes"),
    "raise_app_errors": (_is_a(bool), "True or False"),
    "root_path": (_is_a(str), "a str"),
    "client": (_is_address, "a pair of host and port"),
    "scope": (_is_a(Mapping, NoneType), "a mapping"),
}
"""What some options are; the others are looked at where they are read."""


def _check_kinds(options: Mapping[str, object]) -> None:
    for name, (is_right, what) in _KINDS.items():
        if name in options and not is_right(options[name]):
            raise TypeError(f"{name} is {what}, not {options[name]!a}")


def _profile(options: ConnectOptions) -> Profile:
    profile = options.get("profile", STRICT)
    buffer = options.get("buffer")
    if buffer is None:
        return profile
    if buffer < 1:
        raise ValueError(f"buffer is a positive number of bytes, not {buffer}")
    return evolve(profile, send_buffer=buffer, receive_buffer=buffer)


def checked_app(app: AnyASGIApp) -> ASGIApp:
    """
    Take an application, if it can be one.

    Raises:
        TypeError: It is no callable of three arguments.
    """
    if not callable(app):
        raise TypeError(f"an ASGI application is a callable, not {app!a}")
    try:
        signature = inspect.signature(app)
    except (TypeError, ValueError):
        # What is written in C may not tell.
        return application(app)
    try:
        signature.bind(*_ASGI_ARGUMENTS)
    except TypeError:
        raise TypeError(_not_an_app(app, signature)) from None
    return application(app)


def _not_an_app(app: object, signature: inspect.Signature) -> str:
    name: object = getattr(app, "__name__", type(app).__name__)
    sentence = (
        "an ASGI application takes scope, receive and send, and "
        f"{name}{signature} does not"
    )
    if len(signature.parameters) == 1:
        return f"{sentence}; if it is a handler, wrap it: websocket_app({name})"
    return sentence
