"""How schedules read: the list, one of them with its next three times, and what came of its past ones."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.commands.command import Asking
from bot.shapes import TERMINAL, Button, Buttons, Foot, Heading, Part, Post, Prose, Table, channel_of, plain
from bot.words import Words, key
from core.access import Permission, may
from core.schedules.calendar_words import lasting, moment_said
from core.schedules.occurrences import next_few
from core.schedules.rule import Holidays
from core.schedules.schedule import Occurrence, Schedule, State
from core.schedules.words import said_back

LISTED = 50
"""Schedules that are listed."""
PAST = 20
"""Times that a history shows."""
MISSED = {
    "once": key("the last missed time is made up for"),
    "all": key("each missed time is made up for"),
    "skip": key("missed times are not made up for"),
}
STATES = {State.ACTIVE: key("active"), State.PAUSED: key("paused"), State.OVER: key("over")}
OUTCOMES = {
    "started": key("started"),
    "done": key("done"),
    "skipped": key("missed, not made up for"),
    "refused": key("refused"),
}


async def listed(asking: Asking, rest: str) -> Post:
    """List the schedules, those that come next first."""
    words, person, store = asking.words, asking.principal, asking.desk.schedules.store
    found = await store.schedules(person.tenant, reader=person.id, limit=LISTED)
    if not found:
        text = 'Nothing is scheduled. Begin like this: `schedule add "every Monday 9:00" ask "What is new?"`.'
        return plain(words(text), private=True)
    columns = (words("id"), words("next"), words("when"), words("what"), words("by"))
    rows = tuple(
        (each.id, _next(each, words), _short(each.typed), _short(each.what), each.owner_name) for each in found
    )
    parts: list[Part] = [Heading(words("Schedules")), Table(columns, rows)]
    parts.append(
        Buttons(tuple(Button(words("Show {id}", id=each.id), f"schedule show {each.id}") for each in found[:5]))
    )
    return Post(tuple(parts), private=True, data=[machine(each) for each in found])


async def shown(asking: Asking, schedule: Schedule, *, new: bool = False) -> Post:
    """Show one schedule: what was understood, its next three times, and what one may do with it."""
    words, table = asking.words, asking.desk.schedules
    heading = words("Schedule {id}", id=schedule.id)
    rule, now = words.say(said_back(schedule.rule)), table.clock.now()
    opening = words("I have understood: {when}.", when=rule) if new else f"{rule[:1].upper()}{rule[1:]}."
    parts: list[Part] = [
        Heading(heading),
        Prose(f"{opening}\n\n{_times(schedule, table.holidays, now, words)}".strip()),
    ]
    parts.append(Table((words("about"), words("what")), _rows(schedule, asking)))
    if schedule.address.startswith(TERMINAL):
        kept = "It is run while `dexter run` or `dexter chat` is open; `schedule history {id}` leads to the answers."
        parts.append(Foot(words(kept, id=schedule.id)))
    if asking.channel.quiet and channel_of(asking.request.address) == channel_of(schedule.address):
        text = "In the quiet hours of this channel ({hours}) I wait until they end."
        parts.append(Foot(words(text, hours=asking.channel.quiet)))
    parts.append(Buttons(_buttons(schedule, asking)))
    return Post(tuple(parts), private=not new, data=machine(schedule))


def _times(schedule: Schedule, holidays: Holidays, now: datetime, words: Words) -> str:
    """Return the next three times, as a list."""
    times = next_few(schedule.rule, now, holidays)
    if schedule.state is not State.ACTIVE or not times:
        return ""
    head = words("Next:") if len(times) == 1 else words("The next times:")
    return "\n".join([head, "", *(f"- {words.say(moment_said(each))}" for each in times)])


def _rows(schedule: Schedule, asking: Asking) -> tuple[tuple[str, str], ...]:
    words = asking.words
    here = channel_of(schedule.address) == channel_of(asking.request.address)
    where = schedule.where or (words("here") if here else schedule.address.partition(":")[2])
    if schedule.address.startswith(TERMINAL):
        where = words("nowhere: it is kept")
    state = words(STATES[schedule.state]) + (f": {words.say(schedule.why)}" if schedule.why else "")
    return (
        (words("does"), schedule.what),
        (words("posts in"), where),
        (words("for"), schedule.owner_name),
        (words("state"), state),
        (words("after an outage"), words(MISSED[schedule.missed])),
        (words("has run"), words.some(schedule.runs, "{count} time", "{count} times")),
    )


def _buttons(schedule: Schedule, asking: Asking) -> tuple[Button, ...]:
    words, id = asking.words, schedule.id
    history = Button(words("History"), f"schedule history {id}")
    if schedule.owner != asking.principal.id and not may(asking.principal, Permission.CONFIGURE):
        return (history,)
    on = schedule.state is State.ACTIVE
    go = Button(words("Pause"), f"schedule pause {id}") if on else Button(words("Resume"), f"schedule resume {id}")
    run = Button(words("Run now"), f"schedule run {id}", "primary")
    remove = Button(words("Remove"), f"schedule remove {id}", "danger")
    return (run, history, remove) if schedule.state is State.OVER else (go, run, history, remove)


def past(schedule: Schedule, found: Sequence[tuple[Occurrence, str]], words: Words) -> Post:
    """Show what came of the last times, with the way to each run."""
    heading = Heading(words("History of {name}", name=schedule.id))
    if not found:
        return Post((heading, Prose(words("It has not come yet."))), private=True)
    zone = ZoneInfo(schedule.rule.zone)
    rows = tuple(
        (words.say(moment_said(each.at.astimezone(zone))), _outcome(each, status, words), each.run or "–")
        for each, status in found
    )
    columns = (words("time"), words("outcome"), words("run"))
    runs = [each.run for each, _ in found if each.run][:5]
    parts: list[Part] = [heading, Table(columns, rows)]
    if runs:
        parts.append(Buttons(tuple(Button(words("Show {id}", id=run), f"show {run}") for run in runs)))
    data = [each.model_dump(mode="json", exclude={"tenant"}) | {"status": status} for each, status in found]
    return Post(tuple(parts), private=True, data=data)


def _outcome(occurrence: Occurrence, status: str, words: Words) -> str:
    said = [words(status) if status else words(OUTCOMES[occurrence.outcome])]
    late = (occurrence.fired_at - occurrence.at).total_seconds()
    if occurrence.by:
        said.append(words("by hand"))
    elif late >= 120 and occurrence.outcome == "started":
        said.append(words("late by {time}", time=words.say(lasting(late))))
    if occurrence.missed:
        said.append(words("missed before: {n}", n=occurrence.missed))
    return ", ".join(said)


def machine(schedule: Schedule) -> dict[str, object]:
    """Return a schedule for machines."""
    return schedule.model_dump(mode="json", exclude={"tenant", "why"}) | {"why": str(schedule.why or "")}


def _next(schedule: Schedule, words: Words) -> str:
    if schedule.state is not State.ACTIVE or schedule.next_at is None:
        return words(STATES[schedule.state])
    return words.say(moment_said(schedule.next_at.astimezone(ZoneInfo(schedule.rule.zone))))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"
