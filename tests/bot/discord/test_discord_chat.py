"""The chat against a Discord server on a real socket."""

import asyncio

import pytest
from pydantic import SecretStr

from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.settings import Discord
from bot.shapes import Button, Buttons, Foot, Post, Prose, TryLater, Undeliverable, has_thread, plain
from core.errors import BadRequest, Misconfigured, Unavailable
from tests.doubles.discord_desk import ANNA, Desk, hidden, text
from tests.doubles.discord_server import BOT, CHANNEL, GUILD, TOKEN, DiscordServer

HERE = f"discord:{GUILD}:{CHANNEL}"


def made(server: DiscordServer, token: str = TOKEN) -> DiscordChat:
    return DiscordChat(server.settings(token), COMMANDS)


async def test_commands_are_synced_once_and_not_again_while_they_are_the_same(
    server: DiscordServer, desk: Desk
) -> None:
    for _ in range(2):
        chat = made(server)
        await chat.start(desk)
        await chat.stop()
    assert server.world.syncs == 1
    root, *menus = server.world.commands
    assert [row["name"] for row in root["options"]] == [command.name for command in COMMANDS]
    assert [(row["type"], row["name"]) for row in menus] == [(3, "Ask the committee"), (2, "Show their questions")]


async def test_a_slash_command_becomes_the_words_that_a_person_would_type(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    asked = await server.slash(ANNA, "ask", question='Is "--pattern" safe?', pattern="quick")
    await asked.acked.wait()
    (request,) = desk.requests
    assert request.text == 'ask --pattern "quick" -- Is "--pattern" safe?'
    assert request.key == f"discord:{asked.payload['id']}"
    assert (request.tenant, request.person, request.name) == (f"discord:{GUILD}", f"discord:{ANNA}", "person1001")
    assert request.address == HERE
    assert not has_thread(request.address)
    assert request.locale == "en-GB"
    assert hidden(asked.said[0])


async def test_what_a_command_says_at_once_is_its_answer(server: DiscordServer, chat: DiscordChat, desk: Desk) -> None:
    desk.says = plain("All well.")
    asked = await server.slash(ANNA, "status")
    await asked.acked.wait()
    assert text(asked.said[0]) == "All well."
    assert asked.callbacks[0]["type"] == 4


async def test_a_slow_command_is_acknowledged_before_it_answers(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    desk.gate, desk.says = asyncio.Event(), plain("At last.", private=True)
    asked = await server.slash(ANNA, "status")
    await asyncio.wait_for(asked.acked.wait(), 10)  # its own bounds end it sooner, on a machine with time
    assert asked.callbacks[0]["type"] == 5
    desk.gate.set()
    await server.until(lambda: asked.said)
    assert text(asked.said[0]) == "At last."


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BadRequest("There is no such run."), "There is no such run."),
        (RuntimeError("secret"), "Something broke inside"),
    ],
)
async def test_a_command_that_fails_says_so_to_the_person_alone(
    server: DiscordServer, chat: DiscordChat, desk: Desk, error: Exception, said: str
) -> None:
    desk.says = error
    asked = await server.slash(ANNA, "show", id="zzzz")
    await asked.acked.wait()
    assert text(asked.said[0]).startswith(said)
    assert "secret" not in text(asked.said[0])
    assert hidden(asked.said[0])


