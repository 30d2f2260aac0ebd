"""The chat over the wire: a live server, and clients that are no browsers."""

import json
from urllib.request import urlopen

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.demo.conftest import BACKLOG, SECONDS, Invite, LiveServer
from typedws.demo.messages import LONGEST_TEXT, MOST_FAULTS

pytestmark = pytest.mark.live


def said(name: str, text: str) -> dict[str, str]:
    """Build the message that tells what somebody said."""
    return {"type": "said", "name": name, "text": text}


def joined(name: str, *people: str) -> dict[str, object]:
    """Build the message that tells who came."""
    return {"type": "joined", "name": name, "people": list(people)}


def left(name: str, *people: str) -> dict[str, object]:
    """Build the message that tells who left."""
    return {"type": "left", "name": name, "people": list(people)}


def welcome(room: str, name: str, *people: str) -> dict[str, object]:
    """Build the message that everyone gets first."""
    return {"type": "welcome", "room": room, "name": name, "people": list(people)}


def fault(sentence: str, place: str) -> dict[str, str]:
    """Build the message that tells what is wrong with another."""
    return {"type": "error", "message": sentence, "place": place}


class TestConversation:
    """That it is the same over the wire; test_conversation.py has the rest."""

    def test_two_in_a_room_talk(self, invite: Invite) -> None:
        """What either says, both hear, each with the speaker's name."""
        ada, bob = invite("Ada"), invite("Bob")
        ada.hears()
        bob.hears()

        assert joined("Bob", "Ada", "Bob") == ada.hears()

        ada.says("hello")

        assert said("Ada", "hello") == ada.hears()
        assert said("Ada", "hello") == bob.hears()

        bob.says("grüß dich 👋\nzweite Zeile")

        assert said("Bob", "grüß dich 👋\nzweite Zeile") == ada.hears()
        assert said("Bob", "grüß dich 👋\nzweite Zeile") == bob.hears()

    def test_who_vanishes_is_missed_too(self, invite: Invite) -> None:
        """A connection that is cut without a close frame counts as leaving."""
        ada, bob = invite("Ada"), invite("Bob")
        ada.hears_until(joined("Bob", "Ada", "Bob"))
        bob.connection.socket.close()

        assert left("Bob", "Ada") == ada.hears()


