"""Fires schedules: wakes when the first is due, and has each time that came kept with its run in one transaction."""

import asyncio
from datetime import datetime, timedelta

import structlog

from bot.commands.command import Desk
from bot.commands.schedule_plan import planned
from bot.firings import fired, note_of, passed_over, paused, request_of
from bot.shapes import channel_of
from core.errors import DexterError, Unavailable
from core.quiet import read_quiet
from core.schedules.firing import Due, decide, key_of, quiet_until, wake_at
from core.schedules.schedule import Firing, Schedule
from core.sentences import read, said

POLL = 5.0
"""Seconds after which it is looked whether something is due that nobody has rung for."""
AT_ONCE = 50
"""Schedules that one worker takes on at a time."""
KEPT = timedelta(days=90)
"""How long it is remembered what came of each time."""
PURGE_EVERY = timedelta(hours=6)

log = structlog.get_logger("dexter.schedules")


class Schedules:
    """Gives the commands of schedules when their time has come. Any number of workers may do so at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._table = desk, desk.schedules
        self._store, self._clock = self._table.store, self._table.clock
        self._purged: datetime | None = None

    async def run(self) -> None:
        """Fire what is due until cancelled."""
        try:
            while True:
                await self._clock.wait(await self._rounds(), POLL)
        finally:
            self._clock.close()

    async def _rounds(self) -> datetime | None:
        """Fire all that is due, and return when the next one is."""
        try:
            while await self.round() == AT_ONCE:
                pass
            await self._purge()
            return await self._store.earliest()
        except DexterError as error:  # the next round is the remedy
            log.warning("schedules unreachable", why=str(error))
            return None

    async def round(self) -> int:
        """Fire what is due now, side by side, and return how many there were."""
        due = await self._store.due(self._clock.now(), limit=AT_ONCE)
        await asyncio.gather(*(self._safely(schedule) for schedule in due))
        return len(due)

    async def _safely(self, schedule: Schedule) -> None:
        """Fire one; what goes wrong with it is tried again when its lease has run out, and stops no other."""
        try:
            await self._fire(schedule)
        except Unavailable as error:
            log.warning("schedule waits", id=schedule.id, tenant=schedule.tenant, why=str(error))
        except Exception as error:
            log.exception("schedule failed", id=schedule.id, tenant=schedule.tenant, error=type(error).__name__)

    async def _fire(self, schedule: Schedule) -> None:
        now = self._clock.now()
        due = decide(schedule, now, self._table.holidays)
        wait = await self._quiet(schedule, now) if due else wake_at(schedule)
        if wait is not None:  # also where the clock was put back since it was due
            await self._store.later(schedule, wait)
        elif due is not None:
            firing = await self._firing(schedule, due, now)
            if await self._store.fire(schedule, firing) and firing.start:
                log.info("fired", id=schedule.id, tenant=schedule.tenant, run=firing.start.id, late=due.late.seconds)
                self._table.entered(firing.start.id)

    async def _quiet(self, schedule: Schedule, now: datetime) -> datetime | None:
        """Return when the channel's quiet hours end, if it has them now."""
        channel = await self._desk.store.channel(schedule.tenant, channel_of(schedule.address))
        try:
            return quiet_until(read_quiet(channel.quiet), now) if channel.quiet else None
        except DexterError:  # a zone that this machine no longer knows
            return None

    async def _firing(self, schedule: Schedule, due: Due, now: datetime) -> Firing:
        """Return what comes of a time."""
        if not due.run:
            return passed_over(due, now)
        if schedule.last_run and (why := await self._store.undelivered(schedule.tenant, schedule.last_run)):
            text = "The channel did not take my last post: {why}"
            return paused(schedule, due, now, said(text, why=read(why)), told=False)
        try:
            note = note_of(schedule, due)
            request = request_of(schedule, key_of(schedule, due.at), note)
            run = await planned(self._desk, request)
        except Unavailable:
            raise
        except DexterError as error:
            return paused(schedule, due, now, error.sentence, told=True)
        return fired(due, now, run, key=request.key, note=note)

    async def _purge(self) -> None:
        now = self._clock.now()
        if self._purged is None or now - self._purged > PURGE_EVERY:
            self._purged = now
            await self._store.purge(now - KEPT)
