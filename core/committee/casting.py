"""From a member's ballot to the vote that is counted."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from core.committee.committee import Committee
from core.committee.grouping import Candidate
from core.committee.voting import Vote, log_odds
from core.events import Ballot

LEAST = 0.1
"""The least that log-odds weigh: those of a member right in 52.5 %, as docs/decisions/0005-voting-default.md says."""


def cast(ballot: Ballot, candidates: Sequence[Candidate], *, self_votes: bool = True, weight: float = 1.0) -> Vote:
    """Return the vote in a ballot, over candidates' first labels.

    A label of a merged answer stands for its candidate. Without a ranking the scores give one. Without `self_votes`
    the voter has no say on a candidate that it (also) proposed: its place or score is taken out, and rules count it
    neither up nor down.
    """
    names = {label: candidate.label for candidate in candidates for label in candidate.labels}
    scores = {names[label]: score for label, score in reversed(ballot.scores.items()) if label in names}
    own = frozenset() if self_votes else frozenset(c.label for c in candidates if ballot.member in c.members)
    ranked = ballot.ranking or by_score(scores)
    ranking = tuple(tuple(names[label] for label in tier if label in names) for tier in ranked)
    return Vote(ballot.member, ranking, scores, weight, own)


def by_score(scores: Mapping[str, float]) -> tuple[tuple[str, ...], ...]:
    """Return the ranking that scores imply: the higher the better, the same score is a tie."""
    best_first = sorted(scores, key=lambda label: -scores[label])
    return tuple(tuple(tier) for _, tier in groupby(best_first, key=lambda label: scores[label]))


def rule_in_force(committee: Committee, pattern_rule: str) -> str:
    """Return the rule a vote is counted by: the committee's own, else the pattern's.

    Where the pattern counts first choices and every seated member's skill is known, log-odds do it better.
    """
    if committee.rule:
        return committee.rule
    skilled = bool(committee.seated) and all(member.skill is not None for member in committee.seated)
    return "log-odds" if pattern_rule == "plurality" and skilled else pattern_rule


def weights(committee: Committee, rule: str) -> dict[str, float]:
    """Return what each member's vote weighs under a rule: 1, its weight, or the log-odds of its skill.

    A member of unknown skill weighs as much as the mean of those known; where none is known all weigh 1, and the rule
    is plurality. None weighs less than `LEAST`: a guess at a skill never turns a vote against its own choice.
    """
    if rule == "weighted":
        return {member.name: member.weight for member in committee.members}
    known = {m.name: max(LEAST, log_odds(m.skill)) for m in committee.members if m.skill is not None}
    if rule != "log-odds" or not known:
        return {member.name: 1.0 for member in committee.members}
    mean = sum(known.values()) / len(known)
    return {member.name: known.get(member.name, mean) for member in committee.members}
