"""
The libraries that are compared, and where their applications are.

A library is imported by the process that measures it, and no other. One that is not
installed, or can't be imported on this Python, leaves its rows out.
"""

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Final, final

from attrs import field, frozen

from typedws.asgi import AnyASGIApp, ASGIApp, application


class NotInstalled(Exception):
    """A library can't be imported here; the text says why."""


@final
@frozen(order=False)
class Library:
    """
    A library, or a way to write applications.

    Attributes:
        name: What it is called in tables.
        module: The module with its applications, in `tests.benchmarks.applications`;
            empty if its packages are all that is needed.
        packages: The distributions whose versions are told.
    """

    name: str
    module: str = field(default="", kw_only=True)
    packages: tuple[str, ...] = field(kw_only=True)

    def check(self) -> None:
        """
        See whether it can be measured here.

        Raises:
            NotInstalled: A package is not installed, or can't be imported.
        """
        check_installed(self.packages)
        if self.module:
            self.load()

    def load(self) -> ModuleType:
        """
        Import its module.

        Raises:
            NotInstalled: It can't be imported.
        """
        try:
            return import_module(f"tests.benchmarks.applications.{self.module}")
        except ImportError as error:
            raise NotInstalled(f"{type(error).__name__}: {error}") from error

    def application(self, use: str) -> ASGIApp:
        """
        Load one of its applications.

        Raises:
            NotInstalled: The library can't be imported.
            KeyError: It has no such application.
        """
        applications: Mapping[str, AnyASGIApp] = self.load().APPLICATIONS
        return application(applications[use])


def check_installed(packages: Iterable[str]) -> None:
    """
    See whether packages are there.

    Raises:
        NotInstalled: One is not.
    """
    try:
        for package in packages:
            version(package)
    except PackageNotFoundError as error:
        raise NotInstalled(f"{error.name} is not installed") from error


RAW: Final = Library("raw ASGI", module="in_raw_asgi", packages=())
TYPEDWS: Final = Library("typedws", module="in_typedws", packages=("typedws",))
TYPEDWS_ROUTED: Final = Library(
    "typedws", module="in_typedws_routed", packages=("typedws", "starlette")
)
TYPEDWS_PYDANTIC: Final = Library(
    "typedws", module="in_typedws_pydantic", packages=("typedws", "pydantic")
)
STARLETTE: Final = Library("Starlette", module="in_starlette", packages=("starlette",))
PYDANTIC: Final = Library(
    "Starlette with pydantic", module="in_pydantic", packages=("starlette", "pydantic")
)
FASTAPI: Final = Library("FastAPI", module="in_fastapi", packages=("fastapi",))
LITESTAR: Final = Library("Litestar", module="in_litestar", packages=("litestar",))
FALCON: Final = Library("Falcon", module="in_falcon", packages=("falcon",))
QUART: Final = Library("Quart", module="in_quart", packages=("quart",))
BLACKSHEEP: Final = Library(
    "BlackSheep", module="in_blacksheep", packages=("blacksheep",)
)
CHANX: Final = Library("chanx", module="in_chanx", packages=("chanx", "fast-channels"))

LIBRARIES: Final[Mapping[str, Library]] = {
    library.module: library
    for library in (
        *(RAW, TYPEDWS, TYPEDWS_ROUTED, TYPEDWS_PYDANTIC, STARLETTE, PYDANTIC, FASTAPI),
        *(LITESTAR, FALCON, QUART, BLACKSHEEP, CHANX),
    )
}
"""By their modules."""
