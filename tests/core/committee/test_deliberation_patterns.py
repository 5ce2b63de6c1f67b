"""Each pattern from its question to its answer, with scripted members."""

import pytest

from core.adapters.scripted_model import ScriptedModel
from core.entities import Status
from core.events import Asked, Ballot, Critique, PhaseStarted, Proposal, Revision, Spread, Tally
from tests.doubles.committee_world import World, ballot, committee, member_of, plays, prefers, shown

SAYS = {
    "ann": "Move, because what we have now costs twice as much every year.",
    "bob": "Stay, because nobody here has ever run the new one in earnest.",
    "cat": "Wait, because the price will have fallen by the end of spring.",
}
FOR_MOVING = dict.fromkeys(SAYS, prefers("Move", "Stay", "Wait"))


def phases(world: World) -> list[tuple[str, int]]:
    return [(said.phase, said.round) for said in world.all(PhaseStarted)]


async def test_panel_proposes_criticises_revises_votes_and_answers() -> None:
    world = World(plays(SAYS, FOR_MOVING), committee(self_votes=True))
    answer = await world.run()
    assert phases(world) == [("propose", 1), ("critique", 1), ("revise", 1), ("vote", 1)]
    assert [len(world.all(kind)) for kind in (Proposal, Critique, Revision, Ballot, Tally)] == [3, 3, 3, 3, 1]
    assert (answer.status, answer.how, answer.text, answer.sources) == (
        Status.ANSWERED, "winner", SAYS["ann"], ("ann",),
    )  # fmt: skip
    assert (answer.usage.calls, answer.usage.models) == (12, 3)
    assert world.status is Status.ANSWERED


async def test_the_dissent_is_kept_with_its_reasons() -> None:
    votes = {**FOR_MOVING, "bob": prefers("Stay", "Wait", "Move")}
    world = World(plays(SAYS, votes), committee(self_votes=True))
    answer = await world.run()
    assert answer.dissent is not None
    assert (answer.dissent.members, answer.dissent.text, answer.dissent.votes) == (("bob",), SAYS["bob"], 1)
    assert answer.dissent.reasons == ("it is right",)


async def test_quick_counts_equal_answers_as_one_and_asks_no_ballots() -> None:
    says = {"ann": "Six times seven.\nAnswer: 42", "bob": "Answer: 42.0", "cat": "Answer: 41"}
    world = World(plays(says), committee(), pattern="quick")
    answer = await world.run()
    assert phases(world) == [("propose", 1)]
    assert not world.all(Ballot)
    assert answer.tally is not None
    assert [(s.text, s.members) for s in answer.tally.standings] == [("42", ("ann", "bob")), ("41", ("cat",))]
    assert answer.text == says["ann"]
    assert answer.usage.calls == 3


async def test_an_answer_that_is_only_its_last_line_reads_without_the_word_before_it() -> None:
    world = World(plays(dict.fromkeys(SAYS, "**Answer:** 42")), committee(), pattern="quick")
    assert (await world.run()).text == "42"
    world = World(plays(dict.fromkeys(SAYS, "Six times seven.\nAnswer: 42")), committee(), pattern="solo")
    assert (await world.run()).text == "Six times seven.\nAnswer: 42"


async def test_quick_asks_for_ballots_where_an_answer_cannot_be_compared() -> None:
    essay = "It depends on what is measured and by whom, and nobody has ever measured it well enough to say so. " * 2
    says = {"ann": "Answer: 42", "bob": essay, "cat": "Answer: 41"}
    world = World(plays(says, dict.fromkeys(says, prefers("depends", "42", "41"))), committee(), pattern="quick")
    answer = await world.run()
    assert len(world.all(Ballot)) == 3
    assert answer.text == essay.strip()


async def test_one_answer_left_is_unanimous_and_no_ballot_is_asked() -> None:
    world = World(plays(dict.fromkeys(SAYS, "Answer: yes")), committee())
    answer = await world.run()
    assert not world.all(Ballot)
    assert answer.tally is not None
    assert (answer.tally.voters, answer.tally.winner is not None, answer.sources) == (3, True, ("ann", "bob", "cat"))


async def test_debate_goes_on_until_the_leader_holds_a_majority_for_two_rounds() -> None:
    world = World(plays(SAYS, FOR_MOVING), committee(self_votes=True), pattern="debate")
    await world.run()
    assert phases(world) == [("propose", 1), ("argue", 1), ("vote", 1), ("argue", 2), ("vote", 2)]
    assert [spread.settled for spread in world.all(Spread)] == [False, False, True]


async def test_debate_ends_at_its_limit() -> None:
    votes = {name: prefers(text) for name, text in SAYS.items()}
    world = World(plays(SAYS, votes), committee(self_votes=True), pattern="debate")
    answer = await world.run()
    assert phases(world)[-1] == ("vote", 4)
    assert not world.all(Spread)[-1].settled
    assert answer.tally is not None
    assert answer.tally.tie


