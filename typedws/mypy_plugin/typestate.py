"""
The plugin: what mypy asks it, and what it looks at then.

It finds the spot for each call and each attribute that it is asked about, and answers
with the type that mypy has found already: what it adds are the marks and the reports.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar, final

from mypy.build import PRI_HIGH
from mypy.checker import TypeChecker
from mypy.nodes import (
    CallExpr,
    Context,
    Expression,
    MemberExpr,
    MypyFile,
    NameExpr,
    TypeInfo,
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
from mypy.types import FunctionLike, Instance, Type, TypeGuardedType, UnionType
from typing_extensions import override

from typedws.mypy_plugin.complaints import complain
from typedws.mypy_plugin.flow import Flow, Put
from typedws.mypy_plugin.marks import Mark, is_spent, items_of, mark_of
from typedws.mypy_plugin.methods import (
    METHODS,
    SPENT,
    UNACCEPTED,
    Method,
    methods_by_name,
    successors,
)
from typedws.mypy_plugin.owners import place_of
from typedws.mypy_plugin.spots import TYPESTATE, Spot, see_action, see_read, start_of
from typedws.mypy_plugin.syntax import Start
from typedws.mypy_plugin.texts import Texts

__all__ = ["TypestatePlugin"]

_OF_SPENT: Final = f"{SPENT}."

ContextT = TypeVar("ContextT")
ResultT = TypeVar("ResultT")


@final
class TypestatePlugin(Plugin):
    """Puts the marks, and reports what sees one."""

    def __init__(self, options: Options) -> None:
        """Begin with no function known."""
        super().__init__(options)
        self._methods = methods_by_name()
        self._flows: list[Flow] = []
        self._texts = Texts(options)
        self._is_off = False

    @override
    def get_additional_deps(self, file: MypyFile) -> list[tuple[int, str, int]]:
        """Have mypy load the class of a spent name before whatever can spend one."""
        module = SPENT.rpartition(".")[0]
        is_states = file.fullname == UNACCEPTED.rpartition(".")[0]
        return [(PRI_HIGH, module, -1)] if is_states else []

    @override
    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        """Look at each call that may be refused, and at each that proves life."""
        found = self._methods.get(fullname)
        if found is None or not (found[2].is_refused or found[2].reads):
            return None
        return self._guarded(
            lambda context: self._see_use(context, *found),
            lambda context: context.default_signature,
        )

    @override
    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """Look at each transition."""
        found = self._methods.get(fullname)
        if found is None or not found[2].leads_to:
            return None
        return self._guarded(
            lambda context: self._see_transition(context, *found),
            lambda context: context.default_return_type,
        )

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
        self, context: MethodSigContext, state: str, name: str, method: Method
    ) -> FunctionLike:
        callee = callee_of(context.context)
        spot = None
        if isinstance(context.type, Instance) and isinstance(callee, MemberExpr):
            # `async for` calls `__aiter__`, which does not stand in the text.
            receiver = callee.expr if callee.name == name else callee
            spot = self._spot(context.api, callee, receiver)
        elif isinstance(context.type, Instance) and isinstance(callee, NameExpr):
            spot = self._spot(context.api, callee, callee)
        if spot is not None and method.reads:
            see_read(spot, state, method)
        elif spot is not None:
            see_action(spot, state)
        return context.default_signature

    def _see_transition(
        self, context: MethodContext, state: str, name: str, method: Method
    ) -> Type:
        callee = callee_of(context.context)
        if isinstance(context.type, Instance) and isinstance(callee, MemberExpr):
            spot = self._spot(context.api, callee, callee.expr)
            if spot is not None and spot.is_followed(lasts=method.lasts):
                call = f"{name}() on line {callee.line}"
                self._leave_mark(spot, state, call, end_of(context.context))
                if method.is_refused and spot.is_repeated():
                    spot.fail(Mark((call,), is_certain=False), state)
        return context.default_return_type

    def _leave_mark(self, spot: Spot, state: str, call: str, end: Start) -> None:
        flow, site, receiver = spot.flow, spot.site, spot.receiver
        text = spot.text(call)
        put = Put(start_of(receiver), end, site, spot.misled())
        if state == UNACCEPTED and not put.misled and spot.is_narrowed():
            # As if a TypeGuard had said so: else mypy drops what the declared type
            # does not allow for.
            narrowed = TypeGuardedType(self._instance(SPENT, text))
            spot.leave(put, receiver, spot.declared, narrowed)
        spot.leave(put, mark_of(receiver, state), spot.no_mark, text)
        flow.puts[spot.place] = flow.calls[spot.place, call] = put
        flow.tell(site.attempts)

    def _see_spent_attribute(self, context: AttributeContext) -> Type:
        member, checker = context.context, context.api
        if not isinstance(member, MemberExpr) or not isinstance(checker, TypeChecker):
            return context.default_attr_type
        mark = Mark.read(context.type)
        live = self._unspent(context.type)
        is_refused = member.name in METHODS[UNACCEPTED]
        spot = self._spot(checker, member, member.expr)
        # What comes back is the attribute of the state itself, as if nothing had been
        # answered: so one mistake is one error, and what is no mistake is none.
        if spot is None:
            if is_refused:
                message = mark.sentence("it", member.line, successors(UNACCEPTED))
                checker.fail(message, member, code=TYPESTATE)
            access = checker.expr_checker.analyze_external_member_access
            return access(member.name, live, member)
        marked = spot.flow.get(spot.receiver) or context.type
        if is_refused:
            spot.report(marked, UNACCEPTED)
        spot.flow.put(spot.receiver, live)
        try:
            return checker.get_expression_type(member)
        finally:
            spot.flow.put(spot.receiver, marked)

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
        live = self._instance(UNACCEPTED)
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
        sites = self._texts.checked(api).sites
        site = sites.get((use.line, place_of(use) or ""))
        if site is None:
            return None
        return Spot(api, self._flows_at(api), self._texts, use, receiver, place, site)

    def _flows_at(self, checker: TypeChecker) -> list[Flow]:
        """Return what is known of the function that is checked, and of those around."""
        for index, flow in enumerate(self._flows):
            if flow.binder is checker.binder:
                del self._flows[index + 1 :]
                return self._flows
        self._flows = [flow for flow in self._flows if flow.is_running()]
        self._flows.append(Flow(checker.binder))
        return self._flows


def callee_of(context: Context) -> Context:
    """Return what is called, or what it is if it is no call."""
    return context.callee if isinstance(context, CallExpr) else context


def end_of(context: Context) -> Start:
    """Return where a call ends."""
    return context.end_line or context.line, context.end_column or context.column


_MODULES: Final = sorted(Path(__file__).parent.glob("*.py"))
_FINGERPRINT: Final = sha256(
    b"".join(module.read_bytes() for module in _MODULES)
).hexdigest()
