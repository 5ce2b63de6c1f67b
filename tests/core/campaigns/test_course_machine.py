"""Whatever happens to a campaign, in whatever order and how often: what must always hold of it, holds."""

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.campaigns.budget import overspent
from core.campaigns.campaign import Campaign, Course, Stage, Wait
from core.campaigns.incidents import Start
from core.campaigns.moment import Moment
from core.campaigns.rules import Rules
from core.campaigns.sums import Allowance, Sums
from core.entities import Collaboration, Status
from core.errors import BadRequest
from tests.doubles.campaign_world import PLAN, CampaignWorld, campaign, objective

PLANS = [
    PLAN,
    "1. One\ndone when: it is one\nby: committee\n2. Ask\ndone when: ann says so\nby: person\nneeds: 1",
    "1. Make it\ndone when: its tests pass\nby: skill\n2. Use it\ndone when: it ran\nby: use skill\nneeds: 1",
    "1. A\ndone when: a\nneeds: 2\n2. B\ndone when: b\nneeds: 1",
    "I am sorry, I cannot plan this.",
    "1. Only one\ndone when: it is there",
    "",
    "- a\n- b\n- c\n- d\n- e\n- f\n- g",
]
VERDICTS = ["Good.\nAnswer: yes", "Answer: no", "It lacks a source.\nAnswer: no", "It lacks a date.\nAnswer: no", "Hm."]
WORKS = ["A result", "Another result", "A third result", "", "\x00" + 'é\\"' * 5000]
ENDS = [Status.ANSWERED, Status.ANSWERED, Status.FAILED, Status.DISAGREED, Status.NO_QUORUM, Status.STOPPED]
ACTS = ["approve", "reject", "pause", "resume", "note", "replan", "skip", "answer", "retry"]
IDS = ["", "1", "2", "3", "1.1", "1.2", "nine"]
AMOUNTS = st.builds(Sums, tokens=st.integers(0, 9000), microdollars=st.integers(0, 90_000), unpriced=st.integers(0, 0))
UNPRICED = st.builds(Sums, tokens=st.just(50), unpriced=st.just(1))
SPENT = st.one_of(AMOUNTS, AMOUNTS, UNPRICED)
ALLOWANCES = st.sampled_from(
    [Allowance(), Allowance(), Allowance(tokens=20_000), Allowance(tokens=60_000, dollars=0.2), Allowance(dollars=0.01)]
)
LEDGER = {"steps", "spent", "objectives", "month", "month_of"}
"""What of a campaign that is over may still change: the ends of runs that were stopped with it come in."""


