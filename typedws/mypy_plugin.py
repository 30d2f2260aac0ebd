"""
A mypy plugin that reports the use of a state that was left.

mypy's binder knows, at each point of the control flow, what a name was narrowed to. A
transition leaves a mark there, and mypy carries it through branches, loops and `try`.
An `UnacceptedWebSocket` that was answered is narrowed to `SpentWebSocket`. A
`ConnectedWebSocket` and a `TypedWebSocket` keep their types, since they never promised
to be open; the mark stands on an attribute that no program can name.

Nothing in typedws imports it. `Flow` is the one place that touches what mypy does not
promise to keep; whatever fails there switches the plugin off, with a line that says so.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar, final

from attrs import define, field, frozen
from mypy.binder import ConditionalTypeBinder
from mypy.build import PRI_HIGH
from mypy.checker import TypeChecker
from mypy.errorcodes import ErrorCode
from mypy.nodes import (
    CallExpr,
    Context,
    Expression,
    MemberExpr,
    MypyFile,
    NameExpr,
    Statement,
    TypeInfo,
    Var,
)
from mypy.options import Options
from mypy.plugin import (
    AttributeContext,
    CheckerPluginInterface,
    FunctionContext,
    MethodContext,
    MethodSigContext,
    Plugin,
    ReportConfigContext,
)
from mypy.typeops import make_simplified_union
from mypy.types import (
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    ProperType,
    TupleType,
    Type,
    TypeGuardedType,
    TypeVarType,
    UnionType,
    get_proper_type,
)
from mypy.version import __version__
from typing_extensions import TypeIs, override

from typedws import mypy_text
from typedws.mypy_text import Place, Reader, Site, Start

__all__ = ["plugin"]

OLDEST_MYPY: Final = (2, 2)
"""The first release that takes the TypeForm in our signatures without a flag."""

TYPESTATE: Final = ErrorCode(
    "typestate", "A state of a connection is used after it was left", "typedws"
)

_UNACCEPTED: Final = "typedws.states.UnacceptedWebSocket"
_CONNECTED: Final = "typedws.states.ConnectedWebSocket"
_TYPED: Final = "typedws.typed.TypedWebSocket"
_SPENT: Final = "typedws.spent.SpentWebSocket"

_OF_SPENT: Final = f"{_SPENT}."

_TRANSITIONS: Final = {
    _UNACCEPTED: {
        "accept": "ConnectedWebSocket",
        "close": "DeniedWebSocket",
        "send_denial_response": "DeniedWebSocket",
    },
    _CONNECTED: {"close": "ClosedWebSocket"},
    _TYPED: {"close": "ClosedWebSocket"},
}
"""What leaves which state, and what to use from there on."""

_REFUSED: Final = {
    _UNACCEPTED: frozenset({"accept", "close", "send_denial_response"}),
    _CONNECTED: frozenset({"send", "send_text", "send_bytes", "send_json"}),
    _TYPED: frozenset({"send"}),
}
"""What raises on a state that was left."""

# After the end they raise `WebSocketDisconnect`, which is how a loop of them ends.
_RAISING_READS: Final = frozenset({"receive_text", "receive_bytes", "receive_json"})
# What follows one of them runs only if there was a message, so if it was not closed.
_READS: Final = _RAISING_READS | {
    "receive",
    "__aiter__",
    "iter_text",
    "iter_bytes",
    "iter_json",
}

_MARK: Final = {
    _UNACCEPTED: "<answered by>",
    _CONNECTED: "<closed by>",
    _TYPED: "<closed by>",
}
"""Attributes that no program can name."""


ContextT = TypeVar("ContextT")
ResultT = TypeVar("ResultT")


def place_of(expression: Expression) -> Place | None:
    """Name what an expression refers to; `None` for what is no name or attribute."""
    if isinstance(expression, NameExpr):
        return expression.name
    if isinstance(expression, MemberExpr):
        base = place_of(expression.expr)
        return None if base is None else f"{base}.{expression.name}"
    return None


def start_of(context: Context) -> Start:
    """Return where an expression begins."""
    return context.line, context.column


# --- The one place that touches what mypy does not promise to keep -------------------


@final
@define(eq=False, order=False)
class Put:
    """
    The marks that one call has left.

    Attributes:
        start: Where the call begins.
        site: Where it stands.
        here: What the binder was given, by whose identity it is known again.
        below: The same, for after an expression that need not have run.
    """

    start: Start
    site: Site
    here: list[Type] = field(factory=list[Type])
    below: list[Type] = field(factory=list[Type])

    def comes_after(self, value: Type | None, start: Start, site: Site) -> bool:
        """
        Tell whether a use comes before the call whose mark it sees.

        mypy checks an argument of a generic or an overloaded call several times. The
        second time it sees what the first time left.
        """
        if any(value is put for put in self.here):
            return start <= self.start
        is_same_statement = site.statement is self.site.statement
        return is_same_statement and any(value is put for put in self.below)


@final
@define(eq=False, order=False)
class Flow:
    """
    The binder of one function, with what the plugin knows of that function.

    Attributes:
        binder: What mypy tracks narrowed types with.
        puts: The newest mark on each place.
        targets: What the calls behind the marks were assigned to.
        verdicts: What was said of a use at its first visit.
        sentences: What was reported of a use.
    """

    binder: ConditionalTypeBinder
    puts: dict[Place, Put] = field(factory=dict[Place, Put])
    targets: dict[str, frozenset[Place]] = field(factory=dict[str, frozenset[Place]])
    verdicts: dict[Start, bool] = field(factory=dict[Start, bool])
    sentences: dict[Start, str] = field(factory=dict[Start, str])

    def get(self, expression: Expression, *, skip: int = 0) -> Type | None:
        """Return what an expression is narrowed to here, as the binder has it."""
        with self._only(len(self.binder.frames) - skip):
            return self.binder.get(expression)

    def put(self, expression: Expression, narrowed: Type, *, skip: int = 0) -> None:
        """Narrow an expression, `skip` levels of the control flow further down."""
        with self._only(len(self.binder.frames) - skip):
            self.binder.put(expression, narrowed)

    def put_if_unknown(
        self, expression: Expression, declared: Callable[[], Type], *, level: int
    ) -> None:
        """
        Say on a low level what an expression is without any narrowing.

        The binder joins only what it has heard of on every path.
        """
        with self._only(level + 1):
            if self.binder.get(expression) is None:
                self.binder.put(expression, declared())

    def is_running(self) -> bool:
        """Tell whether mypy is still inside the function."""
        return self.top() > 0

    def level_in(self, loop: int) -> int:
        """Return the level on which the body of a loop begins."""
        return self.binder.continue_frames[loop] + 1

    def top(self) -> int:
        """Return the highest level."""
        return len(self.binder.frames) - 1

    def is_in_try(self) -> bool:
        """Tell whether mypy thinks that an error may be caught around here."""
        return bool(self.binder.try_frames)

    def jump_to_handlers(self) -> None:
        """Let the handlers of every `try` around here see what is known now."""
        for index in self.binder.try_frames:
            self.binder.allow_jump(index)

    @contextmanager
    def _only(self, count: int) -> Generator[None]:
        frames = self.binder.frames
        self.binder.frames = frames[:count]
        try:
            yield
        finally:
            self.binder.frames = frames


# --- The marks -----------------------------------------------------------------------


@final
@frozen(eq=False, order=False)
class Mark:
    """
    What a name carries at a point of the control flow.

    Attributes:
        calls: The calls that may have spent it: `accept() on line 12`.
        is_certain: Whether there is no path here on which none of them was made.
    """

    calls: tuple[str, ...]
    is_certain: bool

    @classmethod
    def read(cls, marked: Type | None) -> "Mark":
        """Read it off what the binder has."""
        calls: list[str] = []
        is_certain = marked is not None
        for item in [] if marked is None else items_of(marked):
            argument = get_proper_type(item.args[0]) if is_spent(item) else item
            call = argument.value if isinstance(argument, LiteralType) else ""
            if isinstance(call, str) and call:
                calls.append(call)
            else:
                is_certain = False
        return cls(tuple(calls), is_certain)

    def without(self, calls: frozenset[str]) -> "Mark":
        """Leave out calls that were not made on the paths that lead here."""
        rest = tuple(call for call in self.calls if call not in calls)
        return self if rest == self.calls else Mark(rest, is_certain=False)

    def sentence(self, place: Place, line: int, successors: dict[str, str]) -> str:
        """Say which call spent a name, and what to use instead."""
        calls = " or ".join(self.calls)
        if any(call.endswith(f" on line {line}") for call in self.calls):
            calls += ", in an earlier turn of the loop"
        classes = {successors[call.partition("(")[0]] for call in self.calls}
        cure = f"use the {' or '.join(sorted(classes))} that it returned"
        if self.is_certain:
            return f'"{place}" was spent by {calls}; {cure}'
        return f'"{place}" may have been spent by {calls}; on that path {cure}'


def mark_of(receiver: Expression, state: str) -> Expression:
    """Return the attribute of an expression that carries its mark."""
    return MemberExpr(receiver, _MARK[state])


def items_of(united: Type) -> list[ProperType]:
    """Return the items of a union, or the one type."""
    proper = get_proper_type(united)
    items = proper.items if isinstance(proper, UnionType) else [proper]
    return [get_proper_type(item) for item in items]


def is_spent(item: ProperType) -> TypeIs[Instance]:
    """Tell whether a type is what a name of an answered handshake is narrowed to."""
    return isinstance(item, Instance) and item.type.fullname == _SPENT


# --- A use or a transition -----------------------------------------------------------


@final
@frozen(eq=False, order=False)
class Spot:
    """
    A point of the code at which something is done with a state.

    Attributes:
        checker: What checks the file.
        flows: What is known of the function and, before it, of the functions around.
        reader: What the text of the file says.
        use: The expression that does something.
        receiver: The expression to which it is done.
        place: The name of that.
        site: Where it stands in the text.
    """

    checker: TypeChecker
    flows: list[Flow]
    reader: Reader
    use: Expression
    receiver: Expression
    place: Place
    site: Site

    @property
    def flow(self) -> Flow:
        """What is known of the function."""
        return self.flows[-1]

    def is_tracked(self) -> bool:
        """Tell whether a mark that is left here can be relied on."""
        if self.reader.can_be_rebound(self.place, self.site.function):
            return False
        if self.site.is_to_fail() or not self._is_stored(self.receiver):
            return False
        redefines = self.checker.options.allow_redefinition
        is_misleading = self.site.may_mislead(self.place, redefines=redefines)
        return not (is_misleading and self.flow.is_in_try())

    def _is_stored(self, expression: Expression) -> bool:
        """Tell whether an expression gives the same object each time: no property."""
        if not isinstance(expression, MemberExpr):
            return True
        owner = get_proper_type(self.checker.get_expression_type(expression.expr))
        if isinstance(owner, TypeVarType):
            owner = get_proper_type(owner.upper_bound)
        if isinstance(owner, TupleType):
            owner = owner.partial_fallback
        if not isinstance(owner, Instance):
            return False
        symbol = owner.type.get(expression.name)
        is_variable = symbol is not None and isinstance(symbol.node, Var)
        return is_variable and self._is_stored(expression.expr)

    def is_mentioned(self) -> bool:
        """Tell whether mypy may look at the receiver again as at a value, before it."""
        site = self.site
        return any(
            place == self.place and (site.optional or start < start_of(self.receiver))
            for place, start in site.mentions
        )

    def text(self, text: str) -> LiteralType:
        """Make the type of a text, which is what marks are made of."""
        return LiteralType(text, self.checker.named_generic_type("builtins.str", []))

    def no_mark(self) -> LiteralType:
        """Make the mark that says that nothing was left."""
        return self.text("")

    def declared(self) -> Type:
        """Return the type of the receiver without any narrowing."""
        return self.checker.get_expression_type(self.receiver)

    def leave(
        self, put: Put, marked: Expression, unmarked: Callable[[], Type], mark: Type
    ) -> None:
        """Leave a mark: what an expression is narrowed to from here on."""
        flow, site = self.flow, self.site
        is_own = self.place.split(".")[0] in site.own_names
        loop = site.rebound_in(self.place)
        level = flow.top() if is_own else 0 if loop is None else flow.level_in(loop)
        flow.put_if_unknown(marked, unmarked, level=level)
        if site.optional and not is_own:
            earlier = flow.get(marked, skip=site.optional)
            below = UnionType([mark if earlier is None else earlier, mark])
            flow.put(marked, below, skip=site.optional)
            put.below.append(below)
        flow.put(marked, mark)
        put.here.append(mark)

    def mark(self, state: str) -> Type | None:
        """Return what the receiver carries here, whatever its type."""
        for flow in reversed(self.flows):
            marked = flow.get(mark_of(self.receiver, state))
            if marked is not None:
                return marked if flow is self.flow or self._is_settled() else None
        return None

    def _is_settled(self) -> bool:
        """Tell whether what was known around a function still holds when it runs."""
        node = self.receiver.node if isinstance(self.receiver, NameExpr) else None
        return isinstance(
            node, Var
        ) and not self.checker.is_var_redefined_in_outer_context(node, self.use.line)

    def report(self, mark: Mark, marked: Type | None, state: str) -> None:
        """Report a use of what is marked, unless it is none."""
        flow, start = self.flow, start_of(self.use)
        mark = self._told_before(mark, marked)
        flow.verdicts.setdefault(start, bool(mark.calls))
        is_reread = state != _UNACCEPTED and self.site.next_turn_depends_on(self.place)
        if mark.calls and (flow.verdicts[start] or not is_reread):
            message = mark.sentence(self.place, self.use.line, _TRANSITIONS[state])
            flow.sentences.setdefault(start, message)
        if start in flow.sentences:
            # Again, since mypy may look at an expression several times, and keep what
            # was said of it only once; it drops what it has said before.
            self.checker.fail(flow.sentences[start], self.use, code=TYPESTATE)

    def _told_before(self, mark: Mark, marked: Type | None) -> Mark:
        """Take out what did not happen before this use."""
        flow, site = self.flow, self.site
        put = flow.puts.get(self.place)
        if site.is_to_fail() or (
            put is not None and put.comes_after(marked, start_of(self.receiver), site)
        ):
            return Mark((), is_certain=False)
        absent = (
            call
            for call in mark.calls
            if flow.targets.get(call, frozenset()) & site.absent
        )
        return mark.without(frozenset(absent))


def callee_of(context: Context) -> Context:
    """Return what is called, or what it is if it is no call."""
    return context.callee if isinstance(context, CallExpr) else context


def _see_action(spot: Spot, state: str) -> None:
    marked = spot.mark(state)
    spot.report(Mark.read(marked), marked, state)


def _see_read(spot: Spot, state: str, method: str) -> None:
    marked = spot.mark(state)
    mark = Mark.read(marked)
    if mark.is_certain and method in _RAISING_READS:
        spot.report(mark, marked, state)
    if mark.calls:
        spot.flow.put(mark_of(spot.receiver, state), spot.no_mark())


# --- The plugin ----------------------------------------------------------------------


@final
class TypestatePlugin(Plugin):
    """Puts the marks, and reports what sees one."""

    def __init__(self, options: Options) -> None:
        """Begin with no function known."""
        super().__init__(options)
        self._flows: list[Flow] = []
        self._read: tuple[list[Statement], Reader] | None = None
        self._is_off = False

    @override
    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """Have mypy load the class of a spent name before whatever can spend one."""
        module = _SPENT.rpartition(".")[0]
        is_states = file.fullname == _UNACCEPTED.rpartition(".")[0]
        return [(PRI_HIGH, module, -1)] if is_states else []

    @override
    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        """Look at each call that may be refused, and at each that proves life."""
        state, _, method = fullname.rpartition(".")
        if state in _REFUSED and (method in _REFUSED[state] or method in _READS):
            return self._guarded(
                lambda context: self._see_use(context, state, method),
                lambda context: context.default_signature,
            )
        return None

    @override
    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """Look at each transition."""
        state, _, method = fullname.rpartition(".")
        if state in _TRANSITIONS and method in _TRANSITIONS[state]:
            return self._guarded(
                lambda context: self._see_transition(context, state, method),
                lambda context: context.default_return_type,
            )
        return None

    @override
    def get_function_hook(
        self, fullname: str
    ) -> Callable[[FunctionContext], Type] | None:
        """Look at each `isinstance`."""
        if fullname == "builtins.isinstance":
            return self._guarded(
                self._see_isinstance, lambda context: context.default_return_type
            )
        return None

    @override
    def get_attribute_hook(
        self, fullname: str
    ) -> Callable[[AttributeContext], Type] | None:
        """Look at each attribute of an answered handshake that is none of its data."""
        if fullname.startswith(_OF_SPENT):
            return self._guarded(
                self._see_spent_attribute, lambda context: context.default_attr_type
            )
        return None

    def _guarded(
        self,
        look: Callable[[ContextT], ResultT],
        pass_on: Callable[[ContextT], ResultT],
    ) -> Callable[[ContextT], ResultT]:
        def hook(context: ContextT) -> ResultT:
            if self._is_off:
                return pass_on(context)
            try:
                return look(context)
            except Exception as error:  # noqa: BLE001 - never crash mypy
                self._is_off = True
                complain(f"{type(error).__name__}: {error}")
                return pass_on(context)

        return hook

    @override
    def report_config_data(self, ctx: ReportConfigContext) -> dict[str, str]:
        """Let mypy forget what it checked without this plugin, or with another one."""
        return {"typedws.mypy_plugin": _FINGERPRINT}

    # --- What mypy comes across ------------------------------------------------------

    def _see_use(
        self, context: MethodSigContext, state: str, method: str
    ) -> FunctionLike:
        callee = callee_of(context.context)
        spot = None
        if isinstance(context.type, Instance) and isinstance(callee, MemberExpr):
            # `async for` calls `__aiter__`, which does not stand in the text.
            receiver = callee.expr if callee.name == method else callee
            spot = self._spot(context.api, callee, receiver)
        elif isinstance(context.type, Instance) and isinstance(callee, NameExpr):
            spot = self._spot(context.api, callee, callee)
        if spot is not None and method in _READS:
            _see_read(spot, state, method)
        elif spot is not None:
            _see_action(spot, state)
        return context.default_signature

    def _see_transition(self, context: MethodContext, state: str, method: str) -> Type:
        callee = callee_of(context.context)
        if isinstance(context.type, Instance) and isinstance(callee, MemberExpr):
            spot = self._spot(context.api, callee, callee.expr)
            if spot is not None and spot.is_tracked():
                self._leave_mark(spot, state, f"{method}() on line {callee.line}")
        return context.default_return_type

    def _leave_mark(self, spot: Spot, state: str, call: str) -> None:
        flow, site, receiver = spot.flow, spot.site, spot.receiver
        text = spot.text(call)
        put = Put(start_of(receiver), site)
        if state == _UNACCEPTED and not spot.is_mentioned():
            # As if a TypeGuard had said so: else mypy drops what the declared type
            # does not allow for.
            narrowed = TypeGuardedType(self._instance(_SPENT, text))
            spot.leave(put, receiver, spot.declared, narrowed)
        spot.leave(put, mark_of(receiver, state), spot.no_mark, text)
        flow.puts[spot.place] = put
        flow.targets[call] = site.targets
        if site.tells_handlers():
            flow.jump_to_handlers()

    def _see_spent_attribute(self, context: AttributeContext) -> Type:
        member, checker = context.context, context.api
        if not isinstance(member, MemberExpr) or not isinstance(checker, TypeChecker):
            return context.default_attr_type
        mark = Mark.read(context.type)
        live = self._unspent(context.type)
        is_refused = member.name in _REFUSED[_UNACCEPTED]
        spot = self._spot(checker, member, member.expr)
        # What comes back is the attribute of the state itself, as if nothing had been
        # answered: so one mistake is one error, and what is no mistake is none.
        if spot is None:
            if is_refused:
                message = mark.sentence("it", member.line, _TRANSITIONS[_UNACCEPTED])
                checker.fail(message, member, code=TYPESTATE)
            access = checker.expr_checker.analyze_external_member_access
            return access(member.name, live, member)
        marked = spot.flow.get(spot.receiver)
        if is_refused:
            spot.report(mark, marked, _UNACCEPTED)
        spot.flow.put(spot.receiver, live)
        try:
            return checker.get_expression_type(member)
        finally:
            spot.flow.put(spot.receiver, context.type if marked is None else marked)

    def _see_isinstance(self, context: FunctionContext) -> Type:
        checker = context.api
        found = [item for types in context.arg_types[:1] for item in types]
        is_asked = any(is_spent(item) for item in items_of(UnionType(found)))
        if is_asked and isinstance(checker, TypeChecker):
            # At run time it is what it was, and a branch that mypy takes for
            # unreachable is not checked. The mark on the attribute stays.
            asked = context.args[0][0]
            self._flows_at(checker)[-1].put(asked, self._unspent(found[0]))
            checker.get_expression_type(asked)
        return context.default_return_type

    def _unspent(self, narrowed: Type) -> Type:
        """Return what a type would be if nothing had been answered."""
        live = self._instance(_UNACCEPTED)
        items = [live if is_spent(item) else item for item in items_of(narrowed)]
        return TypeGuardedType(make_simplified_union(items))

    def _instance(self, fullname: str, *arguments: Type) -> Instance:
        symbol = self.lookup_fully_qualified(fullname)
        if symbol is None or not isinstance(symbol.node, TypeInfo):
            message = f"there is no class {fullname}"
            raise LookupError(message)
        return Instance(symbol.node, arguments)

    # --- Where that is ---------------------------------------------------------------

    def _spot(
        self, api: CheckerPluginInterface, use: Expression, receiver: Expression
    ) -> Spot | None:
        place = place_of(receiver)
        if place is None or not isinstance(api, TypeChecker):
            return None
        # dmypy keeps a tree, and gives it new definitions.
        if self._read is None or self._read[0] is not api.tree.defs:
            self._read = api.tree.defs, Reader(api.path)
        reader = self._read[1]
        site = reader.site_of(use.line, place_of(use) or "")
        if site is None:
            return None
        return Spot(api, self._flows_at(api), reader, use, receiver, place, site)

    def _flows_at(self, checker: TypeChecker) -> list[Flow]:
        """Return what is known of the function that is checked, and of those around."""
        for index, flow in enumerate(self._flows):
            if flow.binder is checker.binder:
                del self._flows[index + 1 :]
                return self._flows
        self._flows = [flow for flow in self._flows if flow.is_running()]
        self._flows.append(Flow(checker.binder))
        return self._flows


_FINGERPRINT: Final = sha256(
    Path(__file__).read_bytes() + Path(mypy_text.__file__).read_bytes()
).hexdigest()


def complain(problem: str, version: str = __version__) -> None:
    """Say in one line that the plugin does nothing, and why."""
    line = (
        f"typedws.mypy_plugin does nothing with mypy {version}: {problem}; "
        "the use of a state that was left is not reported"
    )
    sys.stderr.write(f"{line}\n")


def problem_with(version: str) -> str | None:
    """Say what about this mypy is not as the plugin needs it."""
    major, minor = version.split(".")[:2]
    if (int(major), int(minor)) < OLDEST_MYPY:
        return "it needs mypy {}.{} or newer".format(*OLDEST_MYPY)
    try:
        probe()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
        return f"{type(error).__name__}: {error}"
    return None


def probe() -> None:
    """Try out what the plugin does with the binder."""
    name = NameExpr("probe")
    name.node = Var("probe", NoneType())
    mark = TypeGuardedType(NoneType())
    flow = Flow(ConditionalTypeBinder(Options()))
    flow.put_if_unknown(mark_of(name, _CONNECTED), NoneType, level=0)
    flow.binder.push_frame()
    flow.put(mark_of(name, _CONNECTED), mark)
    flow.jump_to_handlers()
    if (
        flow.get(mark_of(name, _CONNECTED)) is not mark
        or flow.get(mark_of(name, _CONNECTED), skip=1) is mark
    ):
        message = "the binder does not give back what it was given"
        raise LookupError(message)


def plugin(version: str) -> type[Plugin]:
    """
    Hand the plugin to mypy.

    Args:
        version: The version of mypy.
    """
    problem = problem_with(version)
    if problem is None:
        return TypestatePlugin
    complain(problem, version)
    return Plugin
