"""How far estimates are off in one campaign: from what is finished, and from what still runs, to draws of what is left.

The model: log(taken / estimated) of an attempt = the campaign's own bias + noise. The bias is normal about what earlier
campaigns had; the noise is a normal with heavier tails (a part of it is wider, as now and then all goes wrong). What
is known afterwards is computed on a grid of bias and spread, with survival for what still runs (right-censored data;
Gelman et al., Bayesian Data Analysis, 3rd ed., sections 3.3 and 8.7), so that slow runners count before they end.
"""

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.campaigns.pace import Tempo

Floats = NDArray[np.float64]
_RARE, _WIDER = 0.07, 2.5
"""How often the noise is the wider one, and how much wider."""
_BIASES, _SPREADS = 41, 13
_REACH = 6.0
_FINE, _TAIL = 4096, 40
_OWN_SURENESS, _MOST_SURE = 3.0, 20.0


class Prior(NamedTuple):
    """What is believed of logarithms before a campaign shows its own."""

    bias: float
    kin: float
    """Standard deviation of the mean bias of campaigns that are like each other, about `bias`."""
    own: float
    """Standard deviation of one campaign's bias about the mean of those like it."""
    spread: float
    """Standard deviation of the noise, but for its tails."""
    sureness: float = 4.0
    """How many observations the belief about the spread is worth."""

    @property
    def doubt(self) -> float:
        """Standard deviation of a campaign's bias about `bias`."""
        return math.hypot(self.kin, self.own)


class Belief(NamedTuple):
    """What is believed afterwards: as many biases and spreads as there are draws."""

    bias: Floats
    spread: Floats


def prior(tempo: Tempo, bare: Prior) -> Prior:
    """Return `bare`, which is what is believed of any campaign, after others like it were seen.

    A normal mean and a scaled inverse chi-squared variance, twice: of campaigns among those like them, and of
    objectives inside a campaign (Gelman et al., sections 2.5, 2.6 and 5.4).
    """
    if not tempo.campaigns:
        return bare
    freedom, more = tempo.count - tempo.campaigns, tempo.campaigns - 1
    spread = _pooled(bare.spread, bare.sureness, tempo.within, freedom)
    own = _pooled(bare.own, _OWN_SURENESS, tempo.between, more)
    mean_error = math.sqrt((own**2 + spread**2 * tempo.campaigns / tempo.count) / tempo.campaigns)
    weight = bare.kin**2 / (bare.kin**2 + mean_error**2)
    return Prior(
        bias=bare.bias + weight * (tempo.mean - bare.bias),
        kin=bare.kin * math.sqrt(1 - weight),
        own=own,
        spread=spread,
        sureness=bare.sureness + min(freedom, _MOST_SURE),
    )


def _pooled(believed: float, sureness: float, seen: float, freedom: float) -> float:
    """Return a standard deviation after another one was seen."""
    return math.sqrt((sureness * believed**2 + freedom * seen**2) / (sureness + freedom))


def believe(seen: Floats, lasting: Floats, before: Prior, draws: Floats) -> Belief:
    """Return draws of bias and spread, given logarithms that were seen and others that are already surpassed.

    `draws` are uniform numbers, three rows.
    """
    biases, spreads = _grid(seen, lasting, before)
    standard = (seen[:, None, None] - biases[:, None]) / spreads
    log = _log_density(standard).sum(axis=0) - len(seen) * np.log(spreads)
    outlasting = beyond((lasting[:, None, None] - biases[:, None]) / spreads)
    log += np.log(np.maximum(outlasting, 1e-300)).sum(axis=0)
    log -= 0.5 * ((biases[:, None] - before.bias) / before.doubt) ** 2
    log -= before.sureness * np.log(spreads / before.spread) ** 2  # the variance of log(chi) is about 1/2 freedom
    return _drawn(log, biases, spreads, draws)


def _grid(seen: Floats, lasting: Floats, before: Prior) -> tuple[Floats, Floats]:
    """Return biases and spreads where what is believed can lie: about the normal approximation, generously."""
    precision = 1 / before.doubt**2 + len(seen) / before.spread**2
    middle = (before.bias / before.doubt**2 + seen.sum() / before.spread**2) / precision
    width = _REACH / math.sqrt(precision)
    centre = float(np.median(seen)) if len(seen) else before.bias
    low, high = min(middle, centre) - width, max(middle, centre) + width
    if len(lasting):  # one that lasts very long moves the bias up, at most to where it is ordinary
        high = max(high, min(float(lasting.max()), before.bias + 4 * before.doubt))
    reach = min(1.6, 4 / math.sqrt(before.sureness + len(seen)) + 0.2)
    around = math.log(_spread(seen, before))
    return np.linspace(low, high, _BIASES), np.exp(np.linspace(around - reach, around + reach, _SPREADS))


def _spread(seen: Floats, before: Prior) -> float:
    squares = float(((seen - seen.mean()) ** 2).sum()) if len(seen) else 0.0
    freedom = max(len(seen) - 1, 0)
    return math.sqrt((before.sureness * before.spread**2 + squares) / (before.sureness + freedom))


def _drawn(log: Floats, biases: Floats, spreads: Floats, draws: Floats) -> Belief:
    """Draw cells of the grid by their weight, evenly, and a place inside each."""
    weights = np.exp(log - log.max()).ravel()
    heap = np.cumsum(weights)
    count = draws.shape[1]
    even = (np.arange(count) + draws[0]) / count * heap[-1]
    cells = np.minimum(np.searchsorted(heap, even), len(heap) - 1)
    cells = cells[np.argsort(draws[1], kind="stable")]  # so that the order of draws says nothing
    step = biases[1] - biases[0]
    bias = biases[cells // len(spreads)] + (draws[2] - 0.5) * step
    return Belief(bias, spreads[cells % len(spreads)])


def noise(even: Floats) -> Floats:
    """Return standard noise for uniform numbers: the inverse of its distribution.

    Most are looked up in even steps, which takes a quarter of the time; in the tails steps would be too coarse.
    """
    quantiles = _quantiles()
    place = even * _FINE
    cell = np.minimum(place.astype(np.intp), _FINE - 1)
    low = quantiles[cell]
    found: Floats = low + (place - cell) * (quantiles[cell + 1] - low)
    rare = (cell < _TAIL) | (cell >= _FINE - _TAIL)
    places, heights = _table()
    found[rare] = np.interp(even[rare], heights, places)
    return found


def beyond(standard: Floats) -> Floats:
    """Return the share of noise that is larger."""
    places, heights = _table()
    return np.interp(-standard, places, heights)


@lru_cache(maxsize=1)
def _table() -> tuple[Floats, Floats]:
    """Return the noise's distribution function, from -12 to 12."""
    places = np.linspace(-12, 12, 961)
    heights = [(1 - _RARE) * _normal(place) + _RARE * _normal(place / _WIDER) for place in places]
    return places, np.maximum.accumulate(np.array(heights))


@lru_cache(maxsize=1)
def _quantiles() -> Floats:
    places, heights = _table()
    return np.interp(np.linspace(0, 1, _FINE + 1), heights, places)


def _normal(place: float) -> float:
    return 0.5 * math.erfc(-place / math.sqrt(2))


def _log_density(standard: Floats) -> Floats:
    """Return the logarithm of the noise's density, but for a constant."""
    squares = standard**2
    wide: Floats = (1 - _RARE) * np.exp(-0.5 * squares) + _RARE / _WIDER * np.exp(-0.5 * squares / _WIDER**2)
    return np.log(np.maximum(wide, 1e-300))
