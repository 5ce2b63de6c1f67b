"""Skills through the commands: in a chat by an attached archive, in the terminal by a path as well."""

from itertools import count

import pytest

from bot.results import fenced
from bot.shapes import Attachment, Buttons, Request
from core.skills.archive import write_zip
from core.skills.disk import read_path, write_folder
from tests.bot.commands.conftest import CHANNEL, TENANT, written
from tests.core.skills.made import folder

KEYS = count(1)
HERE = "terminal:local:x"


async def types(desk, text, *made, person="slack:OPS", address=CHANNEL, locale="en"):
    files = tuple(Attachment(f"{n}.zip", "", content=write_zip(each, "x")) for n, each in enumerate(made))
    request = Request(f"s{next(KEYS)}", TENANT, person, "Ann", address, text, files, locale=locale)
    return written(await desk.app.handle(request))


async def test_an_attached_archive_becomes_a_draft(desk):
    said = await types(desk, "skill import --why 'for Bob'", folder(version="1.0"))
    assert "It is a draft, version 1.0.0." in said
    assert "csv-tools | 1.0.0 | draft | untested | Does a thing." in await types(desk, "skill list", person="slack:U1")
    shown = await types(desk, "skill show csv-tools", person="slack:U1")
    assert "draft · never tested" in shown
    assert "runs | instructions alone" in shown
    assert "1.0.0 | draft | – | Ann |" in await types(desk, "skill history csv-tools")
    assert "The very same is here already" in await types(desk, "skill import", folder(version="1.0"))


async def test_who_may_only_look_cannot_import_or_retire(desk):
    said = await types(desk, "skill import", folder(), person="slack:U1")
    assert said.startswith("You may not bring skills in, test, promote or retire them: your role here is member")
    await types(desk, "skill import", folder())
    assert (await types(desk, "skill retire csv-tools", person="slack:U1")).startswith("You may not bring")


async def test_a_chat_names_no_files_of_the_machine(desk):
    assert "attach a zip instead of a path" in await types(desk, "skill import /etc")
    assert "attach one zip archive" in await types(desk, "skill import")
    await types(desk, "skill import", folder())
    assert "exported in the terminal" in await types(desk, "skill export csv-tools --to /tmp/x")


async def test_other_commands_are_told_of_no_archive(desk):
    said = await types(desk, "status", folder())
    assert "0.zip is an archive: attach the files in it that matter." in said


async def test_the_terminal_brings_in_and_takes_out_byte_for_byte(desk, tmp_path):
    made = folder(files={"assets/a.bin": b"\0\xff"})
    write_folder(made, tmp_path / "csv-tools")
    assert "It is a draft, version 0.1.0" in await types(desk, f"skill import {tmp_path}/csv-tools", address=HERE)
    await types(desk, f"skill export csv-tools --to {tmp_path}/out", address=HERE)
    await types(desk, f"skill export csv-tools --to {tmp_path}/out.zip", address=HERE)
    assert read_path(tmp_path / "out" / "csv-tools") == read_path(tmp_path / "out.zip") == made
    (tmp_path / "csv-tools").rename(tmp_path / "other")
    said = await types(desk, f"skill import {tmp_path}/other", address=HERE)
    assert "The folder is called “other” and the skill “csv-tools”" in said


async def test_a_difference_is_shown_by_files_and_lines(desk):
    await types(desk, "skill import", folder(version="1.0", files={"a.md": b"one\n", "b": b""}))
    await types(desk, "skill import", folder(version="1.1", files={"a.md": b"two\n", "c": b""}))
    said = await types(desk, "skill diff csv-tools 1.0 1.1")
    assert "added | c" in said
    assert "removed | b" in said
    assert "-one\n+two" in said
    assert "They are the same." in await types(desk, "skill diff csv-tools 1.1 1.1")


async def test_retiring_says_who_uses_it_and_wants_to_be_told_twice(desk):
    await types(desk, "skill import", folder("base", version="1.0"))
    await types(desk, "skill import", folder("report", version="1.0", needs="base>=1"))
    assert "base 1.0.0 is used by report 1.0.0: change them first" in await types(desk, "skill retire base")
    assert "It is still used by report 1.0.0." in await types(desk, "skill retire base --anyway --why old")
    assert "All versions of base are retired" in await types(desk, "skill import", folder("more", needs="base"))


@pytest.mark.parametrize("text", ["skill frob", "skill show", "skill show none", "skill list --page 9", "skill list x"])
async def test_what_cannot_be_done_is_said(desk, text):
    request = Request(f"s{next(KEYS)}", TENANT, "slack:OPS", "Ann", CHANNEL, text)
    assert (await desk.app.handle(request)).failed


async def test_a_long_list_has_pages(desk):
    for number in range(23):
        await types(desk, "skill import", folder(f"skill-{chr(97 + number) * 2}"))
    post = await desk.type("skill list --page 2")
    assert "Page 2 of 2" in written(post)
    assert len(post.data) == 3
    (buttons,) = [part for part in post.parts if isinstance(part, Buttons)]
    assert [button.command for button in buttons.buttons] == ["skill list --page 1"]


def test_a_fence_cannot_be_closed_by_what_is_in_it():
    assert fenced("a\n```\nb", "diff").startswith("````diff\n")
