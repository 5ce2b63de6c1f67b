"""Skills from a git repository, through the `git` program.

Nothing is checked out: the repository is fetched bare and shallow, its tree is read as a list, and only then are the
files asked for by their hashes. So no hook, filter, submodule or symlink of the repository ever comes to life.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence

from core.errors import BadRequest, DexterError, Unavailable
from core.skills.folder import MOST_BYTES, Folder, check_count, check_sizes
from core.skills.names import fault_of_path

PROTOCOLS = ("https", "ssh")
SECONDS = 60.0
"""For the whole of it."""
LARGEST_PACK = 100_000_000
"""Bytes that git may fetch: the newest state of a repository, which may hold more than the skill."""
LONGEST_LIST = 4_000_000
_URL = re.compile(r"(?P<protocol>[a-z]+)://(?P<who>[^/@\s]*@)?[^/@\s?#]*/[^\s?#]+")
_SHORT = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s?#:]+")
"""How ssh addresses are written as well: `git@host:path`."""
_LOGIN = re.compile(rb"(?i)authentication failed|could not read (username|password)|permission denied|terminal prompts")
_NOTHING = re.compile(rb"(?i)not found|does not exist|does not appear to be a git|could not read from remote")
_LARGE = re.compile(rb"(?i)signal 25|file too large|file size limit|index-pack")


class Git:
    """Fetches skills; `protocols` are those that git may speak, `largest` the bytes that it may fetch."""

    def __init__(
        self, protocols: Sequence[str] = PROTOCOLS, seconds: float = SECONDS, largest: int = LARGEST_PACK
    ) -> None:
        self._protocols, self._seconds, self._largest = tuple(protocols), seconds, largest

    async def __call__(self, url: str, inside: str = "") -> Folder:
        """Return the files of a repository's newest state, or of a folder `inside` it.

        Raises `BadRequest` and `Unavailable`.
        """
        self._check(url, inside)
        if not shutil.which("git"):
            raise Unavailable("The program `git` is not on this machine: install it, or bring the skill in as a zip.")
        with tempfile.TemporaryDirectory(prefix="dexter-git-", ignore_cleanup_errors=True) as home:
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._fetched(url, inside, home)
            except TimeoutError:
                text = "The repository {url} did not come within {seconds:g} s: try later, or bring it in as a zip."
                raise Unavailable(text, url=url, seconds=self._seconds) from None

    def _check(self, url: str, inside: str) -> None:
        found = _URL.fullmatch(url)
        protocol = found["protocol"] if found else "ssh" if _SHORT.fullmatch(url) else ""
        if protocol not in self._protocols:
            text = "“{url}” is no address that I fetch from: write `https://host/path` or `ssh://git@host/path`."
            raise BadRequest(text, url=_without_login(url)[:100])
        if found and found["who"] and (protocol != "ssh" or ":" in found["who"]):
            raise BadRequest("There is a login in the address, which would be kept for all to read: leave it out.")
        if inside and (fault := fault_of_path(inside)):
            raise BadRequest(fault)

    async def _fetched(self, url: str, inside: str, home: str) -> Folder:
        clone = ("clone", "--quiet", "--bare", "--depth=1", "--single-branch", "--no-tags", "--template=")
        code, _, complaint = await self._git(home, (*clone, "--", url, f"{home}/r"), limit=LONGEST_LIST)
        if code:
            raise _explained(url, complaint)
        tree = f"HEAD:{inside}" if inside else "HEAD"
        code, listed, _ = await self._git(home, ("ls-tree", "-r", "-z", "-l", "--full-tree", tree), limit=LONGEST_LIST)
        if code:
            raise BadRequest("The repository {url} has no folder “{path}”: check it.", url=url, path=inside)
        entries = _entries(listed)
        wanted = "".join(f"{sha}\n" for sha, _ in entries.values()).encode()
        most = MOST_BYTES + 200 * len(entries)
        code, content, _ = await self._git(home, ("cat-file", "--batch"), wanted, limit=most)
        if code:
            raise Unavailable("git could not read what it fetched from {url}: try again.", url=url)
        return _folder(entries, content)

    async def _git(
        self, home: str, words: Sequence[str], given: bytes = b"", *, limit: int
    ) -> tuple[int, bytes, bytes]:
        """Run git, and return its exit code, its output up to `limit` bytes, and its complaints."""
        blocks = self._largest // 512
        place = () if words[0] == "clone" else (f"--git-dir={home}/r",)
        process = await asyncio.create_subprocess_exec(
            *("sh", "-c", f'ulimit -f {blocks}; ulimit -c 0; exec git "$@"', "git", *self._settings(), *place, *words),
            stdin=PIPE if given else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            cwd=home,
            env=self._environment(home),
            start_new_session=True,
        )
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_feed(process, given))
                out = group.create_task(_drain(process.stdout, limit))
                err = group.create_task(_drain(process.stderr, 20_000))
            return await process.wait(), out.result(), err.result()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(process.wait())

    def _settings(self) -> list[str]:
        allowed = [f"protocol.{name}.allow=always" for name in self._protocols]
        plain = ["protocol.allow=never", "core.hooksPath=/dev/null", "core.symlinks=false", "core.fsmonitor=false",
                 "fetch.fsckObjects=true", "submodule.recurse=false", "http.followRedirects=false",
                 "credential.helper="]  # fmt: skip
        return [word for setting in (*plain, *allowed) for word in ("-c", setting)]

    def _environment(self, home: str) -> Mapping[str, str]:
        """Return an environment without Dexter's secrets and without anybody's settings for git."""
        kept = {name: os.environ[name] for name in ("PATH", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR",
                                                    "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
                if name in os.environ}  # fmt: skip
        return kept | {
            "HOME": home,
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "/bin/false",
            "GIT_ALLOW_PROTOCOL": ":".join(self._protocols),
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oStrictHostKeyChecking=yes",
        }


def _entries(listed: bytes) -> dict[str, tuple[str, bool]]:
    """Return each file's hash, and whether it may be executed, after all of them were looked at."""
    found: dict[str, tuple[str, bool]] = {}
    sizes: dict[str, int] = {}
    for line in filter(None, listed.split(b"\0")):
        about, _, name = line.partition(b"\t")
        mode, kind, sha, size = about.decode().split()
        path = name.decode(errors="surrogateescape")
        if fault := fault_of_path(path):
            raise BadRequest(fault)
        if mode == "120000":
            raise BadRequest("{path}: that is a symlink: put the file itself there.", path=path)
        if kind != "blob":
            raise BadRequest("{path}: that is a submodule: put the files themselves there.", path=path)
        found[path], sizes[path] = (sha, mode == "100755"), int(size)
        check_count(len(found))
    check_sizes(sizes)
    return found


