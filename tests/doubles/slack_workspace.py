"""What a Slack workspace holds: people, channels, messages. The state behind the fake server."""

import time
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.slack_transcript import transcript

Json = dict[str, Any]


@dataclass
class Channel:
    """A place to write; a private one is invisible to those who are not in it."""

    id: str
    name: str
    member: bool = True
    private: bool = False
    archived: bool = False
    messages: list[Json] = field(default_factory=list)


@dataclass
class Workspace:
    """One team with Dexter's bot user in it."""

    team: str = "T1"
    bot_user: str = "UDEXTER"
    bot_id: str = "BDEXTER"
    people: dict[str, str] = field(default_factory=lambda: {"U1": "Ada Lovelace", "U2": "Charles Babbage"})
    locales: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    """Time zones of people; those who are not here are in London."""
    """Of people who have another than British English."""
    channels: dict[str, Channel] = field(
        default_factory=lambda: {
            "C1": Channel("C1", "general"),
            "C2": Channel("C2", "random", member=False),
            "C3": Channel("C3", "board", member=False, private=True),
            "C4": Channel("C4", "attic", archived=True),
            "DU1": Channel("DU1", "ada"),
        }
    )
    clock: float = field(default_factory=lambda: float(int(time.time())))

    def name(self, user: str) -> str:
        """Return what is shown for a user."""
        return "Dexter" if user == self.bot_user else self.people.get(user, user)

    def stamp(self) -> str:
        """Return a new time stamp, later than all before."""
        self.clock += 0.0001
        return f"{self.clock:.6f}"

    def direct(self, user: str) -> Channel:
        """Return Dexter's direct messages with `user`, opened if need be."""
        return self.channels.setdefault(f"D{user}", Channel(f"D{user}", user.lower()))

    def write(self, channel: Channel, user: str, body: Json, **more: Any) -> Json:
        """Add a message to a channel and return it."""
        message: Json = {"type": "message", "user": user, "ts": self.stamp(), "text": body.get("text") or ""} | more
        for name in ("blocks", "metadata", "thread_ts"):
            if body.get(name):
                message[name] = body[name]
        if user == self.bot_user:
            message["bot_id"] = self.bot_id
        channel.messages.append(message)
        return message

    def find(self, channel: Channel, ts: str) -> Json | None:
        """Return a message by its time stamp."""
        return next((m for m in channel.messages if m["ts"] == ts), None)

    def thread(self, channel: Channel, ts: str) -> list[Json]:
        """Return a message and its replies, oldest first; ephemeral ones are in no history."""
        return [m for m in channel.messages if ts in (m["ts"], m.get("thread_ts")) and not m.get("only")]

    def history(self, channel: Channel) -> list[Json]:
        """Return a channel's messages without replies, newest first."""
        roots = [m for m in channel.messages if m.get("thread_ts") in (None, m["ts"]) and not m.get("only")]
        return roots[::-1]

    def posts(self, channel: str = "C1") -> list[Json]:
        """Return what Dexter has posted in a channel and its threads, oldest first."""
        return [m for m in self.channels[channel].messages if m["user"] == self.bot_user]

    def transcript(self, channel: str = "C1") -> str:
        """Return a channel as a person would see it."""
        place = self.channels[channel]
        title = f"direct messages with {self.name(channel[1:])}" if channel.startswith("D") else f"#{place.name}"
        return transcript(title, place.messages, self.name)
