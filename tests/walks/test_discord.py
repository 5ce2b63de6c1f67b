"""From a question in Discord to its answer there: the whole of Dexter, a scripted committee, a Discord on a socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.app import running
from bot.books import DeskBooks
from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.settings import Settings
from core.adapters.scripted_model import ScriptedModel
from core.ports import Completion, Prompt
from tests.doubles.committee_world import plays, prefers
from tests.doubles.discord_checks import texts
from tests.doubles.discord_desk import ANNA, BOB, hidden, text
from tests.doubles.discord_server import BOT, CHANNEL, DiscordServer

HOSTILE = (
    "Move. @everyone <@1001> <@&7> [your bank](https://e.vil/x) discord.gg/free\n# Shout\n-# 0 models, $0\n"
    '>>> VOTE: A\n||hidden|| \u202eesrever\n```py\nprint("unclosed")'
)
SAYS = {"ann": "Move, because it is cheaper.", "bob": "Stay, because it works.", "cat": "Wait, and ask again."}
VOTES = {
    "ann": prefers("Move", "Stay", "Wait"),
    "bob": prefers("Stay", "Move", "Wait"),
    "cat": prefers("Move", "Stay", "Wait"),
}
Opened = Callable[..., AbstractAsyncContextManager["Walk"]]


class Gated:
    """A model whose members wait for a sign before they speak."""

    def __init__(self, inner: ScriptedModel) -> None:
        self._inner = inner
        self.gate = asyncio.Event()

    def read(self) -> list[str]:
        """All that its members were told in their prompts, one prompt after the other."""
        return ["\n".join(message.content for message in prompt.messages) for prompt in self._inner.asked]

    async def quote(self, prompt: Prompt) -> float | None:
        return await self._inner.quote(prompt)

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        await self.gate.wait()
        return await self._inner.complete(prompt, words)


class Walk:
    """Dexter in front of a Discord server."""

    def __init__(self, server: DiscordServer, model: Gated) -> None:
        self.server, self.model = server, model

    async def thread(self) -> int:
        """The one thread, once it is there."""
        await self.server.until(self.server.threads)
        (thread,) = self.server.threads()
        return thread

    async def progress(self, thread: int) -> dict[str, Any]:
        """The progress message, once it is there."""
        found: dict[str, Any] = (await self.server.until(lambda: self.server.posts(thread)))[0]
        return found

    async def answer(self, thread: int) -> dict[str, Any]:
        """The answer, once it is there and the progress, if any was shown, says that it is over."""
        found: dict[str, Any] = await self.server.until(lambda: self._answered(thread))
        return found

    def _answered(self, thread: int) -> dict[str, Any] | None:
        posts = self.server.posts(thread)
        answers = _answers(self.server, thread)
        over = all("Done" in text(post) for post in posts if post not in answers)
        return answers[0] if answers and over else None


def _answers(server: DiscordServer, thread: int) -> list[dict[str, Any]]:
    return [post for post in server.posts(thread) if "Details" in str(post["components"])]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    members = [{"name": name, "model": f"scripted/{name}", "role": name} for name in SAYS]
    settings = Settings(home=tmp_path, committees={"default": {"members": members}})

    @asynccontextmanager
    async def open_with(says: dict[str, str]) -> AsyncIterator[Walk]:
        async with DiscordServer().running() as server:
            chat = DiscordChat(server.settings(), COMMANDS)
            model = Gated(plays(says, VOTES))
            async with running(settings, chats={"discord": chat}, model=model) as app:
                await chat.start(app.handle, app.desk.store.channel, DeskBooks(app.desk))
                yield Walk(server, model)

    return open_with


async def test_a_slash_question_becomes_one_thread_one_moving_message_and_one_answer(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        asked = await walk.server.slash(ANNA, "ask", question="Should we move?", pattern="panel")
        await asked.acked.wait()
        assert asked.acked_at - asked.asked_at < 3.0
        thread = await walk.thread()
        (question,) = walk.server.posts(CHANNEL)
        assert int(question["id"]) == thread
        assert "person1001" in text(question)
        assert "Should we move?" in text(question)
        progress = await walk.progress(thread)
        assert "**ann**" in text(progress)
        walk.model.gate.set()
        answer = text(await walk.answer(thread))
        assert len(walk.server.posts(thread)) == 2
        assert walk.server.world.edits[progress["id"]] >= 1
        assert "\nMove, because it is cheaper.\n" in answer
        assert "3 of 3 voted" in answer
        assert "🏆 winner" in answer
        assert "**Dissent: bob**\nStay, because it works." in answer
        assert "3 models" in answer
        assert "tokens" in answer


async def test_who_leaves_the_server_is_still_answered_in_the_thread_for_those_who_stay(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        said = await walk.server.say(ANNA, f"<@{BOT}> Should we move?")
        await walk.progress(await walk.thread())
        await walk.server.leave(ANNA)
        walk.model.gate.set()
        assert "Move, because it is cheaper." in text(await walk.answer(said))
        other = await walk.server.say(BOB, f"<@{BOT}> Should we stay?")
        await walk.answer(other)


async def test_a_mention_is_answered_under_it_once_though_it_is_delivered_twice(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        said = await walk.server.say(ANNA, f"<@{BOT}> Should we move?")
        await walk.server.again()
        walk.model.gate.set()
        assert await walk.thread() == said
        await walk.answer(said)
        await walk.server.again()
        other = await walk.server.say(ANNA, f"<@{BOT}> Should we stay?")
        await walk.answer(other)
        assert [len(_answers(walk.server, thread)) for thread in (said, other)] == [1, 1]
        assert walk.server.posts(CHANNEL) == []
        assert walk.server.world.channels[said]["name"] == "Should we move?"


async def test_a_file_reaches_the_committee_and_one_that_cannot_be_read_is_named_to_the_asker(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        walk.model.gate.set()
        files = (("rent.txt", b"old: 4200\nnew: 3100\n"), ("program.exe", b"MZ\0\0"))
        said = await walk.server.say(ANNA, f"<@{BOT}> Should we move?", files=files)
        await walk.answer(said)
        assert "new: 3100" in walk.model.read()[0]
        assert "rent.txt" in walk.model.read()[0]
        (told,) = await walk.server.until(lambda: walk.server.posts(CHANNEL))
        assert "program.exe" in text(told)


async def test_hostile_words_of_a_model_ping_nobody_and_stay_in_their_frame(opened: Opened) -> None:
    async with opened({**SAYS, "ann": HOSTILE, "bob": f"Stay. {HOSTILE}"}) as walk:
        said = await walk.server.say(ANNA, f"<@{BOT}> Should we move?")
        walk.model.gate.set()
        answer = await walk.answer(said)
        pressed = await walk.server.press(ANNA, said, int(answer["id"]), "Details")
        await walk.server.until(lambda: pressed.said)
        for post in [*walk.server.posts(said), *pressed.said]:
            for said_there in texts(post):
                assert "@everyone" not in said_there
                assert "discord.gg/" not in said_there
                assert "\u202e" not in said_there
                assert "](https" not in said_there


async def test_details_are_shown_to_the_one_who_presses_and_a_run_can_be_stopped(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        said = await walk.server.say(ANNA, f"<@{BOT}> Should we move?")
        progress = await walk.progress(said)
        stopped = await walk.server.press(ANNA, said, int(progress["id"]), "Stop")
        await stopped.acked.wait()
        walk.model.gate.set()
        answer = await walk.answer(said)
        pressed = await walk.server.press(ANNA, said, int(answer["id"]), "Details")
        await walk.server.until(lambda: pressed.said)
        (details,) = pressed.said
        assert hidden(details)
        assert "Should we move?" in text(details)
        assert len(walk.server.posts(said)) == 2


async def test_a_storm_of_limits_and_lost_replies_loses_and_doubles_nothing(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        walk.server.fault("POST", "/messages", status=429, retry_after=6.0)
        walk.server.fault("POST", f"/channels/{CHANNEL}/messages", lost=True)
        walk.server.fault("PATCH", "/messages", status=502, times=1)
        asked = await walk.server.slash(ANNA, "ask", question="Should we move?")
        await asked.acked.wait()
        walk.model.gate.set()
        thread = await walk.thread()
        await walk.server.until(lambda: any("Move" in text(row) for row in walk.server.posts(thread)), 60.0)
        assert len(walk.server.posts(CHANNEL)) == 1
        assert sum("Move" in text(row) for row in walk.server.posts(thread)) == 1


async def test_a_question_that_is_deleted_while_the_committee_works_is_stopped(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        said = await walk.server.say(ANNA, f"<@{BOT}> Should we move?")
        await walk.progress(said)
        await walk.server.delete(CHANNEL, said)
        shown = await walk.server.until(lambda: [row for row in walk.server.posts(said) if "Stopped" in text(row)])
        assert len(shown) == 1


async def test_a_private_question_moves_in_one_message_that_its_asker_sees(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        asked = await walk.server.slash(ANNA, "ask", question="Should we move?", private=True)
        await asked.acked.wait()
        walk.model.gate.set()
        await walk.server.until(lambda: asked.said and "Move, because" in text(asked.said[0]))
        assert [hidden(message) for message in asked.said] == [True]
        assert walk.server.posts(CHANNEL) == []
        assert walk.server.threads() == []


async def test_a_private_question_is_there_for_its_asker_alone(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        asked = await walk.server.slash(ANNA, "ask", question="Should I leave?", private=True)
        await asked.acked.wait()
        walk.model.gate.set()
        await walk.server.until(lambda: asked.said and "Move, because" in text(asked.said[0]))
        offered = [await walk.server.complete(person, "show", id="") for person in (ANNA, BOB)]
        for each in offered:
            await each.acked.wait()
        (run,) = offered[0].choices
        assert offered[1].choices == []
        shown = await walk.server.slash(BOB, "show", id=run)
        await walk.server.until(lambda: shown.said)
        assert f"There is no collaboration “{run}” here." in text(shown.said[0])
        own = await walk.server.slash(ANNA, "show", id=run)
        await walk.server.until(lambda: own.said)
        assert "Should I leave?" in text(own.said[0])


async def test_past_questions_complete_their_ids(opened: Opened) -> None:
    async with opened(SAYS) as walk:
        said = await walk.server.say(ANNA, f"<@{BOT}> Should we move?")
        walk.model.gate.set()
        answer = await walk.answer(said)
        offered = await walk.server.complete(ANNA, "show", id="")
        await offered.acked.wait()
        (run,) = offered.choices
        assert run in text(answer)
        elsewhere = await walk.server.complete(ANNA, "show", walk.server.world.direct(ANNA), id="")
        await elsewhere.acked.wait()
        assert elsewhere.choices == []
