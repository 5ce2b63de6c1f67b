"""The fake server's streams, canvases and uploads, with the limits and errors of Slack's documentation.

https://docs.slack.dev/reference/methods/chat.startStream, …/canvases.create, …/files.getUploadURLExternal
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import web

from tests.doubles.slack_blocks import STATES, bad_blocks
from tests.doubles.slack_views import Wrong
from tests.doubles.slack_workspace import Channel, Workspace

Json = dict[str, Any]
Call = Callable[[Json], Json]

SCOPES = {
    "chat.startStream": "chat:write",
    "chat.appendStream": "chat:write",
    "chat.stopStream": "chat:write",
    "canvases.create": "canvases:write",
    "canvases.access.set": "canvases:write",
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
MOST, MOST_TASK = 12_000, 256


@dataclass
class Streaming:
    """Messages that grow while they are watched."""

    space: Workspace
    find: Callable[[Json], Channel]
    """Return the channel that a call may write to."""

    @property
    def methods(self) -> dict[str, Call]:
        """The Web API methods, by name."""
        return {"chat.startStream": self._start, "chat.appendStream": self._append, "chat.stopStream": self._stop}

    def expire(self, channel: str = "C1") -> None:
        """End every stream of a channel, as Slack does after some minutes without news."""
        for message in self.space.channels[channel].messages:
            message.pop("streaming", None)

    def _start(self, body: Json) -> Json:
        channel = self.find(body)
        for name in () if channel.id.startswith("D") else ("team", "user"):
            if not body.get(f"recipient_{name}_id"):
                raise Wrong(f"missing_recipient_{name}_id")
        if body.get("recipient_user_id", "U1") not in self.space.people:
            raise Wrong("user_not_found")
        if self.space.find(channel, body.get("thread_ts", "")) is None:
            raise Wrong("thread_not_found")
        _check(body)
        message = self.space.write(channel, self.space.bot_user, {"thread_ts": body["thread_ts"]})
        _grow(message, body)
        message["mode"] = body.get("task_display_mode", "timeline")
        message["streaming"] = True
        return {"channel": channel.id, "ts": message["ts"]}

    def _append(self, body: Json) -> Json:
        message = self._streaming(body)
        _check(body)
        if not body.get("chunks") and not body.get("markdown_text"):
            raise Wrong("no_text")
        _grow(message, body)
        return {"channel": body["channel"], "ts": message["ts"]}

    def _stop(self, body: Json) -> Json:
        message = self._streaming(body)
        _check(body)
        _grow(message, body)
        message["blocks"] += body.get("blocks") or []
        message |= {"metadata": body["metadata"]} if body.get("metadata") else {}
        del message["streaming"]
        return {"channel": body["channel"], "ts": message["ts"], "message": message}

    def _streaming(self, body: Json) -> Json:
        message = self.space.find(self.find(body), body["ts"])
        if message is None:
            raise Wrong("message_not_found")
        if not message.get("streaming"):
            raise Wrong("message_not_in_streaming_state")
        return message


def _check(body: Json) -> None:
    chunks = body.get("chunks") or []
    texts = [body.get("markdown_text") or "", *(c.get("text", "") for c in chunks if c.get("type") == "markdown_text")]
    if any(len(text) > MOST for text in texts):
        raise Wrong("msg_too_long")
    if any(map(bad_chunk, chunks)):
        raise Wrong("invalid_chunks")


def bad_chunk(chunk: Json) -> bool:
    """Tell whether Slack would refuse a chunk."""
    match chunk.get("type"):
        case "markdown_text":
            return not chunk.get("text")
        case "plan_update":
            return not chunk.get("title")
        case "task_update":
            long = any(len(chunk.get(name, "")) > MOST_TASK for name in ("details", "output"))
            return long or not chunk.get("id") or not chunk.get("title") or chunk.get("status") not in STATES
        case "blocks":
            return bad_blocks(chunk.get("blocks"), 50)
    return True


def _grow(message: Json, body: Json) -> None:
    """Add what came to a message: a plan, text, blocks."""
    blocks = message.setdefault("blocks", [])
    message.setdefault("streamed", "")
    message["streamed"] += body.get("markdown_text") or ""
    for chunk in body.get("chunks") or []:
        if chunk["type"] == "markdown_text":
            message["streamed"] += chunk["text"]
        elif chunk["type"] == "blocks":
            blocks += chunk["blocks"]
        else:
            _plan(blocks, chunk)
    message["text"] = message["streamed"] or next((b["title"] for b in blocks if b["type"] == "plan"), "")


def _plan(blocks: list[Json], chunk: Json) -> None:
    plan = next((block for block in blocks if block["type"] == "plan"), None)
    if plan is None:
        plan = {"type": "plan", "title": "…", "tasks": []}
        blocks.insert(0, plan)
    if chunk["type"] == "plan_update":
        plan["title"] = chunk["title"]
        return
    task = {"task_id": chunk["id"], "title": chunk["title"], "status": chunk["status"]}
    for name in ("details", "output"):
        if chunk.get(name):
            text = {"type": "rich_text_section", "elements": [{"type": "text", "text": chunk[name]}]}
            task[name] = {"type": "rich_text", "elements": [text]}
    old = next((n for n, one in enumerate(plan["tasks"]) if one["task_id"] == chunk["id"]), None)
    plan["tasks"][len(plan["tasks"]) if old is None else old : (old or 0) + 1] = [task]


@dataclass
class Documents:
    """Canvases, and files that Dexter uploads."""

    space: Workspace
    find: Callable[[Json], Channel]
    url: Callable[[], str]
    """Return the server's address."""
    canvases: dict[str, Json] = field(default_factory=dict)
    uploads: dict[str, Json] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def methods(self) -> dict[str, Call]:
        """The Web API methods, by name."""
        return {
            "canvases.create": self._create,
            "canvases.access.set": self._access,
            "files.getUploadURLExternal": self._ticket,
            "files.completeUploadExternal": self._complete,
        }

    def info(self, number: str) -> Json | None:
        """Return what `files.info` says of a canvas."""
        canvas = self.canvases.get(number)
        return canvas and {"id": number, "permalink": f"https://analytical.slack.com/docs/T1/{number}", "mode": "quip"}

    async def take(self, request: web.Request) -> web.Response:
        """Take the content of a file."""
        upload = self.uploads.get(request.match_info["number"])
        content = await request.read()
        if upload is None or len(content) != upload["length"]:
            return web.Response(status=400)
        upload |= {"content": content.decode(errors="replace"), "bytes": content}
        return web.Response(text=f"OK - {len(content)}")

    def _create(self, body: Json) -> Json:
        content = body.get("document_content") or {}
        if content.get("type") != "markdown" or len(content.get("markdown", "")) > 1_048_576:
            raise Wrong("canvas_creation_failed")
        number = f"F0CANVAS{next(self._numbers)}"
        self.canvases[number] = {"title": body.get("title"), "markdown": content["markdown"], "channels": []}
        return {"canvas_id": number}

    def _access(self, body: Json) -> Json:
        if body.get("canvas_id") not in self.canvases:
            raise Wrong("canvas_not_found")
        given = body.get("channel_ids") or []
        self.canvases[body["canvas_id"]]["channels"] += given.split(",") if isinstance(given, str) else given
        return {}

    def _ticket(self, body: Json) -> Json:
        number = f"F0FILE{next(self._numbers)}"
        self.uploads[number] = {"name": body["filename"], "length": int(body["length"]), "content": None}
        self.uploads[number]["alt"] = body.get("alt_txt", "")
        return {"file_id": number, "upload_url": f"{self.url()}upload/{number}"}

    def _complete(self, body: Json) -> Json:
        channel = self.find(body | {"channel": body.get("channel_id", "")})
        uploads = [self.uploads.get(file["id"]) for file in body["files"]]
        files = [upload for upload in uploads if upload and upload["content"] is not None]
        if len(files) != len(uploads):
            raise Wrong("file_not_found")
        shown = [{"name": file["name"], "size": file["length"]} for file in files]
        self.space.write(channel, self.space.bot_user, {"thread_ts": body.get("thread_ts")}, files=shown)
        return {"files": [{"id": file["id"]} for file in body["files"]]}
