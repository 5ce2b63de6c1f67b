"""Files that were made to do harm: each is refused or cut with its reason, in its time, and holds up no other."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from bot.attachments import Attachments, Gathered, Offer
from bot.attachments.process import MEMORY, Order, Outcome, _understood, read_apart
from bot.attachments.words import WHY, why
from bot.settings import Documents
from tests.doubles import hostile_files as made

ROOM = Documents(seconds=20)


def offer(name: str, content: bytes) -> Offer:
    async def fetch(most: int) -> bytes:
        return content[: most + 1]

    return Offer(name, 0, "", fetch)


async def gathered(name: str, content: bytes, limits: Documents = ROOM) -> Gathered:
    """Read a hostile file beside an innocent one, which always comes through."""
    found = await Attachments(limits).gather([offer(name, content), offer("good.txt", b"good")])
    assert found.files[-1].text == "good"
    return found


async def refused(name: str, content: bytes, limits: Documents = ROOM) -> str:
    found = await gathered(name, content, limits)
    assert len(found.files) == 1
    (sentence,) = found.unread
    return str(sentence)


async def test_a_zip_bomb_is_refused_before_it_is_opened() -> None:
    bomb = made.zip_bomb(100)
    assert len(bomb) < 1_000_000
    assert await refused("bomb.docx", bomb) == str(why("bomb", "bomb.docx", megabytes=100))


async def test_a_zip_bomb_that_lies_about_its_size_gives_no_more_than_it_says() -> None:
    assert await refused("lie.docx", made.lying_zip_bomb()) == str(why("broken", "lie.docx"))


async def test_archives_in_archives_are_not_opened() -> None:
    assert await refused("nested.docx", made.nested_zip()) == str(why("broken", "nested.docx"))


async def test_a_billion_laughs_are_refused_before_they_are_parsed() -> None:
    assert await refused("laughs.docx", made.billion_laughs()) == str(why("entities", "laughs.docx"))


async def test_a_word_file_cannot_fetch_a_file_of_the_machine() -> None:
    found = await gathered("thief.docx", made.outside_entity())
    assert "root:" not in "".join(file.text for file in found.files)


async def test_a_spreadsheet_of_two_cells_17_billion_apart_is_refused() -> None:
    assert await refused("far.xlsx", made.far_cells()) in [str(why(code, "far.xlsx")) for code in ("broken", "crash")]


async def test_an_image_of_2500_megapixels_is_refused_by_its_head() -> None:
    assert await refused("big.png", made.image_bomb()) == str(why("pixels", "big.png", width=50_000, height=50_000))


async def test_what_takes_more_memory_than_it_may_is_refused() -> None:
    order = Order(suffix=".png", media="", characters=1000, seconds=20, memory=200 << 20)
    assert (await read_apart(made.image_bomb(8000, 8000), order)).refused in ("memory", "broken", "crash")
    assert MEMORY == 1 << 30


async def test_what_takes_more_time_than_it_may_is_refused() -> None:
    endless = b"<div>" * 400_000 + b"x"
    assert await refused("slow.html", endless, Documents(seconds=3)) == str(why("time", "slow.html"))


async def test_processor_time_is_bounded_too() -> None:
    order = Order(suffix=".html", media="", characters=1000, seconds=1)
    assert (await read_apart(b"<div>" * 400_000 + b"x", order)).refused == "time"


async def test_a_pdf_of_10_000_pages_is_cut_and_says_so() -> None:
    found = await gathered("long.pdf", made.pdf(10_000, "Words on a page."), Documents(characters=20_000))
    assert found.files[0].kind == "PDF, 10,000 pages"
    assert len(found.files[0].text) < 20_200
    assert "pages …]" in found.files[0].text[-80:]
    assert "of its 10,000 pages." in str(found.unread[0])


async def test_a_file_of_50_mb_is_refused_by_its_size() -> None:
    sentence = await refused("big.txt", b"x" * 50_000_000)
    assert sentence == "big.txt has 20,000,001 bytes; a file may have 20,000,000."


async def test_a_table_of_100_000_columns_is_told_in_brief() -> None:
    wide = (",".join(f"c{at}" for at in range(100_000)) + "\n" + ",".join("1" * 100_000)).encode()
    (file, _) = (await gathered("wide.csv", wide)).files
    assert file.text.startswith("The table: 1 rows, 100,000 columns.")
    assert "- and 99,800 more columns" in file.text
    assert len(file.text) < 10_000


@pytest.mark.parametrize("name", ["plan.pdf", "plan.docx", "plan.pptx", "sales.xlsx", "sales.xls", "sales.ods"])
@pytest.mark.parametrize("harm", ["cut", "stirred"])
async def test_a_damaged_file_is_refused_or_read_as_far_as_it_goes(name: str, harm: str) -> None:
    whole = (Path(__file__).parents[1] / "data" / "documents" / name).read_bytes()
    half = len(whole) // 2
    stirred = whole[:half] + bytes(byte ^ 0x55 for byte in whole[half : half + 200]) + whole[half + 200 :]
    broken = whole[:half] if harm == "cut" else stirred
    found = await gathered(name, broken)
    read = [file.name for file in found.files[:-1]]
    assert read == [name] if not found.unread else str(found.unread[0]).startswith(name)


@pytest.mark.parametrize("end", [signal.SIGSEGV, signal.SIGKILL])
async def test_a_reader_that_dies_is_a_sentence_and_it_had_nothing_of_dexters_to_give_away(end: int) -> None:
    reading = asyncio.create_task(refused("evil.html", b"<div>" * 400_000))
    child = await _reader()
    assert child.environ() == {}
    assert child.cwd() != str(Path.cwd())
    assert os.getsid(child.pid) == child.pid
    child.send_signal(end)
    assert await reading == str(why("crash", "evil.html"))


async def test_whoever_stops_waiting_leaves_no_process_behind() -> None:
    reading = asyncio.create_task(gathered("evil.html", b"<div>" * 400_000))
    child = await _reader()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    with suppress(psutil.NoSuchProcess):
        assert child.status() == psutil.STATUS_ZOMBIE


async def _reader() -> psutil.Process:
    """Return the process that reads the large file; the innocent one's is soon gone."""
    while True:
        for child in psutil.Process().children():
            with suppress(psutil.NoSuchProcess):  # what has ended meanwhile
                if "bot.reader" in " ".join(child.cmdline()) and child.cpu_times().user > 0.3:
                    return child
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "answer",
    [b"", b"{", b"[]", b"null", b'{"text": 1}', b'{"said": "Send me your password."}', b"[" * 100_000,
     json.dumps({"text": "x" * 1001}).encode(), json.dumps({"media": "text/html", "image": "PHNjcmlwdD4="}).encode(),
     json.dumps({"media": "image/png", "image": "PHNjcmlwdD4="}).encode(),
     json.dumps({"image": "iVBORw0KGgo"}).encode(),
     json.dumps({"media": "image/png", "image": "iVBORw0KGgo" + "A" * 1_500_000}).encode()],
)  # fmt: skip
def test_an_answer_that_no_honest_reader_gives_is_not_believed(answer: bytes) -> None:
    order = Order(suffix="", media="", characters=1000, seconds=1)
    assert _understood(answer, order, 0) == Outcome(refused="crash")


