"""Members that are slow, refuse, answer garbage or cost too much; too few of them; a person that stops the run."""

import asyncio

import pytest

from core.adapters.memory import MemorySteps
from core.adapters.scripted_model import ScriptedModel
from core.budget import Quotas
from core.committee.committee import Committee, Limits, Member
from core.entities import Status
from core.errors import ModelBroken, ModelBusy, ModelRefused, ModelRejected, ModelTimeout, ModelUnreachable, Unavailable
from core.events import Absence, Answer, Ballot, Call, Event, PhaseStarted, Proposal, Tally, Usage
from core.ports import Completion, Prompt
from tests.doubles.committee_world import PATTERNS, Slow, World, ballot, committee, member_of, plays, prefers, shown

SAYS = {
    "ann": "Move, because what we have now costs twice as much every year.",
    "bob": "Stay, because nobody here has ever run the new one in earnest.",
    "cat": "Wait, because the price will have fallen by the end of spring.",
}


def failing(member: str, error: Exception) -> ScriptedModel:
    def reply(prompt):  # type: ignore[no-untyped-def]
        if member_of(prompt) == member:
            raise error
        return ballot(*shown(prompt)) if prompt.reply_schema else SAYS[member_of(prompt)]

    return ScriptedModel(reply)


@pytest.mark.parametrize(
    ("error", "reason", "retries"),
    [
        (ModelTimeout("too slow"), "timeout", 2),
        (ModelRefused("the filter stopped it"), "refused", 0),
        (ModelRejected("no such model"), "error", 0),
        (ModelBusy("429", retry_after=0.001), "error", 2),
        (ModelBusy("429", retry_after=3600), "error", 0),
        (ModelBroken("500"), "error", 2),
        (ModelUnreachable("refused"), "error", 2),
    ],
)
async def test_a_member_that_fails_is_an_absence_with_its_reason(error: Exception, reason: str, retries: int) -> None:
    world = World(failing("cat", error), committee())
    answer = await world.run()
    assert answer.status is Status.ANSWERED
    assert answer.tally is not None
    assert [(absence.member, absence.reason) for absence in answer.tally.absences] == [("cat", reason)]
    said = world.all(Absence)[0]
    assert said.call is not None
    assert (said.call.outcome, said.call.retries, said.call.cost) == (reason, retries, 0.0)
    assert said.detail == str(error)


async def test_a_fallback_steps_in_and_the_record_names_it() -> None:
    ann = Member(name="ann", model="scripted/broken", fallbacks=("scripted/busy", "scripted/spare"), retries=1)
    seats = committee("bob").but(members=(ann,))
    replies = {"broken": [ModelRejected("no")], "busy": [ModelBusy("429")] * 2, "spare": ["Answer: yes"]}
    world = World(ScriptedModel(replies), seats, pattern="solo")
    answer = await world.run()
    call = world.all(Proposal)[0].call
    assert (call.model, call.retries, call.outcome, answer.text) == ("scripted/spare", 3, "ok", "yes")


async def test_an_empty_reply_is_garbage_but_what_it_cost_is_counted() -> None:
    empty = Completion(
        text=" ", model="scripted/ann", provider="scripted", prompt_tokens=10, completion_tokens=1, cost=0.5, seconds=0
    )
    world = World(ScriptedModel({"ann": [empty, empty, "Answer: yes"]}), committee("ann"), pattern="solo")
    answer = await world.run()
    assert answer.usage.cost == pytest.approx(1.0)
    assert answer.usage.tokens > 22


async def test_a_ballot_of_another_shape_is_garbage_but_what_each_try_took_is_counted() -> None:
    def reply(prompt):  # type: ignore[no-untyped-def]
        if not prompt.reply_schema:
            return SAYS[member_of(prompt)]
        return "all of them are good" if member_of(prompt) == "cat" else ballot(*shown(prompt))

    world = World(ScriptedModel(reply), committee())
    await world.run()
    call = world.all(Absence)[0].call
    assert (call.member, call.outcome, call.retries) == ("cat", "garbage", 2)
    assert call.completion_tokens == 3 * 5
    assert call.prompt_tokens > 0


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Answer: yes\n\nBecause it", "Answer: yes\n\nBecause it […]"),
        ("Answer: yes\n\n```sh\nls", "Answer: yes\n\n```sh\nls\n```\n\n[…]"),
    ],
)
async def test_an_answer_that_was_cut_off_says_so_and_counts_as_the_answer_that_it_is(text: str, shown: str) -> None:
    cut = Completion(
        text=text, cut=True, model="scripted/ann", provider="scripted", prompt_tokens=9, completion_tokens=9, cost=0,
        seconds=0,
    )  # fmt: skip
    world = World(ScriptedModel({"ann": [cut]}), committee("ann"), pattern="solo")
    assert (await world.run()).text == shown
    assert world.all(Proposal)[0].value == "yes"


