"""Registries for tests: a folder, and a folder behind a real web server, each with what else can be reached of it."""

import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from bot.registry.door import Door
from bot.registry.serve import serving
from core.adapters.registries import FolderRegistry, HttpRegistry
from core.ports import Registry

KINDS = ("folder", "http")
TOKEN, STRANGER = "token-of-acme", "token-of-other"
TOKENS = {"acme": hashlib.sha256(TOKEN.encode()).hexdigest(), "other": hashlib.sha256(STRANGER.encode()).hexdigest()}


@dataclass(frozen=True)
class Place:
    """A registry, and another reader of it; `as_other` writes as another publisher; `folder` holds its files."""

    registry: Registry
    reader: Registry
    as_other: Registry
    folder: Path


@contextlib.asynccontextmanager
async def place(kind: str, home: Path) -> AsyncIterator[Place]:
    """Open a registry of a kind that holds nothing yet."""
    folder = home / "registry"
    async with contextlib.AsyncExitStack() as stack:

        def mine(name: str, copy: str) -> FolderRegistry:
            made = FolderRegistry(name, folder, home / copy)
            stack.push_async_callback(made.aclose)
            return made

        if kind == "folder":
            yield Place(mine("team", "a.db"), mine("team", "b.db"), mine("team", "c.db"), folder)
            return
        url = await stack.enter_async_context(web(mine("served", "served.db"), folder))

        def theirs(copy: str, token: str) -> HttpRegistry:
            made = HttpRegistry("team", url, home / copy, token, seconds=20)
            stack.push_async_callback(made.aclose)
            return made

        yield Place(theirs("a.db", TOKEN), theirs("b.db", ""), theirs("c.db", STRANGER), folder)


@contextlib.asynccontextmanager
async def web(registry: FolderRegistry, folder: Path) -> AsyncIterator[str]:
    """Serve a folder on a real socket, and give its address."""
    await registry.rebuild()
    async with serving(Door(registry, folder, TOKENS).app(), "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"