async def test_a_debate_that_begins_in_agreement_is_over_at_once() -> None:
    world = World(plays(dict.fromkeys(SAYS, "Answer: yes")), committee(), pattern="debate")
    answer = await world.run()
    assert phases(world) == [("propose", 1)]
    assert (answer.how, len(answer.sources)) == ("winner", 3)


async def test_oxford_seats_two_sides_and_the_rest_vote() -> None:
    model = plays(SAYS, {"ann": prefers("Stay", "Wait")})
    world = World(model, committee(chair="ann"), pattern="oxford")
    answer = await world.run()
    assert [said.members for said in world.all(PhaseStarted)] == [("bob", "cat"), ("bob", "cat"), ("ann",)]
    briefs = [text.messages[1].content for text in model.asked][:2]
    assert "You speak FOR" in briefs[0]
    assert "You speak AGAINST" in briefs[1]
    assert (answer.text, answer.sources) == (SAYS["bob"], ("bob",))


async def test_delphi_shows_medians_until_the_spread_settles() -> None:
    first = {"ann": "Answer: 10", "bob": "Answer: 20 days", "cat": "Answer: 60"}

    def reply(prompt):  # type: ignore[no-untyped-def]
        again = "median" in prompt.messages[1].content
        return {"cat": "Long.\nAnswer: 21", "ann": "Short.\nAnswer: 19"}.get(member_of(prompt), "Answer: 20") if again \
            else first[member_of(prompt)]  # fmt: skip

    model = ScriptedModel(reply)
    world = World(model, committee(), pattern="delphi")
    answer = await world.run()
    assert "median 20, from 10 to 60 (3 estimates)" in model.asked[3].messages[1].content
    assert [(s.median, s.low, s.high, s.settled) for s in world.all(Spread)] == [
        (20, 10, 60, False),
        (20, 19, 21, True),
    ]
    assert answer.text.startswith("**20** is the median of 3 estimates, from 19 to 21.")
    assert answer.tally is not None
    assert answer.tally.rule == "median"
    assert answer.sources == ("ann", "bob", "cat")
    assert answer.dissent is None


async def test_delphi_says_when_the_estimates_did_not_settle() -> None:
    turn = iter(range(1, 100))
    world = World(ScriptedModel(lambda prompt: f"Answer: {next(turn) ** 3}"), committee(), pattern="delphi")
    answer = await world.run()
    assert "had not settled" in answer.text
    assert len(world.all(Spread)) == 4
    assert answer.dissent is not None


async def test_an_estimate_without_a_number_is_asked_for_again_then_an_absence() -> None:
    replies = {"ann": ["Hard to say.", "Answer: 10"], "bob": ["Answer: 10"], "cat": ["Who knows?"] * 3}
    world = World(ScriptedModel(replies), committee(), pattern="delphi")
    answer = await world.run()
    assert [(a.member, a.reason) for a in answer.absences] == [("cat", "garbage")]
    assert {said.member: said.call.retries for said in world.all(Proposal)} == {"ann": 1, "bob": 0}
    assert answer.text.startswith("**10**")


async def test_red_team_attacks_the_author_and_the_rest_judge() -> None:
    model = plays(SAYS, {"ann": prefers("Stay", "Wait")})
    world = World(model, committee("ann", "bob", "validator", chair="ann"), pattern="red-team")
    model._replies = lambda prompt: (  # type: ignore[assignment]  # three names of its own
        prefers("Plan", "Broken")(prompt) if prompt.reply_schema
        else "Broken by rain." if member_of(prompt) == "validator" else "Plan: a roof."
    )  # fmt: skip
    answer = await world.run()
    assert [said.members for said in world.all(PhaseStarted)] == [("bob",), ("validator",), ("bob",), ("ann",)]
    assert "Plan: a roof." in model.asked[1].messages[1].content
    assert "Broken by rain." in model.asked[2].messages[1].content
    assert (answer.text, answer.sources) == ("Plan: a roof.", ("bob",))


async def test_the_chair_writes_the_answer_and_names_its_sources() -> None:
    def reply(prompt):  # type: ignore[no-untyped-def]
        if prompt.reply_schema:
            return prefers("Move", "Stay", "Wait")(prompt)
        if "Write the committee's answer" not in prompt.messages[1].content:
            return SAYS[member_of(prompt)]
        letters = {text: letter for letter, text in shown(prompt).items()}
        return f"Move, but late.\n\n**Sources:** {letters[SAYS['ann']]}, {letters[SAYS['cat']]}."

    world = World(ScriptedModel(reply), committee(chair="bob", self_votes=True), pattern="chair", watched=True)
    answer = await world.run()
    assert (answer.how, answer.text, answer.sources) == ("synthesis", "Move, but late.", ("ann", "cat"))
    assert [call.phase for call in answer.calls] == ["answer"]
    assert "".join(text for who, text in world.spoken if who == "bob").endswith("Move, but late.\n\n**Sources:** " +
        answer_letters(world))  # fmt: skip
    assert world.all(Asked)[0].phases == ("propose", "rank", "answer")


