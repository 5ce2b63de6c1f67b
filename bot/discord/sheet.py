"""One Discord message before Discord's library knows of it: what stands in its frame, from top to bottom."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.discord.split import size
from bot.shapes import Attached, Button

TEXT, COMPONENTS = 4000, 40
"""Discord's limits for a frame: characters of all its texts, and components with those inside others."""
FILE = "dexter.md"
BLUE, GREEN, AMBER, RED, GREY = 0x5B6EE1, 0x3BA55D, 0xE8A33D, 0xD93B3B, 0x80848E


@dataclass(frozen=True, slots=True)
class Text:
    """Safe Markdown."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line between what is above and below."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A text with a button at its side."""

    markdown: str
    button: Button


@dataclass(frozen=True, slots=True)
class Whole:
    """The file with the whole text."""


@dataclass(frozen=True, slots=True)
class Key:
    """A button; one that is off cannot be pressed, and says where one is."""

    button: Button
    off: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Buttons side by side, five at most."""

    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Files that go with the message: pictures side by side, or one file of another kind."""

    names: tuple[str, ...]
    pictures: bool
    alts: tuple[str, ...] = ()
    """What each picture shows, for those who cannot see it."""


Item = Text | Rule | Beside | Whole | Row | Shown


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message, within every limit, all of it safe."""

    items: tuple[Item, ...]
    colour: int = BLUE
    file: str = ""
    """The text of a file that carries the whole, where not everything fits."""
    notice: str = ""
    """The same in short, without a frame: Discord shows nothing of a frame in a notification."""
    silent: bool = False
    """It notifies nobody: it shows that something is going on, and changes by itself."""
    framed: bool = True
    """If not, the notice says everything, and no frame is put around it."""
    broadcast: bool = False
    """It is shown in the channel as well as in its thread."""
    language: str = "en"
    """Of Dexter's own words in it."""
    calls: tuple[int, ...] = ()
    """The people that it notifies, as it is sent."""
    attached: tuple[Attached, ...] = ()
    """Files that are part of it, each under a name of its own."""

    def without_files(self) -> "Sheet":
        """Return the same for where no files may be sent: they are named alone."""
        kept = (item for item in self.items if not isinstance(item, Whole))
        items = tuple(Text(", ".join(f"`{n}`" for n in i.names)) if isinstance(i, Shown) else i for i in kept)
        return replace(self, file="", attached=(), items=items)


def texts(items: Iterable[Item]) -> list[str]:
    """Return what is to be read, from top to bottom."""
    return [item.markdown for item in items if isinstance(item, Text | Beside)]


def labels(items: Iterable[Item]) -> list[str]:
    """Return what is on the buttons."""
    said: list[str] = []
    for item in items:
        match item:
            case Beside(_, button):
                said.append(button.label)
            case Row(keys):
                said += [key.button.label for key in keys]
            case _:
                pass
    return said


def length(items: Iterable[Item]) -> int:
    """Return what Discord counts of the texts, in the strictest way: UTF-16 units, labels among them."""
    items = tuple(items)
    return sum(map(size, texts(items))) + sum(map(size, labels(items)))


def components(items: Iterable[Item]) -> int:
    """Return how many components Discord counts, those inside others as well."""
    return sum(_weight(item) for item in items)


def _weight(item: Item) -> int:
    match item:
        case Beside():
            return 3  # the section, its text and its button
        case Row(keys):
            return 1 + len(keys)
        case Shown(names=names, pictures=pictures):
            return 1 + len(names) * pictures
        case _:
            return 1
