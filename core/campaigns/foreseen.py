"""What a forecast of a campaign says; reading one takes nothing of what making one takes."""

from bisect import bisect_right
from datetime import datetime, timedelta

from core.entities import Noun
from core.sentences import Sentence

LOW, HIGH = 0.1, 0.9
"""Between these two lie 80 % of all outcomes."""


class Range(Noun):
    """A figure that is not sure: with 80 % probability it lies between `low` and `high`."""

    low: float
    median: float
    high: float


class Expected(Noun):
    """When an objective is expected to begin and to end, in seconds from the forecast: as likely earlier as later."""

    objective: str
    begin: float
    end: float


class Forecast(Noun):
    """What is expected of a campaign at one moment."""

    at: datetime
    done: float
    """Share of all that is to be done, by the plan's own estimates, 0 to 1."""
    finish: tuple[float, ...] = ()
    """Seconds from `at` to the end, in equal steps of probability from 0 to 1; empty where nothing can be said."""
    tokens: Range | None = None
    """In all, what is spent included."""
    dollars: Range | None = None
    """In all; `None` where no price is known."""
    ahead: tuple[Expected, ...] = ()
    """Of all that is left and has no parts, in the order of the plan."""
    basis: Sentence
    """What it is based on, for a person."""

    @property
    def end(self) -> datetime | None:
        """The time by which it is as likely done as not."""
        return self.by(0.5)

    @property
    def earliest(self) -> datetime | None:
        """The time by which it is done with a probability of 10 %."""
        return self.by(LOW)

    @property
    def latest(self) -> datetime | None:
        """The time by which it is done with a probability of 90 %."""
        return self.by(HIGH)

    def by(self, probability: float) -> datetime | None:
        """Return the time by which it is done with this probability, 0 to 1."""
        if not self.finish:
            return None
        place = min(max(probability, 0.0), 1.0) * (len(self.finish) - 1)
        low = min(int(place), len(self.finish) - 2)
        seconds = self.finish[low] + (self.finish[low + 1] - self.finish[low]) * (place - low)
        return self.at + timedelta(seconds=seconds)

    def chance(self, deadline: datetime) -> float | None:
        """Return the probability, 0 to 1, that it is done by a deadline; `None` where nothing can be said."""
        if not self.finish:
            return None
        left = (deadline - self.at).total_seconds()
        if left >= self.finish[-1]:
            return 1.0
        at = bisect_right(self.finish, left)
        if at == 0:
            return 0.0
        low, high = self.finish[at - 1], self.finish[at]
        return (at - 1 + (left - low) / (high - low)) / (len(self.finish) - 1)
