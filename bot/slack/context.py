"""What comes with a question: its files, and what was said before in its thread."""

from dataclasses import replace

from bot.shapes import Attachment, Request
from bot.slack import thread
from bot.slack.arrival import Body, Entrance
from bot.slack.place import Place

THREAD = "the thread so far"


def message_key(channel: str, ts: str) -> str:
    """Return the key of a question that is a message: it may come as more than one event, and be deleted later."""
    return f"{channel}:{ts}"


async def with_context(entrance: Entrance, request: Request, place: Place, event: Body) -> Request:
    """Return a request with the message's files and, where it stands in a thread, what was said there before."""
    own = [row for row in event.get("files") or () if row]
    before, limits = thread.Thread(), entrance.files.limits
    if event.get("thread_ts") and event["thread_ts"] != event["ts"]:
        before = await entrance.threads.read(place, event["ts"])
    found = await entrance.files.read({"files": own + list(before.files)[: max(0, limits.count - len(own))]})
    room = limits.characters - sum(len(file.text) for file in found.files)
    said = (Attachment(THREAD, before.text),) if before.text and len(before.text) <= room else ()
    return replace(request, attachments=said + found.files, unread=found.unread)
