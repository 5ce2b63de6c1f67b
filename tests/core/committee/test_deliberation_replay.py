"""A run that is interrupted anywhere comes to the same answer, and asks nobody twice for what was written down."""

import re
from collections import Counter

import pytest

from core.adapters.scripted_model import ScriptedModel
from core.errors import ModelRejected
from core.events import Answer
from tests.doubles.committee_world import Crash, Recording, World, committee, member_of, prefers

SAYS = {
    "ann": "Move, because what we have now costs twice as much every year.",
    "bob": "Stay, because nobody here has ever run the new one in earnest.",
    "cat": "Wait, because the price will have fallen by the end of spring.",
}
ALL = ["quick", "panel", "debate", "oxford", "delphi", "red-team", "chair", "solo"]


def model() -> ScriptedModel:
    def reply(prompt):  # type: ignore[no-untyped-def]
        text = prompt.messages[1].content
        if prompt.reply_schema:
            if member_of(prompt) == "cat":
                raise ModelRejected("no")
            return prefers("Move", "Stay", "Wait")(prompt)
        if "best number" in text:
            return f"Answer: {len(member_of(prompt)) + len(text) % 7}"
        return SAYS[member_of(prompt)]

    return ScriptedModel(reply)


def world(pattern: str) -> World:
    seats = committee(self_votes=True, both_orders=pattern == "panel", agreement=0.3)
    return World(model(), seats, pattern=pattern)


def lasting(answer: Answer) -> str:
    """An answer but for times, which no two tries share."""
    return re.sub(r'"(first_token_)?seconds":[\d.e+-]+', "", answer.model_dump_json())


@pytest.mark.parametrize("pattern", ALL)
async def test_a_crash_at_any_step_changes_nothing(pattern: str) -> None:
    whole, steps = world(pattern), Recording()
    wanted = lasting(await whole.run(steps))
    order = list(steps.begun)
    for at in range(1, len(steps.done) + 1):
        for lose_last in (False, True):
            here, again = world(pattern), Recording()
            again.crash_after, again.lose_last = at, lose_last
            with pytest.raises(Crash):
                await here.run(again)
            kept = set(again.kept)
            again.again()
            answer = await here.run(again)
            assert again.begun == order
            assert lasting(answer) == wanted
            assert set(here.events) == set(whole.events)
            twice = {key for key, count in Counter(again.done).items() if count > 1}
            assert not twice & kept


async def test_replaying_a_finished_run_asks_nobody_and_says_nothing_new() -> None:
    first, steps = world("panel"), Recording()
    await first.run(steps)
    before = dict(first.events)
    steps.again()
    second = world("panel")
    second.events = first.events
    await second.run(steps)
    assert second.events == before
    assert not second.service._calls._model.asked  # type: ignore[attr-defined]  # nobody was asked


async def test_a_replay_keeps_to_the_plan_though_the_settings_have_changed() -> None:
    first, steps = world("panel"), Recording()
    steps.crash_after = 4
    with pytest.raises(Crash):
        await first.run(steps)
    steps.again()
    second = World(model(), committee("ann", "zoe"), pattern="solo")
    answer = await second.run(steps)
    assert answer.how == "winner"
    assert answer.tally is not None
    assert answer.tally.eligible == 3
