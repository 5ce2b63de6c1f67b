"""What reports and campaigns need of whoever draws."""

from typing import Protocol

from core.reports.chart import Chart
from core.reports.page import Paper


class Press(Protocol):
    """Makes pictures and documents, away from everything else. What it makes is finished when it returns.

    Raises `Misconfigured` where what draws is not installed, and `Unavailable` where it is too busy or fails; a text
    that stands alone is then what people get.
    """

    async def png(self, chart: Chart, *, dark: bool = False) -> bytes:
        """Return a chart as a PNG of 1080 pixels across, readable on a phone."""

    async def pdf(self, paper: Paper) -> bytes:
        """Return a document as a PDF."""

    async def aclose(self) -> None:
        """End what draws."""
