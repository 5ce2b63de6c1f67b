"""Voting rules: pure functions from votes to a count. To add one, write it and name it in `RULES`.

What holds for all of them: votes are counted as fractions, so that neither their order nor rounding decides. A vote
counts `weight` times. Labels that are no candidates are passed over; of a label named twice the first place counts. A
ranking may be partial: what it leaves out is below all that it ranks. Nobody is favoured: all who tie for first win.
"""

from collections.abc import Mapping
from types import MappingProxyType

from core.committee.voting.pairwise import margins, schulze
from core.committee.voting.positional import (
    approval,
    borda,
    by_log_odds,
    first_choices,
    log_odds,
    plurality,
    score,
    weighted,
)
from core.committee.voting.runoff import irv
from core.committee.voting.votes import TOP_SCORE, Count, Rule, Vote, tiers

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "plurality": plurality,
        "approval": approval,
        "borda": borda,
        "schulze": schulze,
        "irv": irv,
        "score": score,
        "weighted": weighted,
        "log-odds": by_log_odds,
    }
)

__all__ = [
    "RULES",
    "TOP_SCORE",
    "Count",
    "Rule",
    "Vote",
    "first_choices",
    "log_odds",
    "margins",
    "tiers",
]
