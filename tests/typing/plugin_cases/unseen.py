"""Mistakes that the plugin does not see. Nothing here is reported; see its limits."""

from collections.abc import Callable
from typing import TypeVar

import attrs

from typedws import ConnectedWebSocket, Ended, UnacceptedWebSocket

BoundT = TypeVar("BoundT", bound=UnacceptedWebSocket)


async def another_name_for_the_object(ws: UnacceptedWebSocket) -> Ended:
    other = ws
    await ws.accept()
    return await other.close()


async def accept(ws: UnacceptedWebSocket) -> ConnectedWebSocket:
    return await ws.accept()


async def spent_by_a_helper(ws: UnacceptedWebSocket) -> Ended:
    await accept(ws)
    return await ws.close()


async def closed_by_a_helper(connected: ConnectedWebSocket) -> Ended:
    async def finish() -> None:
        await connected.close()

    await finish()
    await connected.send_text("bye")
    return await connected.close()


async def closed_and_handed_on(connected: ConnectedWebSocket) -> ConnectedWebSocket:
    await connected.close()
    await closed_by_a_helper(connected)
    return connected


async def sent_by_a_reference(connected: ConnectedWebSocket) -> Ended:
    send = connected.send_text
    await connected.close()
    await send("bye")
    return await connected.close()


async def item_of_a_list(sockets: list[UnacceptedWebSocket]) -> None:
    await sockets[0].close()
    await sockets[0].close()


async def called_on_the_class(ws: UnacceptedWebSocket) -> None:
    await UnacceptedWebSocket.close(ws)
    await UnacceptedWebSocket.close(ws)


async def of_a_bound_type_variable(ws: BoundT) -> BoundT:
    await ws.close()
    await ws.close()
    return ws


@attrs.frozen
class One:
    ws: UnacceptedWebSocket


@attrs.frozen
class Two:
    ws: UnacceptedWebSocket


async def attribute_of_a_union(holder: One | Two) -> None:
    await holder.ws.close()
    await holder.ws.close()


@attrs.define
class Rebinding:
    connected: ConnectedWebSocket

    def replace(self, connected: ConnectedWebSocket) -> None:
        self.connected = connected

    async def say_bye(self) -> None:
        await self.connected.close()
        await self.connected.send_text("bye")


async def attribute_in_a_closure(one: One) -> Callable[[], object]:
    connected = await one.ws.accept()

    async def refuse() -> Ended:
        return await one.ws.close()

    await connected.close()
    return refuse


async def connection_of_an_attribute_in_a_closure(
    rebinding: Rebinding,
) -> Callable[[], object]:
    await rebinding.connected.close()

    async def say_bye() -> None:
        await rebinding.connected.send_text("bye")

    return say_bye
