"""The count, its ties, its agreement and its dissent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.committee.committee import Committee, Member
from core.committee.grouping import Candidate
from core.committee.tally import dissent, tally
from core.committee.voting import RULES
from core.events import Absence, Ballot, Dissent, Tally
from tests.doubles.profiles import Ranking, many, rankings

SEATS = ("ann", "bob", "cid", "dee")
CANDIDATES = tuple(
    Candidate(label, (member,), (label,), f"text {label}", None) for label, member in zip("ABCD", SEATS, strict=True)
)


def committee(**settings: object) -> Committee:
    defaults: dict[str, object] = {"self_votes": True, "ties": "first"}
    members = tuple(Member(name=name, model="m") for name in SEATS)
    return Committee.model_validate({"name": "test", "members": members} | defaults | settings)


def ballot(member: str, ranking: str, *, confidence: float = 1.0, reason: str = "") -> Ballot:
    tiers = tuple(tuple(tier) for tier in ranking.split())
    return Ballot(member=member, ranking=tiers, confidence=confidence, reason=reason, calls=())


def count(ballots: list[Ballot], seats: Committee, rule: str = "plurality", seed: str = "run") -> Tally:
    return tally(ballots, CANDIDATES, seats, rule, eligible=4, seed=seed)


def test_the_tally_tells_the_whole_count() -> None:
    ballots = [ballot("ann", "B A"), ballot("bob", "B C"), ballot("cid", "C B")]
    gone = Absence(member="dee", phase="vote", reason="timeout", detail="Nothing came in 60 s.")
    found = tally(
        ballots,
        CANDIDATES,
        committee(),
        "plurality",
        absences=[gone],
        eligible=4,
        seed="run",
        saved_calls=3,
        exact=False,
    )
    assert found.rule == "plurality"
    assert found.winner == "B"
    assert [(one.label, one.members, one.text) for one in found.standings] == [
        ("B", ("bob",), "text B"),
        ("C", ("cid",), "text C"),
        ("A", ("ann",), "text A"),
        ("D", ("dee",), "text D"),
    ]
    assert [one.score for one in found.standings] == [2, 1, 0, 0]
    assert [one.first_votes for one in found.standings] == [2, 1, 0, 0]
    assert {one.eliminated_in for one in found.standings} == {None}
    assert (found.margin, found.tie, found.tie_broken_by) == (1, False, "")
    assert (found.voters, found.eligible, found.absences) == (3, 4, (gone,))
    assert (found.saved_calls, found.exact) == (3, False)
    assert found.agreement is not None
    assert found.agreement.measure == "Kendall's W"


def test_where_nothing_else_is_said_nothing_was_saved_and_the_count_is_exact() -> None:
    found = count([ballot("ann", "B")], committee())
    assert (found.absences, found.saved_calls, found.exact) == ((), 0, True)


def test_comparable_answers_stand_under_their_value_and_merged_labels_count_together() -> None:
    merged = (Candidate("A", ("ann", "cid"), ("A", "C"), "It is 42.", "42"), CANDIDATES[1])
    ballots = [ballot("ann", "A"), ballot("bob", "B"), ballot("cid", "C")]
    found = tally(ballots, merged, committee(), "plurality", eligible=3, seed="run")
    assert found.standings[0].text == "42"
    assert found.standings[0].members == ("ann", "cid")
    assert (found.winner, found.standings[0].score, found.margin) == ("A", 2, 1)


def test_votes_for_ones_own_answer_count_only_where_the_committee_says_so() -> None:
    ballots = [ballot("ann", "A B"), ballot("bob", "B C"), ballot("cid", "A B"), ballot("dee", "B A")]
    assert [one.score for one in count(ballots, committee(self_votes=True)).standings] == [2, 2, 0, 0]
    excluded = count(ballots, committee(self_votes=False))
    assert [(one.label, one.score) for one in excluded.standings] == [("B", 2), ("A", 1), ("C", 1), ("D", 0)]
    assert [one.first_votes for one in excluded.standings] == [2, 1, 1, 0]


def test_the_tally_says_whether_votes_for_ones_own_answer_were_left_out() -> None:
    ballots = [ballot("ann", "B AC"), ballot("bob", "C")]
    assert not count(ballots, committee(self_votes=False)).own_votes
    assert count(ballots, committee(self_votes=True)).own_votes
    assert count(ballots[1:], committee(self_votes=False)).own_votes  # nobody ranked their own: nothing was left out
    rated = Ballot(member="ann", scores={"A": 9, "B": 3}, calls=())
    assert not count([rated], committee(self_votes=False), "score").own_votes


def test_tallies_of_before_they_said_so_claim_that_nothing_was_left_out() -> None:
    kept = count([ballot("ann", "B A")], committee()).model_dump(exclude={"own_votes"})
    assert Tally.model_validate(kept).own_votes


def test_excluded_self_votes_do_not_sink_the_answer_that_many_gave() -> None:
    merged = (Candidate("A", ("ann", "bob", "cid"), ("A",), "popular", None), CANDIDATES[3])
    ballots = [ballot(member, "A D") for member in ("ann", "bob", "cid", "dee")]
    for rule in ("borda", "schulze"):
        found = tally(ballots, merged, committee(self_votes=False), rule, eligible=4, seed="run")
        assert found.winner == "A"


def test_agreement_is_measured_without_excluded_self_votes() -> None:
    ballots = [ballot("ann", "A B C D"), ballot("bob", "B A C D"), ballot("cid", "C A B D"), ballot("dee", "D A B C")]
    alike = count(ballots, committee(self_votes=False)).agreement
    own = count(ballots, committee(self_votes=True)).agreement
    assert alike is not None
    assert own is not None
    assert alike.value == pytest.approx(1)
    assert own.value < 0.6


def test_weights_count_under_the_rules_that_have_them() -> None:
    members = tuple(
        Member(name=n, model="m", weight=w, skill=s)
        for n, w, s in zip(SEATS, (5, 1, 1, 1), (0.6, 0.6, 0.6, 0.95), strict=True)
    )
    ballots = [ballot("ann", "A"), ballot("bob", "B"), ballot("cid", "B"), ballot("dee", "D")]
    winners = {rule: count(ballots, committee(members=members), rule).winner for rule in RULES}
    assert (winners["plurality"], winners["weighted"], winners["log-odds"]) == ("B", "A", "D")


def test_a_stranger_to_the_committee_has_one_vote() -> None:
    assert count([ballot("eve", "A")], committee(), "weighted").standings[0].score == 1


def test_a_runoff_shows_who_fell_when_best_first() -> None:
    ballots = [ballot(f"v{n}", one) for n, one in enumerate(["A"] * 5 + ["B"] * 4 + ["C B"] * 3 + ["D A"])]
    found = count(ballots, committee(), "irv")
    assert [(one.label, one.eliminated_in, one.score, one.first_votes) for one in found.standings] == [
        ("B", None, 7, 4),
        ("A", None, 6, 5),
        ("C", 2, 3, 3),
        ("D", 1, 1, 1),
    ]
    assert found.margin == 1


TIED = [ballot("ann", "B C", confidence=0.2), ballot("bob", "C B", confidence=0.9), ballot("cid", "D", confidence=0.5)]
LEVEL = [*TIED, ballot("dee", "", confidence=1.0)]


@pytest.mark.parametrize(
    ("settings", "winner", "words"),
    [
        ({"ties": "first"}, "B", "seat order"),
        ({"ties": "confidence"}, "C", "the voters' confidence"),
        ({"ties": "chair", "chair": "cid"}, "D", "the chair's vote"),
        ({"ties": "chair"}, "B", "the chair's vote"),
        ({"ties": "chair", "chair": "dee"}, "B", "seat order, as the chair's vote did not decide"),
        ({"ties": "chair", "chair": "nobody"}, "B", "seat order, as the chair's vote did not decide"),
    ],
)
def test_a_tie_is_told_and_broken_by_the_stated_rule(settings: dict[str, object], winner: str, words: str) -> None:
    found = count(LEVEL, committee(**settings))
    assert (found.winner, found.tie, found.tie_broken_by, found.margin) == (winner, True, words, 0)
    assert found.standings[0].label == winner
    assert {one.label for one in found.standings[:3]} == {"B", "C", "D"}


def test_the_chair_is_asked_only_about_the_tied() -> None:
    ballots = [ballot("ann", "A C B"), *(ballot(f"v{n}", top) for n, top in enumerate("BBCC"))]
    found = count(ballots, committee(ties="chair", chair="ann"))
    assert (found.winner, found.tie_broken_by) == ("C", "the chair's vote")


def test_a_chair_that_ties_the_tied_leaves_it_to_the_seats() -> None:
    ballots = [ballot("ann", "BC D"), ballot("bob", "D")]
    found = count([*ballots, ballot("cid", "B"), ballot("dee", "C")], committee(ties="chair", chair="ann"), "borda")
    assert (found.winner, found.tie_broken_by) == ("B", "seat order, as the chair's vote did not decide")


def test_the_default_chair_is_the_first_seat_that_is_on() -> None:
    members = tuple(Member(name=name, model="m", on=name != "ann") for name in SEATS)
    ballots = [ballot("ann", "B"), ballot("cid", "B"), ballot("bob", "C"), ballot("dee", "C")]
    assert count(ballots, committee(ties="chair", members=members)).winner == "C"
    off = tuple(Member(name=name, model="m", on=False) for name in SEATS)
    assert count(ballots, committee(ties="chair", members=off)).tie_broken_by.startswith("seat order, as")


def test_confidence_is_summed_over_those_who_prefer_each_of_the_tied() -> None:
    ballots = [
        ballot("ann", "A", confidence=0.6),
        ballot("bob", "B", confidence=0.5),
        ballot("cid", "D A", confidence=0.1),
        ballot("dee", "C AB", confidence=0.6),
    ]
    two = [*ballots, ballot("eve", "A", confidence=0.0), ballot("fay", "B", confidence=0.15)]
    found = count(two, committee(ties="confidence"))
    assert (found.winner, found.tie_broken_by) == ("A", "the voters' confidence")
    assert count([*two, ballot("gil", "X B", confidence=0.0)], committee(ties="confidence")).winner == "B"


def test_confidence_in_several_of_the_tied_is_split_among_them() -> None:
    ballots = [ballot("ann", "AB", confidence=0.6), ballot("bob", "C", confidence=0.5)]
    found = count(ballots, committee(ties="confidence"), "approval")
    assert (found.tie, found.winner) == (True, "C")


def test_equal_confidence_is_left_to_the_seats() -> None:
    tenths = [
        ballot("ann", "C", confidence=0.1),
        ballot("bob", "C", confidence=0.2),
        ballot("cid", "D", confidence=0.3),
    ]
    found = count([*tenths, ballot("dee", "D", confidence=0.0)], committee(ties="confidence"))
    assert (found.winner, found.tie_broken_by) == ("C", "seat order, as the voters' confidence did not decide")


def test_seats_go_by_the_first_proposer_and_strangers_come_last() -> None:
    late = (
        Candidate("A", ("eve",), ("A",), "a", None),
        Candidate("B", ("dee", "bob"), ("B",), "b", None),
        Candidate("C", ("cid",), ("C",), "c", None),
    )
    ballots = [ballot("v", "A"), ballot("w", "B"), ballot("x", "C")]
    found = tally(ballots, late, committee(ties="first"), "plurality", eligible=3, seed="run")
    assert [found.winner, found.standings[1].label] == ["B", "A"]


def test_a_lot_is_the_same_on_every_replay_and_fair_over_runs() -> None:
    drawn = [count(LEVEL, committee(ties="lot"), seed=f"run{n}").winner for n in range(300)]
    assert drawn == [count(LEVEL, committee(ties="lot"), seed=f"run{n}").winner for n in range(300)]
    assert all(drawn.count(label) > 60 for label in "BCD")
    assert count(LEVEL, committee(ties="lot")).tie_broken_by == "a lot"


def test_the_lot_of_a_known_run_never_changes() -> None:
    runs = ("run1", "run2", "run3", "run4")
    assert [count(LEVEL, committee(ties="lot"), seed=run).winner for run in runs] == ["D", "B", "C", "D"]


def test_without_ballots_or_candidates_nobody_wins() -> None:
    empty = count([], committee())
    assert (empty.winner, empty.voters, empty.margin, empty.tie) == (None, 0, 0, True)
    assert len(empty.standings) == 4
    nothing = tally([ballot("ann", "A")], (), committee(), "plurality", eligible=4, seed="run")
    assert (nothing.winner, nothing.standings, nothing.margin, nothing.tie) == (None, (), 0, False)


def test_one_candidate_wins_by_all_its_votes() -> None:
    found = tally([ballot("bob", "A")], CANDIDATES[:1], committee(), "plurality", eligible=4, seed="run")
    assert (found.winner, found.margin, found.tie) == ("A", 1, False)


def test_below_the_stated_agreement_there_is_no_winner_but_the_count_is_shown() -> None:
    ballots = [ballot("ann", "A B C D"), ballot("bob", "D C B A"), ballot("cid", "A B D C")]
    assert count(ballots, committee(agreement=0.0)).winner == "A"
    refused = count(ballots, committee(agreement=0.9))
    assert refused.winner is None
    assert refused.standings[0].label == "A"
    assert refused.margin == 1
    agreement = refused.agreement
    assert agreement is not None
    assert count(ballots, committee(agreement=agreement.value)).winner == "A"
    assert count([ballot("ann", "A")], committee(agreement=0.9)).winner == "A"


def test_an_unknown_rule_is_an_error() -> None:
    with pytest.raises(KeyError):
        count([], committee(), "dice")


@pytest.mark.parametrize("rule", RULES)
@many
@given(
    given=st.lists(rankings("ABCD"), max_size=5),
    self_votes=st.booleans(),
    ties=st.sampled_from(["chair", "confidence", "first", "lot"]),
)
def test_a_tally_is_always_whole(rule: str, given: list[Ranking], self_votes: bool, ties: str) -> None:
    ballots = [Ballot(member=SEATS[n % 4], ranking=one, calls=()) for n, one in enumerate(given)]
    found = count(ballots, committee(self_votes=self_votes, ties=ties), rule)
    assert sorted(one.label for one in found.standings) == list("ABCD")
    assert found.winner == (found.standings[0].label if ballots else None)
    assert found.margin >= 0
    assert found.tie == bool(found.tie_broken_by)
    assert Tally.model_validate_json(found.model_dump_json()) == found


def test_the_dissent_is_the_strongest_losing_side_with_its_reasons() -> None:
    ballots = [
        ballot("ann", "B", reason="cheap"),
        ballot("bob", "B", reason="fast"),
        ballot("cid", "C B", reason="safe"),
        ballot("dee", "C", reason=""),
        ballot("eve", "B"),
        ballot("fay", "A", reason="new"),
    ]
    found = count(ballots, committee())
    assert dissent(found, ballots, CANDIDATES) == Dissent(
        members=("cid", "dee"), label="C", text="text C", reasons=("safe",), votes=2
    )


def test_the_unanimous_have_no_dissent() -> None:
    ballots = [ballot("ann", "B A"), ballot("bob", "B C"), ballot("cid", "BC A"), ballot("dee", "")]
    assert dissent(count(ballots, committee()), ballots, CANDIDATES) is None
    assert dissent(count([], committee()), [], CANDIDATES) is None


def test_a_second_place_that_nobody_has_first_is_no_side() -> None:
    ballots = [*(ballot(f"v{n}", "A B C D") for n in range(3)), ballot("w", "C B A D")]
    found = count(ballots, committee(), "borda")
    assert found.standings[1].label == "B"
    side = dissent(found, ballots, CANDIDATES)
    assert side is not None
    assert (side.label, side.members) == ("C", ("w",))


def test_who_holds_to_its_own_losing_answer_dissents_though_that_vote_did_not_count() -> None:
    ballots = [ballot("ann", "A B", reason="mine is right"), ballot("bob", "B A"), ballot("cid", "B A")]
    found = count(ballots, committee(self_votes=False))
    assert found.winner == "B"
    side = dissent(found, ballots, CANDIDATES)
    assert side == Dissent(members=("ann",), label="A", text="text A", reasons=("mine is right",), votes=1)


def test_without_a_winner_the_dissent_is_the_other_side() -> None:
    ballots = [ballot("ann", "A B C D"), ballot("bob", "D C B A", reason="no"), ballot("cid", "A B D C")]
    found = count(ballots, committee(agreement=0.9))
    side = dissent(found, ballots, CANDIDATES)
    assert found.winner is None
    assert side is not None
    assert (side.label, side.votes) == ("D", 1)
