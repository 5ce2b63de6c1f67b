"""What campaigns need of a database."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from core.campaigns.campaign import Campaign
from core.campaigns.incidents import Turn
from core.campaigns.sums import Sums
from core.entities import Collaboration
from core.events import Event


class Kept(NamedTuple):
    """A turn as it was kept."""

    turn: Turn
    """Its campaign has the new revision."""
    events: Sequence[Event] = ()
    """Its moments, as they stand in the journal."""


class CampaignStore(Protocol):
    """How campaigns are kept. Every method is one transaction; no query crosses tenants but `due`."""

    async def begin(self, collaboration: Collaboration, turn: Turn, inbox_key: str) -> Kept | None:
        """Keep a new campaign with its first turn; `None`, changing nothing, where `inbox_key` was accepted before."""

    async def change(self, tenant: str, id: str, work: Callable[[Campaign], Turn]) -> Kept:
        """Lock a campaign, call `work` (quick, without effects, perhaps more than once), and keep its turn whole.

        Kept are: the state with the next revision; moments as events of the campaign's run (`moment:{told}`) with their
        slots due, and the card's, `question`; the runs to start, and that others are to stop; the time it is due. A
        turn whose campaign equals the one given keeps nothing but `due`.

        Raises `NotFound`, and whatever `work` raises, changing nothing.
        """

    async def campaign(self, tenant: str, id: str, *, reader: str | None = None) -> Campaign:
        """Return it by id or by an unambiguous prefix of at least 4 characters. Raises `NotFound`."""

    async def campaigns(
        self, tenant: str, *, owner: str | None = None, going: bool | None = None, reader: str | None = None,
        limit: int = 20,
    ) -> Sequence[Campaign]:  # fmt: skip
        """Return the newest first."""

    async def campaign_at(self, tenant: str, address: str) -> Campaign | None:
        """Return the newest campaign that goes on in a thread: begun in it, or whose card is the thread's root."""

    async def due(self, at: datetime, *, limit: int = 50) -> Sequence[tuple[str, str]]:
        """Return tenant and id of what is due in all tenants, longest due first; nobody else gets it for a minute."""

    async def over(self, tenant: str, runs: Collection[str]) -> Mapping[str, bool]:
        """Return which of some runs are over (True) and which are going on (False); the others are lost."""

    async def sums(self, tenant: str, run: str) -> Sums:
        """Return what a run took, exactly: its calls, and the seconds of its sandboxes."""

    async def month(self, tenant: str, day: date) -> Sums:
        """Return what all campaigns took in the calendar month (UTC) of `day`, as far as their runs have ended."""

    async def moments(self, tenant: str, id: str, slot: str) -> Sequence[Event]:
        """Return the events that a slot of a campaign shows, oldest first."""

    async def log(self, tenant: str, id: str, *, before: int | None = None, limit: int = 50) -> Sequence[Event]:
        """Return the newest moments of a campaign, oldest first; those before the moment of number `before`."""

    async def template(self, tenant: str, name: str) -> str | None:
        """Return the text (TOML) of a template that was saved here, if it was."""

    async def templates(self, tenant: str) -> Sequence[str]:
        """Return the names of the templates that were saved here."""

    async def keep_template(self, tenant: str, name: str, body: str, saved_by: str) -> None:
        """Save a template, in place of one that had the name; `saved_by` is a `Principal.id`."""
