"""What Dexter has said in a place lately, by key: how an earlier try is found after a crash."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api import Vanished, call
from bot.slack.place import Place

EVENT = "dexter_post"
"""The type of the metadata that carries a post's key, and the beginning of every mark that does."""

LOOK_BACK = 5
"""Pages of history, of 200 messages each."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of Dexter's."""

    ts: str
    text: str
    streams: bool = False
    """It was begun as a stream, and not ended since as far as it tells."""


Seen = Mapping[str, Said]


async def seen(web: AsyncWebClient, place: Place) -> Seen:
    """Return the messages by their keys: those newest in a channel, those oldest in a thread.

    A file that Dexter shared is under `file:` and its name.
    """
    found: dict[str, Said] = {}
    cursor = ""
    for _ in range(LOOK_BACK):
        answer = await _page(web, place, cursor)
        for message in answer.get("messages", ()):
            for key, streams in _keys(message):
                found.setdefault(key, Said(str(message["ts"]), str(message.get("text", "")), streams))
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return found


async def _page(web: AsyncWebClient, place: Place, cursor: str) -> Mapping[str, Any]:
    limits: dict[str, Any] = {"limit": 200, "include_all_metadata": True} | ({"cursor": cursor} if cursor else {})
    if place.thread is None:
        return await call(web.conversations_history(channel=place.channel, **limits))
    try:
        return await call(web.conversations_replies(channel=place.channel, ts=place.thread, **limits))
    except Vanished:
        return {}


def key_of(message: Mapping[str, Any]) -> str:
    """Return the key of a message of Dexter's, or nothing."""
    return next((key for key, _ in _keys(message) if not key.startswith("file:")), "")


def _keys(message: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the key of a message, and whether it is that of a stream.

    It is in the metadata, in a block's id for an app that may not read metadata, or in the ids of a stream's tasks:
    a stream begins without metadata.
    """
    for file in message.get("files") or ():
        yield f"file:{file.get('name')}", False
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") == EVENT and (key := (metadata.get("event_payload") or {}).get("key")):
        yield str(key), False
        return
    blocks = message.get("blocks") or ()
    for mark in (str(block.get("block_id") or "") for block in blocks):
        prefix, _, rest = mark.partition("/")
        if prefix == EVENT:
            key, _, number = rest.rpartition("/")
            yield (key if number == "1" else rest), False
            return
    for task in (task for block in blocks for task in block.get("tasks", ())):
        prefix, _, rest = str(task.get("task_id", "")).partition("/")
        if prefix == EVENT:
            yield rest.partition("/")[0], True
            return
