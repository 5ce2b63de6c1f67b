"""Questions, threads, channels, servers and people that go away while Dexter works."""

import asyncio

import pytest

from bot.discord.chat import DiscordChat
from bot.shapes import Undeliverable, plain
from core.entities import run_id
from tests.doubles.discord_desk import ANNA, BOB, Desk, Shelf, text
from tests.doubles.discord_server import BOT, CHANNEL, GUILD, DiscordServer

TENANT = f"discord:{GUILD}"
HERE = f"{TENANT}:{CHANNEL}"


async def test_a_deleted_question_stops_its_run_and_an_edited_one_stays_as_it_was_asked(
    server: DiscordServer, chat: DiscordChat, desk: Desk, books: Shelf
) -> None:
    said = [await server.say(ANNA, f"<@{BOT}> {n}?") for n in range(4)]
    await desk.heard(4)
    runs = [books.ask(run_id(TENANT, request.key), request.text).id for request in desk.requests]
    await server.edit(CHANNEL, said[0], f"<@{BOT}> Something else?")
    await server.delete(CHANNEL, said[1])
    await server.delete(CHANNEL, said[2], said[3])
    assert await books.until_stopped(3) == runs[1:]
    assert len(desk.requests) == 4


async def test_a_deleted_direct_question_stops_its_run(
    server: DiscordServer, chat: DiscordChat, desk: Desk, books: Shelf
) -> None:
    channel = server.world.direct(ANNA)
    await server.emit("CHANNEL_CREATE", server.world.channels[channel])
    said = await server.say(ANNA, "Why?", channel)
    request = await desk.heard()
    tenant, run = f"discord:dm:{ANNA}", run_id(request.tenant, request.key)
    books.ask(run, "Why?", request.address).but()
    books.asked[0] = books.asked[0].but(tenant=tenant)
    await server.delete(channel, said)
    assert await books.until_stopped() == [run]


async def test_a_deleted_channel_stops_its_runs_and_those_who_asked_are_told(
    server: DiscordServer, chat: DiscordChat, books: Shelf
) -> None:
    books.ask("aaaaaaaaaaaa", "Should we?", f"{HERE}:777", ANNA)
    books.ask("bbbbbbbbbbbb", "Elsewhere?", f"{TENANT}:301", BOB)
    await server.delete_channel(CHANNEL)
    assert await books.until_stopped() == ["aaaaaaaaaaaa"]
    await server.until(lambda: server.posts(server.world.direct(ANNA)))
    (told,) = server.posts(server.world.direct(ANNA))
    assert text(told) == "I stopped working on “Should we?”: the channel is gone."
    assert server.posts(server.world.direct(BOB)) == []


async def test_a_deleted_thread_stops_its_run_alone(server: DiscordServer, chat: DiscordChat, books: Shelf) -> None:
    said = await server.say(ANNA, f"<@{BOT}> Why?")
    await chat.show(f"{HERE}:{said}", plain("Working"), "r:progress", None, False)
    books.ask("aaaaaaaaaaaa", "Why?", f"{HERE}:{said}")
    books.ask("bbbbbbbbbbbb", "And?", f"{HERE}:778")
    await server.delete_channel(said)
    assert await books.until_stopped() == ["aaaaaaaaaaaa"]


async def test_a_kick_stops_all_runs_of_the_server_and_later_posts_are_given_up_with_a_sentence(
    server: DiscordServer, chat: DiscordChat, books: Shelf
) -> None:
    books.ask("aaaaaaaaaaaa", "Should we?", f"{HERE}:777")
    books.ask("bbbbbbbbbbbb", "Elsewhere?", f"{TENANT}:301")
    books.ask("cccccccccccc", "Another server?", "discord:201:301")
    await server.kick()
    assert sorted(await books.until_stopped(2)) == ["aaaaaaaaaaaa", "bbbbbbbbbbbb"]
    with pytest.raises(Undeliverable, match="may not see that Discord channel"):
        await chat.show(HERE, plain("Yes."), "aaaaaaaaaaaa:answer", None, False)


