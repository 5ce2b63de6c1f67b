"""Weights from the Hugging Face Hub, or a mirror that answers like it, over plain HTTP with resumption.

Not through `huggingface_hub`: its downloads run in threads that cannot be cancelled, so Ctrl-C would hang for minutes.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx

from core.adapters.weights.pinned import Pinned
from core.errors import DexterError
from core.sentences import Sentence, said

HUB = "https://huggingface.co"
_TRIES = 4
_BUFFER = 1 << 20
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)


class HubFailed(DexterError):
    """The Hub has not given the file; the message says why in half a sentence."""


async def download(pin: Pinned, hub: str, token: str, into: Path, progress: Callable[[int], None]) -> None:
    """Bring the file to `into`, going on from the bytes that are there. `progress` gets bytes so far.

    Raises `HubFailed` within seconds where the Hub cannot be reached, and after a few tries where it breaks off.
    """
    url = f"{hub.rstrip('/')}/{pin.repository}/resolve/main/{pin.file}"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(headers=headers, timeout=_TIMEOUT, follow_redirects=True) as client:
        for attempt in range(1, _TRIES + 1):
            try:
                return await _attempt(client, url, pin.size, into, progress)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.HTTPStatusError, httpx.InvalidURL) as error:
                raise HubFailed(_why(error)) from error
            except httpx.HTTPError as error:
                if attempt == _TRIES:
                    raise HubFailed(_why(error)) from error
                await asyncio.sleep(attempt)


async def _attempt(client: httpx.AsyncClient, url: str, size: int, into: Path, progress: Callable[[int], None]) -> None:
    done = await asyncio.to_thread(_bytes_of, into)
    if done >= size:
        return
    # Compression would make the offsets of a resumed download mean something else.
    headers = {"Range": f"bytes={done}-", "Accept-Encoding": "identity"}
    async with client.stream("GET", url, headers=headers) as reply:
        reply.raise_for_status()
        done = done if reply.status_code == httpx.codes.PARTIAL_CONTENT else 0
        file = await asyncio.to_thread(into.open, "ab" if done else "wb", _BUFFER)
        with file:
            async for chunk in reply.aiter_raw():
                file.write(chunk)
                done += len(chunk)
                progress(done)
                if done > size:
                    raise HubFailed("it sent more than the {size} bytes that the file has", size=size)
    if done < size:
        raise _BrokeOff(done, size)


def _bytes_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


class _BrokeOff(httpx.ReadError):
    def __init__(self, done: int, size: int) -> None:
        self.sentence = said("it broke off after {done} of {size} bytes", done=done, size=size)
        super().__init__(str(self.sentence))


def _why(error: Exception) -> Sentence:
    if isinstance(error, httpx.HTTPStatusError):
        return said("it answered {code}", code=error.response.status_code)
    return error.sentence if isinstance(error, _BrokeOff) else said(str(error) or type(error).__name__)
