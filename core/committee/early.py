"""When asking may end: the votes to come cannot change the winner, or the posterior is high enough."""

import math
from collections.abc import Mapping, Sequence

from core.committee.voting import RULES, TOP_SCORE, Vote, first_choices, margins
from core.committee.voting.votes import exact

UNHEARD = "\0"
"""An answer that nobody has given yet; no label looks like it."""


def decided(votes: Sequence[Vote], remaining: Sequence[float], candidates: Sequence[str], rule: str) -> bool:
    """True if the votes to come, of these weights, cannot change who wins, however they fall.

    Exact for rules that add up (plurality, weighted, log-odds, approval, Borda, score): a no means that some votes
    would bring another winner or a tie. For Schulze and instant runoff a yes is certain and a no is not: the leader
    must be ahead of every rival by more than what is to come, or keep over half of all first choices. Under
    plurality, weighted and log-odds an answer that nobody has given yet counts as a rival: it may still come.
    """
    to_come = [weight for weight in remaining if weight]
    leaders = RULES[rule](votes, candidates).winners
    if not to_come or len(leaders) != 1:
        return not to_come
    if rule == "schulze":
        lead = [margin for (one, _), margin in margins(votes, candidates).items() if one == leaders[0]]
        return all(margin > sum(map(exact, to_come)) for margin in lead)
    if rule == "irv":
        first = first_choices(votes, candidates)
        return 2 * first[leaders[0]] > sum(first.values()) + sum(map(exact, to_come))
    field = [*candidates, UNHEARD] if rule in ("plurality", "weighted", "log-odds") else candidates
    rivals = [label for label in field if label != leaders[0]]
    return all(_holds(leaders[0], rival, (votes, to_come, field, rule)) for rival in rivals)


def _holds(leader: str, rival: str, race: tuple[Sequence[Vote], Sequence[float], Sequence[str], str]) -> bool:
    """True if the leader alone wins though every vote to come does the most for the rival against it."""
    votes, to_come, field, rule = race
    worst = [_extreme(rival, leader, field, rule, max(weight, 0)) for weight in to_come]
    worst += [_extreme(leader, rival, field, rule, min(weight, 0)) for weight in to_come]
    return RULES[rule]([*votes, *worst], field).winners == (leader,)


def _extreme(best: str, last: str, field: Sequence[str], rule: str, weight: float) -> Vote:
    """Return the vote that puts one candidate as far above another as the rule lets it."""
    between = tuple(label for label in field if label not in (best, last))
    ranking = ((best,), between, (last,)) if rule == "borda" else ((best,),)
    return Vote("", ranking, {best: TOP_SCORE}, weight)


def posterior(
    choices: Mapping[str, str], skills: Mapping[str, float], options: Sequence[str] | int
) -> dict[str, float]:
    """Return how likely each answer is the right one, given who chose what and how often each is right.

    P(v) is proportional to the product over voters of p if they chose v, else (1 - p) / (m - 1): all m options alike
    at first, voters independent, a wrong voter picks any wrong option (naive Bayes; for two options Condorcet's jury
    with unequal skills, Nitzan and Paroush 1982; as an early stop for experts A. Wald 1945, Sequential tests of
    statistical hypotheses). Models share errors, so it promises more than it keeps: a stop on it is never exact.
    `options` are the answers there could be or, where answers are open, how many; then only chosen ones are returned
    and the rest of the 1 belongs to those unheard. A voter of unknown skill, or whose choice is no option, is left
    out. Raises `ValueError` with fewer than two options.
    """
    known = {voter: choice for voter, choice in choices.items() if voter in skills}
    names = list(dict.fromkeys(known.values())) if isinstance(options, int) else list(dict.fromkeys(options))
    size = max(options, len(names)) if isinstance(options, int) else len(names)
    if size < 2:
        raise ValueError("a posterior needs two options or more")
    logs = dict.fromkeys(names, 0.0)
    for voter, choice in known.items():
        if choice in logs:
            logs[choice] += math.log(skills[voter] * (size - 1) / (1 - skills[voter]))
    each = [*logs.values(), *[0.0] * (size - len(names))]
    total = math.fsum(math.exp(log - max(each)) for log in each)
    return {name: math.exp(log - max(each)) / total for name, log in logs.items()}
