"""What the pictures of the site share: their style, light and dark, and their parts."""

from collections.abc import Iterable
from html import escape
from typing import Final

STYLE: Final = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.code { font: 13px ui-monospace, Menlo, Consolas, monospace; white-space: pre; }
.name { font-weight: 600; font-size: 14px; }
.soft { fill: #59636e; }
.panel { fill: #ffffff; stroke: #d1d9e0; }
.box { fill: #f6f8fa; stroke: #8c959f; }
.line { fill: none; stroke: #2563eb; stroke-width: 2; }
.head { fill: #2563eb; stroke: none; }
.wrong { fill: none; stroke: #cf222e; stroke-width: 1.6; }
.said { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .soft { fill: #9198a1; }
  .panel { fill: #0d1117; stroke: #3d444d; }
  .box { fill: #161b22; stroke: #6e7681; }
  .line { stroke: #60a5fa; }
  .head { fill: #60a5fa; }
  .wrong { stroke: #ff7b72; }
  .said { fill: #ff7b72; }
}
"""


def picture(title: str, width: int, height: int, parts: Iterable[str]) -> str:
    """Make a picture on a panel of its own, so it can be read on any page."""
    panel = f'<rect x="1" y="1" width="{width - 2}" height="{height - 2}" rx="8"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n"
        f'{panel} class="panel"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def text(x: int, y: int, words: str, *, style: str = "", anchor: str = "start") -> str:
    """Write a line of text."""
    # Two elements that differ in nothing but their place keep their spaces.
    return (
        f'<text x="{x}" y="{y}" class="{style}" text-anchor="{anchor}" '
        f'xml:space="preserve">{escape(words, quote=False)}</text>'
    )


def box(x: int, y: int, width: int, height: int) -> str:
    """Draw a box."""
    size = f'width="{width}" height="{height}"'
    return f'<rect x="{x}" y="{y}" {size} rx="6" class="box"/>'


def arrow(*points: tuple[int, int]) -> str:
    """Draw an arrow through some points; the last part leads down."""
    x, y = points[-1]
    path = " ".join(f"{px},{py}" for px, py in (*points[:-1], (x, y - 6)))
    head = f"{x - 5},{y - 9} {x + 5},{y - 9} {x},{y}"
    return (
        f'<polyline points="{path}" class="line"/>'
        f'<polygon points="{head}" class="head"/>'
    )
