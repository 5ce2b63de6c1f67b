"""The composition root: every part is chosen and joined here, and nowhere else.

The heavy rooms (SQL, DBOS, the chats) are imported where they are opened: together they take three seconds, which
`dexter --help`, `doctor` and a test of one room should not pay for.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from uuid import uuid4

import structlog

from bot.attachments import Attachments
from bot.commands.command import Desk
from bot.commands.dispatch import Commands
from bot.commands.table import COMMANDS
from bot.health import Health, in_words
from bot.live import Live
from bot.log import said
from bot.outbox import Postman
from bot.people import FixedDirectory
from bot.posts import slots
from bot.settings import Settings
from bot.shapes import TERMINAL, Chat
from core.adapters.git import Git
from core.adapters.litellm_model import LitellmModel
from core.adapters.local_models import LocalModels, fits
from core.adapters.models import Models
from core.adapters.sandboxes.bubblewrap import Bubblewrap
from core.adapters.scripted_model import ScriptedModel
from core.adapters.weights import Progress, Weights
from core.budget import Quotas
from core.committee.catalog import LOCAL, default_committee, load_committees, with_models
from core.committee.collaborations import Collaborations, Listen
from core.committee.committee import Committee
from core.committee.patterns import load_patterns
from core.errors import DexterError
from core.events import Event
from core.ports import Emit, Model, Store
from core.sandbox import Isolation
from core.sentences import Sentence
from core.skills.skills import Skills

if TYPE_CHECKING:
    from storage.kept import Database, Kept

Role = Literal["all", "bot", "worker"]
"""`bot` listens to the chats and posts, `worker` carries runs, `all` does both."""
ROLES: tuple[Role, ...] = ("all", "bot", "worker")

Chats = Callable[[Settings, "Kept"], Mapping[str, Chat]]
"""Makes the chats for a database that is open."""

T = TypeVar("T")
Check = Callable[[], Awaitable[T]]
Examine = Callable[[Settings, Weights, list[str], Check[Sentence], Check[Isolation]], Awaitable[T]]
"""Takes the settings, the weights, the local models that are seated, and checks of the database and the sandbox."""

log = structlog.get_logger("dexter.events")


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
) -> AsyncIterator[App]:
    """Open Dexter, and close it in the opposite order.

    `chats` are given, or made once the database is open; `model` stands in for the providers (tests, demonstrations).
    Raises a `DexterError` that names the remedy.
    """
    import core.adapters.durable  # DBOS: one second

    live = Live()
    committees, patterns = committees_of(settings), load_patterns()
    async with contextlib.AsyncExitStack() as stack:
        kept = stack.enter_context(database(settings).opened())
        chats = chats(settings, kept) if callable(chats) else chats or {}
        weights = Weights(settings.models.cache, settings.models.weights, progress)
        local = local_models(settings, weights)
        stack.push_async_callback(local.aclose)
        model = model or await _providers(settings, local, stack)
        postman = Postman(kept.outbox, kept.store, chats, worker=f"{os.getpid()}-{uuid4().hex[:8]}", live=live)
        quotas = Quotas(person=settings.quotas.person, tenant=settings.quotas.tenant)
        emit = emitter(kept.store, live, postman)
        work = Collaborations(kept.store, model, committees, patterns, emit, quotas, listener(live))
        runs = core.adapters.durable.DurableRuns(
            kept.transactions,
            accept=kept.store.accept,
            work=work.carry,
            failed=work.fail,
            role="client" if role == "bot" else role,
            limits=(settings.quotas.concurrent, settings.quotas.waiting),
        )
        await runs.open()
        stack.push_async_callback(runs.close)
        await stack.enter_async_context(_task(postman.run()))
        people = FixedDirectory(settings.people.roles, settings.people.default)
        health = Health(kept.name, kept.outbox, chats, role)
        skills = Skills(kept.skills)
        desk = Desk(kept.store, runs, people, committees, patterns, COMMANDS, health, skills, Git())
        for chat in chats.values():
            stack.push_async_callback(chat.stop)
        yield App(settings, desk, Commands(desk), live, chats, model, local, weights)


def committees_of(settings: Settings) -> dict[str, Committee]:
    """Return the committees, the shipped one seated with the models that this machine has room for."""
    seats = settings.models.seats or [f"{LOCAL}{name}" for name in fits(settings.models.small)]
    shipped = default_committee()
    if settings.models.seats or len(seats) == 1:
        shipped = with_models(shipped, seats)
    return load_committees(settings.committees, shipped)


def emitter(store: Store, live: Live, postman: Postman) -> Emit:
    """Return what core emits through: write the event down, mark its posts as due, log it, and pass it on."""

    async def emit(event: Event) -> None:
        due = () if event.address.startswith(TERMINAL) else slots(event)
        if not await store.append(event, due):
            return
        log.info(event.body.kind, run=event.run, tenant=event.tenant, key=event.key, **said(event))
        live.publish(event)
        postman.attend(event)
        if due:
            postman.nudge()

    return emit


def listener(live: Live) -> Listen:
    """Return where a run's words go: nowhere, unless somebody watches it."""

    def listen(run: str, phase: str) -> Callable[[str, str], None] | None:
        return (lambda member, text: live.say(run, member, text, phase)) if live.watched(run, phase) else None

    return listen


def database(settings: Settings) -> "Database":
    """Return the database in force, not opened yet."""
    import storage.kept  # SQLAlchemy: one second

    return storage.kept.Database(settings.database_url)


def local_models(settings: Settings, weights: Weights) -> LocalModels:
    """Return the models of this machine."""
    models = settings.models
    return LocalModels(weights, threads=models.threads, context=models.context, parallel=models.parallel)


async def examined(settings: Settings, examine: Examine[T]) -> T:
    """Return what `examine` (the doctor) finds in the parts that Dexter would use."""
    models = settings.models

    async def kept() -> Sentence:
        schema = await asyncio.to_thread(lambda: database(settings).state())
        posts = await asyncio.to_thread(lambda: database(settings).standing())
        return in_words(schema.database, schema.version, posts)

    seats = [] if models.seats else fits(models.small)
    sandbox = Bubblewrap()
    try:
        return await examine(settings, Weights(models.cache, models.weights), seats, kept, sandbox.check)
    finally:
        await sandbox.aclose()


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


async def _providers(settings: Settings, local: LocalModels, stack: contextlib.AsyncExitStack) -> Models:
    models = settings.models
    script = ScriptedModel.load(models.script) if models.script else None
    providers = Models(
        LitellmModel(models.bases),
        scripted=script,
        local=local,
        concurrent=models.concurrent,
        parallel=models.parallel,
        seeing=models.seeing,
    )
    stack.push_async_callback(providers.aclose)
    return providers


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
