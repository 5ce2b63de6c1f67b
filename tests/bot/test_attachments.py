"""Files that come with a request: what is read, what is left out or cut, and how that is said."""

import asyncio
import venv
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.attachments import Attachments, Offer, beside
from bot.attachments.gather import HELD, WAITING
from bot.attachments.process import Order, read_apart
from bot.attachments.words import WHY, why
from bot.settings import Documents
from bot.shapes import Attachment, Post, Prose, plain
from core.errors import Unavailable
from core.sentences import said

Fetch = Callable[[int], Awaitable[bytes]]
USUAL = Documents()
DATA = Path(__file__).parents[1] / "data" / "documents"
TABLE = "| region | euros | day |\n| --- | --- | --- |\n| North | 10.5 | 2026-01-01 |\n| South | 20 | 2026-01-02 |"
COLUMNS = "Columns:\n- region: text\n- euros: number, 10.5 to 20\n- day: date"


def holds(content: bytes) -> Fetch:
    async def fetch(_most: int) -> bytes:
        return content

    return fetch


def offer(name: str, content: bytes = b"words", kind: str = "", size: int | None = None) -> Offer:
    return Offer(name, len(content) if size is None else size, kind, holds(content))


async def read(name: str, content: bytes = b"", kind: str = "") -> Attachment:
    """Return one file that is read whole; without content it is one of the folder's."""
    found = await Attachments().gather([offer(name, content or (DATA / name).read_bytes(), kind)])
    assert [str(each) for each in found.unread] == []
    (file,) = found.files
    assert file.name == name
    return file


async def refused(name: str, content: bytes = b"", kind: str = "") -> str:
    """Return why one file is not read."""
    found = await Attachments().gather([offer(name, content or (DATA / name).read_bytes(), kind)])
    assert found.files == ()
    (sentence,) = found.unread
    return str(sentence)


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/json", "application/xml", "application/yaml", "application/x-sh",
     "application/octet-stream", "image/svg+xml", "application/vnd.api+json", "video/mp2t"],
)  # fmt: skip
async def test_whatever_is_text_is_read_as_it_stands_whatever_it_is_announced_as(kind: str) -> None:
    assert await read("a.ts", "\ufeffGrüße\r\n".encode(), kind) == Attachment("a.ts", "Grüße\r\n")


@pytest.mark.parametrize("content", ["Größe".encode("cp1252"), "Größe".encode("utf-16")])
async def test_text_from_older_programs_is_read_too(content: bytes) -> None:
    assert (await read("a.txt", content)).text == "Größe"


async def test_a_pdf_is_read_with_its_page_numbers() -> None:
    file = await read("plan.pdf")
    assert file.text == "[page 1]\nThe plan: move in March. Grüße\n\n[page 2]\nIt costs 12,000 euros."
    assert file.kind == "PDF, 2 pages"


async def test_a_word_file_is_read_with_headings_lists_and_tables() -> None:
    file = await read("plan.docx")
    table = "|  |  |\n| --- | --- |\n| what | euros |\n| servers | 12000 |"
    assert (file.text, file.kind) == (f"# The plan\n\nMove in March.\n\n- Ask Ada\n\n{table}", "Word")


async def test_slides_are_read_with_tables_and_notes() -> None:
    file = await read("plan.pptx")
    assert file.text.startswith("[slide 1]\nThe plan\nMove in March\nNotes: Say why\n\n[slide 2]\n| servers | 12000 |")
    assert file.kind == "PowerPoint, 2 slides"


@pytest.mark.parametrize(
    ("name", "sheets"), [("sales.xlsx", "2 sheets"), ("sales.xls", "1 sheet"), ("sales.ods", "1 sheet")]
)
async def test_of_a_spreadsheet_shape_columns_and_head_are_told_sheet_by_sheet(name: str, sheets: str) -> None:
    file = await read(name)
    assert f"Sheet 'Sales': 2 rows, 3 columns.\n\n{COLUMNS}\n\nAll rows:\n\n{TABLE}" in file.text
    assert file.kind == f"spreadsheet, {sheets}"
    assert ("Sheet 'Empty': empty." in file.text) == (name == "sales.xlsx")


