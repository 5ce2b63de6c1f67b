"""Campaigns: how often the truth lies in a forecast's 80 % interval, and what a forecast costs.

Campaigns are simulated from distributions that the forecaster does not know (see `tests.doubles.hidden_campaigns`),
each of a template of its own with no, one, three or ten earlier campaigns to learn from. Beside it stands the naive
forecast: what was taken so far, divided by the share of objectives that are done; at the start, the plan's estimates.

    python -m benchmarks.forecast [seed]
"""

import sys
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from time import process_time
from typing import NamedTuple

import numpy as np

from core.campaigns.campaign import Campaign, Course
from core.campaigns.forecast import forecast
from core.campaigns.foreseen import Forecast
from core.campaigns.pace import Pace, learnt
from tests.doubles.hidden_campaigns import FAMILIES, Lived, lived, world

CAMPAIGNS, SEED = 500, 20261122
HISTORIES = (0, 1, 3, 10)


class Held(NamedTuple):
    """A forecast of time or of cost against the truth; everything from the campaign's start."""

    family: str
    history: int
    inside: bool
    width: float
    """Of the interval, over the truth."""
    off: float
    """The factor by which the median is too high or too low."""
    naive: float
    """The same of the naive forecast."""


def main() -> None:
    """Print the figures."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else SEED
    held: dict[tuple[str, int], list[Held]] = defaultdict(list)
    for number in range(CAMPAIGNS):
        for key, one in measured(seed, number):
            held[key].append(one)
    for what in ("time", "tokens", "dollars"):
        print(f"{what}, {CAMPAIGNS} campaigns: share of truths in the 80 % interval; its width over the truth")
        for quarter in range(4):
            print(_line(f"  {quarter * 25:>2} % done", held[what, quarter]))
        for title, pick in (("family", 0), ("history", 1)):
            groups = sorted({one[pick] for one in held[what, 0]}, key=str)
            shares = [(each, [o.inside for q in range(4) for o in held[what, q] if o[pick] == each]) for each in groups]
            print(f"  by {title}: " + ", ".join(f"{each} {sum(got) / len(got):.0%}" for each, got in shares))
    _costs()


def measured(seed: int, number: int) -> list[tuple[tuple[str, int], Held]]:
    """Return one simulated campaign's forecasts, at each quarter of what, against what came."""
    chance = np.random.default_rng((seed, number))
    family, history = FAMILIES[number % len(FAMILIES)], HISTORIES[number // len(FAMILIES) % len(HISTORIES)]
    template = world(chance, family)
    earlier = [lived(chance, template, f"e{at}") for at in range(history)]
    pace = learnt([one.at(one.ended_at) for one in earlier])
    truth = lived(chance, template, f"c{number}")
    found = []
    for quarter in range(4):
        at = truth.quarter(quarter)
        campaign = truth.at(at)
        said = forecast(campaign, at, pace)
        for what, (low, middle, high, real, naive) in _compared(truth, campaign, said, pace).items():
            inside = low <= real <= high
            one = Held(family, history, inside, (high - low) / real, _off(middle, real), _off(naive, real))
            found.append(((what, quarter), one))
    return found


def _compared(truth: Lived, campaign: Campaign, said: Forecast, pace: Pace) -> dict[str, tuple[float, ...]]:
    """Return low, median and high, the truth, and the naive forecast, of time and of cost."""
    done = sum(one.stage.over for one in campaign.objectives) / len(campaign.objectives)
    gone = (said.at - truth.begun_at).total_seconds()
    planned = sum(one.estimate.seconds for one in campaign.objectives) / 2
    asked = sum(one.estimate.tokens for one in campaign.objectives)
    real = truth.spent
    assert said.earliest
    assert said.end
    assert said.latest
    assert said.tokens
    ends = [(end - truth.begun_at).total_seconds() for end in (said.earliest, said.end, said.latest)]
    found = {
        "time": (*ends, (truth.ended_at - truth.begun_at).total_seconds(), gone / done if done else planned),
        "tokens": (
            said.tokens.low, said.tokens.median, said.tokens.high, real.tokens,
            campaign.spent.tokens / done if done else asked,
        ),
    }  # fmt: skip
    if said.dollars:
        naive = (
            campaign.spent.microdollars / 1e6 / done if done else asked * pace.microdollars / max(pace.priced, 1) / 1e6
        )
        found["dollars"] = (
            said.dollars.low, said.dollars.median, said.dollars.high, real.microdollars / 1e6, naive,
        )  # fmt: skip
    return found


def _off(said: float, real: float) -> float:
    return max(said, 1e-9) / real if said > real else real / max(said, 1e-9)


def _line(title: str, held: Sequence[Held]) -> str:
    inside = sum(one.inside for one in held) / len(held)
    return (
        f"{title}: {inside:.1%} inside, width {median(one.width for one in held):.2f}, "
        f"median off by {median(one.off for one in held):.2f} × "
        f"(naive {median(one.naive for one in held):.2f} ×), n = {len(held)}"
    )


def _costs() -> None:
    """Print the CPU that one forecast takes."""
    for size in (10, 500):
        campaign = _of(size)
        taken = []
        for _ in range(20):
            begun = process_time()
            forecast(campaign, campaign.created_at, learnt([]))
            taken.append((process_time() - begun) * 1000)
        print(f"one forecast of {size} objectives: {median(taken):.1f} ms of CPU")


def _of(size: int) -> Campaign:
    chance = np.random.default_rng(SEED)
    plan = lived(chance, world(chance, "log-normal")).campaign
    one = plan.objectives[0]
    objectives = [one.but(id=str(at), needs=(str(at - 2),) if at > 3 else ()) for at in range(1, size + 1)]
    return plan.but(objectives=tuple(objectives), course=Course.RUNNING)


if __name__ == "__main__":
    main()
