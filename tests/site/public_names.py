"""
The Sphinx extension of our site: what is public has one name, and code links to it.

A class is documented as `typedws.ConnectedWebSocket`, wherever it lives, so an
annotation that says `typedws.states.ConnectedWebSocket` is led there. `code` in a
docstring or on a page links to the name that it says, where that is a public one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Concatenate, Final, ParamSpec, TypeAlias

import sphinx.util.inspect
import sphinx.util.typing
from docutils import nodes
from docutils.parsers.rst.states import Inliner
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.pycode import ModuleAnalyzer

from tests.site.names import OWNERS, PUBLIC_MODULES, every_public_name

Rest = ParamSpec("Rest")
Role: TypeAlias = tuple[list[nodes.Node], list[nodes.system_message]]

_PUBLIC: Final = frozenset(every_public_name())
_CALL: Final = re.compile(r"([A-Za-z_][\w.]*)(?:\(.*\))?")
_SECTION: Final = re.compile(r"[A-Z][a-z]+( safety)?:")
_BEFORE_NAPOLEON: Final = 400
_NOT_A_LINK: Final = (nodes.reference, nodes.title, pending_xref)


def public_target(target: str, classname: str | None = None) -> str | None:
    """
    Find the public name that some code means.

    Args:
        target: The code, without the parentheses of a call.
        classname: The class whose docstring it stands in, so `close` is that of it.
    """
    if target in _PUBLIC:
        return target
    head, _, rest = target.removeprefix("typedws.").partition(".")
    if head in OWNERS:
        return f"{OWNERS[head]}.{rest}" if rest else OWNERS[head]
    if target.startswith("typedws."):
        last = target.rpartition(".")[2]
        return OWNERS.get(last)
    if classname is None:
        return None
    owner = OWNERS.get(classname.rpartition(".")[2])
    return f"{owner}.{target}" if owner else None


def _link(text: str, classname: str | None) -> nodes.Node:
    literal = nodes.literal(text, text, classes=["xref", "py"])
    match = _CALL.fullmatch(text)
    if match is None:
        return literal
    reference = pending_xref(
        "",
        literal,
        refdomain="",  # of no domain: so it comes to `_resolve`
        reftype="public",
        reftarget=match[1],
        refclass=classname,
    )
    reference["refwarn"] = False
    return reference


def _role(
    _name: str,
    _rawtext: str,
    text: str,
    _line: int,
    inliner: Inliner,
    _options: Mapping[str, object] | None = None,
    _content: Iterable[str] = (),
) -> Role:
    env: BuildEnvironment = inliner.document.settings.env
    return [_link(text, env.ref_context.get("py:class"))], []


def _link_code(_app: Sphinx, document: nodes.document) -> None:
    for literal in list(document.findall(nodes.literal)):
        if not _is_linked(literal) and not literal.get("classes"):
            literal.parent.replace(literal, _link(literal.astext(), None))


def _leave_out_object(_app: Sphinx, document: nodes.document) -> None:
    # Sphinx says of every class that has no other base that it has this one.
    for paragraph in list(document.findall(nodes.paragraph)):
        if paragraph.astext() == "Bases: object":
            paragraph.parent.remove(paragraph)


def _is_linked(node: nodes.Node) -> bool:
    above = node.parent
    while above is not None:
        if isinstance(above, _NOT_A_LINK):
            return True
        above = above.parent
    return False


def _resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, inside: nodes.TextElement
) -> nodes.Node | None:
    target = public_target(node["reftarget"], node.get("refclass"))
    domain = env.get_domain("py")
    if not isinstance(domain, PythonDomain) or target not in domain.objects:
        return inside if node["reftype"] == "public" else None
    entry = domain.objects[target]
    here: str = node.get("refdoc", env.docname)
    reference = nodes.reference("", "", inside, internal=True)
    uri = app.builder.get_relative_uri(here, entry.docname)
    reference["refuri"] = f"{uri}#{entry.node_id}"
    reference["reftitle"] = target
    return reference


def _describe_alias(
    _app: Sphinx,
    what: str,
    name: str,
    _value: object,
    _options: object,
    lines: list[str],
) -> None:
    # An alias has no docstring of its own when it runs, but one below it in the source.
    module, _, alias = name.rpartition(".")
    if what not in {"data", "type"} or module not in PUBLIC_MODULES:
        return
    for origin in _origins(module, alias):
        comments = ModuleAnalyzer.for_module(origin).find_attr_docs()
        if ("", alias) in comments:
            lines[:] = comments["", alias]
            return


def _origins(module: str, alias: str) -> Iterator[str]:
    source = ModuleAnalyzer.for_module(module).code
    yield module
    for match in re.finditer(
        r"^from ([\w.]+) import (\([^)]*\)|.*)$", source, re.MULTILINE
    ):
        if re.search(rf"\b{alias}\b", match[2]):
            yield match[1]


def _mark_code(
    _app: Sphinx,
    _what: str,
    _name: str,
    _value: object,
    _options: object,
    lines: list[str],
) -> None:
    # Our docstrings set code off by its indentation, as Markdown does.
    lines[:] = list(_with_code_marked(lines))


def _with_code_marked(lines: list[str]) -> Iterator[str]:
    in_code = in_section = False
    for line in lines:
        in_section = in_section or _SECTION.fullmatch(line) is not None
        if line and not line.startswith("    "):
            in_code = False
        elif line and not in_code and not in_section:
            in_code = True
            yield from (".. code-block:: python", "")
        yield line


def _keep_public_bases(
    _app: Sphinx, _name: str, _cls: type, _options: object, bases: list[object]
) -> None:
    # A base of ours that is not public says nothing to a reader, but its own base may.
    bases[:] = [
        base
        for given in bases
        for base in (given.__mro__ if isinstance(given, type) else [given])[:2]
        if _is_told_of(base)
    ][:1]


def _is_told_of(base: object) -> bool:
    name = str(getattr(base, "__name__", ""))
    is_ours = base.__module__.startswith("typedws")
    return name in OWNERS or not (is_ours or name.startswith("_"))


def _with_aliases(
    write: Callable[Concatenate[object, Rest], str],
) -> Callable[Concatenate[object, Rest], str]:
    # Sphinx writes out what an alias stands for. The reader knows it by its name.
    aliases = [(value, name) for name, value in _alias_values()]

    def named(annotation: object, /, *args: Rest.args, **options: Rest.kwargs) -> str:
        for value, name in aliases:
            if annotation == value:
                return name
        return write(annotation, *args, **options)

    return named


def _alias_values() -> Iterator[tuple[str, object]]:
    for name, full in OWNERS.items():
        value: object = getattr(import_module(full.rpartition(".")[0]), name)
        if not isinstance(value, type) and not callable(value):
            yield name, value


def setup(app: Sphinx) -> Mapping[str, bool]:
    """Let Sphinx use it."""
    written = _with_aliases(sphinx.util.typing.stringify_annotation)
    for module in (sphinx.util.typing, sphinx.util.inspect):
        vars(module)["stringify_annotation"] = written
    app.add_role("public", _role)
    app.connect("autodoc-process-bases", _keep_public_bases)
    app.connect("doctree-read", _link_code)
    app.connect("doctree-read", _leave_out_object)
    app.connect("missing-reference", _resolve)
    app.connect("autodoc-process-docstring", _describe_alias, _BEFORE_NAPOLEON)
    app.connect("autodoc-process-docstring", _mark_code, _BEFORE_NAPOLEON)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
