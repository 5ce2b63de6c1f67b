"""A rule said back in words: what was understood, before anything is kept."""

from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

from core.schedules.calendar_words import DAYS, MONTHS, day_said, listed, minute_said, moment_said
from core.schedules.rule import LAST, WORKDAYS, Rule
from core.sentences import Sentence, said

ORDINALS = {
    1: said("the first"),
    2: said("the second"),
    3: said("the third"),
    4: said("the fourth"),
    5: said("the fifth"),
    LAST: said("the last"),
}
SHOWN = 6
"""Times of day that are named one by one."""


def said_back(rule: Rule) -> Sentence:
    """Return what a rule means: `every Monday at 09:00, Europe/Berlin time, except public holidays (DE)`."""
    if rule.once:
        head = said("once, on {moment}", moment=moment_said(rule.once.astimezone(ZoneInfo(rule.zone))))
    else:
        head = said("{days} {times}", days=_days(rule), times=_times(rule))
    text = said("{what}, {zone} time", what=head, zone=rule.zone)
    for more in _tails(rule):
        text = said("{what}, {more}", what=text, more=more)
    return text


def _days(rule: Rule) -> Sentence:
    if rule.dates:
        return said("once, on {days}", days=listed([day_said(day) for day in rule.dates]))
    days = _turn(rule)
    if rule.months:
        days = said("{days} in {months}", days=days, months=listed([MONTHS[month - 1] for month in rule.months]))
    return days


def _turn(rule: Rule) -> Sentence:
    """Return the days, and of how many turns each one is."""
    if rule.nth:
        which = listed([ORDINALS.get(n, said("{n}th", n=n)) for n in rule.nth])
        return _in_months(rule, said("on {which} {day}", which=which, day=_named(rule)))
    if rule.monthdays:
        numbers = listed([said("the last day") if n == LAST else said("day {n}", n=n) for n in rule.monthdays])
        days = _in_months(rule, said("on {days}", days=numbers))
        if rule.weekdays:
            text = "{days}, or any {weekdays}" if rule.either else "{days}, if that is a {weekdays}"
            return said(text, days=days, weekdays=_named(rule))
        return days
    if rule.unit == "week" and rule.every > 1:
        return said("every {n} weeks on {days}", n=rule.every, days=_named(rule))
    return _daily(rule)


def _daily(rule: Rule) -> Sentence:
    """Return days that know no month."""
    if rule.business:
        return (
            said("on every business day (Monday to Friday, no public holiday)")
            if rule.place
            else said("on every day from Monday to Friday")
        )
    if rule.weekdays == WORKDAYS:
        return said("on every day from Monday to Friday")
    if rule.weekdays:
        return said("every {days}", days=_named(rule))
    return said("every {n} days", n=rule.every) if rule.every > 1 else said("every day")


def _in_months(rule: Rule, days: Sentence) -> Sentence:
    if rule.months and rule.every in (1, 12):
        return days
    if rule.unit == "month" and rule.every > 1:
        return said("{days} of every {n} months", days=days, n=rule.every)
    return said("{days} of each month", days=days)


def _named(rule: Rule) -> Sentence:
    """Return the days of the week that are meant."""
    if rule.business:
        return said("business day")
    if rule.weekdays == WORKDAYS and rule.nth:
        return said("weekday")
    return listed([DAYS[day] for day in rule.weekdays]) if rule.weekdays else said("day")


def _times(rule: Rule) -> Sentence:
    minutes = rule.minutes
    steps = {after - before for before, after in pairwise(minutes)}
    if len(minutes) > 2 and len(steps) == 1 and rule.steady:
        (step,) = steps
        if minutes[0] == 0 and minutes[-1] + step >= 24 * 60:
            return said("every {n} minutes", n=step) if step > 1 else said("every minute")
        begin, end = minute_said(minutes[0]), minute_said(minutes[-1])
        return said("every {n} minutes from {begin} to {end}", n=step, begin=begin, end=end)
    named = [said("{time}", time=minute_said(minute)) for minute in minutes]
    if len(named) <= SHOWN:
        return said("at {times}", times=listed(named))
    begin, end = minute_said(minutes[0]), minute_said(minutes[-1])
    return said("{n} times a day, from {begin} to {end}", n=len(minutes), begin=begin, end=end)


def _tails(rule: Rule) -> Iterator[Sentence]:
    """Yield what bounds it."""
    if rule.no_holidays:
        yield said("except public holidays ({place})", place=rule.place)
    elif rule.business and rule.place:
        yield said("public holidays of {place}", place=rule.place)
    if rule.begins:
        yield said("from {day} on", day=day_said(rule.begins))
    if rule.ends:
        yield said("until {day}", day=day_said(rule.ends))
    if rule.jitter:
        yield said("up to {n} min later by chance", n=rule.jitter)
    if not rule.single and not rule.steady and any(60 <= minute < 180 for minute in rule.minutes):
        yield said("once in a night in which the clocks are put back, and after the gap where the hour is left out")
