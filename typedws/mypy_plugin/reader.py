"""
The reader: it goes through the text of a file, and notes where each expression stands.

The text and not mypy's own tree: a plugin can't extend mypy's compiled visitors, and
the tree has a function twice if it is generic over listed types. Nothing of mypy is
imported here.
"""

import ast
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, final

from attrs import evolve

from typedws.mypy_plugin.attempts import (
    Attempt,
    Loop,
    attempts_at_the_end,
    attempts_before,
)
from typedws.mypy_plugin.sites import Site
from typedws.mypy_plugin.syntax import (
    Place,
    argument_names,
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
from typedws.mypy_plugin.writers import Writers

__all__ = ["Reader"]


@final
class Reader:
    """Reads the text of a file, for what the binder does not know."""

    def __init__(self, path: str) -> None:
        """Read all of it; a file that can't be read says nothing."""
        self.writers = Writers()
        self._sites: dict[tuple[int, Place], Site] = {}
        self._collectors: list[set[Place]] = []
        self._site = Site()
        self._examined = [self._site.examined]
        with suppress(OSError, SyntaxError, ValueError):
            self._read_statements(ast.parse(Path(path).read_bytes()).body)

    def site_of(self, line: int, place: Place) -> Site | None:
        """Return where a name or an attribute stands, if that is known."""
        return self._sites.get((line, place))

    @contextmanager
    def _at(self, site: Site) -> Generator[None]:
        outer = self._site
        self._site = site
        yield
        self._site = outer

    # --- Statements ------------------------------------------------------------------

    def _read_statements(self, block: Sequence[ast.stmt]) -> None:
        outer = self._site
        given, known = outer.given, frozenset(outer.known)
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
            with self._at(site):
                self._read(statement)
            given |= given_after(statement)

    def _read_each(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self._read(node)

    def _read(self, node: ast.AST) -> None:
        # A `match` asks for each kind in turn, and most nodes are of these.
        if type(node) in _PLAIN:
            self._read_each(ast.iter_child_nodes(node))
        elif type(node) not in _LEAVES:
            self._read_by_kind(node)

    def _read_by_kind(self, node: ast.AST) -> None:  # noqa: C901, PLR0912 - flat: one each
        match node:
            case ast.Name() | ast.Attribute():
                self._read_reference(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._read_definition(node)
            case ast.Lambda():
                own_names = frozenset(argument_names(node.args))
                site = Site(
                    unit=self._site.unit,
                    statement=self._site.statement,
                    own_names=own_names,
                    examined=self._site.examined,
                )
                with self._at(site):
                    self._read(node.body)
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
                self.writers.shared.update(("", name) for name in names)
            case ast.Nonlocal(names=names):
                self.writers.shared.update((self._site.unit, name) for name in names)
            case ast.expr():
                self._read_expression(node)
            case _:
                self._read_each(ast.iter_child_nodes(node))

    def _read_definition(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    ) -> None:
        self._read_each(node.decorator_list)
        outer = self._site
        function = f"{outer.function}.{node.name}".lstrip(".")
        if isinstance(node, ast.ClassDef):
            self.writers.add_class(node.name, [*map(name_of, node.bases)])
            site = Site(function=function, unit=outer.unit, owner=node.name)
        else:
            names = argument_names(node.args)
            is_method = bool(outer.owner) and not outer.own_object
            site = Site(
                function=function,
                unit=outer.unit or function,
                owner=outer.owner,
                own_object="".join(names[:1]) if is_method else outer.own_object,
                known=set(names),
            )
        self._examined.append(site.examined)
        with self._at(site):
            self._read_statements(node.body)
        self._examined.pop()

    def _read_assignment(self, node: ast.Assign | ast.AnnAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = {name for target in targets for name in names_in(target)}
        is_plain = isinstance(node, ast.Assign)
        resets = is_plain and names <= self._site.known
        with self._at(evolve(self._site, resets=resets)):
            self._read_each(targets)
        if node.value is not None:
            makes = {place: True for place in map(place_in_text, targets) if place}
            is_new = is_plain and names and names.isdisjoint(self._site.known)
            site = evolve(
                self._site,
                makes={**self._site.makes, **makes},
                assigns=True,
                resets=not is_new,
            )
            with self._at(site):
                self._read(node.value)
        self._site.known.update(names)

    def _read_if(self, node: ast.If) -> None:
        self._read(node.test)
        for block, is_true in ((node.body, True), (node.orelse, False)):
            given = self._site.given | given_if(node.test, is_true=is_true)
            with self._at(evolve(self._site, given=given)):
                self._read_statements(block)

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
        with self._at(site):
            self._read(node.test if isinstance(node, ast.While) else node.target)
            self._read_statements(node.body)
        self._read_statements(node.orelse)

    def _read_try(self, node: ast.Try | ast.TryStar) -> None:
        outer = self._site
        loops = len(outer.loops)
        # As in mypy, what a `finally` follows is around all of the rest.
        final = [Attempt(node, loops, final=node.finalbody)] if node.finalbody else []
        around = (*attempts_before(node.finalbody, outer.attempts), *final)
        goes_on_after_error = any(goes_on(handler.body) for handler in node.handlers)
        attempt = Attempt(
            node,
            loops,
            goes_on=goes_on_after_error,
            is_left=is_left(node.body, node.orelse),
        )
        attempts = (*attempts_before(node.orelse, around), attempt)
        with self._at(evolve(outer, attempts=attempts)):
            self._read_statements(node.body)
        follows = (*outer.follows, node)
        with self._at(evolve(outer, attempts=around, follows=follows)):
            self._read_statements(node.orelse)
        self._collectors.append(attempt.rescuers)
        rescues = (*outer.rescues, node)
        with self._at(evolve(outer, attempts=around, rescues=rescues)):
            self._read_each(node.handlers)
        self._collectors.pop()
        # After a `finally` an error goes on, to the handlers of the next `try`.
        attempts = attempts_before([ast.Raise()], outer.attempts)
        with self._at(evolve(outer, attempts=attempts)):
            self._read_statements(node.finalbody)

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
        with self._at(evolve(self._site, attempts=attempts)):
            self._read_statements(node.body)

    def _read_case(self, node: ast.match_case) -> None:
        for part in ast.walk(node.pattern):
            match part:
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                    self._rebind(name)
                case _:
                    pass
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
                    with self._at(evolve(self._site, given=given)):
                        self._read_optional([value], levels=index)
                    given |= given_if(value, is_true=isinstance(op, ast.And))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._read(test)
                for value, is_true in ((body, True), (orelse, False)):
                    given = self._site.given | given_if(test, is_true=is_true)
                    with self._at(evolve(self._site, given=given)):
                        self._read_optional([value])
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._read_comprehension(node)
            case ast.NamedExpr(target=target, value=value):
                self._read(target)
                makes = {**self._site.makes, target.id: True}
                with self._at(evolve(self._site, makes=makes, assigns=True)):
                    self._read(value)
            case ast.Await(value=ast.Call(func=function) as call) if place_in_text(
                function
            ):
                self._examine(call)
                with self._at(evolve(self._site, is_awaited=True)):
                    self._read(function)
                self._read_each([*call.args, *call.keywords])
            case _:
                self._examine(node)
                self._read_each(ast.iter_child_nodes(node))

    def _read_optional(self, nodes: Iterable[ast.AST], *, levels: int = 1) -> None:
        with self._at(evolve(self._site, optional=self._site.optional + levels)):
            self._read_each(nodes)

    def _read_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        first, *others = (part.iter for part in node.generators)
        parts: list[ast.expr] = [*others]
        own_names = self._site.own_names
        for part in node.generators:
            own_names |= names_in(part.target)
            parts += [part.target, *part.ifs]
        parts += (
            [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        )
        # Of a generator nobody knows here how far it is gone through.
        is_eager = not isinstance(node, ast.GeneratorExp)
        self._read_optional([first])
        with self._at(evolve(self._site, own_names=own_names, is_repeated=is_eager)):
            self._read_optional(parts)

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
        self._sites[node.lineno, place] = self._site
        for collector in self._collectors:
            collector.add(place)
        if is_value:
            self._site.mentions.append((place, (node.lineno, node.col_offset)))
            for loop in self._site.loops:
                loop.waits_on.add(place)

    def _rebind(self, place: Place) -> None:
        site = self._site
        base, _, attribute = place.rpartition(".")
        if base:
            owner = site.owner if base == site.own_object else ""
            self.writers.add_attribute(attribute, owner, site.function)
        for loop in site.loops:
            loop.rebinds.add(place)
            if not site.resets:
                loop.defines.add(place)

    def _examine(self, node: ast.AST) -> None:
        for examined in self._examined:
            examined.update(examined_in(node))


_LEAVES: Final = frozenset({ast.Constant, ast.Load, ast.Store})
"""In these is nothing to be read."""

_PLAIN: Final = frozenset(
    {ast.Assert, ast.Dict, ast.Expr, ast.List, ast.Return, ast.Tuple, ast.keyword}
)
"""Of these only the parts say something."""
