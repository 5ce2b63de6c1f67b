"""What a campaign may still take: limits, what is set aside for a run, the warning, and what would go over."""

from datetime import datetime
from math import isfinite
from typing import NamedTuple

from core.campaigns.campaign import Campaign, Objective, Purpose
from core.campaigns.rules import Rules
from core.campaigns.sums import Allowance, Sums
from core.errors import BadRequest
from core.sentences import Sentence, said

WARN = 0.8
"""The share of a limit at which a person is told."""
MORE = 1.5
"""What a limit is multiplied by where a person says that it may go on."""
NAMES = ("tokens", "dollars", "model_seconds", "sandbox_seconds")
_LEAST = {"plan": 3000, "judge": 1000, "report": 2000}
"""Tokens set aside for what is no work on an objective; about what three small members take."""
_SANDBOX = 10_000
"""Milliseconds set aside for running a skill."""


class Line(NamedTuple):
    """One limit, in whole units: tokens, millionths of a dollar, milliseconds."""

    name: str
    most: int
    used: int

    @property
    def left(self) -> int:
        """Return what is left; below 0 where a run took more than was set aside for it."""
        return self.most - self.used


def lines(allowance: Allowance, used: Sums) -> tuple[Line, ...]:
    """Return each limit with what counts against it."""
    counted = (used.tokens, used.microdollars, used.model_milliseconds, used.sandbox_milliseconds)
    limits = (getattr(allowance, name) for name in NAMES)
    return tuple(
        Line(name, units(name, most), count)
        for name, most, count in zip(NAMES, limits, counted, strict=True)
        if most is not None
    )


def units(name: str, amount: float) -> int:
    """Return an amount in whole units."""
    return round(amount * {"tokens": 1, "dollars": 1_000_000}.get(name, 1000))


def amount(name: str, count: int) -> Sentence:
    """Say an amount of whole units."""
    match name:
        case "tokens":
            return said("{count:,} tokens", count=count)
        case "dollars":
            return said("${dollars:,.2f}", dollars=count / 1_000_000)
        case "model_seconds":
            return said("{seconds:,.0f} s of models", seconds=count / 1000)
        case _:
            return said("{seconds:,.0f} s of sandboxes", seconds=count / 1000)


def share(allowance: Allowance, used: Sums) -> float:
    """Return the largest share that is used of any limit; 0 where there is none."""
    return max((line.used / line.most for line in lines(allowance, used)), default=0.0)


def short(allowance: Allowance, used: Sums, more: Sums) -> Line | None:
    """Return the limit that `more` would go over; one that is reached already, if `more` takes anything of it."""
    now, then = lines(allowance, used), lines(allowance, used + more)
    return next(
        (a for a, b in zip(now, then, strict=True) if b.used > b.most or (a.left <= 0 and _takes(more, a))), None
    )


def _takes(more: Sums, line: Line) -> bool:
    """Tell whether a run takes of a limit: where a price or a speed is not known yet, what has tokens does."""
    return (more.sandbox_milliseconds if line.name == "sandbox_seconds" else more.tokens) > 0


def overspent(allowance: Allowance, used: Sums) -> Line | None:
    """Return a limit of which more was taken than it allows."""
    return next((line for line in lines(allowance, used) if line.left < 0), None)


def unpriced(allowance: Allowance, used: Sums) -> bool:
    """Tell whether a limit in dollars cannot be kept, as the price of a call is not known."""
    return allowance.dollars is not None and used.unpriced > 0


def reserve(campaign: Campaign, purpose: Purpose, objective: Objective | None) -> Sums:
    """Return what is set aside for a run: the tokens it may take, and what so many cost this campaign so far."""
    tokens = objective.estimate.tokens if objective and purpose == "work" else _LEAST.get(purpose, 0)
    program = objective is not None and purpose == "work" and objective.means in ("skill", "use")
    tokens = 0 if program and objective is not None and objective.means == "use" else tokens
    so_far = max(1, campaign.spent.tokens)
    return Sums(
        tokens=tokens,
        microdollars=tokens * campaign.spent.microdollars // so_far,
        model_milliseconds=tokens * campaign.spent.model_milliseconds // so_far,
        sandbox_milliseconds=_SANDBOX if program else 0,
    )


def raised(allowance: Allowance, used: Sums, more: Sums, most: Allowance) -> Allowance:
    """Return an allowance of which what `more` would go over is half as much again, and enough for it.

    Raises `BadRequest` where that is more than an administrator allows.
    """
    changes: dict[str, float] = {}
    for line in lines(allowance, used + more):
        if line.used >= line.most:
            wanted = max(round(line.most * MORE), line.used + 1)
            wanted = _within(line, wanted, most)
            changes[line.name] = wanted if line.name == "tokens" else wanted / units(line.name, 1)
    return allowance.but(**changes)


def _within(line: Line, wanted: int, most: Allowance) -> int:
    top = getattr(most, line.name)
    if top is None or wanted <= units(line.name, top):
        return wanted
    if units(line.name, top) > line.used:
        return units(line.name, top)
    text = "An administrator allows a campaign {most} at most, and that is used up: have the limit raised, or stop it."
    raise BadRequest(text, most=amount(line.name, units(line.name, top)))


def bounded(wanted: Allowance, most: Allowance) -> Allowance:
    """Return what a campaign may take: what is wanted, and the administrator's limit where nothing is.

    Raises `BadRequest` where more is wanted than the administrator allows.
    """
    for line in lines(most, Sums()):
        asked = getattr(wanted, line.name)
        if asked is not None and units(line.name, asked) > line.most:
            text = "A campaign may take {most} at most here, and this one asks for {wanted}. Ask for less."
            given = amount(line.name, units(line.name, asked))
            raise BadRequest(text, most=amount(line.name, line.most), wanted=given)
    limits = {name: getattr(wanted, name) or getattr(most, name) for name in NAMES}
    return Allowance(**limits)


def allowed(
    tokens: float | None = None,
    dollars: float | None = None,
    model_seconds: float | None = None,
    sandbox_seconds: float | None = None,
) -> Allowance:
    """Return an allowance from what a person typed. Raises `BadRequest` for a limit that is zero or less, or no number.

    Tokens are cut to whole ones.
    """
    given = dict(zip(NAMES, (tokens, dollars, model_seconds, sandbox_seconds), strict=True))
    for value in given.values():
        if value is not None and (not isfinite(value) or value <= 0 or value > 1e15):
            text = "A budget of {value} is none: give a number above zero, or leave it out for no limit of its own."
            raise BadRequest(text, value=f"{value:g}")
    whole = None if tokens is None else max(1, int(tokens))
    return Allowance(**{**given, "tokens": whole})


def month_of(at: datetime) -> str:
    """Return the calendar month (UTC) of a time: `2026-11`."""
    return f"{at:%Y-%m}"


def month_short(campaign: Campaign, more: Sums, at: datetime, rules: Rules) -> Line | None:
    """Return the tenant's limit for the month that `more` would go over."""
    so_far = campaign.month if campaign.month_of == month_of(at) else Sums()
    return short(rules.month, so_far + campaign.reserved, more)
