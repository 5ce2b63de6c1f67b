"""A registry on a web server: its files over HTTPS, and what is written with a token of its own."""

import asyncio
import json
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import httpx

from core.adapters.registries.reading import Reading
from core.errors import BadRequest, Misconfigured, NotAllowed, NotFound, Unavailable
from core.skills.registry.package import Package
from core.skills.registry.signing import Signed

SECONDS = 60.0
"""For one file, or for one thing that is sent, all tries together."""
CONNECT_SECONDS = 10.0
SILENT_SECONDS = 15.0
PAUSE = 0.3
"""Seconds before the second try; the third waits twice as long."""
MOST_REDIRECTS = 3
FRESH = 10.0
"""Seconds for which a search does without asking for the index again."""
LONGEST_REASON = 4_000
HEADERS = MappingProxyType({"User-Agent": "dexter", "Accept-Encoding": "identity"})
HERE = ("127.0.0.1", "::1", "localhost")


class HttpRegistry(Reading):
    """Reads a registry at `url`, with a copy of its index in the file `copy`; writes with `token`."""

    remote = True

    def __init__(self, name: str, url: str, copy: Path, token: str = "", *, seconds: float = SECONDS) -> None:
        """Raise `Misconfigured` for an address that is not safe."""
        self._url = url.rstrip("/")
        check_address(name, self._url)
        super().__init__(copy, FRESH)
        self.name, self.place = name, self._url
        self._token, self._seconds = token, seconds
        self._client = httpx.AsyncClient(
            headers=HEADERS,
            timeout=httpx.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
            follow_redirects=False,
        )

    async def read(self, path: str, most: int) -> bytes:
        """Return one of its files. Raises `NotFound` and `Unavailable`."""
        url = f"{self._url}/{path}"
        for _ in range(MOST_REDIRECTS + 1):
            status, content, to = await self._tried("GET", url, most)
            if status == 200:
                return content
            if status in (301, 302, 303, 307, 308):
                url = self._redirected(url, to)
            elif status in (404, 410):
                raise NotFound("The registry has no {path}.", path=path)
            else:
                raise self._refused(status, content)
        raise Unavailable("The registry {name} sends from one address to the next without end.", name=self.name)

    async def publish(self, package: Package) -> None:
        """Put a package there. Raises `BadRequest` with what is against it."""
        await self._send("publish", package.written())

    async def say(self, signed: Signed) -> None:
        """Pass on a withdrawal, a vote or counts. Raises `BadRequest` with what is against it."""
        await self._send("say", signed.written())

    async def aclose(self) -> None:
        """Give back what it holds."""
        await self._client.aclose()
        await super().aclose()

    def _redirected(self, url: str, to: str) -> str:
        """Return where to go on. Raises `Unavailable` where that is not safe."""
        after = str(httpx.URL(url).join(to)) if to else ""
        if urlsplit(after).scheme != "https" or urlsplit(after).username is not None:
            text = "The registry {name} sends on to an address that is not `https://`: nothing was fetched from there."
            raise Unavailable(text, name=self.name)
        return after

    async def _send(self, verb: str, content: bytes) -> None:
        if not self._token:
            text = "The registry {name} takes nothing without a token: set `registry.tokens` in dexter.toml."
            raise Misconfigured(text, name=self.name)
        status, reply, _ = await self._tried("POST", f"{self._url}/{verb}", LONGEST_REASON, content)
        if status not in (200, 201, 204):
            raise self._refused(status, reply)

    async def _tried(self, method: str, url: str, most: int, sent: bytes = b"") -> tuple[int, bytes, str]:
        """Return status, content and where it sends on; what may pass by itself is tried again, all of it may be."""
        try:
            async with asyncio.timeout(self._seconds):
                for pause in (PAUSE, 2 * PAUSE):
                    try:
                        status, content, to = await self._once(method, url, most, sent)
                    except httpx.TransportError:
                        status = 0
                    if status and status not in (429, 500, 502, 503, 504):
                        return status, content, to
                    await asyncio.sleep(pause)
                return await self._once(method, url, most, sent)
        except TimeoutError:
            text = "The registry {name} does not answer within {seconds:g} s: try later."
            raise Unavailable(text, name=self.name, seconds=self._seconds) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            text = "The registry {name} cannot be reached ({why}): check its address and the network."
            raise Unavailable(text, name=self.name, why=type(error).__name__) from None

    async def _once(self, method: str, url: str, most: int, sent: bytes) -> tuple[int, bytes, str]:
        headers = {"Authorization": f"Bearer {self._token}"} if method == "POST" else {}
        async with self._client.stream(method, url, content=sent or None, headers=headers) as response:
            content = bytearray()
            if response.status_code != 200:
                most = LONGEST_REASON
            async for piece in response.aiter_raw():
                content += piece
                if len(content) > most and response.status_code == 200:
                    text = "{path} in the registry is larger than any real one: it was not read."
                    raise Unavailable(text, path=urlsplit(url).path)
                if len(content) > most:
                    break
            return response.status_code, bytes(content[:most]), response.headers.get("location", "")

    def _refused(self, status: int, content: bytes) -> BadRequest | NotAllowed | Unavailable:
        why = _reason(content) or f"HTTP {status}"
        if status in (401, 403):
            text = "The registry {name} does not take this token ({why}): check `registry.tokens` in dexter.toml."
            return NotAllowed(text, name=self.name, why=why)
        if 400 <= status < 500 and status != 429:
            return BadRequest("The registry {name} refuses: {why}", name=self.name, why=why)
        return Unavailable("The registry {name} does not work just now ({why}): try later.", name=self.name, why=why)


def check_address(name: str, url: str) -> None:
    """Raise `Misconfigured` for an address of a registry that is not safe, or none."""
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    if not (safe and parts.hostname) or parts.username is not None or parts.query or parts.fragment:
        text = "The address of the registry “{name}” is not right: write `https://host/path`, without a login."
        raise Misconfigured(text, name=name)


def _reason(content: bytes) -> str:
    """Return why a server refuses, in its own words: hostile text."""
    try:
        why = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        return ""
    return " ".join(str(why).split())[:300]
