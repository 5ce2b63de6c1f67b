"""Draws of what is left of one campaign: seconds, tokens and money, each objective on its own terms."""

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np

from core.campaigns.campaign import Campaign, Course, Objective, Stage
from core.campaigns.forecast_beliefs import Beliefs, Believed, beliefs
from core.campaigns.forecast_odds import Floats, beyond, noise
from core.campaigns.forecast_order import Left, leaves
from core.campaigns.pace import Pace
from core.campaigns.rules import Rules

_PRICE_DOUBT, _PRICE_WORTH = 0.15, 20_000
"""How far prices of tokens lie apart (their logarithms), and how many tokens earlier prices are worth."""
_MOST, _FEWEST, _CELLS = 1000, 128, 50_000


class Drawn(NamedTuple):
    """One figure for each draw."""

    begin: Floats
    """In how many seconds the campaign goes on."""
    left: list[Left]
    tokens: Floats
    """Of the whole campaign."""
    dollars: Floats | None
    """Of the whole campaign; `None` where no price is known."""


def drawn(campaign: Campaign, at: datetime, pace: Pace, rules: Rules) -> Drawn:
    """Return draws of what is left, the same for the same state."""
    needs = leaves(campaign.objectives)
    left = [one for one in campaign.objectives if one.id in needs]
    size = max(_FEWEST, min(_MOST, _CELLS // max(len(left), 1)))
    chance = np.random.default_rng(_seed(campaign))
    believed = beliefs(campaign, at, pace, chance, size)
    heads = chance.random((2, size))
    even = chance.random((len(left), 4, size))  # with one more at the end, the rows before stay as they are
    tries = _tries(left, at, believed, even[:, 0], rules.attempts)
    seconds = _seconds(left, at, tries, believed, even[:, 1])
    tokens = _tokens(left, tries, believed, even[:, 2])
    begin = np.zeros(size)
    if campaign.wait is not None and campaign.stands in (Course.PROPOSED, Course.HELD):
        begin = _reply(_since(campaign.wait.asked_at, at), believed.replies, heads[0])
    return Drawn(
        begin=begin,
        left=[
            Left(
                id=one.id,
                needs=needs[one.id],
                begin=_on_again(one, at, believed.replies, even[row, 3]),
                taken=seconds[row],
                hand=one.means != "person",
                busy=_under_way(one),
            )
            for row, one in enumerate(left)
        ],
        tokens=campaign.spent.tokens + tokens,
        dollars=_dollars(campaign, pace, tokens, heads[1]),
    )


def _tries(left: Sequence[Objective], at: datetime, believed: Beliefs, even: Floats, most: int) -> Floats:
    """Return how many attempts each takes in all; for what is under way, as they go with how long it has lasted."""
    again = np.log(np.clip(believed.again, 1e-9, 1 - 1e-9))
    begun = np.array([max(one.attempts, 1) if _under_way(one) else 1 for one in left])[:, None]
    tries: Floats = np.minimum(begun + np.floor(np.log(even + 1e-300) / again), np.maximum(begun, most))
    for row, one in enumerate(left):
        sofar = _since(one.started_at, at) if _under_way(one) else 0.0
        if one.means == "person":
            tries[row] = 1
        elif sofar > 0 and begun[row, 0] < most:
            tries[row] = _tries_after(
                sofar / believed.work.expected(one), int(begun[row, 0]), most, believed, even[row]
            )
    return tries


def _tries_after(share: float, begun: int, most: int, believed: Beliefs, even: Floats) -> Floats:
    """Return draws of attempts that are at least `begun` and have lasted for `share` of what one should take."""
    counts = np.arange(begun, most + 1)[:, None]
    odds = believed.again ** (counts - begun) * np.where(counts < most, 1 - believed.again, 1.0)
    odds *= beyond((np.log(share / counts) - believed.work.bias) / believed.work.spread) + 1e-12
    heap = odds.cumsum(axis=0)
    found: Floats = begun + (heap < even * heap[-1]).sum(axis=0).astype(float)
    return found


def _seconds(left: Sequence[Objective], at: datetime, tries: Floats, believed: Beliefs, even: Floats) -> Floats:
    """Return what each still takes from when it begins, or from now where it is under way."""
    sofar = np.array([_since(one.started_at, at) if _under_way(one) else 0.0 for one in left])
    persons = np.array([one.means == "person" for one in left], dtype=bool)
    seconds = np.empty(even.shape)
    for rows, belief in ((persons, believed.people), (~persons, believed.work)):
        whole = _whole([one for one, row in zip(left, rows, strict=True) if row], tries[rows], belief)
        seconds[rows] = _more(whole, sofar[rows], belief, even[rows])
    return seconds


def _tokens(left: Sequence[Objective], tries: Floats, believed: Beliefs, even: Floats) -> Floats:
    """Return the tokens that all of it together still takes; what was estimated at none takes none."""
    rows = np.array([one.estimate.tokens > 0 for one in left], dtype=bool)
    whole = _whole([one for one in left if one.estimate.tokens], tries[rows], believed.tokens)
    sofar = np.array([float(one.spent.tokens) for one in left if one.estimate.tokens])
    sums: Floats = _more(whole, sofar, believed.tokens, even[rows]).sum(axis=0)
    return sums


def _whole(some: Sequence[Objective], tries: Floats, believed: Believed) -> Floats:
    """Return what each should take in so many attempts: a row for each."""
    return np.array([believed.expected(one) for one in some]).reshape(-1, 1) * tries


def _more(whole: Floats, sofar: Floats, believed: Believed, even: Floats) -> Floats:
    """Return how much is still to be taken of each, given that it took so much already."""
    for row in np.flatnonzero(sofar > 0):  # the noise is such that it was not over yet
        lasted = beyond((np.log(sofar[row] / whole[row]) - believed.bias) / believed.spread)
        even[row] = 1 - (1 - even[row]) * lasted
    logs = believed.bias + believed.spread * noise(even)
    return np.maximum(whole * np.exp(np.minimum(logs, 50)) - sofar[:, None], 0.0)


def _on_again(one: Objective, at: datetime, replies: Believed, even: Floats) -> Floats | float:
    """Return in how many seconds an objective goes on that waits for a person or for a time; 0 for all others."""
    if one.stage is not Stage.WAITING or one.means == "person" or one.wait is None:
        return 0.0
    if one.wait.until is not None and not one.wait.number:
        return max((one.wait.until - at).total_seconds(), 0.0)
    return _reply(_since(one.wait.asked_at, at), replies, even)


def _reply(sofar: float, replies: Believed, even: Floats) -> Floats:
    """Return in how many seconds a person answers who was asked so long ago."""
    left: Floats = _more(np.ones((1, len(even))), np.array([sofar]), replies, even[None].copy())[0]
    return left


def _dollars(campaign: Campaign, pace: Pace, tokens: Floats, even: Floats) -> Floats | None:
    own = campaign.spent
    seen, known = (0, 0) if own.unpriced else (own.tokens, own.microdollars)
    taught = min(pace.priced, _PRICE_WORTH)
    if not seen + taught:
        return None
    price = (known + taught * pace.microdollars / max(pace.priced, 1)) / (seen + taught)
    known_by = sum(one.stage is Stage.MET for one in campaign.objectives) + min(pace.tokens.campaigns, 3)
    doubt = _PRICE_DOUBT / math.sqrt(1 + known_by / 2)
    return (own.microdollars + tokens * price * np.exp(doubt * noise(even))) / 1e6


def _under_way(one: Objective) -> bool:
    """Tell whether it goes on now; what a person is to do goes on while they are waited for."""
    return one.stage is Stage.RUNNING or (one.stage is Stage.WAITING and one.means == "person")


def _since(begun: datetime | None, at: datetime) -> float:
    """Return the seconds since then; 0 where the clock was put back."""
    return max((at - begun).total_seconds(), 0.0) if begun else 0.0


def _seed(campaign: Campaign) -> int:
    key = f"{campaign.tenant}\0{campaign.id}\0{campaign.revision}".encode()
    return int.from_bytes(hashlib.sha256(key).digest()[:8])
