"""How good a skill is by what is known of it: how its runs ended, what people gave it, how much it is used.

`quality` multiplies how well the words fit (BM25), so that a skill that nobody knows is still found by its name:

    quality = 1 + success / 2 + rating / 2 + use / 2          from 1 to 2.5

- `success` is the lower end of the 95 % interval of Wilson (E. B. Wilson, "Probable inference, the law of succession,
  and statistical inference", JASA 22, 1927): 9 good runs of 10 count for less than 900 of 1,000, and none for nothing.
- `rating` is the Bayesian average: as if `WEIGHT` people had given `PRIOR` stars first, on a scale from 0 to 1.
- `use` is the logarithm of its good runs beside that of the skill with the most.
"""

from math import log1p, sqrt

Z = 1.959964
"""Standard deviations that hold 95 % of a normal distribution."""
PRIOR = 3.0
WEIGHT = 5


def success(good: int, runs: int) -> float:
    """Return the least share of good runs that is likely, from 0 to 1."""
    if runs <= 0:
        return 0.0
    share, z2 = min(good, runs) / runs, Z * Z
    spread = Z * sqrt(share * (1 - share) / runs + z2 / (4 * runs * runs))
    return max(0.0, (share + z2 / (2 * runs) - spread) / (1 + z2 / runs))


def rating(stars: int, votes: int) -> float:
    """Return the stars (their sum, of so many votes) from 0 to 1; one half where there are none."""
    return ((PRIOR * WEIGHT + stars) / (WEIGHT + votes) - 1) / 4


def use(good: int, most: int) -> float:
    """Return how much it is used beside the most used, from 0 to 1."""
    return log1p(min(good, most)) / log1p(most) if most > 0 else 0.0


def quality(good: int, runs: int, stars: int, votes: int, most: int) -> float:
    """Return by how much it comes before a skill that is not known, of which the words fit as well."""
    return 1 + (success(good, runs) + rating(stars, votes) + use(good, most)) / 2
