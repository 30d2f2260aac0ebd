"""
From the texts of a handshake to a record: path, query, headers and cookies.

A client sends texts, and an application asks for a class with fields. Each field is
read by its type, and what does not fit is one error that lists everything at once.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeGuard, TypeVar, final

import msgspec
from attrs import frozen
from typing_extensions import TypeForm

from typedws.codecs.forms import name_of
from typedws.codecs.shapes import Shape
from typedws.datastructures import Headers, QueryParams
from typedws.exceptions import (
    InvalidParameters,
    InvalidScope,
    ParameterProblem,
    ParametersPart,
)
from typedws.json_text import UNWANTED
from typedws.records import RecordField, fields_of, make, shape_for
from typedws.text_forms import TextForm, convert, misfit, text_form_of

__all__ = ["read_cookies", "read_headers", "read_path", "read_query"]

RecordT = TypeVar("RecordT")

_LONGEST_QUOTE: Final = 60
_LONGEST_EXPECTATION: Final = 200
_MOST_UNKNOWN: Final = 10
"""Unknown names to tell of; a client can send any number of them."""

_QUOTE: Final = '"'
# RFC 9110, section 5.6.4: "A string of text is parsed as a single value if it is quoted
# using double-quote marks." A backslash in it stands before a character that counts as
# itself.
_QUOTED_OR_COMMA: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|[",]', re.DOTALL)

_NOTHING: Final = "nothing"
_RULES: Final = "values that keep the rules of the application"


@final
@frozen(eq=False, order=False)
class _Parameter:
    """
    A field of a record, as it is read from texts.

    Attributes:
        field: The field.
        form: How its type is read.
        part: Where it comes.
        key: The client's name for it.
    """

    field: RecordField
    form: TextForm
    part: ParametersPart
    key: str


@final
@frozen(eq=False, order=False)
class _Record:
    """
    A class that is read from texts.

    Attributes:
        shape: What it consists of.
        parameters: Its fields.
    """

    shape: Shape
    parameters: tuple[_Parameter, ...]


def read_path(params: Mapping[str, object], form: TypeForm[RecordT]) -> RecordT:
    """
    Read what the router took out of the path.

    Raises:
        InvalidParameters: The client's path does not fit.
        InvalidScope: The route has no such parameters.
        TypeError: It is no class with fields, or a field can't be read from a text.
    """
    record = _record_of(form, "path", "path_params_as")
    missing = [
        ascii(it.key)
        for it in record.parameters
        if it.field.is_required and it.key not in params
    ]
    if missing:
        expected = f"{', '.join(missing)} for {record.shape.name}"
        raise InvalidScope("path_params", expected, "nothing; has the route got it?")
    given = {name: [value] for name, value in params.items()}
    return _read(form, record, given, part="path")


def read_query(
    query: QueryParams, form: TypeForm[RecordT], *, forbid_unknown_fields: bool
) -> RecordT:
    """
    Read the query.

    Raises:
        InvalidParameters: The client's query does not fit.
        TypeError: It is no class with fields, or a field can't be read from a text.
    """
    record = _record_of(form, "query", "query_params_as")
    given = _grouped(query.multi_items())
    problems: Iterable[ParameterProblem] = ()
    shape = record.shape
    if forbid_unknown_fields or (shape.forbids_unknown and not shape.is_array):
        known = {parameter.key for parameter in record.parameters}
        unknown = [name for name in given if name not in known]
        problems = map(_unknown, unknown[:_MOST_UNKNOWN])
    return _read(form, record, given, part="query", problems=problems)


def read_headers(headers: Headers, form: TypeForm[RecordT]) -> RecordT:
    """
    Read the headers; the value of one for a list is split as HTTP does it.

    Raises:
        InvalidParameters: The client's headers do not fit.
        TypeError: It is no class with fields, or a field can't be read from a text.
    """
    record = _record_of(form, "headers", "headers_as")
    given = _grouped(headers.multi_items())
    for parameter in record.parameters:
        if parameter.form.takes_many and parameter.key in given:
            given[parameter.key] = list(_elements(given[parameter.key]))
    return _read(form, record, given, part="headers")


def read_cookies(cookies: Mapping[str, str], form: TypeForm[RecordT]) -> RecordT:
    """
    Read the cookies.

    Raises:
        InvalidParameters: The client's cookies do not fit.
        TypeError: It is no class with fields, or a field can't be read from a text.
    """
    record = _record_of(form, "cookies", "cookies_as")
    given = {name: [value] for name, value in cookies.items()}
    return _read(form, record, given, part="cookies")


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _elements(values: Iterable[str]) -> Iterator[str]:
    # RFC 9110, section 5.6.1: a recipient reads and ignores empty list elements. By
    # section 5.3 a proxy may have joined what the client had sent in several fields.
    for value in values:
        for element in _between_commas(value):
            if stripped := element.strip(" \t"):
                yield stripped


def _between_commas(value: str) -> Iterator[str]:
    start = 0
    for found in _QUOTED_OR_COMMA.finditer(value):
        if found[0] == ",":
            yield value[start : found.start()]
            start = found.end()
        elif found[0] == _QUOTE:
            # It is never closed. A client's quote must not hide what a proxy has put
            # behind it; and to try each further one would take quadratic time.
            yield from value[start:].split(",")
            return
    yield value[start:]


def _read(
    form: TypeForm[RecordT],
    record: _Record,
    given: Mapping[str, Sequence[object]],
    *,
    part: ParametersPart,
    problems: Iterable[ParameterProblem] = (),
) -> RecordT:
    values: dict[str, object] = {}
    found = list(problems)
    for parameter in record.parameters:
        texts = given.get(parameter.key, ())
        if not texts and not parameter.field.is_required:
            continue
        value = _value(parameter, texts)
        if isinstance(value, ParameterProblem):
            found.append(value)
        else:
            values[parameter.field.argument] = value
    if found:
        raise InvalidParameters(part, tuple(found))
    try:
        return make(form, record.shape, values)
    except (ValueError, *UNWANTED) as error:
        # A class may have rules of its own, say for two fields at once.
        problem = ParameterProblem(part, expected=_RULES, got="values that do not")
        raise InvalidParameters(part, (problem,)) from error


def _value(parameter: _Parameter, given: Sequence[object]) -> object:
    form = parameter.form
    is_many = form.takes_many and (len(given) > 1 or not form.takes_one)
    if not given:
        return _problem(parameter, _NOTHING)
    if len(given) > 1 and not is_many:
        return _problem(parameter, f"{len(given)} values", expected="one value")
    try:
        value = convert(list(given) if is_many else given[0], form)
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        return _second_try(parameter, given, error)
    return _checked(parameter, value, given)


def _second_try(
    parameter: _Parameter, given: Sequence[object], error: Exception
) -> object:
    if not isinstance(given[0], str):
        # The router has read it, and the class wants it otherwise.
        return _value(parameter, [str(given[0])])
    if parameter.form.takes_none and list(given) == [""]:
        return None
    wrong = misfit(error, parameter.form)
    if wrong.index is not None:
        got = _got(parameter, given[wrong.index])
        suffix = f"[{wrong.index}]"
        return _problem(parameter, got, expected=wrong.expected, suffix=suffix)
    return _problem(parameter, _all_got(parameter, given), expected=wrong.expected)


def _checked(parameter: _Parameter, value: object, given: Sequence[object]) -> object:
    if value is None and given[0] is not None:
        # msgspec takes the text "null" for None, but a text is all that there is.
        return _problem(parameter, _all_got(parameter, given))
    if not _is_finite(value):
        expected = f"finite {parameter.form.expected}"
        return _problem(parameter, _all_got(parameter, given), expected=expected)
    return value


def _problem(
    parameter: _Parameter, got: str, *, expected: str = "", suffix: str = ""
) -> ParameterProblem:
    key = _cut(ascii(parameter.key)[1:-1], _LONGEST_QUOTE)
    expected = _in_ascii(expected or parameter.form.expected)
    return ParameterProblem(
        f"{parameter.part}.{key}{suffix}",
        expected=_cut(expected, _LONGEST_EXPECTATION),
        got=got,
    )


def _unknown(name: str) -> ParameterProblem:
    got = _cut(ascii(name), _LONGEST_QUOTE)
    return ParameterProblem("query", expected="no other parameters", got=got)


def _all_got(parameter: _Parameter, given: Sequence[object]) -> str:
    return f"{len(given)} values" if len(given) > 1 else _got(parameter, given[0])


def _got(parameter: _Parameter, value: object) -> str:
    text = str(value)
    if parameter.part in {"headers", "cookies"}:
        return f"a text of length {len(text)}"
    return _cut(ascii(text[:_LONGEST_QUOTE]), _LONGEST_QUOTE)


def _in_ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."


def _is_finite(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Decimal):
        return value.is_finite()
    return not _is_collection(value) or all(map(_is_finite, value))


def _is_collection(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, (list, tuple, set, frozenset))


def _make_record(form: object, part: ParametersPart, method: str) -> _Record:
    shape = shape_for(form, method)
    fields = fields_of(shape)
    return _Record(shape, tuple(_parameter(it, part, shape, method) for it in fields))


# With a bounded memory: a program has few such classes.
_known_record: Callable[[object, ParametersPart, str], _Record]
_known_record = lru_cache(_make_record)


def _record_of(form: object, part: ParametersPart, method: str) -> _Record:
    try:
        return _known_record(form, part, method)
    except TypeError:
        # It has no hash; or it can't be read, and then this says so once more.
        return _make_record(form, part, method)


def _parameter(
    field: RecordField, part: ParametersPart, shape: Shape, method: str
) -> _Parameter:
    form = text_form_of(field.form)
    if form is None:
        message = (
            f"{method}({shape.name}): no text can be the field {field.argument!r}, of "
            f"type {name_of(field.form)}; a field is a number, a text, a date, a UUID, "
            "an enum, a Literal, or a list of such"
        )
        raise TypeError(message)
    # A field's name can't have the hyphens that a header's name has.
    key = field.key.replace("_", "-").lower() if part == "headers" else field.key
    return _Parameter(field, form, part, key)
