"""What is believed of a campaign's pace: what is known of any, what earlier ones taught, and what it showed itself."""

import math
from datetime import datetime
from statistics import fmean
from typing import NamedTuple

import numpy as np

from core.campaigns.campaign import Campaign, Objective, Stage
from core.campaigns.forecast_odds import Floats, Prior, believe, prior
from core.campaigns.gauges import PEOPLE, REPLIES, TOKENS, WORK, Gauge
from core.campaigns.pace import Pace, Tempo

_WORK = Prior(bias=0.1, kin=0.65, own=0.45, spread=0.6)
_PEOPLE = Prior(bias=0.0, kin=0.9, own=0.4, spread=1.1)
_TOKENS = Prior(bias=0.1, kin=0.5, own=0.2, spread=0.4)
_REPLIES = Prior(bias=math.log(3 * 3600), kin=1.0, own=0.4, spread=1.2)
"""What is believed where nothing was seen: plans are somewhat hopeful, people take hours."""
_LATENCY_DOUBT = 0.7
"""How far the length of an answer says what an objective takes: judging, splitting and tries come to it."""
_ENOUGH, _NOT_ENOUGH = 6.0, 1.0
"""Attempts that were enough, and not, before any was seen: the parameters of a beta distribution."""


class Believed(NamedTuple):
    """What is believed of one gauge: as many biases and spreads as there are draws."""

    bias: Floats
    spread: Floats
    gauge: Gauge
    trust: float

    def expected(self, one: Objective) -> float:
        """Return what an attempt would take without bias and noise."""
        return self.gauge.expected(one, self.trust)


class Beliefs(NamedTuple):
    """What is believed of all of it."""

    work: Believed
    people: Believed
    replies: Believed
    tokens: Believed
    again: Floats
    """The probability that an attempt is not enough."""


def beliefs(campaign: Campaign, at: datetime, pace: Pace, chance: np.random.Generator, draws: int) -> Beliefs:
    """Return what is believed at a time, as `draws` draws from `chance`."""
    objectives = [_so_far(one, at) for one in campaign.objectives]

    def believed(bare: Prior, tempo: Tempo, gauge: Gauge) -> Believed:
        trust = _trusted(tempo, gauge)
        seen = [log for one in objectives if one.stage is Stage.MET and (log := gauge.off(one, trust)) is not None]
        lasting = [log for one in objectives if _unfinished(one) and (log := gauge.off(one, trust)) is not None]
        belief = believe(np.array(seen), np.array(lasting), prior(tempo, bare), chance.random((3, draws)))
        return Believed(*belief, gauge, trust)

    worked = [one for one in objectives if one.stage is Stage.MET and one.means != "person"]
    tries = sum(max(one.attempts, 1) - 1 for one in objectives if one.means != "person")
    return Beliefs(
        work=believed(_by_latency(_WORK, campaign, pace), pace.work, WORK),
        people=believed(_PEOPLE, pace.people, PEOPLE),
        replies=believed(_REPLIES, pace.replies, REPLIES),
        tokens=believed(_TOKENS, pace.tokens, TOKENS),
        again=chance.beta(_NOT_ENOUGH + pace.failed + tries, _ENOUGH + pace.worked + len(worked), draws),
    )


def _trusted(tempo: Tempo, gauge: Gauge) -> float:
    return gauge.trust if tempo.trust is None else tempo.trust


def _so_far(one: Objective, at: datetime) -> Objective:
    """Return an objective that goes on as if it ended now."""
    return one.but(ended_at=max(at, one.started_at)) if one.started_at and not one.ended_at else one


def _unfinished(one: Objective) -> bool:
    """Tell whether it took at least as long as it did so far: it goes on, or was given up."""
    return one.stage in (Stage.RUNNING, Stage.FAILED) or (one.stage is Stage.WAITING and one.means == "person")


def _by_latency(bare: Prior, campaign: Campaign, pace: Pace) -> Prior:
    """Return `bare` after what was measured of this committee's answers was held against the plan's estimates."""
    trust = _trusted(pace.work, WORK)
    estimates = [math.log(WORK.expected(one, trust)) for one in campaign.objectives if one.means == "answer"]
    if not pace.latency.count or not estimates:
        return bare
    here, there = 1 / _LATENCY_DOUBT**2, 1 / bare.kin**2
    told = pace.latency.mean - fmean(estimates)
    return bare._replace(bias=(here * told + there * bare.bias) / (here + there), kin=(here + there) ** -0.5)
