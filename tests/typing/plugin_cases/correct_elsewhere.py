"""Correct programs with what other files keep. Nothing may be reported."""

import kept_elsewhere
from kept_elsewhere import Renewed


async def renewed_by_its_class(session: Renewed) -> None:
    await session.ws.close()
    session.renew()
    await session.ws.close()


class OfABaseElsewhere(Renewed):
    async def refuse_two(self) -> None:
        await self.ws.close()
        self.renew()
        await self.ws.close()


async def renewed_by_its_module() -> None:
    await kept_elsewhere.renewed.close()
    kept_elsewhere.renew()
    await kept_elsewhere.renewed.close()