@pytest.mark.parametrize("apart", [",", ";", "\t", "|"])
async def test_of_a_table_in_text_the_same_is_told(apart: str) -> None:
    rows = [["region", "euros", "day"], ["North", "10.5", "2026-01-01"], ["South", "20", "2026-01-02"]]
    file = await read("sales.csv", "\n".join(apart.join(row) for row in rows).encode(), "text/csv")
    assert file.text == f"The table: 2 rows, 3 columns.\n\n{COLUMNS}\n\nAll rows:\n\n{TABLE}"
    assert file.kind == "table"


async def test_a_long_table_is_counted_whole_and_shown_by_its_head() -> None:
    rows = [f"{at},{'yes' if at % 3 else ''},{at / 2}" for at in range(30_000)]
    text = (await read("long.csv", "\n".join(["n,flag,half", *rows]).encode())).text
    assert text.startswith("The table: 30,000 rows, 3 columns.")
    assert "- n: number, 0 to 29999\n- flag: text, 10,000 empty\n- half: number, 0 to 14999.5" in text
    assert "The first 20 rows:" in text
    assert len(text) < 1000


async def test_rich_text_mail_and_web_pages_are_read() -> None:
    assert (await read("note.rtf")).text == "Move in March. Grüße\nAsk Ada."
    heads = "From: Ada <ada@example.org>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/html\r\n\r\n"
    mail = await read("a.eml", f"{heads}<p>Move <b>now</b>.".encode())
    assert mail == Attachment("a.eml", "From: Ada <ada@example.org>\nSubject: Grüße\n\nMove **now**.\n", "e-mail")
    page = f"<html><title>Plan</title><script>steal()</script><h1>Move</h1><ul>{'<li>a point</li>' * 1000}</ul>"
    text = (await read("page.html", page.encode())).text
    assert text.startswith("Plan\n\n# Move\n\n- a point\n- a point")
    assert "steal" not in text
    assert (await read("small.html", b"<p class=x>Hi</p>")).text == "<p class=x>Hi</p>"


async def test_what_a_file_is_its_bytes_say_and_not_its_name() -> None:
    assert (await read("plan.bin", (DATA / "plan.pdf").read_bytes(), "text/plain")).kind == "PDF, 2 pages"
    assert (await read("plan.pdf", (DATA / "plan.docx").read_bytes(), "application/pdf")).kind == "Word"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("a.pdf", b"only words", "other"), ("a.exe", b"MZ\x90\0\3", "other"), ("a.txt", b"a\0b", "other"),
     ("a.txt", b" \n ", "empty"), ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "legacy"),
     ("locked.pdf", b"", "locked"), ("locked.docx", b"", "locked")],
)  # fmt: skip
async def test_what_cannot_be_read_is_refused_with_its_reason(name: str, content: bytes, code: str) -> None:
    assert await refused(name, content) == str(why(code, name))


async def test_a_zip_archive_goes_along_unread_for_the_commands_that_take_one() -> None:
    found = await Attachments().gather([offer("a.zip", content := b"PK\x03\x04" + bytes(30), "application/zip")])
    assert found.files == (Attachment("a.zip", kind="zip archive", text="", content=content),)
    assert found.unread == ()


async def test_a_pdf_of_pictures_alone_says_so() -> None:
    assert await refused("scanned.pdf") == str(why("scanned", "scanned.pdf", pages=2))


async def test_sound_and_video_are_not_even_fetched() -> None:
    async def fetch(_most: int) -> bytes:
        raise AssertionError

    for kind in ("audio/mpeg", "video/mp4"):
        found = await Attachments().gather([Offer("a", 9_000, kind, fetch)])
        assert found.unread == (why("sound", "a"),)


async def test_a_file_may_have_so_many_bytes_whatever_the_platform_says_of_its_size() -> None:
    much = b"x" * (USUAL.bytes + 1)
    found = await Attachments().gather([offer("a.txt", size=50_000_000), offer("b.txt", much, size=10)])
    assert found.files == ()
    assert [str(each) for each in found.unread] == [
        "a.txt has 50,000,000 bytes; a file may have 20,000,000.",
        "b.txt has 20,000,001 bytes; a file may have 20,000,000.",
    ]