class TestBadMessages:
    """A client's mistake is answered, and is nobody else's trouble."""

    @pytest.mark.parametrize(
        ("frame", "sentence", "place"),
        [
            ("{", "Input data was truncated", "$"),
            (
                b"\x00\xff",
                "JsonCodec speaks text messages here, and a binary message came",
                "$",
            ),
            ("[]", "Expected `object`, got `array`", "$"),
            ("null", "Expected `object`, got `null`", "$"),
            ('{"type": 7, "text": "hi"}', "Expected `str`, got `int`", "$.type"),
            (
                '{"type": "shout", "text": "hi"}',
                "Expected 'say', got 'shout'",
                "$.type",
            ),
            ('{"type": "say"}', "Object missing required field `text`", "$"),
            ('{"type": "say", "text": 1}', "Expected `str`, got `int`", "$.text"),
            ('{"type": "say", "text": ""}', "a blank message says nothing", "$"),
            (
                json.dumps({"type": "say", "text": " \n\t\u00a0\u200b"}),
                "a blank message says nothing",
                "$",
            ),
            (
                json.dumps({"type": "say", "text": "x" * (LONGEST_TEXT + 1)}),
                "a message has at most 2,000 characters, not 2,001",
                "$",
            ),
        ],
    )
    def test_a_bad_message_is_answered_and_life_goes_on(
        self, invite: Invite, frame: str | bytes, sentence: str, place: str
    ) -> None:
        """Its sender is told what is wrong; both can go on talking."""
        ada, bob = invite("Ada"), invite("Bob")
        ada.hears_until(joined("Bob", "Ada", "Bob"))
        bob.hears()
        ada.sends(frame)

        assert fault(sentence, place) == ada.hears()

        ada.says("still here")

        assert said("Ada", "still here") == ada.hears()
        assert said("Ada", "still here") == bob.hears()

    def test_half_a_character_harms_nobody(self, invite: Invite) -> None:
        """A lone surrogate, which no server could pass on, is refused at once."""
        ada = invite("Ada")
        ada.hears()
        ada.sends('{"type": "say", "text": "\\ud800"}')
        heard = ada.hears()

        assert isinstance(heard, dict)
        assert "error" == heard["type"]

        ada.says("still here")

        assert said("Ada", "still here") == ada.hears()

    def test_a_nested_heap_harms_nobody(self, invite: Invite) -> None:
        """A document nested ten thousand deep is an error like any other."""
        ada = invite("Ada")
        ada.hears()
        ada.sends("[" * 10_000 + "]" * 10_000)
        heard = ada.hears()

        assert isinstance(heard, dict)
        assert "error" == heard["type"]

        ada.says("still here")

        assert said("Ada", "still here") == ada.hears()

    def test_whoever_makes_nothing_but_faults_is_shown_out(
        self, invite: Invite
    ) -> None:
        """A client that does not learn is no client; the others stay."""
        ada, bob = invite("Ada"), invite("Bob")
        ada.hears_until(joined("Bob", "Ada", "Bob"))
        bob.hears()
        for _ in range(MOST_FAULTS):
            bob.sends("{}")

            assert fault("Object missing required field `text`", "$") == bob.hears()

        bob.sends("{}")

        assert (
            1008,
            "the message is of no type that is spoken here",
        ) == bob.is_shown_out()
        assert left("Bob", "Ada") == ada.hears()

    def test_the_longest_text_is_taken(self, invite: Invite) -> None:
        """The limit is inclusive, and counts characters rather than bytes."""
        ada = invite("Ada")
        ada.hears()
        ada.says("🦉" * LONGEST_TEXT)

        assert said("Ada", "🦉" * LONGEST_TEXT) == ada.hears()


class TestNames:
    """Who may come in, and what is said to those who may not."""

    def test_a_name_that_is_taken_is_refused(self, invite: Invite) -> None:
        """The newcomer is told why; the one inside notices nothing."""
        ada = invite("Ada")
        ada.hears()

        assert (4409, "the name Ada is taken in #lobby") == invite("Ada").is_shown_out()

        ada.hears_nothing()

    @pytest.mark.parametrize("disguise", ["ada", "ADA", " Ada ", "\uff21da"])
    def test_a_name_in_disguise_is_taken_too(
        self, invite: Invite, disguise: str
    ) -> None:
        """Case, spaces and full-width letters do not make another person."""
        invite("Ada").hears()
        code, _ = invite(disguise).is_shown_out()

        assert 4409 == code

    def test_a_name_is_free_in_another_room(self, invite: Invite) -> None:
        """Names are a room's own."""
        invite("Ada").hears()

        assert welcome("attic", "Ada", "Ada") == invite("Ada", "attic").hears()

    def test_a_name_is_free_again_once_its_owner_has_left(self, invite: Invite) -> None:
        """Leaving gives the name back."""
        witness, ada = invite("Bob"), invite("Ada")
        ada.hears()
        ada.leaves()
        witness.hears_until(left("Ada", "Bob"))

        assert welcome("lobby", "Ada", "Bob", "Ada") == invite("Ada").hears()

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("", "a name is needed"),
            ("   ", "a name is needed"),
            ("x" * 25, "a name has at most 24 characters"),
            ("A\u202eda", "a name is made of characters that can be seen"),
        ],
    )
    def test_a_bad_name_is_refused(
        self, invite: Invite, name: str, reason: str
    ) -> None:
        """The reason is in the close frame, where a browser can read it."""
        assert (4400, reason) == invite(name).is_shown_out()

    def test_two_names_at_once_are_refused(self, server: LiveServer) -> None:
        """The query does not fit; what is wrong with it is in the response."""
        address = f"{server.address('lobby', 'Ada')}&name=Bob"
        with pytest.raises(InvalidStatus) as refusal:
            connect(address, open_timeout=SECONDS, proxy=None)
        response = refusal.value.response

        assert 400 == response.status_code
        assert b'"place":"query.name"' in (response.body or b"")

    @pytest.mark.parametrize("room", ["a b", "a/b", "x" * 33, ""])
    def test_a_bad_room_is_refused(self, invite: Invite, room: str) -> None:
        """A room's name is as plain as it looks."""
        code, reason = invite("Ada", room).is_shown_out()

        assert 4400 == code
        assert reason.startswith("a room's name is made of letters, digits, - and _")

    def test_a_long_reason_fits_a_close_frame(self, invite: Invite) -> None:
        """Four-byte letters in both names leave 123 bytes of reason, cut cleanly."""
        name, room = "𐌰" * 24, "𐌱" * 32
        invite(name, room).hears()
        code, reason = invite(name, room).is_shown_out()

        assert 4409 == code
        assert reason.startswith(f"the name {name} is tak")
        assert len(reason.encode()) <= 123


