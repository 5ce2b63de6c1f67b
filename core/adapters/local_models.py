"""Local models: weights fetched, served by a supervised subprocess each, reached like any OpenAI-compatible server."""

import asyncio
import importlib.util
import os
import secrets
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import psutil

from core.adapters.standstill import ended_where_it_stands_still
from core.adapters.supervised import Order, Supervised
from core.adapters.weights import Weights
from core.errors import Misconfigured

LARGE = "qwen2.5-coder-1.5b"
SMALL = "qwen2.5-coder-0.5b"
SMOKE = "smollm2-135m"
_ROOM_FOR_BOTH = 4 << 30
"""Bytes of memory available below which the small model sits alone (the two take 3.2 GB as they are shipped)."""
_LIGHT = 800_000_000
_BACK = 10
"""Models with more bytes than `_LIGHT` stand back this far: the small one is heard within a second or two, the large
ones lose little, and a person's other programs go before all."""
_OWN = 512 << 20
_PER_TOKEN = 64 << 10
"""Bytes a model may take of its own: `_OWN`, its weights once more (they are repacked), and so much per token."""


class LocalModels:
    """Starts local models when they are first wanted and keeps them running. For one event loop."""

    def __init__(
        self, weights: Weights, *, threads: int = 0, context: int = 16384, parallel: int = 4, python: str | None = None
    ) -> None:
        """`threads` of each model (0: all cores); `context` tokens that its `parallel` calls share.

        `python` is the interpreter that has `xllamacpp` (default: this one).
        """
        self._weights = weights
        self._threads = threads or os.cpu_count() or 1
        self._context = context
        self._parallel = parallel
        self._python = python
        self._running: dict[str, Supervised] = {}
        self._starting: dict[str, asyncio.Lock] = {}

    async def base(self, name: str) -> str:
        """Return the base URL of a model that is ready, starting it where needed.

        It is `http://127.0.0.1:PORT/SECRET/v1`: other users of the machine do not know the secret. The port changes
        when a model is restarted, so ask before every call. Raises what `Weights.fetch` raises,
        `Misconfigured` without `xllamacpp`, and `ModelUnreachable` where the model does not come up.
        """
        async with self._starting.setdefault(name, asyncio.Lock()):
            running = self._running.get(name)
            if running is None or running.given_up:
                running = self._running[name] = Supervised(await self._order(name), self._log_of(name), self._python)
        return await running.base()

    def watched(self, name: str) -> AbstractContextManager[None]:
        """Watch one call to a model that is ready: if it does nothing for it, it is ended, and so started again."""
        return ended_where_it_stands_still(name, self.processes().get(name))

    async def warm(self, names: Iterable[str]) -> None:
        """Start models side by side, so that they load while a person types. Raises what `base` raises."""
        async with asyncio.TaskGroup() as group:
            for name in names:
                group.create_task(self.base(name))

    def processes(self) -> dict[str, int]:
        """Return the process id of each model that runs."""
        return {name: running.pid for name, running in self._running.items() if running.pid}

    async def aclose(self) -> None:
        """Stop every model."""
        running, self._running = list(self._running.values()), {}
        await asyncio.gather(*(one.aclose() for one in running))

    async def _order(self, name: str) -> Order:
        if self._python is None and importlib.util.find_spec("xllamacpp") is None:
            raise Misconfigured(
                "Local models need the package xllamacpp, which is not installed: run `make setup`, "
                "or give the committee models of a provider (`dexter doctor` shows which are in reach)."
            )
        path = await self._weights.fetch(name)
        weight = await asyncio.to_thread(lambda: path.stat().st_size)
        return Order(
            name=name,
            path=str(path),
            prefix=f"/{secrets.token_urlsafe(24)}",
            threads=self._threads,
            context=self._context,
            parallel=self._parallel,
            memory=_OWN + weight + self._context * _PER_TOKEN,
            nice=_BACK if weight > _LIGHT else 0,
        )

    def _log_of(self, name: str) -> Path:
        return self._weights.cache / "logs" / f"{name}.log"


def fits(small: bool = False, available: int | None = None) -> list[str]:
    """Return the local models that the shipped committee seats here, the strongest first.

    `small` is the person's wish for the 0.5B model alone; `available` is bytes of memory (default: what there is now).
    """
    memory = psutil.virtual_memory().available if available is None else available
    return [SMALL] if small or memory < _ROOM_FOR_BOTH else [LARGE, SMALL]
