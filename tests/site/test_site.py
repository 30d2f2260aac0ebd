"""The site: it is made without a warning, and what it says is there, is there."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest

import typedws
from tests.pages import ROOT
from tests.site.html_pages import dead_links
from tests.site.names import every_public_name

DOCS: Final = ROOT / "docs"
REFERENCE: Final = DOCS / "reference"
NOT_IN_THE_NAVIGATION: Final = {"index"}

LONGEST_BUILD: Final = 240


def documented() -> list[str]:
    """Name what the pages of the reference are told to show."""
    return [
        name
        for page in sorted(REFERENCE.glob("*.rst"))
        for name in re.findall(
            r"^\.\. auto(?:class|exception|function|data):: (\S+)$",
            page.read_text(),
            re.MULTILINE,
        )
    ]


def test_every_public_name_is_in_the_reference_once() -> None:
    """Whatever is in `__all__` of a public module, and nothing else."""
    assert sorted(every_public_name()) == sorted(documented())


def entries_of(page: Path) -> list[str]:
    """Name the pages that a page puts into the navigation."""
    trees = re.findall(
        r"(?:```\{toctree\}|\.\. toctree::)\n(.*?)(?:```|\Z)",
        page.read_text(),
        re.DOTALL,
    )
    return [
        entry.strip()
        for tree in trees
        for entry in tree.splitlines()
        if entry.strip() and not entry.strip().startswith(":")
    ]


def test_every_page_is_in_the_navigation() -> None:
    """Once, so that a reader finds it, and the arrows at its foot lead on."""
    pages = [
        page.relative_to(DOCS).with_suffix("").as_posix()
        for page in (*DOCS.glob("*.md"), *REFERENCE.glob("*.rst"))
    ]
    named = [
        *entries_of(DOCS / "index.md"),
        *(f"reference/{name}" for name in entries_of(REFERENCE / "index.rst")),
    ]

    assert sorted(set(pages) - NOT_IN_THE_NAVIGATION) == sorted(named)


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    """It is on no page of the site, so no other test follows its links."""
    readme = (ROOT / "README.md").read_text()
    links = [
        link
        for link in re.findall(r"\]\(([^)#]+)", readme)
        if not link.startswith("http")
    ]

    assert "docs/start.md" in links
    assert [] == [link for link in links if not (ROOT / link).exists()]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the site, as `make docs` does."""
    if find_spec("sphinx") is None:
        pytest.skip("Sphinx is not installed here")
    folder = tmp_path_factory.mktemp("site")
    options = ("--fail-on-warning", "--keep-going", "--quiet", "--fresh-env")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(DOCS), str(folder)],
        capture_output=True,
        text=True,
        timeout=LONGEST_BUILD,
        check=False,
    )
    assert "" == done.stderr
    assert 0 == done.returncode
    return folder


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_BUILD)
def test_the_site_is_made_without_a_warning(site: Path) -> None:
    """And has its front page, its search, and the index of its names."""
    assert {"index.html", "search.html", "searchindex.js", "objects.inv"} <= {
        file.name for file in site.iterdir()
    }


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_BUILD)
def test_every_link_within_the_site_leads_somewhere(site: Path) -> None:
    """To a file, and to the place in it that the link names."""
    assert [] == list(dead_links(site))


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_BUILD)
def test_every_public_name_has_a_place_in_the_site(site: Path) -> None:
    """A place that links can lead to."""
    pages = "".join(page.read_text() for page in (site / "reference").glob("*.html"))

    assert [] == [name for name in every_public_name() if f'id="{name}"' not in pages]


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_BUILD)
def test_the_reference_says_what_is_raised_and_what_a_cancellation_leaves(
    site: Path,
) -> None:
    """Of each method whose docstring says it."""
    shown = entries_in(site / "reference")
    told = {
        (name, section)
        for name, docstring in methods()
        for section in ("Raises", "Cancel safety")
        if f"{section}:" in docstring
    }

    assert ("typedws.ConnectedWebSocket.receive_text", "Cancel safety") in told
    assert [] == sorted(
        (name, section) for name, section in told if section not in shown[name]
    )


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_BUILD)
def test_a_public_name_on_a_page_leads_to_its_entry(site: Path) -> None:
    """Whether it is code on a page or in a docstring, under the name of its state."""
    tutorial = (site / "tutorial.html").read_text()
    states = (site / "reference" / "states.html").read_text()

    assert 'href="reference/states.html#typedws.ConnectedWebSocket"' in tutorial
    assert 'href="#typedws.UnacceptedWebSocket.accept"' in states
    assert "HandshakeMapping" not in states
    assert "Bases: object" not in re.sub("<[^>]+>", "", states)


def entries_in(folder: Path) -> dict[str, str]:
    """Give what the reference says of each name, up to the next one."""
    entries: dict[str, str] = {}
    for page in folder.glob("*.html"):
        _, *parts = re.split(r'id="(typedws\.[\w.]+)"', page.read_text())
        entries |= dict(zip(parts[::2], parts[1::2], strict=True))
    return entries


def methods() -> list[tuple[str, str]]:
    """Give the methods of the public classes, with their docstrings."""
    classes = {name: getattr(typedws, name) for name in typedws.__all__}
    return [
        (f"typedws.{name}.{member}", value.__doc__ or "")
        for name, cls in classes.items()
        if isinstance(cls, type) and name == cls.__name__
        for member, value in vars(cls).items()
        if not member.startswith("_") and callable(value)
    ]
