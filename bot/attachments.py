"""Files that came with a request, read as far as they are text: the same bounds and words in every chat."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot.shapes import Attachment, Post, Prose
from core.errors import DexterError

MOST_FILES = 5
MOST_BYTES = 1_000_000
"""Of one file."""
MOST_CHARACTERS = 200_000
"""Of all files together: they go into the prompt of every member."""
SECONDS = 10.0
"""For all files of one request."""

_TEXT = re.compile(r"text/|.*(\+|/)(xml|json|yaml)\Z|video/mp2t\Z")  # mp2t: what .ts is taken for, TypeScript too
_OTHER = re.compile(r"(image|audio|video|font|model)/|application/(pdf|zip|gzip|x-tar|msword|rtf|vnd\.)")
_READABLE = (
    f"I read text files, {MOST_FILES} at most and up to {MOST_BYTES // 1_000_000} MB each: Markdown, CSV, JSON, YAML, "
    "XML, logs, source code. For anything else, paste the part that matters."
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A file as a chat announces it, before anything of it has been fetched."""

    name: str
    """On one line, made harmless by the chat."""
    size: int
    """Bytes, as the platform says; 0 where it does not."""
    kind: str
    """MIME type, as the platform says; empty where it does not."""
    fetch: Callable[[int], Awaitable[bytes]]
    """Returns the bytes, and may stop once it has more than so many; raises `DexterError` where it cannot."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What could be read, and a sentence for each file that could not."""

    files: tuple[Attachment, ...] = ()
    unread: tuple[str, ...] = ()


async def gather(offers: Sequence[Offer], seconds: float = SECONDS) -> Gathered:
    """Fetch and decode files, all at once and all within `seconds`. What cannot be read never holds up the rest."""
    until = asyncio.get_running_loop().time() + seconds
    found = await asyncio.gather(*(_read(offer, until) for offer in offers[:MOST_FILES]))
    kept = _fitting([each for each in found if isinstance(each, Attachment)])
    unread = [each for each in found if isinstance(each, str)] + [each for each in kept if isinstance(each, str)]
    if more := [offer.name for offer in offers[MOST_FILES:]]:
        unread.append(f"{', '.join(more[:10])}: that is more than {MOST_FILES} files.")
    return Gathered(tuple(each for each in kept if isinstance(each, Attachment)), tuple(unread))


def _fitting(files: Sequence[Attachment]) -> list[Attachment | str]:
    """Return the files for which there is room, in their order, and a sentence in place of the others."""
    fitting: list[Attachment | str] = []
    left = MOST_CHARACTERS
    for file in files:
        fits = len(file.text) <= left
        left -= len(file.text) if fits else 0
        size = f"{file.name} has {len(file.text):,} characters"
        fitting.append(file if fits else f"{size}; all files together may have {MOST_CHARACTERS:,}.")
    return fitting


def beside(post: Post | None, unread: Sequence[str]) -> Post | None:
    """Return `post` with a word about files that could not be read; where there is no post, that word alone."""
    if not unread:
        return post
    said = Prose("\n".join(["I could not read every file:", "", *(f"- {each}" for each in unread), "", _READABLE]))
    return replace(post, parts=(*post.parts, said)) if post else Post((said,), private=True)


async def _read(offer: Offer, until: float) -> Attachment | str:
    """Return the file, or the sentence that says why not."""
    if _OTHER.match(offer.kind) and not _TEXT.match(offer.kind):
        return f"{offer.name} is not a text file."
    if offer.size > MOST_BYTES:
        return f"{offer.name} has {offer.size:,} bytes."
    try:
        async with asyncio.timeout_at(until):
            content = await offer.fetch(MOST_BYTES)
    except TimeoutError:
        return f"{offer.name} did not arrive in time. Please attach it again."
    except DexterError as error:
        return str(error)
    if len(content) > MOST_BYTES:
        return f"{offer.name} has more than {MOST_BYTES:,} bytes."
    text = _decoded(content)
    return f"{offer.name} is not a text file." if text is None else Attachment(offer.name, text)


def _decoded(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
