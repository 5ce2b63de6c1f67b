"""What has been understood of a text so far, clause by clause, and the rule that it makes in the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from core.errors import BadRequest
from core.schedules.calendar_words import MONTHS
from core.schedules.occurrences import first
from core.schedules.rule import LAST, Holidays, Rule

NINE = 9 * 60
DAY_MINUTES = 24 * 60
NEVER = "“{text}” never comes: no day of the calendar fits. Look at the day and the month."
NO_DAY = "There is no {day} {month}, so this never comes. Look at the day and the month."
OVER = "“{text}” is in the past already: name a time that is still to come."


@dataclass(frozen=True, slots=True)
class Setting:
    """What a text is read with: when, by whose clock, and whose holidays count."""

    now: datetime
    zone: str
    holidays: Holidays
    place_named: Callable[[str], str]
    """Return the code of a place with holidays (`Bavaria` to `DE-BY`), empty for none."""
    place: str = ""


@dataclass(slots=True)
class Draft:
    """A rule in the making."""

    setting: Setting
    zone: str
    times: list[int] = field(default_factory=list)
    step: int = 0
    window: tuple[int, int] | None = None
    weekdays: set[int] = field(default_factory=set)
    monthdays: set[int] = field(default_factory=set)
    months: set[int] = field(default_factory=set)
    nth: set[int] = field(default_factory=set)
    business: bool = False
    dates: set[date] = field(default_factory=set)
    ahead: int | None = None
    """Days from today."""
    same_time: bool = False
    """At the time of day that it is now, where none is named."""
    every: int = 1
    unit: Literal["", "day", "week", "month", "year"] = ""
    again: bool = False
    """It was said that it comes again."""
    once: datetime | None = None
    place: str = ""
    no_holidays: bool = False
    begins: date | None = None
    ends: date | None = None
    jitter: int = 0

    @property
    def today(self) -> date:
        """The day it is now, by the zone that was named so far."""
        return self.setting.now.astimezone(ZoneInfo(self.zone)).date()

    def rule(self, text: str) -> Rule:
        """Return the rule. Raises `BadRequest` where it never comes, is over, or says two things at once."""
        if self.once:
            return self._alone(text)
        self._settle()
        made = Rule(
            zone=self.zone,
            minutes=self._minutes(),
            steady=bool(self.step),
            weekdays=tuple(sorted(self.weekdays)),
            monthdays=tuple(sorted(self.monthdays)),
            months=tuple(sorted(self.months)),
            nth=tuple(sorted(self.nth)),
            business=self.business,
            dates=tuple(sorted(self.dates)),
            every=self.every * (12 if self.unit == "year" else 1),
            unit="month" if self.unit == "year" else self.unit or "day",
            place=self.place or self.setting.place if self.business or self.no_holidays else "",
            no_holidays=self.no_holidays,
            begins=self.begins,
            ends=self.ends,
            jitter=self.jitter,
        )
        return self.anchored(made, text)

    def _alone(self, text: str) -> Rule:
        days = self.weekdays or self.monthdays or self.nth or self.dates or self.times or self.step or self.unit
        if days or self.ahead is not None:
            raise BadRequest("“{text}” names one moment and other times beside it: say one or the other.", text=text)
        return Rule(zone=self.zone, once=self.once, jitter=self.jitter)

    def _settle(self) -> None:
        """Fill in what people leave out: which day of the week, of the month, or the next one at all."""
        one_day = bool(self.dates) or self.ahead is not None
        if one_day and (self.again or self.weekdays or self.monthdays or self.nth or self.unit):
            raise BadRequest("That names one day and days that come again: say one or the other.")
        if self.ahead is not None:
            self.dates.add(self.today + timedelta(days=self.ahead))
        if self.unit == "week" and not (self.weekdays or self.business):
            self.weekdays = {0}
        if self.unit == "year" and not (self.months and (self.monthdays or self.nth)):
            raise BadRequest("Say on which day of the year, for example `every year on 24 December at 8:00`.")
        if self.unit == "month" and not (self.monthdays or self.nth or self.weekdays or self.business):
            self.monthdays = {1}
        if self.months and not self.again and not (self.monthdays or self.weekdays or self.nth or self.business):
            self.monthdays = {1}
        self._single()

    def _single(self) -> None:
        """A weekday, or a time alone, is the next one, once."""
        again = self.again or self.unit or self.nth or self.monthdays or self.business or self.step or self.months
        if again or self.dates or len(self.weekdays) > 1:
            return
        soon = Rule(zone=self.zone, minutes=self._minutes(), weekdays=tuple(self.weekdays), begins=self.begins)
        found = first(soon, self.setting.now, self.setting.holidays)
        if found:
            self.dates = {found.astimezone(ZoneInfo(self.zone)).date()}
            self.weekdays = set()

    def _minutes(self) -> tuple[int, ...]:
        if not self.step:
            wall = self.setting.now.astimezone(ZoneInfo(self.zone))
            usual = wall.hour * 60 + wall.minute if self.same_time else NINE
            return tuple(sorted(set(self.times))) or (usual,)
        if self.times:
            raise BadRequest("That names times of day and an interval: say one or the other.")
        begin, end = self.window or (0, DAY_MINUTES - 1)
        if end < begin:
            raise BadRequest(
                "Between two times the first one has to be the earlier one, for example `between 9 and 17`."
            )
        return tuple(range(begin, min(end, DAY_MINUTES - 1) + 1, self.step))

    def anchored(self, made: Rule, text: str) -> Rule:
        """Return the rule with the day from which its turns are counted. Raises `BadRequest` where it never comes."""
        now, holidays = self.setting.now, self.setting.holidays
        for month in made.months:
            most = 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
            least = min((day for day in made.monthdays if day != LAST), default=0)
            if least > most:
                raise BadRequest(NO_DAY, day=least, month=MONTHS[month - 1])
        found = first(made.but(every=1), now, holidays)
        if found is None:
            past = bool(made.dates) or (made.ends is not None and made.ends < self.today)
            raise BadRequest(OVER if past else NEVER, text=text)
        day = found.astimezone(ZoneInfo(self.zone)).date()
        return made if made.every == 1 else made.but(anchor=day)
