"""The fake server's file host: it gives a file to whoever has the token, and a login page to everybody else."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]
LOGIN = "<!DOCTYPE html><html><title>Sign in to Analytical Engines | Slack</title></html>"


@dataclass
class Kept:
    """A file, and how its download goes."""

    row: Json
    content: bytes
    location: str = ""
    """Send whoever asks to this address instead."""
    gate: asyncio.Event | None = None
    """Send the first half, and the rest once this is set."""


@dataclass
class FileHost:
    """Files by their ids, and what was asked for them."""

    kept: dict[str, Kept] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The `Authorization` header of each request that came in, empty where there was none."""
    scoped: bool = True
    """Whether the app has the scope `files:read`."""

    def keep(self, origin: str, name: str, content: bytes, kind: str = "text/plain", **more: Any) -> Kept:
        """Keep a file; `more` replaces fields of its row as Slack would send it."""
        number = f"F{len(self.kept) + 1}"
        url = f"{origin}/files-pri/{number}/{name}"
        row = {"id": number, "name": name, "mimetype": kind, "size": len(content), "mode": "hosted"}
        row |= {"is_external": False, "url_private": url, "url_private_download": f"{url}?download=1"}
        self.kept[number] = Kept(row | more, content)
        return self.kept[number]

    def info(self, number: str) -> Json | None:
        """Return all that `files.info` says of a file."""
        kept = self.kept.get(number)
        return kept.row if kept and self.scoped else None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for a file, or for the login page."""
        token = request.headers.get("Authorization", "")
        self.asked.append(token)
        kept = self.kept.get(request.match_info["number"])
        if kept is None:
            return web.Response(status=404)
        if token != "Bearer xoxb-1" or not self.scoped:
            return web.Response(text=LOGIN, content_type="text/html")
        if kept.location:
            raise web.HTTPFound(kept.location)
        answer = web.StreamResponse(headers={"Content-Type": kept.row.get("mimetype") or "text/plain"})
        await answer.prepare(request)
        half = len(kept.content) // 2
        await answer.write(kept.content[:half])
        if kept.gate is not None:
            await kept.gate.wait()
        await answer.write(kept.content[half:])
        return answer
