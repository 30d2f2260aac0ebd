"""
What happens on each path of a program: which calls meet a state that was left.

A path is told by nothing but whether the state was left on it. A call that fails has
done nothing; whether a condition holds, nobody knows. This knows nothing of the plugin,
nor of mypy.
"""

from typing import TypeAlias, final

from attrs import define, evolve, field, frozen

from tests.typing.made_programs import (
    ENDLESS,
    SUPPRESSING,
    Attempt,
    Block,
    Call,
    Choice,
    Jump,
    Loop,
    Node,
    Statement,
)

__all__ = ["mistakes_in"]

States: TypeAlias = frozenset[bool]
"""Whether the state was left, on each of the paths that lead to a point."""

_NO_PATH: States = frozenset()


@final
@frozen(order=False)
class Ends:
    """
    Where the paths through a block lead.

    Attributes:
        falls: To what follows.
        raises: To the handlers of an error.
        breaks: Out of the loop.
        continues: To its next turn.
        returns: Out of the function.
    """

    falls: States = _NO_PATH
    raises: States = _NO_PATH
    breaks: States = _NO_PATH
    continues: States = _NO_PATH
    returns: States = _NO_PATH

    def __or__(self, other: "Ends") -> "Ends":
        """Take the paths of both."""
        return Ends(
            self.falls | other.falls,
            self.raises | other.raises,
            self.breaks | other.breaks,
            self.continues | other.continues,
            self.returns | other.returns,
        )

    def then(self, falls: States) -> "Ends":
        """Let the paths that would fall out of a block lead elsewhere."""
        return evolve(self, falls=falls)


@final
@define(eq=False, order=False)
class _Walk:
    """Goes along all paths, and notes the calls that meet a state that was left."""

    mistakes: set[Call] = field(factory=set[Call])

    def through(self, block: Block, states: States) -> Ends:
        ends = Ends(states)
        for node in block:
            if ends.falls:
                ends = ends.then(_NO_PATH) | self._through_one(node, ends.falls)
        return ends

    def _through_one(self, node: Node, states: States) -> Ends:
        match node:
            case Statement(call=call):
                if call.is_refused and True in states:
                    self.mistakes.add(call)
                return Ends(frozenset({True}) if call.leaves else states, raises=states)
            case Jump(word=word):
                return _ends_of_jump(word, states)
            case Choice(blocks=blocks, is_complete=is_complete):
                ends = Ends(_NO_PATH if is_complete else states)
                for block in blocks:
                    ends |= self.through(block, states)
                return ends
            case Loop():
                return self._through_loop(node, states)
            case Attempt(handlers=handlers, otherwise=otherwise, final=final):
                if node.head != "try:":
                    return self._through_with(node, states)
                # As mypy has it, an error may come up before anything was done.
                ends = self.through(node.body, states) | Ends(raises=states)
                raises = ends.raises
                ends = ends.then(_NO_PATH) | self.through(otherwise, ends.falls)
                for handler in handlers:
                    ends |= self.through(handler, raises)
                return self._through_finally(final, ends)

    def _through_loop(self, loop: Loop, states: States) -> Ends:
        before: States = _NO_PATH
        ends = Ends()
        while states != before:
            before = states
            ends = self.through(loop.body, states)
            states |= ends.falls | ends.continues
        inner = Ends(ends.breaks, raises=ends.raises, returns=ends.returns)
        if loop.head == ENDLESS:
            return inner
        return inner | self.through(loop.otherwise, states)

    def _through_with(self, attempt: Attempt, states: States) -> Ends:
        ends = self.through(attempt.body, states)
        if attempt.head != SUPPRESSING:
            return ends
        return ends | Ends(ends.raises | states)

    def _through_finally(self, final: Block, ends: Ends) -> Ends:
        def after(states: States) -> Ends:
            return self.through(final, states) if states else Ends()

        falls, raises = after(ends.falls), after(ends.raises)
        others = [after(it) for it in (ends.breaks, ends.continues, ends.returns)]
        breaks, continues, returns = (it.falls for it in others)
        passed = Ends(falls.falls, raises.falls, breaks, continues, returns)
        for each in (falls, raises, *others):
            passed |= Ends(raises=each.raises)
        return passed


def _ends_of_jump(word: str, states: States) -> Ends:
    match word:
        case "return":
            return Ends(returns=states)
        case "break":
            return Ends(breaks=states)
        case "continue":
            return Ends(continues=states)
        case _:
            return Ends(raises=states)


def mistakes_in(program: Block) -> set[Call]:
    """Return the calls that meet a state that was left, on some path."""
    walk = _Walk()
    walk.through(program, frozenset({False}))
    return walk.mistakes