async def test_too_few_answers_are_no_quorum_with_what_to_do() -> None:
    def reply(prompt):  # type: ignore[no-untyped-def]
        if member_of(prompt) != "ann":
            raise ModelRejected(f"The key of {member_of(prompt)} is wrong.")
        return SAYS["ann"]

    world = World(ScriptedModel(reply), committee())
    answer = await world.run()
    assert (answer.status, world.status, answer.how) == (Status.NO_QUORUM, Status.NO_QUORUM, "none")
    assert answer.text.startswith("No quorum: 1 of 3 members gave something in the phase propose, and 2 are needed.")
    assert "The key of bob is wrong." in answer.text
    assert "dexter doctor" in answer.text
    assert [absence.member for absence in answer.absences] == ["bob", "cat"]
    assert answer.usage.calls == 3


async def test_too_few_ballots_are_no_quorum_and_no_false_winner() -> None:
    votes = {"bob": lambda p: "no", "cat": lambda p: "no", "ann": prefers("Move")}
    answer = await World(plays(SAYS, votes), committee()).run()
    assert answer.status is Status.NO_QUORUM
    assert "in the phase vote" in answer.text
    assert answer.tally is None


async def test_the_quorum_is_rounded_up() -> None:
    world = World(failing("cat", ModelRejected("no")), committee(quorum=0.7))
    assert (await world.run()).status is Status.NO_QUORUM


async def test_a_lost_critique_or_revision_stops_nobody_and_the_first_answer_stands() -> None:
    def reply(prompt):  # type: ignore[no-untyped-def]
        text = prompt.messages[1].content
        if "Criticise" in text or "final answer" in text:
            raise ModelRejected("no")
        return prefers("Move", "Stay", "Wait")(prompt) if prompt.reply_schema else SAYS[member_of(prompt)]

    answer = await World(ScriptedModel(reply), committee(self_votes=True)).run()
    assert (answer.text, len(answer.absences)) == (SAYS["ann"], 6)


async def test_one_slow_member_holds_nobody_past_the_grace() -> None:
    model = Slow(plays(SAYS, dict.fromkeys(SAYS, prefers("Move", "Stay"))), "cat")
    world = World(model, committee(grace=0.01, self_votes=True))
    answer = await world.run()
    assert answer.text == SAYS["ann"]
    assert {(a.member, a.reason) for a in answer.absences} == {("cat", "late")}
    assert {a.phase for a in answer.absences} == {"propose", "critique", "vote"}
    assert model.cut_off == ["cat"] * 3
    late = [a.call for a in answer.absences]
    assert all(call is not None and call.outcome == "late" for call in late)


async def test_with_too_few_others_a_slow_member_is_waited_for_until_its_deadline() -> None:
    seats = committee("ann", "bob", grace=0.0, quorum=1.0)
    seats = seats.but(members=tuple(m.but(timeout=0.05, retries=0) for m in seats.members))
    answer = await World(Slow(plays(SAYS), "bob"), seats, pattern="panel").run()
    assert answer.status is Status.NO_QUORUM
    assert [(a.member, a.reason) for a in answer.absences] == [("bob", "timeout")]


class Priced(ScriptedModel):
    """Silent the first so many times; a call of it can cost at most so much."""

    def __init__(self, silent: int, most: float | None) -> None:
        super().__init__({"slow": ["Answer: yes"]})
        self._silent, self._most = silent, most

    async def quote(self, prompt: Prompt) -> float | None:
        return self._most

    async def complete(self, prompt, words=None):  # type: ignore[no-untyped-def]
        if self._silent:
            self._silent -= 1
            async with asyncio.timeout(prompt.timeout):
                await asyncio.Event().wait()
        return await super().complete(prompt, words)


