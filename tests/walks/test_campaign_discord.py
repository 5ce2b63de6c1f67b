"""A server in Discord pursues a goal: approved by button, noted and answered in the thread, met."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import App, running
from bot.books import DeskBooks
from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.settings import Settings
from core.adapters.scripted_model import ScriptedModel
from core.campaigns.campaign import Campaign, Course, Stage
from core.entities import Role
from core.ports import Prompt
from tests.doubles.campaign_model import plays_along
from tests.doubles.discord_desk import ANNA, BOB, hidden, text
from tests.doubles.discord_server import BOT, CHANNEL, DiscordServer

pytestmark = pytest.mark.timeout(110)
MEMBERS = [{"name": name, "model": f"scripted/{name}", "role": name} for name in ("ann", "bob", "cat")]
ASKS = "1. Ask around\ndone when: somebody has said yes\nneeds: none\nby: person\n"
Opened = Callable[..., AbstractAsyncContextManager[tuple[DiscordServer, App]]]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    @asynccontextmanager
    async def open_with(
        player: Callable[[Prompt], str] = plays_along, **more: Any
    ) -> AsyncIterator[tuple[DiscordServer, App]]:
        people = {"roles": {f"discord:{BOB}": Role.GUEST}}
        settings = Settings(home=tmp_path, committees={"default": {"members": MEMBERS}}, people=people)
        async with DiscordServer().running() as server:
            chat = DiscordChat(server.settings(**more), COMMANDS)
            async with running(settings, chats={"discord": chat}, model=ScriptedModel(player)) as app:
                await chat.start(app.handle, app.desk.store.channel, DeskBooks(app.desk))
                yield server, app

    return open_with


async def until(app: App, true: Callable[[Campaign], bool]) -> Campaign:
    async with asyncio.timeout(60):
        while not ((found := await app.desk.campaigns.list("discord:200", limit=2)) and true(found[0])):
            await asyncio.sleep(0.02)
    return found[0]


async def says(server: DiscordServer, channel: int, said: str, label: str = "") -> dict[str, Any]:
    """The post in a channel or thread that says something, once it is there and has a button of that label."""

    def there() -> list[dict[str, Any]]:
        return [post for post in server.posts(channel) if said in text(post) and label in str(post["components"])]

    try:
        found: list[dict[str, Any]] = await server.until(there, 20)
    except TimeoutError:
        everything = "\n\n".join(text(post) for number in server.world.messages for post in server.posts(number))
        pytest.fail(f"Nobody said {said!r}:\n{everything}")
    return found[0]


async def test_a_goal_is_approved_by_button_and_met_in_one_thread_under_its_card(opened: Opened) -> None:
    async with opened() as (server, app):
        asked = await server.slash(ANNA, "campaign", what="start Write a short paper on tea", budget="200k tokens")
        await asked.acked.wait()
        card = await says(server, CHANNEL, "Write a short paper on tea")
        await server.until(server.threads)
        (thread,) = server.threads()
        assert int(card["id"]) == thread
        request = await says(server, thread, "Here is the plan", "Approve")
        assert f"<@{ANNA}>" in text(request)
        pressed = await server.press(ANNA, thread, int(request["id"]), "Approve")
        await pressed.acked.wait()
        assert hidden(pressed.said[0])
        over = await until(app, lambda c: c.course.over)
        assert over.course is Course.MET
        await says(server, thread, "a page that names them")
        await says(server, CHANNEL, "2 of 2 met")
        assert len(server.posts(CHANNEL)) == 1, "the card moved in its place"
        await says(server, thread, "said yes")
        marks = [text(post).rpartition("#")[2] for post in server.posts(thread)]
        assert len(marks) == len(set(marks)), "nothing is posted twice"


async def test_a_person_answers_by_a_form_and_others_may_not(opened: Opened) -> None:
    async with opened(lambda prompt: plays_along(prompt, ASKS)) as (server, app):
        asked = await server.slash(ANNA, "campaign", what="start Find somebody who tries it", mode="autonomous")
        await asked.acked.wait()
        await until(app, lambda c: bool(c.objectives) and c.objectives[0].stage is Stage.WAITING)
        await server.until(server.threads)
        (thread,) = server.threads()
        request = await says(server, thread, "Ask around", "Answer…")
        refused = await server.press(BOB, thread, int(request["id"]), "Yes")
        await server.until(lambda: refused.said)
        assert "You may not steer the campaigns of others" in text(refused.said[0])
        form = await server.press(ANNA, thread, int(request["id"]), "Answer…")
        await form.acked.wait()
        sent = await server.submit(form, (), **{"in:text": "Grace did it"})
        await sent.acked.wait()
        over = await until(app, lambda c: c.course.over)
        assert over.objectives[0].result == "Grace did it"


async def test_what_is_said_in_the_thread_reaches_the_campaign_where_discord_shows_the_words(opened: Opened) -> None:
    async with opened(lambda prompt: plays_along(prompt, ASKS), message_content=True) as (server, app):
        said = await server.say(ANNA, f"<@{BOT}> campaign start Find somebody who tries it")
        await says(server, said, "Here is the plan")
        await server.say(ANNA, "Ask the night shift first", channel=said)
        await until(app, lambda c: [each.text for each in c.remarks] == ["Ask the night shift first"])
        await server.say(BOB, "I am a guest", channel=said)
        await server.say(ANNA, f"What do you say, <@{BOB}>?", channel=said)
        await server.say(ANNA, f"<@{BOT}> ok", channel=said)
        await until(app, lambda c: bool(c.objectives) and c.objectives[0].stage is Stage.WAITING)
        await server.say(ANNA, "Grace did it", channel=said)
        over = await until(app, lambda c: c.course.over)
        assert over.objectives[0].result == "Grace did it"
        assert len(await app.desk.store.recent("discord:200")) == 1, "no reply became a question"


async def test_a_campaign_is_edited_in_a_form(opened: Opened) -> None:
    async with opened() as (server, app):
        asked = await server.slash(ANNA, "campaign", what="start Write a short paper on tea")
        await asked.acked.wait()
        proposed = await until(app, lambda c: c.course is Course.PROPOSED)
        edit = await server.slash(ANNA, "campaign", what=f"edit {proposed.id} 2")
        await edit.acked.wait()
        assert edit.form["title"] == "2 Write it up"
        sent = await server.submit(edit, (), **{"in:title": "Write it in German", "in:needs": ""})
        await sent.acked.wait()
        changed = await until(app, lambda c: c.objectives[1].title == "Write it in German")
        assert changed.objectives[1].needs == ()
        assert changed.objectives[1].done_when == proposed.objectives[1].done_when
