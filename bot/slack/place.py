"""Where something is said: a channel of a workspace, or a thread in it."""

from dataclasses import dataclass
from typing import Self

from bot.shapes import Address, Undeliverable


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, or a thread in it."""

    channel: str
    thread: str | None = None
    team: str = ""
    """The workspace, where an address named it."""

    @classmethod
    def of(cls, address: Address) -> Self:
        """Read `slack:TEAM:CHANNEL` or `slack:TEAM:CHANNEL:THREAD`; anything else is `Undeliverable`."""
        parts = address.split(":")
        if len(parts) not in (3, 4) or parts[0] != "slack" or not parts[2]:
            raise Undeliverable("This is no address in Slack: {address}.", address=address)
        return cls(parts[2], parts[3] if len(parts) == 4 else None, parts[1])
