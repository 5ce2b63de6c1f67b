"""What goes out with a report: CSV that calculates nothing, Parquet, a document, a letter, files in one folder."""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.charts.charts import Charts
from core.adapters.folder import Folder
from core.adapters.parquet import parquet
from core.errors import BadRequest, Misconfigured, Unavailable
from core.reports.chart import Chart
from core.reports.files import File, Files
from core.reports.letter import Letter, Parts, html, plain
from core.reports.page import Paper
from core.reports.paper import paper
from core.reports.period import Period
from core.reports.report import Figure, Report, Section, table
from core.reports.sending import mailed, shelved
from core.reports.sheets import MARK, csv_of, written

SHEET = table("people", [("person", "text"), ("cost", "dollars"), ("share", "share")],
              [("=cmd|' /C calc'!A0", 1.25, 0.5), ("Ada, “A”\nB", -3, None), ("@x", 7, 0.123)])  # fmt: skip
CHART = Chart(kind="bars", title="Wins <script>", names=("a",))
REPORT = Report(
    kind="usage",
    title="Use & <b>spending</b>",
    period=Period(first=date(2026, 11, 1), last=date(2026, 11, 15)),
    made_at=datetime(2026, 11, 16, 9, tzinfo=UTC),
    words=("Cost: $1.00 <img src=x onerror=alert(1)>.",),
    summary="All went well.\n\nIt cost $1.",
    members=("ann",),
    figures={"cost": Figure(label="cost", value=1.0, before=2.0, unit="dollars")},
    sections=(Section(heading="By person", table=SHEET, chart=CHART),),
)


class Drawing:
    """A press that makes short files."""

    def __init__(self, fault: Exception | None = None) -> None:
        self._fault = fault

    async def png(self, chart: Chart, *, dark: bool = False) -> bytes:
        if self._fault:
            raise self._fault
        return b"\x89PNG" + chart.title.encode()

    async def pdf(self, paper: Paper) -> bytes:
        if self._fault:
            raise self._fault
        return b"%PDF" + paper.title.encode()

    async def aclose(self) -> None:
        pass


def test_a_csv_has_exact_values_and_nothing_that_a_spreadsheet_would_calculate() -> None:
    content = written(SHEET).decode()
    assert content.startswith(MARK)
    assert [*csv.reader(io.StringIO(content.removeprefix(MARK)))] == [
        ["person", "cost", "share"],
        ["'=cmd|' /C calc'!A0", "1.25", "0.5"],
        ["Ada, “A”\nB", "-3", ""],
        ["'@x", "7", "0.123"],
    ]


@given(st.lists(st.lists(st.text(max_size=12) | st.none() | st.integers(), min_size=1, max_size=4), max_size=4))
def test_no_cell_of_a_csv_begins_as_a_formula_and_each_is_read_back(rows: list[list[str | int | None]]) -> None:
    read = [*csv.reader(io.StringIO(csv_of(rows), newline=""))]
    for line in read:
        for cell in line:
            number = cell.lstrip("-").isdigit()
            assert number or not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


