"""Keeping a turn of a campaign: state, events, posts due, runs to start and to stop, all in one transaction."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from core.campaigns.campaign import Campaign, Course
from core.campaigns.incidents import Start, Turn
from core.campaigns.store import Kept
from core.campaigns.sums import Sums
from core.entities import Status, now
from core.events import Event
from storage import inbox
from storage.campaign_rows import campaign_row, events_of
from storage.campaign_tables import CAMPAIGN, MOMENT, MONTH
from storage.journal import Journal, touch
from storage.rows import clean
from storage.tables import COLLABORATION

CARD = "question"
"""The slot of the post that shows the campaign as it stands."""
ENDS = {Course.MET: Status.DONE, Course.FAILED: Status.FAILED, Course.STOPPED: Status.STOPPED}
Slots = Callable[[Event], Sequence[str]]
"""Says which posts an event makes due."""


class Line(Protocol):
    """Where runs wait to be carried; each function works in the caller's transaction."""

    def enter(self, connection: Connection, run: str, tenant: str, *, patient: bool) -> None:
        """Put a run at the end; a `patient` one lets others pass."""

    def ask_to_stop(self, connection: Connection, run: str) -> bool:
        """Note that a run is to stop; True if it was still there."""

    def there(self, connection: Connection, runs: Collection[str]) -> set[str]:
        """Return which of these runs are there."""


class Turns:
    """Keeps turns; made once, so that its statements are compiled once."""

    def __init__(self, dialect: str, line: Line, slots: Slots) -> None:
        self._line = line
        self._slots = slots
        self._journal = Journal(dialect)
        inserting: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
        self._month = inserting(MONTH)

    def add(self, connection: Connection, campaign: Campaign) -> None:
        """Make the row of a new campaign, which its first turn fills."""
        connection.execute(insert(CAMPAIGN).values(campaign_row(campaign, None)))

    def keep(self, connection: Connection, before: Campaign, turn: Turn) -> Kept:
        """Keep everything that comes of an incident."""
        if turn.campaign == before and not (turn.moments or turn.starts or turn.stops):
            self._write(connection, before, {"due_at": turn.due})
            return Kept(turn)
        told = before.told + len(turn.moments)
        turn = turn.but(campaign=turn.campaign.but(revision=before.revision + 1, told=told))
        self._write(connection, before, campaign_row(turn.campaign, turn.due))
        events = events_of(turn, now())
        self._tell(connection, turn.campaign, events)
        for start in turn.starts:
            self._start(connection, start)
        for run in turn.stops:
            self._line.ask_to_stop(connection, run)
        self._charge(connection, before, turn.campaign)
        self._settle(connection, before, turn)
        return Kept(turn, events)

    def _write(self, connection: Connection, campaign: Campaign, values: dict[str, Any]) -> None:
        mine = CAMPAIGN.c.tenant == campaign.tenant, CAMPAIGN.c.id == campaign.id
        connection.execute(update(CAMPAIGN).where(*mine).values(values))

    def _tell(self, connection: Connection, campaign: Campaign, events: Sequence[Event]) -> None:
        """Write the moments down; where there is none, what has changed shows on the card all the same."""
        for event in events:
            self._journal.append(connection, event, self._slots(event))
        shown = [
            {"tenant": campaign.tenant, "campaign": campaign.id, "slot": clean(event.body.slot), "number": number}
            for number, event in enumerate(events, campaign.told - len(events) + 1)
            if event.body.kind == "moment" and event.body.slot
        ]
        if shown:
            connection.execute(insert(MOMENT), shown)
        if not events:
            touch(connection, campaign.id, CARD)

    def _start(self, connection: Connection, start: Start) -> None:
        """Accept a run, however many wait: the steps of a campaign are few, and nobody could be told to come again."""
        run = start.collaboration
        inbox.accept(connection, run, start.key, lambda c: self._line.enter(c, run.id, run.tenant, patient=True))

    def _charge(self, connection: Connection, before: Campaign, after: Campaign) -> None:
        """Add what was newly spent to the tenant's month."""
        new = {name: getattr(after.spent, name) - getattr(before.spent, name) for name in Sums.model_fields}
        if not any(new.values()):
            return
        row = self._month.values(tenant=after.tenant, month=f"{now():%Y-%m}", **new)
        more = {name: MONTH.c[name] + row.excluded[name] for name in new}
        connection.execute(row.on_conflict_do_update(index_elements=MONTH.primary_key, set_=more))

    def _settle(self, connection: Connection, before: Campaign, turn: Turn) -> None:
        """Let the campaign's own run be over exactly as long as the campaign is."""
        after = turn.campaign
        if after.course is before.course or not (after.course.over or before.course.over):
            return
        at: datetime | None = now() if after.course.over else None
        answer = str(turn.moments[-1].sentence) if turn.moments and at else ""
        status = ENDS.get(after.course, Status.RUNNING)
        mine = COLLABORATION.c.tenant == after.tenant, COLLABORATION.c.id == after.id
        settled = {"status": status.value, "answer": clean(answer), "ended_at": at}
        connection.execute(update(COLLABORATION).where(*mine).values(settled))
