"""How Dexter says that it is doing: in the reader's language, with the reason of a post that waits or was given up."""

from bot.health import Health, in_words
from bot.words import words_for
from core.entities import Backlog

GERMAN = words_for("de")


class Behind:
    """An outbox of which one post was given up."""

    async def backlog(self, tenant: str) -> Backlog:
        return Backlog(buried=1, reasons=("k3f9 answer: The channel is archived.",))


async def test_why_a_post_was_given_up_is_said_in_the_readers_language() -> None:
    told = await Health("sqlite", Behind(), {}, "all")("slack:T1", GERMAN)
    assert "1; zuletzt: k3f9 answer: Der Kanal ist archiviert." in told.values()


def test_why_a_post_waits_is_said_in_the_readers_language() -> None:
    waiting = Backlog(waiting=2, reasons=("Slack is limiting Dexter.",))
    told = GERMAN.say(in_words("sqlite", "0004", waiting))
    assert "Slack begrenzt gerade, was Dexter sendet." in told
    assert "{odd} Slack failed (503)." in str(
        in_words("s", "1", Backlog(waiting=1, reasons=("{odd} Slack failed (503).",)))
    )
