"""Campaigns that happened, from distributions that no forecaster is told: what a forecast is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from heapq import heappop, heappush

import numpy as np

from core.campaigns.campaign import Campaign, Course, Estimate, Objective, Stage
from core.campaigns.sums import Sums

FAMILIES = ("log-normal", "gamma", "weibull", "disasters", "correlated", "offices", "biased")
HANDS = 2
"""Objectives that Dexter works on at one time."""


@dataclass(frozen=True, slots=True)
class World:
    """What holds for all campaigns of one template."""

    family: str
    bias: float
    """Mean of the logarithm of a campaign's factor."""
    apart: float
    """How far the factors of campaigns lie apart."""
    shape: float
    """Of the noise of one attempt: about the standard deviation of its logarithm."""
    failing: float
    """The probability that an attempt is not enough."""
    people: float
    """The share of objectives that are a person's."""
    reply: float
    """The logarithm of the hours that people take."""
    thirst: float
    """Mean of the logarithm of the factor for tokens."""
    gulp: float
    """As `shape`, of tokens."""
    price: float
    """Microdollars a token."""


@dataclass(frozen=True, slots=True)
class Lived:
    """A campaign that happened: when each objective began and ended, and what it took."""

    campaign: Campaign
    """As planned."""
    ended: tuple[Objective, ...]
    """As they were in the end."""

    @property
    def begun_at(self) -> datetime:
        return self.campaign.created_at

    @property
    def ended_at(self) -> datetime:
        return max(one.ended_at for one in self.ended if one.ended_at)

    @property
    def spent(self) -> Sums:
        return sum((one.spent for one in self.ended), Sums())

    def at(self, moment: datetime) -> Campaign:
        """Return it as it was known at a moment."""
        known = tuple(self._known(one, moment) for one in self.ended)
        spent = sum((one.spent for one in known), Sums())
        over = all(one.stage.over for one in known)
        course = Course.MET if over else Course.RUNNING
        return self.campaign.but(
            objectives=known, spent=spent, course=course, ended_at=moment if over else None, started_at=self.begun_at
        )

    def quarter(self, number: int) -> datetime:
        """Return when so many quarters of the objectives were over."""
        ends = sorted(one.ended_at for one in self.ended if one.ended_at)
        done = -(-number * len(ends) // 4)
        return ends[done - 1] if done else self.begun_at

    def _known(self, one: Objective, moment: datetime) -> Objective:
        if one.ended_at and one.ended_at <= moment:
            return one
        plan = one.but(stage=Stage.PENDING, attempts=0, spent=Sums(), started_at=None, ended_at=None)
        if one.started_at is None or one.started_at > moment:
            return plan
        stage = Stage.WAITING if one.means == "person" else Stage.RUNNING
        return plan.but(stage=stage, attempts=1, started_at=one.started_at)


def world(chance: np.random.Generator, family: str) -> World:
    """Return a template's world."""
    biased = family == "biased"
    return World(
        family=family,
        bias=chance.normal(0.5 if biased else 0.15, 0.9 if biased else 0.5),
        apart=chance.uniform(0.5, 0.9) if biased else chance.uniform(0.1, 0.5),
        shape=chance.uniform(0.25, 0.9),
        failing=chance.beta(2, 12),
        people=0.3 if family == "offices" else chance.choice([0.0, 0.1, 0.2]),
        reply=chance.normal(0.7, 0.8),
        thirst=chance.normal(0.1, 0.5),
        gulp=chance.uniform(0.2, 0.7),
        price=float(np.exp(chance.normal(1.0, 1.0))),
    )


def lived(chance: np.random.Generator, world: World, id: str = "c") -> Lived:
    """Return a campaign of a template, from its plan to its end."""
    begun = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=chance.uniform(0, 14 * 24))
    objectives = _plan(chance, world)
    plan = Campaign(
        id=id, tenant="local", owner="o", owner_name="Ada", address="a", title="t", goal="g", course=Course.RUNNING,
        objectives=objectives, created_at=begun, started_at=begun,
    )  # fmt: skip
    return Lived(plan, _carried(chance, world, objectives, begun))


