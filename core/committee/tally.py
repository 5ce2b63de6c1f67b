"""The count of a committee's ballots: standings, winner, ties and what broke them, agreement; and the dissent."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from core.committee.agreement import measure
from core.committee.casting import cast, weights
from core.committee.committee import Committee
from core.committee.grouping import Candidate
from core.committee.voting import RULES, Count, Vote, tiers
from core.events import Absence, Ballot, Dissent, Standing, Tally


class Tie(NamedTuple):
    """Everything that may break a tie."""

    tied: tuple[str, ...]
    """Labels, in candidates' order."""
    candidates: Sequence[Candidate]
    committee: Committee
    votes: Sequence[Vote]
    confidence: Mapping[str, float]
    """By member."""
    seed: str


def tally(  # noqa: PLR0913 - the facts of one count, all but the ballots' own by name
    ballots: Sequence[Ballot],
    candidates: Sequence[Candidate],
    committee: Committee,
    rule: str,
    *,
    absences: Sequence[Absence] = (),
    eligible: int,
    seed: str,
    saved_calls: int = 0,
    exact: bool = True,
) -> Tally:
    """Count ballots by a rule in `voting.RULES` and say who won, how a tie was broken and how far members agree.

    Votes for one's own answer count only with `committee.self_votes`: set it where the ballots are the answers
    themselves. There is no winner without ballots or candidates, or where agreement is below `committee.agreement`.
    `seed` (the run's id) decides lots. Raises `KeyError` for an unknown rule.
    """
    labels = [candidate.label for candidate in candidates]
    weight = weights(committee, rule)
    votes = [
        cast(ballot, candidates, self_votes=committee.self_votes, weight=weight.get(ballot.member, 1.0))
        for ballot in ballots
    ]
    count = RULES[rule](votes, labels)
    confidence = {ballot.member: ballot.confidence for ballot in ballots}
    first, broken_by = _first(Tie(count.winners, candidates, committee, votes, confidence, seed))
    agreement = measure(ballots, candidates, self_votes=committee.self_votes)
    agreed = agreement is None or agreement.value >= committee.agreement
    standings = _standings(count, candidates, votes, first)
    return Tally(
        rule=rule,
        standings=standings,
        winner=first if ballots and agreed else None,
        margin=standings[0].score - (standings[1].score if len(standings) > 1 else 0.0) if standings else 0.0,
        tie=len(count.winners) > 1,
        tie_broken_by=broken_by,
        voters=len(ballots),
        eligible=eligible,
        absences=tuple(absences),
        agreement=agreement,
        saved_calls=saved_calls,
        exact=exact,
        own_votes=all(vote.silent.isdisjoint(tier) for vote in votes for tier in vote.ranking),
    )


def dissent(tally: Tally, ballots: Sequence[Ballot], candidates: Sequence[Candidate]) -> Dissent | None:
    """Return what the strongest losing side held, and why; None where nobody put another answer first.

    A side is those whose ballot, as cast, has an answer first; the strongest stands highest in the tally. Without a
    winner the first in the tally is one side and this the other.
    """
    labels = [candidate.label for candidate in candidates]
    texts = {candidate.label: candidate.text for candidate in candidates}  # in the members' own words, not a value
    firsts = {ballot.member: tiers(cast(ballot, candidates), labels)[:1] for ballot in ballots}
    for lost in tally.standings[1:]:
        holders = tuple(
            member
            for member, top in firsts.items()
            if any(lost.label in tier and tally.standings[0].label not in tier for tier in top)
        )
        if holders:
            reasons = tuple(ballot.reason for ballot in ballots if ballot.member in holders and ballot.reason)
            return Dissent(
                members=holders, label=lost.label, text=texts[lost.label], reasons=reasons, votes=len(holders)
            )
    return None


def _standings(
    count: Count, candidates: Sequence[Candidate], votes: Sequence[Vote], first: str | None
) -> tuple[Standing, ...]:
    """Return the candidates best first: the winner, those tied with it, those that fell last, the higher score."""
    labels = [candidate.label for candidate in candidates]
    tops = [label for vote in votes for tier in tiers(vote, labels)[:1] for label in tier]

    def place(standing: Standing) -> tuple[bool, bool, float, float]:
        fell = standing.eliminated_in or math.inf
        return (standing.label != first, standing.label not in count.winners, -fell, -standing.score)

    standings = [
        Standing(
            label=candidate.label,
            members=candidate.members,
            text=candidate.text if candidate.value is None else candidate.value,
            score=count.scores[candidate.label],
            first_votes=tops.count(candidate.label),
            eliminated_in=count.eliminated.get(candidate.label),
        )
        for candidate in candidates
    ]
    return tuple(sorted(standings, key=place))


def _first(tie: Tie) -> tuple[str | None, str]:
    """Return who is first, and in words what broke the tie; where the stated rule cannot, seat order does."""
    if len(tie.tied) < 2:
        return (tie.tied[0] if tie.tied else None), ""
    breaks, words = BREAKERS[tie.committee.ties]
    left = breaks(tie)
    if len(left) == 1:
        return left[0], words
    return _by_seat(tie._replace(tied=left))[0], f"seat order, as {words} did not decide"


def _by_chair(tie: Tie) -> tuple[str, ...]:
    """Return those that the chair's vote puts first among the tied; all of them if it says nothing about any."""
    named = tie.committee.chair
    chairs = [named] if named else [member.name for member in tie.committee.seated[:1]]
    for vote in tie.votes:
        ranked = tiers(vote, tie.tied)
        if vote.voter in chairs and ranked:
            return tuple(ranked[0])
    return tie.tied


def _by_confidence(tie: Tie) -> tuple[str, ...]:
    """Return those with the most confidence summed over the voters that put them first among the tied."""
    sure = [vote._replace(weight=tie.confidence[vote.voter]) for vote in tie.votes]
    return RULES["weighted"](sure, tie.tied).winners


def _by_seat(tie: Tie) -> tuple[str, ...]:
    """Return the one whose first proposer has the first seat."""
    seats = [member.name for member in tie.committee.members]
    proposers = {candidate.label: candidate.members for candidate in tie.candidates}

    def seat(label: str) -> int:
        return min((seats.index(name) for name in proposers[label] if name in seats), default=len(seats))

    return (min(tie.tied, key=seat),)


def _by_lot(tie: Tie) -> tuple[str, ...]:
    """Return the one a hash of the seed falls on: even odds for all, and the same on every replay."""
    return (min(tie.tied, key=lambda label: hashlib.sha256(f"{tie.seed}\0{label}".encode()).digest()),)


BREAKERS: dict[str, tuple[Callable[[Tie], tuple[str, ...]], str]] = {
    "chair": (_by_chair, "the chair's vote"),
    "confidence": (_by_confidence, "the voters' confidence"),
    "first": (_by_seat, "seat order"),
    "lot": (_by_lot, "a lot"),
}
