"""What passes between Dexter and the drawing process: eight bytes of length and an order; a line and what was drawn."""

from core.entities import Noun
from core.reports.chart import Chart
from core.reports.page import Paper


class Order(Noun):
    """What is to be drawn: a chart as PNG, or a paper as PDF."""

    chart: Chart | None = None
    paper: Paper | None = None
    dark: bool = False


class Answer(Noun):
    """The line before what was drawn."""

    size: int = 0
    """Bytes that follow."""
    fault: str = ""
    """`extra`: a library is missing; `memory`: too little of it; else the name of an error; empty: none."""
