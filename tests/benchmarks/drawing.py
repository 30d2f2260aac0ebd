"""A small SVG: shapes and texts that can be read on light and on dark ground."""

from html import escape
from typing import Final, final

from attrs import define, field

STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #1f2328; }
.soft { fill: #59636e; }
.strong { font-weight: 600; }
.axis { stroke: #d1d9e0; stroke-width: 1; }
.typedws { fill: #2563eb; stroke: #2563eb; }
.base { fill: #8c959f; stroke: #8c959f; }
.starlette { fill: #d97706; stroke: #d97706; }
.litestar { fill: #0d9488; stroke: #0d9488; }
.other { fill: #a78bfa; stroke: #a78bfa; }
rect { stroke: none; }
.range { stroke: #1f2328; stroke-width: 1; }
.gap { stroke: #ffffff; stroke-width: 3; }
polyline { fill: none !important; stroke-width: 2; }
text.typedws, text.base, text.starlette, text.litestar, text.other { stroke: none; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .soft { fill: #9198a1; }
  .axis { stroke: #3d444d; }
  .typedws { fill: #60a5fa; stroke: #60a5fa; }
  .starlette { fill: #f59e0b; stroke: #f59e0b; }
  .litestar { fill: #2dd4bf; stroke: #2dd4bf; }
  .range { stroke: #e6edf3; }
  .gap { stroke: #0d1117; }
}
"""


@final
@define(eq=False)
class Drawing:
    """
    An SVG that grows.

    Attributes:
        width: Its width.
        title: What a screen reader says.
    """

    width: int
    title: str
    _parts: list[str] = field(factory=list[str], init=False)

    def text(
        self, x: float, y: float, text: str, kind: str = "", anchor: str = "start"
    ) -> None:
        """Write something; `y` is the line on which the letters stand."""
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">'
            f"{escape(text)}</text>"
        )

    def bar(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Draw a bar."""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:.1f}" height="{height:g}" '
            f'rx="2" class="{kind}"/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str) -> None:
        """Draw a line."""
        self._parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'class="{kind}"/>'
        )

    def curve(
        self, points: list[tuple[float, float]], kind: str, dashes: str = ""
    ) -> None:
        """Draw a line through points, with a dot at each."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(
            f'<polyline points="{path}" class="{kind}" stroke-dasharray="{dashes}"/>'
        )
        for x, y in points:
            self._parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" class="{kind}"/>'
            )

    def svg(self, height: int) -> str:
        """Return all of it."""
        parts = "\n".join(self._parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
            f'viewBox="0 0 {self.width} {height}" '
            f'width="{self.width}" height="{height}">\n'
            f"<title>{escape(self.title)}</title>\n"
            f"<style>{STYLE}</style>\n{parts}\n</svg>\n"
        )
