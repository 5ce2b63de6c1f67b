"""The service: carries one collaboration from its question to exactly one Answer, whatever happens on the way."""

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from core.budget import Budget, Quotas, Spent
from core.committee.aside import Keyed, keyed
from core.committee.calls import Calls, Patience
from core.committee.committee import Committee, Limits
from core.committee.deliberate import deliberate
from core.committee.papers import cut_short
from core.committee.patterns import Pattern
from core.committee.pictures import unseen
from core.committee.plan import Plan, make_plan, no_plan
from core.committee.prompts import load_prompts
from core.committee.room import Room, Tools
from core.entities import Collaboration, Status, now
from core.errors import DexterError, Misconfigured, NoQuorum, OverBudget, Stopped, Unavailable
from core.events import Absence, Answer, Asked, Call, Event, Note, Seat, Usage
from core.ports import Emit, Model, Steps, Store
from core.sentences import read, said

log = logging.getLogger(__name__)

Listen = Callable[[str, str], Callable[[str, str], None] | None]
"""Return where words said in a run's phase go (member, words), or `None` where nobody watches: streaming costs CPU."""
Recipe = Callable[[Room], Awaitable[Answer]]
"""Carries a run from its room to its answer."""


class Collaborations:
    """Everything that deliberating needs, joined once and used for every run."""

    def __init__(  # noqa: PLR0913  the composition root names each part once
        self,
        store: Store,
        model: Model,
        committees: Mapping[str, Committee],
        patterns: Mapping[str, Pattern],
        emit: Emit,
        quotas: Quotas,
        listen: Listen,
        patience: Patience | None = None,
        recipes: Mapping[str, Recipe] | None = None,
    ) -> None:
        """`recipes` carry the patterns that name one.

        Raises `Misconfigured` where a pattern names a prompt that is not there.
        """
        self._store = store
        self._model = model
        self._calls = Calls(model, patience)
        self._committees = committees
        self._patterns = patterns
        self._emit = emit
        self._quotas = quotas
        self._listen = listen
        self._recipes: Mapping[str, Recipe] = {"": deliberate, **(recipes or {})}
        self._prompts = load_prompts()
        for pattern in patterns.values():
            if unknown := [p.prompt or p.act for p in pattern.phases if (p.prompt or p.act) not in self._prompts]:
                raise Misconfigured(
                    "The pattern {name} names prompts that are not there: {names}.",
                    name=pattern.name,
                    names=", ".join(unknown),
                )

    async def carry(self, tenant: str, run: str, steps: Steps) -> None:
        """Be the body of a durable run: deliberate, say what happens, and settle the collaboration.

        On a replay nothing is asked or said twice. Raises `Unavailable` where the store does not answer: the engine
        tries again, and tells `fail` in the end.
        """
        collaboration = await self._store.collaboration(tenant, run)
        if collaboration.status.over:
            return
        await self._store.settle(run, Status.RUNNING)
        await self._end(collaboration, await self._answer(collaboration, steps))

    async def aside(self, key: str, asked: Collaboration, pattern: Pattern, steps: Steps) -> Answer:
        """Deliberate inside the run of something else, which `asked.id` is, and return the answer without telling it.

        What members say is told in that run under keys that begin with `key`, and charged to its asker. Raises what a
        deliberation ends in that comes to no answer.
        """
        asked = asked.but(pattern=pattern.name, task=None)
        room, _ = await self._planned(asked, Keyed(steps, key), keyed(self._emit, key), {pattern.name: pattern})
        try:
            return await deliberate(room)
        finally:
            for number, call in enumerate(room.said.untold):
                await room.tell(f"cut:{number}", _cut_off(call))

    async def fail(self, tenant: str, run: str, error: DexterError) -> None:
        """End a run that its engine could not carry to the end."""
        collaboration = await self._store.collaboration(tenant, run)
        if not collaboration.status.over:
            await self._end(collaboration, _without(error, None))

    async def _end(self, collaboration: Collaboration, answer: Answer) -> None:
        await self._emit(_event(collaboration, "answer", answer))

    async def _answer(self, collaboration: Collaboration, steps: Steps) -> Answer:
        """Return the one answer of a run, also of one that fails."""
        room: Room | None = None
        try:
            room = await self._room(collaboration, steps)
            return await self._recipe(room)(room)
        except Unavailable:
            raise
        except DexterError as error:
            return _without(error, room)
        except Exception as error:  # noqa: BLE001  a fault of ours must still end in an answer that a person can read
            _report("failed", collaboration.id, error)
            text = "Something went wrong inside Dexter; its log has the details under run {run}."
            return _without(DexterError(text, run=collaboration.id), room)

    def _recipe(self, room: Room) -> Recipe:
        if room.pattern.recipe not in self._recipes:
            raise Misconfigured("The pattern {name} cannot be played here.", name=room.pattern.name)
        return self._recipes[room.pattern.recipe]

    async def _room(self, collaboration: Collaboration, steps: Steps) -> Room:
        """Return the room, opened: the plan is settled and the run has been announced."""
        room, why = await self._planned(collaboration, steps, self._emit, self._patterns)
        await room.tell("asked", _asked(room, why))
        if cut := cut_short(room):
            await room.tell("note:files", Note(text=str(cut), sentence=cut))
        if blind := await unseen(collaboration.context, room.players, self._model):
            await room.tell("note:images", Note(text=str(blind), sentence=blind))
        return room

    async def _planned(
        self, collaboration: Collaboration, steps: Steps, emit: Emit, patterns: Mapping[str, Pattern]
    ) -> tuple[Room, str]:
        """Return the room as it was planned, and why so. Raises what stands in the way."""

        async def work() -> Plan:
            try:
                await self._budget(collaboration, Limits(seconds=None)).check()
            except OverBudget as error:
                return no_plan(error)
            return make_plan(collaboration, self._committees, patterns)

        plan = await steps.once("plan", work, Plan)
        if plan.committee is None or plan.pattern is None:
            raise plan.error
        budget = self._budget(collaboration, plan.committee.budget)
        tools = Tools(self._calls, self._prompts, steps, emit, budget, partial(self._listen, collaboration.id))
        return Room(collaboration, plan.committee, plan.pattern, tools), plan.why

    def _budget(self, collaboration: Collaboration, limits: Limits) -> Budget:
        return Budget(limits, self._quotas, collaboration.asker, self._spent(collaboration.tenant))

    def _spent(self, tenant: str) -> Spent:
        async def today(asker: str | None) -> Usage:
            return await self._store.spent(tenant, asker=asker, day=now().date())

        return today


