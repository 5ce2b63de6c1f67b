"""Where things are in Discord, as addresses: `discord:GUILD:CHANNEL[:THREAD]`.

In a direct message GUILD is `dm`. Where no thread can be opened (direct messages, voice channels), and in a thread
that was there before, THREAD is the channel that is written to, so that posts simply go there. An answer that only one
person sees, or that is given where Dexter is no member, has PERSON and INTERACTION in place of the thread:
`discord:GUILD:CHANNEL:~PERSON-INTERACTION`, with `+` for `~` where all who are there may see it.
"""

import re
from dataclasses import dataclass

import discord

from bot.shapes import Address, Undeliverable

NAME = "discord"
DIRECT = "dm"
HIDDEN, OPEN = "~", "+"
_OPENS_THREADS = (discord.ChannelType.text, discord.ChannelType.news)
_WHISPER = re.compile(r"([~+])(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Whisper:
    """An answer to one interaction, shown through it."""

    person: int
    interaction: int
    hidden: bool


@dataclass(frozen=True, slots=True)
class Place:
    """An address taken apart."""

    guild: str
    channel: int
    thread: int | None
    whisper: Whisper | None = None

    @property
    def target(self) -> int:
        """Return the channel that is written to."""
        return self.thread or self.channel


def read(address: Address) -> Place:
    """Take an address apart. Raises `Undeliverable` where it is none of Discord's."""
    try:
        name, guild, channel, *thread = address.split(":")
        if name == NAME and len(thread) <= 1:
            if found := _WHISPER.fullmatch("".join(thread)):
                return Place(guild, int(channel), None, Whisper(int(found[2]), int(found[3]), found[1] == HIDDEN))
            return Place(guild, int(channel), int(thread[0]) if thread else None)
    except ValueError:
        pass
    raise Undeliverable("{address} is not an address in Discord.", address=repr(address))


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


def whisper_to(guild: int | None, channel: int, whisper: Whisper) -> Address:
    """Return the address of an answer that is shown through an interaction."""
    mark = HIDDEN if whisper.hidden else OPEN
    return f"{NAME}:{guild or DIRECT}:{channel}:{mark}{whisper.person}-{whisper.interaction}"
