"""How fast campaigns went: what earlier ones teach about estimates, waits for people, attempts and prices."""

import math
from collections.abc import Iterable, Sequence
from statistics import fmean

from core.campaigns.campaign import Campaign, Objective, Stage
from core.campaigns.gauges import PEOPLE, REPLIES, TOKENS, WORK, Gauge
from core.entities import Noun

_SLOPE_WORTH = 5.0


class Tempo(Noun):
    """Natural logarithms of what was taken over what was estimated (or of plain seconds): their mean and spread."""

    campaigns: int = 0
    count: int = 0
    """Objectives."""
    mean: float = 0.0
    """Of the campaigns' own means."""
    between: float = 0.0
    """Standard deviation from campaign to campaign."""
    within: float = 0.0
    """Standard deviation inside a campaign, pooled."""
    trust: float | None = None
    """How far estimates were worth believing, 0 to 1: see `Gauge.trust`; `None` where that is not known."""


class Pace(Noun):
    """What is known before a campaign has finished anything. Its defaults are what is known of none."""

    work: Tempo = Tempo()
    """Seconds of objectives that Dexter works on, an attempt, over their estimates."""
    people: Tempo = Tempo()
    """Seconds of objectives that people do, over their estimates."""
    replies: Tempo = Tempo()
    """Seconds until people answered, plain."""
    tokens: Tempo = Tempo()
    """Tokens of an attempt, over their estimates."""
    latency: Tempo = Tempo()
    """Seconds of an answer of this committee as measured, plain; of `campaigns` it knows nothing."""
    worked: int = 0
    """Attempts that were enough."""
    failed: int = 0
    """Attempts that were not."""
    microdollars: int = 0
    priced: int = 0
    """Of so many tokens."""


def learnt(campaigns: Sequence[Campaign], latency: Tempo | None = None) -> Pace:
    """Return what campaigns teach about another one like them: ended, or as far as they are.

    `latency` is what was `measured` of the committee's answers, if anything was.
    """
    met = [[one for one in each.objectives if one.stage is Stage.MET] for each in campaigns]
    worked = [one for each in met for one in each if one.means != "person"]
    priced = [each.spent for each in campaigns if not each.spent.unpriced]
    return Pace(
        work=_tempo(met, WORK),
        people=_tempo(met, PEOPLE),
        replies=_tempo(met, REPLIES),
        tokens=_tempo(met, TOKENS),
        latency=latency or Tempo(),
        worked=len(worked),
        failed=sum(max(one.attempts, 1) - 1 for one in worked),
        microdollars=sum(sums.microdollars for sums in priced),
        priced=sum(sums.tokens for sums in priced),
    )


def measured(seconds: Iterable[float]) -> Tempo:
    """Return the tempo of plain seconds, e.g. of a committee's last answers."""
    logs = [math.log(each) for each in seconds if 0 < each < math.inf]
    return Tempo(count=len(logs), mean=fmean(logs), within=_spread([logs])) if logs else Tempo()


def _tempo(met: Sequence[Sequence[Objective]], gauge: Gauge) -> Tempo:
    trust = _trust(met, gauge)
    logs = [[log for one in each if (log := gauge.off(one, trust)) is not None] for each in met]
    logs = [each for each in logs if each]
    if not logs:
        return Tempo()
    means = [fmean(each) for each in logs]
    within = _spread(logs)
    return Tempo(
        campaigns=len(logs),
        count=sum(map(len, logs)),
        mean=fmean(means),
        between=_between(means, within, logs),
        within=within,
        trust=trust,
    )


def _trust(met: Sequence[Sequence[Objective]], gauge: Gauge) -> float:
    """Return how far estimates are worth believing: the slope of what was taken over them, inside campaigns.

    A ridge regression on logarithms, drawn towards what the gauge says as if by `_SLOPE_WORTH` observations.
    """
    squares, products = _SLOPE_WORTH, _SLOPE_WORTH * gauge.trust
    for each in met:
        pairs = [(gauge.lean(one), log) for one in each if (log := gauge.off(one, 0.0)) is not None]
        middle, height = (fmean(side) for side in zip(*pairs, strict=True)) if pairs else (0.0, 0.0)
        squares += sum((lean - middle) ** 2 for lean, _ in pairs)
        products += sum((lean - middle) * (log - height) for lean, log in pairs)
    return min(max(products / squares, 0.0), 1.0)


def _between(means: Sequence[float], within: float, logs: Sequence[Sequence[float]]) -> float:
    """Return how far campaigns lie apart beyond what their objectives' own spread explains."""
    if len(means) < 2:
        return 0.0
    apart = _spread([means]) ** 2
    return math.sqrt(max(apart - within**2 * fmean(1 / len(each) for each in logs), 0.0))


def _spread(groups: Sequence[Sequence[float]]) -> float:
    """Return the pooled standard deviation about each group's own mean; 0 where there is nothing to tell it by."""
    freedom = sum(len(group) - 1 for group in groups)
    squares = sum((each - fmean(group)) ** 2 for group in groups for each in group)
    return math.sqrt(squares / freedom) if freedom > 0 else 0.0
