"""How Dexter itself is doing, for `status`."""

from collections.abc import Mapping
from typing import Protocol

from bot.shapes import Chat
from bot.words import ENGLISH, Words
from core.entities import Backlog
from core.sentences import Sentence, said


class Backlogged(Protocol):
    """Knows which posts wait."""

    async def backlog(self, tenant: str) -> Backlog:
        """Return how many posts wait, and which were given up and why."""


class Health:
    """Asked by `status`; says nothing that another tenant should not know."""

    def __init__(self, database: str, outbox: Backlogged, chats: Mapping[str, Chat], role: str) -> None:
        self._database, self._outbox, self._chats, self._role = database, outbox, chats, role

    async def __call__(self, tenant: str, words: Words = ENGLISH) -> Mapping[str, str]:
        """Return each part with its state in words."""
        backlog = await self._outbox.backlog(tenant)
        posts = words("all delivered")
        if backlog.waiting and backlog.oldest:
            text = "{count} waiting, the oldest since {at:%H:%M:%S} UTC"
            posts = words(text, count=backlog.waiting, at=backlog.oldest)
        state = {
            words("database"): self._database,
            words("role"): self._role,
            words("chats"): ", ".join(self._chats) or words("none (this terminal)"),
            words("posts"): posts,
        }
        if backlog.buried:
            text = "{count}; the newest: {reasons}"
            state[words("posts given up")] = words(
                text, count=backlog.buried, reasons="; ".join(_reason(each, words) for each in backlog.reasons)
            )
        return state


def _reason(reason: str, words: Words) -> str:
    """Return why a post was given up, behind the run and the slot that it belongs to."""
    post, _, why = reason.partition(": ")
    return f"{post}: {words(why)}"


def in_words(database: str, version: str | None, posts: Backlog) -> Sentence:
    """Return how a database stands, in a few words for the one who runs Dexter."""
    schema = version or said("not made yet: the first start makes it")
    return said("{database}, schema {version}; {posts}", database=database, version=schema, posts=_posts(posts))


def _posts(posts: Backlog) -> Sentence:
    waiting = said("no post waits")
    if posts.waiting and posts.reasons:
        waiting = said(
            "posts that wait: {count} (the last try said: {why})", count=posts.waiting, why=said(posts.reasons[0])
        )
    elif posts.waiting:
        waiting = said("posts that wait: {count}", count=posts.waiting)
    return said("{waiting}, given up: {count}", waiting=waiting, count=posts.buried) if posts.buried else waiting
