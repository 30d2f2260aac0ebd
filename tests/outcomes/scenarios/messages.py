"""Messages of every kind, both ways."""

from typing import Final

import anyio
from attrs import frozen

from tests.outcomes.noting import tell, tell_end
from tests.outcomes.raw_client import Opcode, frame
from tests.outcomes.scenario import Client, Scenario
from tests.outcomes.scenarios.moves import (
    RETURNS,
    echo,
    echo_and_tell_the_end,
    hears_to_the_end,
    says,
)
from tests.outcomes.visiting import Visit
from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConcurrentReceiveError,
    EncodeError,
    Ended,
    JsonCodec,
    Limits,
    LocalProtocolError,
    RateLimit,
    ReceiveTimeout,
    TextMessage,
    UnacceptedWebSocket,
)

__all__ = ["SCENARIOS"]

MEBIBYTE: Final = 1024 * 1024
OVER_THE_LIMIT: Final = 17 * MEBIBYTE
"""Most servers take messages of 16 MiB, if they are not told otherwise."""

MANY: Final = 200


def exchange(*messages: str | bytes) -> Client:
    """Send messages, hear as many, and close."""

    async def client(visit: Visit) -> None:
        async with visit.connect() as caller:
            await caller.say(*messages)
            for _ in messages:
                await caller.hear()

    return client


async def sends_parts(visit: Visit) -> None:
    """Send a message in three frames, one of them empty."""
    async with visit.connect() as caller:
        await caller.say_in_parts("caf", "", "\u00e9")
        await caller.hear()


async def compresses(visit: Visit) -> None:
    """Offer to compress, and see whether the server takes it."""
    async with visit.connect(compression=True) as caller:
        caller.seen.append(caller.extension())
        await caller.say("a" * 1000)
        await caller.hear()


async def sends_more_than_servers_take(visit: Visit) -> None:
    """Send a message of 17 MiB, and wait for the end."""
    async with visit.raw() as client:
        await client.connect()
        await client.send(frame(Opcode.BINARY, b"\0" * OVER_THE_LIMIT))
        await client.hear_the_end()
    # A server that has not read all of it resets: then its close frame may be lost.
    visit.seen.pop()


async def pings(visit: Visit) -> None:
    """Send a ping, and then a message."""
    async with visit.connect() as caller:
        pong = await caller.connection.ping(b"are you there?")
        with anyio.fail_after(5):
            await pong
        caller.seen.append("pong")
        await caller.say("after")
        await caller.hear()


async def many(visit: Visit) -> None:
    """Send and receive many at once, and see whether they are in order."""
    async with visit.connect() as caller:
        numbers = [str(number) for number in range(MANY)]
        await caller.say(*numbers)
        heard = [await caller.next() for _ in numbers]
        caller.seen.append(f"in order: {heard == [ascii(it) for it in numbers]}")


async def kinds(websocket: UnacceptedWebSocket) -> Ended:
    """Receive both kinds, and send each in every way."""
    connected = await websocket.accept()
    tell(websocket, ascii(await connected.receive_text()))
    tell(websocket, ascii(await connected.receive_bytes()))
    await connected.send_text("text")
    await connected.send_bytes(b"bytes")
    await connected.send_bytes(bytearray(b"bytearray"))
    await connected.send_bytes(memoryview(b"memoryview"))
    await connected.send(TextMessage("message"))
    await connected.send(BytesMessage(b"message"))
    return await connected.close()


async def empty(websocket: UnacceptedWebSocket) -> Ended:
    """Receive and send empty messages."""
    connected = await websocket.accept()
    tell(websocket, ascii(await connected.receive_text()))
    tell(websocket, ascii(await connected.receive_bytes()))
    await connected.send_text("")
    await connected.send_bytes(b"")
    await connected.send_text("end")
    return await connected.close()


async def no_text(websocket: UnacceptedWebSocket) -> Ended:
    """Try to send what is no text and no JSON, and go on."""
    connected = await websocket.accept()
    try:
        await connected.send_text("\ud800")
    except LocalProtocolError:
        tell(websocket, "refused a surrogate")
    try:
        await connected.send_json(float("nan"))
    except EncodeError:
        tell(websocket, "refused NaN")
    await connected.send_json({"a": [1, None]})
    return await connected.close()


