"""
The reading side that all states have in common: what the client's handshake said.

Reading never depends on the state, so it is legal in each of them.
"""

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Final, Literal, Never, Self, TypeVar, overload

from attrs import field, frozen
from typing_extensions import TypeForm, override

from typedws.asgi import ASGIVersions
from typedws.datastructures import URL, Address, Headers, QueryParams
from typedws.exceptions import InvalidScope
from typedws.fields import RawFields
from typedws.lifespan_state import read_state
from typedws.parameters import read_cookies, read_headers, read_path, read_query
from typedws.scope import WebSocketScope

__all__ = ["Handshake"]

RecordT = TypeVar("RecordT")

_NO_PARAMETER: Final = (
    "%s is nothing that a framework or pydantic can make: decorate the handler with "
    "@websocket_app, and give it to a route that takes ASGI applications; in FastAPI, "
    "app.router.routes.append(WebSocketRoute(path, handler))"
)


@frozen(eq=False, order=False, init=False, repr=False)
class Handshake:
    """
    What the client's opening handshake said (RFC 6455, section 4.1).

    The base of the four states. As a mapping it is the ASGI scope, with the defaults of
    the specification filled in: `websocket["path"]`. It has the methods of a mapping
    but not the base class, whose `isinstance` would slow each turn of a receive loop.
    `dict(websocket)` works in each state, iteration in those without messages.
    """

    # `init=False` here and in the states: mypy wants one `__attrs_init__` for them all.
    scope: WebSocketScope = field(init=False)

    def __init__(self, _not_public: Never, /) -> None:
        """Refuse to be built: a connection is in one of the four states."""
        message = "a Handshake is what the four states have in common; make a WebSocket"
        raise TypeError(message)

    @classmethod
    def __get_pydantic_core_schema__(cls, _form: object, _handler: object, /) -> Never:
        # FastAPI asks pydantic for what it does not know in an endpoint's parameters.
        raise TypeError(_NO_PARAMETER % cls.__name__)

    def __copy__(self) -> Self:
        """Return this very object: there is one for each state of a connection."""
        return self

    def __deepcopy__(self, _memo: object, /) -> Self:
        """Return this very object: there is one for each state of a connection."""
        return self

    @override
    def __repr__(self) -> str:
        # A proxy may be trusted to name the client, and the client to name itself.
        client = ascii(str(self.scope.client or "unknown"))[1:-1]
        return f"<{type(self).__name__} {self.scope.path!a} from {client}>"

    @property
    def url(self) -> URL:
        """The URL that the client asked for."""
        return self.scope.url

    @property
    def headers(self) -> Headers:
        """The request's headers."""
        return self.scope.headers

    @property
    def query_params(self) -> QueryParams:
        """The query parameters."""
        return self.scope.query_params

    @property
    def path_params(self) -> Mapping[str, object]:
        """What the router took out of the path."""
        return self.scope.path_params

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies; of a repeated name the first, which is the more specific."""
        return self.scope.cookies

    @property
    def client(self) -> Address | None:
        """The peer's address, if the server tells."""
        return self.scope.client

    @property
    def state(self) -> Mapping[str, object]:
        """What the application's lifespan left for its connections."""
        return self.scope.state

    @property
    def subprotocols(self) -> tuple[str, ...]:
        """The subprotocols that the client offers, in its order of preference."""
        return self.scope.subprotocols

    def path_params_as(self, form: TypeForm[RecordT], /) -> RecordT:
        """
        Read what the router took out of the path, as an instance of a class.

        What a router has read already is taken where it fits, and else its text is; so
        a `str` field takes what `{room:int}` has found. Texts are read as in
        `query_params_as()`.

        Args:
            form: An attrs class, a dataclass, a msgspec Struct, a TypedDict or a
                NamedTuple.

        Raises:
            InvalidParameters: The client's path does not fit; the error says why.
            InvalidScope: The route has no parameter that the class demands.
            TypeError: It is no such class, or a field can't be read from a text.
        """
        return read_path(self.path_params, form)

    def query_params_as(
        self, form: TypeForm[RecordT], /, *, forbid_unknown_fields: bool = False
    ) -> RecordT:
        """
        Read the query parameters, as an instance of a class.

        Numbers are written as in JSON, and are finite. A bool is `true`, `false`, `1`
        or `0`, in any case of the letters; a date or time is of RFC 3339, and a
        datetime may also be in seconds since 1970. An enum or a `Literal` is read by
        its value. A field that may be a `str` takes any text as it is.

        A missing parameter leaves the field to its default. An empty one (`?page=`) is
        an empty text; where that does not fit, it is None if the type has None. For a
        list, a tuple or a set a name may come once or repeatedly, for anything else
        once.

        Args:
            form: An attrs class, a dataclass, a msgspec Struct, a TypedDict or a
                NamedTuple. An alias of attrs or a rename of msgspec is the name in the
                query; what `Annotated[int, msgspec.Meta(ge=1)]` says is checked.
            forbid_unknown_fields: Whether names that are no field's are a problem; they
                are passed over else. A Struct can say so itself.

        Raises:
            InvalidParameters: The client's query does not fit; the error lists all that
                is wrong, one problem for each name.
            TypeError: It is no such class, or a field can't be read from a text.
        """
        return read_query(
            self.query_params, form, forbid_unknown_fields=forbid_unknown_fields
        )

    def headers_as(self, form: TypeForm[RecordT], /) -> RecordT:
        """
        Read headers, as an instance of a class.

        The field `x_request_id` is the header `x-request-id`. Texts are read as in
        `query_params_as()`. A list is what HTTP takes for one (RFC 9110, section
        5.6.1): elements with commas between them, in one header or in several. A comma
        between double quotes is part of an element, and so are the quotes.

        Args:
            form: An attrs class, a dataclass, a msgspec Struct, a TypedDict or a
                NamedTuple.

        Raises:
            InvalidParameters: The client's headers do not fit; the error says why, and
                has none of the values in it, since they may be secrets.
            TypeError: It is no such class, or a field can't be read from a text.
        """
        return read_headers(self.headers, form)

    def cookies_as(self, form: TypeForm[RecordT], /) -> RecordT:
        """
        Read cookies, as an instance of a class.

        Texts are read as in `query_params_as()`.

        Args:
            form: An attrs class, a dataclass, a msgspec Struct, a TypedDict or a
                NamedTuple.

        Raises:
            InvalidParameters: The client's cookies do not fit; the error says why, and
                has none of the values in it, since they may be secrets.
            TypeError: It is no such class, or a field can't be read from a text.
        """
        return read_cookies(self.cookies, form)

    def state_as(self, form: TypeForm[RecordT], /) -> RecordT:
        """
        Read what the application's lifespan left, as an instance of a class.

        Nothing is copied or converted: a field has the very object that the lifespan
        left. It is checked to be there, unless the field has a default, and to be an
        instance of the field's class, or of one of them in a union. What is inside is
        not looked into: a `dict[str, int]` has to be a dict. What has no instances that
        can be told (a Protocol, a TypedDict) has only to be there.

        Args:
            form: An attrs class, a dataclass, a msgspec Struct, a TypedDict or a
                NamedTuple.

        Raises:
            InvalidScope: Something is missing, or an instance of something else.
            TypeError: It is no such class.
        """
        return read_state(self.state, form)

    @property
    def app(self) -> object:
        """
        The application that a framework put into the scope.

        Raises:
            InvalidScope: No framework did.
        """
        return self._left_by("app", "the application, as frameworks leave it")

    @property
    def user(self) -> object:
        """
        The user whom an authentication middleware found.

        Raises:
            InvalidScope: No middleware left one.
        """
        return self._left_by("user", "a user, as authentication middleware leaves it")

    @property
    def auth(self) -> object:
        """
        The credentials that an authentication middleware found.

        Raises:
            InvalidScope: No middleware left any.
        """
        return self._left_by("auth", "what authentication middleware leaves there")

    def _left_by(self, key: str, expected: str) -> object:
        if key in self.scope.raw:
            return self.scope.raw[key]
        raise InvalidScope(key, expected, "nothing; is what leaves it in front?")

    @overload
    def __getitem__(self, key: Literal["type"], /) -> Literal["websocket"]: ...
    @overload
    def __getitem__(
        self,
        key: Literal["path", "root_path", "scheme", "http_version"],
        /,
    ) -> str: ...
    @overload
    def __getitem__(self, key: Literal["query_string"], /) -> bytes: ...
    @overload
    def __getitem__(self, key: Literal["raw_path"], /) -> bytes | None: ...
    @overload
    def __getitem__(self, key: Literal["headers"], /) -> RawFields: ...
    @overload
    def __getitem__(
        self, key: Literal["client", "server"], /
    ) -> tuple[str, int | None] | None: ...
    @overload
    def __getitem__(self, key: Literal["subprotocols"], /) -> tuple[str, ...]: ...
    @overload
    def __getitem__(
        self, key: Literal["state", "extensions", "path_params"], /
    ) -> Mapping[str, object]: ...
    @overload
    def __getitem__(self, key: Literal["asgi"], /) -> ASGIVersions: ...
    @overload
    def __getitem__(self, key: str, /) -> object: ...
    def __getitem__(self, key: str, /) -> object:
        return self.scope.as_asgi[key]

    def get(self, key: str, default: object = None, /) -> object:
        """Return the value of a key of the scope, or a default."""
        return self.scope.as_asgi.get(key, default)

    def keys(self) -> KeysView[str]:
        """Return the keys of the scope."""
        return self.scope.as_asgi.keys()

    def values(self) -> ValuesView[object]:
        """Return the values of the scope."""
        return self.scope.as_asgi.values()

    def items(self) -> ItemsView[str, object]:
        """Return the keys of the scope with their values."""
        return self.scope.as_asgi.items()


class HandshakeMapping(Handshake):
    """
    A handshake that can also be iterated, as a mapping can.

    For the states without messages. With these methods on a connected one, `for` where
    `async for` belongs would go through every checker, and give the keys of the scope.
    """

    __slots__ = ()

    def __contains__(self, key: object, /) -> bool:
        return key in self.scope.as_asgi

    def __iter__(self) -> Iterator[str]:
        return iter(self.scope.as_asgi)

    def __len__(self) -> int:
        return len(self.scope.as_asgi)