async def test_a_file_with_a_slash_command_or_a_mention_comes_along_as_text(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    notes = ("notes.md", "Grüße".encode())
    await server.say(ANNA, f"<@{BOT}> What is this?", files=(notes,))
    await desk.heard()
    await server.slash(ANNA, "ask", question="What is this?", file=notes)
    await desk.heard(2)
    for request in desk.requests:
        assert [(file.name, file.text) for file in request.attachments] == [("notes.md", "Grüße")]
    assert len(desk.requests) == 2


async def test_a_file_that_is_no_text_is_named_and_the_question_goes_on(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    files = (("program.exe", b"MZ\0\0"), ("notes.md", b"words"))
    await server.say(ANNA, f"<@{BOT}> What is this?", files=files)
    await desk.heard()
    (request,) = desk.requests
    assert [file.name for file in request.attachments] == ["notes.md"]
    (unread,) = request.unread
    assert "program.exe" in str(unread)


async def test_a_mention_carries_its_thread_and_names_people_not_numbers(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    server.world.person(2002, "Bob")
    said = await server.say(ANNA, f"<@{BOT}> is <@2002> right?")
    await desk.heard()
    assert desk.requests[0].text == "is @Bob right?"
    assert desk.requests[0].address == f"{HERE}:{said}"
    assert desk.requests[0].key == f"discord:{said}"


async def test_talk_without_a_mention_is_not_listened_to_and_bots_never(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    await server.say(ANNA, "just talking")
    server.world.person(3003)["bot"] = True
    await server.say(3003, f"<@{BOT}> beep")
    await server.say(ANNA, f"<@{BOT}> the one")
    await desk.heard()
    assert [request.text for request in desk.requests] == ["the one"]


async def test_a_direct_message_needs_no_mention_and_no_thread(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    channel = server.world.direct(ANNA)
    await server.emit("CHANNEL_CREATE", server.world.channels[channel])
    await server.say(ANNA, "Should we?", channel)
    await desk.heard()
    (request,) = desk.requests
    assert request.tenant == f"discord:dm:{ANNA}"
    assert request.address == f"discord:dm:{channel}:{channel}"
    message = await chat.show(request.address, plain("Yes."), "run:answer", None, False)
    assert [row["id"] for row in server.posts(channel)] == [message]


async def test_the_first_post_under_a_mention_opens_its_thread_named_after_the_question(
    server: DiscordServer, chat: DiscordChat
) -> None:
    said = await server.say(ANNA, f"<@{BOT}> Should we **move** to X?")
    first = await chat.show(f"{HERE}:{said}", plain("Working"), "run:progress", None, False)
    second = await chat.show(f"{HERE}:{said}", plain("Yes."), "run:answer", None, False)
    assert server.threads() == [said]
    assert server.world.channels[said]["name"] == "Should we move to X?"
    assert [row["id"] for row in server.posts(said)] == [first, second]
    assert server.posts(CHANNEL) == []


async def test_a_question_that_dexter_posts_is_the_root_of_its_thread(server: DiscordServer, chat: DiscordChat) -> None:
    root = await chat.show(HERE, plain("**Anna** asks: Why?"), "run:question", None, False)
    thread = chat.thread(HERE, root)
    assert has_thread(thread)
    await chat.show(thread, plain("Because."), "run:answer", None, False)
    assert server.world.channels[int(root)]["name"] == "Anna asks: Why?"
    assert [text(row) for row in server.posts(int(root))] == ["Because."]


async def test_a_post_is_edited_in_place(server: DiscordServer, chat: DiscordChat) -> None:
    long = Post((Prose("Words. " * 2000), Buttons((Button("Stop", "stop k3f9"),))))
    message = await chat.show(HERE, long, "run:progress", None, False)
    assert await chat.show(HERE, plain("Done."), "run:progress", message, False) == message
    (post,) = server.posts(CHANNEL)
    assert text(post) == "Done."
    assert (post["attachments"], server.world.edits[message]) == ([], 2)


async def test_a_send_whose_reply_was_lost_is_not_doubled_by_the_nonce(
    server: DiscordServer, chat: DiscordChat
) -> None:
    server.fault("POST", f"/channels/{CHANNEL}/messages", lost=True)
    with pytest.raises(TryLater):
        await chat.show(HERE, plain("Once."), "run:answer", None, False)
    message = await chat.show(HERE, plain("Once."), "run:answer", None, False)
    assert [row["id"] for row in server.posts(CHANNEL)] == [message]


async def test_a_send_that_got_through_long_ago_is_found_by_its_mark(server: DiscordServer, chat: DiscordChat) -> None:
    posts = [plain("Once."), Post((Prose("Long. " * 700), Prose("And more."), Foot("3 calls")))]
    for number, post in enumerate(posts):
        first = await chat.show(HERE, post, f"run:{number}", None, False)
        await chat.show(HERE, plain("Something else."), f"other:{number}", None, False)
        server.world._nonces.clear()
        assert await chat.show(HERE, post, f"run:{number}", None, True) == first
    assert len(server.posts(CHANNEL)) == 4


async def test_a_second_try_into_a_thread_that_is_not_there_yet_opens_it(
    server: DiscordServer, chat: DiscordChat
) -> None:
    said = await server.say(ANNA, f"<@{BOT}> Why?")
    await chat.show(f"{HERE}:{said}", plain("So."), "run:answer", None, True)
    assert len(server.posts(said)) == 1


async def test_a_limit_holds_for_every_post_of_its_kind_without_another_call(
    server: DiscordServer, chat: DiscordChat
) -> None:
    server.fault("POST", "/messages", status=429, retry_after=7.5)
    for key in ("run:answer", "other:answer"):
        with pytest.raises(TryLater) as later:
            await chat.show(HERE, plain("x"), key, None, False)
        assert 5 < later.value.seconds <= 7.5
    assert len([call for call in server.rest.calls if call.path.endswith("/messages")]) == 1


async def test_a_discord_in_trouble_is_tried_later(server: DiscordServer, chat: DiscordChat) -> None:
    server.fault("POST", "/messages", status=503)
    with pytest.raises(TryLater):
        await chat.show(HERE, plain("x"), "run:answer", None, False)
    await chat.show(HERE, plain("x"), "run:other", None, False)


async def test_what_can_never_arrive_is_said_in_a_sentence(server: DiscordServer, chat: DiscordChat) -> None:
    for address, message, said in (
        (f"discord:{GUILD}:999", None, "channel or thread is gone"),
        (f"{HERE}:999", None, "message was deleted"),
        ("slack:T1:C1", None, "not an address"),
        (HERE, "1.5", "not a message"),
    ):
        with pytest.raises(Undeliverable, match=said):
            await chat.show(address, plain("x"), "run:answer", message, False)


async def test_an_archived_thread_is_brought_back_to_edit_in_it_and_a_locked_one_is_left(
    server: DiscordServer, chat: DiscordChat
) -> None:
    said = await server.say(ANNA, f"<@{BOT}> Why?")
    thread = f"{HERE}:{said}"
    message = await chat.show(thread, plain("Working"), "run:progress", None, False)
    server.world.channels[said]["thread_metadata"]["archived"] = True
    assert await chat.show(thread, plain("Done"), "run:progress", message, False) == message
    server.world.channels[said]["thread_metadata"]["locked"] = True
    with pytest.raises(Undeliverable, match="permission"):
        await chat.show(thread, plain("x"), "run:progress", None, False)


async def test_a_button_works_after_a_restart(server: DiscordServer, desk: Desk) -> None:
    chat = made(server)
    await chat.start(desk)
    said = await server.say(ANNA, f"<@{BOT}> Why?")
    post = Post((Prose("So."), Buttons((Button("Details", "show k3f9x2mqabcd"),))))
    message = await chat.show(f"{HERE}:{said}", post, "run:answer", None, False)
    await chat.stop()
    chat = made(server)
    desk.requests.clear()
    desk.says = plain("Details.", private=True)
    await chat.start(desk)
    pressed = await server.press(ANNA, said, int(message), "Details")
    await pressed.acked.wait()
    await chat.stop()
    assert [(request.text, request.address) for request in desk.requests] == [("show k3f9x2mqabcd", f"{HERE}:{said}")]
    assert hidden(pressed.said[0])


async def test_a_broken_connection_is_resumed_and_nothing_that_was_said_is_lost(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    await server.drop()
    await server.say(ANNA, f"<@{BOT}> meanwhile")
    await desk.heard()
    assert (len(server.gateway.identifies), server.gateway.resumes) == (1, 1)


async def test_without_the_permission_to_open_threads_the_person_is_told(server: DiscordServer, desk: Desk) -> None:
    server.world.permissions = str((1 << 10) | (1 << 11) | (1 << 14) | (1 << 16))
    chat = made(server)
    await chat.start(desk)
    asked = await server.slash(ANNA, "ask", question="Why?")
    await asked.acked.wait()
    await server.say(ANNA, f"<@{BOT}> Why?")
    await server.until(lambda: server.posts(CHANNEL))
    await chat.stop()
    for said in (asked.said[0], server.posts(CHANNEL)[0]):
        assert "Create Public Threads" in text(said)
    assert desk.requests == []


async def test_a_wrong_token_and_a_discord_that_is_not_there_stop_the_start_with_a_remedy(
    server: DiscordServer, desk: Desk
) -> None:
    with pytest.raises(Misconfigured, match="DISCORD_TOKEN"):
        await made(server, "wrong").start(desk)
    away = Discord(token=SecretStr(TOKEN), base_url="http://127.0.0.1:9/api", gateway_url="ws://127.0.0.1:9/")
    nowhere = DiscordChat(away, COMMANDS)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:9"):
        await nowhere.start(desk)
    with pytest.raises(TryLater):
        await nowhere.show(HERE, plain("x"), "run:answer", None, False)


async def test_a_start_that_failed_can_be_tried_again(server: DiscordServer, desk: Desk) -> None:
    chat = made(server)
    server.fault("GET", "/users/@me", status=503)
    with pytest.raises(Unavailable):
        await chat.start(desk)
    await chat.start(desk)
    await server.say(ANNA, f"<@{BOT}> there?")
    await desk.heard()
    await chat.stop()
