"""Events and messages"""

from typing import assert_never

from typedws import (
    BytesMessage,
    ClosedWebSocket,
    ConnectedWebSocket,
    Ended,
    Message,
    TextMessage,
)


async def overlooks_a_kind(connected: ConnectedWebSocket) -> Ended:
    """Binary messages are forgotten, and `assert_never` stands at the end."""
    while True:
        event = await connected.receive()
        match event:
            case TextMessage(data=text):
                await connected.send_text(text)
            case ClosedWebSocket():
                return event
            case _:
                assert_never(event)  # E


async def overlooks_a_kind_in_silence(connected: ConnectedWebSocket) -> Ended:
    """Binary messages are forgotten."""
    while True:
        event = await connected.receive()
        match event:  # E: not ty
            case TextMessage(data=text):
                await connected.send_text(text)
            case ClosedWebSocket():
                return event


async def overlooks_the_end(connected: ConnectedWebSocket) -> Ended:
    """The payload of an event is used before it is known to be a message."""
    event = await connected.receive()
    print(event.data)  # E
    return await connected.close()


async def sends_the_end_back(connected: ConnectedWebSocket) -> Ended:
    """Whatever was received is sent back, the end of the connection included."""
    while True:
        event = await connected.receive()
        await connected.send(event)  # E


async def takes_every_event_for_a_message(connected: ConnectedWebSocket) -> Ended:
    """Every event is taken for a message."""
    message: Message = await connected.receive()  # E
    print(message)
    return await connected.close()


async def takes_every_message_for_text(connected: ConnectedWebSocket) -> Ended:
    """Every message is taken for text."""
    async for message in connected:
        print(message.data.upper() + "!")  # E
    return await connected.close()


async def names_a_field_that_is_not_there(connected: ConnectedWebSocket) -> Ended:
    """A field of a message is misspelt."""
    async for message in connected:
        print(message.text)  # E
    return await connected.close()


async def matches_a_field_that_is_not_there(connected: ConnectedWebSocket) -> Ended:
    """A pattern names a field that the message does not have."""
    match await connected.receive():
        case TextMessage(text=text):  # E: not ty
            print(text)
        case TextMessage() | BytesMessage() | ClosedWebSocket():
            print("something else")
    return await connected.close()


async def takes_an_event_for_a_dict(connected: ConnectedWebSocket) -> Ended:
    """An event is read like the dictionary that other libraries give."""
    event = await connected.receive()
    print(event["text"])  # E
    return await connected.close()


async def takes_json_for_a_text(connected: ConnectedWebSocket) -> Ended:
    """A received JSON value is used as a text."""
    name: str = await connected.receive_json()  # E
    await connected.send_text(name)
    return await connected.close()


async def takes_json_for_an_object(connected: ConnectedWebSocket) -> Ended:
    """A received JSON value is used as an object, without a look."""
    value = await connected.receive_json()
    print(value["name"])  # E
    return await connected.close()


async def takes_json_for_a_number(connected: ConnectedWebSocket) -> Ended:
    """A received JSON value is used as a number, without a look."""
    async for value in connected.iter_json():
        print(value + 1)  # E
    return await connected.close()


async def sends_bytes_as_text(connected: ConnectedWebSocket) -> Ended:
    """Bytes are sent as text."""
    await connected.send_text(b"hello")  # E
    return await connected.close()


async def sends_text_as_bytes(connected: ConnectedWebSocket) -> Ended:
    """A text is sent as bytes."""
    await connected.send_bytes("hello")  # E
    return await connected.close()


async def sends_a_dict_as_text(connected: ConnectedWebSocket) -> Ended:
    """A dictionary is sent as text."""
    await connected.send_text({"hello": "world"})  # E
    return await connected.close()


async def sends_a_bare_text(connected: ConnectedWebSocket) -> Ended:
    """A text is sent where a message belongs."""
    await connected.send("hello")  # E
    return await connected.close()


async def sends_a_raw_event(connected: ConnectedWebSocket) -> Ended:
    """An event of ASGI is sent where a message belongs."""
    await connected.send({"type": "websocket.send", "text": "hello"})  # E
    return await connected.close()


async def makes_a_message_of_bytes(connected: ConnectedWebSocket) -> Ended:
    """A text message is made of bytes."""
    await connected.send(TextMessage(b"hello"))  # E
    return await connected.close()


async def sends_a_set_as_json(connected: ConnectedWebSocket) -> Ended:
    """A set is sent as JSON."""
    await connected.send_json({1, 2})  # E
    return await connected.close()


async def sends_an_object_as_json(connected: ConnectedWebSocket) -> Ended:
    """An object of some class is sent as JSON."""
    await connected.send_json(TextMessage("hello"))  # E
    return await connected.close()


async def sends_bytes_deep_in_json(connected: ConnectedWebSocket) -> Ended:
    """Bytes are sent deep inside a JSON value."""
    await connected.send_json({"files": [{"name": "a", "data": b"b"}]})  # E: nobody
    return await connected.close()


async def sends_what_is_not_a_number(connected: ConnectedWebSocket) -> Ended:
    """NaN is sent as JSON."""
    await connected.send_json({"mean": float("nan")})  # E: nobody
    return await connected.close()


async def sends_half_a_character(connected: ConnectedWebSocket) -> Ended:
    """A text with a lone surrogate is sent, which has no UTF-8."""
    await connected.send_text("\ud800")  # E: nobody
    return await connected.close()


async def sends_json_in_a_mode_that_is_none(connected: ConnectedWebSocket) -> Ended:
    """JSON is sent in a mode that there is not."""
    await connected.send_json({}, mode="bytes")  # E
    return await connected.close()


async def receives_json_in_a_mode_that_is_none(connected: ConnectedWebSocket) -> Ended:
    """JSON is received in a mode that there is not."""
    print(await connected.receive_json(mode="bytes"))  # E
    return await connected.close()


async def asks_for_bytes_where_text_comes(connected: ConnectedWebSocket) -> Ended:
    """Bytes are asked for where the peer sends text."""
    print(await connected.receive_bytes())  # E: nobody
    return await connected.close()
