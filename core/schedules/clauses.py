"""The clauses that a time is made of, in the words of `lexicon`, and what each adds to the draft of a rule."""

import re
from collections.abc import Callable
from datetime import UTC, date, timedelta

from core.errors import BadRequest
from core.schedules.calendar_words import MONTHS
from core.schedules.draft import DAY_MINUTES, NO_DAY, Draft
from core.schedules.zones import zone_called, zone_of_city

Take = Callable[[Draft, re.Match[str]], None]
_NO_UNIT = r"(?! (?:minute|hour|day|week|month|year|second|m\d))"
_TIME = rf"(?:at )?(?:t\d{{4}}|n\d{{1,2}}\b{_NO_UNIT})"
_DATE = r"(?:x\d{4}-\d\d-\d\d|[no]\d{1,2} m\d+(?: (?:and )?n\d{4})?|m\d+ [no]\d{1,2}\b(?: (?:and )?n\d{4})?)"
_SOON = r"(?:today|tomorrow|overmorrow)"
_DAYS = r"d\d(?: (?:and |to |until |and every )?d\d)*"
_WORDS = r"\?\S+(?: \?\S+){0,2}"
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_TOO_QUICK = "A schedule cannot come more often than every minute. For example: `every 15 minutes between 9 and 17`."
_AHEAD = ("today", "tomorrow", "overmorrow")


def _jitter(draft: Draft, found: re.Match[str]) -> None:
    minutes = int(found[1] or found[3]) * (60 if found[2] == "hour" else 1)
    if found[2] == "second" or not 1 <= minutes <= 720:
        raise BadRequest("A jitter is from 1 minute to 12 hours, for example `jitter 5 min`.")
    draft.jitter = minutes


def _holidays(draft: Draft, found: re.Match[str]) -> None:
    name = (found[1] or "").replace("?", "").removeprefix("p")
    place = draft.setting.place_named(name) if name else draft.setting.place
    if name and not place:
        text = "I know no holidays of “{name}”. Name a country, or one with its part, as in `except holidays in DE-BE`."
        raise BadRequest(text, name=name[:40])
    if not place:
        text = "Whose holidays? Name the country, or one with its part, as in `except holidays in DE-BE`."
        raise BadRequest(text)
    draft.place, draft.no_holidays = place, True


def _window(draft: Draft, found: re.Match[str]) -> None:
    draft.window = (_minute(found[1]), _minute(found[2]))


def _interval(draft: Draft, found: re.Match[str]) -> None:
    seconds = int(found[1] or 1) * _SECONDS[found[2]]
    if seconds < 60:
        raise BadRequest(_TOO_QUICK)
    if seconds >= 86400:
        raise BadRequest("Intervals of a day and more are named in days, for example `every 2 days at 9:00`.")
    draft.step, draft.again = seconds // 60, True


def _half_hour(draft: Draft, found: re.Match[str]) -> None:
    if found[1] == "every":
        draft.step, draft.again = 30, True
    else:
        draft.once = (draft.setting.now + timedelta(minutes=30)).astimezone(UTC).replace(microsecond=0)


def _in(draft: Draft, found: re.Match[str]) -> None:
    count, unit = int(found[1] or 1), found[2]
    if unit in ("day", "week"):
        draft.ahead, draft.same_time = count * (7 if unit == "week" else 1), True
        return
    if count * _SECONDS[unit] < 60:
        raise BadRequest(_TOO_QUICK)
    later = draft.setting.now + timedelta(seconds=count * _SECONDS[unit])
    draft.once = later.astimezone(UTC).replace(microsecond=0)


def _nth(draft: Draft, found: re.Match[str]) -> None:
    """`o1 d0 month`; without the month, `every o2 d0` is every other one."""
    numbers, what = {int(each) for each in re.findall(r"o(-?\d+)", found[2])}, found[3]
    draft.again = True
    if what == "day":
        draft.monthdays |= numbers
    elif found[1] and not found[4] and not found[5] and numbers <= {2, 3, 4} and len(numbers) == 1:
        draft.every, draft.unit = numbers.pop(), "week"
        _days_of(draft, what)
        return
    else:
        draft.nth |= numbers
        _days_of(draft, what)
    if found[5]:
        draft.months |= {int(each) for each in re.findall(r"m(\d+)", found[5])}


def _monthdays(draft: Draft, found: re.Match[str]) -> None:
    numbers = {int(each) for each in re.findall(r"o(-?\d+)", found[0])}
    if not all(number == -1 or 1 <= number <= 31 for number in numbers):
        raise BadRequest("A month has the days 1 to 31.")
    draft.monthdays |= numbers
    draft.again = True


def _until(draft: Draft, found: re.Match[str]) -> None:
    draft.ends = _day(draft, found[1])


def _from(draft: Draft, found: re.Match[str]) -> None:
    draft.begins = _day(draft, found[1])


def _date(draft: Draft, found: re.Match[str]) -> None:
    year, month, day = _parts(found[2])
    if not year and (found[1] or draft.unit == "year"):
        draft.months, draft.monthdays, draft.again = draft.months | {month}, draft.monthdays | {day}, True
        return
    draft.dates.add(_day(draft, found[2]))


def _soon(draft: Draft, found: re.Match[str]) -> None:
    draft.ahead = _AHEAD.index(found[1])


def _every(draft: Draft, found: re.Match[str]) -> None:
    count = 2 if found[1] == "other" else int((found[1] or "n1")[1:])
    if not 1 <= count <= 1000:
        raise BadRequest("Every {count} of something is no time that I can keep.", count=count)
    draft.every, draft.again = count, True
    draft.unit = next(unit for unit in ("day", "week", "month", "year") if unit == found[2])


