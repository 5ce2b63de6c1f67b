"""A committee of scripted members, a store and steps in memory: a run from its question to its answer, no provider."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from core.adapters.memory import MemorySteps
from core.adapters.scripted_model import ScriptedModel
from core.budget import Quotas
from core.committee.calls import Patience
from core.committee.collaborations import Collaborations
from core.committee.committee import Committee, Member
from core.committee.patterns import Pattern, load_patterns
from core.entities import Collaboration, Noun, Status, now
from core.errors import NotFound
from core.events import Answer, Event, Happening, Usage
from core.ports import Completion, Model, Prompt, Steps

T = TypeVar("T")
RUN, TENANT = "k3f9x2mqabcd", "local"
QUICKLY = Patience(first=0.001, most=0.002)
PATTERNS = load_patterns()


def committee(*names: str, **settings: Any) -> Committee:
    """A committee whose members play the script of their own name."""
    members = tuple(Member(name=name, model=f"scripted/{name}", role=name) for name in names or ("ann", "bob", "cat"))
    return Committee(name="default", members=members, **settings)


def ballot(*letters: str, confidence: float = 0.8, reason: str = "it is right") -> str:
    """The reply of a voter that ranks the letters it is shown."""
    return json.dumps({"ranking": letters, "confidence": confidence, "reason": reason})


def shown(prompt: Prompt) -> dict[str, str]:
    """The answers in a prompt by their letters, read as a member would read them."""
    text = prompt.messages[1].content
    return {m[2]: m[3] for m in re.finditer(r"<<<(\w+) answer (\w+)\n(.*?)\n\1>>>", text, re.DOTALL)}


def prefers(*wanted: str) -> Callable[[Prompt], str]:
    """A voter that ranks answers by the first of `wanted` that stands in them, whatever letter they are under."""

    def vote(prompt: Prompt) -> str:
        answers = shown(prompt)
        order = [letter for wish in wanted for letter, text in answers.items() if wish in text]
        return ballot(*dict.fromkeys(order))

    return vote


def member_of(prompt: Prompt) -> str:
    """Who is asked."""
    return prompt.model.removeprefix("scripted/")


def plays(says: Mapping[str, str], votes: Mapping[str, Callable[[Prompt], str]] | None = None) -> ScriptedModel:
    """Members that always say the same, and vote as given (else for the first they are shown)."""

    def reply(prompt: Prompt) -> str:
        if prompt.reply_schema is None:
            return says[member_of(prompt)]
        vote = (votes or {}).get(member_of(prompt))
        return vote(prompt) if vote else ballot(*shown(prompt))

    return ScriptedModel(reply)


@dataclass
class SmallStore:
    """As much of a store as a run needs."""

    collaboration_: Collaboration
    used: Usage = field(default_factory=Usage)
    asked_for: list[str | None] = field(default_factory=list)

    async def collaboration(self, tenant: str, id: str) -> Collaboration:
        if (tenant, id) != (self.collaboration_.tenant, self.collaboration_.id):
            raise NotFound("There is no such run.")
        return self.collaboration_

    async def settle(self, run: str, status: Status, answer: str = "") -> None:
        if not self.collaboration_.status.over:
            self.collaboration_ = self.collaboration_.but(status=status, answer=answer)

    async def spent(self, tenant: str, *, asker: str | None, day: date) -> Usage:
        self.asked_for.append(asker)
        return self.used


class World:
    """One run and everything it said."""

    def __init__(self, model: Model, seats: Committee, *, pattern: str = "panel", **settings: Any) -> None:
        question = settings.pop("question", "Should we move?")
        context = settings.pop("context", ())
        self.store = SmallStore(
            Collaboration(
                id=RUN,
                tenant=TENANT,
                asker="local:me",
                asker_name="Me",
                address="local:here",
                question=question,
                context=context,
                pattern=pattern,
                created_at=now(),
            )
        )
        self.store.used = settings.pop("used", Usage())
        self.events: dict[str, Event] = {}
        self.spoken: list[tuple[str, str]] = []
        watched = settings.pop("watched", False)
        patterns: Mapping[str, Pattern] = settings.pop("patterns", PATTERNS)
        quotas = settings.pop("quotas", Quotas())
        self.service = Collaborations(
            self.store,  # type: ignore[arg-type]  # a run needs no more of a store
            model,
            {"default": seats},
            patterns,
            self.emit,
            quotas,
            lambda run, phase: self._hear if watched else None,
            QUICKLY,
        )

    def _hear(self, member: str, text: str) -> None:
        self.spoken.append((member, text))

    async def emit(self, event: Event) -> None:
        """Keep an event, and settle the run that it ends; the same id again changes nothing."""
        self.events.setdefault(event.id, event)
        if isinstance(event.body, Answer):
            await self.store.settle(event.run, event.body.status, event.body.text)

    async def run(self, steps: Steps | None = None) -> Answer:
        """Carry the run and return its one answer."""
        await self.service.carry(TENANT, RUN, steps or MemorySteps())
        return self.answer

    @property
    def answer(self) -> Answer:
        """The one answer."""
        (said,) = self.all(Answer)
        return said

    @property
    def status(self) -> Status:
        """What the collaboration was settled as."""
        return self.store.collaboration_.status

    def all(self, kind: type[T]) -> list[T]:
        """Every happening of a kind, in order."""
        return [event.body for event in self.events.values() if isinstance(event.body, kind)]

    def bodies(self) -> list[Happening]:
        """Everything said, in order."""
        return [event.body for event in self.events.values()]


class Crash(BaseException):
    """The process is gone."""


class Recording:
    """Steps that remember in JSON, as a database would, and can crash just before or after the n-th is written down."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.begun: list[str] = []
        self.done: list[str] = []
        self.crash_after: int | None = None
        self.lose_last = False

    def stopping(self) -> bool:
        return False

    def again(self) -> None:
        """Start the process anew, with what was written down."""
        self.begun, self.crash_after = [], None

    async def once(self, key: str, work: Callable[[], Awaitable[T]], shape: type[T]) -> T:
        assert issubclass(shape, Noun)
        assert key not in self.begun, "a step was begun twice in one go"
        self.begun.append(key)
        if key in self.kept:
            return shape.model_validate_json(self.kept[key])
        result = await work()
        assert isinstance(result, shape)
        self.done.append(key)
        crash = self.crash_after is not None and len(self.done) >= self.crash_after
        if not (crash and self.lose_last):
            self.kept[key] = result.model_dump_json()
        if crash:
            raise Crash
        return shape.model_validate_json(self.kept[key])


class Slow:
    """A model in front of another, in which some members never answer until the test lets them."""

    def __init__(self, inner: Model, *members: str) -> None:
        self._inner = inner
        self._members = members
        self.waiting = asyncio.Event()
        """Set once a slow member has been asked."""
        self.cut_off: list[str] = []

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        if member_of(prompt) in self._members:
            self.waiting.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.cut_off.append(member_of(prompt))
        return await self._inner.complete(prompt, words)

    async def quote(self, prompt: Prompt) -> float | None:
        return await self._inner.quote(prompt)


def texts(prompts: Sequence[Prompt]) -> list[str]:
    """What was sent, system and user together."""
    return ["\n".join(message.content for message in prompt.messages) for prompt in prompts]
