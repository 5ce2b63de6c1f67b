"""The pool of a sandbox: what it does with runs that come while it is being closed."""

import asyncio
import select
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.adapters.sandboxes.pool import Pool, Slot
from core.errors import Unavailable


def until_it_is_ended(slot: Slot) -> str:
    select.select([slot.stop], [], [], 30)
    return "ended"


async def test_what_comes_while_the_pool_is_being_closed_is_refused_and_what_runs_is_ended() -> None:
    busy = threading.Event()
    with ThreadPoolExecutor(1) as others:
        asyncio.get_running_loop().set_default_executor(others)
        asyncio.get_running_loop().run_in_executor(None, busy.wait)  # as on a machine with much else to do
        pool = Pool(2, 10)
        running = asyncio.create_task(pool.carried(until_it_is_ended))
        await asyncio.sleep(0)
        closing = asyncio.create_task(pool.aclose())
        await asyncio.sleep(0)
        try:
            with pytest.raises(Unavailable, match="being closed"):
                async with asyncio.timeout(5):
                    await pool.carried(until_it_is_ended)
            assert await running == "ended"
        finally:
            busy.set()
        await closing
