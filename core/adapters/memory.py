"""Steps without durability: they run the work at once and remember nothing. For tests, benchmarks and pipes."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class MemorySteps:
    """Carries a run inside this process alone; a crash loses it."""

    def __init__(self) -> None:
        self._stopping = False

    async def once(self, key: str, work: Callable[[], Awaitable[T]], shape: type[T]) -> T:
        """Return what `work` returns; see `core.ports.Steps`."""
        return await work()

    def stopping(self) -> bool:
        """Tell whether `stop` was called."""
        return self._stopping

    def stop(self) -> None:
        """Ask the run to stop at the next chance."""
        self._stopping = True