@frozen
class Say:
    """What a client may say."""

    text: str


CODEC: Final = JsonCodec(Say, Say)


async def typed(websocket: UnacceptedWebSocket) -> Ended:
    """Echo typed messages."""
    session = (await websocket.accept()).typed(CODEC)
    async for message in session:
        tell(websocket, message.text)
        await session.send(message)
    return await session.close()


async def texts(websocket: UnacceptedWebSocket) -> Ended:
    """Want text."""
    connected = await websocket.accept()
    async for text in connected.iter_text():
        tell(websocket, ascii(text))
    return await connected.close()


async def tells_the_end(websocket: UnacceptedWebSocket) -> Ended:
    """Receive to the end, and tell how it was."""
    connected = await websocket.accept()
    async for _ in connected:
        pass
    closed = await connected.close()
    tell_end(websocket, closed)
    return closed


async def two_receivers(websocket: UnacceptedWebSocket) -> Ended:
    """Receive in two tasks."""
    connected = await websocket.accept()

    async def receive() -> None:
        try:
            event = await connected.receive()
        except ConcurrentReceiveError:
            tell(websocket, "refused the second")
            await connected.send_text("go")
        else:
            assert isinstance(event, TextMessage)
            tell(websocket, ascii(event.data))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(receive)
        tasks.start_soon(receive)
    return await connected.close()


async def answers_go(visit: Visit) -> None:
    """Send when it is asked to."""
    async with visit.connect() as caller:
        await caller.hear()
        await caller.say("gone")
        await hears_to_the_end(caller)


async def impatient(websocket: UnacceptedWebSocket) -> Ended:
    """Give up waiting again and again."""
    connected = await websocket.accept()
    got: list[object] = []
    while True:
        try:
            event = await connected.receive(timeout=0.002)
        except ReceiveTimeout:
            continue
        if isinstance(event, ClosedWebSocket):
            numbers = [str(number) for number in range(MANY)]
            tell(websocket, f"all of them, in order: {got == numbers}")
            return event
        got.append(event.data)


async def slowly(visit: Visit) -> None:
    """Send one after the other, with pauses."""
    async with visit.connect() as caller:
        for number in range(MANY):
            await caller.say(str(number))
            await anyio.sleep(0.003)


async def four_senders(websocket: UnacceptedWebSocket) -> Ended:
    """Send twenty large messages in each of four tasks."""
    connected = await websocket.accept()

    async def send(sender: str) -> None:
        for number in range(20):
            await connected.send_text(f"{sender}{number:02}" + sender * 50_000)

    async with anyio.create_task_group() as tasks:
        for sender in "abcd":
            tasks.start_soon(send, sender)
    tell(websocket, await connected.receive_text())
    return await connected.close()


async def sorts_them(visit: Visit) -> None:
    """See whether the messages of four senders are whole and in order."""
    got: dict[str, list[int]] = {sender: [] for sender in "abcd"}
    async with visit.connect() as caller:
        for _ in range(80):
            message = await caller.connection.recv()
            sender, number, rest = message[:1], message[1:3], message[3:]
            assert isinstance(sender, str)
            assert rest == sender * 50_000
            got[sender].append(int(number))
        await caller.say("thanks")
        await hears_to_the_end(caller)
    expected = {sender: list(range(20)) for sender in "abcd"}
    visit.seen.append(f"whole, in order: {got == expected}")


