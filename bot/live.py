"""What is going on right now, for whoever watches in this process: events as they are written, and words as they come.

The journal is the truth; this is only faster. A watcher that is slow loses words, never events, and stops nobody.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass

from core.events import Answer, Event
from core.ports import Store
from core.skills.results import Done

PATIENCE = 1.0
"""Seconds without news after which a follower reads the journal: the run may be in another process."""
MOST_WAITING = 1000
"""Words that may wait for one watcher; past that, words are dropped."""


PROGRAM = ""
"""Who speaks where it is no member of a committee, but the program that a task runs."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The next words of a member that is speaking, or of a program."""

    run: str
    member: str
    text: str


class Live:
    """Hands events and words to watchers of a run."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Queue[Event | Spoken]]] = defaultdict(set)
        self._listeners: dict[str, tuple[frozenset[str], Callable[[str], None]]] = {}

    def publish(self, event: Event) -> None:
        """Pass an event on to those who watch its run."""
        for queue in self._watchers.get(event.run, ()):
            queue.put_nowait(event)

    def listen(self, run: str, phases: Iterable[str], hear: Callable[[str], None]) -> None:
        """Call `hear` with the words that are said in some phases of a run, until `unlisten`; one listener a run."""
        self._listeners[run] = (frozenset(phases), hear)

    def unlisten(self, run: str) -> None:
        """Forget a run's listener, if it has one."""
        self._listeners.pop(run, None)

    def say(self, run: str, member: str, text: str, phase: str = "") -> None:
        """Pass words on; dropped for a watcher that is too far behind."""
        phases, hear = self._listeners.get(run, (frozenset(), None))
        if hear and phase in phases:
            hear(text)
        for queue in self._watchers.get(run, ()):
            if queue.qsize() < MOST_WAITING:
                queue.put_nowait(Spoken(run, member, text))

    def watched(self, run: str, phase: str = "") -> bool:
        """Tell whether anyone wants the words of a phase, that is, whether streaming is worth its cost."""
        return bool(self._watchers.get(run)) or phase in self._listeners.get(run, ((), None))[0]

    async def follow(self, store: Store, tenant: str, run: str) -> AsyncIterator[Event | Spoken]:
        """Yield a run from its first event to its end, each event once, whoever works on it."""
        queue: asyncio.Queue[Event | Spoken] = asyncio.Queue()
        self._watchers[run].add(queue)
        seen: set[str] = set()
        try:
            while True:
                for item in await _next(queue) or await store.history(tenant, run):
                    if isinstance(item, Spoken):
                        yield item
                    elif item.id not in seen:
                        seen.add(item.id)
                        yield item
                        if isinstance(item.body, Answer | Done):
                            return
        finally:
            self._watchers[run].discard(queue)
            if not self._watchers[run]:
                del self._watchers[run]


async def _next(queue: "asyncio.Queue[Event | Spoken]") -> Sequence[Event | Spoken]:
    """Return the next thing that is said, or nothing after a while."""
    try:
        async with asyncio.timeout(PATIENCE):
            return [await queue.get()]
    except TimeoutError:
        return []