def slow(**changes: object) -> Committee:
    return committee("ann").but(members=(Member(name="ann", model="scripted/slow", timeout=0.02, **changes),))  # type: ignore[arg-type]


@pytest.mark.parametrize("most", [0.25, None])
async def test_a_call_that_was_cut_off_counts_as_the_most_that_it_can_have_cost(most: float | None) -> None:
    answer = await World(Priced(99, most), slow(retries=0), pattern="solo").run()
    assert (answer.usage.cost, answer.usage.bound) == (most, most is not None)


async def test_a_model_that_costs_nothing_is_cut_off_for_nothing() -> None:
    answer = await World(Priced(99, 0.0), slow(retries=0), pattern="solo").run()
    assert (answer.usage.cost, answer.usage.bound) == (0.0, False)


async def test_tries_that_ran_out_of_time_count_beside_the_one_that_was_answered() -> None:
    class Times(Priced):
        async def complete(self, prompt, words=None):  # type: ignore[no-untyped-def]
            try:
                return await super().complete(prompt, words)
            except TimeoutError:
                raise ModelTimeout("too slow") from None

    world = World(Times(2, 0.25), slow(retries=2), pattern="solo")
    answer = await world.run()
    assert (answer.text, answer.usage.cost) == ("yes", 0.5)
    assert world.all(Proposal)[0].call.cost == 0.5


async def test_a_limit_in_dollars_outlives_a_call_that_was_cut_off() -> None:
    """One slow member a day must not lock everyone out who has a limit in dollars."""
    seats = committee().but(budget=Limits(dollars=9.0, seconds=None), grace=0.01)
    members = tuple(member.but(retries=0, timeout=0.1) if member.name == "cat" else member for member in seats.members)

    class Dear(Slow):
        async def quote(self, prompt: Prompt) -> float | None:
            return 0.25

    world = World(Dear(plays(SAYS), "cat"), seats.but(members=members))
    answer = await world.run()
    assert answer.status is Status.ANSWERED
    assert answer.usage.cost == 0.25 * len([one for one in world.all(Absence) if one.call])


async def test_stopping_cuts_calls_off_and_ends_the_run_with_what_it_took() -> None:
    steps = MemorySteps()
    model = Slow(plays(SAYS), "cat")
    world = World(model, committee(grace=60))
    running = asyncio.create_task(world.run(steps))
    await model.waiting.wait()
    steps.stop()
    answer = await running
    assert (answer.status, world.status) == (Status.STOPPED, Status.STOPPED)
    assert [call.outcome for call in answer.calls] == ["stopped"]
    assert len(world.all(Proposal)) == 2
    assert model.cut_off == ["cat"]


async def test_a_run_stopped_before_it_began_asks_nobody() -> None:
    steps, model = MemorySteps(), plays(SAYS)
    steps.stop()
    answer = await World(model, committee()).run(steps)
    assert answer.status is Status.STOPPED
    assert not model.asked


async def test_a_run_that_is_over_is_left_alone() -> None:
    world = World(plays(SAYS), committee())
    await world.store.settle(world.store.collaboration_.id, Status.ANSWERED, "done")
    await world.service.carry("local", world.store.collaboration_.id, MemorySteps())
    assert not world.events


async def test_cancelling_is_not_swallowed() -> None:
    model = Slow(plays(SAYS), "cat")
    running = asyncio.create_task(World(model, committee()).run())
    await model.waiting.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


# Budget


async def test_calls_past_the_token_limit_are_absences_and_the_sentence_names_the_limit() -> None:
    world = World(plays(SAYS), committee(budget=Limits(tokens=200)))
    answer = await world.run()
    assert answer.status is Status.NO_QUORUM
    assert "may use 200 tokens and has used" in answer.text
    assert {absence.reason for absence in answer.absences} == {"budget"}
    assert all(absence.call is None for absence in answer.absences)


async def test_a_reply_may_not_be_longer_than_the_tokens_that_are_left() -> None:
    model = plays(SAYS)
    await World(model, committee(budget=Limits(tokens=700))).run()
    assert max(prompt.max_tokens for prompt in model.asked) == 700


