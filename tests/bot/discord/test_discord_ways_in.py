"""Menus, forms, completion, private answers and use where Dexter is no member, against a Discord on a real socket."""

import asyncio
from typing import Any

import pytest

from bot.attachments import Attachments
from bot.commands.table import COMMANDS
from bot.discord.chat import DiscordChat
from bot.discord.commands import NAMES
from bot.discord.places import read
from bot.settings import Documents
from bot.shapes import Button, Buttons, Post, Prose, Request, TryLater, Undeliverable, plain
from core.entities import Channel
from core.errors import NotAllowed
from tests.doubles.discord_desk import ANNA, BOB, Desk, Shelf, hidden, text
from tests.doubles.discord_server import BOT, CHANNEL, GUILD, OTHER_GUILD, DiscordServer
from tests.doubles.discord_world import Interaction

HERE = f"discord:{GUILD}:{CHANNEL}"
NOTES = ("notes.md", b"some notes")


def fields(form: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form by their ids."""
    return {label["component"]["custom_id"]: label["component"] for label in form["components"]}


async def test_past_questions_are_offered_newest_first_with_their_words_and_of_this_tenant_alone(
    server: DiscordServer, chat: DiscordChat, books: Shelf
) -> None:
    books.ask("aaaaaaaaaaaa", "Should we move to the country?")
    books.ask("bbbbbbbbbbbb", "Should we **stay**? " + "really " * 40)
    books.ask("cccccccccccc", "Elsewhere?", "discord:201:301")
    offered = await server.complete(ANNA, "show", id="")
    await offered.acked.wait()
    assert offered.choices == ["bbbbbbbbbbbb", "aaaaaaaaaaaa"]
    names = [row["name"] for row in offered.callbacks[0]["data"]["choices"]]
    assert names[1] == "aaaaaaaaaaaa · Should we move to the country?"
    assert len(names[0]) == 100
    assert books.looked == [(f"discord:{GUILD}", f"discord:{ANNA}")]
    by_word = await server.complete(ANNA, "again", id="COUNTRY")
    await by_word.acked.wait()
    assert by_word.choices == ["aaaaaaaaaaaa"]


@pytest.mark.parametrize(
    ("command", "typed", "choices"),
    [
        ("ask", {"committee": ""}, ["default"]),
        ("ask", {"pattern": "de"}, ["debate", "delphi"]),
        ("again", {"pattern": "aut"}, ["auto"]),
        ("help", {"command": "sto"}, ["stop"]),
        ("ask", {"committee": "nobody"}, []),
    ],
)
async def test_names_are_offered_as_they_are_typed(
    server: DiscordServer, chat: DiscordChat, command: str, typed: dict[str, str], choices: list[str]
) -> None:
    offered = await server.complete(ANNA, command, **typed)
    await offered.acked.wait()
    assert offered.choices == choices


@pytest.mark.parametrize("fault", ["slow", "refused"])
async def test_completion_that_cannot_be_had_is_empty_within_discords_three_seconds(
    server: DiscordServer, chat: DiscordChat, books: Shelf, fault: str
) -> None:
    books.slow, books.refuses = fault == "slow", NotAllowed("You may not look.") if fault == "refused" else None
    offered = await server.complete(ANNA, "show", id="x")
    await asyncio.wait_for(offered.acked.wait(), 10)  # its own bounds end it sooner, on a machine with time
    assert offered.choices == []


async def test_ask_without_a_question_opens_a_form_that_keeps_what_was_given(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    opened = await server.slash(ANNA, "ask", pattern="debate", file=NOTES)
    await opened.acked.wait()
    assert desk.requests == []
    assert [*fields(opened.form)] == ["question", "committee", "pattern", "files", "private"]
    chosen = [row["value"] for row in fields(opened.form)["pattern"]["options"] if row.get("default")]
    assert chosen == ["debate"]
    sent = await server.submit(opened, (("more.md", b"more"),), question="Why --pattern?", pattern="debate")
    await server.until(lambda: sent.said)
    (request,) = desk.requests
    assert request.text == 'ask --pattern "debate" -- Why --pattern?'
    assert request.address == HERE
    assert [file.name for file in request.attachments] == ["notes.md", "more.md"]
    assert hidden(sent.said[0])


async def test_a_form_takes_as_many_files_as_are_set(server: DiscordServer, desk: Desk) -> None:
    chat = DiscordChat(server.settings(), COMMANDS, attachments=Attachments(Documents(count=2)))
    await chat.start(desk)
    opened = await server.slash(ANNA, "ask")
    await opened.acked.wait()
    assert fields(opened.form)["files"]["max_values"] == 2
    await chat.stop()


async def test_the_menu_on_a_message_asks_about_it_with_its_author_its_words_and_its_files(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    server.world.person(BOB, "Bob")
    about = await server.say(BOB, "I think we should move.", files=(NOTES,))
    opened = await server.menu(ANNA, "Ask the committee", about)
    await opened.acked.wait()
    assert [*fields(opened.form)] == ["question", "context", "committee", "pattern", "files"]
    assert fields(opened.form)["context"]["value"] == "Bob: I think we should move."
    sent = await server.submit(opened, question="Is that wise?")
    await server.until(lambda: sent.said)
    (request,) = desk.requests
    assert request.text == "ask -- Is that wise?"
    assert [file.name for file in request.attachments] == ["message.md", "notes.md"]
    assert request.attachments[0].text == "Bob: I think we should move."


async def test_a_form_that_was_opened_before_a_restart_is_taken_after_it(
    server: DiscordServer, chat: DiscordChat, desk: Desk, books: Shelf
) -> None:
    about = await server.say(BOB, "Move.")
    opened = await server.menu(ANNA, "Ask the committee", about)
    await opened.acked.wait()
    await chat.stop()
    await chat.start(desk, books=books)
    sent = await server.submit(opened, question="Wise?")
    await sent.acked.wait()
    assert [request.text for request in desk.requests] == ["ask -- Wise?"]
    assert [file.name for file in desk.requests[0].attachments] == ["message.md"]


async def sent_after_a_restart(
    opened: Interaction, server: DiscordServer, chat: DiscordChat, desk: Desk, books: Shelf
) -> Request:
    """Restart Dexter, send the form with one more file, and return what was asked."""
    await opened.acked.wait()
    await chat.stop()
    await chat.start(desk, books=books)
    sent = await server.submit(opened, (("more.md", b"more"),), question="Wise?")
    await server.until(lambda: sent.said)
    (request,) = desk.requests
    return request


async def test_files_of_a_message_are_found_again_where_its_form_is_sent_after_a_restart(
    server: DiscordServer, chat: DiscordChat, desk: Desk, books: Shelf
) -> None:
    about = await server.say(BOB, "Move.", files=(NOTES,))
    opened = await server.menu(ANNA, "Ask the committee", about)
    request = await sent_after_a_restart(opened, server, chat, desk, books)
    assert [file.name for file in request.attachments] == ["message.md", "notes.md", "more.md"]
    assert request.unread == ()


async def test_files_of_a_command_that_a_restart_has_lost_are_said_to_be_lost(
    server: DiscordServer, chat: DiscordChat, desk: Desk, books: Shelf
) -> None:
    opened = await server.slash(ANNA, "ask", file=NOTES)
    request = await sent_after_a_restart(opened, server, chat, desk, books)
    assert [file.name for file in request.attachments] == ["more.md"]
    assert [str(each) for each in request.unread] == [
        "The files that came before the form are lost, as I was restarted: ask again with them."
    ]


async def test_again_with_opens_a_form_for_committee_and_pattern(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    post = Post((Prose("So."), Buttons((Button("Again with…", "again k3f9x2mqabcd --choose"),))))
    message = await chat.show(HERE, post, "k3f9x2mqabcd:answer", None, False)
    opened = await server.press(ANNA, CHANNEL, int(message), "Again with…")
    await opened.acked.wait()
    assert [*fields(opened.form)] == ["committee", "pattern"]
    sent = await server.submit(opened, pattern="oxford")
    await sent.acked.wait()
    assert [request.text for request in desk.requests] == ['again --pattern "oxford" -- k3f9x2mqabcd']


async def test_the_menu_on_a_person_shows_what_they_asked_to_those_who_may_look(
    server: DiscordServer, chat: DiscordChat, books: Shelf
) -> None:
    server.world.person(BOB, "Bob")
    books.ask("aaaaaaaaaaaa", "Mine?", asker=ANNA)
    books.ask("bbbbbbbbbbbb", "Theirs?", asker=BOB)
    shown = await server.menu(ANNA, "Show their questions", BOB)
    await shown.acked.wait()
    assert hidden(shown.said[0])
    assert "Asked by Bob" in text(shown.said[0])
    assert "Theirs?" in text(shown.said[0])
    assert "Mine?" not in text(shown.said[0])
    books.refuses = NotAllowed("You may not look at that.")
    refused = await server.menu(ANNA, "Show their questions", BOB)
    await refused.acked.wait()
    assert text(refused.said[0]) == "You may not look at that."


async def test_a_private_answer_moves_in_the_one_message_that_its_asker_sees(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    asked = await server.slash(ANNA, "ask", question="Why?", private=True)
    await asked.acked.wait()
    (request,) = desk.requests
    place = read(request.address)
    assert place.whisper is not None
    assert (place.guild, place.whisper.person, place.whisper.hidden) == (str(GUILD), ANNA, True)
    first = await chat.show(request.address, plain("Working."), "r:progress", None, False)
    answer = Post((Prose("Because."), Buttons((Button("Details", "show r"),))))
    again = [await chat.show(request.address, answer, "r:answer", None, tried) for tried in (False, True)]
    (message,) = asked.said
    assert {first, *again} == {message["id"]}
    assert hidden(message)
    assert "Because." in text(message)
    assert server.posts(CHANNEL) == []
    pressed = await server.press_on(ANNA, CHANNEL, message, "Details")
    await pressed.acked.wait()
    assert read(desk.requests[-1].address).whisper is not None


async def test_after_its_fifteen_minutes_or_a_restart_a_private_answer_comes_as_a_direct_message(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    asked = await server.slash(ANNA, "ask", question="Why?", private=True)
    await asked.acked.wait()
    address = desk.requests[0].address
    asked.over = True
    with pytest.raises(TryLater):
        await chat.show(address, plain("Because."), "r:answer", None, False)
    assert await chat.show(address, plain("Working."), "r:progress", None, False) == ""
    message = await chat.show(address, plain("Because."), "r:answer", None, True)
    (told,) = server.posts(server.world.direct(ANNA))
    assert (told["id"], text(told)) == (message, "Because.")
    server.world.closed_to_dms.add(ANNA)
    with pytest.raises(Undeliverable, match="takes no direct messages"):
        await chat.show(address, plain("Because!"), "s:answer", None, False)


@pytest.mark.parametrize("guild", [OTHER_GUILD, 0])
@pytest.mark.parametrize("private", [True, False])
async def test_where_dexter_is_no_member_it_answers_through_the_interaction_for_the_person_who_brought_it(
    server: DiscordServer, chat: DiscordChat, desk: Desk, guild: int, private: bool
) -> None:
    asked = await server.as_guest(ANNA, "ask", guild=guild, question="Why?", private=private)
    await asked.acked.wait()
    (request,) = desk.requests
    assert request.tenant == f"discord:dm:{ANNA}"
    shown = await chat.show(request.address, plain("Because."), "r:answer", None, False)
    (message,) = asked.said
    assert (message["id"], text(message), hidden(message)) == (shown, "Because.", private)


async def test_a_slow_private_question_is_answered_where_it_waits(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    desk.gate = asyncio.Event()
    asked = await server.slash(ANNA, "ask", question="Why?", private=True)
    await asked.acked.wait()
    assert (asked.callbacks[0]["type"], asked.callbacks[0]["data"]["flags"]) == (5, 64)
    await chat.show(desk.requests[0].address, plain("Working."), "r:progress", None, False)
    desk.gate.set()
    await chat.show(desk.requests[0].address, plain("Because."), "r:answer", None, False)
    assert [text(message) for message in asked.said] == ["Because."]


async def test_an_interaction_that_is_not_acknowledged_yet_is_waited_for(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    desk.gate = asyncio.Event()
    asked = await server.slash(ANNA, "ask", question="Why?", private=True)
    request = await desk.heard()
    with pytest.raises(TryLater):
        await chat.show(request.address, plain("Early."), "r:progress", None, False)
    desk.gate.set()
    await asked.acked.wait()
    await chat.show(request.address, plain("Working."), "r:progress", None, False)
    assert [text(message) for message in asked.said] == ["Working."]


async def test_dexters_own_words_are_in_the_language_of_the_person(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    server.world.locales[ANNA] = "de"
    asked = await server.slash(ANNA, "ask", question="Warum?")
    await asked.acked.wait()
    assert desk.requests[0].locale == "de"
    assert "Gremium" in text(asked.said[0])
    root = server.world.commands[0]
    assert root["description_localizations"]["de"] != root["description"]
    leaf = next(row for row in root["options"] if row["name"] == "ask")
    assert leaf["name_localizations"]["de"] == "fragen"
    names = {name for command in COMMANDS for name in (command.name, *(option.name for option in command.options))}
    assert {f"/{name}" for name in names} | {"/file", "/private"} == set(NAMES)


async def test_every_message_is_a_question_where_that_is_set_and_discord_sends_the_words(
    server: DiscordServer, desk: Desk
) -> None:
    other = 301
    server.world.add_channel(other, 0, "random")

    async def rules(tenant: str, address: str) -> Channel:
        return Channel(tenant=tenant, address=address, listen="every" if address == HERE else "mention")

    for reads, heard in ((True, ["Should we?", "named"]), (False, ["named"])):
        chat = DiscordChat(server.settings(message_content=reads), COMMANDS)
        desk.requests.clear()
        await chat.start(desk, rules)
        await server.say(ANNA, "Should we?")
        await server.say(ANNA, "not here", other)
        await server.say(ANNA, f"<@{BOT}> named", other)
        await desk.heard(len(heard))
        await chat.stop()
        assert sorted(request.text for request in desk.requests) == sorted(heard)


async def test_beyond_what_it_works_on_at_once_a_person_is_asked_to_come_again(
    server: DiscordServer, desk: Desk
) -> None:
    chat = DiscordChat(server.settings(), COMMANDS, most_at_once=2)
    await chat.start(desk)
    desk.gate = asyncio.Event()
    first = [await server.slash(ANNA, "ask", question=f"{n}?") for n in range(2)]
    await desk.heard(2)
    turned_away = await server.slash(ANNA, "ask", question="One more?")
    await turned_away.acked.wait()
    assert "Too many people ask at once" in text(turned_away.said[0])
    desk.gate.set()
    for asked in first:
        await asked.acked.wait()
    await (await server.slash(ANNA, "ask", question="Now?")).acked.wait()
    await chat.stop()
    assert len(desk.requests) == 3
