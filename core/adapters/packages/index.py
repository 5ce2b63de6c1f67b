"""pip as a client of whatever index this machine is set up for: it resolves and downloads, and installs nothing."""

import asyncio
import contextlib
import importlib.util
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from core.errors import BadRequest, DexterError, NotFound, Unavailable
from core.skills.skill import LockedPackage

_SECONDS = 300.0
_OPTIONS = ("--only-binary", ":all:", "--no-input", "--retries", "2", "--disable-pip-version-check", "--no-cache-dir")
_SHOWN = 300
_OFFLINE = re.compile(r"Retrying \(|Could not fetch URL|ConnectionError|ReadTimeout|ProxyError|SSLError|HTTP error")


async def resolved(requirements: Sequence[str]) -> list[LockedPackage]:
    """Return the versions that pip would install, with the files that they come in.

    Raises `BadRequest` where there are none that go together, `Unavailable` where the index does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="dexter-pip-") as folder:
        report = Path(folder) / "report"
        await _pip("install", "--dry-run", "--ignore-installed", "--report", str(report), *requirements)
        text = await asyncio.to_thread(report.read_bytes)
    try:
        return [_locked(entry) for entry in json.loads(text)["install"]]
    except (ValueError, LookupError, TypeError) as error:
        raise Unavailable("pip says of the packages what cannot be read: {reason}.", reason=error) from error


async def fetched(packages: Sequence[LockedPackage], folder: Path) -> None:
    """Bring the wheels of packages into a folder, each of exactly the version and the content that it is locked to."""
    lines = "".join(f"{each.name}=={each.version} --hash=sha256:{each.sha256}\n" for each in packages)
    listed = folder / "requirements.txt"
    await asyncio.to_thread(listed.write_text, lines)
    options = ("--no-deps", "--require-hashes", "--dest", str(folder), "--requirement", str(listed))
    await _pip("download", *options)


def _locked(entry: dict[str, Any]) -> LockedPackage:
    info = entry["download_info"]
    file = unquote(urlsplit(info["url"]).path).rpartition("/")[2]
    sha256 = info["archive_info"]["hashes"]["sha256"]
    return LockedPackage(name=entry["metadata"]["name"], version=entry["metadata"]["version"], file=file, sha256=sha256)


async def _pip(command: str, *words: str) -> None:
    if importlib.util.find_spec("pip") is None:
        raise Unavailable("Packages for skills are fetched by pip, which is not installed beside Dexter: `make setup`.")
    with tempfile.TemporaryDirectory(prefix="dexter-pip-") as scratch:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "pip", command, *_OPTIONS, *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "TMPDIR": scratch},
        )
        try:
            async with asyncio.timeout(_SECONDS):
                said, _ = await process.communicate()
        except TimeoutError as error:
            text = "The package index has not answered in {seconds:g} seconds: try again later."
            raise Unavailable(text, seconds=_SECONDS) from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
    if process.returncode:
        raise _failure(said.decode(errors="replace"))


def _failure(complaint: str) -> DexterError:
    """Return what pip's complaint means to a person."""
    errors = [line.removeprefix("ERROR:").strip() for line in complaint.splitlines() if line.startswith("ERROR:")]
    reason = " ".join(errors)[:_SHOWN] or complaint.strip()[-_SHOWN:] or "it says nothing"
    if "DO NOT MATCH THE HASHES" in complaint:
        return Unavailable("A package is not what it was when the skill was made: its index gives another file.")
    if _OFFLINE.search(complaint):
        return Unavailable("The package index does not answer: {reason}. Try again later.", reason=reason)
    if "No matching distribution" in complaint and (found := re.search(r"distribution found for (\S+)", complaint)):
        text = "There is no package {name} with a wheel for this machine: another range, or another package?"
        return NotFound(text, name=found[1][:120])
    if "ResolutionImpossible" in complaint or "conflict" in complaint.lower():
        wanted = [line.strip() for line in complaint.splitlines() if " depends on " in line or " requested " in line]
        return BadRequest("The packages do not go together: {why}.", why="; ".join(wanted[:6])[:_SHOWN] or reason)
    return BadRequest("The packages cannot be had: {reason}", reason=reason)
