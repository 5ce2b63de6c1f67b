"""A person's own page: what Dexter is, what it does for them now, what it did, who deliberates, what it cost."""

from collections.abc import Iterator

from bot.overview import Overview
from bot.posts import foot
from bot.shapes import Button, Buttons, Foot, Heading, Part, Post, Prose, Table
from bot.words import Words
from core.committee.committee import Committee
from core.entities import Collaboration

MOST_RUNNING, MOST_RECENT, MOST_COMMITTEES = 7, 6, 20
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
    parts += [*_running(seen, words), *_recent(seen, words), *_committees(seen, words), *_spent(seen, words)]
    if seen.may_configure or seen.health:
        parts += _settings(seen, words)
    return Post(tuple(parts), private=True, language=words.language)


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
        yield Buttons((_details(asked, words), again) if seen.may_ask else (_details(asked, words),))


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
    return f"{_plain(short)} ({words(asked.status.value)})"


def _plain(text: str) -> str:
    return "".join("\\" + c if c in "\\`*_{}[]()#+-.!|<>~&" else c for c in text)


def _seats(committee: Committee) -> str:
    return ", ".join(member.name for member in committee.seated)
