"""
Whose attribute an expression is, and whether it gives the same object each time.

A property may give another one, and so may an attribute that some function assigns to:
mypy keeps what it knows of an attribute across calls, the plugin does not.
"""

from collections.abc import Generator

from mypy.checker import TypeChecker
from mypy.nodes import (
    GDEF,
    Expression,
    MemberExpr,
    MypyFile,
    NameExpr,
    TypeInfo,
    Var,
)
from mypy.types import (
    FunctionLike,
    Instance,
    TupleType,
    Type,
    TypeType,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from typedws.mypy_plugin.sites import Site, Text
from typedws.mypy_plugin.syntax import Place
from typedws.mypy_plugin.texts import Texts

__all__ = ["is_lasting", "place_of"]


def place_of(expression: Expression) -> Place | None:
    """Name what an expression refers to; `None` for what is no name or attribute."""
    if isinstance(expression, NameExpr):
        return expression.name
    if isinstance(expression, MemberExpr):
        base = place_of(expression.expr)
        return None if base is None else f"{base}.{expression.name}"
    return None


def is_lasting(
    expression: Expression, checker: TypeChecker, texts: Texts, site: Site
) -> bool:
    """
    Tell whether an expression gives the same object for as long as a function runs.

    Args:
        expression: A name, or an attribute.
        checker: What checks the file.
        texts: What the files say.
        site: Where it stands. What the same function assigns is seen by mypy.
    """
    while isinstance(expression, MemberExpr):
        if not _is_lasting_attribute(expression, checker, texts, site):
            return False
        expression = expression.expr
    is_global = isinstance(expression, NameExpr) and expression.kind == GDEF
    name = "" if is_global else site.function.unit, place_of(expression)
    return name not in texts.checked(checker).writers.shared


def _is_lasting_attribute(
    attribute: MemberExpr, checker: TypeChecker, texts: Texts, site: Site
) -> bool:
    name, base = attribute.name, attribute.expr
    if isinstance(base, NameExpr | MemberExpr) and isinstance(base.node, MypyFile):
        # An attribute of a module, which the module may declare global.
        its_own = texts.other(base.node.path).writers
        writers = texts.checked(checker).writers
        is_rebound = writers.assign(name, (), but=site.function.name)
        is_variable = isinstance(attribute.node, Var)
        return is_variable and not is_rebound and ("", name) not in its_own.shared
    owners = _classes_of(checker.get_expression_type(base))
    return bool(owners) and all(
        _keeps(owner, name, checker, texts, site) for owner in owners
    )


def _classes_of(owner: Type) -> list[TypeInfo]:
    """Return the classes of an object; if it is one itself, that class."""
    owner = get_proper_type(owner)
    if isinstance(owner, UnionType):
        return [it for item in owner.items for it in _classes_of(item)]
    if isinstance(owner, TypeType):
        return _classes_of(owner.item)
    if isinstance(owner, TypeVarType):
        return _classes_of(owner.upper_bound)
    if isinstance(owner, TupleType):
        owner = owner.partial_fallback
    if isinstance(owner, FunctionLike) and owner.is_type_obj():
        return [owner.type_object()]
    return [owner.type] if isinstance(owner, Instance) else []


def _keeps(
    owner: TypeInfo, name: str, checker: TypeChecker, texts: Texts, site: Site
) -> bool:
    """Tell whether a class has a variable to which no other function assigns."""
    symbol = owner.get(name)
    if symbol is None or not isinstance(symbol.node, Var):
        return False
    classes = [it.name for it in owner.mro]
    if texts.checked(checker).writers.assign(name, classes, but=site.function.name):
        return False
    others = _texts_of(owner, checker, texts)
    return not any(it.writers.assign(name, classes, but="") for it in others)


def _texts_of(owner: TypeInfo, checker: TypeChecker, texts: Texts) -> Generator[Text]:
    """Read the other files that a class and its bases come from."""
    for module in {it.module_name for it in owner.mro} - {checker.tree.fullname}:
        tree = checker.modules.get(module)
        # In a stub no function assigns anything.
        if tree is not None and not tree.path.endswith(".pyi"):
            yield texts.other(tree.path)
