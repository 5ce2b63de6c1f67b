"""The composition root: every part is chosen and joined here, and nowhere else.

The heavy rooms (SQL, DBOS, the chats) are imported where they are opened: together they take three seconds, which
`dexter --help`, `doctor` and a test of one room should not pay for.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import uuid4

import structlog

from bot.commands.command import Desk
from bot.commands.dispatch import Commands
from bot.commands.table import COMMANDS
from bot.health import Health
from bot.live import Live
from bot.outbox import Postman
from bot.people import FixedDirectory
from bot.posts import slots
from bot.settings import Settings
from bot.shapes import TERMINAL, Chat
from core.adapters.litellm_model import LitellmModel
from core.adapters.local_models import LocalModels
from core.adapters.models import Models
from core.adapters.scripted_model import ScriptedModel
from core.adapters.weights import Progress, Weights
from core.budget import Quotas
from core.committee.catalog import load_committees
from core.committee.collaborations import Collaborations, Listener
from core.committee.committee import Committee
from core.committee.patterns import load_patterns
from core.events import Event
from core.ports import Emit, Model, Store

Role = Literal["all", "bot", "worker"]
"""`bot` listens to the chats and posts, `worker` carries runs, `all` does both."""

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


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    *,
    role: Role = "all",
    chats: Mapping[str, Chat] | None = None,
    model: Model | None = None,
    progress: Progress | None = None,
) -> AsyncIterator[App]:
    """Open Dexter, and close it in the opposite order.

    `model` stands in for the providers (tests, demonstrations). Raises a `DexterError` that names the remedy.
    """
    from core.adapters.durable import DurableRuns
    from storage.kept import opened

    chats, live = chats or {}, Live()
    committees, patterns = load_committees(settings.committees), load_patterns()
    async with contextlib.AsyncExitStack() as stack:
        kept = stack.enter_context(opened(settings.database_url))
        local = local_models(settings, progress)
        stack.push_async_callback(local.aclose)
        model = model or await _providers(settings, local, stack)
        postman = Postman(kept.outbox, kept.store, chats, worker=f"{os.getpid()}-{uuid4().hex[:8]}")
        quotas = Quotas(person=settings.quotas.person, tenant=settings.quotas.tenant)
        emit = emitter(kept.store, live, postman)
        work = Collaborations(kept.store, model, committees, patterns, emit, quotas, listener(live))
        runs = DurableRuns(
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
        desk = Desk(kept.store, runs, people, committees, patterns, COMMANDS, health)
        for chat in chats.values():
            stack.push_async_callback(chat.stop)
        yield App(settings, desk, Commands(desk), live, chats, model, local)


def emitter(store: Store, live: Live, postman: Postman) -> Emit:
    """Return what core emits through: write the event down, mark its posts as due, log it, and pass it on."""

    async def emit(event: Event) -> None:
        due = () if event.address.startswith(TERMINAL) else slots(event)
        if not await store.append(event, due):
            return
        log.info(event.body.kind, run=event.run, tenant=event.tenant, key=event.key)
        live.publish(event)
        if due:
            postman.nudge()

    return emit


def listener(live: Live) -> Listener:
    """Return where a run's words go: nowhere, unless somebody watches it."""

    def listen(run: str):
        return (lambda member, text: live.say(run, member, text)) if live.watched(run) else None

    return listen


def local_models(settings: Settings, progress: Progress | None) -> LocalModels:
    """Return the models of this machine."""
    models = settings.models
    weights = Weights(models.cache, models.weights, progress)
    return LocalModels(weights, threads=models.threads, context=models.context, parallel=models.parallel)


def chats_of(settings: Settings) -> dict[str, Chat]:
    """Return the chats that have their tokens."""
    chats: dict[str, Chat] = {}
    slack, discord = settings.slack, settings.discord
    if slack.bot_token.get_secret_value() and slack.app_token.get_secret_value():
        from bot.slack.chat import SlackChat

        chats["slack"] = SlackChat(
            slack.bot_token.get_secret_value(), slack.app_token.get_secret_value(), slack.base_url
        )
    if discord.token.get_secret_value():
        from bot.discord.chat import DiscordChat

        chats["discord"] = DiscordChat(
            discord.token.get_secret_value(), COMMANDS, base_url=discord.base_url, gateway_url=discord.gateway_url
        )
    return chats


async def _providers(settings: Settings, local: LocalModels, stack: contextlib.AsyncExitStack) -> Models:
    models = settings.models
    script = ScriptedModel.load(models.script) if models.script else None
    providers = Models(
        LitellmModel(models.bases), scripted=script, local=local, concurrent=models.concurrent, parallel=models.parallel
    )
    stack.push_async_callback(providers.aclose)
    return providers


@contextlib.asynccontextmanager
async def _task(work) -> AsyncIterator[None]:
    """Keep something running beside the body."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


__all__ = ["App", "Committee", "Role", "chats_of", "running"]
