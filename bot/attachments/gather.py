"""Gathers the files of a request: fetches them side by side, has each read apart, and makes them fit together."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import PurePath

import structlog

from bot.attachments.offers import Gathered, Offer
from bot.attachments.process import Order, Outcome, read_apart
from bot.attachments.words import label, why
from bot.settings import Documents
from bot.shapes import Attachment
from core.entities import Image
from core.errors import DexterError
from core.excerpts import opening, shares
from core.sentences import Sentence, said

AT_ONCE = 2
"""Readers that run at one time, of all requests; each may take `process.MEMORY`."""
WAITING = 40
HELD = 200_000_000
"""Files, and bytes of them, that may wait for a reader; what is more is told to come back."""
IMAGES = 4
"""Of one question: they go to every member that sees, with every call."""
ZIP = b"PK\x03\x04"
_SOUND = re.compile(r"(audio|video|font|model)/(?!mp2t\Z)")  # mp2t: what .ts is taken for, TypeScript too
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(127, 160)])
"""What no text needs, and terminals and fences could be fooled with."""

log = structlog.get_logger("dexter.documents")


class Attachments:
    """Reads what comes with requests, of all chats together within one bound."""

    def __init__(self, limits: Documents | None = None) -> None:
        self.limits = limits or Documents()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._waiting = self._held = 0

    async def gather(self, offers: Sequence[Offer], seconds: float | None = None) -> Gathered:
        """Return the files as text and images, all within `seconds`. One that cannot be read holds up no other."""
        until = asyncio.get_running_loop().time() + (self.limits.seconds if seconds is None else seconds)
        most = self.limits.count
        taken = await asyncio.gather(*(self._take(offer, until) for offer in offers[:most]))
        files, unread = self._fitting([(offer.name, each) for offer, each in zip(offers, taken, strict=False)])
        if more := [offer.name for offer in offers[most:]]:
            unread.append(why("more", ", ".join(more[:10]), most=most))
        return Gathered(tuple(files), tuple(unread))

    async def _take(self, offer: Offer, until: float) -> Outcome | Attachment | Sentence:
        """Return what a file holds, an archive as it is, or the sentence that says why it is not read."""
        most, name = self.limits.bytes, offer.name
        if _SOUND.match(offer.kind):
            return why("sound", name)
        if offer.size > most:
            return why("size", name, size=offer.size, most=most)
        try:
            async with asyncio.timeout_at(until):
                content = await offer.fetch(most)
        except TimeoutError:
            return why("late", name)
        except DexterError as error:
            return error.sentence
        if len(content) > most:
            return why("size", name, size=len(content), most=most)
        return await self._read(offer, content, until)

    async def _read(self, offer: Offer, content: bytes, until: float) -> Outcome | Attachment | Sentence:
        suffix = PurePath(offer.name).suffix.lower()
        media = offer.kind.partition(";")[0].strip().lower()
        seconds = max(1, int(self.limits.seconds))
        order = Order(suffix=suffix[:20], media=media[:100], characters=self.limits.characters, seconds=seconds)
        outcome = await self._apart(content, order, until)
        log.info("file read", kind=outcome.kind, bytes=len(content), walls=",".join(outcome.walls),
                 refused=outcome.refused, fault=outcome.fault[:40])  # fmt: skip
        if outcome.refused == "archive" and content.startswith(ZIP):
            return Attachment(offer.name, "", "zip archive", content=content)
        return why(outcome.refused, offer.name, **outcome.figures) if outcome.refused else outcome

    async def _apart(self, content: bytes, order: Order, until: float) -> Outcome:
        try:
            async with asyncio.timeout_at(until), self._door(len(content)):
                return await read_apart(content, order)
        except TimeoutError:
            return Outcome(refused="time")
        except (asyncio.QueueFull, OSError):
            return Outcome(refused="busy")

    @asynccontextmanager
    async def _door(self, size: int) -> AsyncIterator[None]:
        """Let so many through at a time, and so many, with so many bytes, wait."""
        if self._waiting >= WAITING or self._held + size > HELD:
            raise asyncio.QueueFull
        self._waiting, self._held = self._waiting + 1, self._held + size
        try:
            await self._room.acquire()
        finally:
            self._waiting, self._held = self._waiting - 1, self._held - size
        try:
            yield
        finally:
            self._room.release()

    def _fitting(
        self, taken: Sequence[tuple[str, Outcome | Attachment | Sentence]]
    ) -> tuple[list[Attachment], list[Sentence]]:
        """Return files of which all together fit, and what is to be said about those that do not, or not whole."""
        read = [(name, each) for name, each in taken if isinstance(each, Outcome)]
        unread = [each for _, each in taken if isinstance(each, Sentence)]
        more = [pair for pair in read if pair[1].image][IMAGES:]
        unread += [why("images", name, most=IMAGES) for name, _ in more]
        read = [pair for pair in read if all(pair is not other for other in more)]
        room = shares([len(each.text) for _, each in read], self.limits.characters)
        files = [_attached(name, each, most) for (name, each), most in zip(read, room, strict=True)]
        cut = [_cut(file, each, most) for file, (_, each), most in zip(files, read, room, strict=True)]
        archives = [each for _, each in taken if isinstance(each, Attachment)]
        return files + archives, unread + [each for each in cut if each]


def _attached(name: str, outcome: Outcome, most: int) -> Attachment:
    text = outcome.text.encode("utf-8", "replace").decode().translate(_CONTROLS)
    if outcome.read < outcome.parts:
        text = shortened(text, most, f"cut here: this is from the first {outcome.read:,} of {outcome.parts:,} pages")
    elif len(text) > most or outcome.whole > len(outcome.text):
        text = shortened(text, most, f"cut here: in all there are {max(outcome.whole, len(text)):,} characters")
    picture = None
    if outcome.image and outcome.media:
        picture = Image(media=outcome.media, data=outcome.image, width=outcome.width, height=outcome.height)
    return Attachment(name, text, label(outcome), picture)


def _cut(file: Attachment, outcome: Outcome, most: int) -> Sentence | None:
    """Return the sentence about a file of which the end is left out."""
    if outcome.read < outcome.parts:
        values = {"name": file.name, "read": outcome.read, "parts": outcome.parts}
        return said("{name} is long: I read no more than the first {read:,} of its {parts:,} pages.", **values)
    if most < outcome.whole:
        values = {"name": file.name, "read": most, "whole": outcome.whole}
        return said("{name} is long: I read about {read:,} of its {whole:,} characters.", **values)
    return None


def shortened(text: str, most: int, note: str) -> str:
    """Return the beginning of a text of which more is left out, and a note that says so."""
    return f"{opening(text, min(most, len(text) - 1))}\n\n[… {note} …]"
