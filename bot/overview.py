"""What a chat may show beside its posts: a person's own page, one collaboration whole, what can be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.forms import Form
from bot.words import ENGLISH, Words
from core.campaigns.campaign import Campaign
from core.committee.committee import Committee
from core.committee.patterns import Pattern
from core.entities import Channel, Collaboration
from core.events import Event, Usage


@dataclass(frozen=True, slots=True)
class Overview:
    """Dexter as one person sees it."""

    running: tuple[Collaboration, ...] = ()
    """What this person has asked and Dexter still works on, newest first."""
    recent: tuple[Collaboration, ...] = ()
    """What this person has asked before, newest first."""
    campaigns: tuple[Campaign, ...] = ()
    """Those of this person that go on, newest first."""
    committees: tuple[Committee, ...] = ()
    spent: Usage = field(default_factory=Usage)
    """By this person, today (UTC)."""
    spent_by_all: Usage | None = None
    """By the whole tenant, today; for those who may see how Dexter is doing."""
    health: Mapping[str, str] = field(default_factory=dict)
    """How Dexter itself is doing, part to state; empty for those who may not see it."""
    may_ask: bool = False
    may_configure: bool = False


class Books(Protocol):
    """What a chat may look up. Nothing crosses tenants; what needs a permission asks for the person."""

    committees: Mapping[str, Committee]
    patterns: Mapping[str, Pattern]

    async def overview(self, tenant: str, person: str, name: str, words: Words = ENGLISH) -> Overview:
        """Return a person's own page, what Dexter says of itself in these words."""

    async def whole(self, tenant: str, person: str, name: str, run: str) -> tuple[Collaboration, Sequence[Event]]:
        """Return a collaboration and its journal.

        Raises `NotAllowed`, and `NotFound`, also for what others asked in private.
        """

    async def recent(self, tenant: str, person: str, name: str, asker: str | None = None) -> Sequence[Collaboration]:
        """Return the newest questions first, all or those of `asker`, but what others asked in private.

        Raises `NotAllowed`.
        """

    async def channel(self, tenant: str, person: str, name: str, address: str) -> Channel:
        """Return what is set for a channel. Raises `NotAllowed` where this person may not change it."""

    async def form(self, tenant: str, person: str, name: str, skill: str, version: str = "") -> Form:
        """Return what a version of a skill takes. Raises `NotAllowed`, `NotFound` or `BadRequest`."""

    async def opened(self, tenant: str, person: str, name: str, command: str, words: Words = ENGLISH) -> Form:
        """Return the form that a command opens (`bot.opening`). Raises `NotAllowed`, `NotFound` or `BadRequest`."""

    async def skill_names(self, tenant: str, person: str, name: str, typed: str) -> Sequence[str]:
        """Return the names of skills that go on with what was typed, or are found by it. Raises `NotAllowed`."""

    async def find(self, tenant: str, run: str) -> Collaboration:
        """Return a collaboration for Dexter's own use; nobody is shown it. Raises `NotFound`."""

    async def history(self, tenant: str, run: str) -> Sequence[Event]:
        """Return a collaboration's journal for Dexter's own use; nobody is shown it."""

    async def started_by(self, tenant: str, run: str, prefix: str) -> str:
        """Return the platform's key that started a run, where it begins with `prefix`; else nothing."""

    async def campaign_at(self, tenant: str, address: str) -> bool:
        """Tell whether a campaign goes on in a thread."""

    async def going(self, tenant: str, address: str) -> Sequence[Collaboration]:
        """Return what Dexter still works on at an address: a thread, or a channel with all its threads."""

    async def stop(self, tenant: str, run: str) -> bool:
        """Stop a run whose question, thread or channel is gone; True if it was still going."""
