"""A committee asked inside the run of something else: what it does there has keys of its own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from core.events import Event
from core.ports import Emit, Steps

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Keyed:
    """The steps of a run under keys that begin alike."""

    steps: Steps
    key: str

    async def once(self, key: str, work: Callable[[], Awaitable[T]], shape: type[T]) -> T:
        """Return what `work` returned, now or before a crash."""
        return await self.steps.once(f"{self.key}:{key}", work, shape)

    def stopping(self) -> bool:
        """Tell whether a person has asked for the run to stop."""
        return self.steps.stopping()


def keyed(emit: Emit, key: str) -> Emit:
    """Return what tells of happenings under keys that begin alike."""

    async def tell(event: Event) -> None:
        await emit(event.but(key=f"{key}:{event.key}"))

    return tell
