"""Files that people attach to a message: fetched from Slack with the bot token, which goes nowhere else."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from bot.attachments import Attachments, Gathered, Offer
from bot.settings import Documents
from bot.slack.api import FAILURES, call
from bot.slack.mrkdwn import one_line
from core.errors import Unavailable

File = Mapping[str, Any]
"""A file as Slack describes it: https://docs.slack.dev/reference/objects/file-object"""

HOST = "files.slack.com"
"""Where Slack keeps files; it wants the token there: https://docs.slack.dev/reference/objects/file-object#auth"""

EDGE = ".slack-edge.com"
"""Slack's delivery network. It may be sent to from there, with an address that needs no token."""

HOPS = 4
AT_ONCE = 8
"""Files fetched at the same time, of all messages: a bound on the memory that they take."""

_PIECE = 65_536


class Files:
    """Reads the files of one message after another."""

    def __init__(
        self, web: AsyncWebClient, attachments: Attachments | None = None, seconds: float | None = None
    ) -> None:
        self._web, self._attachments = web, attachments or Attachments()
        self._seconds = self.limits.seconds if seconds is None else seconds
        self._home = _place(URL(web.base_url))
        self._room = asyncio.Semaphore(AT_ONCE)

    @property
    def limits(self) -> Documents:
        """Return what the files of one question may be."""
        return self._attachments.limits

    async def read(self, event: Mapping[str, Any]) -> Gathered:
        """Return the files of a message as text, and a sentence for each that could not be read."""
        rows = [row for row in event.get("files") or () if isinstance(row, Mapping)]
        if not rows:
            return Gathered()
        clock = asyncio.get_running_loop().time
        until, most = clock() + self._seconds, self.limits.count
        known = await asyncio.gather(*(self._known(row, until) for row in rows[:most]))
        offers = [self._offer(row) for row in [*known, *rows[most:]]]
        return await self._attachments.gather(offers, until - clock())

    async def _known(self, row: File, until: float) -> File:
        """Return what Slack knows of a file; of one from another company's workspace the event has the id alone."""
        if row.get("file_access") != "check_file_info" and (_address(row) or row.get("mode") == "tombstone"):
            return row
        try:
            async with asyncio.timeout_at(until):
                answer = await call(self._web.files_info(file=str(row.get("id"))))
        except (TimeoutError, *FAILURES):
            return row  # without an address it counts as not handed over
        return answer.get("file") or row

    def _offer(self, row: File) -> Offer:
        name = one_line(str(row.get("name") or row.get("title") or row.get("id") or ""), 100) or "A file"
        size, kind = row.get("size"), str(row.get("mimetype") or "")
        return Offer(name, size if isinstance(size, int) else 0, kind, partial(self._fetch, row, name))

    async def _fetch(self, row: File, name: str, most: int) -> bytes:
        """Return the bytes of a file. Raises `Unavailable` with a sentence for the one who attached it."""
        url = _address(row)
        if url is not None and not self._takes_token(url):
            raise Unavailable("{name} is kept outside Slack; attach the file itself.", name=name)
        content = None
        try:
            async with self._room:
                for _ in range(HOPS):
                    if url is None or not (self._takes_token(url) or _on_edge(url)):
                        break
                    url, content = await self._hop(url, row, most)
        except TimeoutError:
            raise
        except (OSError, aiohttp.ClientError) as error:
            raise Unavailable("Slack did not hand over {name}. Please attach it again.", name=name) from error
        if content is None:
            raise Unavailable(
                "Slack did not hand over {name}: it is deleted, or Dexter's app lacks the permission files:read.",
                name=name,
            )
        return content

    async def _hop(self, url: URL, row: File, most: int) -> tuple[URL | None, bytes | None]:
        """Ask one address; return the address that it sends to, or the bytes, or neither where there are none."""
        if self._web.session is None:
            return None, None
        headers = {"Accept-Encoding": "identity"}  # what is packed small could be huge once unpacked
        if self._takes_token(url):
            headers["Authorization"] = f"Bearer {self._web.token}"
        async with self._web.session.get(url, headers=headers, proxy=self._web.proxy, allow_redirects=False) as answer:
            if answer.status in (301, 302, 303, 307, 308):
                return _joined(url, answer.headers.get("Location", "")), None
            if answer.status != 200:
                return None, None
            content = bytearray()
            async for piece in answer.content.iter_chunked(_PIECE):
                content += piece
                if len(content) > most:
                    break
        return None, None if _is_login(answer.content_type, row, len(content)) else bytes(content)

    def _takes_token(self, url: URL) -> bool:
        """Tell whether the token may go to `url`: to Slack's files, and to where it is sent anyway."""
        return _place(url) in (self._home, ("https", HOST, 443))


def _address(row: File) -> URL | None:
    return _joined(None, str(row.get("url_private_download") or row.get("url_private") or ""))


def _joined(base: URL | None, address: str) -> URL | None:
    """Return an address, seen from `base`; nothing where it is none that can be asked."""
    try:
        url = base.join(URL(address)) if base else URL(address)
    except ValueError:
        return None
    return url.with_user(None) if url.host and url.scheme in ("http", "https") else None


def _place(url: URL) -> tuple[str, str | None, int | None]:
    return url.scheme, url.host, url.port


def _on_edge(url: URL) -> bool:
    return url.scheme == "https" and (url.host or "").endswith(EDGE)


def _is_login(kind: str, row: File, size: int) -> bool:
    """Tell Slack's login page, which it sends with status 200 where a permission is missing, from the file."""
    return kind == "text/html" and (row.get("mimetype") != "text/html" or row.get("size") != size)