def _folder(entries: Mapping[str, tuple[str, bool]], content: bytes) -> Folder:
    """Part what `git cat-file --batch` says: for each file a line that ends in its size, its bytes, and an end."""
    files, at = {}, 0
    for path in entries:
        end = content.index(b"\n", at)
        size = int(content[at:end].rpartition(b" ")[2])
        files[path], at = content[end + 1 : end + 1 + size], end + size + 2
    return Folder(files, frozenset(path for path, (_, runs) in entries.items() if runs))


async def _feed(process: Process, given: bytes) -> None:
    if process.stdin:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(given)
            await process.stdin.drain()
        process.stdin.close()


async def _drain(stream: asyncio.StreamReader | None, limit: int) -> bytes:
    """Return what comes, up to `limit` bytes; the rest is read and dropped, so that nobody waits for a reader."""
    kept = bytearray()
    while stream and (piece := await stream.read(1 << 16)):
        kept += piece[: max(0, limit - len(kept))]
    return bytes(kept)


def _explained(url: str, complaint: bytes) -> DexterError:
    if _LOGIN.search(complaint):
        text = "The repository {url} wants a login: set up a key for ssh, or make it readable for Dexter's machine."
        return BadRequest(text, url=url)
    if _LARGE.search(complaint):
        return BadRequest("The repository {url} is too large, or damaged: bring the skill in as a zip.", url=url)
    if _NOTHING.search(complaint):
        text = "There is no repository {url}, or it is not readable from here: check the address."
        return BadRequest(text, url=url)
    return Unavailable("The repository {url} cannot be fetched: check the address and the network.", url=url)


def _without_login(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//…@", url)