async def test_a_person_that_has_used_up_the_day_gets_a_sentence_and_no_call_is_made() -> None:
    model = plays(SAYS)
    world = World(model, committee(), quotas=Quotas(person=Limits(tokens=100, seconds=None)), used=Usage(tokens=150))
    answer = await world.run()
    assert (answer.status, model.asked.maxlen and len(model.asked)) == (Status.FAILED, 0)
    assert answer.text.startswith(
        "You may use 100 tokens a day and have used 150. The limit starts anew at midnight UTC"
    )
    assert set(world.store.asked_for) == {"local:me"}


async def test_a_tenants_limit_is_looked_at_for_everyone_together() -> None:
    world = World(
        plays(SAYS), committee(), quotas=Quotas(tenant=Limits(dollars=1.0, seconds=None)), used=Usage(cost=1.5)
    )
    answer = await world.run()
    assert answer.status is Status.FAILED
    assert "$1.00 a day" in answer.text
    assert set(world.store.asked_for) == {None}


async def test_time_is_a_limit_too() -> None:
    seats = committee("ann", budget=Limits(seconds=0.03))
    answer = await World(Slow(plays(SAYS), "ann"), seats, pattern="solo").run()
    assert answer.status is Status.NO_QUORUM
    assert [(a.reason, a.detail) for a in answer.absences] == [
        ("budget", "The time for the question was up before the reply came.")
    ]


async def test_an_unknown_price_is_unknown_in_the_foot() -> None:
    free = {"model": "x/y", "provider": "x", "prompt_tokens": 1, "completion_tokens": 1, "seconds": 0.1}
    priced, unknown = Completion(text="Answer: 1", cost=0.2, **free), Completion(text="Answer: 1", cost=None, **free)
    world = World(ScriptedModel({"ann": [priced], "bob": [unknown], "cat": [priced]}), committee(), pattern="quick")
    assert (await world.run()).usage.cost is None


# Disagreement


def divided(prompt):  # type: ignore[no-untyped-def]
    if prompt.reply_schema is None:
        return SAYS[member_of(prompt)]
    return prefers({"ann": "Move", "bob": "Stay", "cat": "Wait"}[member_of(prompt)])(prompt)


async def test_a_divided_committee_tries_once_more_and_then_shows_both_sides() -> None:
    world = World(ScriptedModel(divided), committee(self_votes=True, agreement=0.6))
    answer = await world.run()
    phases = [said.phase for said in world.all(PhaseStarted)]
    assert phases == ["propose", "critique", "revise", "vote", "settle", "vote"]
    assert (answer.status, answer.how) == (Status.DISAGREED, "sides")
    assert answer.tally is not None
    assert answer.tally.winner is None
    assert answer.dissent is not None
    assert len(answer.sources) == 2
    assert all(SAYS[member] in answer.text for member in answer.sources)
    assert len(world.all(Tally)) == 2


async def test_the_round_on_the_point_of_disagreement_can_settle_it() -> None:
    def reply(prompt):  # type: ignore[no-untyped-def]
        if "does not agree" in prompt.messages[1].content:
            assert "remark" in prompt.messages[1].content
            return SAYS["ann"]
        return divided(prompt)

    answer = await World(ScriptedModel(reply), committee(self_votes=True, agreement=0.6)).run()
    assert (answer.status, answer.text, answer.sources) == (Status.ANSWERED, SAYS["ann"], ("ann", "bob", "cat"))


async def test_a_divided_oxford_committee_hears_the_sides_once_more() -> None:
    votes = {"ann": prefers("Stay"), "dan": prefers("Wait")}
    model = plays({**SAYS, "dan": "x"}, votes)
    world = World(model, committee("ann", "bob", "cat", "dan", chair="ann", agreement=0.9), pattern="oxford")
    answer = await world.run()
    assert [p.phase for p in world.all(PhaseStarted)] == ["argue", "rebut", "vote", "rebut", "vote"]
    assert answer.status is Status.DISAGREED


# What is wrong before it begins


async def test_a_pattern_that_needs_more_members_says_so() -> None:
    answer = await World(plays(SAYS), committee("ann", "bob"), pattern="oxford").run()
    assert answer.status is Status.FAILED
    assert "needs 3 members; the committee default has 2" in answer.text


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"committee": "nobody"}, "no committee “nobody”"), ({"pattern": "dance"}, "no pattern “dance”")],
)
async def test_unknown_names_are_answered_with_what_there_is(changes: dict[str, str], told: str) -> None:
    world = World(plays(SAYS), committee())
    world.store.collaboration_ = world.store.collaboration_.but(**changes)
    answer = await world.run()
    assert answer.status is Status.FAILED
    assert told in answer.text


