"""Discord's REST API as Dexter uses it, with faults on order."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.doubles.discord_world import BOT, Refused, World

Json = dict[str, Any]
Emit = Callable[[str, Json], Awaitable[None]]
TOKEN = "token-for-tests"


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


@dataclass
class Call:
    """One request as it came in."""

    method: str
    path: str
    body: Json | list[Json] | None
    form: bool = False


def reply(data: Any, status: int = 200, **headers: str) -> web.Response:
    """Return JSON; the library wants exactly this content type."""
    return web.Response(
        body=json.dumps(data).encode(), status=status, headers={"Content-Type": "application/json", **headers}
    )


class Rest:
    """The routes."""

    def __init__(
        self, world: World, emit: Emit, notice: Callable[[], Awaitable[None]], origin: Callable[[], str]
    ) -> None:
        self._world, self._emit, self._notice, self._origin = world, emit, notice, origin
        self.calls: list[Call] = []
        self.faults: list[Fault] = []

    def routes(self) -> list[web.RouteDef]:
        """Return what the server serves below `/api`."""
        channel, hook = "/api/channels/{channel}", "/api/webhooks/{app}/{token}"
        rows: list[tuple[str, str, Callable[[web.Request, Any, list[Json]], Awaitable[Any]]]] = [
            ("GET", "/api/users/@me", self._me),
            ("GET", "/api/oauth2/applications/@me", self._application),
            ("GET", "/api/applications/{app}/commands", self._commands),
            ("PUT", "/api/applications/{app}/commands", self._sync),
            ("PATCH", channel, self._change_channel),
            ("POST", channel + "/messages", self._create),
            ("GET", channel + "/messages", self._history),
            ("GET", channel + "/messages/{message}", self._fetch),
            ("PATCH", channel + "/messages/{message}", self._edit),
            ("POST", channel + "/messages/{message}/threads", self._thread),
            ("POST", "/api/interactions/{id}/{token}/callback", self._callback),
            ("POST", hook, self._followup),
            ("PATCH", hook + "/messages/@original", self._followup),
        ]
        files = web.get("/files/{id}/{name}", self._file)
        return [web.route(method, path, self._served(work)) for method, path, work in rows] + [files]

    def _served(self, work: Callable[..., Awaitable[Any]]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serve(request: web.Request) -> web.StreamResponse:
            body, files, form = await self._body(request)
            self.calls.append(Call(request.method, request.path.removeprefix("/api"), body, form))
            fault = self._fault(request)
            by_token = "/interactions/" in request.path or "/webhooks/" in request.path
            if not by_token and request.headers.get("Authorization") != f"Bot {TOKEN}":
                return reply({"message": "401: Unauthorized", "code": 0}, 401)
            if fault and fault.status == 429:
                wait = fault.retry_after
                headers = {"Via": "1.1 google", "Retry-After": str(wait)}
                return reply(
                    {"message": "You are being rate limited.", "retry_after": wait, "global": False}, 429, **headers
                )
            if fault and fault.status:
                return reply({"message": "fault", "code": 0}, fault.status)
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

    def _fault(self, request: web.Request) -> Fault | None:
        for fault in self.faults:
            if fault.times and fault.method == request.method and fault.path in request.path:
                fault.times -= 1
                return fault
        return None

    async def _body(self, request: web.Request) -> tuple[Any, list[Json], bool]:
        if not request.content_type.startswith("multipart/"):
            return (json.loads(await request.read()) if request.can_read_body else None), [], False
        body, files = {}, []
        async for part in await request.multipart():
            if part.name == "payload_json":  # type: ignore[union-attr]
                body = json.loads(await part.read())  # type: ignore[union-attr]
            else:
                files.append(self.keep_file(part.filename, bytes(await part.read())))  # type: ignore[union-attr, arg-type]
        return body, files, True

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

    async def _commands(self, _request: web.Request, _body: Any, _files: list[Json]) -> list[Json]:
        return self._world.commands

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

    async def _change_channel(self, request: web.Request, body: Json, _files: list[Json]) -> Json:
        channel = self._world.channel(int(request.match_info["channel"]))
        channel["thread_metadata"].update(body)
        return channel

    async def _callback(self, request: web.Request, body: Json, files: list[Json]) -> Json:
        interaction = self._world.interactions[request.match_info["token"]]
        if interaction.callbacks:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        interaction.callbacks.append(body)
        interaction.acked_at = asyncio.get_running_loop().time()
        about = {"id": interaction.payload["id"], "type": 2}
        answer: Json = {"interaction": about, "resource": {"type": body["type"]}}
        if body["type"] == 4:
            answer["resource"]["message"] = await self._say(request, body["data"], files)
            about["response_message_id"] = answer["resource"]["message"]["id"]
        interaction.acked.set()
        return answer

    async def _followup(self, request: web.Request, body: Json, files: list[Json]) -> Json:
        deferred = self._world.interactions[request.match_info["token"]].callbacks[0]
        flags = (deferred.get("data") or {}).get("flags", 0) | (body.get("flags") or 0)
        return await self._say(request, {**body, "flags": flags}, files)

    async def _say(self, request: web.Request, body: Json, files: list[Json]) -> Json:
        interaction = self._world.interactions[request.match_info["token"]]
        channel, hidden = int(interaction.payload["channel_id"]), bool((body.get("flags") or 0) & 64)
        made, _ = self._world.write(channel, BOT, body, files, hidden=hidden)
        interaction.said.append(made)
        if not hidden:
            await self._emit("MESSAGE_CREATE", made)
        return made
