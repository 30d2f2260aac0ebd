"""A chat without a framework: `uvicorn chat_alone:app`."""

from attrs import frozen

from typedws import (
    AllowedOrigins,
    DenialResponse,
    Ended,
    JsonCodec,
    UnacceptedWebSocket,
    websocket_app,
)


@frozen
class Query:
    room: int


@frozen
class Say:
    text: str


@frozen
class Said:
    room: int
    text: str


CODEC = JsonCodec(Say, Said)


@websocket_app(origins=AllowedOrigins("https://chat.example"))
async def app(websocket: UnacceptedWebSocket) -> Ended:
    number = websocket.query_params_as(Query).room
    if number > 99:
        response = DenialResponse.json({"error": "no such room"}, status=404)
        return await websocket.send_denial_response(response, fallback=True)
    session = (await websocket.accept()).typed(CODEC)
    async for message in session:
        if message.text == "bye":
            return await session.close(4000, "see you")
        await session.send(Said(number, message.text))
    return await session.close()