def _plan(chance: np.random.Generator, world: World) -> tuple[Objective, ...]:
    count = int(chance.integers(6, 25))
    plan = []
    for at in range(count):
        earlier = chance.choice(at, size=min(at, int(chance.integers(0, 3))), replace=False) if at else []
        person = chance.random() < world.people
        median = 4 * 3600 if person else 900
        plan.append(
            Objective(
                id=str(at + 1), title=f"Part {at + 1}", done_when="d", means="person" if person else "answer",
                needs=tuple(str(one + 1) for one in sorted(earlier)),
                estimate=Estimate(
                    seconds=median * float(np.exp(chance.normal(0, 0.7))),
                    tokens=0 if person else int(4000 * np.exp(chance.normal(0, 0.6))),
                ),
            )
        )  # fmt: skip
    return tuple(plan)


def _carried(
    chance: np.random.Generator, world: World, plan: Sequence[Objective], begun: datetime
) -> tuple[Objective, ...]:
    """Carry it out: whoever is ready first goes first, so many at one time; people are asked at once."""
    factor, thirst = chance.normal(world.bias, world.apart), chance.normal(world.thirst, world.apart / 2)
    drift = _drift(chance, world, len(plan))
    over: dict[str, Objective] = {}
    waiting, going, at, hands = list(plan), [], begun, HANDS
    while waiting or going:
        for one in [one for one in waiting if over.keys() >= set(one.needs)]:
            if one.means != "person" and not hands:
                continue
            waiting.remove(one)
            hands -= one.means != "person"
            ended = _ended(chance, world, one, at, (factor + drift[int(one.id) - 1], thirst))
            heappush(going, (ended.ended_at, int(one.id), ended))
        at, _, ended = heappop(going)
        hands += ended.means != "person"
        over[ended.id] = ended
    return tuple(over[one.id] for one in plan)


def _ended(
    chance: np.random.Generator, world: World, one: Objective, at: datetime, factors: tuple[float, float]
) -> Objective:
    if one.means == "person":
        return one.but(stage=Stage.MET, attempts=1, started_at=at, ended_at=_answered(chance, world, one, at))
    tries = 1
    while tries < 3 and chance.random() < world.failing:
        tries += 1
    seconds = sum(
        one.estimate.seconds * np.exp(factors[0]) * _noise(chance, world.family, world.shape) for _ in range(tries)
    )
    gulps = sum(_noise(chance, world.family, world.gulp) for _ in range(tries))
    tokens = int(one.estimate.tokens * np.exp(factors[1]) * gulps)
    spent = Sums(tokens=tokens, microdollars=int(tokens * world.price * np.exp(0.2 * chance.normal())), calls=tries)
    return one.but(
        stage=Stage.MET, attempts=tries, spent=spent, started_at=at, ended_at=at + timedelta(seconds=float(seconds))
    )


def _answered(chance: np.random.Generator, world: World, one: Objective, at: datetime) -> datetime:
    """Return when a person answers: after some hours of work, by an office's clock where it is one."""
    hours = float(np.exp(chance.normal(world.reply, 0.9)))
    if world.family != "offices":
        return at + timedelta(hours=hours)
    while hours > 0:
        if at.weekday() > 4 or at.hour >= 17:
            at = datetime.combine(at.date() + timedelta(days=1), time(9), UTC)
        elif at.hour < 9:
            at = datetime.combine(at.date(), time(9), UTC)
        else:
            today = datetime.combine(at.date(), time(17), UTC) - at
            worked = min(today, timedelta(hours=hours))
            at, hours = at + worked, hours - worked.total_seconds() / 3600
            if worked == timedelta(0):
                break
    return at


def _noise(chance: np.random.Generator, family: str, shape: float) -> float:
    """Return what one attempt takes over what it should, with a median near 1."""
    match family:
        case "gamma":
            return float(chance.gamma(1 / shape**2) * shape**2)
        case "weibull":
            return float(chance.weibull(1.2 / shape))
        case "disasters":
            return float(
                np.exp(0.7 * shape * chance.normal()) * (chance.uniform(4, 15) if chance.random() < 0.04 else 1)
            )
        case _:
            return float(np.exp(shape * chance.normal()))


def _drift(chance: np.random.Generator, world: World, count: int) -> list[float]:
    """Return by how much neighbours go slow together, of logarithms."""
    if world.family != "correlated":
        return [0.0] * count
    drift = [0.3 * chance.normal()]
    for _ in range(count - 1):
        drift.append(0.8 * drift[-1] + 0.25 * chance.normal())
    return drift
