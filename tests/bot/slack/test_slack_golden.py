"""Each kind of post as Slack shows it: blocks as they are sent, and how they read. Readable, so read them.

    DEXTER_GOLDEN=renew .venv/bin/pytest tests/bot/slack/test_slack_golden.py -n 0

writes them anew; look at the difference before you keep it. `docs/gallery.py` draws them as a page.
"""

import json
import os
from pathlib import Path

import pytest

from bot.app import running
from bot.settings import Settings
from bot.shapes import Request
from bot.slack.blocks import pages
from bot.slack.details import TABS, details
from bot.slack.outgoing import ROOMS
from bot.words import ENGLISH, words_for
from core.adapters.scripted_model import ScriptedModel
from tests.doubles.gallery import POSTS, RUN_EVENTS
from tests.doubles.slack_checks import refusal, view_refusal
from tests.doubles.slack_transcript import block

GOLDEN = Path(__file__).parents[2] / "golden" / "slack"


def agree(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("DEXTER_GOLDEN") == "renew":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert file.exists(), f"{file} is missing: renew the golden files, and read it."
    assert text == file.read_text(), f"{file} differs: if the new text is right, renew the golden files."


@pytest.mark.parametrize("name", sorted(POSTS))
def test_a_post_reads_in_slack_as_its_golden_file_says(name: str) -> None:
    laid = pages(POSTS[name], ROOMS[0], f"dexter_post/k3f9x2mqabcd:{name}")
    assert [refusal({"text": page.text, "blocks": list(page.blocks)}) for page in laid] == [""] * len(laid)
    read = "\n\n=====\n\n".join("\n".join(map(block, page.blocks)) for page in laid)
    plain = pages(POSTS[name], ROOMS[1], "m")
    simple = "\n\n=====\n\n".join("\n".join(map(block, page.blocks)) for page in plain)
    agree(f"{name}.txt", f"{read}\n\n----- without Slack's newer blocks -----\n{simple}\n")
    agree(f"{name}.json", json.dumps([page.blocks for page in laid], indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("tab", sorted(TABS))
def test_the_details_read_as_their_golden_file_says(tab: str) -> None:
    view = details(RUN_EVENTS, tab, 0, ENGLISH)
    assert view_refusal(view) == ""
    read = "\n".join(map(block, view["blocks"]))
    german = "\n".join(map(block, details(RUN_EVENTS, tab, 0, words_for("de"))["blocks"]))
    agree(f"details_{tab}.txt", f"▌ {view['title']['text']}\n{read}\n\n----- auf Deutsch -----\n{german}\n")


COMMANDS = {
    "help": "help",
    "committee": "committee",
    "patterns": "patterns",
    "models": "models",
    "status": "status",
    "show": "show",
    "here": "here",
    "stop": "stop k3f9x2mqabcd",
    "feedback": "feedback k3f9x2mqabcd --good",
    "nothing_asked": "ask",
    "unknown": "show nosuchruneve",
}


async def test_the_replies_to_commands_read_as_their_golden_files_say(tmp_path: Path) -> None:
    members = [{"name": name, "model": f"scripted/{name}", "role": name} for name in ("ann", "bob", "cat")]
    settings = Settings(home=tmp_path, committees={"default": {"members": members}})
    async with running(settings, model=ScriptedModel(lambda prompt: "")) as app:
        for name, text in COMMANDS.items():
            request = Request(f"golden-{name}", "slack:T1", "slack:U1", "Ada Lovelace", "slack:T1:C1", text)
            post = await app.handle(request)
            assert post is not None
            laid = pages(post, ROOMS[0], f"dexter_post/{name}")
            assert [refusal({"text": page.text, "blocks": list(page.blocks)}) for page in laid] == [""] * len(laid)
            read = "\n\n=====\n\n".join("\n".join(map(block, page.blocks)) for page in laid)
            agree(f"reply_{name}.txt", read.replace(str(tmp_path), "HOME") + "\n")
