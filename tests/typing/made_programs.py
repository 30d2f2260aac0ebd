"""
Programs that are made at random: they do things to one state, on many paths.

`tests/typing/paths.py` says what happens on each of these paths, and
`tests/typing/test_paths.py` compares that with what the plugin reports.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, TypeAlias, final

from attrs import define, evolve, frozen

__all__ = [
    "ENDLESS",
    "SUPPRESSING",
    "Attempt",
    "Block",
    "Call",
    "Choice",
    "Jump",
    "Line",
    "Loop",
    "Maker",
    "Node",
    "Statement",
    "lines_of",
]


@final
@frozen(eq=False, order=False)
class Call:
    """
    A call of a method, which may fail; then it has done nothing.

    Attributes:
        method: With its arguments.
        leaves: Whether it leaves the state.
        is_refused: Whether it must not be called on a state that was left.
    """

    method: str
    leaves: bool = False
    is_refused: bool = False


@final
@frozen(eq=False, order=False)
class Statement:
    """A call, as a statement."""

    form: str
    call: Call


@final
@frozen(eq=False, order=False)
class Jump:
    """A statement that leads elsewhere."""

    word: str


@final
@frozen(eq=False, order=False)
class Choice:
    """
    Blocks of which one is run, or perhaps none: an `if`, a `match`, or a ternary.

    Attributes:
        form: Lines, in which `*` stands for a block.
        blocks: One for each of them.
        is_complete: Whether one of them is run in any case.
    """

    form: Sequence[str]
    blocks: "Sequence[Block]"
    is_complete: bool


@final
@frozen(eq=False, order=False)
class Loop:
    """A loop, and its `else`, which may be empty."""

    head: str
    body: "Block"
    otherwise: "Block"


@final
@frozen(eq=False, order=False)
class Attempt:
    """A `try` or a `with`; what it does not have is empty."""

    head: str
    body: "Block"
    handlers: "Sequence[Block]" = ()
    otherwise: "Block" = ()
    final: "Block" = ()


Node: TypeAlias = Statement | Jump | Choice | Loop | Attempt
Block: TypeAlias = Sequence[Node]
Line: TypeAlias = tuple[str, Call | None]
"""A line of a program, and the call in it."""

SUPPRESSING: Final = "with contextlib.suppress(ValueError):"
ENDLESS: Final = "while True:"

_IF: Final = ("if is_so():", "*")
_IF_ELSE: Final = (*_IF, "else:", "*")
_MATCH: Final = ("match number():", "    case 0:", "    *", "    case 1:", "    *")
_MATCH_ALL: Final = (*_MATCH, "    case _:", "    *")
_AND: Final = ("print(", "    is_so() and", "*", ")")
_TERNARY: Final = ("print(", "*", "    if is_so() else", "*", ")")
_CHOICES: Final = ((_IF, False), (_IF_ELSE, True), (_MATCH, False), (_MATCH_ALL, True))
_EXPRESSIONS: Final = ((_AND, False), (_TERNARY, True))
_LOOPS: Final = ("while is_so():", "for _ in range(3):", ENDLESS)
_JUMPS: Final = ("return", "raise ValueError")
_HANDLERS: Final = ("except ValueError:", "except KeyError:")


@final
@define(eq=False, order=False)
class Maker:
    """
    Makes programs, the same from the same seed.

    Attributes:
        random: Where chance comes from.
        calls: What they call.
        suppresses: Whether they may suppress errors.
    """

    random: Random
    calls: Sequence[Call]
    suppresses: bool = False

    def block(self, depth: int, jumps: Sequence[str] = _JUMPS) -> Block:
        """Make a few statements, the last of which may lead elsewhere."""
        nodes = [self._node(depth, jumps) for _ in range(self.random.randint(1, 3))]
        if jumps and self.random.random() < 1 / 4:
            nodes.append(Jump(self.random.choice(jumps)))
        return nodes

    def _node(self, depth: int, jumps: Sequence[str]) -> Node:
        if not depth or self.random.random() < 1 / 2:
            return self._statement("await {}", "ended = await {}")
        kinds = (
            self._choice,
            self._choice,
            self._expression,
            self._loop,
            self._attempt,
        )
        return self.random.choice(kinds)(depth - 1, jumps)

    def _statement(self, *forms: str) -> Statement:
        call = evolve(self.random.choice(self.calls))
        return Statement(self.random.choice(forms), call)

    def _choice(self, depth: int, jumps: Sequence[str]) -> Node:
        form, is_complete = self.random.choice(_CHOICES)
        blocks = [self.block(depth, jumps) for line in form if line.endswith("*")]
        return Choice(form, blocks, is_complete)

    def _expression(self, _depth: int, _jumps: Sequence[str]) -> Node:
        form, is_complete = self.random.choice(_EXPRESSIONS)
        blocks = [[self._statement("[await {}]")] for line in form if line == "*"]
        return Choice(form, blocks, is_complete)

    def _loop(self, depth: int, jumps: Sequence[str]) -> Node:
        head = self.random.choice(_LOOPS)
        body = self.block(depth, (*jumps, "break", "continue") if jumps else ())
        has_else = head.startswith("for") and self.random.random() < 1 / 2
        return Loop(head, body, self.block(depth, jumps) if has_else else ())

    def _attempt(self, depth: int, jumps: Sequence[str]) -> Node:
        if self.random.random() < 1 / 3:
            heads = ["async with asyncio.timeout(5):"]
            heads += [SUPPRESSING] * self.suppresses
            return Attempt(self.random.choice(heads), self.block(depth, jumps))
        handlers = [self.block(depth, jumps) for _ in range(self.random.randint(0, 2))]
        has_else = handlers and self.random.random() < 1 / 2
        has_finally = not handlers or self.random.random() < 1 / 3
        return Attempt(
            "try:",
            self.block(depth, jumps),
            handlers,
            self.block(depth, jumps) if has_else else (),
            # What jumps out of a `finally` is beyond what mypy follows.
            self.block(depth, ()) if has_finally else (),
        )


# --- Their text ----------------------------------------------------------------------


def lines_of(block: Block, indent: str) -> Iterator[Line]:
    """Write a block down."""
    for node in block:
        match node:
            case Statement(form=form, call=call):
                yield indent + form.format(call.method), call
            case Jump(word=word):
                yield indent + word, None
            case Choice(form=form, blocks=blocks):
                yield from _lines_of_choice(form, iter(blocks), indent)
            case Loop(head=head, body=body, otherwise=otherwise):
                yield from _part(head, body, indent)
                yield from _part("else:", otherwise, indent)
            case Attempt():
                yield from _part(node.head, node.body, indent)
                for head, handler in zip(_HANDLERS, node.handlers, strict=False):
                    yield from _part(head, handler, indent)
                yield from _part("else:", node.otherwise, indent)
                yield from _part("finally:", node.final, indent)


def _lines_of_choice(
    form: Sequence[str], blocks: Iterator[Block], indent: str
) -> Iterator[Line]:
    for line in form:
        if line.endswith("*"):
            yield from lines_of(next(blocks), indent + line[:-1] + "    ")
        else:
            yield indent + line, None


def _part(head: str, block: Block, indent: str) -> Iterator[Line]:
    if block:
        yield indent + head, None
        yield from lines_of(block, indent + "    ")