class TestSlowMembers:
    """One who does not read is no burden to those who do."""

    def test_a_member_who_does_not_read_holds_up_nobody(self, invite: Invite) -> None:
        """The others hear everything; the slow one is shown out with 1013."""
        ada, bob = invite("Ada"), invite("Bob")
        ada.hears_until(joined("Bob", "Ada", "Bob"))
        slow = invite("Slow", max_queue=1)
        ada.hears()
        bob.hears_until(joined("Slow", "Ada", "Bob", "Slow"))
        heard_by_bob: list[object] = []
        for number in range(30 * BACKLOG):
            ada.says(f"{number} ".ljust(LONGEST_TEXT, "x"))
            ada.hears()
            heard_by_bob.append(bob.hears())
            if left("Slow", "Ada", "Bob") in heard_by_bob:
                break

        assert left("Slow", "Ada", "Bob") in heard_by_bob
        assert (1013, "try again later") == slow.is_shown_out()

    def test_a_flood_reaches_everyone_in_order(self, invite: Invite) -> None:
        """A burst far longer than a queue pushes nobody out."""
        ada, bob = invite("Ada"), invite("Bob")
        ada.hears_until(joined("Bob", "Ada", "Bob"))
        bob.hears()
        texts = [f"number {number}" for number in range(10 * BACKLOG)]
        for text in texts:
            ada.says(text)

        assert [said("Ada", text) for text in texts] == [bob.hears() for _ in texts]
        assert [said("Ada", text) for text in texts] == [ada.hears() for _ in texts]


class TestDoors:
    """What the application does besides talking."""

    def test_another_origin_is_kept_out(self, server: LiveServer) -> None:
        """A page of another site can't talk through its visitor's browser."""
        with pytest.raises(InvalidStatus) as refusal:
            connect(
                server.address("lobby", "Ada"),
                origin=Origin("https://evil.example"),
                open_timeout=SECONDS,
                proxy=None,
            )

        assert 403 == refusal.value.response.status_code

    @pytest.mark.parametrize("path", ["/", "/rooms/lobby"])
    def test_the_page_can_load_its_own_files_only(
        self, server: LiveServer, path: str
    ) -> None:
        """A content security policy stands behind the page's own care."""
        address = f"http://127.0.0.1:{server.port}{path}"
        with urlopen(address, timeout=SECONDS) as response:
            policy = response.headers["content-security-policy"]
            page = response.read().decode()

        assert "default-src 'none'; script-src 'self'" in policy
        assert "unsafe" not in policy
        assert '<script src="/page.js" type="module"></script>' in page
