"""A channel's pace: one message or edit a second, whoever of Dexter's parts wants to speak.

https://docs.slack.dev/apis/web-api/rate-limits
"""

import asyncio

PACE = 1.0
"""Seconds between two messages in a channel."""

MOST = 1000
"""Channels that are remembered before those that are free again are forgotten."""


class Pace:
    """Lets speakers into channels, one after the other."""

    def __init__(self, seconds: float = PACE) -> None:
        self.seconds = seconds
        self._free: dict[str, float] = {}

    async def turn(self, channel: str) -> None:
        """Return once it is the caller's turn to say one thing in a channel; callers come in order."""
        clock = asyncio.get_running_loop().time
        if len(self._free) >= MOST:
            self._free = {name: at for name, at in self._free.items() if at > clock()}
        at = max(self._free.get(channel, 0.0), clock())
        self._free[channel] = at + self.seconds
        await asyncio.sleep(at - clock())
