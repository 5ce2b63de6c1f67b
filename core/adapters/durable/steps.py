"""What a run has done so far, kept in pages: results that come in together are written down together.

A page is one DBOS step, so a phase in which five members answer at once costs two or three of DBOS's steps (about
2 ms CPU each) and not five. Results are found again by their key, never by their order.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from dbos import DBOS
from pydantic import TypeAdapter, ValidationError

from core.errors import DexterError

T = TypeVar("T")
Page = dict[str, str]
"""Key to result, as JSON."""


class PagedSteps:
    """`core.ports.Steps` inside a DBOS workflow: `keep` must run beside the work that calls `once`."""

    def __init__(self, run: str, stopping: Callable[[], bool]) -> None:
        self._run = run
        self._stopping = stopping
        self._known: Page = {}
        self._adapters: dict[object, TypeAdapter[Any]] = {}
        self._recalled = asyncio.Event()
        self._arrived = asyncio.Event()
        self._unwritten: Page = {}
        self._written: dict[str, asyncio.Future[None]] = {}

    async def once(self, key: str, work: Callable[[], Awaitable[T]], shape: type[T]) -> T:
        """Return what `work` returned, now or before the crash, once it is written down.

        Raises what `work` raises (which is not kept: after a crash it is tried again), and `DexterError` where an
        older Dexter wrote the result in another shape.
        """
        await self._recalled.wait()
        kept = self._known.get(key)
        if kept is not None:
            return self._read(key, kept, shape)
        result = await work()
        await self._write(key, self._adapter(shape).dump_json(result).decode())
        return result

    def stopping(self) -> bool:
        """True once a person has asked for the run to stop."""
        return self._stopping()

    async def keep(self) -> None:
        """Recall the pages from before a crash, then write new ones, until cancelled."""
        while True:
            page: Page = await DBOS.run_step_async({"name": "page"}, self._next_page)
            self._known |= page
            for key in page:
                if (written := self._written.pop(key, None)) and not written.done():
                    written.set_result(None)

    async def _next_page(self) -> Page:
        """Return the results that wait to be written; DBOS calls this once its own pages are used up."""
        self._recalled.set()
        await self._arrived.wait()
        await asyncio.sleep(0)  # answers that came in the same turn of the loop share the page
        self._arrived.clear()
        page, self._unwritten = self._unwritten, {}
        return page

    async def _write(self, key: str, result: str) -> None:
        written = self._written.setdefault(key, asyncio.get_running_loop().create_future())
        self._unwritten[key] = result
        self._arrived.set()
        await asyncio.shield(written)

    def _read(self, key: str, kept: str, shape: type[T]) -> T:
        try:
            result: T = self._adapter(shape).validate_json(kept)
        except ValidationError:
            raise DexterError(
                "Run {run} was begun by another version of Dexter, which wrote down “{key}” differently: ask again.",
                run=self._run,
                key=key,
            ) from None
        return result

    def _adapter(self, shape: type[T]) -> TypeAdapter[Any]:
        if shape not in self._adapters:
            self._adapters[shape] = TypeAdapter(shape)
        return self._adapters[shape]
