"""
Who assigns what in a file: a place that others assign to can change during any call.

mypy keeps what it knows of an attribute across calls. The plugin does not: a method may
have put a new connection there.
"""

from collections.abc import Collection, Sequence
from typing import Final, final

from attrs import define, field

__all__ = ["Writers"]

_MAKERS: Final = frozenset({"__init__", "__attrs_post_init__", "__post_init__"})
"""They run before every other method, so what they assign is no rebinding."""


@final
@define(eq=False, order=False)
class Writers:
    """
    The functions and classes of a file that assign to what outlives a call.

    Attributes:
        shared: The names that a function declares global or nonlocal, each after the
            outermost function that it exists in: none for a global name.
    """

    shared: set[tuple[str, str]] = field(factory=set[tuple[str, str]])
    _of_attributes: dict[str, set[tuple[str, str]]] = field(
        factory=dict[str, set[tuple[str, str]]], init=False
    )
    _bases: dict[str, set[str]] = field(factory=dict[str, set[str]], init=False)

    def add_class(self, name: str, bases: Collection[str]) -> None:
        """Note on what a class is based."""
        self._bases.setdefault(name, set()).update(bases)

    def add_attribute(self, attribute: str, owner: str, function: str) -> None:
        """
        Note that a function assigns to an attribute.

        Args:
            attribute: Its name.
            owner: The class, if a method assigns to one of its own object.
            function: The function, by its qualified name.
        """
        if not owner or function.rpartition(".")[2] not in _MAKERS:
            writers = self._of_attributes.setdefault(attribute, set())
            writers.add((owner, function))

    def assign(self, attribute: str, classes: Sequence[str], *, but: str) -> bool:
        """
        Tell whether some function may assign to an attribute of an object.

        Args:
            attribute: Its name.
            classes: The names of the class of the object, and of its bases after it.
            but: The one function that does not count.
        """
        return any(
            function != but and (not owner or self._are_kin(owner, classes))
            for owner, function in self._of_attributes.get(attribute, ())
        )

    def _are_kin(self, owner: str, classes: Sequence[str]) -> bool:
        """Tell whether an object of a class may have the methods of another."""
        above = [owner]
        for name in above:
            above += (it for it in self._bases.get(name, ()) if it not in above)
        return owner in classes or any(it in above for it in classes[:1])
