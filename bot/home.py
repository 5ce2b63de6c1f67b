"""A person's own page: what Dexter is, what it does for them now, what it did, who deliberates, what it cost."""

from collections.abc import Iterator

from bot.campaign_card import bars_of, buttons
from bot.campaign_words import state
from bot.overview import Overview
from bot.posts import foot
from bot.shapes import Bars, Button, Buttons, Foot, Heading, Part, Post, Prose, Table, literal
from bot.words import Words
from core.committee.committee import Committee
from core.entities import Collaboration, now

MOST_CAMPAIGNS, MOST_RUNNING, MOST_RECENT, MOST_COMMITTEES = 4, 7, 6, 20
IN_A_ROW = 5
"""Of each kind; a page is read at a glance, and chats limit how much is on it."""


def home(seen: Overview, words: Words) -> Post:
    """Return the page; what a person may not do or see is not on it."""
    parts: list[Part] = [
        Heading("Dexter"),
        Prose(
            words(
                "A committee of language models that answers together and shows its votes. Mention me in a channel, "
                "write to me, or ask here."
            )
        ),
    ]
    if seen.may_ask:
        parts.append(Buttons((Button(words("Ask the committee"), "ask", "primary"),)))
    parts += [
        *_campaigns(seen, words),
        *_running(seen, words),
        *_recent(seen, words),
        *_committees(seen, words),
        *_spent(seen, words),
    ]
    if seen.may_configure or seen.health:
        parts += _settings(seen, words)
    return Post(tuple(parts), private=True, language=words.language)


def _campaigns(seen: Overview, words: Words) -> Iterator[Part]:
    """Yield each campaign of this person that goes on: where it stands, how far it is, and what makes sense now."""
    if not seen.campaigns:
        return
    yield Heading(words("Your campaigns"))
    for each in seen.campaigns[:MOST_CAMPAIGNS]:
        yield Prose(f"**{literal(each.title)}** ({state(each, words)})")
        if bars := tuple(bars_of(each, words, now())):
            yield Bars("", bars)
        yield Buttons((Button(words("Show"), f"campaign status {each.id}"), *buttons(each, words))[:IN_A_ROW])
    if (more := len(seen.campaigns) - MOST_CAMPAIGNS) > 0:
        yield Foot(words.some(more, "{count} more", "{count} more"))


def _running(seen: Overview, words: Words) -> Iterator[Part]:
    yield Heading(words("Being worked on"))
    if not seen.running:
        yield Foot(words("Nothing of yours just now."))
    for asked in seen.running[:MOST_RUNNING]:
        yield Prose(_line(asked, words))
        yield Buttons((Button(words("Stop"), f"stop {asked.id}", "danger"), _details(asked, words)))
    if more := len(seen.running) - MOST_RUNNING:
        yield from [Foot(words.some(more, "{count} more", "{count} more"))] if more > 0 else []


def _recent(seen: Overview, words: Words) -> Iterator[Part]:
    yield Heading(words("Your last questions"))
    if not seen.recent:
        yield Foot(words("You have not asked anything yet."))
    for asked in seen.recent[:MOST_RECENT]:
        yield Prose(_line(asked, words))
        again = Button(words("Again with…"), f"again {asked.id} --choose")
        whole = _details(asked, words)
        yield Buttons((whole, again) if seen.may_ask and not asked.task else (whole,))


def _committees(seen: Overview, words: Words) -> Iterator[Part]:
    yield Heading(words("Committees"))
    columns = (words("name"), words("pattern"), words("members"))
    yield Table(columns, tuple((c.name, c.pattern, _seats(c)) for c in seen.committees[:MOST_COMMITTEES]))


def _spent(seen: Overview, words: Words) -> Iterator[Part]:
    yield Heading(words("Spent today"))
    yield Foot(words("By you: {usage}", usage=foot(seen.spent, words)))
    if seen.spent_by_all is not None:
        yield Foot(words("By all: {usage}", usage=foot(seen.spent_by_all, words)))


def _settings(seen: Overview, words: Words) -> Iterator[Part]:
    yield Heading(words("For those who look after Dexter"))
    if seen.health:
        yield Table((words("part"), words("state")), tuple((words(part), state) for part, state in seen.health.items()))
    if seen.may_configure:
        yield Buttons((Button(words("Settings of a channel"), "here"),))


def _details(asked: Collaboration, words: Words) -> Button:
    return Button(words("Details"), f"show {asked.id}")


def _line(asked: Collaboration, words: Words) -> str:
    """Return a question with where it stands, its own mark-up shown as it is."""
    line = " ".join(asked.question.split())
    short = line if len(line) <= 150 else line[:149].rstrip() + "…"
    return f"{literal(short)} ({words(asked.status.value)})"


def _seats(committee: Committee) -> str:
    return ", ".join(member.name for member in committee.seated)
