"""Each kind of post as Discord shows it: components as they are sent, and how they read. Readable, so read them.

    DEXTER_GOLDEN=renew .venv/bin/pytest tests/bot/discord/test_discord_golden.py -n 0

writes them anew; look at the difference before you keep it. `docs/gallery.py` draws them as a page.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bot.app import running
from bot.commands.record import tabs
from bot.discord.components import files, form, view
from bot.discord.details import details
from bot.discord.render import render
from bot.discord.sheet import Sheet
from bot.settings import Settings
from bot.shapes import Request
from bot.words import ENGLISH, words_for
from core.adapters.scripted_model import ScriptedModel
from tests.bot.slack.test_slack_golden import COMMANDS
from tests.doubles.discord_checks import FRAMED, refusals
from tests.doubles.discord_openapi import description
from tests.doubles.discord_shown import shown
from tests.doubles.gallery import POSTS, RUN_EVENTS

GOLDEN = Path(__file__).parents[2] / "golden" / "discord"
MARK = "#abcdefgh"
LINE = "\n----- {} -----\n"


def agree(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("DEXTER_GOLDEN") == "renew":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert file.exists(), f"{file} is missing: renew the golden files, and read it."
    assert text == file.read_text(), f"{file} differs: if the new text is right, renew the golden files."


def body(sheet: Sheet) -> dict[str, Any]:
    """Return what goes to Discord, after Discord's own description of it and its limits."""
    mentions = form(sheet)["allowed_mentions"].to_dict()
    attached = [file.to_dict(number) for number, file in enumerate(files(sheet))]
    made = {"components": view(sheet).to_components(), "flags": FRAMED, "allowed_mentions": mentions}  # type: ignore[no-untyped-call]
    sent = made | ({"attachments": attached} if attached else {})
    assert refusals(sent, len(attached)) == []
    assert description().faults("POST", "/channels/1/messages", {}, sent, []) == []
    return sent


@pytest.mark.parametrize("name", sorted(POSTS))
def test_a_post_reads_in_discord_as_its_golden_file_says(name: str) -> None:
    sheet = render(POSTS[name], MARK)
    sent = body(sheet)
    told = "no notification" if sheet.silent else "in a notification" if sheet.framed else "as it is posted: no frame"
    agree(f"{name}.txt", shown(sent) + LINE.format(told) + ("" if sheet.silent else sheet.notice + "\n"))
    agree(f"{name}.json", json.dumps(sent, indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("tab", list(tabs(RUN_EVENTS)))
def test_the_details_read_as_their_golden_file_says(tab: str) -> None:
    english, german = (shown(body(details(RUN_EVENTS, tab, 0, words))) for words in (ENGLISH, words_for("de")))
    agree(f"details_{tab}.txt", english + LINE.format("auf Deutsch") + german)


async def test_the_replies_to_commands_read_as_their_golden_files_say(tmp_path: Path) -> None:
    members = [{"name": name, "model": f"scripted/{name}", "role": name} for name in ("ann", "bob", "cat")]
    settings = Settings(home=tmp_path, committees={"default": {"members": members}})
    async with running(settings, model=ScriptedModel(lambda prompt: "")) as app:
        for name, text in COMMANDS.items():
            request = Request(f"golden-{name}", "discord:1", "discord:2", "Ada Lovelace", "discord:1:3", text)
            post = await app.handle(request)
            assert post is not None
            agree(f"reply_{name}.txt", shown(body(render(post))).replace(str(tmp_path), "HOME"))
