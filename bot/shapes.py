"""What all chats share: a request that came in, a post to show, and the protocol of a chat.

A post is neutral: each chat turns its parts into its own beauty. All text in a post is hostile (a model or a
person wrote it) unless its part says otherwise; the chat escapes it for its own markup.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from bot.overview import Books
from core.entities import Channel, Image, Status
from core.sentences import Sentence, said

Address = str
"""Where a post goes: `chat:tenant:channel` or `chat:tenant:channel:thread`. Opaque to core.

A request from a mention carries the thread already (the person's own message is its root). One from a slash command
does not: its `question` slot is posted first and becomes the root (`Chat.thread`), so that nothing has to be sent
before the question is written down.
"""


TERMINAL = "terminal"
"""The first part of the addresses that are read on the spot: nothing is posted there."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a request, as text or as a picture."""

    name: str
    text: str
    kind: str = ""
    """What it is, for the members: `PDF, 20 pages`; empty for plain text."""
    image: Image | None = None
    content: bytes = field(default=b"", repr=False)
    """Of a zip archive, which is nothing to read: for the commands that take one."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a person typed or pressed, the same from every chat."""

    key: str
    """The platform's own id of the event; a second request with this key does nothing."""
    tenant: str
    person: str
    name: str
    """The person's display name."""
    address: Address
    text: str
    """The words after the mention or the slash command: `ask --pattern debate Should we …?`"""
    attachments: tuple[Attachment, ...] = ()
    unread: tuple[Sentence, ...] = ()
    """About files that came along and could not be read, or not whole; they are said beside the reply."""
    locale: str = "en"
    channels: Mapping[str, Address] = field(default_factory=dict)
    """Channels that the text names, as they stand in it (`#ops`), with their addresses: those alone in which Dexter may
    post and which the person may be presumed to see."""
    reply: bool = False
    """It was written in a thread that was there before: perhaps a campaign's."""
    overheard: bool = False
    """It was said without naming Dexter, where Dexter listens for what people say to a campaign: never a command."""
    zone: str = ""
    """The person's time zone, where the platform says, e.g. `Europe/Berlin`."""
    note: Sentence | None = None
    """How it comes to be asked, where nobody typed it just now: said with what comes of it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A short line above what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown, usually a model's."""

    markdown: str
    opens: str = field(default="", compare=False)
    """The request that shows it whole, where it is too long for one message: `show k3f9x2mqabcd`."""


@dataclass(frozen=True, slots=True)
class Line:
    """One member in the progress of a run."""

    state: Literal["waiting", "working", "done", "absent"]
    who: str
    text: str = ""
    doing: str = ""
    """What the phase asks of them, in words."""
    key: str = ""
    """The phase, its round and the member: unlike those of every other step of the run."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The progress of a run."""

    lines: tuple[Line, ...]
    steps: tuple[Line, ...] = ()
    """The same for each member and phase so far, for a chat that can show that many."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart."""

    label: str
    share: float
    """0 to 1: the length of the bar."""
    figure: str
    """What to print behind it, e.g. `2 votes`."""
    mark: str = ""
    """`winner`, `tie` or nothing; never shown by colour alone."""


@dataclass(frozen=True, slots=True)
class Bars:
    """A tally."""

    caption: str
    bars: tuple[Bar, ...]
    heads: tuple[str, str, str] | None = None
    """What a chat that draws columns calls label, share and figure; those of a tally where nothing is given."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Something that stays closed until a person opens it, where the chat can do that."""

    title: str
    markdown: str
    opens: str = field(default="", compare=False)
    """The request that shows it whole, for a chat that cannot fold: `show k3f9x2mqabcd`."""


@dataclass(frozen=True, slots=True)
class Foot:
    """Small print."""

    text: str


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: pressing it is the request `command`, e.g. `show k3f9x2mqabcd`."""

    label: str
    command: str
    style: Literal["plain", "primary", "danger"] = "plain"
    icon: str = ""
    """An emoji before the label, where the chat shows one; it says nothing that the label does not."""


@dataclass(frozen=True, slots=True)
class Buttons:
    """A row of buttons, five at most."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with the post; its name and its content are hostile."""

    name: str
    media: str
    """`image/png`, `text/csv`, …"""
    content: bytes = field(repr=False)
    alt: str = ""
    """What a picture shows, for those who cannot see it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A line that calls a person by name: they are notified once, as the message is posted.

    A part of its own, as nothing that is written in a text can call anybody.
    """

    person: str
    """`Principal.id`, e.g. `slack:U1`."""
    name: str
    text: str


Part = Heading | Prose | Lines | Bars | Table | Fold | Foot | Buttons | Attached | Mention


@dataclass(frozen=True, slots=True)
class Post:
    """One message to show."""

    parts: tuple[Part, ...]
    private: bool = False
    """Only the person who asked sees it, where the chat can do that."""
    failed: bool = False
    """It tells of an error: the console exits with a code that is not 0."""
    broadcast: bool = False
    """Show it in the channel as well as in its thread, where the chat can do that."""
    state: Status | None = None
    """Where the run is that it tells of: a chat may give it a colour, beside the words."""
    language: str = "en"
    """Of Dexter's own words in it, for those that a chat adds."""
    asker: str = field(default="", compare=False)
    """Who asked, e.g. `slack:U1`, where it is for them first of all."""
    run: str = field(default="", compare=False)
    """The run that it tells of, if it tells of one."""
    tabs: Mapping[str, tuple[Part, ...]] = field(default_factory=dict, compare=False)
    """The same as `parts`, by subject, for a chat that can show one subject at a time."""
    data: object = field(default=None, compare=False)
    """The same for machines (`--json`), where the command has something to say."""
    goes_on: bool = field(default=False, compare=False)
    """What it tells of, the campaign `run`, goes on: who sits at a terminal may watch it."""


class Chat(Protocol):
    """One chat platform. Text that would be too long is split or folded, never cut without a word."""

    name: str
    """The first part of its addresses."""

    async def start(self, handle: "Handle", rules: "Rules", books: Books | None = None) -> None:
        """Connect and listen, handing each request to `handle`; return once connected.

        `rules` tells what is set for a channel, for what a chat decides before there is a request; `books` is what
        it may look up for pages of its own (a home, a form, details).
        """

    async def stop(self) -> None:
        """Take nothing more in, and disconnect."""

    async def show(self, address: Address, post: Post, key: str, message: str | None, again: bool) -> str:
        """Show `post` at `address`, in place of `message` if one is given, and return the message's id.

        `key` marks the message. Where `again` is set an earlier try may have got through, so the chat looks for
        the key before it posts. Raises `TryLater` or `Undeliverable`, nothing else.
        """

    def thread(self, address: Address, message: str) -> Address:
        """Return the address of the thread under `message`."""

    def pace(self, address: Address) -> float:
        """Return the least seconds between two messages or edits at `address`."""


@runtime_checkable
class Speaks(Protocol):
    """A chat that can show the words of an answer while they come."""

    async def speak(self, address: Address, message: str, words: str) -> bool:
        """Add words to a message of progress; False where it takes no more. Raises as `Chat.show` does."""


class TryLater(Exception):
    """The chat is limiting us or does not answer; `seconds` says when to try again, `sentence` why."""

    def __init__(self, template: str | Sentence, /, seconds: float = 1.0, **values: object) -> None:
        self.sentence = template if isinstance(template, Sentence) else said(template, **values)
        super().__init__(str(self.sentence))
        self.seconds = seconds


class Undeliverable(Exception):
    """It will never arrive (channel gone, kicked, forbidden); `sentence` says why."""

    def __init__(self, template: str | Sentence, /, **values: object) -> None:
        self.sentence = template if isinstance(template, Sentence) else said(template, **values)
        super().__init__(str(self.sentence))


Handle = Callable[[Request], Awaitable[Post | None]]
"""Take a request and return what to say at once; `None` where the answer comes through the outbox."""


Rules = Callable[[str, Address], Awaitable[Channel]]
"""Return what is set for a channel of a tenant, by its address without a thread."""


async def no_rules(tenant: str, address: Address) -> Channel:
    """Return the defaults: nobody has set anything."""
    return Channel(tenant=tenant, address=address)


def channel_of(address: Address) -> Address:
    """Return the channel of an address, its thread left out. The whole terminal is one channel."""
    return ":".join(address.split(":")[: 2 if address.startswith(TERMINAL) else 3])


def has_thread(address: Address) -> bool:
    """Tell whether an address names a thread."""
    return address.count(":") >= 3


def between_two(address: Address) -> bool:
    """Tell whether one person alone sees what is posted at an address: in a direct message, or hidden from the rest.

    The marks are those of `bot.slack.place` (channels that begin with D) and `bot.discord.places` (`dm`, `~`).
    """
    return bool(_BETWEEN_TWO.fullmatch(address))


_ADDRESS = re.compile(r"(https?://[^\s<>()\[\]]+)")
_MARKS = re.compile(r"[\\`*_\[\]<>~|&]")
_BEGINS = re.compile(r"^(\s*\d*)([-+#=.)])", re.MULTILINE)
"""What makes a list, a heading or a line of what it begins."""
_BETWEEN_TWO = re.compile(r"slack:[^:]+:D[^:]*(:[^:]*)?|discord:dm:.*|discord:[^:]+:[^:]+:~.*")


def literal(text: str) -> str:
    """Return text as Markdown in which every mark of it is shown as it is; addresses stay what they are."""
    pieces = (each if at % 2 else _MARKS.sub(r"\\\g<0>", each) for at, each in enumerate(_ADDRESS.split(text)))
    return _BEGINS.sub(r"\1\\\2", "".join(pieces))


def plain(text: str, *, private: bool = False, failed: bool = False) -> Post:
    """Return a post of one paragraph."""
    return Post((Prose(text),), private=private, failed=failed)
