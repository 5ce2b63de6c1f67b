"""npm's `discord-digital-twin`, somebody else's Discord, with every request checked against Discord's own description.

Requests go through a small proxy, which mends what the twin lacks: it reads no files (multipart bodies), has no list of
commands and no `oauth2/applications/@me`, answers an acknowledgement with nothing where Discord returns the message,
and leaves out the components of a message that has none. What it cannot do at all is left to `discord_server.py`:
resuming, nonces, limits, faults, direct messages, deferred answers that a followup replaces, locked threads.
"""

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from bot.settings import Discord
from tests.doubles.discord_openapi import description
from tests.doubles.discord_world import BOT, CHANNEL, GUILD

HOME = Path(__file__).parent / "discord_twin"
TOKEN, ANNA = "token-for-tests", 1001
Json = dict[str, Any]
CALLBACK, DEFERRED = "/callback", 5


def missing() -> str:
    """Return what keeps the twin from running here; `make test` brings it."""
    if shutil.which("node") is None:
        return "node is not installed"
    return "" if (HOME / "node_modules" / "discord-digital-twin").is_dir() else f"npm ci was not run in {HOME.name}"


class Twin:
    """The twin's process and the proxy before its REST API."""

    def __init__(self, process: asyncio.subprocess.Process, rest: str, gateway: str) -> None:
        self._process, self._rest, self._gateway = process, rest, gateway
        self._turn = asyncio.Lock()
        self._commands: list[Json] = []
        self.undescribed: list[str] = []
        self.calls: list[str] = []
        self.port = 0

    def settings(self) -> Discord:
        """Return what to give to Dexter as its settings."""
        return Discord(
            token=SecretStr(TOKEN), base_url=f"http://127.0.0.1:{self.port}/api", gateway_url=f"{self._gateway}/"
        )

    async def do(self, what: str, **how: Any) -> Any:
        """Have somebody do something in the twin, and return what came of it."""
        async with self._turn:
            assert self._process.stdin
            self._process.stdin.write(json.dumps({"what": what, **how}).encode() + b"\n")
            said = await _line(self._process)
        assert "failed" not in said, said["failed"]
        return said["done"]

    async def say(self, text: str) -> int:
        """Anna writes a message."""
        return int((await self.do("say", channel=str(CHANNEL), user=str(ANNA), text=text))["id"])

    async def slash(self, command: str, **options: str) -> str:
        """Anna types a command; return the interaction's id."""
        rows = [{"name": name, "type": 3, "value": value} for name, value in options.items()]
        typed = [{"name": command, "type": 1, "options": rows}]
        said = await self.do("slash", channel=str(CHANNEL), user=str(ANNA), options=typed)
        return str(said["id"])

    async def press(self, channel: int, message: Json, custom_id: str) -> str:
        """Anna presses a button; return the interaction's id."""
        how = {"channel": str(channel), "user": str(ANNA), "message": message["id"], "custom_id": custom_id}
        return str((await self.do("press", **how))["id"])

    async def posts(self, channel: int) -> list[Json]:
        """Return what Dexter has said in a channel, oldest first."""
        rows = [{"components": [], **row} for row in await self.do("messages", channel=str(channel))]
        return [row for row in sorted(rows, key=lambda row: int(row["id"])) if row["author"]["id"] == str(BOT)]

    async def serve(self, request: web.Request) -> web.Response:
        """Check a request, and pass it to the twin."""
        path = request.path.removeprefix("/api")
        body, parts = await _body(request)
        self.calls.append(f"{request.method} {path}")
        self.undescribed += description().faults(request.method, path, dict(request.query), body, parts)
        if (request.method, path.endswith("/commands")) == ("GET", True):
            return _reply(200, self._commands)
        if path == "/oauth2/applications/@me":
            _, app = await self._twin("GET", "/applications/@me", None)
            return _reply(200, {**app, "owner": {"id": "1", "username": "owner", "discriminator": "0", "avatar": None}})
        status, said = await self._twin(request.method, path, body)
        if (request.method, path.endswith("/commands")) == ("PUT", True):
            self._commands = body
        if path.endswith(CALLBACK) and status == 204:
            return await self._called_back(path, body)
        return _reply(status, said)

    async def _called_back(self, path: str, body: Json) -> web.Response:
        _, _, interaction, token, _ = path.split("/")
        resource: Json = {"type": body["type"]}
        if body["type"] not in (DEFERRED,):
            _, resource["message"] = await self._twin("GET", f"/webhooks/{BOT}/{token}/messages/@original", None)
        about = {"id": interaction, "type": 2, "response_message_id": resource.get("message", {}).get("id")}
        return _reply(200, {"interaction": about, "resource": resource})

    async def _twin(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        async with aiohttp.request(method, f"{self._rest}/v10{path}", json=body) as reply:
            text = await reply.text()
            said = json.loads(text) if text else None
        if isinstance(said, dict) and "author" in said:
            said.setdefault("components", [])
        return reply.status, said


async def _body(request: web.Request) -> tuple[Any, list[str]]:
    if not request.content_type.startswith("multipart/"):
        return (json.loads(await request.read()) if request.can_read_body else None), []
    body, parts = None, []
    async for part in await request.multipart():
        assert isinstance(part, aiohttp.BodyPartReader)
        content = bytes(await part.read())
        if part.name == "payload_json":
            body = json.loads(content)
        else:
            parts.append(part.name or "")
    return body, parts


def _reply(status: int, said: Any) -> web.Response:
    """Return JSON as discord.py wants it; the twin names its characters."""
    if said is None:
        return web.Response(status=status)
    return web.Response(body=json.dumps(said).encode(), status=status, headers={"Content-Type": "application/json"})


async def _line(process: asyncio.subprocess.Process) -> Json:
    assert process.stdout
    async with asyncio.timeout(30):
        line = await process.stdout.readline()
    assert line, "the twin has ended"
    said: Json = json.loads(line)
    return said


@contextlib.asynccontextmanager
async def discord_twin() -> AsyncIterator[Twin]:
    """Run the twin; in the end, every request must have been as Discord describes it."""
    ids = [str(number) for number in (BOT, GUILD, CHANNEL, ANNA)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", "twin.mjs", TOKEN, *ids, cwd=HOME, stdin=pipe, stdout=pipe, limit=1 << 24
    )
    try:
        where = await _line(process)
        twin = Twin(process, where["rest"], where["gateway"])
        app = web.Application(client_max_size=30_000_000)
        app.add_routes([web.route("*", "/api/{rest:.*}", twin.serve)])
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        twin.port = runner.addresses[0][1]
        try:
            yield twin
        finally:
            await runner.cleanup()
        assert twin.undescribed == []
    finally:
        process.kill()
        await process.communicate()
