"""Both ways at once, time-outs, slow peers and drains, on every real server."""

import time
from typing import Final

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from tests.live.server import vanish
from tests.matrix.client import SECONDS, Live
from tests.matrix.handlers import SEND_TIMEOUT
from tests.waiting import eventually

pytestmark = pytest.mark.live

MEBIBYTE: Final = 1024 * 1024
NO_PATIENCE: Final = 0.1
"""Seconds for the close of a client that reads nothing, and so sees no answer."""
UNINTERRUPTIBLE: Final = "hypercorn-trio"
"""It shields its sends: one that is stuck is so until the client reads, or goes."""


def test_a_receive_that_is_given_up_loses_nothing(live: Live) -> None:
    """Four hundred messages, while every wait ends after three milliseconds."""
    path = live.path("impatient")
    with live.connect(path) as client:
        for number in range(400):
            client.send(f"{number}")
            if number % 4 == 0:
                time.sleep(0.004)

    noted = live.notes(path)
    assert [f"{number}" for number in range(400)] == noted.what["got"]
    assert noted.what["timeouts"] != 0


def test_messages_of_many_tasks_are_whole_and_in_order(live: Live) -> None:
    """Four tasks, with twenty messages of a hundred kilobytes each."""
    got: dict[str, list[bytes]] = {sender: [] for sender in "abcd"}
    with live.connect(live.path("four_senders")) as client:
        for _ in range(80):
            message = client.recv(SECONDS)
            assert isinstance(message, bytes)
            sender, number = message[:1].decode(), message[1:3]
            assert message == sender.encode() + number + sender.encode() * 100_000
            got[sender].append(number)
        client.send("that is all")
        with pytest.raises(ConnectionClosedOK):
            client.recv(SECONDS)

    assert {sender: [b"%02d" % n for n in range(20)] for sender in "abcd"} == got


@pytest.mark.parametrize("how", ["closes", "vanishes"])
def test_a_handler_that_only_sends_ends_when_the_client_goes(
    live: Live, how: str
) -> None:
    """It is told, though it does not receive."""
    path = live.path("send_only")
    with live.connect(path) as client:
        assert "tick" == client.recv(SECONDS)
        went = time.monotonic()
        if how == "closes":
            client.close(4000)
        else:
            vanish(client.socket)
        noted = live.notes(path)

    assert "returned" == noted.what["end"]
    assert noted.when["closed"] - went < SECONDS


def test_a_client_that_does_not_read_costs_little_memory(live: Live) -> None:
    """Sixty-four mebibytes are sent, and wait in no buffer of ours."""
    path = live.path("pour")
    before = live.memory()
    with live.connect(path, close_timeout=NO_PATIENCE):
        if live.name == UNINTERRUPTIBLE:
            # A send that the client lets through in time is none that was given up.
            eventually(
                lambda: (
                    time.monotonic() - live.notes(path, until="sending").when["sending"]
                    > SEND_TIMEOUT + 0.5
                )
            )
        else:
            live.notes(path)
        grown = live.memory() - before
    noted = live.notes(path)

    if live.name == "daphne":
        # It takes all, and holds it, without making anybody wait.
        assert 1024 == noted.what["sent"]
    else:
        assert grown < 16 * MEBIBYTE
        assert noted.what["sent"] != 1024
    assert "returned" == noted.what["end"]


def test_a_close_while_a_send_is_stuck_is_given_up(live: Live) -> None:
    """After the second that it has, though the client reads nothing."""
    path = live.path("stuck")
    with live.connect(path, close_timeout=NO_PATIENCE):
        live.notes(path, until="closing")
        # With no deadline this one would not be there until the client has gone.
        live.notes(path, until="closed")
        if live.name != UNINTERRUPTIBLE:
            live.notes(path)
    noted = live.notes(path)

    # daphne takes all, so no send is ever stuck there.
    assert (live.name != "daphne") == noted.what["stuck"]
    assert "returned" == noted.what["end"]


def test_a_drain_ends_every_connection(live: Live) -> None:
    """Those that listen in their own way, the others with 1012."""
    with (
        live.connect(live.path("drained")) as plain,
        live.connect(f"{live.path('drained')}/listens") as listens,
    ):
        assert "listening" == listens.recv(SECONDS)
        live.ask("drain/drained")
        with pytest.raises(ConnectionClosed) as plainly:
            plain.recv(SECONDS)
        assert "goodbye" == listens.recv(SECONDS)
        with pytest.raises(ConnectionClosed) as after_words:
            listens.recv(SECONDS)

    assert plainly.value.rcvd is not None
    assert after_words.value.rcvd is not None
    assert (3012 if live.name == "daphne" else 1012) == plainly.value.rcvd.code
    assert 4001 == after_words.value.rcvd.code
