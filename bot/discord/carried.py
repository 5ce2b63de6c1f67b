"""The files of a post as one Discord message carries them: pictures side by side, the others one below the other."""

from collections.abc import Sequence
from dataclasses import replace

from bot.discord.sheet import FILE, Item, Shown
from bot.shapes import Attached, Foot, Part

MOST, TOGETHER = 9, 9_500_000
"""Files beside the one with the whole text, and bytes of all: Discord takes 10 of each, in files and in MiB."""
_PICTURES = {b"\x89PNG\r\n\x1a\n": (".png",), b"\xff\xd8\xff": (".jpg", ".jpeg"), b"GIF8": (".gif",)}


def carried(parts: Sequence[Part]) -> tuple[Attached, ...]:
    """Return the files that fit into one message, each under a name of its own."""
    found: list[Attached] = []
    for part in parts:
        fits = isinstance(part, Attached) and sum(len(f.content) for f in found) + len(part.content) <= TOGETHER
        if isinstance(part, Attached) and fits and len(found) < MOST:
            found.append(replace(part, name=f"skill-{part.name}") if part.name == FILE else part)
    return tuple(found)


def instead(parts: Sequence[Part], found: Sequence[Attached]) -> tuple[Part, ...]:
    """Return the parts with the name of each file in place of one that does not fit."""
    contents = [each.content for each in found]
    return tuple(
        Foot(part.name) if isinstance(part, Attached) and part.content not in contents else part for part in parts
    )


def shown(found: Sequence[Attached]) -> tuple[Item, ...]:
    """Return what stands in the frame for the files that the message carries."""
    pictures = [each for each in found if is_picture(each)]
    names, alts = tuple(each.name for each in pictures), tuple(each.alt for each in pictures)
    others = tuple(Shown((each.name,), False) for each in found if each.name not in names)
    return ((Shown(names, True, alts),) if names else ()) + others


def is_picture(file: Attached) -> bool:
    """Tell whether a file is a picture by its content and by its name; what it says of itself does not count."""
    return any(
        file.content.startswith(begins) and file.name.lower().endswith(ends) for begins, ends in _PICTURES.items()
    )
