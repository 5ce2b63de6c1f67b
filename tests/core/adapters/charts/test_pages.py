"""Papers: every block is there, over as many pages as it needs, and nothing in a text is read as markup."""

import pypdfium2
import pytest

from core.adapters.charts.pages import pdf
from core.reports.chart import Chart, Series
from core.reports.page import Figure, Heading, Page, Paper, Paragraph, Table

CHART = Chart(kind="bars", title="Spent", names=("a", "b"), series=(Series(label="now", y=(1, 2)),))


def paper(*blocks, **more):
    return Paper(title="Report $x$", pages=(Page(blocks=blocks),), **more)


def opened(paper):
    return pypdfium2.PdfDocument(pdf(paper))


def text(document):
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_headings_make_the_outline_and_the_title_is_the_documents():
    found = opened(paper(Heading(text="One", level=1), Heading(text="Deep", level=3), Paragraph(text="words")))
    assert [each.get_title() for each in found.get_toc()] == ["One", "Deep"]
    assert found.get_metadata_dict()["Title"] == "Report $x$"


def test_texts_are_taken_to_the_letter():
    said = "**bold** <b>b</b> $x^2$ [a](http://x) {nb} --u--"
    assert said in text(opened(paper(Paragraph(text=said)))).replace("\r\n", " ")
    assert "**x**" in text(opened(paper(Table(head=("**x**",), rows=(("__y__",),)))))


def test_a_long_table_goes_on_and_its_head_comes_again():
    rows = tuple((f"model {at}", f"{at}.00") for at in range(120))
    found = opened(paper(Table(head=("Model", "Cost ($)"), rows=rows, numbers=(1,))))
    assert len(found) >= 3
    assert all("Cost ($)" in page.get_textpage().get_text_range() for page in found)
    assert all(f"model {at}" in text(found) for at in (0, 60, 119))


def test_a_chart_is_a_picture_with_its_words():
    drawn = pdf(paper(Figure(chart=CHART, alt="now: a 1, b 2.")))
    assert b"/Subtype /Image" in drawn
    assert b"/Alt" in drawn


def test_pages_are_numbered_and_footed():
    found = opened(Paper(title="t", footer="November 2026", pages=(Page(blocks=()), Page(blocks=()))))
    assert [page.get_textpage().get_text_range().split() for page in found] == [
        ["November", "2026", str(at)] for at in (1, 2)
    ]


@pytest.mark.parametrize(
    "blocks",
    [
        (),
        (Heading(text=""), Paragraph(text=""), Table(head=(), rows=()), Table(head=("a",), rows=())),
        (Heading(text="W" * 5000), Paragraph(text="W" * 50_000)),
        (Paragraph(text="שלום \u202e 日本語 😀 \x00\x1b[0m \ud800 مرحبا"),),
        (Table(head=tuple("abcdefghijklmnopqrst"), rows=(("1",) * 25, ("2",), ("W" * 9000,) * 20), numbers=(1, 99)),),
        (Table(head=("a", "b"), rows=(("x" * 4000, "y" * 4000),) * 30),),
        tuple(Figure(chart=CHART) for _ in range(3)),
        tuple(Heading(text=f"{at}", level=at % 3 + 1) for at in range(80)),
    ],
)
def test_no_block_is_too_odd_to_be_set(blocks):
    assert len(opened(paper(*blocks))) >= 1


def test_a_paper_without_pages_has_one():
    assert len(opened(Paper(title="", pages=()))) == 1


def test_scripts_from_right_to_left_stand_so():
    assert "שלום" in text(opened(paper(Paragraph(text="He said שלום to all"))))
