"""The fake server's Web API: each method takes what was sent and returns what Slack would answer."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import yaml
from aiohttp import web

from tests.doubles.slack_checks import refusal
from tests.doubles.slack_files import FileHost
from tests.doubles.slack_streams import SCOPES as STREAM_SCOPES
from tests.doubles.slack_streams import Documents, Streaming
from tests.doubles.slack_views import SCOPES, Views, Wrong
from tests.doubles.slack_workspace import Channel, Workspace

Json = dict[str, Any]


NARROW = 15
"""Messages that an app outside the marketplace may read at a time, once a minute."""


PACED = {"chat.postMessage", "chat.update", "chat.startStream", "chat.appendStream", "chat.stopStream"}
"""Methods that speak in a channel, or change what was said there."""


JSONS = {"blocks", "metadata", "view", "prompts", "outputs", "files", "chunks"}
"""Fields that come as JSON inside a form."""


MANIFEST = Path(__file__).parents[2] / "manifest.yml"


class Refused(Wrong):
    """Slack's word for what is wrong."""


@dataclass
class Fault:
    """A failure to play: an error code, an HTTP status, or an answer that gets lost on its way back."""

    method: str
    error: str = ""
    status: int = 200
    retry_after: float | None = None
    lost: bool = False
    """The call takes effect, and then the connection breaks."""
    hangs: bool = False
    """Nothing ever comes back."""
    broken: bool = False
    """The connection breaks before the call takes effect."""


