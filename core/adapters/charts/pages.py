"""A paper as a PDF on A4: text flows, heads of tables come again on each page, charts have words for screen readers."""

import logging
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from unicodedata import bidirectional

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace
from matplotlib import get_data_path

from core.adapters.charts.figure import png
from core.adapters.charts.text import paragraph, short, width
from core.reports.page import Block, Figure, Heading, Page, Paper, Paragraph, Table

_FONT = "DejaVu"
_SIZES = {1: 20.0, 2: 15.0, 3: 12.0}
_TEXT, _SMALL = 10.5, 8.5
_MARGIN = 18.0
"""Millimetres."""
_INK, _GREY, _SHADE = (29, 28, 29), (105, 105, 105), (240, 240, 243)
_CELL = 300
"""Signs of a cell."""
_WIDEST = 40.0
"""Ordinary signs across a column, beyond which its texts are broken."""
_COLUMNS = 12
"""For more there is no room; the last one then says that there are more."""


class _Sheets(FPDF):
    """A document with a footer; its texts are never read as markup."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(format="A4")
        self.str_alias_nb_pages = ""  # or `{nb}` in a text would become a number
        self._footer = short(paper.footer, 90)
        self._level = 0
        for style, name in (("", "DejaVuSans"), ("B", "DejaVuSans-Bold")):
            self.add_font(_FONT, style, Path(get_data_path()) / "fonts" / "ttf" / f"{name}.ttf")
        self.set_auto_page_break(True, margin=_MARGIN)
        self.set_margin(_MARGIN)
        self.set_title(short(paper.title, 200))
        self.set_author(short(paper.author, 100))
        self.set_lang(paper.language)

    def shape(self, *texts: str) -> None:
        """Have letters joined and set from right to left where a text needs it; others are easier to search without."""
        self.set_text_shaping(any(bidirectional(sign) in ("R", "AL") for text in texts for sign in text))

    def outline(self, title: str, level: int) -> None:
        """Add a heading to the outline; one that leaves out a level is taken to be of that level."""
        self._level = min(level, self._level + 1)
        self.start_section(title, level=self._level - 1)

    def footer(self) -> None:
        """Write the foot of a page."""
        shaping = self.text_shaping  # of a table that goes on
        self.set_y(-_MARGIN + 4)
        self.set_font(_FONT, size=_SMALL)
        self.set_text_color(*_GREY)
        self.shape(self._footer)
        self.cell(self.epw / 2, 5, self._footer)
        self.cell(self.epw / 2, 5, str(self.page_no()), align="R")
        self.text_shaping = shaping


def pdf(paper: Paper) -> bytes:
    """Return a document."""
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    sheets = _Sheets(paper)
    for page in paper.pages or (Page(blocks=()),):
        sheets.add_page()
        for block in page.blocks:
            _set(sheets, block)
    return bytes(sheets.output())


def _set(sheets: _Sheets, block: Block) -> None:
    """Set one block below the last."""
    match block:
        case Heading():
            _heading(sheets, block)
        case Paragraph():
            sheets.set_font(_FONT, size=_SMALL if block.quiet else _TEXT)
            sheets.set_text_color(*(_GREY if block.quiet else _INK))
            text = paragraph(block.text)
            sheets.shape(text)
            sheets.multi_cell(0, 5.2, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            sheets.ln(2)
        case Table():
            _table(sheets, block)
        case Figure():
            _figure(sheets, block)


def _heading(sheets: _Sheets, heading: Heading) -> None:
    text, size = paragraph(heading.text) or " ", _SIZES[heading.level]
    if sheets.get_y() > sheets.h - 3 * _MARGIN:
        sheets.add_page()  # no heading is alone at the foot of a page
    sheets.set_font(_FONT, "B", size)
    sheets.set_text_color(*_INK)
    sheets.ln(3)
    sheets.outline(short(text, 80), heading.level)
    sheets.shape(text)
    sheets.multi_cell(0, size * 0.5, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheets.ln(2)


def _table(sheets: _Sheets, table: Table) -> None:
    rows = [_fitting(row, len(table.head)) for row in (table.head, *table.rows)]
    if not table.head:
        return
    sheets.set_font(_FONT, size=_SMALL)
    sheets.set_text_color(*_INK)
    sheets.shape(*(cell for row in rows for cell in row))
    with sheets.table(
        rows,
        text_align=tuple("RIGHT" if at in table.numbers else "LEFT" for at in range(len(rows[0]))),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        line_height=4.8,
        padding=(0.6, 1.2),
        headings_style=FontFace(emphasis="BOLD", fill_color=_SHADE),
        col_widths=_widths(rows),
    ):
        pass
    sheets.ln(4)


def _fitting(row: Sequence[str], columns: int) -> list[str]:
    """Return so many cells, cleaned; of too many columns those that fit."""
    cells = [short(cell, _CELL) for cell in row[:columns]] + [""] * (columns - len(row))
    return cells if columns <= _COLUMNS else [*cells[: _COLUMNS - 1], "…"]


def _widths(rows: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Return shares of the width: by the longest text of a column, within bounds."""
    widest = [min(max(map(width, column)), _WIDEST) for column in zip(*rows[:200], strict=True)]
    least = 0.4 * sum(widest) / len(widest)  # so that a sign fits however wide the others are
    return tuple(max(each, least, 1.0) for each in widest)


def _figure(sheets: _Sheets, figure: Figure) -> None:
    picture = BytesIO(png(figure.chart))
    sheets.image(picture, w=sheets.epw, alt_text=paragraph(figure.alt or figure.chart.title))
    sheets.ln(4)
