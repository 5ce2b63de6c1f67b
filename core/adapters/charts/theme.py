"""How charts look: two grounds, and seven looks that differ in colour, marker, dash and hatch alike."""

from collections.abc import Mapping
from typing import NamedTuple

from core.reports.chart import Look

INK_SIZE = 14.0
"""Points at 150 dots an inch: some 10 pixels where a picture of 1080 is shown 360 across."""
DOTS = 150
WIDTH, HEIGHT, TALLEST = 7.2, 4.8, 9.6
"""Inches: 1080 by 720 pixels, and up to 1440 where there are many rows."""


class Pen(NamedTuple):
    """One series' look."""

    colour: str
    marker: str
    dash: str | tuple[int, tuple[float, ...]]
    hatch: str


class Theme(NamedTuple):
    """One ground and what is drawn on it."""

    ground: str
    ink: str
    faint: str
    """Grids and frames."""
    pens: tuple[Pen, ...]
    heat: str
    """A colour map of matplotlib's."""

    def rc(self) -> dict[str, object]:
        """Return matplotlib's settings; no text is read as mathematics."""
        return {
            "font.family": ["DejaVu Sans"], "font.size": INK_SIZE, "text.parse_math": False, "text.usetex": False,
            "figure.facecolor": self.ground, "savefig.facecolor": self.ground, "axes.facecolor": self.ground,
            "text.color": self.ink, "axes.labelcolor": self.ink, "axes.edgecolor": self.faint,
            "xtick.color": self.ink, "ytick.color": self.ink, "grid.color": self.faint, "grid.linewidth": 0.6,
            "axes.grid": False, "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True,
            "axes.unicode_minus": True, "hatch.linewidth": 1.0, "legend.frameon": False,
        }  # fmt: skip

    def look(self, look: Look) -> Pen:
        """Return how a bar of a Gantt looks."""
        return self.pens[_LOOKS[look]]


_SHAPES: tuple[tuple[str, str | tuple[int, tuple[float, ...]], str], ...] = (
    ("o", "-", ""), ("s", "--", "//"), ("^", "-.", ".."), ("D", ":", "xx"), ("v", (0, (5, 1, 1, 1, 1, 1)), "\\\\"),
    ("P", (0, (8, 2)), "++"), ("X", (0, (1, 2)), "oo"),
)  # fmt: skip
_LOOKS: Mapping[Look, int] = {
    "met": 2, "running": 0, "waiting": 1, "ahead": 6, "maybe": 3, "failed": 4, "skipped": 5,
}  # fmt: skip


def _pens(*colours: str) -> tuple[Pen, ...]:
    return tuple(Pen(colour, *shape) for colour, shape in zip(colours, _SHAPES, strict=True))


# Okabe and Ito's colours, told apart by all kinds of colour vision: https://jfly.uni-koeln.de/color/ ; on the dark
# ground the lighter ones, on the light ground the darker ones, so that each stands out from it (3 to 1 or more).
LIGHT = Theme(
    "#ffffff", "#1d1c1d", "#b8b8b8",
    _pens("#0072b2", "#b05a00", "#00795a", "#a8508c", "#c22f2f", "#6b6b6b", "#3d7ea6"), "cividis",
)  # fmt: skip
DARK = Theme(
    "#1a1d21", "#e8e8e8", "#5c6068",
    _pens("#56b4e9", "#e69f00", "#2fc39a", "#dd8fbd", "#ff7a66", "#b0b0b0", "#8ab6d6"), "cividis",
)  # fmt: skip
