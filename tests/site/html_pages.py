"""The pages of a site that was made: where their links lead, and what can be led to."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import final
from urllib.parse import unquote, urlsplit

from typing_extensions import override

_LINKS = {"href", "src"}


@final
class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value and name == "id":
                self.anchors.add(value)
            elif value and name in _LINKS:
                self.links.append(value)


def _read(page: Path) -> _Reader:
    reader = _Reader()
    reader.feed(page.read_text())
    return reader


def dead_links(site: Path) -> Iterator[str]:
    """Name the links of a site that lead to no file of it, or to no place in one."""
    pages = {page.resolve(): _read(page) for page in sorted(site.rglob("*.html"))}
    for page, reader in pages.items():
        for link in reader.links:
            url = urlsplit(link)
            if url.scheme or url.netloc:
                continue
            target = (page.parent / unquote(url.path)).resolve() if url.path else page
            anchor = unquote(url.fragment)
            is_there = target.is_file() and (
                not anchor or target not in pages or anchor in pages[target].anchors
            )
            if not is_there:
                yield f"{page.relative_to(site.resolve())}: {link}"
