"""When a campaign is to be looked at again; and what a clock that jumped back must not break."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from core.campaigns.campaign import Campaign, Course, Wait
from core.campaigns.making import Making
from core.campaigns.rules import Rules


def due(campaign: Campaign, at: datetime, rules: Rules) -> datetime | None:
    """Return when something is to be looked at, never more than `rules.look` away; `None` once all is over."""
    if campaign.course.over and not campaign.steps:
        return None
    times = [at + timedelta(seconds=rules.look), *_watches(campaign, at, rules)]
    if not campaign.course.over and campaign.course is not Course.PAUSED:
        times += _waits(campaign, rules)
    return max(at, min(times))


def _watches(campaign: Campaign, at: datetime, rules: Rules) -> Iterator[datetime]:
    """Yield for each run under way the next whole time of watching it."""
    watch = timedelta(seconds=rules.watch)
    for step in campaign.steps:
        passed = max(timedelta(0), at - step.started_at)
        yield min(step.started_at, at) + (passed // watch + 1) * watch


def _waits(campaign: Campaign, rules: Rules) -> Iterator[datetime]:
    for wait in (campaign.wait, *(each.wait for each in campaign.objectives)):
        if wait:
            yield from _wait(wait, rules)
    if campaign.deadline and campaign.course in (Course.RUNNING, Course.PLANNING):
        yield campaign.deadline


def _wait(wait: Wait, rules: Rules) -> Iterator[datetime]:
    if wait.until:
        yield wait.until
    if wait.number and wait.reminded < len(rules.reminders):
        yield wait.asked_at + timedelta(seconds=sorted(rules.reminders)[wait.reminded])


def mend_clock(making: Making) -> None:
    """Let nothing lie in the future that has happened already: a clock that jumped back must not delay anything."""
    campaign, at = making.campaign, making.at
    if campaign.wait and campaign.wait.asked_at > at:
        making.set(wait=_nearer(campaign.wait, at))
    for objective in campaign.objectives:
        if objective.wait and objective.wait.asked_at > at:
            making.put(objective.but(wait=_nearer(objective.wait, at)))
    if any(step.started_at > at for step in campaign.steps):
        making.set(steps=tuple(step.but(started_at=min(at, step.started_at)) for step in campaign.steps))


def _nearer(wait: Wait, at: datetime) -> Wait:
    """Return a wait as if it began now; a pause takes as long as it would have, a date stays a date."""
    pause = wait.until and not wait.number
    return wait.but(asked_at=at, until=wait.until - (wait.asked_at - at) if pause and wait.until else wait.until)
