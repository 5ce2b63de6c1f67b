"""How Dexter itself is doing, for `status`."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from bot.shapes import Chat
from bot.words import ENGLISH, Words, key
from core.entities import Backlog
from core.sandbox import Isolation
from core.sentences import Sentence, read, said


class Backlogged(Protocol):
    """Knows which posts wait."""

    async def backlog(self, tenant: str) -> Backlog:
        """Return how many posts wait, and which were given up and why."""


class Proved(Protocol):
    """Knows what the sandbox has proved of itself."""

    @property
    def isolation(self) -> Isolation | None:
        """Return what its last self check found; `None` before the first."""


@runtime_checkable
class Guarded(Protocol):
    """A chat that may refuse requests."""

    @property
    def refused(self) -> Mapping[str, int]:
        """Return how many it has, by the reason: `signature`, `old`, `replayed`; empty where it refuses none."""


class Health:
    """Asked by `status`; says nothing that another tenant should not know."""

    def __init__(
        self, database: str, outbox: Backlogged, chats: Mapping[str, Chat], role: str, sandbox: Proved | None = None
    ) -> None:
        """`sandbox` where this process runs skills."""
        self._database, self._outbox, self._chats, self._role = database, outbox, chats, role
        self._sandbox = sandbox

    async def __call__(self, tenant: str, words: Words = ENGLISH, *, whole: bool = False) -> Mapping[str, str]:
        """Return each part with its state in words; `whole` with what only those who run Dexter need to know."""
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
        if self._sandbox:
            state[words("sandbox")] = words.say(_kept_apart(self._sandbox.isolation))
        for chat in self._chats.values() if whole else ():
            if isinstance(chat, Guarded) and chat.refused:
                state[words("requests refused")] = words.say(said(REFUSED, **chat.refused))
        if backlog.buried:
            text = "{count}; the newest: {reasons}"
            state[words("posts given up")] = words(
                text, count=backlog.buried, reasons="; ".join(_reason(each, words) for each in backlog.reasons)
            )
        return state


REFUSED = key("wrongly signed: {signature}, too old: {old}, repeated: {replayed}")


def _kept_apart(isolation: Isolation | None) -> Sentence:
    """Return how far apart skills run here, or why none does."""
    if isolation is None:
        return said("not checked yet: `dexter doctor sandbox` does")
    if isolation.tier is None:
        text = "no skill runs here: {found} {remedy}"
        return said(text, found=isolation.found, remedy=isolation.remedy or "")
    return said("{name}, tier {tier}", name=isolation.name, tier=said(isolation.tier.value))


def _reason(reason: str, words: Words) -> str:
    """Return why a post was given up, behind the run and the slot that it belongs to."""
    post, _, why = reason.partition(": ")
    return f"{post}: {words.say(read(why))}"


def in_words(database: str, version: str | None, posts: Backlog) -> Sentence:
    """Return how a database stands, in a few words for the one who runs Dexter."""
    schema = version or said("not made yet: the first start makes it")
    return said("{database}, schema {version}; {posts}", database=database, version=schema, posts=_posts(posts))


def _posts(posts: Backlog) -> Sentence:
    waiting = said("no post waits")
    if posts.waiting and posts.reasons:
        waiting = said(
            "posts that wait: {count} (the last try said: {why})", count=posts.waiting, why=read(posts.reasons[0])
        )
    elif posts.waiting:
        waiting = said("posts that wait: {count}", count=posts.waiting)
    return said("{waiting}, given up: {count}", waiting=waiting, count=posts.buried) if posts.buried else waiting
