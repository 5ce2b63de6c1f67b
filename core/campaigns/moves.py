"""What is next for one objective. Pure: a table in code."""

from typing import Literal

from core.campaigns.campaign import Objective, Purpose
from core.campaigns.incidents import Ended
from core.campaigns.rules import Rules
from core.campaigns.verdicts import REASON, clean, doubts, same, trace, verdict
from core.entities import Noun, Status
from core.sentences import Sentence, joined, said

_NOTHING = said("It gave nothing.")
_LOOP = said("The same answer came again.")
_DIVIDED = said("The judges do not agree.")
_TIE = said("As many judges said no as yes.")

Do = Literal["work", "draft", "use", "ask", "judge", "met", "again", "later", "split", "give up", "hold"]
"""Have it worked on by a committee; have a skill drafted; run one; ask a person; have the result judged; it is met; try
again; try again after a pause; split it; it has failed; hold the campaign, as its runs break."""


class Move(Noun):
    """What is next, and why, in the words of judges, of a run, or of Dexter."""

    do: Do
    why: str = ""
    told: Sentence | None = None
    """`why`, where it is Dexter's own."""
    evidence: Literal["judges", "tests", "run", ""] = ""
    """Of `met`: by what it is held to be."""


def next_move(
    objective: Objective, rules: Rules, purpose: Purpose = "work", ended: Ended | None = None, *, splits: bool = False
) -> Move:
    """Return what is next for an objective that is ready, or of which a run has ended.

    `purpose` is that run's; `splits` tells whether the objective may be split into parts.
    """
    if ended is None:
        return _beginning(objective)
    if ended.status in (Status.NO_QUORUM, Status.STOPPED) or (ended.status is Status.FAILED and ended.passed is None):
        return _broken(objective, rules, clean(ended.text, REASON)).but(told=ended.told)
    if purpose == "judge":
        return _judged(objective, rules, ended, splits=splits)
    return _worked(objective, rules, ended, splits=splits)


def _beginning(objective: Objective) -> Move:
    if objective.splits:
        return Move(do="split")
    if objective.claims:
        return Move(do="judge")
    match objective.means:
        case "answer":
            return Move(do="work")
        case "skill":
            return Move(do="draft")
        case "use":
            return Move(do="use")
        case "person":
            return Move(do="ask")


def _broken(objective: Objective, rules: Rules, why: str) -> Move:
    """Return what follows a run with nothing to judge in it: that says nothing of the work, so it is no attempt."""
    return Move(do="hold" if objective.broken + 1 >= rules.attempts else "later", why=why)


def _judged(objective: Objective, rules: Rules, ended: Ended, *, splits: bool) -> Move:
    if ended.status is Status.DISAGREED:
        why = doubts(ended.text)
        told = joined([_DIVIDED, said("{why}", why=why)]) if why else _DIVIDED
        return not_enough(objective, rules, clean(str(told), REASON), splits=splits).but(told=told)
    yes, why = verdict(ended.text)
    if yes is None:
        return _broken(objective, rules, why)
    if yes and ended.tie:
        told = joined([_TIE, said("{why}", why=why)])
        return not_enough(objective, rules, str(told), splits=splits).but(told=told)
    return Move(do="met", why=why, evidence="judges") if yes else not_enough(objective, rules, why, splits=splits)


def _worked(objective: Objective, rules: Rules, ended: Ended, *, splits: bool) -> Move:
    why = clean(ended.text, REASON)
    if objective.means == "use" and ended.status is Status.DONE and ended.passed is not False:
        return Move(do="met", why=why, evidence="run")
    if objective.means == "skill" and ended.skill and ended.passed is True:
        return Move(do="met", why=why, evidence="tests")
    if objective.means in ("use", "skill"):
        return not_enough(objective, rules, why, splits=False).but(told=ended.told)
    if not ended.text.strip():
        return not_enough(objective, rules, str(_NOTHING), splits=splits).but(told=_NOTHING)
    if trace(ended.text) in objective.traces:
        return not_enough(objective, rules, str(_LOOP), splits=splits, again=True).but(told=_LOOP)
    return Move(do="judge")


def not_enough(objective: Objective, rules: Rules, why: str, *, splits: bool, again: bool = False) -> Move:
    """Return what follows an attempt that was not enough: the same reason twice, or an answer `again`, ends it."""
    again = again or any(same(why, before) for before in objective.failures)
    if splits and (again or objective.attempts > 1):
        return Move(do="split", why=why)
    return Move(do="give up" if again or objective.attempts >= rules.attempts else "again", why=why)