def _weekdays(draft: Draft, found: re.Match[str]) -> None:
    if found[1] == "other":
        draft.every, draft.unit = 2, "week"
    draft.again = draft.again or "every" in found[0] or bool(re.search(r"d\d (?:to|until) d", found[0]))
    _days_of(draft, found[2])


def _months(draft: Draft, found: re.Match[str]) -> None:
    draft.months |= {int(each) for each in re.findall(r"m(\d+)", found[0])}


def _times(draft: Draft, found: re.Match[str]) -> None:
    for each in re.findall(_TIME, found[0]):
        minute = _minute(each)
        draft.times.append(minute % DAY_MINUTES)


def _zone(draft: Draft, found: re.Match[str]) -> None:
    draft.zone = zone_called(found[1])


def _city(draft: Draft, found: re.Match[str]) -> None:
    draft.zone = zone_of_city(found[1].replace("?", ""))


def _nothing(draft: Draft, found: re.Match[str]) -> None:
    """`and` between two clauses."""


def _days_of(draft: Draft, what: str) -> None:
    """Add `business`, `weekday`, `weekend` or a list of weekdays with ranges."""
    if what == "business":
        draft.business = True
    elif what in ("weekday", "weekend"):
        draft.weekdays |= {0, 1, 2, 3, 4} if what == "weekday" else {5, 6}
    for begin, end in re.findall(r"d(\d)(?: (?:to|until) d(\d))?", what):
        low, high = int(begin), int(end or begin)
        draft.weekdays |= {each % 7 for each in range(low, high + 1 + 7 * (high < low))}


def _minute(typed: str) -> int:
    """Return the minute of the day of `at t0930` or `n9`. Raises `BadRequest` for one that no clock shows."""
    digits = re.sub(r"\D", "", typed)
    hour, minute = (int(digits[:2]), int(digits[2:])) if "t" in typed.removeprefix("at ") else (int(digits), 0)
    if hour * 60 + minute > DAY_MINUTES:
        raise BadRequest("There is no {hour}:{minute:02} on a clock.", hour=hour, minute=minute)
    return hour * 60 + minute


def _parts(typed: str) -> tuple[int, int, int]:
    """Return year (0 where it is left out), month and day."""
    if typed.startswith("x"):
        year, month, day = map(int, typed[1:].split("-"))
        return year, month, day
    year_ = re.search(r"n(\d{4})", typed)
    month_, day_ = re.search(r"m(\d+)", typed), re.search(r"[no](\d{1,2})\b", typed)
    return int(year_[1]) if year_ else 0, int(month_[1] if month_ else 0), int(day_[1] if day_ else 0)


def _day(draft: Draft, typed: str) -> date:
    """Return the day that is meant, the next one where no year is named. Raises `BadRequest`."""
    if typed in _AHEAD:
        return draft.today + timedelta(days=_AHEAD.index(typed))
    year, month, day = _parts(typed)
    for each in [year] if year else range(draft.today.year, draft.today.year + 9):
        try:
            made = date(each, month, day)
        except ValueError:
            continue
        if year or made >= draft.today:
            return made
    if not 1 <= month <= 12:
        raise BadRequest("There is no month {month}: write the day like this: 2026-12-24, or 24 December.", month=month)
    raise BadRequest(NO_DAY, day=day, month=MONTHS[month - 1])


CLAUSES: tuple[tuple[re.Pattern[str], Take], ...] = tuple(
    (re.compile(rf"(?:{pattern}) "), take)
    for pattern, take in (
        (r"jitter n(\d+)(?: (minute|hour|second))?|n(\d+) minute jitter", _jitter),
        (rf"except (?:every )?holiday(?: in (p\S+|{_WORDS}))?", _holidays),
        (rf"(?:between|from) ({_TIME}) (?:and|to|until) ({_TIME})", _window),
        (r"(every|in) half hour", _half_hour),
        (r"every (?:n(\d+) )?(minute|hour|second)", _interval),
        (r"in (?:n(\d+) )?(minute|hour|second|day|week)", _in),
        (rf"(every )?(o-?\d+(?: and o-?\d+)*) ({_DAYS}|business|weekday|weekend|day)"
         r"((?: in)?(?: every)? month)?(?: (?:in )?(m\d+(?: and m\d+)*))?", _nth),
        (rf"until ({_DATE}|{_SOON})", _until),
        (rf"from ({_DATE}|{_SOON})", _from),
        (rf"(every )?({_DATE})", _date),
        (r"(?:every )?o-?\d+(?: and (?:every )?o-?\d+)*(?! m\d)(?: (?:in )?(?:every )?month)?", _monthdays),
        (rf"({_SOON})", _soon),
        (r"every (?:(n\d+|o2|other) )?(day|week|month|year)", _every),
        (r"(?:every )?(?:(other) )?(business|weekday|weekend)", _weekdays),
        (rf"(?:every |next )?(?:(other) )?({_DAYS}(?: and every {_DAYS})*)", _weekdays),
        (r"in m\d+(?: and m\d+)*", _months),
        (rf"{_TIME}(?: and {_TIME})*", _times),
        (r"(?:in )?z(\S+)(?: time)?", _zone),
        (rf"in ({_WORDS})(?: time)?", _city),
        (rf"({_WORDS}) time", _city),
        (r"and", _nothing),
    )
)  # fmt: skip
"""Tried in this order: the longer clauses come before those they begin with."""
