"""What a command is, and what it may reach."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.campaign_card import Foresees
from bot.reporting import Bureau
from bot.shapes import Attachment, Post, Request
from bot.timetable import Timetable
from bot.words import ENGLISH, Words
from core.access import Permission
from core.campaigns.campaigns import Campaigns
from core.committee.committee import Committee
from core.committee.patterns import Pattern
from core.entities import Channel, Principal
from core.ports import Directory, Runs, Store
from core.skills.folder import Folder
from core.skills.promotions import Promotions
from core.skills.registry.sharing import Sharing
from core.skills.skills import Skills


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may follow a command's name; the same in every chat and on the command line."""

    name: str
    help: str
    required: bool = False
    words: bool = False
    """It is the rest of the text, not `--name value`."""
    flag: bool = False
    choices: str = ""
    """What completes it: `committee`, `pattern`, `command`, or nothing."""
    one_of: tuple[str, ...] = ()
    """The only values that it may have, where they are few and always the same."""


@dataclass(frozen=True, slots=True)
class Args:
    """What a person typed behind a command's name."""

    values: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Return a value, empty where it was not given."""
        return self.values.get(name, "")


class Health(Protocol):
    """Knows how Dexter itself is doing."""

    async def __call__(self, tenant: str, words: Words = ENGLISH, *, whole: bool = False) -> Mapping[str, str]:
        """Return part to state in words, for a tenant; `whole` for those who may operate Dexter."""


class Fetch(Protocol):
    """Knows how to get a skill from a repository."""

    async def __call__(self, url: str, inside: str = "") -> Folder:
        """Return its files, or those of a folder `inside` it. Raises `BadRequest` and `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command may reach; joined in `bot.app`."""

    store: Store
    runs: Runs
    directory: Directory
    committees: Mapping[str, Committee]
    patterns: Mapping[str, Pattern]
    commands: "tuple[Command, ...]"
    health: Health
    skills: Skills
    fetch: Fetch
    promotions: Promotions
    sharing: Sharing
    campaigns: Campaigns
    schedules: Timetable
    bureau: Bureau
    foresees: Foresees


@dataclass(frozen=True, slots=True)
class Asking:
    """One command under way: who asks, from where, with what."""

    desk: Desk
    request: Request
    principal: Principal
    args: Args
    channel: Channel
    """What is set for where it was typed."""
    words: Words
    """The language of the reply: the channel's, else the person's."""

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files that came along."""
        return self.request.attachments


Run = Callable[[Asking], Awaitable[Post | None]]


@dataclass(frozen=True, slots=True)
class Command:
    """A name, what it needs and what it does."""

    name: str
    summary: str
    permission: Permission
    run: Run
    options: tuple[Option, ...] = ()
    example: str = ""
    most_words: int = 1
    """More words than this behind the name, and a chat takes the whole text for a question."""
    verbs: tuple[str, ...] = ()
    """With one of these behind the name it is meant, however many words follow."""
    takes_archives: bool = False
    """Zip archives that come along are for it; the other commands are told of none."""

    @property
    def words(self) -> Option | None:
        """The option that takes the rest of the text, if there is one."""
        return next((option for option in self.options if option.words), None)

    @property
    def usage(self) -> str:
        """Return how it is typed."""
        parts = [self.name]
        for option in self.options:
            shown = f"<{option.name}>" if option.words else f"--{option.name}" + ("" if option.flag else " …")
            parts.append(shown if option.required else f"[{shown}]")
        return " ".join(parts)