class Life(RuleBasedStateMachine):
    """One campaign and all that may happen to it."""

    @initialize(
        mode=st.sampled_from(["guided", "autonomous", "autonomous"]),
        allowance=ALLOWANCES,
        month=ALLOWANCES,
        given=st.booleans(),
        days=st.sampled_from([0, 0, 1, 100]),
        rules=st.builds(
            Rules,
            side_by_side=st.integers(1, 3),
            attempts=st.integers(1, 3),
            depth=st.integers(1, 3),
            replans=st.integers(0, 2),
            idle=st.integers(2, 6),
            objectives=st.sampled_from([6, 40]),
        ),
    )
    def begin(self, mode: str, allowance: Allowance, month: Allowance, given: bool, days: int, rules: Rules) -> None:
        parts = (
            objective("1", allowance=Allowance(tokens=6000)),
            objective("2", means="person", needs=("1",)),
            objective("3", needs=("1",)),
            objective("4", means="skill"),
            objective("5", means="use", needs=("4",), input={"text": "{{4}}"}),
        )
        wanted = campaign(mode=mode, allowance=allowance, objectives=parts if given else ())
        if days:
            wanted = wanted.but(deadline=wanted.created_at + timedelta(days=days))
        self.world = CampaignWorld(wanted, rules.but(month=month))
        self.before = self.world.campaign

    def _try(self, what: Any, **fields: Any) -> None:
        """Do what a person wants; a sentence that says why not changes nothing."""
        self.before = self.world.campaign
        told = len(self.world.moments)
        try:
            what(**fields)
        except BadRequest:
            assert (self.world.campaign, len(self.world.moments)) == (self.before, told)

    @precondition(lambda self: self.world.going)
    @rule(at=st.integers(0, 9), status=st.sampled_from(ENDS), spent=SPENT, pick=st.integers(0, 99), good=st.booleans())
    def end(self, at: int, status: Status, spent: Sums, pick: int, good: bool) -> None:
        run = self.world.going[at % len(self.world.going)]
        start = self.world.started[run]
        self._try(self.world.end, run=run, spent=spent, **self._end_of(start, status, pick, good))

    @precondition(lambda self: self.world.going)
    @rule(spent=AMOUNTS)
    def end_well(self, spent: Sums) -> None:
        start = self.world.started[self.world.going[0]]
        self._try(self.world.end, spent=spent, **self._end_of(start, Status.ANSWERED, 0, True))

    @precondition(lambda self: len(self.world.going) > 0)
    @rule(why=st.text(min_size=3, max_size=6))
    def end_with_work_that_is_not_enough(self, why: str) -> None:
        start = self.world.started[self.world.going[0]]
        fields = self._end_of(start, Status.ANSWERED, 0, False)
        texts = {"work": f"Result {why}", "judge": f"It lacks {why}.\nAnswer: no"}
        self._try(self.world.end, **fields | {"text": texts.get(start.purpose, fields["text"])})

    @precondition(lambda self: any(each and each.number for each in self._waits()))
    @rule()
    def say_yes(self) -> None:
        asked = next(each for each in self._waits() if each and each.number)
        self._try(self.world.do, act="approve", request=asked.number)

    def _waits(self) -> list[Wait | None]:
        return [self.world.campaign.wait, *(each.wait for each in self.world.campaign.objectives)]

    def _end_of(self, start: Start, status: Status, pick: int, good: bool) -> dict[str, Any]:
        asked = start.collaboration
        texts = {"plan": PLANS, "judge": VERDICTS, "work": WORKS, "report": WORKS}[start.purpose]
        fields: dict[str, Any] = {"status": status, "text": texts[pick % len(texts)], "members": ("ann",)}
        if status is Status.DISAGREED:
            fields["text"] = f"No agreement.\n\n**ann:**\n\n{fields['text']}\n\n**bob:**\n\nNo."
        if asked.pattern == "skill":
            fields |= {"skill": "count", "version": "1.0.0", "passed": good}
        if asked.task and status is Status.ANSWERED:
            fields |= {"status": Status.DONE if good else Status.FAILED, "passed": good}
        return fields

    @precondition(lambda self: self.world.ends)
    @rule(at=st.integers(0, 50))
    def tell_an_end_twice_and_one_of_a_strange_run(self, at: int) -> None:
        ended = list(self.world.ends.values())[at % len(self.world.ends)]
        before = self.world.campaign.spent
        for run in (ended.run, "strange"):
            turn = self.world.feed(ended.but(run=run, spent=Sums(tokens=1), text="Something else"))
            assert turn.starts == turn.stops == ()
        assert self.world.campaign.spent == before

    @rule(act=st.sampled_from(ACTS), id=st.sampled_from(IDS), text=st.sampled_from(["", "Mind the gap."]),
          yes=st.booleans(), at_once=st.booleans())  # fmt: skip
    def do(self, act: str, id: str, text: str, yes: bool, at_once: bool) -> None:
        self._try(self.world.do, act=act, objective=id, text=text, yes=yes, at_once=at_once)

    @rule(yes=st.sampled_from([True, True, False]), number=st.integers(0, 3))
    def answer(self, yes: bool, number: int) -> None:
        request = max(0, self.world.campaign.requests - number)
        self._try(self.world.do, act="answer", name="bob", request=request, yes=yes)

    @precondition(lambda self: len(self.world.started) > 6)
    @rule()
    def stop(self) -> None:
        self._try(self.world.do, act="stop")

    @rule(at=st.integers(0, 9), turn=st.booleans(), add=st.booleans(), allowance=ALLOWANCES, plan=st.booleans())
    def change(self, at: int, turn: bool, add: bool, allowance: Allowance, plan: bool) -> None:
        there = list(self.world.campaign.objectives)
        if there and not add:
            there.pop(at % len(there))
        wanted = (*(reversed(there) if turn else there), *([objective("", title=f"New {at}")] if add else []))
        self._try(self.world.change, **{"objectives": wanted} if plan else {"allowance": allowance})

    @rule(seconds=st.sampled_from([0.0, 61.0, 700.0, 5 * 3600.0, 40 * 86400.0, -3600.0, -400 * 86400.0]),
          lost=st.booleans(), used=st.sampled_from([0, 0, 0, 15_000]))  # fmt: skip
    def tick(self, seconds: float, lost: bool, used: int) -> None:
        gone = tuple(self.world.going[:1]) if lost and seconds > 600 else ()
        for run in gone:
            self.world.going.remove(run)
        self._try(self.world.tick, seconds=seconds, gone=gone, month=Sums(tokens=used))

    @rule()
    def wait_until_it_is_due(self) -> None:
        if due := self.world.turn.due:
            self._try(self.world.tick, seconds=(due - self.world.at).total_seconds())

    @invariant()
    def no_more_is_under_way_than_allowed_and_all_of_it_was_started(self) -> None:
        steps = self.world.campaign.steps
        assert len(steps) <= self.world.rules.side_by_side
        assert {step.run for step in steps} == set(self.world.going)

    @invariant()
    def nothing_starts_while_paused_held_or_over(self) -> None:
        if self.world.turn.starts:
            assert self.world.campaign.course in (Course.PLANNING, Course.RUNNING)
        assert self.world.stopped <= set(self.world.started)

    @invariant()
    def the_ledger_adds_up(self) -> None:
        kept = self.world.campaign
        assert kept.spent == sum((each.spent for each in self.world.ends.values()), Sums())
        own = [each.spent for run, each in self.world.ends.items() if not self._aim(run)]
        gone = [
            each.spent for run, each in self.world.ends.items() if self._aim(run) and not kept.objective(self._aim(run))
        ]
        assert kept.spent == sum((each.spent for each in kept.objectives), Sums()) + sum([*own, *gone], Sums())

    def _aim(self, run: str) -> str:
        aim = self.world.started[run].collaboration.aim
        return aim.objective if aim else ""

    @invariant()
    def what_is_over_stays_as_it_is_but_for_the_ledger(self) -> None:
        if self.before.course.over:
            both = zip(self.before, self.world.campaign, strict=True)
            assert {name for (name, old), (_, new) in both if old != new} <= LEDGER
            now = [each.but(spent=Sums()) for each in self.world.campaign.objectives]
            assert [each.but(spent=Sums()) for each in self.before.objectives] == now

    @invariant()
    def whoever_waits_has_a_time_or_a_person_to_wait_for(self) -> None:
        kept = self.world.campaign
        assert (self.world.turn.due is None) == (kept.course.over and not kept.steps)
        waits = [wait for wait in (kept.wait, *(each.wait for each in kept.objectives)) if wait]
        assert all(wait.number or wait.until for wait in waits)
        if kept.course in (Course.PROPOSED, Course.HELD):
            assert kept.wait is not None
            assert kept.wait.number
        if kept.course in (Course.RUNNING, Course.PLANNING):
            assert kept.steps or waits
        if self.world.turn.due:
            assert timedelta(0) <= self.world.turn.due - self.world.at <= timedelta(seconds=self.world.rules.look)

    @invariant()
    def nothing_goes_on_with_less_than_nothing_left(self) -> None:
        kept = self.world.campaign
        left = [each for each in kept.objectives if not each.stage.over]
        if overspent(kept.allowance, kept.spent) and (left or not kept.objectives):
            assert kept.course not in (Course.RUNNING, Course.PLANNING)

    @invariant()
    def what_is_met_has_evidence_and_what_runs_has_a_run(self) -> None:
        kept = self.world.campaign
        for each in kept.objectives:
            assert not (each.stage is Stage.MET and not each.evidence)
            assert not (each.stage is Stage.RUNNING and not any(step.objective == each.id for step in kept.steps))
            assert each.attempts <= self.world.rules.attempts
            assert not (each.started_at and each.ended_at and each.ended_at < each.started_at)
            assert each.id.count(".") < self.world.rules.depth
        assert len({each.id for each in kept.objectives}) == len(kept.objectives)
        assert sum(not each.stage.over for each in kept.objectives) <= self.world.rules.objectives

    @invariant()
    def moments_are_numbered_one_after_the_other_and_a_request_mentions_once(self) -> None:
        assert self.world.campaign.told == len(self.world.moments)
        mentions = [moment.slot for moment in self.world.moments if moment.mention]
        assert mentions == [f"request:{number}" for number in range(1, self.world.campaign.requests + 1)]

    @invariant()
    def all_of_it_can_be_kept_and_read_again(self) -> None:
        kept = self.world.campaign
        assert Campaign.model_validate_json(kept.model_dump_json()) == kept
        for start in self.world.turn.starts:
            asked = start.collaboration
            assert Collaboration.model_validate_json(asked.model_dump_json()) == asked
            assert asked.question.strip()
        for moment in self.world.turn.moments:
            assert Moment.model_validate_json(moment.model_dump_json()) == moment
            assert str(moment.sentence)


Life.TestCase.settings = settings(
    max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
test_every_order_of_incidents = Life.TestCase
