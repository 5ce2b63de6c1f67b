"""What Dexter shows in Discord arrives once, in its place, and says so where it cannot."""

import asyncio
from typing import Any

import pytest

from bot.discord.chat import DiscordChat
from bot.discord.delivery import mark_of
from bot.shapes import Button, Buttons, Foot, Heading, Line, Lines, Post, Prose, TryLater, Undeliverable
from core.entities import Status
from tests.doubles.discord_checks import FRAMED, texts
from tests.doubles.discord_desk import ANNA, Desk, text
from tests.doubles.discord_server import BOT, CHANNEL, GUILD, DiscordServer
from tests.doubles.discord_world import FORUM, QUIET, TAG_REQUIRED

HERE = f"discord:{GUILD}:{CHANNEL}"
GATHERING = 400
"""A forum."""


def working(said: str = "thinks") -> Post:
    lines = Lines((Line("working", "ada", said),))
    return Post((Heading("Propose: 0 of 1"), lines, Buttons((Button("Stop", "stop k3f9"),))), state=Status.RUNNING)


def answer(said: str = "Yes.", *, broadcast: bool = False) -> Post:
    parts = (Prose(said), Foot("3 calls"), Buttons((Button("Details", "show k3f9"),)))
    return Post(parts, state=Status.ANSWERED, broadcast=broadcast)


async def thread(server: DiscordServer) -> tuple[int, str]:
    """A person asks; return the id of what they said and the address of its thread."""
    said = await server.say(ANNA, f"<@{BOT}> Why?")
    return said, f"{HERE}:{said}"


def calls(server: DiscordServer, method: str) -> list[Any]:
    return [call.body for call in server.rest.calls if call.method == method and "/messages" in call.path]


async def test_an_answer_notifies_with_its_text_and_is_put_into_its_frame_at_once(
    server: DiscordServer, chat: DiscordChat
) -> None:
    _, where = await thread(server)
    message = await chat.show(where, answer(), "run:answer", None, False)
    sent, edited = calls(server, "POST")[-1], calls(server, "PATCH")[-1]
    assert sent["content"].startswith("✅ Answered\nYes.")
    assert (edited["content"], edited["flags"] & FRAMED) == (None, FRAMED)
    (post,) = server.posts(int(where.split(":")[3]))
    assert post["id"] == message
    assert text(post).startswith("### ✅ Answered\nYes.")
    assert post["components"][0]["accent_color"] == 0x3BA55D


async def test_progress_notifies_nobody(server: DiscordServer, chat: DiscordChat) -> None:
    said, where = await thread(server)
    await chat.show(where, working(), "run:progress", None, False)
    (post,) = server.posts(said)
    assert post["flags"] == FRAMED | QUIET
    assert "⏳ **ada** thinks" in text(post)


async def test_a_crash_between_the_text_and_its_frame_doubles_nothing(server: DiscordServer, chat: DiscordChat) -> None:
    said, where = await thread(server)
    server.fault("PATCH", "/messages", status=503)
    with pytest.raises(TryLater):
        await chat.show(where, answer(), "run:answer", None, False)
    server.world._nonces.clear()
    message = await chat.show(where, answer(), "run:answer", None, True)
    (post,) = server.posts(said)
    assert (post["id"], post["flags"]) == (message, FRAMED)


def older(server: DiscordServer, channel: int, key: str) -> str:
    """Return a message of a Dexter that used embeds."""
    embeds = [{"description": "Old.", "footer": {"text": f"3 calls · {mark_of(key)}"}, "type": "rich"}]
    body = {"content": "Old answer.", "embeds": embeds, "allowed_mentions": {"parse": []}}
    return str(server.world.write(channel, BOT, body, [])[0]["id"])


async def test_a_message_of_an_older_dexter_is_edited_and_found_by_its_mark(
    server: DiscordServer, chat: DiscordChat
) -> None:
    for key, known, again in (("run:answer", True, False), ("other:answer", False, True)):
        message = older(server, CHANNEL, key)
        assert await chat.show(HERE, answer("New."), key, message if known else None, again) == message
        post = server.world.message(CHANNEL, int(message))
        assert (post["content"], post["embeds"], post["flags"]) == ("", [], FRAMED)
        assert text(post).startswith("### ✅ Answered\nNew.")
    assert len(server.posts(CHANNEL)) == 2


async def test_what_is_shown_last_stands_even_where_what_was_shown_before_had_to_wait(
    server: DiscordServer, chat: DiscordChat
) -> None:
    message = await chat.show(HERE, working("first"), "run:progress", None, False)
    server.fault("PATCH", "/messages", status=429, retry_after=0.3)
    late = asyncio.create_task(chat.show(HERE, working("second"), "run:progress", message, False))
    await server.until(lambda: calls(server, "PATCH"))
    await chat.show(HERE, working("third"), "run:progress", message, False)
    await late
    assert "third" in text(server.posts(CHANNEL)[0])