async def test_a_committee_with_nobody_on_says_so() -> None:
    seats = committee()
    seats = seats.but(members=tuple(member.but(on=False) for member in seats.members))
    assert "on = true" in (await World(plays(SAYS), seats).run()).text


async def test_auto_passes_over_what_the_seats_cannot_play() -> None:
    model = plays(SAYS)
    answer = await World(model, committee("ann"), pattern="auto", question="What are the pros and cons?").run()
    assert answer.status is Status.ANSWERED


async def test_auto_says_so_where_nothing_can_be_played() -> None:
    world = World(plays(SAYS), committee("ann"), pattern="auto", patterns={"oxford": PATTERNS["oxford"]})
    assert "No pattern can be played by so few members (1)" in (await world.run()).text


async def test_the_committees_own_pattern_goes_before_the_choice_by_question() -> None:
    answer = await World(plays(SAYS), committee(pattern="solo"), pattern="auto").run()
    assert answer.how == "solo"


async def test_a_fault_of_ours_still_ends_in_an_answer_and_its_text_stays_out_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def reply(prompt):  # type: ignore[no-untyped-def]
        raise RuntimeError(prompt.messages[1].content)

    world = World(ScriptedModel(reply), committee(), question="My password is hunter2, is it good?")
    answer = await world.run()
    assert answer.status is Status.FAILED
    assert "its log has the details under run k3f9x2mqabcd" in answer.text
    assert "RuntimeError" in caplog.text
    assert "hunter2" not in caplog.text


async def test_a_store_that_does_not_answer_is_left_to_the_engine_which_tries_again() -> None:
    world = World(plays(SAYS), committee())
    kept = world.emit
    away = iter([False, False, False, True])

    async def emit(event: Event) -> None:
        if next(away, False):
            raise Unavailable("The database does not answer.")
        await kept(event)

    world.service._emit = emit
    with pytest.raises(Unavailable):
        await world.run()
    assert not world.all(Answer)
    assert (await world.run()).status is Status.ANSWERED


async def test_a_run_that_the_engine_gives_up_ends_in_an_answer_too() -> None:
    world = World(plays(SAYS), committee())
    await world.service.fail("local", world.store.collaboration_.id, Unavailable("The database does not answer."))
    assert (world.answer.status, world.answer.text) == (Status.FAILED, "The database does not answer.")
    assert world.status is Status.FAILED
    await world.service.fail("local", world.store.collaboration_.id, Unavailable("Twice."))
    assert world.answer.text == "The database does not answer."


async def test_words_are_streamed_where_somebody_watches_but_never_a_ballot() -> None:
    world = World(plays(SAYS), committee(), watched=True)
    await world.run()
    assert "".join(text for who, text in world.spoken if who == "ann").startswith(SAYS["ann"])
    assert not any("ranking" in text for _, text in world.spoken)
    assert world.all(Ballot)


async def test_a_reply_that_breaks_off_while_it_is_heard_is_asked_for_again_and_its_beginning_not_heard_twice() -> None:
    class BreaksOff(ScriptedModel):
        async def complete(self, prompt, words=None):  # type: ignore[no-untyped-def]
            if not self.asked:
                words("Move, because")
                self.asked.append(prompt)
                raise ModelBroken("500")
            return await super().complete(prompt, words)

    world = World(BreaksOff({"ann": ["Answer: yes"]}), committee("ann"), pattern="solo", watched=True)
    answer = await world.run()
    assert answer.text == "yes"
    assert "".join(text for _, text in world.spoken) == "Move, because"


async def test_every_call_is_told_of_exactly_once() -> None:
    world = World(plays(SAYS), committee(), pattern="chair")
    answer = await world.run()
    told: list[Call] = []
    for body in world.bodies():
        told += [getattr(body, "call", None)] if getattr(body, "call", None) else list(getattr(body, "calls", ()))  # type: ignore[list-item]
    assert len(told) == answer.usage.calls == 7
