"""A guard has a connection of its own to answer, and so has the handler behind it."""

from typedws import DeniedWebSocket, Ended, UnacceptedWebSocket, websocket_app


async def refuses_twice(ws: UnacceptedWebSocket) -> str | DeniedWebSocket:
    if "name" not in ws.query_params:
        await ws.close()
    return await ws.close()  # E: mypy-plugin[typestate]


async def authenticate(ws: UnacceptedWebSocket) -> str | DeniedWebSocket:
    if "name" in ws.query_params:
        return ws.query_params["name"]
    return await ws.close()


async def asks_after_the_answer(ws: UnacceptedWebSocket) -> str | DeniedWebSocket:
    await ws.accept()
    return await authenticate(ws)  # E: mypy-plugin[arg-type]


@websocket_app(guard=authenticate)
async def answers_twice(ws: UnacceptedWebSocket, name: str) -> Ended:
    await ws.accept()
    return await ws.close()  # E: mypy-plugin[typestate]
