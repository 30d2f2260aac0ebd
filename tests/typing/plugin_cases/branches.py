"""Mistakes behind branches: spent on some path only, or on each."""

from typing import Literal, assert_never

from typedws import (
    ClosedWebSocket,
    ConnectedWebSocket,
    DenialResponse,
    Ended,
    UnacceptedWebSocket,
)


async def serve(websocket: UnacceptedWebSocket) -> Ended:
    return await websocket.close()


async def if_without_else(ws: UnacceptedWebSocket, *, is_banned: bool) -> Ended:
    if is_banned:
        await ws.close()
    connected = await ws.accept()  # E: mypy-plugin[typestate]
    return await connected.close()


async def if_with_empty_else(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    if is_known:
        await ws.accept()
    else:
        print("unknown")
    return await ws.close()  # E: mypy-plugin[typestate]


async def both_branches(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    if is_known:
        await ws.accept()
    else:
        await ws.close()
    return await ws.close()  # E: mypy-plugin[typestate]


async def one_branch_returns(ws: UnacceptedWebSocket, *, is_banned: bool) -> Ended:
    if is_banned:
        return await ws.close()
    connected = await ws.accept()
    await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def elif_chain(ws: UnacceptedWebSocket, role: str) -> Ended:
    if role == "admin":
        connected = await ws.accept("admin")
    elif role == "user":
        connected = await ws.accept("user")
    else:
        await ws.close()
        connected = await ws.accept("guest")  # E: mypy-plugin[typestate]
    return await connected.close()


async def handed_on_after_a_branch(ws: UnacceptedWebSocket, *, is_old: bool) -> Ended:
    if is_old:
        await ws.send_denial_response(DenialResponse(status=426))
    return await serve(ws)  # E: mypy-plugin[arg-type]


async def returned_after_a_branch(
    ws: UnacceptedWebSocket, *, is_old: bool
) -> UnacceptedWebSocket:
    if is_old:
        await ws.close()
    return ws  # E: mypy-plugin[return-value]


async def nested_branches(ws: UnacceptedWebSocket, *, a: bool, b: bool) -> Ended:
    if a:
        if b:
            await ws.close()
        else:
            print("not b")
    return await ws.close()  # E: mypy-plugin[typestate]


async def match_arm(ws: UnacceptedWebSocket, role: str) -> Ended:
    match role:
        case "banned":
            await ws.close()
        case "guest":
            print("a guest")
        case _:
            pass
    connected = await ws.accept()  # E: mypy-plugin[typestate]
    return await connected.close()


async def match_arm_goes_on(ws: UnacceptedWebSocket, role: str) -> Ended:
    match role:
        case "banned":
            await ws.close()
            connected = await ws.accept()  # E: mypy-plugin[typestate]
        case _:
            connected = await ws.accept()
    return await connected.close()


async def match_exhausted(
    ws: UnacceptedWebSocket, answer: Literal["yes", "no"]
) -> Ended:
    match answer:
        case "yes":
            await ws.accept()
        case "no":
            await ws.close()
        case _:
            assert_never(answer)
    return await ws.close()  # E: mypy-plugin[typestate]


async def in_a_condition(ws: UnacceptedWebSocket) -> Ended:
    if (await ws.accept()).subprotocol is None:
        return await ws.close()  # E: mypy-plugin[typestate]
    return await ws.close()  # E: mypy-plugin[typestate]


async def in_a_walrus(ws: UnacceptedWebSocket) -> Ended:
    if (connected := await ws.accept()).subprotocol is None:
        await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def behind_and(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    if is_known and (await ws.accept()).subprotocol is None:
        print("no subprotocol")
    return await ws.close()  # E: mypy-plugin[typestate]


async def behind_or(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    is_done = is_known or (await ws.close()).response_sent
    print(is_done)
    return await ws.close()  # E: mypy-plugin[typestate]


async def in_a_ternary(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    ended = await ws.close() if not is_known else None
    connected = await ws.accept()  # E: mypy-plugin[typestate]
    print(ended)
    return await connected.close()


async def in_both_arms_of_a_ternary(ws: UnacceptedWebSocket, *, is_old: bool) -> Ended:
    connected = await ws.accept("v1") if is_old else await ws.accept("v2")
    await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def in_a_comprehension(ws: UnacceptedWebSocket, codes: list[int]) -> Ended:
    states = [await ws.accept() for _ in codes]  # E: mypy-plugin[typestate]
    print(states)
    return await ws.close()  # E: mypy-plugin[typestate]


async def only_one_of_two(ws: UnacceptedWebSocket, other: UnacceptedWebSocket) -> Ended:
    await ws.accept()
    await other.close()
    connected = await other.accept()  # E: mypy-plugin[typestate]
    return await connected.close()


async def union_of_states(
    ws: UnacceptedWebSocket | ConnectedWebSocket,
) -> Ended:
    if isinstance(ws, UnacceptedWebSocket):
        await ws.accept()
    return await ws.close()  # E: mypy-plugin[typestate]


async def union_of_states_inside(
    ws: UnacceptedWebSocket | ConnectedWebSocket,
) -> Ended:
    if isinstance(ws, UnacceptedWebSocket):
        await ws.close()
        return await (await ws.accept()).close()  # E: mypy-plugin[typestate]
    return await ws.close()


async def rebound_on_one_path(
    ws: UnacceptedWebSocket, fresh: UnacceptedWebSocket, *, is_retry: bool
) -> Ended:
    await ws.close()
    if is_retry:
        ws = fresh
    return await ws.close()  # E: mypy-plugin[typestate]


async def with_a_flag(ws: UnacceptedWebSocket, *, is_ok: bool) -> Ended:
    connected: ConnectedWebSocket | None = None
    if is_ok:
        connected = await ws.accept()
    if connected is not None:
        await ws.close()  # E: mypy-plugin[typestate]
        return await connected.close()
    return await ws.close()


async def the_other_state_of_a_union(
    ws: UnacceptedWebSocket | ConnectedWebSocket | ClosedWebSocket,
) -> Ended:
    match ws:
        case UnacceptedWebSocket():
            connected = await ws.accept()
            await ws.close()  # E: mypy-plugin[typestate]
            return await connected.close()
        case ConnectedWebSocket():
            return await ws.close()
        case ClosedWebSocket():
            return ws


async def spent_before_both_arms(ws: UnacceptedWebSocket, *, is_old: bool) -> None:
    await ws.close()
    print(
        await ws.accept("v1")  # E: mypy-plugin[typestate]
        if is_old
        else await ws.accept("v2")  # E: mypy-plugin[typestate]
    )


async def spent_in_the_arms_of_the_last_turn(ws: UnacceptedWebSocket) -> None:
    while True:
        print(
            await ws.accept("v1")  # E: mypy-plugin[typestate]
            if ws.client
            else await ws.accept("v2")  # E: mypy-plugin[typestate]
        )


async def behind_a_guard(ws: UnacceptedWebSocket, number: int) -> Ended:
    match number:
        case 1 if (await ws.close()).response_sent:
            return await ws.close()  # E: mypy-plugin[typestate]
        case 2:
            await ws.accept()  # E: mypy-plugin[typestate]
        case _:
            print(number)
    return await ws.close()  # E: mypy-plugin[typestate]


async def in_each_turn_of_a_comprehension(
    ws: UnacceptedWebSocket, names: list[str]
) -> None:
    accepted = {name: await ws.accept(name) for name in names}  # E: mypy-plugin[typestate]
    print(accepted)


async def with_the_wrong_flag(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    is_refused = False
    if not is_known:
        await ws.close()
        is_refused = True
    if is_refused:
        return await ws.close()  # E: mypy-plugin[typestate]
    return await (await ws.accept()).close()


async def with_a_flag_of_something_else(
    ws: UnacceptedWebSocket, names: list[str]
) -> Ended:
    is_done = False
    connected = await ws.accept()
    for name in names:
        is_done = name == "done"
    if is_done:
        await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def matched_afterwards(ws: UnacceptedWebSocket) -> Ended:
    connected = await ws.accept()
    match ws:
        case UnacceptedWebSocket():
            await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()


async def none_before_the_accept(ws: UnacceptedWebSocket, *, is_known: bool) -> Ended:
    connected = await ws.accept("known") if is_known else None
    if connected is None:
        connected = await ws.accept("new")
        await ws.close()  # E: mypy-plugin[typestate]
    return await connected.close()
