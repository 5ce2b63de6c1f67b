"""A bounded memory of values that grow old."""

import time
from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")

KEPT, FRESH = 2000, 3600.0
"""How many values are remembered, and for how many seconds."""


class Remembered(Generic[T]):
    """Values by key, for so many seconds, and no more than so many."""

    def __init__(self, most: int = KEPT, fresh: float = FRESH) -> None:
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._most, self._fresh = most, fresh

    def get(self, key: str) -> T | None:
        """Return what is known and not too old, else `None`."""
        at, value = self._kept.get(key, (0.0, None))
        return value if value is not None and time.monotonic() - at < self._fresh else None

    def put(self, key: str, value: T) -> None:
        """Remember `value`, and forget the oldest where there are too many."""
        self._kept[key] = (time.monotonic(), value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget one value."""
        self._kept.pop(key, None)