async def test_long_files_share_the_room_and_are_cut_at_a_paragraph_with_a_note() -> None:
    long = b"One paragraph.\n\n" * 3000
    files = Attachments(Documents(characters=10_000))
    found = await files.gather([offer("a.md", long), offer("b.md", b"short"), offer("c.md", long)])
    assert [file.name for file in found.files] == ["a.md", "b.md", "c.md"]
    assert found.files[1].text == "short"
    for file in (found.files[0], found.files[2]):
        assert 4_800 < len(file.text) < 5_100
        assert file.text.endswith("One paragraph.\n\n[… cut here: in all there are 48,000 characters …]")
    assert [str(each) for each in found.unread] == [
        "a.md is long: I read about 4,997 of its 48,000 characters.",
        "c.md is long: I read about 4,998 of its 48,000 characters.",
    ]


async def test_the_first_files_are_read_where_there_are_too_many() -> None:
    found = await Attachments().gather([offer(f"{n}.txt") for n in range(USUAL.count + 2)])
    assert [file.name for file in found.files] == [f"{n}.txt" for n in range(USUAL.count)]
    assert [str(each) for each in found.unread] == ["5.txt, 6.txt: a question may come with 5 files."]


async def test_a_file_that_does_not_come_costs_its_time_once_and_not_the_others() -> None:
    async def never(_most: int) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    async def refuses(_most: int) -> bytes:
        raise Unavailable("c.txt is gone.")

    found = await Attachments().gather(
        [Offer("a.txt", 1, "", never), offer("b.txt"), Offer("c.txt", 1, "", refuses)], seconds=3
    )
    assert [file.name for file in found.files] == ["b.txt"]
    assert [str(each) for each in found.unread] == [
        "a.txt did not arrive in time. Please attach it again.",
        "c.txt is gone.",
    ]


async def test_more_files_than_can_wait_are_sent_away_and_the_others_are_read() -> None:
    files = Attachments(Documents(count=20))
    crowd = [files.gather([offer(f"{at}.txt") for at in range(20)]) for _ in range(3)]
    found = await asyncio.gather(*crowd)
    away = [each for one in found for each in one.unread]
    assert len(away) == 60 - WAITING - 2
    assert {each.template for each in away} == {WHY["busy"]}
    assert sum(len(one.files) for one in found) == WAITING + 2


async def test_more_bytes_than_may_wait_are_sent_away() -> None:
    files = Attachments()
    crowd = [
        files.gather([offer(f"{at}.txt", b"x" * USUAL.bytes)], seconds=60) for at in range(HELD // USUAL.bytes + 3)
    ]
    away = [str(each) for one in await asyncio.gather(*crowd) for each in one.unread if each.template == WHY["busy"]]
    assert len(away) == 1


async def test_without_the_extra_text_is_read_and_the_rest_says_what_to_install(tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=False, symlinks=True)
    (packages,) = tmp_path.glob("lib/python*/site-packages")
    (packages / "dexter.pth").write_text(str(DATA.parents[2]))
    bare = str(tmp_path / "bin" / "python")
    order = Order(suffix=".txt", media="", characters=100, seconds=10)
    assert (await read_apart(b"words", order, bare)).text == "words"
    for name in ("plan.pdf", "plan.docx", "plan.pptx", "sales.xlsx", "note.rtf"):
        outcome = await read_apart((DATA / name).read_bytes(), order, bare)
        assert str(why(outcome.refused, name)).startswith(f"To read {name}, I need what `make setup` installs")


def test_what_could_not_be_read_is_said_beside_the_reply_or_alone_to_the_person() -> None:
    assert beside(None, ()) is None
    assert beside(plain("Yes."), ()) == plain("Yes.")
    sentence = said("{name} is gone.", name="a.png")
    alone = beside(None, (sentence,))
    assert alone is not None
    assert alone.private
    (told,) = alone.parts
    assert told == Prose("About your files:\n\n- a.png is gone.")
    assert beside(plain("Yes."), (sentence,)) == Post((Prose("Yes."), told))
