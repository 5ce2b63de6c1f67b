"""What a Discord server remembers: people, servers, channels, threads, messages and interactions."""

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.doubles.discord_checks import FRAMED, refusals

Json = dict[str, Any]
TEXT, DM, VOICE, NEWS, PUBLIC_THREAD, STAGE, FORUM = 0, 1, 2, 5, 11, 13, 15
BOT, GUILD, CHANNEL = 100, 200, 300
TAG_REQUIRED = 1 << 4
"""The flag of a forum whose posts need a tag."""
QUIET = 1 << 12
"""The flag of a message that notifies nobody."""
ALL_PERMISSIONS = str((1 << 53) - 1)


class Refused(Exception):
    """Discord says no: a status, its own code, and a sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Interaction:
    """A slash command or a press, and how it was answered."""

    payload: Json
    callbacks: list[Json] = field(default_factory=list)
    said: list[Json] = field(default_factory=list)
    """The messages that answered it, ephemeral ones included."""
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    asked_at: float = 0.0
    acked_at: float = 0.0
    over: bool = False
    """Its 15 minutes have passed."""

    @property
    def choices(self) -> list[str]:
        """What was offered to complete an option."""
        return [row["value"] for row in self.callbacks[0]["data"]["choices"]]

    @property
    def form(self) -> Json:
        """The form that was opened."""
        assert self.callbacks[0]["type"] == 9, self.callbacks
        opened: Json = self.callbacks[0]["data"]
        return opened


class World:
    """One server named GUILD with one text channel CHANNEL, to begin with."""

    def __init__(self) -> None:
        self._ids = itertools.count(1_000_000_000_000_000_000)
        self.users: dict[int, Json] = {BOT: self._user(BOT, "Dexter", bot=True)}
        self.channels: dict[int, Json] = {}
        self.messages: dict[int, list[Json]] = {}
        self.files: dict[str, bytes] = {}
        self.interactions: dict[str, Interaction] = {}
        self.commands: list[Json] = []
        self.syncs = 0
        self.edits: dict[str, int] = {}
        """How often each message was edited."""
        self.permissions = ALL_PERMISSIONS
        self.kicked = False
        """Dexter is no longer on the server."""
        self.locales: dict[int, str] = {}
        """The language in which people see Discord."""
        self.closed_to_dms: set[int] = set()
        """People who take no direct messages."""
        self._nonces: dict[tuple[int, str], Json] = {}
        self.add_channel(CHANNEL, TEXT, "general")

    def new_id(self) -> int:
        """Return a snowflake."""
        return next(self._ids)

    @staticmethod
    def _user(user: int, name: str, *, bot: bool = False) -> Json:
        return {
            "id": str(user),
            "username": name,
            "discriminator": "0",
            "avatar": None,
            "bot": bot,
            "global_name": name,
        }

    def person(self, user: int, name: str = "") -> Json:
        """Return a person, made up where unknown."""
        return self.users.setdefault(user, self._user(user, name or f"person{user}"))

    def member(self, user: int) -> Json:
        """Return a person as a member of the server."""
        return {
            "user": self.person(user),
            "roles": [],
            "joined_at": "2026-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "permissions": ALL_PERMISSIONS,
        }

    def add_channel(self, channel: int, kind: int, name: str, **more: Any) -> Json:
        """Open a channel."""
        guild = {} if kind == DM else {"guild_id": str(GUILD), "position": 0, "permission_overwrites": []}
        voice = {"bitrate": 64000, "user_limit": 0, "rtc_region": None} if kind in (VOICE, STAGE) else {}
        made = {"id": str(channel), "type": kind, "name": name, "last_message_id": None, **voice, **guild, **more}
        self.channels[channel] = made
        self.messages[channel] = []
        return made

    def direct(self, user: int) -> int:
        """Return the channel of direct messages with a person."""
        channel = user + 5_000
        if channel not in self.channels:
            self.add_channel(channel, DM, "", recipients=[self.person(user)])
        return channel

    def channel(self, channel: int) -> Json:
        """Return a channel. Raises `Refused`."""
        if channel not in self.channels:
            raise Refused(404, 10003, "Unknown Channel")
        if self.kicked and self.channels[channel].get("guild_id"):
            raise Refused(403, 50001, "Missing Access")
        return self.channels[channel]

    def delete_channel(self, channel: int) -> Json:
        """Delete a channel with its messages and threads, and return it."""
        for number in [number for number, row in self.channels.items() if row.get("parent_id") == str(channel)]:
            self.delete_channel(number)
        self.messages.pop(channel)
        return self.channels.pop(channel)

    def message(self, channel: int, message: int) -> Json:
        """Return a message. Raises `Refused`."""
        self.channel(channel)
        found = next((row for row in self.messages[channel] if row["id"] == str(message)), None)
        if found is None:
            raise Refused(404, 10008, "Unknown Message")
        return found

    def guild(self) -> Json:
        """Return the server as a new connection is told of it."""
        everyone = {
            "id": str(GUILD), "name": "@everyone", "color": 0, "colors": {"primary_color": 0}, "hoist": False,
            "position": 0,
            "permissions": self.permissions, "managed": False, "mentionable": False, "flags": 0,
        }  # fmt: skip
        here = [row for row in self.channels.values() if row.get("guild_id")]
        return {
            "id": str(GUILD), "name": "The lab", "owner_id": "1", "roles": [everyone], "emojis": [], "features": [],
            "members": [self.member(BOT)], "member_count": 2, "unavailable": False,
            "channels": [row for row in here if row["type"] != PUBLIC_THREAD],
            "threads": [row for row in here if row["type"] == PUBLIC_THREAD],
        }  # fmt: skip

    def write(
        self, channel: int, author: int, body: Json, files: list[Json], *, hidden: bool = False
    ) -> tuple[Json, bool]:
        """Keep a message and return it, and whether it is new. Raises `Refused`."""
        place = self.channel(channel)
        if author == BOT and (wrong := refusals(body, len(files))):
            raise Refused(400, 50006 if "50006 empty message" in wrong else 50035, "; ".join(wrong))
        if place["type"] == FORUM and not hidden:
            raise Refused(400, 40058, "Cannot send messages in a forum channel")
        if place.get("thread_metadata", {}).get("locked") and not hidden:
            raise Refused(403, 50013, "Missing Permissions")
        if author == BOT and place["type"] == DM and channel - 5_000 in self.closed_to_dms:
            raise Refused(403, 50007, "Cannot send messages to this user")
        nonce = str(body.get("nonce") or "")
        if nonce and body.get("enforce_nonce") and (channel, nonce) in self._nonces:
            return self._nonces[channel, nonce], False
        made = self._message(channel, author, body, files)
        if hidden:
            made["flags"] |= 64
        else:
            self.messages[channel].append(made)
            place.get("thread_metadata", {})["archived"] = False
        if nonce:
            self._nonces[channel, nonce] = made
        return made, True

    def _message(self, channel: int, author: int, body: Json, files: list[Json]) -> Json:
        text = body.get("content") or ""
        guild = {"guild_id": str(GUILD)} if self.channels[channel].get("guild_id") else {}
        return {
            "id": str(self.new_id()), "channel_id": str(channel), "author": self.person(author), "content": text,
            "timestamp": datetime.now(UTC).isoformat(), "edited_timestamp": None, "tts": False, "type": 0,
            "flags": (body.get("flags") or 0) & (FRAMED | QUIET),
            "mention_everyone": False, "mention_roles": [], "attachments": files, "embeds": body.get("embeds") or [],
            "mentions": [user for user in self.users.values() if f"<@{user['id']}>" in text], "pinned": False,
            "components": body.get("components") or [], **guild,
        }  # fmt: skip

    def edit(self, channel: int, message: int, body: Json, files: list[Json]) -> Json:
        """Change a message. Raises `Refused`."""
        found = self.message(channel, message)
        if self.channels[channel].get("thread_metadata", {}).get("archived"):
            raise Refused(400, 50083, "Thread is archived")
        self.change(found, body, files)
        self.edits[found["id"]] = self.edits.get(found["id"], 0) + 1
        return found

    @staticmethod
    def change(found: Json, body: Json, files: list[Json]) -> None:
        """Change a message, in a channel or of an interaction. Raises `Refused`."""
        flags = found["flags"] | (body.get("flags") or 0)
        changed = {**{k: found[k] for k in ("content", "embeds", "components")}, **body, "flags": flags}
        if wrong := refusals(changed, len(files)):
            raise Refused(400, 50035, "; ".join(wrong))
        found.update({k: changed[k] or ([] if k != "content" else "") for k in ("content", "embeds", "components")})
        found.update(attachments=files, flags=flags, edited_timestamp=datetime.now(UTC).isoformat())

    def open_thread(self, channel: int, message: int, name: str) -> Json:
        """Open the thread under a message; it has the message's id. Raises `Refused`."""
        self.message(channel, message)
        if message in self.channels:
            raise Refused(400, 160004, "A thread has already been created for this message")
        return self._add_thread(channel, message, name)

    def open_post(self, forum: int, body: Json, files: list[Json]) -> tuple[Json, Json]:
        """Open a post in a forum and return it with its first message; both have the same id. Raises `Refused`."""
        about = self.channel(forum)
        if about["type"] != FORUM:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        if about.get("flags", 0) & TAG_REQUIRED and not body.get("applied_tags"):
            raise Refused(400, 40067, "A tag is required to create a forum post in this channel")
        made = self._add_thread(forum, self.new_id(), body["name"])
        first, _ = self.write(int(made["id"]), BOT, body["message"], files)
        first["id"] = made["id"]
        return made, first

    def _add_thread(self, channel: int, number: int, name: str) -> Json:
        if not 1 <= len(name) <= 100:
            raise Refused(400, 50035, "name: 1 to 100 characters")
        about = {"archived": False, "auto_archive_duration": 1440, "locked": False,
                 "archive_timestamp": datetime.now(UTC).isoformat()}  # fmt: skip
        more = {"parent_id": str(channel), "owner_id": str(BOT), "thread_metadata": about, "message_count": 0}
        return self.add_channel(number, PUBLIC_THREAD, name, member_count=1, rate_limit_per_user=0, **more)
