"""
The reader: it goes through the text of a file, and notes where each expression stands.

The text and not mypy's own tree: a plugin can't extend mypy's compiled visitors, and
the tree has a function twice if it is generic over listed types. Nothing of mypy is
imported here.
"""

import ast
from collections.abc import Iterable, Sequence
from typing import Final, final

from attrs import evolve

from typedws.mypy_plugin.attempts import (
    Attempt,
    Loop,
    attempts_at_the_end,
    attempts_before,
)
from typedws.mypy_plugin.sites import Function, Site, Text
from typedws.mypy_plugin.syntax import (
    Fact,
    Place,
    argument_names,
    captured_in,
    examined_in,
    expects_error,
    flags_beside,
    given_after,
    given_if,
    goes_on,
    is_left,
    name_of,
    names_in,
    place_in_text,
    places_in,
)

__all__ = ["Reader"]


@final
class Reader:
    """
    Reads a file, for what the binder does not know.

    Args:
        tree: Its syntax tree.

    Attributes:
        text: What it says.
    """

    def __init__(self, tree: ast.Module) -> None:
        """Read all of it."""
        self.text: Text = Text()
        self._collectors: list[set[Place]] = []
        self._rebound: set[Place] = set()
        self._resets = False
        self._site = Site()
        self._functions = [self._site.function]
        self._read_statements(tree.body)

    # --- Statements ------------------------------------------------------------------

    def _read_statements(self, block: Sequence[ast.stmt]) -> None:
        outer = self._site
        given, known = outer.given, frozenset(outer.function.known)
        at_the_end = attempts_at_the_end(block, outer.attempts, outer.loops)
        for index, statement in enumerate(block):
            site = evolve(
                outer,
                statement=statement,
                mentions=[],
                makes=flags_beside(block, index, known),
                given=given,
                attempts=attempts_before(block[index + 1 :], at_the_end),
            )
            rebound, self._rebound = self._rebound, set()
            self._read_at(site, [statement])
            # What a condition has said holds no longer for what is assigned anew.
            given = frozenset(it for it in given if it[0] not in self._rebound)
            given |= given_after(statement)
            self._rebound |= rebound

    def _read_block(self, site: Site, block: Sequence[ast.stmt]) -> None:
        outer = self._site
        self._site = site
        self._read_statements(block)
        self._site = outer

    def _read_at(self, site: Site, nodes: Iterable[ast.AST]) -> None:
        outer = self._site
        self._site = site
        self._read_each(nodes)
        self._site = outer

    def _read_each(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self._read(node)

    def _read(self, node: ast.AST) -> None:
        # A `match` asks for each kind in turn, and most nodes are of these.
        kind = type(node)
        if kind in _PLAIN or kind in _EXAMINING:
            if kind in _EXAMINING:
                self._examine(node)
            self._read_each(ast.iter_child_nodes(node))
        elif kind not in _LEAVES:
            self._read_by_kind(node)

    def _read_by_kind(self, node: ast.AST) -> None:  # noqa: C901, PLR0912 - flat: one each
        match node:
            case ast.Name() | ast.Attribute():
                self._read_reference(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._read_definition(node)
            case ast.Lambda():
                self._read_lambda(node)
            case ast.Assign() | ast.AnnAssign():
                self._read_assignment(node)
            case ast.If():
                self._read_if(node)
            case ast.For() | ast.AsyncFor() | ast.While():
                self._read_loop(node)
            case ast.Try() | ast.TryStar():
                self._read_try(node)
            case ast.With() | ast.AsyncWith():
                self._read_with(node)
            case ast.ExceptHandler():
                self._read_statements(node.body)
            case ast.Match():
                self._examine(node)
                self._read_each([node.subject, *node.cases])
            case ast.match_case():
                self._read_case(node)
            case ast.Global(names=names):
                self.text.writers.shared.update(("", name) for name in names)
            case ast.Nonlocal(names=names):
                unit = self._site.function.unit
                self.text.writers.shared.update((unit, name) for name in names)
            case ast.expr():
                self._read_expression(node)
            case _:
                self._read_each(ast.iter_child_nodes(node))

    def _read_definition(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> None:
        self._read_each(node.decorator_list)
        outer = self._site.function
        name = f"{outer.name}.{node.name}".lstrip(".")
        if isinstance(node, ast.ClassDef):
            self.text.writers.add_class(node.name, [*map(name_of, node.bases)])
            function = Function(name, outer.unit, node.name)
        else:
            unit, arguments = outer.unit or name, argument_names(node.args)
            own_object = outer.own_object
            if outer.owner and not own_object:
                own_object = "".join(arguments[:1])
            function = Function(name, unit, outer.owner, own_object, {*arguments})
        self._functions.append(function)
        self._read_block(Site(function), node.body)
        self._functions.pop()

    def _read_lambda(self, node: ast.Lambda) -> None:
        outer = self._site
        # Who knows when it runs? So nothing that it may see assigned counts as its own.
        function = evolve(outer.function, name="")
        own_names = frozenset(argument_names(node.args))
        site = Site(function, outer.statement, own_names=own_names)
        self._read_at(site, [node.body])

    def _read_assignment(self, node: ast.Assign | ast.AnnAssign) -> None:
        site, known = self._site, self._site.function.known
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = {name for target in targets for name in names_in(target)}
        is_plain = isinstance(node, ast.Assign)
        self._resets = is_plain and names <= known
        self._read_each(targets)
        self._resets = False
        if node.value is not None:
            filled = {place: True for place in map(place_in_text, targets) if place}
            is_new = is_plain and names and names.isdisjoint(known)
            makes = {**site.makes, **filled}
            site = evolve(site, makes=makes, assigns=True, resets=not is_new)
            self._read_at(site, [node.value])
        known.update(names)

    def _read_if(self, node: ast.If) -> None:
        self._read(node.test)
        for block, is_true in ((node.body, True), (node.orelse, False)):
            given = self._site.given | given_if(node.test, is_true=is_true)
            self._read_block(evolve(self._site, given=given), block)

    def _read_loop(self, node: ast.For | ast.AsyncFor | ast.While) -> None:
        outer = self._site
        loop = Loop(outer.attempts, attempts_before(node.body, outer.attempts))
        site = evolve(outer, loops=(*outer.loops, loop), attempts=loop.again)
        if isinstance(node, ast.While):
            loop.asks_for.update(places_in(node.test))
            given = outer.given | given_if(node.test, is_true=True)
            site = evolve(site, given=given)
        else:
            self._read(node.iter)
        if isinstance(node, ast.AsyncFor):
            loop.waits_on.update(places_in(node.iter))
            loop.waits_on_unknown = isinstance(node.iter, ast.Name)
        self._read_at(site, [node.test if isinstance(node, ast.While) else node.target])
        self._read_block(site, node.body)
        self._read_statements(node.orelse)

    def _read_try(self, node: ast.Try | ast.TryStar) -> None:
        outer = self._site
        loops = len(outer.loops)
        # As in mypy, what a `finally` follows is around all of the rest.
        final = [Attempt(node, loops, final=node.finalbody)] if node.finalbody else []
        around = (*attempts_before(node.finalbody, outer.attempts), *final)
        attempt = Attempt(
            node,
            loops,
            goes_on=any(goes_on(handler.body) for handler in node.handlers),
            is_left=is_left(node.body, node.orelse),
        )
        attempts = (*attempts_before(node.orelse, around), attempt)
        self._read_block(evolve(outer, attempts=attempts), node.body)
        follows = (*outer.follows, node)
        site = evolve(outer, attempts=around, follows=follows)
        self._read_block(site, node.orelse)
        self._collectors.append(attempt.rescuers)
        rescues = (*outer.rescues, node)
        self._read_at(evolve(outer, attempts=around, rescues=rescues), node.handlers)
        self._collectors.pop()
        # After a `finally` an error goes on, to the handlers of the next `try`.
        attempts = attempts_before([ast.Raise()], outer.attempts)
        self._read_block(evolve(outer, attempts=attempts), node.finalbody)

    def _read_with(self, node: ast.With | ast.AsyncWith) -> None:
        self._read_each(node.items)
        fails = any(expects_error(item.context_expr) for item in node.items)
        attempt = Attempt(
            node,
            len(self._site.loops),
            expects_error=fails,
            goes_on=True,
            is_left=is_left(node.body),
        )
        attempts = (*self._site.attempts, attempt)
        self._read_block(evolve(self._site, attempts=attempts), node.body)

    def _read_case(self, node: ast.match_case) -> None:
        for name in captured_in(node.pattern):
            self._rebind(name)
        # mypy looks at a guard two levels further up, where it has matched.
        self._read_optional([] if node.guard is None else [node.guard], levels=2)
        self._read_statements(node.body)

    # --- Expressions -----------------------------------------------------------------

    def _read_expression(self, node: ast.expr) -> None:
        match node:
            case ast.BoolOp(op=op, values=values):
                # The third of `a and b and c` hangs on the second, for mypy as well.
                given = self._site.given
                for index, value in enumerate(values):
                    self._read_optional([value], levels=index, given=given)
                    given |= given_if(value, is_true=isinstance(op, ast.And))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._read(test)
                for value, is_true in ((body, True), (orelse, False)):
                    given = self._site.given | given_if(test, is_true=is_true)
                    self._read_optional([value], given=given)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._read_comprehension(node)
            case ast.NamedExpr(target=target, value=value):
                self._read(target)
                makes = {**self._site.makes, target.id: True}
                site = evolve(self._site, makes=makes, assigns=True)
                self._read_at(site, [value])
            case ast.Await(value=ast.Call(func=function) as call):
                place = place_in_text(function)
                if place is not None:
                    self.text.awaited.add((function.lineno, place))
                self._read(call)
            case _:
                self._read_each(ast.iter_child_nodes(node))

    def _read_optional(
        self,
        nodes: Iterable[ast.AST],
        *,
        levels: int = 1,
        given: frozenset[Fact] = frozenset(),
    ) -> None:
        site = self._site
        optional, given = site.optional + levels, site.given | given
        self._read_at(evolve(site, optional=optional, given=given), nodes)

    def _read_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        first, *others = (part.iter for part in node.generators)
        self._read_optional([first])
        heads = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        own_names = self._site.own_names
        for part in node.generators:
            own_names |= names_in(part.target)
            heads += [part.target, *part.ifs]
        site = evolve(
            self._site,
            own_names=own_names,
            # Of a generator nobody knows here how far it is gone through.
            is_repeated=not isinstance(node, ast.GeneratorExp),
            optional=self._site.optional + 1,
        )
        self._read_at(site, [*heads, *others])

    def _read_reference(self, node: ast.Name | ast.Attribute) -> None:
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            self._mention(inner, is_value=inner is node)
            inner = inner.value
        if isinstance(inner, ast.Name):
            self._mention(inner, is_value=inner is node)
        else:
            self._read(inner)

    def _mention(self, node: ast.Name | ast.Attribute, *, is_value: bool) -> None:
        place = place_in_text(node)
        if place is None:
            return
        if isinstance(node.ctx, ast.Store):
            self._rebind(place)
            return
        self.text.sites[node.lineno, place] = self._site
        for collector in self._collectors:
            collector.add(place)
        if is_value:
            self._site.mentions.append((place, (node.lineno, node.col_offset)))
            for loop in self._site.loops:
                loop.waits_on.add(place)

    def _rebind(self, place: Place) -> None:
        site = self._site
        self._rebound.add(place)
        base, _, attribute = place.rpartition(".")
        if base:
            function = site.function
            owner = function.owner if base == function.own_object else ""
            self.text.writers.add_attribute(attribute, owner, function.name)
        for loop in site.loops:
            loop.rebinds.add(place)
            if not self._resets:
                loop.defines.add(place)

    def _examine(self, node: ast.AST) -> None:
        examined = examined_in(node)
        for function in self._functions if examined else ():
            function.examined.update(examined)


_LEAVES: Final = frozenset({ast.Constant, ast.Load, ast.Store})
"""In these is nothing to be read."""

_EXAMINING: Final = frozenset({ast.Call, ast.Compare, ast.Subscript})
"""These may ask which object something is; for the rest, only their parts count."""

_PLAIN: Final = frozenset(
    {ast.Assert, ast.Dict, ast.Expr, ast.List, ast.Return, ast.Tuple, ast.keyword}
)
"""Of these only the parts say something."""