SCENARIOS: Final = (
    Scenario(
        "kinds",
        "text and bytes, both ways",
        kinds,
        says("in", b"in"),
        ("'in'", "b'in'", RETURNS),
        (
            "accepted",
            "'text'",
            "b'bytes'",
            "b'bytearray'",
            "b'memoryview'",
            "'message'",
            "b'message'",
            "closed 1000",
        ),
    ),
    Scenario(
        "empty",
        "empty text and empty bytes, both ways",
        empty,
        says("", b""),
        ("''", "b''", RETURNS),
        ("accepted", "''", "b''", "'end'", "closed 1000"),
    ),
    Scenario(
        "unicode",
        "text outside of ASCII, and NUL",
        echo,
        exchange("\u00e9\u4f60\U0001f600\0"),
        ("over", RETURNS),
        ("accepted", ascii("\u00e9\u4f60\U0001f600\0")),
    ),
    Scenario(
        "parts",
        "a message in three frames",
        echo,
        sends_parts,
        ("over", RETURNS),
        ("accepted", r"'caf\xe9'"),
    ),
    Scenario(
        "large",
        "a message of 1 MiB, both ways",
        echo,
        exchange(b"\0" * MEBIBYTE, "a" * MEBIBYTE),
        ("over", RETURNS),
        ("accepted", "1048576 of a message", "1048576 of a message"),
    ),
    Scenario(
        "compressed",
        "a client that offers to compress",
        echo,
        compresses,
        ("over", RETURNS),
        ("accepted", "permessage-deflate", "1000 of a message"),
    ),
    Scenario(
        "pings",
        "a ping, which the application does not see",
        echo,
        pings,
        ("over", RETURNS),
        ("accepted", "pong", "'after'"),
    ),
    Scenario(
        "many",
        "200 messages, both ways at once",
        echo,
        many,
        ("over", RETURNS),
        ("accepted", "in order: True"),
    ),
    Scenario(
        "four_senders",
        "four tasks send at once",
        four_senders,
        sorts_them,
        ("thanks", RETURNS),
        ("accepted", "closed 1000", "whole, in order: True"),
    ),
    Scenario(
        "two_receivers",
        "two tasks receive at once",
        two_receivers,
        answers_go,
        ("refused the second", "'gone'", RETURNS),
        ("accepted", "'go'", "closed 1000"),
    ),
    Scenario(
        "impatient",
        "a time-out of 2 ms for each message",
        impatient,
        slowly,
        ("all of them, in order: True", RETURNS),
        ("accepted",),
    ),
    Scenario(
        "no_text",
        "send a lone surrogate, and NaN as JSON",
        no_text,
        says(),
        ("refused a surrogate", "refused NaN", RETURNS),
        ("accepted", """'{"a":[1,null]}'""", "closed 1000"),
    ),
    Scenario(
        "typed",
        "typed messages, both ways",
        typed,
        exchange('{"text":"hello"}'),
        ("hello", RETURNS),
        ("accepted", """'{"text":"hello"}'"""),
    ),
    Scenario(
        "no_json",
        "a message that is no JSON",
        typed,
        says("{"),
        (RETURNS,),
        ("accepted", """closed 1007 "the message can't be decoded\""""),
    ),
    Scenario(
        "json_of_no_type",
        "JSON that is no message of the application",
        typed,
        says("[]"),
        (RETURNS,),
        ("accepted", "closed 1008 'the message is of no type that is spoken here'"),
    ),
    Scenario(
        "wrong_kind",
        "bytes where text is wanted",
        texts,
        says("text", b"bytes"),
        ("'text'", RETURNS),
        ("accepted", "closed 1003"),
    ),
    Scenario(
        "too_big",
        "a message that is over the limit of the application",
        tells_the_end,
        says("small", "a" * 101),
        ("over: 1009 'the message is too big' by server", RETURNS),
        ("accepted", "closed 1009 'the message is too big'"),
        limits=Limits(message_size=100),
    ),
    Scenario(
        "too_big_for_the_server",
        "a message of 17 MiB, which is over the limit of most servers",
        echo_and_tell_the_end,
        sends_more_than_servers_take,
        ("over: 1009 by client", RETURNS),
        ("accepted",),
        is_alone=True,
    ),
    Scenario(
        "too_fast",
        "more messages than the application allows",
        tells_the_end,
        says("1", "2", "3"),
        ("over: 1008 'too many messages' by server", RETURNS),
        ("accepted", "closed 1008 'too many messages'"),
        limits=Limits(rate=RateLimit(messages=0.1, burst=20, exceeded="close")),
    ),
    Scenario(
        "idle",
        "a client that is silent for too long",
        tells_the_end,
        says(),
        ("over: 1001 'no message came for too long' by server", RETURNS),
        ("accepted", "closed 1001 'no message came for too long'"),
        limits=Limits(idle_timeout=0.3),
    ),
)
