"""
Where a server hides something from an application, or does otherwise. Nothing else is.

Each difference says what is seen instead, why, and what to do about it. A run is held
to it in both ways: what is seen has to be what is declared, and a difference that is no
longer one fails.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from attrs import evolve, frozen

from tests.outcomes.noting import HOST
from tests.outcomes.running import MANY_LINES, Row
from tests.outcomes.scenario import Scenario
from tests.outcomes.scenarios.catalogue import SCENARIOS

__all__ = [
    "DIFFERENCES",
    "Difference",
    "as_declared",
    "declared",
    "declared_here",
    "difference_of",
    "expected",
    "is_declared",
    "newer_difference_of",
]


_NONE: Final[Mapping[str, Row]] = MappingProxyType({})


@frozen(order=False)
class Difference:
    """
    What one or more servers do otherwise.

    Attributes:
        servers: Their names.
        why: What they do, in a sentence.
        instead: What to do about it, in another.
        rows: By the scenario, what is seen there.
        chances: By the scenario, what is seen there at other times: where two events
            race on the server, the row is one of two.
        from_3_12: By the scenario, what is seen there from Python 3.12 on. The page is
            made with an older one.
    """

    servers: tuple[str, ...]
    why: str
    instead: str
    rows: Mapping[str, Row]
    chances: Mapping[str, Row] = _NONE
    from_3_12: Mapping[str, Row] = _NONE

    def allows(self, scenario: str, row: Row) -> bool:
        """Whether it is what is seen of a scenario, or may be."""
        return row in {self.rows[scenario], self.chances.get(scenario)}


def expected(scenario: Scenario) -> Row:
    """Give what is seen on a server that does nothing otherwise."""
    return Row(scenario.app_sees, scenario.client_sees)


def app_sees(name: str, *lines: str) -> tuple[str, Row]:
    """Change what the application sees."""
    return name, evolve(expected(SCENARIOS[name]), app=lines)


def rows(pairs: Iterable[tuple[str, Row]]) -> Mapping[str, Row]:
    """Name what is seen by the scenarios."""
    return dict(pairs)


def logs(name: str, log: str) -> tuple[str, Row]:
    """Change what is logged."""
    return name, evolve(expected(SCENARIOS[name]), log=log)


def client_sees(name: str, *lines: str) -> tuple[str, Row]:
    """Change what the client sees."""
    return name, evolve(expected(SCENARIOS[name]), client=lines)


def both_see(
    name: str, app: tuple[str, ...], client: tuple[str, ...]
) -> tuple[str, Row]:
    """Change both."""
    return name, Row(app, client)


def difference_of(server: str, scenario: str) -> Difference | None:
    """Find the difference that is declared for a scenario on a server."""
    return _BY_PLACE.get((server, scenario))


def newer_difference_of(server: str, scenario: str) -> Difference | None:
    """Find the difference that is declared from Python 3.12 on."""
    return _BY_PLACE_FROM_3_12.get((server, scenario))


def declared(server: str, scenario: str) -> Row:
    """Give what is to be seen of a scenario on a server."""
    difference = difference_of(server, scenario)
    if difference is None:
        return expected(SCENARIOS[scenario])
    return difference.rows[scenario]


def declared_here(server: str, scenario: str) -> Row:
    """Give the same, or what this Python makes of it."""
    row = _by_python(server, scenario)
    return declared(server, scenario) if row is None else row


def as_declared(server: str, scenario: str, row: Row) -> Row:
    """Give what was seen, without what is only to be seen because of this Python."""
    is_here = row == _by_python(server, scenario)
    return declared(server, scenario) if is_here else row


def is_declared(server: str, scenario: str, row: Row) -> bool:
    """Tell whether this is what is to be seen of a scenario on a server."""
    difference = difference_of(server, scenario)
    if difference is None or _by_python(server, scenario) is not None:
        return row == declared_here(server, scenario)
    return difference.allows(scenario, row)


def _by_python(server: str, scenario: str) -> Row | None:
    """Give what only is to be seen because of the Python that serves."""
    difference = newer_difference_of(server, scenario)
    if difference is None or sys.hexversion < _PYTHON_3_12:
        return None
    return difference.from_3_12[scenario]


def _ends_with(code: int, *names: str) -> Iterator[tuple[str, Row]]:
    for name in names:
        app = (f"over: {code} by client", _R)
        yield both_see(name, app, ("accepted", f"closed {code}"))


def _otherwise(code_of: Mapping[str, int]) -> Iterator[tuple[str, Row]]:
    """Let daphne close with the code plus 2000, and drop the reason."""
    for name, code in code_of.items():
        before = SCENARIOS[name]
        app = tuple(_raised(line, code) for line in before.app_sees)
        yield both_see(name, app, ("accepted", f"closed {code}"))


def _raised(line: str, code: int) -> str:
    return line.replace(f"over: {code - 2000}", f"over: {code}")


def _lost(names: Iterable[str]) -> Iterator[tuple[str, Row]]:
    for name in names:
        yield both_see(name, _LOST, ("accepted", "dropped"))


def _fails_for(name: str) -> tuple[str, Row]:
    return name, Row((), ("gets no answer",), f"more than {MANY_LINES} lines")


def _taken(*names: str) -> Iterator[tuple[str, Row]]:
    for name in names:
        yield both_see(name, (_R,), ("accepted",))


_R: Final = "returns"
_LOST: Final = ("over: 1006 by network", _R)
_LOST_AS_1005: Final = ("over: 1005 by client", _R)

_PYTHON_3_12: Final = 0x030C0000

UVICORN: Final = ("uvicorn", "uvicorn-uvloop")
WSPROTO: Final = ("uvicorn-wsproto", "uvicorn-wsproto-uvloop")
HYPERCORN: Final = ("hypercorn", "hypercorn-trio")

_BREAKS_PROTOCOL: Final = tuple(
    name
    for name, scenario in SCENARIOS.items()
    if scenario.client_sees[1:] in {("closed 1002",), ("closed 1007",)}
    and scenario.is_hostile
)

_LOSES_A_CLIENT: Final = tuple(
    name
    for name, scenario in SCENARIOS.items()
    if scenario.app_sees == _LOST and scenario.is_hostile
)

_OWN_LIMIT: Final = (
    "Set a smaller `message_size`: what is over that, and not over the limit of the "
    "server, ends with 1009. See [Time-outs and limits](limits.md)."
)

DIFFERENCES: Final = (
    # --- All of uvicorn -------------------------------------------------------------
    Difference(
        (*UVICORN, *WSPROTO, "granian"),
        "A connection that was lost is told as 1005, which is also the code of a "
        "client that closes without one.",
        "Treat 1005 and 1006 alike; `ClosedWebSocket.clean` is false for both.",
        rows(
            (
                app_sees("reset", "over: 1005 by client", _R),
                app_sees("reset_after_a_message", "'a'", "over: 1005 by client", _R),
                app_sees("finish", "over: 1005 by client", _R),
                app_sees("send_only_and_a_reset", "over: 1005 by client", _R),
                *(app_sees(name, *_LOST_AS_1005) for name in _LOSES_A_CLIENT),
            )
        ),
    ),
    Difference(
        (*UVICORN, *WSPROTO),
        "Before the answer it refuses the handshake itself with 500, and cancels the "
        "handler then.",
        "Drain before the server is told of the signal: see [Deploying](shutdown.md).",
        rows((client_sees("stop_before_the_answer", "denied 500"),)),
    ),
    Difference(
        UVICORN,
        "It logs a traceback of its own, six lines.",
        "Drop it by a filter on the logger `uvicorn.error`; the application and its "
        "client see the end as everywhere.",
        rows([logs("no_utf_8", "6 lines")]),
    ),
    Difference(
        UVICORN,
        "It takes the length for one that is too large, and closes with 1009.",
        "Nothing.",
        rows(_ends_with(1009, "negative")),
    ),
    # --- wsproto, in uvicorn and hypercorn ------------------------------------------
    Difference(
        WSPROTO,
        "It drops a client that breaks the protocol, without a close frame.",
        "Nothing: the application sees the end as everywhere.",
        rows(client_sees(name, "accepted", "dropped") for name in _BREAKS_PROTOCOL),
    ),
    Difference(
        (*HYPERCORN, "daphne"),
        "It drops a client that breaks the protocol, without a close frame, and tells "
        "the application of a loss.",
        "Do not look for a broken rule in the close code: an end for which "
        "`ClosedWebSocket.clean` is false may be one.",
        rows(_lost(_BREAKS_PROTOCOL)),
    ),
    Difference(
        WSPROTO,
        "It waits for the rest of the frame, and refuses it when more than its limit "
        "has come. When the client goes, that is told as 1005.",
        "Set an `idle_timeout`: see [Time-outs and limits](limits.md).",
        rows((both_see("endless", _LOST_AS_1005, ("accepted", "silence")),)),
    ),
    Difference(
        HYPERCORN,
        "It waits for the rest of the frame, and refuses it when more than its limit "
        "has come.",
        "Set an `idle_timeout`: see [Time-outs and limits](limits.md).",
        rows((both_see("endless", _LOST, ("accepted", "silence")),)),
    ),
    Difference(
        WSPROTO,
        "It answers 426 where others say 400.",
        "Nothing.",
        rows((client_sees("old_version", "denied 426"),)),
    ),
    # --- hypercorn ------------------------------------------------------------------
    Difference(
        HYPERCORN,
        "It never tells how a client has closed: every end is 1006, a loss.",
        "Do not rely on the close code of a client; let it say goodbye in a message.",
        rows(
            (
                *(
                    app_sees(name, "over: 1006 by network", _R)
                    for name in (
                        "client_closes_with_1000",
                        "client_closes_with_1001",
                        "client_closes_with_4321",
                        "client_closes_without_a_code",
                        "send_only_and_a_close",
                        "late_message",
                    )
                ),
                app_sees(
                    "messages_before_the_end",
                    *("'a'", "b'b'", "'c'", "over: 1006 by network", _R),
                ),
                app_sees(
                    "send_afterwards",
                    "over: 1006 by network",
                    "raises the same end: True",
                    "closes with the same end: True",
                    _R,
                ),
            )
        ),
    ),
    Difference(
        HYPERCORN,
        "It keeps only the last of two `Sec-WebSocket-Protocol` headers.",
        "Nothing: browsers and client libraries send one.",
        rows((app_sees("subprotocols_in_two_headers", "['chat.v1']", _R),)),
    ),
    Difference(
        (*HYPERCORN, "granian", "daphne"),
        "A send never fails, so a handler that only sends is not told that the client "
        "has gone.",
        "Send within `run()` or with `send_each()`: see [Concurrency](concurrency.md).",
        rows((app_sees("send_blindly", "is not told", _R),)),
    ),
    Difference(
        HYPERCORN,
        "It refuses the handshake with 400, and tells the application nothing: its "
        "`receive()` waits for ever, and so does the handler.",
        "Set an `idle_timeout`, which ends it: see the next difference.",
        rows((both_see("early_frame", ("does not end",), ("denied 400",)),)),
    ),
    Difference(
        HYPERCORN,
        "It refuses the handshake with 400. Where the handler answers at the very "
        "moment, the process of the trio worker ends, and all its connections with it; "
        "typedws lets it refuse first what came in one packet with the request.",
        "Set an `idle_timeout`: with it the handler ends, as it did here. Choose the "
        "asyncio worker, or a proxy that sends nothing before the answer.",
        rows(
            both_see(name, ("over: 1001 by server", _R), ("denied 400",))
            for name in (
                "early_frame_and_idle_timeout",
                "frame_with_the_request",
                "frame_with_the_request_at_once",
                "byte_with_the_request",
            )
        ),
    ),
    Difference(
        HYPERCORN,
        "It tells a handler nothing until its `graceful_timeout` is over, and then "
        "cancels it; the client is told 1012 by typedws.",
        "Drain before the server is told of the signal: see [Deploying](shutdown.md).",
        rows((app_sees("stop_while_it_listens", "is cancelled"),)),
    ),
    Difference(
        ("hypercorn",),
        "From Python 3.12 on it waits for all clients to go before its "
        "`graceful_timeout` begins: there `wait_closed()` of a server of asyncio waits "
        "for its connections.",
        "Drain before the server is told of the signal: see [Deploying](shutdown.md).",
        _NONE,
        from_3_12=rows(
            (
                both_see("stop_while_it_listens", _LOST, ("accepted", "silence")),
                client_sees("stop_while_it_works", "accepted", "silence"),
                both_see(
                    "stop_before_the_answer",
                    ("is elsewhere", "does not end"),
                    ("gets no answer",),
                ),
            )
        ),
    ),
    Difference(
        HYPERCORN,
        "It waits for ever for a client to answer a close, and so does a task that "
        "receives beside the one that has closed.",
        "Receive in `run()`, which ends at the close, or set an `idle_timeout`: see "
        "[Time-outs and limits](limits.md).",
        rows(
            [
                client_sees(
                    "close_is_ignored_beside_a_receiver",
                    *("accepted", "closed 4000", "the handler is stuck"),
                )
            ]
        ),
    ),
    Difference(
        ("hypercorn-trio",),
        "A send that waits for the client can not be interrupted, so no time-out ends "
        "it while the client is connected. And where both sides close at one moment, "
        "the process may end, and all its connections with it, by a "
        "`trio.BusyResourceError`; that is seen too seldom for a row.",
        "Choose the asyncio worker, or give each client a queue, and a task that "
        "sends from it.",
        rows(
            (
                both_see(
                    "client_reads_nothing",
                    (
                        "has to wait for the client",
                        "over: 1008 'messages were not taken in time' by server",
                        _R,
                    ),
                    ("accepted", "the handler is stuck"),
                ),
                client_sees("close_stuck", "accepted", "the handler is stuck"),
                both_see(
                    "room_with_a_deaf_member",
                    ("does not end", _R),
                    ("others hear all of it: False",),
                ),
            )
        ),
        chances=rows(
            [
                both_see(
                    "client_reads_nothing",
                    ("never has to wait", _R),
                    ("accepted", "the handler is stuck"),
                ),
                client_sees("room_with_a_deaf_member", "others hear all of it: False"),
            ]
        ),
    ),
    # --- granian --------------------------------------------------------------------
    Difference(
        ("granian", "daphne"),
        "It drops the headers of an accept.",
        "Send what they were to say in a message; set cookies over HTTP.",
        rows((client_sees("accept_with_headers", "accepted", "closed 1000"),)),
    ),
    Difference(
        ("granian", "daphne"),
        "It drops the reason with which a client closes.",
        "Let clients say it by the code.",
        rows((app_sees("client_closes_with_4321", "over: 4321 by client", _R),)),
    ),
    Difference(
        ("granian",),
        "It takes the body of a denial response in one part only.",
        "Give a body of more than 1 MiB as bytes; `send_denial_response()` refuses "
        "longer parts before anything is sent.",
        rows(
            (
                app_sees(
                    "denial_response_at_length", "refused the parts", "denied: 401", _R
                ),
            )
        ),
    ),
    Difference(
        ("granian",),
        "When a client breaks the protocol it closes without a code, and tells the "
        "application 1005, as if the client had closed so.",
        "Do not look for a broken rule in the close code: an end for which "
        "`ClosedWebSocket.clean` is false may be one.",
        rows(
            _ends_with(
                1005,
                *(
                    name
                    for name in (*_BREAKS_PROTOCOL, "endless")
                    if name not in {"code_1005", "code_999"}
                ),
            )
        ),
    ),
    Difference(
        ("granian", "daphne"),
        "The process is gone at once, and no `finally` runs.",
        "Drain before the signal that stops the server: see [Deploying](shutdown.md).",
        rows(
            (
                both_see(
                    "stop_while_it_works",
                    ("is elsewhere", "does not end"),
                    ("accepted", "dropped"),
                ),
                both_see(
                    "stop_before_the_answer",
                    ("is elsewhere", "does not end"),
                    ("gets no answer",),
                ),
            )
        ),
        chances=rows(
            [
                both_see(
                    "stop_while_it_works",
                    ("is elsewhere", "does not end"),
                    ("accepted", "silence"),
                )
            ]
        ),
    ),
    Difference(
        ("granian",),
        "The handler is told, but the client gets no close frame.",
        "Drain before the signal that stops the server: see [Deploying](shutdown.md).",
        rows(
            (
                both_see(
                    "stop_while_it_listens",
                    ("over: 1005 by client", _R),
                    ("accepted", "dropped"),
                ),
            )
        ),
    ),
    # --- daphne ---------------------------------------------------------------------
    Difference(
        ("daphne",),
        "The process is gone at once, and no `finally` runs.",
        "Drain before the signal that stops the server: see [Deploying](shutdown.md).",
        rows(
            (
                both_see(
                    "stop_while_it_listens",
                    ("does not end",),
                    ("accepted", "dropped"),
                ),
            )
        ),
    ),
    Difference(
        ("daphne",),
        "It joins headers of one name with a comma.",
        "Split lists at the comma. A client sends one `Cookie` header; HTTP/2 proxies "
        "join theirs with a semicolon.",
        rows(
            (
                app_sees("headers", "x-tag: ['a,b']", "x-other: o", _R),
                app_sees("cookies", "{'a': '1,b=2'}", _R),
            )
        ),
    ),
    Difference(
        ("daphne",),
        "It drops headers with `_` in their names.",
        "Use `-`.",
        rows((app_sees("header_with_an_underscore", "x_tag: None", _R),)),
    ),
    Difference(
        ("daphne",),
        "It has no lifespan, so `state` is empty.",
        "Make what the handlers share when it is first asked for.",
        rows((app_sees("state", "{}", _R),)),
    ),
    Difference(
        ("daphne",),
        "It can refuse a handshake with a plain 403 only.",
        "Pass `fallback=True` to `send_denial_response()`; what typedws refuses "
        "itself needs nothing.",
        rows(
            (
                both_see(
                    "denial_response",
                    ("sent it: False", "denied: 403", _R),
                    ("denied 403",),
                ),
                both_see(
                    "denial_response_in_parts", ("denied: 403", _R), ("denied 403",)
                ),
                both_see(
                    "denial_response_with_cookies",
                    ("denied: 403", _R),
                    ("denied 403",),
                ),
                both_see(
                    "denial_response_at_length",
                    ("denied: 403", _R),
                    ("denied 403", "reads 0 bytes"),
                ),
                client_sees("fail_before_accept", "denied 403"),
                client_sees("parameters_that_do_not_fit", "denied 403"),
                client_sees("handshake_timeout", "denied 403"),
            )
        ),
    ),
    Difference(
        ("daphne",),
        "It drops messages that are empty.",
        "Send a message that says that there is nothing.",
        rows((client_sees("empty", "accepted", "'end'", "closed 1000"),)),
    ),
    Difference(
        ("daphne",),
        "It sends no close code but 1000 and 3000 to 4999, and no reason; typedws "
        "sends the code plus 2000 then, 3011 for 1011.",
        "Let clients take both, or close with codes from 4000 on.",
        rows(
            (
                *_otherwise(
                    {
                        "no_json": 3007,
                        "json_of_no_type": 3008,
                        "wrong_kind": 3003,
                        "too_big": 3009,
                        "too_fast": 3008,
                        "idle": 3001,
                        "close_with_1001": 3001,
                        "close_with_1008": 3008,
                        "close_with_1011": 3011,
                        "close_with_1012": 3012,
                        "fail": 3011,
                    }
                ),
                client_sees("close_with_4999", "accepted", "closed 4999"),
                client_sees("bad_closes", "accepted", "'still here'", "closed 1000"),
                client_sees(
                    "newer_session",
                    *("accepted", "accepted", "closed 4000", "closed 1000"),
                ),
                client_sees(
                    "drain",
                    *("accepted", "accepted", "closed 3012", "'goodbye'"),
                    *("closed 4001", "denied 403"),
                ),
            )
        ),
    ),
    Difference(
        ("daphne",),
        "It never makes anybody wait, and holds in memory what is not taken, both "
        "ways.",
        'Limit the rate with `exceeded="close"`, and let clients acknowledge what '
        "they have got.",
        rows(
            (
                app_sees("client_reads_nothing", "never has to wait", _R),
                app_sees(
                    "close_stuck", "a send is stuck: False", "closes in time: True", _R
                ),
                client_sees("handler_reads_late", "is not held back"),
            )
        ),
    ),
    Difference(
        ("daphne",),
        "One second after a close it drops the client, and with it what the client has "
        "not read yet.",
        "Let the client say that it has got the last message, and close then.",
        rows((client_sees("close_behind_much", "accepted", "all of it: False"),)),
    ),
    Difference(
        ("daphne",),
        "It drops the client without a close frame, and tells the application of a "
        "loss.",
        "Nothing: it has kept no more of the frame than what had come.",
        rows(_lost(["endless"])),
    ),
    Difference(
        ("daphne",),
        "It takes the version for one that it speaks.",
        "Nothing.",
        rows((both_see("old_version", _LOST, ("accepted",)),)),
    ),
    # --- Messages -------------------------------------------------------------------
    Difference(
        ("granian", "daphne"),
        "It does not compress.",
        "Compress what is large in the application, if the network is slow.",
        rows(
            [client_sees("compressed", "accepted", "none", "1000 of a message")],
        ),
    ),
    Difference(
        (*HYPERCORN, "daphne"),
        "It tells the application of a loss when it has refused a message.",
        _OWN_LIMIT,
        rows([app_sees("too_big_for_the_server", *_LOST)]),
    ),
    Difference(
        ("granian",),
        "It tells the application 1005 when it has refused a message.",
        _OWN_LIMIT,
        rows([app_sees("too_big_for_the_server", *_LOST_AS_1005)]),
    ),
    # --- Requests that no browser sends ---------------------------------------------
    Difference(
        (*WSPROTO, "hypercorn"),
        "It fails for bytes that are not ASCII in this header: it drops the client "
        "without an answer, and logs a traceback, 35 lines or more. The application "
        "is not asked.",
        "Put a proxy in front that refuses such headers, or drop the lines by a filter "
        "on the logger `asyncio`.",
        rows([_fails_for("subprotocol_in_latin_1")]),
    ),
    Difference(
        WSPROTO,
        "It fails for bytes that are not ASCII in this header: it drops the client "
        "without an answer, and logs a traceback, 35 lines.",
        "Put a proxy in front that refuses such headers, or drop the lines by a filter "
        "on the logger `asyncio`.",
        rows([_fails_for("host_in_latin_1")]),
    ),
    Difference(
        ("hypercorn-trio",),
        "Its process ends, and with it all connections of all clients, for bytes that "
        "are not ASCII in this header. The application is not asked, so typedws can "
        "not prevent it.",
        "Choose the asyncio worker, or put a proxy in front that refuses such headers.",
        rows([("subprotocol_in_latin_1", Row((), ("gets no answer",), "", "ends"))]),
    ),
    Difference(
        ("daphne",),
        "It fails for bytes that are not ASCII in this header: it answers 500, and "
        "logs a traceback of six lines.",
        "Nothing: the application is not asked.",
        rows(
            [("subprotocol_in_latin_1", Row((), ("denied 500",), "6 lines"))],
        ),
    ),
    Difference(
        ("granian",),
        "It takes bytes that are not ASCII in a subprotocol, and in a path.",
        "Nothing: a subprotocol that you do not name is not chosen, and the path is "
        "read as UTF-8.",
        rows(_taken("subprotocol_in_latin_1", "path_in_utf_8")),
    ),
    Difference(
        (*UVICORN, "granian"),
        "It takes a request without a `Host`, or with two, which RFC 9112 forbids.",
        "Put a proxy in front that refuses it, if anything is decided by the host.",
        rows(_taken("no_host", "two_hosts")),
    ),
    Difference(
        ("daphne",),
        "It takes a request with two `Host` headers, which RFC 9112 forbids.",
        "Put a proxy in front that refuses it, if anything is decided by the host.",
        rows(_taken("two_hosts")),
    ),
    Difference(
        (*UVICORN, *WSPROTO, *HYPERCORN),
        "It leaves scheme and host of such a target in the path.",
        "Nothing: no route has such a path. Who looks only at the end of a path needs "
        "a proxy in front that takes them off.",
        rows([app_sees("absolute_target", f"http://{HOST}/\u2026/a/b", _R)]),
    ),
    Difference(
        ("daphne",),
        "It takes what stands between two slashes and a third one for a host, and "
        "leaves it out of the path.",
        "Let a proxy in front that decides by the path merge slashes first.",
        rows([app_sees("two_slashes", "/\u2026/a", _R)]),
    ),
    Difference(
        UVICORN,
        "It never answers a handshake with a body, and keeps the connection. The "
        "application is not asked.",
        "Put a proxy in front that refuses it, or limits the time for a request.",
        rows(
            both_see(name, (), ("gets no answer",))
            for name in ("body", "body_in_chunks")
        ),
    ),
    Difference(
        HYPERCORN,
        "It takes a body for a frame that comes too early, and refuses the handshake "
        "with 400; the handler believes that it has accepted.",
        "Set an `idle_timeout`, as for a frame that comes too early.",
        rows(client_sees(name, "denied 400") for name in ("body", "body_in_chunks")),
    ),
    Difference(
        ("daphne",),
        "It asks the application, but drops the client, whose request has a body, "
        "without an answer.",
        "Nothing: a handler that has accepted is told of the loss.",
        rows(
            client_sees(name, "gets no answer") for name in ("body", "body_in_chunks")
        ),
    ),
    Difference(
        HYPERCORN,
        "It refuses a request of more than 16 KiB with 431.",
        "Set `h11_max_incomplete_size`, if clients need more.",
        rows([both_see("long_header", (), ("denied 431",))]),
    ),
    Difference(
        UVICORN,
        "It never answers a request with a line of more than 8 KiB, and keeps the "
        "connection. The application is not asked.",
        "Keep cookies shorter than that. Put a proxy in front that refuses such a "
        "request, or limits the time for one.",
        rows([both_see("long_header", (), ("gets no answer",))]),
    ),
    Difference(
        ("daphne",),
        "It drops a client whose request is longer than 16 KiB. The application is not "
        "asked.",
        "Keep cookies shorter than that.",
        rows([both_see("long_header", (), ("gets no answer",))]),
    ),
)

_BY_PLACE: Final[Mapping[tuple[str, str], Difference]] = {
    (server, scenario): difference
    for difference in DIFFERENCES
    for server in difference.servers
    for scenario in difference.rows
}

_BY_PLACE_FROM_3_12: Final[Mapping[tuple[str, str], Difference]] = {
    (server, scenario): difference
    for difference in DIFFERENCES
    for server in difference.servers
    for scenario in difference.from_3_12
}