def test_a_reader_cannot_put_words_into_dexters_mouth() -> None:
    assert why("Send me your password", "a.txt").template == WHY["crash"]
    assert why("scanned", "a.txt").template == WHY["crash"]
    assert why("scanned", "a.txt", pages=3, more=4).template == WHY["scanned"]


ATTEMPTS = {
    "a file": "open('/etc/hostname')",
    "a new file": "open('/tmp/dexter-was-here', 'w')",
    "its parent's environment": "open(f'/proc/{os.getppid()}/environ')",
    "a connection": "socket.create_connection(('127.0.0.1', 9))",
    "a socket": "socket.socket(socket.AF_UNIX)",
    "a process": "os.fork()",
    "a program": "os.execv('/bin/true', ['true'])",
    "a signal": "os.kill(os.getppid(), 0)",
    "more room": "resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)); open('/etc/hostname')",
}


@pytest.mark.skipif(sys.platform != "linux", reason="the filter of system calls is Linux's")
@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_behind_the_walls_nothing_is_to_be_had(attempt: str) -> None:
    program = f"""
import os, resource, socket
from bot.reader.confine import limit, lock
from bot.reader.found import Order
limit(Order("", "", 10, 5, 1 << 30))
walls = lock()
try:
    {attempt}
except (OSError, ValueError) as error:
    os.write(1, f"refused, behind {{walls}}".encode())
else:
    os.write(1, b"granted")
"""
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == "refused, behind ('limits', 'seccomp')", done.stderr
