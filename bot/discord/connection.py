"""The library's client with the least that Dexter needs: no members, no presence, no text of other messages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import discord
import yarl
from discord.gateway import ReconnectWebSocket

from bot.discord.components import is_press, presses
from bot.discord.limits import WAIT_AT_MOST, Limits
from bot.discord.sessions import Sessions
from bot.discord.sync import Commands, sync
from bot.settings import Discord


class Ears(Protocol):
    """Who is told of what Discord says."""

    async def interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Take an interaction."""

    async def message(self, message: discord.Message, me: discord.ClientUser) -> None:
        """Take a message."""

    async def deleted(self, guild: int | None, messages: Sequence[int]) -> None:
        """Messages were deleted."""

    async def gone(self, guild: int, *channels: int) -> None:
        """A server, a channel or a thread is gone."""


class Connection(discord.AutoShardedClient):
    """One or many shards."""

    def __init__(self, settings: Discord, commands: Commands, memory: Path | None, ears: Ears) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = settings.message_content
        super().__init__(
            intents=intents,
            max_messages=None,
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.5,  # servers that come later are as welcome
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            http_trace=Limits().trace(),
            shard_count=settings.shards or None,
        )
        self.shard_ids = settings.shard_ids or None
        # The constructor takes 30 seconds at least; by then the outbox had better know.
        self.http.max_ratelimit_timeout = WAIT_AT_MOST
        self.sessions = Sessions(self.http.get_bot_gateway)
        self._gateway, self._told, self._memory, self._ears = settings.gateway_url, commands, memory, ears

    async def prepare(self) -> None:
        """Learn how many shards there are, and wait where no session may begin."""
        shards, _, _ = await self.sessions.look(len(self.shard_ids or ()) or self.shard_count or 0)
        self.shard_count = self.shard_count or shards

    async def setup_hook(self) -> None:
        """Take presses of our buttons in, however old; tell Discord of the commands, if it knows others."""
        assert self.application_id is not None  # noqa: S101 - the library sets it before it calls this
        self.add_dynamic_items(presses(self._ears.interaction))
        await sync(self.http, self.application_id, self._told, self._memory)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Count the new session, and keep the library's distance of 5 seconds between two."""
        await self.sessions.take()
        await super().before_identify_hook(shard_id, initial=initial)

    async def launch_shard(self, gateway: yarl.URL, shard_id: int, *, initial: bool = False) -> None:
        """Begin a shard that resumes after every kind of trouble: the library begins a new session after some."""
        await super().launch_shard(gateway, shard_id, initial=initial)
        shard = self._AutoShardedClient__shards[shard_id]  # type: ignore[attr-defined]  # its name inside the library

        async def resume() -> None:
            await shard.reidentify(ReconnectWebSocket(shard_id, resume=shard.ws.session_id is not None))

        shard.reconnect = resume

    async def on_shard_connect(self, shard_id: int) -> None:
        """Stay with the gateway that was set: Discord names its own for resuming, which a proxy may not let through."""
        if self._gateway:
            self._get_websocket(shard_id=shard_id).gateway = yarl.URL(self._gateway)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Pass a command, a menu or a form on; the library hands over presses of our buttons by themselves."""
        if not is_press(interaction):
            await self._ears.interaction(interaction)

    async def on_message(self, message: discord.Message) -> None:
        """Pass a message on. One that is edited later stays as it was asked."""
        if self.user is not None:
            await self._ears.message(message, self.user)

    async def on_raw_message_delete(self, deleted: discord.RawMessageDeleteEvent) -> None:
        """Pass on that a message was deleted."""
        await self._ears.deleted(deleted.guild_id, [deleted.message_id])

    async def on_raw_bulk_message_delete(self, deleted: discord.RawBulkMessageDeleteEvent) -> None:
        """Pass on that many messages were deleted."""
        await self._ears.deleted(deleted.guild_id, sorted(deleted.message_ids))

    async def on_raw_thread_delete(self, thread: discord.RawThreadDeleteEvent) -> None:
        """Pass on that a thread was deleted."""
        await self._ears.gone(thread.guild_id, thread.parent_id, thread.thread_id)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Pass on that a channel was deleted."""
        await self._ears.gone(channel.guild.id, channel.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Pass on that Dexter was removed from a server, or that the server is gone."""
        await self._ears.gone(guild.id)
