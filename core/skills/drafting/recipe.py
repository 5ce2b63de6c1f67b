"""The recipe of the pattern `skill`: sign, write, test, run, write more, repair, count, keep."""

from functools import partial

from core.committee.floor import together
from core.committee.room import Room
from core.entities import Status, Task
from core.errors import NoQuorum
from core.events import Answer
from core.sentences import Sentence, joined, said
from core.skills.drafting.agreement import Evidence, alike, ranked, writers
from core.skills.drafting.counting import count, made_of
from core.skills.drafting.keeping import Apart, Keep, Kept
from core.skills.drafting.members import repair, sign, write, write_tests
from core.skills.drafting.package import Made, description
from core.skills.drafting.reading import fenced
from core.skills.drafting.running import told
from core.skills.drafting.table import Table, drafting_prompts, numbers_of
from core.skills.drafting.trial import Trial, tried
from core.skills.drafting.wish import read_wish
from core.skills.job import Job


class Drafting:
    """Drafts skills: what `Collaborations` needs of the pattern beyond what every pattern has."""

    def __init__(self, apart: Apart, keep: Keep) -> None:
        self._apart = apart
        self._keep = keep
        self._prompts = drafting_prompts()

    async def __call__(self, room: Room) -> Answer:
        """Carry a draft from the request to a version of a skill.

        Raises `NoQuorum` where no member writes a program, `Stopped` where a person stops it, and a `DexterError`
        where the sandbox runs nothing.
        """
        sandbox = await self._apart(room.collaboration.tenant)
        table = Table(room, numbers_of(room), self._prompts, sandbox, read_wish(room.collaboration.question))
        if not table.wish.stub:
            await sign(table)
        await write(table, 1)
        await write_tests(table)
        table.settle_calls()
        evidence = await self._run(table, 1)
        if not settled(table, evidence):
            evidence = await self._more(table, evidence)
        winner = await count(table, evidence)
        return await self._end(table, made_of(table, evidence, winner))

    async def _more(self, table: Table, evidence: Evidence) -> Evidence:
        """Have more written, and what fails repaired, until enough agree or the rounds are over."""
        numbers = table.numbers
        for round in range(2, numbers.samples + numbers.rounds + 2):
            if round > numbers.samples + 1:
                if evidence.complete:
                    break
                await repair(table, evidence, round - numbers.samples - 1)
            replied = await write(table, round)
            evidence = await self._run(table, round)
            if settled(table, evidence) or not replied:
                break
        return evidence

    async def _run(self, table: Table, round: int) -> Evidence:
        """Run what has not run yet, every program on every call, and say what came of it."""
        room, wish = table.room, table.wish
        job = Job(room.collaboration, Task(kind="test"), room.tools.steps, room.tools.emit)
        fresh = [each for label, each in table.candidates.items() if label not in table.trials]
        if not table.candidates:
            raise NoQuorum("No member wrote a function that can be run. Say in other words what it is to do.")
        sure = len({case.arguments for case in table.examples})

        async def run(key: str, code: str) -> Trial:
            return await job.apart(key, partial(tried, table.sandbox, code, wish.name, table.calls, sure), Trial)

        keys = [f"trial:{round}:{each.label}" for each in fresh]
        trials = await together([run(key, each.code) for key, each in zip(keys, fresh, strict=True)])
        table.trials.update(zip([each.label for each in fresh], trials, strict=True))
        evidence = table.evidence()
        for key, each in zip(keys, fresh, strict=True):
            await room.tell(key, told(table, evidence, each.label, round))
        return evidence

    async def _end(self, table: Table, made: Made) -> Answer:
        kept = await self._keep(table.room, made, table.wish)
        room, beginning = table.room, summary(made, kept)
        return Answer(
            status=Status.ANSWERED,
            text=f"{beginning}\n\n{description(made, table.wish)}\n\n{fenced(made.code)}",
            sentence=beginning,
            how="winner",
            sources=tuple(dict.fromkeys(made.members)),
            tally=room.said.tally,
            absences=tuple(room.said.absences),
            calls=tuple(room.said.untold),
            drafted=kept.drafted,
            usage=room.tools.budget.usage(),
        )


def settled(table: Table, evidence: Evidence) -> bool:
    """Tell whether more programs are needless.

    They are where enough, written apart, pass everything given and agree on every call, and are most of those that
    pass; without examples it takes one more.
    """
    if not evidence.complete:
        return False
    same = writers(evidence, alike(evidence, ranked(evidence)[0]))
    enough = table.numbers.enough if evidence.examples else table.numbers.enough + 1
    return same >= enough and 2 * same > writers(evidence, evidence.leading)


def summary(made: Made, kept: Kept) -> Sentence:
    """Return in words what was drafted, what holds of it, and what does not."""
    drafted = kept.drafted
    what = said("This could not be kept as a skill.")
    if drafted:
        stage = said(drafted.stage.value)
        what = said(
            "**{skill} {version}** is written ({stage}).", skill=drafted.skill, version=drafted.version, stage=stage
        )
    given = len(made.examples) + len(made.failed)
    shown = said("It passes {passed} of {given} examples of the request.", passed=len(made.examples), given=given)
    tests = said(
        "Of the members' tests {kept} stayed; {out} that nothing supports were voted out.",
        kept=len(made.tests),
        out=made.voted_out,
    )
    open_ = [said("Say more exactly what is wanted, with examples, and have it drafted again.")] if made.failed else []
    return joined([what, *([shown] if given else []), tests, *filter(None, [kept.problem]), *open_])
