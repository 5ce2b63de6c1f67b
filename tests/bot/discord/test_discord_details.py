"""The details of a run in Discord: tabs and pages in one message that one person sees."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from bot.commands.record import TABS
from bot.discord.chat import DiscordChat
from bot.discord.components import view
from bot.discord.details import details, pages
from bot.posts import render
from bot.shapes import Foot
from bot.words import ENGLISH
from core.entities import Collaboration
from core.errors import NotFound
from core.events import Event, Proposal
from tests.doubles.discord_checks import walk
from tests.doubles.discord_desk import ANNA, Desk, Shelf, hidden, text
from tests.doubles.discord_server import CHANNEL, GUILD, DiscordServer
from tests.doubles.discord_world import Interaction
from tests.doubles.gallery import PAST, RUN, RUN_EVENTS

HERE = f"discord:{GUILD}:{CHANNEL}"


@dataclass
class Library(Shelf):
    """Books with one run in them."""

    async def whole(self, tenant: str, person: str, name: str, run: str) -> tuple[Collaboration, Sequence[Event]]:
        if run != RUN:
            raise NotFound("There is no such question.")
        return PAST, RUN_EVENTS


@pytest.fixture
def books() -> Shelf:
    return Library()


async def turn(server: DiscordServer, page: Interaction, label: str) -> Interaction:
    """A person presses a button of the message that they alone see, or of what it was turned into."""
    shown = {**page.payload.get("message", {}), **(page.said[0] if page.said else page.callbacks[0]["data"])}
    pressed = next(button for button in walk(shown["components"]) if button.get("label") == label)
    data = {"custom_id": pressed["custom_id"], "component_type": 2, "id": 1}
    made = await server._interact(ANNA, CHANNEL, 3, data, message=shown)
    await made.acked.wait()
    return made


def test_a_run_that_has_something_of_everything_has_all_its_tabs() -> None:
    """Discord takes five buttons in a row; a draft with its tests has more."""
    shown = view(pages(RUN, {tab: (Foot("There."),) for tab in TABS}, "tests", 0, ENGLISH))
    labels = [each["label"] for each in walk(shown.to_components()) if each.get("custom_id")]
    assert labels == ["Answer", "Proposals", "Critiques", "Ballots", "Cost", "Tests", "Copy"]


async def test_details_open_to_one_person_and_tabs_turn_in_their_place(
    server: DiscordServer, chat: DiscordChat, desk: Desk
) -> None:
    message = await chat.show(HERE, render("answer", RUN_EVENTS, ENGLISH), f"{RUN}:answer", None, False)
    opened = await server.press(ANNA, CHANNEL, int(message), "Details")
    await opened.acked.wait()
    assert hidden(opened.said[0])
    assert "### Answer" in text(opened.said[0])
    ballots = await turn(server, opened, "Ballots")
    assert ballots.callbacks[0]["type"] == 7
    assert "(A) > C > B" in text(ballots.callbacks[0]["data"])
    cost = await turn(server, ballots, "Cost")
    assert "claude" in text(cost.callbacks[0]["data"]) or "gpt-5-mini" in text(cost.callbacks[0]["data"])
    assert desk.requests == []


async def test_a_run_that_is_gone_gets_a_sentence(server: DiscordServer, chat: DiscordChat) -> None:
    other = [event.but(run="aaaaaaaaaaaa") for event in RUN_EVENTS]
    message = await chat.show(HERE, render("answer", other, ENGLISH), "aaaaaaaaaaaa:answer", None, False)
    opened = await server.press(ANNA, CHANNEL, int(message), "Details")
    await opened.acked.wait()
    assert text(opened.said[0]) == "There is no such question."
    assert hidden(opened.said[0])


def test_a_page_or_a_tab_that_there_is_not_is_the_nearest_there_is() -> None:
    assert details(RUN_EVENTS, "nonsense", 0, ENGLISH) == details(RUN_EVENTS, "answer", 0, ENGLISH)
    assert details(RUN_EVENTS, "cost", 99, ENGLISH) == details(RUN_EVENTS, "cost", 0, ENGLISH)


def test_long_proposals_have_pages_with_a_way_on_and_back() -> None:
    def long(event: Event) -> Event:
        said = event.body
        return event.but(body=said.but(text="Because. " * 900)) if isinstance(said, Proposal) else event

    sheet = details([long(event) for event in RUN_EVENTS], "proposals", 1, ENGLISH)
    assert "page 2 of" in str(sheet.items[0])
    assert f"show {RUN} --tab proposals --page 0" in str(sheet.items)
    assert f"show {RUN} --tab proposals --page 2" in str(sheet.items)
