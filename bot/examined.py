"""What the doctor is given to look at: the parts that Dexter would use, none of them opened for work."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from bot.app import database
from bot.health import in_words
from bot.parts import sandbox_of
from bot.settings import Settings
from core.adapters.local_models import fits
from core.adapters.weights import Weights
from core.sandbox import Isolation
from core.sentences import Sentence

T = TypeVar("T")
Check = Callable[[], Awaitable[T]]
Examine = Callable[[Settings, Weights, list[str], Check[Sentence], Check[list[Isolation]]], Awaitable[T]]
"""Takes the settings, the weights, the local models that are seated, and checks of the database and the sandboxes."""


async def examined(settings: Settings, examine: Examine[T]) -> T:
    """Return what `examine` (the doctor) finds in the parts that Dexter would use."""
    models = settings.models

    async def kept() -> Sentence:
        schema = await asyncio.to_thread(lambda: database(settings).state())
        posts = await asyncio.to_thread(lambda: database(settings).standing())
        return in_words(schema.database, schema.version, posts)

    seats = [] if models.seats else fits(models.small)
    sandbox = sandbox_of(settings)
    try:
        return await examine(settings, Weights(models.cache, models.weights), seats, kept, sandbox.survey)
    finally:
        await sandbox.aclose()
