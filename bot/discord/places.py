"""Where things are in Discord, as addresses: `discord:GUILD:CHANNEL[:THREAD]`.

In a direct message GUILD is `dm`. Where no thread can be opened (direct messages, voice channels), and in a thread
that was there before, THREAD is the channel that is written to, so that posts simply go there.
"""

from dataclasses import dataclass

import discord

from bot.shapes import Address, Undeliverable

NAME = "discord"
DIRECT = "dm"
_OPENS_THREADS = (discord.ChannelType.text, discord.ChannelType.news)


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart."""

    guild: str
    channel: int
    thread: int | None

    @property
    def target(self) -> int:
        """Return the channel that is written to."""
        return self.thread or self.channel


def read(address: Address) -> Place:
    """Take an address apart. Raises `Undeliverable` where it is none of Discord's."""
    try:
        name, guild, channel, *thread = address.split(":")
        if name == NAME and len(thread) <= 1:
            return Place(guild, int(channel), int(thread[0]) if thread else None)
    except ValueError:
        pass
    raise Undeliverable(f"{address!r} is not an address in Discord.")


def tenant_of(guild: int | None, user: int) -> str:
    """Return the tenant: the server, or for direct messages the person alone."""
    return f"{NAME}:{guild}" if guild else f"{NAME}:{DIRECT}:{user}"


def address_of(guild: int | None, channel: object, channel_id: int, message: int | None = None) -> Address:
    """Return the address for something said in `channel`, with the thread where it is known.

    `message` is the person's own message: the thread that will be opened under it has its id.
    """
    server = f"{NAME}:{guild or DIRECT}"
    if guild and getattr(channel, "type", None) in _OPENS_THREADS:
        return f"{server}:{channel_id}" + (f":{message}" if message else "")
    parent = getattr(channel, "parent_id", None) or channel_id
    return f"{server}:{parent}:{channel_id}"
