"""Answers too long to read in a thread: a summary there, the whole in a canvas, or in a file where there are none."""

from dataclasses import dataclass, replace

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.shapes import Post, Prose
from bot.slack.api import call
from bot.slack.markdown import elements
from bot.slack.mrkdwn import clean, cut
from bot.slack.place import Place
from bot.slack.remembered import Remembered
from bot.slack.source import source
from bot.slack.uploads import REFUSED, share, uploaded
from bot.words import words_for

log = structlog.get_logger("dexter.slack")

LONG = 8000
"""Characters of an answer that still stand in the thread: about one message of Slack's."""
SUMMARY = 1500
"""Characters of a longer one that do."""
AGAIN_AFTER = 3600.0
"""Seconds until a kind of document is tried again that Slack has refused."""


@dataclass(frozen=True, slots=True)
class Document:
    """A long answer's document, and the post that goes with it."""

    summary: Post
    whole: Post
    """What the plain text beside the summary tells: all of it, and where else it is."""
    name: str = ""
    """Of a file that is uploaded and not shared yet; empty for a canvas, which the summary links."""
    id: str = ""


class Long:
    """Makes documents in one workspace."""

    def __init__(self, web: AsyncWebClient) -> None:
        self._web = web
        self._made: Remembered[Document] = Remembered(most=200, fresh=AGAIN_AFTER)
        self._refused: Remembered[bool] = Remembered(most=2, fresh=AGAIN_AFTER)

    async def document(self, place: Place, post: Post, key: str) -> Document | None:
        """Return a document for the long part of a post, made now or at an earlier try; `None` where there is none.

        Raises `TryLater` where Slack does not answer.
        """
        part = next((p for p in post.parts if isinstance(p, Prose) and len(p.markdown) > LONG), None)
        if part is None:
            return None
        known = self._made.get(f"{place.channel} {key}")
        made = known or await self._make(place, post, part, key)
        if made is not None:
            self._made.put(f"{place.channel} {key}", made)
        return made

    async def share(self, document: Document, place: Place) -> None:
        """Show an uploaded file in a thread."""
        await share(self._web, document.id, document.name, place)

    async def _make(self, place: Place, post: Post, part: Prose, key: str) -> Document | None:
        for kind, make in (("canvas", self._canvas), ("file", self._file)):
            if self._refused.get(kind):
                continue
            try:
                return await make(place, post, part, key)
            except REFUSED as error:
                self._refused.put(kind, True)
                log.warning("slack takes no document of this kind for a long answer", kind=kind, why=str(error))
        return None

    async def _canvas(self, place: Place, post: Post, part: Prose, key: str) -> Document:
        words = words_for(post.language)
        content = {"type": "markdown", "markdown": source(elements(part.markdown))}
        title = words("Dexter's answer {run}", run=key.partition(":")[0])
        made = str((await call(self._web.canvases_create(title=title, document_content=content)))["canvas_id"])
        shown = self._web.canvases_access_set(canvas_id=made, access_level="read", channel_ids=[place.channel])
        await call(shown)
        info = await call(self._web.files_info(file=made))
        said = words(
            "The whole answer ({count:,} characters) is in a canvas: {link}",
            count=len(part.markdown),
            link=info["file"]["permalink"],
        )
        return Document(*_told(post, part, said))

    async def _file(self, place: Place, post: Post, part: Prose, key: str) -> Document:
        words, name = words_for(post.language), f"dexter-{key.replace(':', '-')}.md"
        content = clean(part.markdown).encode()
        id = await uploaded(self._web, name, content)
        said = words(
            "The whole answer ({count:,} characters) is in the file {name}.", count=len(part.markdown), name=name
        )
        return Document(*_told(post, part, said), name, id)


def _told(post: Post, part: Prose, said: str) -> tuple[Post, Post]:
    """Return the post with the beginning of its long part, and with all of it; `said` is behind it in both."""
    whole = clean(part.markdown)
    begin = whole[: cut(whole, SUMMARY)].rstrip()
    fence = "\n```" if begin.count("```") % 2 else ""

    def with_(told: Prose) -> Post:
        parts = [new for old in post.parts for new in ((told, Prose(said)) if old is part else (old,))]
        return replace(post, parts=tuple(parts))

    return with_(Prose(f"{begin} …{fence}")), with_(part)