def answer_letters(world: World) -> str:
    labels = {proposal.member: proposal.label for proposal in world.all(Proposal)}
    return f"{labels['ann']}, {labels['cat']}."


async def test_the_winner_stands_in_for_a_chair_that_is_absent() -> None:
    def reply(prompt):  # type: ignore[no-untyped-def]
        if prompt.reply_schema:
            return prefers("Move", "Stay", "Wait")(prompt)
        return "" if "Write the committee's answer" in prompt.messages[1].content else SAYS[member_of(prompt)]

    world = World(ScriptedModel(reply), committee(self_votes=True), pattern="chair")
    answer = await world.run()
    assert (answer.how, answer.text) == ("winner", SAYS["ann"])
    assert [(absence.phase, absence.reason) for absence in answer.absences] == [("answer", "garbage")]
    assert any("The chair wrote no answer" in getattr(body, "text", "") for body in world.bodies())


async def test_a_synthesis_that_names_no_source_draws_on_all_that_it_read() -> None:
    world = World(plays({**SAYS, "ann": "Move."}), committee(), pattern="chair")
    answer = await world.run()
    assert answer.sources == ("ann", "bob", "cat")


async def test_solo_asks_the_chair_alone() -> None:
    world = World(plays(SAYS), committee(chair="cat"), pattern="solo")
    answer = await world.run()
    assert (answer.how, answer.sources, answer.text, answer.tally) == ("solo", ("cat",), SAYS["cat"], None)
    assert [seat.member for seat in world.all(Asked)[0].seats] == ["cat"]
    assert answer.usage.calls == 1


async def test_auto_picks_a_pattern_and_says_why() -> None:
    world = World(plays(dict.fromkeys(SAYS, "Answer: Canberra")), committee(), pattern="auto",
                  question="What is the capital of Australia?")  # fmt: skip
    await world.run()
    asked = world.all(Asked)[0]
    assert (asked.pattern, asked.why) == ("quick", "it is a short question with one right answer")


@pytest.mark.parametrize("rule", ["plurality", "approval", "borda", "schulze", "irv", "score", "weighted", "log-odds"])
async def test_every_rule_finds_the_landslide_through_its_own_kind_of_ballot(rule: str) -> None:
    def reply(prompt):  # type: ignore[no-untyped-def]
        if prompt.reply_schema is None:
            return SAYS[member_of(prompt)]
        kind = next(iter(prompt.reply_schema["properties"]))
        letters = {text[:4]: letter for letter, text in shown(prompt).items()}
        said = {
            "ranking": f'["{letters["Move"]}","{letters["Stay"]}","{letters["Wait"]}"]',
            "approved": f'["{letters["Move"]}"]',
            "scores": f'{{"{letters["Move"]}":9,"{letters["Stay"]}":2,"{letters["Wait"]}":0}}',
        }[kind]
        return f'{{"{kind}":{said},"confidence":0.9,"reason":"x"}}'

    world = World(ScriptedModel(reply), committee(self_votes=True, rule=rule))
    answer = await world.run()
    assert answer.text == SAYS["ann"]
    assert answer.tally is not None
    assert answer.tally.rule == rule


async def test_both_orders_are_asked_and_a_voter_for_the_first_place_counts_for_nobody() -> None:
    def first_shown(prompt):  # type: ignore[no-untyped-def]
        return ballot(*list(shown(prompt)))

    votes = {"ann": prefers("Stay", "Wait", "Move"), "bob": first_shown, "cat": first_shown}
    model = plays(SAYS, votes)
    world = World(model, committee(self_votes=True, both_orders=True))
    answer = await world.run()
    ballots = {said.member: said for said in world.all(Ballot)}
    assert [len(tier) for tier in ballots["bob"].ranking] == [3]
    assert [len(tier) for tier in ballots["ann"].ranking] == [1, 1, 1]
    assert len(ballots["ann"].calls) == 2
    assert answer.text == SAYS["bob"]
    assert answer.usage.calls == 15


async def test_two_who_agree_are_not_beaten_by_the_third_because_self_votes_are_left_out() -> None:
    says = {"ann": "Yes.\nAnswer: move", "bob": "Sure.\nAnswer: move", "cat": SAYS["cat"] * 9}
    votes = {"ann": prefers("move", "Wait"), "bob": prefers("move", "Wait"), "cat": prefers("Wait", "move")}
    world = World(plays(says, votes), committee(self_votes=False))
    answer = await world.run()
    assert answer.sources == ("ann", "bob")
