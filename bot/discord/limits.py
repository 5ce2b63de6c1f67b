"""Discord's limits on requests: what it asks to wait is waited for, and refusals never add up to a ban.

The library waits for a limit only in the call that met it; here every call of the same kind waits as well. Discord bans
an address that gets 10,000 answers of 401, 403 or 429 in ten minutes; long before that nothing is sent for a while.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from types import SimpleNamespace

import aiohttp
import discord
import structlog

WAIT_AT_MOST = 2.5
"""Seconds that a call may be held back. Beyond, whoever made it is told how long; what it has done so far is done again
then, so that a short wait in place gets further than a storm of limits lets a post begin anew."""
UNTOLD = 1.0
"""Seconds to wait where Discord limits and does not say for how long."""
MOST_INVALID, WINDOW = 5_000, 600.0
"""Refusals in so many seconds after which nothing is sent; half of what Discord allows, for others at this address."""
MOST_KINDS = 10_000
"""Kinds of calls whose limit is remembered."""
_REFUSED = (401, 403, 429)
_NUMBER = re.compile(r"/\d+(?=/|$)")

log = structlog.get_logger("dexter.discord")


class Limits:
    """Watches the requests of one client."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, most_invalid: int = MOST_INVALID) -> None:
        self._clock, self._most = clock, most_invalid
        self._until: dict[str, float] = {}
        self._everything_until = 0.0
        self._refused: deque[float] = deque(maxlen=most_invalid)
        self._pausing = False

    def trace(self) -> aiohttp.TraceConfig:
        """Return what the library's HTTP session calls around each request."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(self._before)
        config.on_request_end.append(self._after)
        return config

    async def _before(self, _session: object, _context: SimpleNamespace, call: aiohttp.TraceRequestStartParams) -> None:
        """Hold a call back. Raises `discord.RateLimited` where that would take long."""
        kind = kind_of(call.method, call.url.path)
        while (seconds := self.wait(kind)) > 0:
            if seconds > WAIT_AT_MOST:
                raise discord.RateLimited(seconds)
            await asyncio.sleep(seconds)

    async def _after(self, _session: object, _context: SimpleNamespace, call: aiohttp.TraceRequestEndParams) -> None:
        self.note(call.method, call.url.path, call.response.status, call.response.headers)

    def wait(self, kind: str) -> float:
        """Return the seconds before a call of this kind may be made; 0 or less: at once."""
        now = self._clock()
        return max(self._until.get(kind, 0.0), self._everything_until, self._pause(now)) - now

    def note(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer."""
        if status not in _REFUSED:
            return
        now = self._clock()
        if headers.get("X-RateLimit-Scope") != "shared":  # other bots' doing does not count
            self._refused.append(now)
        if status == 429:
            until = now + _seconds(headers.get("Retry-After", ""))
            if headers.get("X-RateLimit-Global"):
                self._everything_until = until
            self._remember(kind_of(method, path), until, now)

    def _remember(self, kind: str, until: float, now: float) -> None:
        if len(self._until) >= MOST_KINDS:
            self._until = {known: when for known, when in self._until.items() if when > now}
        self._until[kind] = until

    def _pause(self, now: float) -> float:
        """Return until when nothing is sent because too much was refused; 0 where all is well."""
        full = len(self._refused) == self._most and self._refused[0] > now - WINDOW
        if full and not self._pausing:
            log.error("discord refuses too much: nothing is sent for a while", refusals=self._most, seconds=WINDOW)
        self._pausing = full
        return self._refused[0] + WINDOW if full else 0.0


def kind_of(method: str, path: str) -> str:
    """Return what Discord limits together: the method and the path, with the first number in it alone kept."""
    first = _NUMBER.search(path)
    if first is None:
        return f"{method} {path}"
    return f"{method} {path[: first.end()]}{_NUMBER.sub('/*', path[first.end() :])}"


def _seconds(header: str) -> float:
    try:
        return max(float(header), 0.0)
    except ValueError:
        return UNTOLD
