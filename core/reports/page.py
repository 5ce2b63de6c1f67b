"""What a document is made of, whoever sets it: headings, paragraphs, tables and charts, one below the other."""

from typing import Annotated, Literal

from pydantic import Field

from core.entities import Noun
from core.reports.chart import Chart


class Heading(Noun):
    """The title of what follows; headings become the document's outline."""

    kind: Literal["heading"] = "heading"
    text: str
    level: Literal[1, 2, 3] = 2


class Paragraph(Noun):
    """Plain text; lines break where it has line breaks. No markup is read in it."""

    kind: Literal["paragraph"] = "paragraph"
    text: str
    quiet: bool = False
    """Small and grey: a source, an assumption."""


class Table(Noun):
    """Rows of text under a head, which is repeated on each page."""

    kind: Literal["table"] = "table"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = Field(max_length=5_000)
    numbers: tuple[int, ...] = ()
    """Columns that are written to the right."""


class Figure(Noun):
    """A chart with the words for those who cannot see it."""

    kind: Literal["figure"] = "figure"
    chart: Chart
    alt: str = ""


Block = Annotated[Heading | Paragraph | Table | Figure, Field(discriminator="kind")]


class Page(Noun):
    """Blocks that begin on a fresh page and go on over as many as they need."""

    blocks: tuple[Block, ...] = Field(max_length=2_000)


class Paper(Noun):
    """A whole document, on A4."""

    title: str
    author: str = "Dexter"
    language: str = "en"
    pages: tuple[Page, ...] = Field(max_length=200)
    footer: str = ""
    """At the foot of each page, before its number."""