def _event(collaboration: Collaboration, key: str, body: Answer) -> Event:
    where = collaboration
    return Event(key=key, run=where.id, tenant=where.tenant, address=where.address, at=now(), body=body)


def _asked(room: Room, why: str) -> Asked:
    phases = tuple(phase.name for phase in room.pattern.phases)
    return Asked(
        question=room.collaboration.question,
        asker_name=room.collaboration.asker_name,
        committee=room.committee.name,
        pattern=room.pattern.name,
        seats=tuple(Seat(member=m.name, role=m.role, model=m.model) for m in room.players),
        phases=(*phases, "answer") if room.pattern.answer == "synthesis" else phases,
        why=why,
        language=room.collaboration.language,
        asker=room.collaboration.asker,
        note=read(room.collaboration.note) if room.collaboration.note else None,
    )


def _without(error: DexterError, room: Room | None) -> Answer:
    """Return the answer of a run that has none: why, what to do, and what it took all the same."""
    ends: dict[type[DexterError], Status] = {Stopped: Status.STOPPED, NoQuorum: Status.NO_QUORUM}
    return Answer(
        status=ends.get(type(error), Status.FAILED),
        text=str(error),
        sentence=error.sentence,
        how="none",
        tally=room.said.tally if room else None,
        absences=tuple(room.said.absences) if room else (),
        calls=tuple(room.said.untold) if room else (),
        usage=room.tools.budget.usage() if room else Usage(),
    )


def _cut_off(call: Call) -> Absence:
    """Return what tells of a call that a stop cut off, so that it is charged though there is no answer."""
    why = said("The run was stopped before the reply came.")
    return Absence(member=call.member, phase=call.phase, reason="error", detail=str(why), sentence=why, call=call)


def _report(what: str, run: str, error: Exception) -> None:
    """Log what failed and where, without the message: that may quote what a person or a model wrote."""
    log.error("run %s %s: %s\n%s", run, what, type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
