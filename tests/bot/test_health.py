"""How Dexter says that it is doing: in the reader's language, with the reason of a post that waits or was given up."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from bot.health import Health, in_words
from bot.shapes import TryLater, Undeliverable
from bot.words import words_for
from core.entities import Backlog
from core.sandbox import Isolation, Tier
from core.sentences import kept, said
from tests.doubles.recording_chat import RecordingChat

GERMAN = words_for("de")


class Behind:
    """An outbox of which one post was given up."""

    reason = "The channel is archived."

    async def backlog(self, tenant: str) -> Backlog:
        return Backlog(buried=1, reasons=(f"k3f9 answer: {self.reason}",))


async def test_why_a_post_was_given_up_is_said_in_the_readers_language() -> None:
    told = await Health("sqlite", Behind(), {}, "all")("slack:T1", GERMAN)
    assert "1; zuletzt: k3f9 answer: Der Kanal ist archiviert." in told.values()


@pytest.mark.parametrize(
    ("why", "german"),
    [
        (TryLater("Slack failed ({code}).", 2.0, code=503), "Slack hatte einen Fehler (503)."),
        (TryLater("Slack failed ({code}).", 2.0, code=said("no answer")), "Slack hatte einen Fehler (keine Antwort)."),
        (Undeliverable("The thread is locked in Discord."), "Der Thread ist in Discord gesperrt."),
    ],
)
async def test_why_a_chat_took_no_post_is_kept_so_that_it_can_be_said_in_any_language(
    why: TryLater | Undeliverable, german: str
) -> None:
    outbox = Behind()
    outbox.reason = kept(said("given up after {tries} tries; the last one said: {why}", tries=7, why=why.sentence))
    told = await Health("sqlite", outbox, {}, "all")("slack:T1", GERMAN)
    assert f"1; zuletzt: k3f9 answer: nach 7 Versuchen aufgegeben; zuletzt hieß es: {german}" in told.values()
    waits = in_words("sqlite", "0004", Backlog(waiting=1, reasons=(kept(why.sentence),)))
    assert german in GERMAN.say(waits)


@dataclass
class Proved:
    isolation: Isolation | None = None


@pytest.mark.parametrize(
    ("isolation", "state"),
    [
        (None, "not checked yet: `dexter doctor sandbox` does"),
        (Isolation("bubblewrap", Tier.GROUPED, said("all of it")), "bubblewrap, tier grouped"),
        (
            Isolation("bubblewrap", None, said("It is not installed."), said("Install it.")),
            "no skill runs here: It is not installed. Install it.",
        ),
    ],
)
async def test_how_far_apart_skills_run_is_said_where_they_run(isolation: Isolation | None, state: str) -> None:
    told = await Health("sqlite", Behind(), {}, "all", Proved(isolation))("slack:T1")
    assert told["sandbox"] == state
    assert "sandbox" not in await Health("sqlite", Behind(), {}, "bot")("slack:T1")


class Door(RecordingChat):
    refused: Mapping[str, int] = {"signature": 3, "old": 1, "replayed": 0}


async def test_those_who_run_dexter_see_how_many_requests_were_refused_and_why() -> None:
    health = Health("sqlite", Behind(), {"discord": RecordingChat(), "slack": Door()}, "all")
    assert (await health("slack:T1", whole=True))["requests refused"] == "wrongly signed: 3, too old: 1, repeated: 0"
    told = await health("slack:T1", GERMAN, whole=True)
    assert told["abgewiesene Anfragen"] == "falsch unterschrieben: 3, zu alt: 1, wiederholt: 0"
    assert "requests refused" not in await health("slack:T1")
    assert "requests refused" not in await Health("s", Behind(), {"slack": RecordingChat()}, "all")("t", whole=True)


def test_why_a_post_waits_is_said_in_the_readers_language() -> None:
    waiting = Backlog(waiting=2, reasons=("Slack is limiting Dexter.",))
    told = GERMAN.say(in_words("sqlite", "0004", waiting))
    assert "Slack begrenzt gerade, was Dexter sendet." in told
    assert "{odd} Slack failed (503)." in str(
        in_words("s", "1", Backlog(waiting=1, reasons=("{odd} Slack failed (503).",)))
    )
