"""The patterns that campaigns use: a plan and a piece of work are taken whole, a verdict is counted."""

import pytest

from core.adapters.scripted_model import ScriptedModel
from core.campaigns.plan import read_plan
from core.campaigns.verdicts import verdict
from core.entities import Status
from core.events import Absence, Ballot, PhaseStarted
from core.ports import Prompt
from tests.doubles.committee_world import World, committee, member_of, plays, prefers

PLANS = {
    "ann": "1. Read the notes\ndone when: they are summed up\nneeds: none\n2. Write\ndone when: it is there\nneeds: 1",
    "bob": "1. Write at once\ndone when: there is a text of some kind\nneeds: none",
}


def phases(world: World) -> list[str]:
    return [said.phase for said in world.all(PhaseStarted)]


async def test_the_best_plan_is_taken_as_it_is_and_can_be_read() -> None:
    votes = dict.fromkeys(PLANS, prefers("notes", "once"))
    world = World(plays(PLANS, votes), committee("ann", "bob", self_votes=True), pattern="plan")
    answer = await world.run()
    assert (phases(world), answer.text, answer.sources) == (["propose", "rank"], PLANS["ann"], ("ann",))
    assert [item.title for item in read_plan(answer.text)] == ["Read the notes", "Write"]


async def test_a_piece_of_work_is_one_members_and_leaves_the_others_to_judge_it() -> None:
    votes = dict.fromkeys(PLANS, prefers("once", "notes"))
    world = World(plays(PLANS, votes), committee("ann", "bob", self_votes=True), pattern="work")
    answer = await world.run()
    assert (phases(world), answer.text, answer.sources) == (["propose", "rank"], PLANS["bob"], ("bob",))


@pytest.mark.parametrize(
    ("says", "yes", "judges"),
    [
        (("All there.\nAnswer: yes", "It is.\nAnswer: Yes.", "No source.\nAnswer: no"), True, ("ann", "bob")),
        (("No source.\nAnswer: no", "Nothing.\nAnswer: **no**", "It is.\nAnswer: yes"), False, ("ann", "bob")),
        (("No source.\nAnswer: no",), False, ("ann",)),
        (("yes", "yes"), True, ("ann", "bob")),
        (("Yes. The list of changes is there, with all that was asked for.", "Answer: yes"), True, ("ann", "bob")),
        (("Answer: The list does not say when the change came, nor who made it.", "No."), False, ("ann", "bob")),
    ],
)
async def test_a_verdict_is_what_most_say_with_the_reason_of_one_of_them(
    says: tuple[str, ...], yes: bool, judges: tuple[str, ...]
) -> None:
    names = ("ann", "bob", "cat")[: len(says)]
    world = World(plays(dict(zip(names, says, strict=True))), committee(*names), pattern="verdict")
    answer = await world.run()
    assert (phases(world), world.all(Ballot)) == (["propose"], [])
    assert (answer.status, answer.sources) == (Status.ANSWERED, judges)
    assert verdict(answer.text)[0] is yes


async def test_a_judge_who_says_neither_is_asked_again_and_then_is_no_judge() -> None:
    says = {"ann": "The list is long.", "bob": "All there.\nAnswer: yes"}
    world = World(plays(says), committee("ann", "bob"), pattern="verdict")
    answer = await world.run()
    assert (answer.status, answer.sources, verdict(answer.text)[0]) == (Status.ANSWERED, ("bob",), True)
    assert [(each.member, each.reason) for each in world.all(Absence)] == [("ann", "garbage")]


async def test_a_verdict_that_something_else_than_the_count_decided_is_known_as_such() -> None:
    says = {"ann": "All there.\nAnswer: yes", "bob": "No source.\nAnswer: no"}
    answer = await World(plays(says), committee("ann", "bob"), pattern="verdict").run()
    assert answer.tally
    assert answer.tally.tie
    answer = await World(plays(says), committee("ann", "bob", agreement=0.05), pattern="verdict").run()
    assert answer.status is Status.DISAGREED


async def test_judges_whom_another_round_brings_together_agree_in_whatever_words() -> None:
    said: dict[str, list[str]] = {
        "ann": ["No", "Answer: Yes, the list is done."],
        "bob": ["Answer: Yes", "Answer: Yes"],
    }

    def reply(prompt: Prompt) -> str:
        return said[member_of(prompt)].pop(0)

    seats = committee("ann", "bob", agreement=0.05)
    world = World(ScriptedModel(reply), seats, pattern="verdict")
    answer = await world.run()
    assert phases(world) == ["propose", "settle"], "what all say needs no ballots"
    assert (answer.status, verdict(answer.text)[0]) == (Status.ANSWERED, True)
