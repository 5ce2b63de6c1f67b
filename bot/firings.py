"""What comes of one time of a schedule: the run that it starts, or why none is started, said where it posts."""

from datetime import datetime, timedelta

from bot.shapes import Request
from core.entities import Collaboration, Status, run_id
from core.events import Answer, Event, Usage
from core.schedules.calendar_words import lasting
from core.schedules.firing import LATE, Due, key_of, wake_at
from core.schedules.schedule import Firing, Occurrence, Schedule, State
from core.schedules.words import said_back
from core.sentences import Sentence, joined, kept, read, said


def request_of(schedule: Schedule, key: str, note: Sentence | None = None) -> Request:
    """Return the request that its owner would make."""
    return Request(
        key, schedule.tenant, schedule.owner, schedule.owner_name, schedule.address, schedule.what,
        locale=schedule.language, note=note,
    )  # fmt: skip


def fired(due: Due, now: datetime, run: Collaboration | None, *, key: str, note: Sentence, by: str = "") -> Firing:
    """Return the firing of a time at which something is started, or was done where it starts no run."""
    after = due.schedule.but(runs=due.schedule.runs + 1, last_run=run.id if run else due.schedule.last_run)
    occurrence = Occurrence(
        tenant=after.tenant,
        schedule=after.id,
        at=due.at,
        fired_at=now,
        outcome="started" if run else "done",
        run=run.id if run else "",
        missed=due.missed,
        by=by,
    )
    start = run.but(note=kept(note), private=run.private or after.private) if run else None
    return Firing(schedule=after, wake_at=wake_at(after), occurrence=occurrence, start=start, key=key)


def passed_over(due: Due, now: datetime) -> Firing:
    """Return the firing of times that are not made up for."""
    after = due.schedule
    occurrence = Occurrence(
        tenant=after.tenant, schedule=after.id, at=due.at, fired_at=now, outcome="skipped", missed=due.missed
    )
    return Firing(schedule=after, wake_at=wake_at(after), occurrence=occurrence)


def paused(schedule: Schedule, due: Due, now: datetime, why: Sentence, *, told: bool) -> Firing:
    """Return the firing that pauses a schedule and, if its channel can be posted in, says so there."""
    key = key_of(schedule, due.at)
    run = _told(schedule, run_id(schedule.tenant, key), why, now) if told else None
    occurrence = Occurrence(
        tenant=schedule.tenant,
        schedule=schedule.id,
        at=due.at,
        fired_at=now,
        outcome="refused",
        run=run.id if run else "",
        missed=due.missed,
    )
    after = schedule.but(state=State.PAUSED, why=why)
    event = _ended(run) if run else None
    return Firing(schedule=after, occurrence=occurrence, start=run, told=event, key=key)


def _told(schedule: Schedule, id: str, why: Sentence, now: datetime) -> Collaboration:
    """Return a run that is over before it began: its answer says why nothing is done."""
    text = "I have paused the schedule {id} of {name}: {why} `schedule resume {id}` lets it go on."
    sentence = said(text, id=schedule.id, name=schedule.owner_name, why=why)
    return Collaboration(
        id=id,
        tenant=schedule.tenant,
        asker=schedule.owner,
        asker_name=schedule.owner_name,
        address=schedule.address,
        question=schedule.what,
        language=schedule.language,
        status=Status.FAILED,
        created_at=now,
        ended_at=now,
        answer=str(sentence),
        note=kept(sentence),
        private=schedule.private,
    )


def _ended(run: Collaboration) -> Event:
    body = Answer(status=run.status, text=run.answer, sentence=read(run.note), how="none", usage=Usage())
    return Event(key="answer", run=run.id, tenant=run.tenant, address=run.address, at=run.created_at, body=body)


def note_of(schedule: Schedule, due: Due) -> Sentence:
    """Return what the first post says of how the run came about."""
    when, name = said_back(schedule.rule), schedule.owner_name
    told = [said("Scheduled by {name}: {when} (schedule {id}).", name=name, when=when, id=schedule.id)]
    if due.late > LATE + timedelta(minutes=schedule.rule.jitter):
        told.append(said("It is late by {time}.", time=lasting(due.late.total_seconds())))
    if due.missed:
        told.append(said("Times that were missed and are not made up for: {n}.", n=due.missed))
    return joined(told)
