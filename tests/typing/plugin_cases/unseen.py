"""Mistakes that the plugin does not see. Nothing here is reported; see its limits."""

from collections.abc import Callable
from typing import TypeVar

import attrs

from typedws import ConnectedWebSocket, Ended, UnacceptedWebSocket

BoundT = TypeVar("BoundT", bound=UnacceptedWebSocket)


async def another_name_for_the_object(ws: UnacceptedWebSocket) -> Ended:
    """The same object goes by two names, and the other one is used."""
    other = ws
    await ws.accept()
    return await other.close()


async def accept(ws: UnacceptedWebSocket) -> ConnectedWebSocket:
    return await ws.accept()


async def spent_by_a_helper(ws: UnacceptedWebSocket) -> Ended:
    """A helper takes the state and leaves it, and the caller uses it again."""
    await accept(ws)
    return await ws.close()


async def closed_by_a_helper(connected: ConnectedWebSocket) -> Ended:
    """A function inside the handler closes, and the handler sends."""
    async def finish() -> None:
        await connected.close()

    await finish()
    await connected.send_text("bye")
    return await connected.close()


async def closed_and_handed_on(connected: ConnectedWebSocket) -> ConnectedWebSocket:
    """A closed connection is handed to a helper, which sends."""
    await connected.close()
    await closed_by_a_helper(connected)
    return connected


async def sent_by_a_reference(connected: ConnectedWebSocket) -> Ended:
    """A bound method that was kept from before the close is called."""
    send = connected.send_text
    await connected.close()
    await send("bye")
    return await connected.close()


async def item_of_a_list(sockets: list[UnacceptedWebSocket]) -> None:
    """An item of a list is used twice by its index."""
    await sockets[0].close()
    await sockets[0].close()


async def called_on_the_class(ws: UnacceptedWebSocket) -> None:
    """A method is called on the class, with the state as its argument."""
    await UnacceptedWebSocket.close(ws)
    await UnacceptedWebSocket.close(ws)


async def of_a_bound_type_variable(ws: BoundT) -> BoundT:
    """The state is of a type variable with a bound."""
    await ws.close()
    await ws.close()
    return ws


@attrs.frozen
class One:
    ws: UnacceptedWebSocket


@attrs.define
class Rebinding:
    connected: ConnectedWebSocket

    def replace(self, connected: ConnectedWebSocket) -> None:
        self.connected = connected

    async def say_bye(self) -> None:
        await self.connected.close()
        await self.connected.send_text("bye")


async def attribute_that_can_be_rebound(rebinding: Rebinding) -> None:
    """The connection is an attribute that another method of its object assigns."""
    await rebinding.say_bye()


async def attribute_in_a_closure(one: One) -> Callable[[], object]:
    """A function inside the handler uses an attribute that was left before."""
    connected = await one.ws.accept()

    async def refuse() -> Ended:
        return await one.ws.close()

    await connected.close()
    await refuse()
    return refuse


async def connection_of_an_attribute_in_a_closure(
    rebinding: Rebinding,
) -> Callable[[], object]:
    await rebinding.connected.close()

    async def say_bye() -> None:
        await rebinding.connected.send_text("bye")

    return say_bye


async def bound_anew_on_one_path(
    connected: ConnectedWebSocket, fresh: ConnectedWebSocket, is_kept: bool
) -> Ended:
    """A connection is closed, bound anew on one path only, and sent to on the other."""
    await connected.close()
    if not is_kept:
        connected = fresh
    await connected.send_text("bye")
    return await connected.close()


async def handed_on_and_matched(ws: UnacceptedWebSocket) -> Ended:
    """A state that was left is handed on by a function that asks of which class it is."""
    connected = await ws.accept()
    await accept(ws)
    match ws:
        case UnacceptedWebSocket():
            return await connected.close()