@pytest.mark.parametrize("locale", ["en", "de"])
async def test_an_answer_that_cannot_be_shown_where_it_was_asked_is_told_to_the_person(
    server: DiscordServer, chat: DiscordChat, books: Shelf, locale: str
) -> None:
    said = await server.say(ANNA, f"<@{BOT}> Why?")
    await chat.show(f"{HERE}:{said}", plain("Working"), "aaaaaaaaaaaa:progress", None, False)
    books.ask("aaaaaaaaaaaa", "Why?", f"{HERE}:{said}")
    books.asked[0] = books.asked[0].but(language=locale)
    server.world.channels[said]["thread_metadata"]["locked"] = True
    server.fault("POST", f"/channels/{CHANNEL}/messages", status=403, code=50013)
    for slot in ("progress", "answer"):
        with pytest.raises(Undeliverable, match="lacks a permission"):
            await chat.show(f"{HERE}:{said}", plain("Yes."), f"aaaaaaaaaaaa:{slot}", None, False)
    (told,) = server.posts(server.world.direct(ANNA))
    assert "“Why?”" in text(told) or "„Why?“" in text(told)
    assert "/dexter show aaaaaaaaaaaa" in text(told)
    assert ("ließ sich nicht" in text(told)) == (locale == "de")


async def test_whoever_takes_no_direct_messages_ends_nothing(
    server: DiscordServer, chat: DiscordChat, desk: Desk, books: Shelf
) -> None:
    server.world.closed_to_dms.add(ANNA)
    books.ask("aaaaaaaaaaaa", "Should we?", f"{HERE}:777", ANNA)
    await server.delete_channel(CHANNEL)
    await books.until_stopped()
    channel = server.world.direct(BOB)
    await server.emit("CHANNEL_CREATE", server.world.channels[channel])
    await server.say(BOB, "Still there?", channel)
    await desk.heard()


async def test_a_locked_thread_is_said_before_anything_is_asked(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    said = await server.say(ANNA, f"<@{BOT}> Why?")
    await desk.heard()
    await chat.show(f"{HERE}:{said}", plain("Working"), "r:progress", None, False)
    thread = server.world.channels[said]
    thread["thread_metadata"]["locked"] = True
    await server.emit("THREAD_UPDATE", thread)
    server.world.permissions = str(int(server.world.permissions) & ~((1 << 34) | (1 << 3)))
    asked = await server.slash(BOB, "ask", said, question="And now?")
    await asyncio.wait_for(asked.acked.wait(), 10)
    assert "This thread is locked" in text(asked.said[0])
    assert len(desk.requests) == 1


@pytest.mark.parametrize("kind", [2, 5, 13])
async def test_voice_and_announcement_channels_are_answered_in(
    server: DiscordServer, chat: DiscordChat, desk: Desk, kind: int
) -> None:
    other = 301
    await server.emit("CHANNEL_CREATE", server.world.add_channel(other, kind, "other"))
    said = await server.say(ANNA, f"<@{BOT}> Why?", other)
    request = await desk.heard()
    await chat.show(request.address, plain("Because."), "r:answer", None, False)
    place = said if kind == 5 else other
    assert [text(post) for post in server.posts(place)] == ["Because."]


async def test_a_post_of_a_forum_is_a_thread_that_is_there_already(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    forum, thread = 301, 302
    await server.emit("CHANNEL_CREATE", server.world.add_channel(forum, 15, "ideas", available_tags=[]))
    about = {
        "archived": False,
        "auto_archive_duration": 1440,
        "locked": False,
        "archive_timestamp": "2026-01-01T00:00:00+00:00",
    }
    post = server.world.add_channel(
        thread, 11, "An idea", parent_id=str(forum), owner_id=str(ANNA), thread_metadata=about,
        message_count=0, member_count=1, rate_limit_per_user=0,
    )  # fmt: skip
    await server.emit("THREAD_CREATE", post)
    for asked in (server.say(ANNA, f"<@{BOT}> Why?", thread), server.slash(ANNA, "ask", thread, question="Why?")):
        await asked
    await desk.heard(2)
    assert {request.address for request in desk.requests} == {f"{TENANT}:{forum}:{thread}"}
    await chat.show(desk.requests[0].address, plain("Because."), "r:answer", None, False)
    assert [text(post) for post in server.posts(thread)] == ["Because."]
