"""The composition root: every part is chosen and joined here, and nowhere else.

The heavy rooms (SQL, DBOS, the chats) are imported where they are opened: together they take three seconds, which
`dexter --help`, `doctor` and a test of one room should not pay for.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import structlog

from bot.attachments import Attachments
from bot.campaign_foresight import Foresight
from bot.campaign_slots import CampaignSlots
from bot.commands.command import Desk
from bot.commands.dispatch import Commands
from bot.commands.table import COMMANDS
from bot.health import Health
from bot.live import Live
from bot.outbox import Postman
from bot.parts import (
    bench_of,
    bureau_of,
    campaigns_of,
    committees_of,
    local_models,
    providers_of,
    quotas_of,
    sharing_of,
    timetable_of,
)
from bot.people import FixedDirectory
from bot.posting import Posting
from bot.schedules import Schedules
from bot.settings import Settings
from bot.shapes import Chat
from bot.telling import Telling, due, listener
from bot.ticker import Ticker
from bot.timetable import Clock
from core.adapters.git import Git
from core.adapters.local_models import LocalModels
from core.adapters.models import Models
from core.adapters.packages import Wheelhouse
from core.adapters.weights import Progress, Weights
from core.caches import for_sandboxes
from core.carried import Carried
from core.committee.catalog import LOCAL
from core.committee.collaborations import Collaborations
from core.committee.patterns import load_patterns
from core.errors import DexterError
from core.pool import Pool
from core.ports import Model
from core.reports.reporting import Reporting
from core.skills.bench import Bench
from core.skills.drafting.keeping import apart, keeper
from core.skills.drafting.recipe import Drafting
from core.skills.promotions import Promotions
from core.skills.registry.installing import Installing
from core.skills.registry.sharing import Sharing
from core.skills.registry.watching import Watching
from core.skills.skills import Skills
from core.skills.tasks import Kind, Tasks

if TYPE_CHECKING:
    from core.adapters.durable import DurableRuns
    from storage.campaigns import SqlCampaigns
    from storage.kept import Database, Kept
    from storage.schedules import SqlSchedules

Role = Literal["all", "bot", "worker"]
"""`bot` listens to the chats and posts, `worker` carries runs, `all` does both."""
ROLES: tuple[Role, ...] = ("all", "bot", "worker")

Chats = Callable[[Settings, "Kept"], Mapping[str, Chat]]
"""Makes the chats for a database that is open."""

log = structlog.get_logger("dexter.start")


@dataclass(frozen=True, slots=True)
class App:
    """Dexter, running."""

    settings: Settings
    desk: Desk
    handle: Commands
    live: Live
    chats: Mapping[str, Chat]
    model: Model
    local: LocalModels
    weights: Weights
    pool: Pool

    async def prove(self) -> None:
        """Have the sandbox try to get out, so that nobody waits for that later, and log what holds."""
        found = await self.pool.proved()
        log.info("sandbox", name=found.name, tier=found.tier, found=str(found.found), remedy=str(found.remedy or ""))

    async def fetch(self) -> None:
        """Fetch the weights that the default committee needs and this machine lacks."""
        for name in self._seated_here():
            await self.weights.fetch(name)

    async def load(self) -> None:
        """Import litellm: it slows everything else down for seconds, so a service does it before it listens."""
        if isinstance(self.model, Models):
            await self.model.warm()

    async def warm(self) -> None:
        """Load what the first question would otherwise wait for: litellm and the local models."""
        await self.load()
        try:
            await self.local.warm(self._seated_here())
        except* DexterError as failed:  # models load side by side; one sentence is enough
            raise failed.exceptions[0] from None

    def _seated_here(self) -> list[str]:
        """Return the local models of the default committee."""
        models = dict.fromkeys(member.model for member in self.desk.committees["default"].seated)
        return [model.removeprefix(LOCAL) for model in models if model.startswith(LOCAL)]


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    *,
    role: Role = "all",
    chats: Mapping[str, Chat] | Chats | None = None,
    model: Model | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[App]:
    """Open Dexter, and close it in the opposite order.

    `chats` are given, or made once the database is open; `model` stands in for the providers (tests, demonstrations).
    With a `clock` schedules are fired by it. Raises a `DexterError` that names the remedy.
    """
    live, committees, patterns = Live(), committees_of(settings), load_patterns()
    async with contextlib.AsyncExitStack() as stack:
        kept = stack.enter_context(database(settings).opened())
        chats = chats(settings, kept) if callable(chats) else chats or {}
        weights = Weights(settings.models.cache, settings.models.weights, progress)
        local = local_models(settings, weights)
        stack.push_async_callback(local.aclose)
        model = model or await providers_of(settings, local, stack)
        runs, books, schedules = _engine(settings, kept, role, lambda: carried)
        foresees = Foresight(books, kept.store, settings.campaigns.limits.rules)
        bureau = bureau_of(settings, kept.reports, books, stack)
        posting = Posting(kept.store, CampaignSlots(books, foresees, bureau.concluded), bureau)
        postman = Postman(kept.outbox, posting, chats, worker=f"{os.getpid()}-{uuid4().hex[:8]}", live=live)
        telling = Telling(kept.store, kept.skills, live, postman)
        skills, bench, sharing = _workshop(settings, kept, live, stack)
        asking = committees, patterns, telling.emit, quotas_of(settings), listener(live)
        questions = Collaborations(kept.store, model, *asking, recipes={"skill": Drafting(apart(bench), keeper(bench))})
        reporting = Reporting(bureau.reports, questions.aside, bureau.places)
        more: dict[str, Kind] = {"install": Installing(sharing, skills), "check": Watching(sharing)}
        tasks = Tasks(kept.store, bench, telling.emit, {**more, "report": reporting})
        campaigns = campaigns_of(settings, kept.store, books, telling.told, runs.hear)
        carried = Carried(kept.store, questions, tasks, campaigns.ended)
        await runs.open()
        stack.push_async_callback(runs.close)
        people = FixedDirectory(settings.people.roles, settings.people.default)
        health = Health(kept.name, kept.outbox, chats, role, None if role == "bot" else bench.pool)
        promotions = Promotions(kept.store, kept.skills, skills, telling.decide, settings.skills.tier)
        deciding = committees, patterns, COMMANDS, health
        lasting = campaigns, timetable_of(settings, schedules, runs.hear, clock), bureau, foresees
        desk = Desk(kept.store, runs, people, *deciding, skills, Git(), promotions, sharing, *lasting)
        rounds = [] if role == "bot" else [Ticker(books, campaigns).run(), *([Schedules(desk).run()] if clock else [])]
        for work in (postman.run(), *rounds):
            await stack.enter_async_context(_task(work))
        for chat in chats.values():
            stack.push_async_callback(chat.stop)
        yield App(settings, desk, Commands(desk), live, chats, model, local, weights, bench.pool)


def _workshop(
    settings: Settings, kept: "Kept", live: Live, stack: contextlib.AsyncExitStack
) -> tuple[Skills, Bench, Sharing]:
    """Return what skills are kept, made, run and shared with, closed with `stack`."""
    packages = Wheelhouse(for_sandboxes() / "packages", settings.skills.packages)
    skills = Skills(kept.skills, packages)
    bench = bench_of(settings, skills, kept.skills, packages, live)
    stack.push_async_callback(bench.pool.aclose)
    return skills, bench, sharing_of(settings, kept.store, kept.trust, skills, stack)


def _engine(
    settings: Settings, kept: "Kept", role: Role, carried: Callable[[], Carried]
) -> "tuple[DurableRuns, SqlCampaigns, SqlSchedules]":
    """Return what carries runs through crashes, not open yet, and what keeps campaigns and schedules, which start some.

    `carried` gives the body of the runs once they are open: it needs both to tell campaigns how their runs ended.
    """
    import core.adapters.durable  # DBOS: one second

    runs = core.adapters.durable.DurableRuns(
        kept.transactions,
        accept=kept.store.accept,
        work=lambda *run: carried().carry(*run),
        failed=lambda *run: carried().fail(*run),
        role="client" if role == "bot" else role,
        limits=(settings.quotas.concurrent, settings.quotas.waiting),
    )
    line = core.adapters.durable.line
    return runs, kept.campaigns(line, due), kept.schedules(line, due)


def alarm() -> Clock:
    """Return the clock by which a process that stays fires schedules."""
    import bot.clock  # APScheduler: a fifth of a second

    return bot.clock.Clock()


def database(settings: Settings) -> "Database":
    """Return the database in force, not opened yet."""
    import storage.kept  # SQLAlchemy: one second

    return storage.kept.Database(settings.database_url)


def chats_of(settings: Settings, kept: "Kept") -> Mapping[str, Chat]:
    """Return the chats that have what they need."""
    chats: dict[str, Chat] = {}
    files = Attachments(settings.documents)
    discord = settings.discord
    if settings.slack.transport:
        import bot.slack.join  # slack-bolt: half a second

        chats["slack"] = bot.slack.join.join(settings.slack, kept.transactions.engine, readiness(kept), files)
    if discord.token.get_secret_value():
        import bot.discord.chat  # discord.py: half a second

        memory = settings.home / "discord-commands"
        chats["discord"] = bot.discord.chat.DiscordChat(discord, COMMANDS, memory, attachments=files)
    return chats


def readiness(kept: "Kept") -> Callable[[], Awaitable[None]]:
    """Return what tells a machine whether Dexter can work: it raises while database and outbox do not answer."""

    async def ready() -> None:
        await kept.outbox.backlog("")

    return ready


@contextlib.asynccontextmanager
async def _task(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Keep something running beside the body."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