class WebApi:
    """Methods by name; counts calls and plays faults."""

    scopes: ClassVar[dict[str, str]] = {
        "chat.postMessage": "chat:write",
        "chat.update": "chat:write",
        "chat.postEphemeral": "chat:write",
        "users.info": "users:read",
        "files.info": "files:read",
        "conversations.open": "im:write",
        "conversations.info": "channels:read groups:read mpim:read",
        "conversations.history": "channels:history groups:history im:history mpim:history",
        "conversations.replies": "channels:history groups:history im:history mpim:history",
        **SCOPES,
        **STREAM_SCOPES,
    }
    """Bot scopes by method; in a listing, one for each kind of conversation."""

    def __init__(self, workspace: Workspace, url: Callable[[], str], files: FileHost) -> None:
        self.space, self._url, self._files = workspace, url, files
        self.calls: list[tuple[str, Json]] = []
        self.faults: list[Fault] = []
        self.hidden_metadata = False
        """Play an app that may not read metadata."""
        self.paced = False
        """Allow one message a second in a channel, and answer 429 to more."""
        self.weather: Callable[[str], float | None] | None = None
        """Says for each call, by its method, for how many seconds it is limited; see `slack_storm.py`."""
        self.granted = set(yaml.safe_load(MANIFEST.read_text("utf-8"))["oauth_config"]["scopes"]["bot"])
        """What the app may do, as its administrator installed it."""
        self.narrow = False
        """Play an app that is distributed outside the marketplace: 15 messages of history a minute."""
        self.views = Views()
        self.streams = Streaming(workspace, lambda body: self._channel(body, write=True))
        self.documents = Documents(workspace, lambda body: self._channel(body, write=True), lambda: self.origin)
        self.origin = ""
        """The server's address."""
        self._last: dict[str, float] = {}
        self._methods: dict[str, Callable[[Json], Json]] = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.postEphemeral": self._ephemeral,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.info": self._info,
            "conversations.open": self._open,
            "users.info": self._user,
            "bots.info": lambda _: {"bot": {"id": self.space.bot_id, "app_id": "A1", "name": "Dexter"}},
            "files.info": self._file,
            "reactions.add": lambda body: {"channel": self._channel(body).id},
            **self.views.methods,
            **self.streams.methods,
            **self.documents.methods,
        }

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one call, as Slack does: 200 with `ok` in the body, whatever happened, except for limits."""
        method, body = request.match_info["method"], await _body(request)
        self.calls.append((method, body))
        if self.weather is not None and (seconds := self.weather(method)) is not None:
            return _failed(Fault(method, "ratelimited", 429, seconds))
        fault = next((f for f in self.faults if f.method == method), None)
        if fault is not None:
            self.faults.remove(fault)
            if fault.hangs:
                await asyncio.sleep(3600)
            if fault.broken and request.transport is not None:
                request.transport.close()
            if not fault.lost:
                return _failed(fault)
        answer = self._call(method, request.headers.get("Authorization", ""), body)
        answer.headers["x-oauth-scopes"] = ",".join(sorted(self.granted))
        if fault is not None and request.transport is not None:
            request.transport.close()
        return answer

    def _call(self, method: str, token: str, body: Json) -> web.Response:
        if method == "apps.connections.open":
            return web.json_response({"ok": True, "url": self._url()} if "xapp-1" in token else _no("invalid_auth"))
        if "xoxb-1" not in token:
            return web.json_response(_no("invalid_auth"))
        if method not in self._methods:
            return web.json_response(_no("unknown_method"))
        if self._too_fast(method, body):
            return _failed(Fault(method, "ratelimited", 429, 1))
        if self._too_curious(method):
            return _failed(Fault(method, "ratelimited", 429, 60))
        try:
            return web.json_response({"ok": True} | self._methods[method](body))
        except Wrong as refused:
            return web.json_response(_no(str(refused)))

    def _too_fast(self, method: str, body: Json) -> bool:
        if not (self.paced and method in PACED):
            return False
        now, channel = asyncio.get_running_loop().time(), body.get("channel", "")
        if now - self._last.get(channel, 0.0) < 0.95:
            return True
        self._last[channel] = now
        return False

    def _too_curious(self, method: str) -> bool:
        if not (self.narrow and method in ("conversations.history", "conversations.replies")):
            return False
        now, before = asyncio.get_running_loop().time(), self._last.get(method, -60.0)
        self._last[method] = now if now - before >= 60 else before
        return now - before < 60

    def _auth_test(self, _body: Json) -> Json:
        space = self.space
        names = {"team": "Analytical Engines", "user": "dexter", "url": "https://engines.slack.com/"}
        return names | {"team_id": space.team, "user_id": space.bot_user, "bot_id": space.bot_id}

    def _channel(self, body: Json, *, write: bool = False) -> Channel:
        channel = self.space.channels.get(str(body.get("channel")))
        if channel is None or (channel.private and not channel.member):
            raise Refused("channel_not_found")
        if write and channel.archived:
            raise Refused("is_archived")
        if not channel.member and body.get("_read") != "info":
            raise Refused("not_in_channel")
        return channel

    def _post(self, body: Json) -> Json:
        channel = self._channel(body, write=True)
        if error := refusal(body):
            raise Refused(error)
        if body.get("thread_ts") and self.space.find(channel, body["thread_ts"]) is None:
            raise Refused("thread_not_found")
        message = self.space.write(channel, self.space.bot_user, body)
        return {"channel": channel.id, "ts": message["ts"], "message": message}

    def _update(self, body: Json) -> Json:
        channel = self._channel(body, write=True)
        message = self.space.find(channel, body["ts"])
        if message is None:
            raise Refused("message_not_found")
        if message["user"] != self.space.bot_user:
            raise Refused("cant_update_message")
        if message.get("streaming"):
            raise Refused("streaming_state_conflict")
        if error := refusal(body, edit=True):
            raise Refused(error)
        message |= {k: body[k] for k in ("text", "blocks", "metadata") if body.get(k)}
        message.pop("streamed", None)
        message["edited"] = {"user": self.space.bot_user, "ts": self.space.stamp()}
        message["edits"] = message.get("edits", 0) + 1
        return {"channel": channel.id, "ts": message["ts"], "text": message["text"]}

    def _delete(self, body: Json) -> Json:
        channel = self._channel(body)
        channel.messages[:] = [m for m in channel.messages if m["ts"] != body["ts"]]
        return {"channel": channel.id, "ts": body["ts"]}

    def _ephemeral(self, body: Json) -> Json:
        channel = self._channel(body, write=True)
        if body["user"] not in self.space.people:
            raise Refused("user_not_in_channel")
        if error := refusal(body):
            raise Refused(error)
        return {"message_ts": self.space.write(channel, self.space.bot_user, body, only=body["user"])["ts"]}

    def _history(self, body: Json) -> Json:
        return self._paged(self.space.history(self._channel(body)), body)

    def _replies(self, body: Json) -> Json:
        found = self.space.thread(self._channel(body), body["ts"])
        if not found:
            raise Refused("thread_not_found")
        root, replies = found[:1], [m for m in found[1:] if body.get("oldest", "") < m["ts"] < body.get("latest", "A")]
        return self._paged([*([] if root[0]["ts"] in (body.get("oldest"),) else root), *replies], body)

    def _paged(self, messages: list[Json], body: Json) -> Json:
        start, limit = int(body.get("cursor") or 0), int(body.get("limit") or 100)
        limit = min(limit, NARROW) if self.narrow else limit
        full = str(body.get("include_all_metadata", "")).lower() in ("1", "true") and not self.hidden_metadata
        part = [m if full else {k: v for k, v in m.items() if k != "metadata"} for m in messages[start : start + limit]]
        more = start + limit < len(messages)
        cursor = str(start + limit) if more else ""
        return {"messages": part, "has_more": more, "response_metadata": {"next_cursor": cursor}}

    def _info(self, body: Json) -> Json:
        channel = self._channel(body | {"_read": "info"})
        return {"channel": {"id": channel.id, "name": channel.name, "is_member": channel.member}}

    def _open(self, body: Json) -> Json:
        return {"channel": {"id": self.space.direct(body["users"]).id}}

    def _file(self, body: Json) -> Json:
        row = self.documents.info(str(body.get("file"))) or self._files.info(str(body.get("file")))
        if row is None:
            raise Refused("file_not_found" if self._files.scoped else "missing_scope")
        return {"file": row}

    def _user(self, body: Json) -> Json:
        name = self.space.people.get(str(body.get("user")))
        if name is None:
            raise Refused("user_not_found")
        profile = {"display_name": name, "real_name": name, "email": f"{body['user']}@example.com"}
        return {
            "user": {
                "id": body["user"],
                "name": name.split()[0].lower(),
                "locale": self.space.locales.get(body["user"], "en-GB"),
                "tz": self.space.zones.get(body["user"], "Europe/London"),
                "profile": profile,
            }
        }


async def _body(request: web.Request) -> Json:
    if request.content_type == "application/json":
        return dict(await request.json())
    form = dict(await request.post()) if request.method == "POST" else {}
    body: Json = {**request.query, **form}
    return {k: json.loads(v) if k in JSONS else v for k, v in body.items()}


def _no(error: str) -> Json:
    return {"ok": False, "error": error}


def _failed(fault: Fault) -> web.Response:
    headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after is not None else {}
    if not fault.error:
        return web.Response(status=fault.status, text="<html>upstream connect error</html>", headers=headers)
    return web.json_response(_no(fault.error), status=fault.status, headers=headers)
