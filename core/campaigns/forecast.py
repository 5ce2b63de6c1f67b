"""When a campaign will be done and what it will have cost, with how sure that is: a Monte Carlo over what is left."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np

from core.campaigns.campaign import Campaign, Objective, Stage
from core.campaigns.forecast_draws import drawn
from core.campaigns.forecast_odds import Floats
from core.campaigns.forecast_order import Left, ends
from core.campaigns.foreseen import HIGH, LOW, Expected, Forecast, Range
from core.campaigns.pace import Pace
from core.campaigns.rules import Rules
from core.sentences import Sentence, said

_STEPS = 40
_FARTHEST = 50 * 365.0 * 86400
"""Seconds: what ends later than in fifty years is said to end then."""


def forecast(campaign: Campaign, at: datetime, pace: Pace, rules: Rules | None = None) -> Forecast:
    """Return what is expected of a campaign at a time, from its own pace and what others taught.

    Quick (a few milliseconds), pure, and the same for the same state: its random numbers are the campaign's own. One
    that is paused, or waits for a person as a whole, is taken to go on: now, or once the person has answered.
    """
    done = _done(campaign.objectives)
    if campaign.course.over:
        return _over(campaign, at)
    if not campaign.objectives:
        return Forecast(at=at, done=0.0, basis=said("There is no plan yet, so nothing can be said."))
    rules = rules or Rules()
    draws = drawn(campaign, at, pace, rules)
    each = {id: draws.begin + end for id, end in ends(draws.left, rules.side_by_side).items()}
    last = np.maximum.reduce([draws.begin, *each.values()])
    return Forecast(
        at=at,
        done=done,
        finish=tuple(np.quantile(np.minimum(last, _FARTHEST), np.linspace(0, 1, _STEPS + 1)).tolist()),
        tokens=_range(draws.tokens),
        dollars=None if draws.dollars is None else _range(draws.dollars),
        ahead=_ahead(draws.left, each),
        basis=_basis(campaign, pace),
    )


def _ahead(left: Sequence[Left], each: Mapping[str, Floats]) -> tuple[Expected, ...]:
    if not left:
        return ()
    stops = np.median([each[one.id] for one in left], axis=1)
    starts = np.median([each[one.id] - one.taken for one in left], axis=1)
    return tuple(
        Expected(objective=one.id, begin=0.0 if one.busy else max(start, 0.0), end=end)
        for one, start, end in zip(left, starts.tolist(), stops.tolist(), strict=True)
    )


def _over(campaign: Campaign, at: datetime) -> Forecast:
    ended = ((campaign.ended_at or at) - at).total_seconds()
    spent, sums = float(campaign.spent.tokens), campaign.spent
    known = sums.unpriced < sums.calls or not sums.calls
    dollars = sums.microdollars / 1e6
    return Forecast(
        at=at,
        done=_done(campaign.objectives),
        finish=(ended,) * 2,
        tokens=Range(low=spent, median=spent, high=spent),
        dollars=Range(low=dollars, median=dollars, high=dollars) if known else None,
        basis=said("It is over: these are no forecasts but what was."),
    )


def _done(objectives: Sequence[Objective]) -> float:
    """Return the share of the estimates of all that has no parts which is over."""
    whole = {one.parent for one in objectives}
    weights = [(one.estimate.seconds, one.stage.over) for one in objectives if one.id not in whole]
    return sum(weight for weight, over in weights if over) / (sum(weight for weight, _ in weights) or 1.0)


def _range(figures: Floats) -> Range:
    low, median, high = np.quantile(figures, (LOW, 0.5, HIGH)).tolist()
    return Range(low=low, median=median, high=high)


def _basis(campaign: Campaign, pace: Pace) -> Sentence:
    seen = sum(one.stage is Stage.MET for one in campaign.objectives)
    left = sum(not one.stage.over for one in campaign.objectives)
    earlier = max(pace.work.campaigns, pace.people.campaigns)
    if not left:
        return said("Everything planned is done; what is left is the report.")
    if seen and earlier:
        return said(
            "Based on the pace of what is done here ({seen}), on earlier campaigns like it ({earlier}), and on the "
            "plan's estimates.",
            seen=seen,
            earlier=earlier,
        )
    if seen:
        return said("Based on the pace of what is done here ({seen}) and on the plan's estimates.", seen=seen)
    if earlier:
        return said("Based on earlier campaigns like it ({earlier}) and on the plan's estimates.", earlier=earlier)
    if pace.latency.count:
        return said("Based on how fast this committee answers and on the plan's estimates.")
    return said("Based on the plan's estimates alone: nothing is done yet, and no earlier campaign is like it.")
