"""The page in a real browser: headless Chromium against a live server."""

import os
import re
import shutil
from collections.abc import Iterator
from typing import Final, TypeAlias

import pytest

from tests.demo.conftest import SECONDS, LiveServer

try:
    from playwright.sync_api import (
        Browser,
        ConsoleMessage,
        Page,
        expect,
        sync_playwright,
    )
except ImportError:
    pytest.skip(
        "The chat's page was not tried in a browser: "
        "the package playwright is not installed.",
        allow_module_level=True,
    )

CHROMIUM: Final = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)

pytestmark = [pytest.mark.live, pytest.mark.browser]

if CHROMIUM is None:
    pytest.skip(
        "The chat's page was not tried in a browser: no Chromium or Chrome was found "
        "in the PATH.",
        allow_module_level=True,
    )

# Nothing but the page under test may talk to the network.
FLAGS: Final = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start one browser for all tests of this file."""
    # Chromium's sandbox refuses to work for root, whom containers often run as.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, *sandbox], timeout=SECONDS * 3000
        )
        yield browser
        browser.close()


class Visitor:
    """Somebody at a page of their own."""

    def __init__(self, page: Page) -> None:
        """Look at a page, and note what it complains about."""
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def enters(self, server: LiveServer, name: str, room: str = "lobby") -> None:
        """Go straight into a room."""
        self.page.goto(server.page(room=room, name=name))
        self.is_online()

    def joins(self, name: str) -> None:
        """Fill in the form, as it stands, with a name."""
        self.page.locator("#name").fill(name)
        self.page.locator("#join").click()

    def says(self, text: str) -> None:
        """Write and send a message."""
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")

    def is_online(self) -> None:
        """Wait for the page to be in a room."""
        expect(self.page.locator("#status")).to_have_attribute("data-state", "online")
        expect(self.page.locator("#text")).to_be_enabled()

    def sees(self, words: str) -> None:
        """Wait for words to stand in the log."""
        expect(self.page.locator("#log")).to_contain_text(words)

    def sees_people(self, *names: str) -> None:
        """Wait for exactly these people to be listed, in this order."""
        expect(self.page.locator("#people .who")).to_have_text(list(names))


@pytest.fixture
def visitors(browser: Browser) -> Iterator[tuple[Visitor, Visitor, Visitor]]:
    """Open three pages that share nothing."""
    expect.set_options(timeout=SECONDS * 1000)
    contexts = [browser.new_context() for _ in range(3)]
    for context in contexts:
        context.set_default_timeout(SECONDS * 1000)
    pages = [context.new_page() for context in contexts]
    yield Visitor(pages[0]), Visitor(pages[1]), Visitor(pages[2])
    for context in contexts:
        context.close()


Visitors: TypeAlias = tuple[Visitor, Visitor, Visitor]


def test_two_pages_talk_and_a_third_elsewhere_hears_nothing(
    server: LiveServer, visitors: Visitors
) -> None:
    """A conversation, as its people see it, from coming to leaving."""
    ada, bob, carol = visitors
    ada.enters(server, "Ada")
    bob.enters(server, "Bob")
    carol.enters(server, "Carol", room="attic")

    ada.sees("Bob joined")
    ada.sees_people("Ada", "Bob")
    bob.sees_people("Ada", "Bob")
    carol.sees_people("Carol")

    ada.says("hello Bob")
    bob.sees("hello Bob")
    bob.says("hello Ada")
    ada.sees("hello Ada")

    expect(ada.page.locator(".said.own .bubble")).to_have_text(["hello Bob"])
    expect(bob.page.locator(".said.own .bubble")).to_have_text(["hello Ada"])

    bob.page.locator("#leave").click()
    ada.sees("Bob left")
    ada.sees_people("Ada")
    expect(bob.page.locator("#join-form")).to_be_visible()

    expect(carol.page.locator("#log .said")).to_have_count(0)
    expect(carol.page.locator("#log .notice")).to_have_text(["You joined #attic"])

    assert [] == ada.complaints + bob.complaints + carol.complaints


def test_closing_the_tab_is_leaving(server: LiveServer, visitors: Visitors) -> None:
    """Nobody has to press a button to be gone."""
    ada, bob, _ = visitors
    ada.enters(server, "Ada")
    bob.enters(server, "Bob")
    ada.sees("Bob joined")
    bob.page.close()

    ada.sees("Bob left")


def test_a_refused_name_is_explained_and_another_can_be_chosen(
    server: LiveServer, visitors: Visitors
) -> None:
    """The page says why, keeps the form filled in, and does not try again by itself."""
    ada, bob, _ = visitors
    ada.enters(server, "Ada")
    sockets: list[str] = []
    bob.page.on("websocket", lambda socket: sockets.append(socket.url))
    bob.page.goto(server.page(room="lobby"))
    bob.joins("Ada")

    problem = bob.page.locator("#join-error")
    expect(problem).to_have_text("The name Ada is taken in #lobby")
    expect(bob.page.locator("#name")).to_be_focused()
    bob.page.wait_for_timeout(1500)

    assert 1 == len(sockets)

    bob.joins("Bob")
    bob.is_online()
    bob.sees_people("Ada", "Bob")

    assert [] == bob.complaints


def test_a_missing_name_is_explained(server: LiveServer, visitors: Visitors) -> None:
    """An empty form gets an answer, too."""
    ada, _, _ = visitors
    ada.page.goto(server.page())
    ada.page.locator("#join").click()

    expect(ada.page.locator("#join-error")).to_have_text("A name is needed")


def test_the_page_comes_back_by_itself_after_a_restart(
    server: LiveServer, visitors: Visitors
) -> None:
    """While the server is away, nothing can be typed; then all is as before."""
    ada, bob, _ = visitors
    ada.enters(server, "Ada")
    bob.enters(server, "Bob")
    server.stop()

    for visitor in (ada, bob):
        expect(visitor.page.locator("#text")).to_be_disabled()
        expect(visitor.page.locator("#send")).to_be_disabled()
        expect(visitor.page.locator("#trouble")).to_be_visible()
        visitor.sees("Connection lost")

    server.start()
    ada.is_online()
    bob.is_online()
    ada.sees("You are back")
    expect(ada.page.locator("#trouble")).to_be_hidden()

    ada.says("where were we?")
    bob.sees("where were we?")


def test_nobody_has_to_wait_for_the_next_attempt(
    server: LiveServer, visitors: Visitors
) -> None:
    """The button in the banner tries at once."""
    ada, _, _ = visitors
    ada.enters(server, "Ada")
    # From here on each attempt is half an hour away.
    ada.page.evaluate("Math.random = () => 7200")
    server.stop()
    expect(ada.page.locator("#countdown")).to_contain_text("Trying again in")
    server.start()
    ada.page.locator("#retry").click()

    ada.is_online()


def test_a_server_that_is_away_is_explained(
    server: LiveServer, visitors: Visitors
) -> None:
    """Without a server the form says so, and can be sent again."""
    ada, _, _ = visitors
    ada.page.goto(server.page(room="lobby"))
    server.stop()
    ada.joins("Ada")

    expect(ada.page.locator("#join-error")).to_have_text(
        f"The server at 127.0.0.1:{server.port} cannot be reached. Please try again."
    )

    server.start()
    ada.page.locator("#join").click()
    ada.is_online()


def test_a_server_that_refuses_is_explained(
    server: LiveServer, visitors: Visitors
) -> None:
    """A refused handshake is told apart from a server that is away."""
    ada, _, _ = visitors
    ada.page.route_web_socket(re.compile("/rooms/"), lambda route: route.close())
    ada.page.goto(server.page(room="lobby", name="Ada"))

    expect(ada.page.locator("#join-error")).to_have_text(
        "The server is up, but it refused the connection. Please try again."
    )


def test_markup_is_shown_and_not_obeyed(server: LiveServer, visitors: Visitors) -> None:
    """Whatever people write is text: in the log, in a name, in the title."""
    ada, bob, _ = visitors
    name, text = "<b>Bob</b>", "<img src=x onerror=alert(1)><script>alert(2)</script>"
    dialogs: list[str] = []
    ada.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    ada.enters(server, "Ada")
    bob.enters(server, name)
    bob.says(text)

    ada.sees(text)
    ada.sees_people("Ada", name)
    expect(ada.page.locator("#log img, #log script, #log b")).to_have_count(0)

    assert [] == dialogs
    assert [] == ada.complaints


def test_the_keyboard_is_enough(server: LiveServer, visitors: Visitors) -> None:
    """Join, write two lines and send, without a mouse."""
    ada, _, _ = visitors
    ada.page.goto(server.page())
    keyboard = ada.page.keyboard
    expect(ada.page.locator("#name")).to_be_focused()
    keyboard.type("Ada")
    keyboard.press("Enter")
    ada.is_online()
    expect(ada.page.locator("#text")).to_be_focused()
    keyboard.type("one")
    keyboard.press("Shift+Enter")
    keyboard.type("two")
    keyboard.press("Enter")

    expect(ada.page.locator(".said.own .bubble")).to_have_text("one\ntwo")
    expect(ada.page.locator("#text")).to_have_value("")


def test_a_message_that_is_not_taken_comes_back(
    server: LiveServer, visitors: Visitors
) -> None:
    """The server's reason is shown, and the words are in the field again."""
    ada, _, _ = visitors
    ada.enters(server, "Ada")
    ada.says("\u200b")

    expect(ada.page.locator("#hint")).to_have_text("A blank message says nothing")
    expect(ada.page.locator("#text")).to_have_value("\u200b")
