"""The one model that the rest of Dexter sees: a name's prefix says who answers, and a door bounds how many at once."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from typing import Protocol

from core.adapters.litellm import routes
from core.adapters.litellm_model import LitellmModel
from core.adapters.scripted_model import PREFIX as SCRIPTED
from core.adapters.scripted_model import ScriptedModel
from core.errors import DexterError, ModelError, ModelRejected, ModelTimeout, ModelUnreachable, Unavailable
from core.ports import Completion, Prompt

LOCAL = "local/"
START = 120.0
"""Seconds for a local model to be loaded and ready; its weights are fetched before, not here."""


class LocalServers(Protocol):
    """Servers of local models, started when they are needed."""

    async def base(self, name: str) -> str:
        """Return the base URL of a server that is ready. Raises a `DexterError`."""

    def watched(self, name: str) -> AbstractContextManager[None]:
        """Watch one call: a server that stands still all through it is ended, and started again for the next."""


class Models:
    """Routes calls by prefix: `local/…`, `scripted/…`, and everything else to a provider.

    What exceeds `concurrent` calls in flight, or `parallel` calls of one local model, waits at the door in the order
    of arrival. A call's deadline begins behind the door, so that a crowd makes calls late but does not fail them.
    """

    def __init__(
        self,
        remote: LitellmModel,
        *,
        scripted: ScriptedModel | None = None,
        local: LocalServers | None = None,
        concurrent: int = 64,
        parallel: int = 4,
        seeing: Collection[str] = (),
    ) -> None:
        """`seeing` names models that take images, beside those of which that is known."""
        self._seeing = frozenset(seeing)
        self._remote = remote
        self._scripted = scripted
        self._local = local
        self._door = asyncio.Semaphore(concurrent)
        self._doors: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(parallel))

    async def warm(self) -> None:
        """Load what providers' calls need, ahead of the first one."""
        await self._remote.warm()

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        """Return the reply of whoever `prompt.model` names; see `core.ports.Model`."""
        if prompt.model.startswith(SCRIPTED):
            return await self._play(prompt, words)
        if prompt.model.startswith(LOCAL):
            async with self._doors[prompt.model], self._door:
                return await self._here(prompt, words)
        async with self._door:
            return await self._remote.complete(prompt, words)

    async def quote(self, prompt: Prompt) -> float | None:
        """Return what a call can cost at most, which is nothing here; see `core.ports.Model`."""
        return 0.0 if prompt.model.startswith((SCRIPTED, LOCAL)) else await self._remote.quote(prompt)

    async def sees(self, model: str) -> bool:
        """Tell whether a model takes images; see `core.ports.Model`."""
        if model in self._seeing or model.startswith((SCRIPTED, LOCAL)):
            return model in self._seeing
        return await self._remote.sees(model)

    async def aclose(self) -> None:
        """Close every connection to providers."""
        await self._remote.aclose()

    async def _play(self, prompt: Prompt, words: Callable[[str], None] | None) -> Completion:
        if self._scripted is None:
            raise ModelRejected("There is no script for {model}: start Dexter with one.", model=prompt.model)
        return await self._scripted.complete(prompt, words)

    async def _here(self, prompt: Prompt, words: Callable[[str], None] | None) -> Completion:
        if self._local is None:
            raise ModelRejected("{name} cannot be served: local models are not installed.", name=prompt.model)
        name = prompt.model.removeprefix(LOCAL)
        base = await _ready(self._local, name)
        with self._local.watched(name):
            return await self._remote.send(routes.local(name, base), prompt, words)


async def _ready(servers: LocalServers, name: str) -> str:
    """Return the base URL of a local model; whatever keeps it from being ready is a `ModelError`."""
    try:
        async with asyncio.timeout(START):
            return await servers.base(name)
    except TimeoutError as error:
        shown = LOCAL + name
        raise ModelTimeout("{name} was not ready within {seconds:g} seconds.", name=shown, seconds=START) from error
    except ModelError:
        raise
    except Unavailable as error:
        raise ModelUnreachable(error.sentence) from error
    except DexterError as error:
        raise ModelRejected(error.sentence) from error