async def test_slow_mode_is_waited_for_as_told(server: DiscordServer, chat: DiscordChat) -> None:
    server.fault("POST", "/messages", status=429, retry_after=12.5)
    with pytest.raises(TryLater) as later:
        await chat.show(HERE, answer(), "run:answer", None, False)
    assert 10 < later.value.seconds <= 12.5
    server.fault("POST", "/messages", status=400, code=20016)
    with pytest.raises(TryLater, match=r"wait|slow mode"):
        await chat.show(HERE, answer(), "run:answer", None, False)


async def test_the_answer_of_a_locked_thread_comes_in_its_channel_with_a_sentence_and_once(
    server: DiscordServer, chat: DiscordChat
) -> None:
    said, where = await thread(server)
    progress = await chat.show(where, working(), "run:progress", None, False)
    server.world.channels[said]["thread_metadata"].update(locked=True)
    with pytest.raises(Undeliverable, match=r"permission|locked"):
        await chat.show(where, working(), "other:progress", None, False)
    message = await chat.show(where, answer(), "run:answer", None, False)
    assert await chat.show(where, answer(), "run:answer", None, True) == message
    assert await chat.show(where, answer("Better."), "run:answer", message, False) == message
    assert [post["id"] for post in server.posts(said)] == [progress]
    (post,) = server.posts(CHANNEL)
    assert texts(post)[0] == f"-# The thread takes no more messages from me, so the answer is here: <#{said}>"
    assert "Better." in text(post)


async def test_an_answer_is_shown_in_the_channel_as_well_and_never_twice(
    server: DiscordServer, chat: DiscordChat
) -> None:
    said, where = await thread(server)
    server.fault("POST", f"/channels/{CHANNEL}/messages", lost=True)
    with pytest.raises(TryLater):
        await chat.show(where, answer(broadcast=True), "run:answer", None, False)
    message = await chat.show(where, answer(broadcast=True), "run:answer", None, True)
    assert [post["id"] for post in server.posts(said)] == [message]
    await chat.show(where, answer("Better.", broadcast=True), "run:answer", message, False)
    (copy,) = server.posts(CHANNEL)
    assert texts(copy)[0] == f"-# ↪ <#{said}>"
    assert "Better." in text(copy)


async def test_a_channel_that_refuses_the_copy_does_not_keep_the_answer_from_its_thread(
    server: DiscordServer, chat: DiscordChat
) -> None:
    said, where = await thread(server)
    await chat.show(where, working(), "run:progress", None, False)
    server.fault("POST", f"/channels/{CHANNEL}/messages", status=403, code=50013)
    await chat.show(where, answer(broadcast=True), "run:answer", None, False)
    assert (len(server.posts(said)), server.posts(CHANNEL)) == (2, [])


async def test_where_no_thread_may_be_opened_the_answer_comes_in_the_channel(
    server: DiscordServer, chat: DiscordChat
) -> None:
    said, where = await thread(server)
    server.fault("POST", f"/messages/{said}/threads", status=403, code=50013)
    await chat.show(where, answer(), "run:answer", None, False)
    (post,) = server.posts(CHANNEL)
    assert "Yes." in text(post)


async def forum(server: DiscordServer, chat: DiscordChat, flags: int = 0) -> str:
    made = server.world.add_channel(GATHERING, FORUM, "questions", flags=flags, available_tags=[])
    told = asyncio.create_task(chat.client.wait_for("guild_channel_create", timeout=20))
    await server.emit("CHANNEL_CREATE", made)
    await told
    return f"discord:{GUILD}:{GATHERING}"


async def test_a_forum_gets_a_post_with_a_title_that_is_edited_and_answered_like_a_thread(
    server: DiscordServer, chat: DiscordChat
) -> None:
    where = await forum(server, chat)
    asked = Post((Prose("**Anna** asks: Should we **move**?"),))
    root = await chat.show(where, asked, "run:question", None, False)
    assert await chat.show(where, asked, "run:question", root, False) == root
    assert await chat.show(where, asked, "run:question", None, True) == root
    assert server.world.channels[int(root)]["name"] == "Anna asks: Should we move?"
    await chat.show(chat.thread(where, root), answer(), "run:answer", None, False)
    assert [text(post).split("\n")[0] for post in server.posts(int(root))] == [
        "**Anna** asks: Should we **move**?",
        "### ✅ Answered",
    ]


async def test_a_forum_that_wants_a_tag_is_told_of_in_a_sentence(server: DiscordServer, chat: DiscordChat) -> None:
    where = await forum(server, chat, TAG_REQUIRED)
    with pytest.raises(Undeliverable, match="wants a tag"):
        await chat.show(where, Post((Prose("**Anna** asks: Why?"),)), "run:question", None, False)


async def test_without_the_permission_to_attach_files_the_beginning_arrives(
    server: DiscordServer, chat: DiscordChat
) -> None:
    server.fault("PATCH", "/messages", status=403, code=50013)
    await chat.show(HERE, answer("Reasons. " * 2000), "run:answer", None, False)
    (post,) = server.posts(CHANNEL)
    assert post["attachments"] == []
    assert "Reasons." in text(post)


async def test_an_old_button_whose_run_is_gone_gets_a_sentence(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    message = await chat.show(HERE, answer(), "run:answer", None, False)
    pressed = await server.press(ANNA, CHANNEL, int(message), "Details")
    await pressed.acked.wait()
    assert text(pressed.said[0])
