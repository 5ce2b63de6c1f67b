"""A person at a terminal has reports made, exported and mailed; one whose process is killed is finished once."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.kept import Database
from tests.doubles import house
from tests.doubles.model_server import ModelServer, Turn
from tests.doubles.smtp_server import mail_server
from tests.doubles.terminal import chat, dexter, environment

pytestmark = pytest.mark.timeout(110)
WORDS = "It was quiet, and all went well."
ALONE = """
home = "{home}"
[reports]
folder = "{home}/shelf"
[models.bases]
"openai/" = "{url}"
[committees.default]
pattern = "solo"
[[committees.default.members]]
name = "ann"
model = "openai/one"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    text = ["Yes: move.", "Nothing is missing.", "Yes: move. Revised.", house.ballot("A", "B", "C")]
    replies = {name: [*text, WORDS, house.ballot("A", "B", "C")] for name in house.MEMBERS}
    more = f'\n[reports]\nfolder = "{tmp_path / "shelf"}"\n'
    return house.settings(tmp_path, more, replies=replies)


def test_a_report_is_read_in_the_terminal_and_its_files_are_kept(config: Path) -> None:
    assert dexter(config, "ask", "Should we move?").returncode == 0
    read = dexter(config, "report", "show", "models", "today", "--plain", "--as", "csv,parquet,pdf")
    assert (read.returncode, read.stderr) == (0, "")
    assert "Models asked: 3." in read.stdout
    kept = [Path(line.partition("Kept: ")[2]) for line in read.stdout.splitlines() if line.startswith("Kept: ")]
    assert {path.suffix for path in kept} == {".png", ".csv", ".parquet", ".pdf"}
    begins = {path.suffix: path.read_bytes()[:4] for path in kept}
    assert (begins[".png"], begins[".pdf"], begins[".parquet"]) == (b"\x89PNG", b"%PDF", b"PAR1")


def test_machines_read_all_of_a_report(config: Path) -> None:
    read = dexter(config, "report", "show", "usage", "today", "--plain", "--json")
    report = json.loads(read.stdout)["report"]
    assert (report["kind"], report["figures"]["runs"]["value"]) == ("usage", 0)


def test_a_report_is_put_into_a_folder_and_the_data_is_exported(config: Path, tmp_path: Path) -> None:
    put = dexter(config, "report", "send", "adoption", "today", "--plain", "--to", "weekly")
    assert put.returncode == 0, put.stdout + put.stderr
    assert "It is in" in put.stdout
    assert [path.suffix for path in (tmp_path / "shelf" / "weekly").iterdir()].count(".txt") == 1
    taken = dexter(config, "export", str(tmp_path / "bi"), "--as", "csv")
    assert taken.returncode == 0, taken.stderr
    assert (tmp_path / "bi" / "bi_collaborations.csv").is_file()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("report", "show", "models", "31.2.2026"), "has a date that there is not"),
        (("report", "send", "models", "--to", "../x"), "is not a folder below"),
        (("export",), "Where to?"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(config: Path, typed: tuple[str, ...], said: str) -> None:
    told = dexter(config, *typed)
    assert told.returncode != 0
    assert said in told.stdout + told.stderr


async def killed_once(came: asyncio.Event, config: Path, *typed: str) -> None:
    """Start what is typed, and kill Dexter once something has come to a server."""
    command = [sys.executable, "-m", "bot", *typed, "--config", str(config)]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    async with asyncio.timeout(60):
        await came.wait()
    os.kill(process.pid, signal.SIGKILL)
    await asyncio.to_thread(process.wait)


async def test_a_letter_that_was_on_its_way_when_dexter_was_killed_is_sent_once(tmp_path: Path) -> None:
    async with mail_server() as box:
        mail = (
            f'\n[mail]\nhost = "127.0.0.1"\nport = {box.port}\ntls = "none"\nsender = "dexter@example.org"\n'
            'allowed = ["example.org"]\n'
        )
        config = house.settings(tmp_path, mail)
        box.moods = ["hang"]  # it has the letter, and says nothing
        await killed_once(box.came, config, "report", "send", "usage", "today", "--plain", "--to", "ada@example.org")
        assert box.letters == []
        await goes_on(config, tmp_path)
    assert [letter["To"] for letter in box.letters] == ["ada@example.org"]


async def goes_on(config: Path, home: Path) -> None:
    """Start Dexter again, and let it be until all that was killed is done."""
    with chat(config):
        async with asyncio.timeout(60):
            while await asyncio.to_thread(statuses, home) != {"done"}:
                await asyncio.sleep(0.1)


def statuses(home: Path) -> set[str]:
    """Return how the runs stand, read beside a Dexter that is at work on them."""
    with Database(f"sqlite:///{home / 'dexter.db'}").views() as views:
        place = [field.name for field in views.columns["bi_collaborations"]].index("status")
        return {row[place] for rows in views.rows("bi_collaborations") for row in rows}


async def test_a_report_that_was_being_summed_up_when_dexter_was_killed_is_summed_up_and_kept_once(tmp_path: Path):
    async with ModelServer() as models:
        models.turns.extend([Turn(silent=True)] * 3)
        config = tmp_path / "dexter.toml"
        config.write_text(ALONE.format(home=tmp_path, url=models.openai))
        await killed_once(models.asked, config, "report", "send", "usage", "today", "--to", "weekly")
        models.turns.clear()
        models.turns.extend([Turn(text=WORDS)] * 20)
        await goes_on(config, tmp_path)
    [text] = (tmp_path / "shelf" / "weekly").glob("*.txt")
    assert text.read_text().count(WORDS) == 1
