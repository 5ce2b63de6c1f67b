"""A storm of limits: every so many calls one is turned away, and who comes back too early is noted."""

import asyncio
from dataclasses import dataclass, field

ON_ITS_WAY = 0.25
"""Seconds in which a call may have been sent before its sender heard of the limit."""


@dataclass
class Storm:
    """Turns every `every`th call away for `seconds`, and each further one of its method until they are over."""

    every: int = 3
    seconds: float = 2.0
    limited: int = 0
    early: list[tuple[str, float]] = field(default_factory=list)
    """Calls that came before their time, with how many seconds too early."""
    _calls: int = 0
    _until: dict[str, float] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)

    def __call__(self, method: str) -> float | None:
        """Return for how many seconds a call is limited; nothing where it is taken."""
        now = asyncio.get_running_loop().time()
        left = self._until.get(method, 0.0) - now
        if left > 0:
            if now - self._since[method] > ON_ITS_WAY:
                self.early.append((method, left))
            return left
        self._calls += 1
        if self._calls % self.every:
            return None
        self.limited += 1
        self._until[method], self._since[method] = now + self.seconds, now
        return self.seconds
