"""What core says: written down with the posts that are due for it, logged, and passed on to whoever watches."""

from collections.abc import Callable, Sequence

import structlog

from bot.live import PROGRAM, Live
from bot.log import said
from bot.outbox import Postman
from bot.posts import slots
from bot.shapes import TERMINAL
from core.campaigns.steps import STEP
from core.committee.collaborations import Listen
from core.events import Event
from core.ports import SkillStore, Store
from core.sandbox import Follow
from core.skills.skill import Move, SkillVersion

log = structlog.get_logger("dexter.events")


class Telling:
    """Where everything that happens goes through."""

    def __init__(self, store: Store, skills: SkillStore, live: Live, postman: Postman) -> None:
        self._store, self._skills, self._live, self._postman = store, skills, live, postman

    async def emit(self, event: Event) -> None:
        """Write an event down and pass it on; one that is there already changes nothing."""
        posts = due(event)
        if await self._store.append(event, posts):
            self._pass_on(event, posts)

    async def decide(self, event: Event, name: str, version: str, *, before: str, move: Move | None) -> SkillVersion:
        """Write an approval down with the step that it allows, and pass it on; see `core.skills.promotions.Decide`."""
        posts = due(event)
        after = await self._skills.decide(event, posts, name, version, before=before, move=move)
        self._pass_on(event, posts)
        return after

    def told(self, events: Sequence[Event]) -> None:
        """Pass on what was written down elsewhere, with the posts that are due for it."""
        for event in events:
            self._pass_on(event, due(event))

    def _pass_on(self, event: Event, posts: Sequence[str]) -> None:
        log.info(event.body.kind, run=event.run, tenant=event.tenant, key=event.key, **said(event))
        self._live.publish(event)
        self._postman.attend(event)
        if posts:
            self._postman.nudge()


def due(event: Event) -> Sequence[str]:
    """Return the posts that an event makes due; nobody posts to a terminal, which watches, nor of a campaign's step."""
    return () if event.address.startswith((TERMINAL, STEP)) else slots(event)


def overheard(live: Live) -> Callable[[str], Follow]:
    """Return where goes what the program of a run says while it runs."""

    def follow(run: str) -> Follow:
        return lambda _, text: live.say(run, PROGRAM, text)

    return follow


def listener(live: Live) -> Listen:
    """Return where a run's words go: nowhere, unless somebody watches it."""

    def listen(run: str, phase: str) -> Callable[[str, str], None] | None:
        return (lambda member, text: live.say(run, member, text, phase)) if live.watched(run, phase) else None

    return listen
