"""Asking ends once the rest cannot change the winner, or hardly could; nobody is asked whom one-by-one would spare."""

from typing import Any

import pytest

from core.adapters.scripted_model import ScriptedModel
from core.committee.committee import Committee, Member
from core.committee.roles import strongest_first
from core.entities import Status
from core.errors import ModelRejected
from core.events import Absence, Ballot, Proposal
from tests.doubles.committee_world import World, ballot, committee, member_of, plays, prefers, shown

FIVE = ("m1", "m2", "m3", "m4", "m5")
LONG = " and this is a reason that is long enough to be no short answer at all"


def seats(skills: tuple[float | None, ...] = (None,) * 5, **settings: Any) -> Committee:
    found = committee(*FIVE, **settings)
    members = tuple(m.but(skill=skill) for m, skill in zip(found.members, skills, strict=True))
    return found.but(members=members)


def says(*answers: str) -> dict[str, str]:
    return {name: f"Answer: {answer}" for name, answer in zip(FIVE, answers, strict=True)}


async def test_a_majority_that_agrees_spares_the_rest() -> None:
    model = plays(says("yes", "yes", "yes", "no", "no"))
    world = World(model, seats(early_stop="certain"), pattern="quick")
    answer = await world.run()
    assert [member_of(prompt) for prompt in model.asked] == ["m1", "m2", "m3"]
    assert answer.tally is not None
    assert (answer.tally.saved_calls, answer.tally.exact, answer.tally.voters, answer.tally.eligible) == (2, True, 3, 5)
    assert [(a.member, a.reason, a.call) for a in world.all(Absence)] == [
        ("m4", "spared", None),
        ("m5", "spared", None),
    ]
    assert answer.usage.calls == 3


async def test_a_divided_committee_is_asked_to_the_last() -> None:
    model = plays(says("yes", "no", "yes", "no", "yes"))
    answer = await World(model, seats(early_stop="certain"), pattern="quick").run()
    assert len(model.asked) == 5
    assert answer.tally is not None
    assert (answer.tally.saved_calls, len(answer.sources)) == (0, 3)


async def test_the_strongest_are_asked_first_and_a_posterior_is_not_exact() -> None:
    model = plays(says("no", "yes", "yes", "yes", "yes"))
    skills = (0.6, 0.9, 0.7, 0.96, 0.5)
    world = World(model, seats(skills, early_stop="posterior", posterior=0.95, quorum=0.2), pattern="quick")
    answer = await world.run()
    assert [member_of(prompt) for prompt in model.asked] == ["m4"]
    assert answer.tally is not None
    assert (answer.tally.saved_calls, answer.tally.exact) == (4, False)
    assert answer.status is Status.ANSWERED


async def test_members_of_unknown_skill_give_no_posterior() -> None:
    model = plays(says(*["yes"] * 5))
    answer = await World(model, seats(early_stop="posterior"), pattern="quick").run()
    assert len(model.asked) == 3
    assert answer.tally is not None
    assert answer.tally.exact


async def test_answers_that_cannot_be_compared_spare_nobody() -> None:
    model = plays({name: name + LONG for name in FIVE})
    world = World(model, seats(early_stop="certain", self_votes=True), pattern="quick")
    await world.run()
    assert len(world.all(Proposal)) == 5


@pytest.mark.parametrize(("both", "calls"), [(False, 3), (True, 6)])
async def test_ballots_are_spared_too_in_every_order(both: bool, calls: int) -> None:
    votes = dict.fromkeys(FIVE, prefers("m1 and", "m2 and"))
    model = plays({name: name + LONG for name in FIVE}, votes)
    settings = {"early_stop": "certain", "self_votes": True, "both_orders": both, "rule": "plurality"}
    world = World(model, seats(**settings), pattern="panel")
    answer = await world.run()
    assert sum(prompt.reply_schema is not None for prompt in model.asked) == calls
    assert [said.member for said in world.all(Ballot)] == ["m1", "m2", "m3"]
    assert answer.tally is not None
    assert answer.tally.saved_calls == (4 if both else 2)
    assert answer.sources == ("m1",)


async def test_a_member_that_is_absent_is_made_up_for_by_the_next() -> None:
    def reply(prompt):  # type: ignore[no-untyped-def]
        if member_of(prompt) == "m2":
            raise ModelRejected("no")
        return "Answer: yes"

    model = ScriptedModel(reply)
    answer = await World(model, seats(early_stop="certain"), pattern="quick").run()
    assert [member_of(prompt) for prompt in model.asked] == ["m1", "m2", "m3", "m4"]
    assert answer.tally is not None
    assert {a.member: a.reason for a in answer.tally.absences} == {"m2": "error", "m5": "spared"}


async def test_with_half_a_ballot_in_both_orders_the_half_counts() -> None:
    def vote(prompt):  # type: ignore[no-untyped-def]
        order = list(shown(prompt).values())
        return "no" if order[0].startswith("m1") else prefers("m2")(prompt)

    names = ("m1", "m2")
    model = plays({name: name + LONG for name in names}, {"m1": vote, "m2": lambda p: ballot(*shown(p))})
    world = World(model, committee(*names, both_orders=True, self_votes=True))
    answer = await world.run()
    ballots = {said.member: said for said in world.all(Ballot)}
    assert len(ballots["m1"].calls) == 1
    assert answer.sources == ("m2",)
    assert [(a.member, a.reason) for a in answer.absences] == [("m1", "garbage")]
    assert answer.tally is not None
    assert answer.tally.absences == ()


def test_strength_is_skill_then_weight_then_seat() -> None:
    members = (
        Member(name="plain", model="x"),
        Member(name="heavy", model="x", weight=2),
        Member(name="weak", model="x", skill=0.3),
        Member(name="strong", model="x", skill=0.9),
        Member(name="other", model="x"),
    )
    assert [member.name for member in strongest_first(members)] == ["strong", "heavy", "plain", "other", "weak"]
