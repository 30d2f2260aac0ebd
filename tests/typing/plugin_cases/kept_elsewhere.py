"""Classes and names that other files keep a state in. Nothing here is reported."""

from collections.abc import Callable

from typedws import UnacceptedWebSocket


class Kept:
    def __init__(self, ws: UnacceptedWebSocket) -> None:
        self.ws = ws


class Renewed:
    def __init__(self, make: Callable[[], UnacceptedWebSocket]) -> None:
        self.make = make
        self.ws = make()

    def renew(self) -> None:
        self.ws = self.make()


WAITING = UnacceptedWebSocket({})
renewed = UnacceptedWebSocket({})


def renew() -> None:
    global renewed
    renewed = UnacceptedWebSocket({})