async def test_a_parquet_file_is_read_back_with_its_types(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(await parquet(SHEET.but(rows=(("ä🦊", 1.5, None), (None, 2, 0.5)))))
    read = pyarrow.parquet.read_table(tmp_path / "t.parquet")
    assert read.to_pydict() == {"person": ["ä🦊", None], "cost": [1.5, 2.0], "share": [None, 0.5]}
    assert [str(kind) for kind in read.schema.types] == ["string", "double", "double"]


async def test_an_empty_parquet_file_has_its_columns(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(await parquet(table("t", [("a", "text"), ("a", "count")], [])))
    assert pyarrow.parquet.read_table(tmp_path / "t.parquet").column_names == ["a", "a 2"]


async def test_a_report_has_the_files_that_were_asked_for_and_its_pictures_with_words() -> None:
    files = Files(Drawing(), parquet)
    report = REPORT.but(formats=("pdf", "csv", "parquet"))
    made = await files.wanted(report, str)
    assert [each.name for each in made.files] == [
        "usage-2026-11-01..2026-11-15.pdf", "usage-people.csv", "usage-people.parquet",
    ]  # fmt: skip
    assert made.lacking == ()
    (picture,) = (await files.pictures(report, str)).files
    assert (picture.name, picture.media) == ("usage-1.png", "image/png")
    assert picture.alt.startswith("Wins <script>.")


@pytest.mark.parametrize("fault", [Misconfigured("There is no matplotlib."), Unavailable("Too busy.")])
async def test_what_cannot_be_drawn_is_said_and_keeps_nothing_else_back(fault: Exception) -> None:
    files = Files(Drawing(fault), parquet)
    made = await files.wanted(REPORT.but(formats=("pdf", "csv")), str)
    assert [each.name for each in made.files] == ["usage-people.csv"]
    assert [str(each) for each in made.lacking] == [f"There is no PDF: {fault}"]
    assert [str(each) for each in (await files.pictures(REPORT, str)).lacking] == [str(fault)]


async def test_a_real_picture_and_a_real_document_are_made(tmp_path: Path) -> None:
    charts = Charts(tmp_path)
    try:
        files = Files(charts, parquet)
        (picture,) = (await files.pictures(REPORT, str)).files
        (document,) = (await files.wanted(REPORT.but(formats=("pdf",)), str)).files
    finally:
        await charts.aclose()
    assert picture.content.startswith(b"\x89PNG")
    assert document.content.startswith(b"%PDF")
    assert len(document.content) > 5_000


def test_a_document_has_all_of_a_report() -> None:
    made = paper(REPORT, str)
    kinds = [block.kind for block in made.pages[0].blocks]
    assert kinds == ["heading", "paragraph", "paragraph", "paragraph", "table", "heading", "figure", "table"]
    assert made.footer == "Use & <b>spending</b>, made on 2026-11-16 09:00 UTC"


def test_a_letter_escapes_what_people_and_models_wrote_and_shows_its_charts() -> None:
    picture = File("usage-1.png", "image/png", b"x", "wins")
    written = html(Parts(REPORT, str, {CHART.title: picture}))
    assert "<script>" not in written
    assert "<img src=x" not in written
    assert "&lt;img src=x onerror=alert(1)&gt;" in written
    assert '<img src="cid:usage-1.png" alt="Wins &lt;script&gt;.' in written
    assert "<td" in written
    assert "All went well.<br><br>It cost $1." in written
    text = plain(Parts(REPORT, str))
    assert text.startswith("Use & <b>spending</b>\n=====")
    assert "cost: $1.00" in text
    assert "A summary by the committee (ann)" in text


class Box:
    """A mail that keeps its letters."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def check(self, address: str) -> None:
        pass

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)


async def test_a_report_is_mailed_with_its_pictures_in_it_and_its_files_behind_it() -> None:
    box = Box()
    await mailed(REPORT.but(formats=("csv",)), "run.ada", "ada@example.org", box, Files(Drawing(), parquet), str)
    (letter,) = box.letters
    assert (letter.key, letter.to, letter.subject) == ("run.ada", "ada@example.org", REPORT.title)
    assert [each.name for each in letter.pictures] == ["usage-1.png"]
    assert [each.name for each in letter.files] == ["usage-people.csv"]
    assert "cid:usage-1.png" in letter.html


async def test_a_report_is_put_into_a_folder_whole_and_again_in_its_own_place(tmp_path: Path) -> None:
    shelf, files = Folder(tmp_path / "reports"), Files(Drawing(), parquet)
    for _ in range(2):
        path = await shelved(REPORT, "weekly", shelf, files, str)
    assert path == tmp_path / "reports" / "weekly"
    assert sorted(each.name for each in path.iterdir()) == [
        "usage-2026-11-01..2026-11-15-1.png",
        "usage-2026-11-01..2026-11-15-people.csv",
        "usage-2026-11-01..2026-11-15.txt",
    ]


@pytest.mark.parametrize(
    "folder",
    ["..", "../etc", "/etc", "a/../../b", "a//b", "link", "link/x", "~root", "a\0b", "a\nb", ".hidden", "C:\\x"],
)
async def test_nothing_is_put_outside_of_the_folder(tmp_path: Path, folder: str) -> None:
    root = tmp_path / "reports"
    root.mkdir()
    (tmp_path / "outside").mkdir()
    (root / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(BadRequest, match="is not a folder below the one for reports"):
        await Folder(root).put(folder, {"x.txt": b"x"})
    assert [*(tmp_path / "outside").iterdir()] == []
    assert [each.name for each in root.iterdir()] == ["link"]


async def test_without_a_folder_nothing_is_put_anywhere() -> None:
    with pytest.raises(Misconfigured, match=r"reports\.folder"):
        await Folder(None).put(".", {"x": b"x"})


async def test_a_folder_that_cannot_be_written_is_a_sentence_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable, match="cannot be written"):
        await Folder(tmp_path).put("file", {"x.txt": b"x"})
    (tmp_path / "d" / "x.txt").mkdir(parents=True)
    with pytest.raises(Unavailable, match="cannot be written"):
        await Folder(tmp_path).put("d", {"x.txt": b"x"})
    assert [each.name for each in (tmp_path / "d").iterdir()] == ["x.txt"]
