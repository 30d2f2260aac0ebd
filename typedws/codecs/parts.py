"""Parts: what a form is made of, through names, containers and classes."""

from collections.abc import Callable, Iterator

from typedws.codecs.forms import arguments_of, literals_of, one_layer_off
from typedws.codecs.shapes import shape_of

__all__ = ["is_anywhere", "parts_of"]


def parts_of(form: object) -> Iterator[object]:
    """Give what a form is made of: what it stands for, its arguments, or its fields."""
    if (inner := one_layer_off(form)) is not form:
        yield inner
    elif (shape := shape_of(form)) is not None:
        yield from (field.form for field in shape.fields)
    elif not literals_of(form):
        is_annotated = hasattr(form, "__metadata__")
        arguments = arguments_of(form)[:1] if is_annotated else arguments_of(form)
        yield from (one for one in arguments if one is not Ellipsis)


def is_anywhere(form: object, is_it: Callable[[object], bool]) -> bool:
    """Say whether a form, or anything that it is made of, is of some kind."""
    seen: set[object] = set()
    waiting = [form]
    while waiting:
        form = waiting.pop()
        if is_it(form):
            return True
        if shape_of(form) is not None:
            # Only by way of a class can a form have itself in it.
            if form in seen:
                continue
            seen.add(form)
        waiting.extend(parts_of(form))
    return False
