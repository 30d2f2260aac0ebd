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
    get_proper_type,
)

from typedws.mypy_plugin.reader import Reader
from typedws.mypy_plugin.sites import Site
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
    text = texts.checked(checker)
    if isinstance(expression, NameExpr):
        unit = "" if expression.kind == GDEF else site.unit
        return (unit, expression.name) not in text.writers.shared
    if not isinstance(expression, MemberExpr):
        return False
    name, base = expression.name, expression.expr
    if isinstance(base, NameExpr | MemberExpr) and isinstance(base.node, MypyFile):
        # An attribute of a module, which the module may declare global.
        its_own = texts.other(base.node.path).writers
        is_rebound = text.writers.assign(name, (), but=site.function)
        is_variable = isinstance(expression.node, Var)
        return is_variable and not is_rebound and ("", name) not in its_own.shared
    owner = _class_of(checker.get_expression_type(base))
    if owner is None or not _is_variable(owner, name):
        return False
    classes = [it.name for it in owner.mro]
    if text.writers.assign(name, classes, but=site.function) or any(
        other.writers.assign(name, classes, but="")
        for other in _texts_of(owner, checker, texts)
    ):
        return False
    return is_lasting(base, checker, texts, site)


def _class_of(owner: Type) -> TypeInfo | None:
    """Return the class of an object, or the class itself if the object is one."""
    owner = get_proper_type(owner)
    if isinstance(owner, TypeType):
        owner = owner.item
    if isinstance(owner, TypeVarType):
        owner = get_proper_type(owner.upper_bound)
    if isinstance(owner, TupleType):
        owner = owner.partial_fallback
    if isinstance(owner, FunctionLike) and owner.is_type_obj():
        return owner.type_object()
    return owner.type if isinstance(owner, Instance) else None


def _is_variable(owner: TypeInfo, name: str) -> bool:
    symbol = owner.get(name)
    return symbol is not None and isinstance(symbol.node, Var)


def _texts_of(owner: TypeInfo, checker: TypeChecker, texts: Texts) -> Generator[Reader]:
    """Read the other files that a class and its bases come from."""
    for module in {it.module_name for it in owner.mro} - {checker.tree.fullname}:
        tree = checker.modules.get(module)
        # In a stub no function assigns anything.
        if tree is not None and not tree.path.endswith(".pyi"):
            yield texts.other(tree.path)
