"""How far ballots agree: Kendall's W for rankings, one less the normalised entropy for choices."""

import math
from collections.abc import Iterable, Sequence
from itertools import chain

from core.committee.casting import cast
from core.committee.grouping import Candidate
from core.committee.voting import Vote, first_choices, tiers
from core.events import Agreement, Ballot


def entropy_agreement(shares: Sequence[float], voters: int) -> float:
    """Return 1 - H / ln(min(options, voters)), from 0 (spread evenly) to 1 (all alike); `shares` has one an option.

    H is Shannon's entropy of the choices (C. E. Shannon 1948, A mathematical theory of communication), divided by the
    most that so many voters can reach over so many options (Pielou's evenness; E. C. Pielou 1966).
    """
    total = math.fsum(shares)
    most = min(len(shares), voters)
    if most < 2 or not total:
        return 1.0
    entropy = -math.fsum(share / total * math.log(share / total) for share in shares if share)
    return min(1.0, max(0.0, 1 - entropy / math.log(most)))


def kendalls_w(votes: Sequence[Vote], candidates: Sequence[str]) -> float:
    """Return Kendall's W of rankings, 0 (no agreement) to 1 (one order), corrected for ties; 0 where all is tied.

    W = 12 S / (n^2 (m^3 - m) - n T), S the squared deviations of the rank sums, T = sum of t^3 - t over tied groups
    (M. G. Kendall 1948, Rank correlation methods, chapter 6). Ranks a vote leaves out share the mean of its last
    places. A candidate on which a voter has no say is missing from that voter's ranks alone; S is then measured
    against what it would be had all voters kept to one order, the mean one, which for balanced designs is Durbin's
    form (J. Durbin 1951, Incomplete blocks in ranking experiments, British Journal of Statistical Psychology 4).
    """
    rankings = [deviations for vote in votes if len(deviations := _deviations(_full(vote, candidates))) > 1]
    sums = _sums(rankings)
    seen = {label: sum(label in ranking for ranking in rankings) for label in sums}
    order = sorted(sums, key=lambda label: sums[label] / seen[label])
    ideal = _sums([_deviations([[label] for label in order if label in ranking]) for ranking in rankings])
    tied = [t**3 - t for vote in votes for t in map(len, _full(vote, candidates))]
    most = math.fsum(value**2 for value in ideal.values()) - len(rankings) * sum(tied) / 12
    if most <= 0:
        return 0.0
    return min(1.0, math.fsum(value**2 for value in sums.values()) / most)


def measure(ballots: Sequence[Ballot], candidates: Sequence[Candidate], *, self_votes: bool = True) -> Agreement | None:
    """Return how far ballots agree: entropy where each names one candidate at most, Kendall's W where some rank more.

    None with fewer than two ballots that say something. Without `self_votes` nobody's place for its own answer is
    looked at.
    """
    labels = [candidate.label for candidate in candidates]
    votes = [vote for ballot in ballots if tiers(vote := cast(ballot, candidates, self_votes=self_votes), labels)]
    if len(votes) < 2:
        return None
    if any(sum(map(len, tiers(vote, labels))) > 1 for vote in votes):
        return Agreement(measure="Kendall's W", value=kendalls_w(votes, labels))
    shares = [float(share) for share in first_choices(votes, labels).values()]
    return Agreement(measure="1 - normalised entropy", value=entropy_agreement(shares, len(votes)))


def _full(vote: Vote, candidates: Sequence[str]) -> list[list[str]]:
    """Return the vote's tiers, the unranked last in one."""
    ranked = tiers(vote, candidates)
    placed = {label for tier in ranked for label in tier} | vote.silent
    rest = [label for label in candidates if label not in placed]
    return [*ranked, rest] if rest else ranked


def _deviations(ranked: Sequence[Sequence[str]]) -> dict[str, float]:
    """Return each candidate's rank less the mean rank; the tied share the mean of their places."""
    places, above = dict[str, float](), 0
    middle = (sum(map(len, ranked)) + 1) / 2
    for tier in ranked:
        places |= dict.fromkeys(tier, above + (len(tier) + 1) / 2 - middle)
        above += len(tier)
    return places


def _sums(rankings: Iterable[dict[str, float]]) -> dict[str, float]:
    """Return each candidate's sum over all rankings."""
    total: dict[str, float] = {}
    for label, value in chain.from_iterable(ranking.items() for ranking in rankings):
        total[label] = total.get(label, 0.0) + value
    return total
