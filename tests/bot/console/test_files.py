"""Files in the terminal: named, or sent through a pipe, under the same bounds as in every chat."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bot.console.files import given
from bot.settings import Documents
from bot.words import ENGLISH
from core.errors import BadRequest
from tests.doubles import house
from tests.doubles.terminal import environment

DATA = Path(__file__).parents[2] / "data" / "documents"
LIMITS = Documents(characters=1000)


async def test_files_of_every_kind_are_read() -> None:
    plan, sales = await given([DATA / "plan.pdf", DATA / "sales.xlsx"], LIMITS, ENGLISH, piped=False)
    assert (plan.name, plan.kind) == ("plan.pdf", "PDF, 2 pages")
    assert "Sheet 'Sales'" in sales.text


async def test_a_long_file_is_cut_and_that_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "long.txt").write_text("A paragraph.\n\n" * 1000)
    (file,) = await given([tmp_path / "long.txt"], LIMITS, ENGLISH, piped=False)
    assert len(file.text) < 1100
    assert "long.txt is long" in capsys.readouterr().err


async def test_nothing_is_asked_without_a_file_that_was_named(tmp_path: Path) -> None:
    (tmp_path / "b.bin").write_bytes(b"\xff\xfe\x00\x01\x02")
    (tmp_path / "c.txt").write_text("x" * 2000)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    tight = Documents(bytes=1000)
    cases = {
        tmp_path / "no": "cannot be read: No such file",
        tmp_path / "loop": "cannot be read: Too many levels of symbolic links",
        tmp_path / "zero": "is not a file",
        tmp_path: "is not a file",
        tmp_path / "c.txt": "c.txt has 1,001 bytes",
        DATA / "locked.pdf": "protected by a password",
    }
    for path, says in cases.items():
        with pytest.raises(BadRequest, match=says):
            await given([path], tight if path.name == "c.txt" else LIMITS, ENGLISH, piped=False)


async def test_a_named_pipe_is_read_until_it_is_closed(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = asyncio.create_task(given([pipe], Documents(), ENGLISH, piped=False))
    await asyncio.to_thread(pipe.write_text, "through a pipe\n" * 9000)
    (file,) = await reading
    assert (file.name, file.text) == ("pipe", "through a pipe\n" * 9000)


def dexter(tmp_path: Path, *argv: str, **how: object) -> "subprocess.CompletedProcess[bytes]":
    """Run `dexter` with a script that quotes what it is shown."""
    config = house.settings(tmp_path)
    command = [sys.executable, "-m", "bot", *argv, "--json", "--config", str(config)]
    return subprocess.run(command, capture_output=True, timeout=60, env=environment(), check=False, **how)  # type: ignore[call-overload]


def kept(tmp_path: Path) -> list[tuple[str, str]]:
    """Return name and text of the files that were kept with the one question."""
    with sqlite3.connect(tmp_path / "dexter.db") as database:
        ((context,),) = database.execute("SELECT context FROM collaboration").fetchall()
    return [(each["name"], each["text"]) for each in json.loads(context)]


def test_what_comes_through_a_pipe_is_context(tmp_path: Path) -> None:
    done = dexter(tmp_path, "ask", "What broke?", input=b"12:00 disk full\n")
    assert done.returncode == 0, done.stderr
    assert kept(tmp_path) == [("standard input", "12:00 disk full\n")]


def test_a_file_and_standard_input_by_name(tmp_path: Path) -> None:
    with (DATA / "plan.docx").open("rb") as stdin:
        done = dexter(tmp_path, "ask", "What now?", "--file", str(DATA / "plan.pdf"), "--file", "-", stdin=stdin)
    assert done.returncode == 0, done.stderr
    names = [(name, text.split("\n")[0]) for name, text in kept(tmp_path)]
    assert names == [("plan.pdf", "[page 1]"), ("standard input", "# The plan")]


def test_again_asks_with_the_same_files_images_included(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    Image.new("RGB", (30, 20), "red").save(photo)
    asked = dexter(tmp_path, "ask", "What is that?", "--file", str(photo), stdin=subprocess.DEVNULL)
    again = dexter(tmp_path, "again", stdin=subprocess.DEVNULL)
    assert (asked.returncode, again.returncode) == (0, 0), again.stderr
    with sqlite3.connect(tmp_path / "dexter.db") as database:
        first, second = database.execute("SELECT context FROM collaboration ORDER BY seq").fetchall()
        said = "".join(body for (body,) in database.execute("SELECT body FROM event"))
    assert first == second
    (kept_,) = json.loads(first[0])
    assert (kept_["name"], kept_["kind"], kept_["image"]["media"]) == (
        "photo.png",
        "image, 30 x 20 pixels",
        "image/png",
    )
    assert kept_["image"]["data"] not in said
    assert "The images cannot be seen by" in said
    assert kept_["image"]["data"] not in (tmp_path / "dexter.log").read_text()


@pytest.mark.parametrize("how", [{"input": b""}, {"input": b" \n"}, {"stdin": subprocess.DEVNULL}])
def test_an_empty_pipe_is_no_file(tmp_path: Path, how: dict[str, object]) -> None:
    done = dexter(tmp_path, "ask", "What now?", **how)
    assert done.returncode == 0, done.stderr
    assert kept(tmp_path) == []


def test_what_cannot_be_read_is_a_sentence_and_an_exit_code(tmp_path: Path) -> None:
    done = dexter(tmp_path, "ask", "What now?", "--file", str(DATA / "locked.docx"), stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert done.stderr == b"locked.docx is protected by a password: attach a copy without one.\n"
