"""Forms for running skills, against a Discord on a real socket."""

from typing import Any

import pytest

from bot.discord.chat import DiscordChat
from bot.discord.skill_forms import fitting, run_form
from bot.forms import form_of
from bot.shapes import Post, plain
from bot.words import ENGLISH
from tests.bot.discord.test_discord_ways_in import HERE, fields
from tests.doubles.discord_desk import ANNA, Desk, Shelf, text
from tests.doubles.discord_server import CHANNEL, DiscordServer
from tests.doubles.skill_gallery import POSTS

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "start": {"type": "string", "format": "date", "description": "The first day"},
        "loud": {"type": "boolean"},
        "how": {"enum": ["fast", "slow"]},
    },
    "required": ["start"],
}


@pytest.fixture(autouse=True)
def skills(books: Shelf) -> None:
    books.skills = {"report-days": SCHEMA, "report-text": {}}


async def test_a_skill_that_is_named_alone_opens_its_form_and_is_run_with_what_was_filled_in(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    opened = await server.slash(ANNA, "skill", what="run report-days")
    await opened.acked.wait()
    assert desk.requests == []
    assert [*fields(opened.form)] == ["in:start", "in:loud", "in:how"]
    sent = await server.submit(opened, (), **{"in:start": "2026-03-31", "in:how": "slow"})
    await sent.acked.wait()
    (request,) = desk.requests
    assert request.text == 'skill run report-days 1.0.0 -- start="2026-03-31" how="slow"'


async def test_the_button_under_a_draft_opens_it_too(server: DiscordServer, chat: DiscordChat, desk: Desk) -> None:
    message = await chat.show(HERE, POSTS["skill_draft_answer"], "q7wz3kdm5yhs:answer", None, False)
    opened = await server.press(ANNA, CHANNEL, int(message), "Run…")
    await opened.acked.wait()
    assert opened.form["title"] == "report-days"


async def test_what_is_wrong_is_said_with_the_form_again_as_it_was_filled_in(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    async def refuses(request: Any) -> Post:
        return plain("`start`: write the date as 2026-03-31.", private=True, failed=True)

    chat._intake.handle = refuses
    opened = await server.slash(ANNA, "skill", what="run report-days 1.0.0")
    await opened.acked.wait()
    sent = await server.submit(opened, (), **{"in:start": "tomorrow"})
    await server.until(lambda: sent.said)
    assert "write the date" in text(sent.said[0])
    again = await server.press_on(ANNA, CHANNEL, sent.said[0], "Fill in again…")
    await again.acked.wait()
    assert fields(again.form)["in:start"]["value"] == "tomorrow"


async def test_a_skill_that_is_not_there_is_said(server: DiscordServer, chat: DiscordChat, desk: Desk) -> None:
    said = await server.slash(ANNA, "skill", what="run nothing-here")
    await server.until(lambda: said.said)
    assert "There is no such skill." in text(said.said[0])
    assert desk.requests == []


@pytest.mark.parametrize(
    ("typed", "choices"),
    [
        ("promo", ["promote"]),
        ("run report-d", ["run report-days"]),
        ("show rep", ["show report-days", "show report-text"]),
        ("draft rep", []),
    ],
)
async def test_parts_and_names_are_offered_as_they_are_typed(
    server: DiscordServer, chat: DiscordChat, typed: str, choices: list[str]
) -> None:
    offered = await server.complete(ANNA, "skill", what=typed)
    await offered.acked.wait()
    assert offered.choices == choices


def test_a_form_stays_within_discords_limits_whatever_its_schema() -> None:
    names = ["a" * 200, "", "b\n@everyone", *(f"field-{n}" for n in range(9))]
    hostile = {"type": "string", "description": "<@1> " * 90, "default": "x" * 9000}
    schema = {"properties": dict.fromkeys(names, hostile), "required": names}
    form = fitting(form_of("x" * 64, "100.200.300", "d" * 5000, schema))
    made = run_form(form, ENGLISH).to_dict()
    assert len(made["components"]) == 5
    assert len(made["title"]) <= 45
    assert len(made["custom_id"]) <= 100
    for label in made["components"]:
        assert 0 < len(label["label"]) <= 45
        assert len(label.get("description") or "") <= 100
        assert len(label["component"]["custom_id"]) <= 100
        assert len(label["component"].get("value") or "") <= 4000
