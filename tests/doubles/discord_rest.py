"""Discord's REST API as Dexter uses it, with faults on order."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.discord.limits import kind_of
from tests.doubles.discord_gateway import TOKEN, Gateway
from tests.doubles.discord_openapi import description
from tests.doubles.discord_world import BOT, Interaction, Refused, World

Json = dict[str, Any]


@dataclass
class Fault:
    """Something that goes wrong `times` times with calls whose method and path match."""

    method: str
    path: str
    status: int = 0
    times: int = 1
    retry_after: float = 0.0
    lost: bool = False
    """The call takes effect, but its answer never arrives."""
    silent: bool = False
    """The call takes no effect, and is never answered."""
    code: int = 0


@dataclass
class Call:
    """One request as it came in."""

    method: str
    path: str
    body: Json | list[Json] | None
    form: bool = False


@dataclass
class Storm:
    """Every so many calls one is limited, for so many seconds."""

    every: int
    seconds: float
    met: int = 0
    limited: dict[str, float] = field(default_factory=dict)
    """Kind of call to when it may be made again."""
    early: list[str] = field(default_factory=list)
    """Calls that came before they might."""

    def hit(self, kind: str) -> float:
        """Return for how long a call is limited, 0 where it is taken."""
        now = asyncio.get_running_loop().time()
        if (until := self.limited.get(kind, 0.0)) > now:
            self.early.append(kind)
            return until - now
        self.met += 1
        if self.met % self.every:
            return 0.0
        self.limited[kind] = now + self.seconds
        return self.seconds


def reply(data: Any, status: int = 200, **headers: str) -> web.Response:
    """Return JSON; the library wants exactly this content type."""
    return web.Response(
        body=json.dumps(data).encode(), status=status, headers={"Content-Type": "application/json", **headers}
    )


def limited(seconds: float) -> web.Response:
    """Return what Discord says where it limits."""
    headers = {"Via": "1.1 google", "Retry-After": f"{seconds:.3f}"}
    return reply({"message": "You are being rate limited.", "retry_after": seconds, "global": False}, 429, **headers)


class Rest:
    """The routes."""

    def __init__(
        self, world: World, gateway: Gateway, notice: Callable[[], Awaitable[None]], origin: Callable[[], str]
    ) -> None:
        self._world, self._gateway, self._notice, self._origin = world, gateway, notice, origin
        self._emit = gateway.emit
        self.token = TOKEN
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.storm: Storm | None = None
        self.checked = True
        self.undescribed: list[str] = []
        """What was wrong with requests, by Discord's own description of its API."""

    def routes(self) -> list[web.RouteDef]:
        """Return what the server serves below `/api`."""
        channel, hook = "/api/channels/{channel}", "/api/webhooks/{app}/{token}"
        rows: list[tuple[str, str, Callable[[web.Request, Any, list[Json]], Awaitable[Any]]]] = [
            ("GET", "/api/users/@me", self._me),
            ("POST", "/api/users/@me/channels", self._direct),
            ("GET", "/api/gateway/bot", self._gateway_bot),
            ("GET", "/api/oauth2/applications/@me", self._application),
            ("GET", "/api/applications/{app}/commands", self._commands),
            ("PUT", "/api/applications/{app}/commands", self._sync),
            ("PATCH", channel, self._change_channel),
            ("POST", channel + "/messages", self._create),
            ("GET", channel + "/messages", self._history),
            ("GET", channel + "/messages/{message}", self._fetch),
            ("PATCH", channel + "/messages/{message}", self._edit),
            ("POST", channel + "/messages/{message}/threads", self._thread),
            ("POST", channel + "/threads", self._post),
            ("POST", "/api/interactions/{id}/{token}/callback", self._callback),
            ("POST", hook, self._followup),
            ("PATCH", hook + "/messages/@original", self._original),
        ]
        files = web.get("/files/{id}/{name}", self._file)
        return [web.route(method, path, self._served(work)) for method, path, work in rows] + [files]

    def _served(self, work: Callable[..., Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            body, files, parts = await self._body(request)
            path = request.path.removeprefix("/api")
            self.calls.append(Call(request.method, path, body, bool(parts)))
            query = dict(request.query)
            wrong = description().faults(request.method, path, query, body, parts) if self.checked else []
            self.undescribed += wrong
            if refused := self._refused(request, wrong):
                return refused
            fault = self._fault(request)
            if fault and fault.silent:
                await asyncio.Event().wait()
            if fault and fault.status:
                return (
                    limited(fault.retry_after)
                    if fault.status == 429
                    else reply({"message": "", "code": fault.code}, fault.status)
                )
            try:
                done = await work(request, body, files)
                await self._notice()
            except Refused as no:
                if fault and fault.lost:  # it waits for a call that takes effect
                    fault.times += 1
                return reply({"message": str(no), "code": no.code}, no.status)
            if fault and fault.lost and request.transport:
                request.transport.close()
                await asyncio.sleep(0)
            return reply(done) if done is not None else web.Response(status=204)

        return serve

    def _refused(self, request: web.Request, wrong: list[str]) -> web.Response | None:
        by_token = "/interactions/" in request.path or "/webhooks/" in request.path
        if not by_token and request.headers.get("Authorization") != f"Bot {self.token}":
            return reply({"message": "401: Unauthorized", "code": 0}, 401)
        if self.storm and (seconds := self.storm.hit(kind_of(request.method, request.path))):
            return limited(seconds)
        return reply({"message": "; ".join(wrong), "code": 50035}, 400) if wrong else None

    def _fault(self, request: web.Request) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.method == request.method and fault.path in request.path:
                fault.times -= 1
                return fault
        return None

    async def _body(self, request: web.Request) -> tuple[Any, list[Json], list[str]]:
        if not request.content_type.startswith("multipart/"):
            return (json.loads(await request.read()) if request.can_read_body else None), [], []
        body, files, names = {}, [], []
        async for part in await request.multipart():
            if part.name == "payload_json":  # type: ignore[union-attr]
                body = json.loads(await part.read())  # type: ignore[union-attr]
            else:
                names.append(part.name or "")  # type: ignore[union-attr]
                files.append(self.keep_file(part.filename, bytes(await part.read())))  # type: ignore[union-attr, arg-type]
        return body, files, names

    def keep_file(self, name: str, content: bytes) -> Json:
        """Keep a file and return it as an attachment."""
        number = str(self._world.new_id())
        self._world.files[number] = content
        url = f"{self._origin()}/files/{number}/{name}"
        return {"id": number, "filename": name, "size": len(content), "url": url, "proxy_url": url}

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self._world.files[request.match_info["id"]])

    async def _me(self, _request: web.Request, _body: Any, _files: list[Json]) -> Json:
        return self._world.users[BOT]

    async def _application(self, _request: web.Request, _body: Any, _files: list[Json]) -> Json:
        return {"id": str(BOT), "name": "Dexter", "description": "", "icon": None, "bot_public": True,
                "flags": 0, "bot_require_code_grant": False, "verify_key": "", "summary": "",
                "owner": self._world.person(1)}  # fmt: skip

    async def _gateway_bot(self, _request: web.Request, _body: Any, _files: list[Json]) -> Json:
        allowed = self._gateway.allowance
        limit = {"total": allowed.total, "remaining": max(0, allowed.remaining),
                 "reset_after": round(allowed.reset_after * 1000), "max_concurrency": 1}  # fmt: skip
        if not allowed.remaining:
            asyncio.get_running_loop().call_later(allowed.reset_after, setattr, allowed, "remaining", allowed.total)
        return {"url": "wss://gateway.discord.gg", "shards": self._gateway.shards, "session_start_limit": limit}

    async def _direct(self, _request: web.Request, body: Json, _files: list[Json]) -> Json:
        return self._world.channels[self._world.direct(int(body["recipient_id"]))]

    async def _commands(self, request: web.Request, _body: Any, _files: list[Json]) -> list[Json]:
        whole = request.query.get("with_localizations") == "true"
        return self._world.commands if whole else _without_localizations(self._world.commands)

    async def _sync(self, _request: web.Request, body: list[Json], _files: list[Json]) -> list[Json]:
        self._world.syncs += 1
        more = {"application_id": str(BOT), "version": "1", "nsfw": False, "dm_permission": True}
        self._world.commands = [{"id": str(self._world.new_id()), **more, **row} for row in body]
        return self._world.commands

    async def _create(self, request: web.Request, body: Json, files: list[Json]) -> Json:
        made, new = self._world.write(int(request.match_info["channel"]), BOT, body, files)
        if new:
            await self._emit("MESSAGE_CREATE", made)
        return {**made, "nonce": body.get("nonce")}

    async def _history(self, request: web.Request, _body: Any, _files: list[Json]) -> list[Json]:
        channel = int(request.match_info["channel"])
        self._world.channel(channel)
        before = int(request.query.get("before", 1 << 62))
        rows = [row for row in self._world.messages[channel] if int(row["id"]) < before]
        return rows[::-1][: int(request.query.get("limit", 50))]

    async def _fetch(self, request: web.Request, _body: Any, _files: list[Json]) -> Json:
        return self._world.message(int(request.match_info["channel"]), int(request.match_info["message"]))

    async def _edit(self, request: web.Request, body: Json, files: list[Json]) -> Json:
        where = int(request.match_info["channel"]), int(request.match_info["message"])
        changed = self._world.edit(*where, body, files)
        await self._emit("MESSAGE_UPDATE", changed)
        return changed

    async def _thread(self, request: web.Request, body: Json, _files: list[Json]) -> Json:
        where = int(request.match_info["channel"]), int(request.match_info["message"])
        made = self._world.open_thread(*where, body["name"])
        await self._emit("THREAD_CREATE", made)
        return made

    async def _post(self, request: web.Request, body: Json, files: list[Json]) -> Json:
        made, first = self._world.open_post(int(request.match_info["channel"]), body, files)
        await self._emit("THREAD_CREATE", {**made, "newly_created": True})
        return {**made, "message": first}

    async def _change_channel(self, request: web.Request, body: Json, _files: list[Json]) -> Json:
        channel = self._world.channel(int(request.match_info["channel"]))
        channel["thread_metadata"].update(body)
        return channel

    def _asked(self, request: web.Request) -> Interaction:
        interaction = self._world.interactions[request.match_info["token"]]
        if interaction.over:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return interaction

    async def _callback(self, request: web.Request, body: Json, files: list[Json]) -> Json:
        interaction = self._world.interactions[request.match_info["token"]]
        if interaction.callbacks:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        now = asyncio.get_running_loop().time()
        if now - interaction.asked_at > 3.0:
            raise Refused(404, 10062, "Unknown interaction")
        interaction.callbacks.append(body)
        interaction.acked_at = now
        about = {"id": interaction.payload["id"], "type": 2}
        answer: Json = {"interaction": about, "resource": {"type": body["type"]}}
        if body["type"] == 4:
            answer["resource"]["message"] = await self._say(interaction, body["data"], files)
            about["response_message_id"] = answer["resource"]["message"]["id"]
        interaction.acked.set()
        return answer

    async def _followup(self, request: web.Request, body: Json, files: list[Json]) -> Json:
        interaction = self._asked(request)
        if not interaction.callbacks:
            raise Refused(404, 10015, "Unknown Webhook")
        deferred = interaction.callbacks[0] if not interaction.said else {}
        flags = (deferred.get("data") or {}).get("flags", 0) | (body.get("flags") or 0)
        return await self._say(interaction, {**body, "flags": flags}, files)

    async def _original(self, request: web.Request, body: Json, files: list[Json]) -> Json:
        interaction = self._asked(request)
        if not interaction.said:
            return await self._followup(request, body, files)
        said = interaction.said[0]
        self._world.change(said, body, files)
        self._world.edits[said["id"]] = self._world.edits.get(said["id"], 0) + 1
        return said

    async def _say(self, interaction: Interaction, body: Json, files: list[Json]) -> Json:
        channel, hidden = int(interaction.payload["channel_id"]), bool((body.get("flags") or 0) & 64)
        made, _ = self._world.write(channel, BOT, body, files, hidden=hidden)
        interaction.said.append(made)
        if not hidden:
            await self._emit("MESSAGE_CREATE", made)
        return made


def _without_localizations(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_localizations(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _without_localizations(each) for key, each in value.items() if not key.endswith("_localizations")}
