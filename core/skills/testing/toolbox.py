"""What tests are run with, as a folder that a sandbox may see: copied once from Dexter's own environment."""

import asyncio
import compileall
import contextlib
import hashlib
import py_compile
import shutil
import sys
import tempfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from core.caches import for_sandboxes
from core.errors import Unavailable

TOOLS = ("pytest", "hypothesis", "coverage")


async def toolbox() -> Path:
    """Return the folder, made where it is not there yet. Raises `Unavailable` where it cannot be kept."""
    return await asyncio.to_thread(_made, for_sandboxes())


def _made(cache: Path) -> Path:
    found = _needed()
    versions = " ".join(sorted(f"{name} {each.version}" for name, each in found.items()))
    folder = cache / f"toolbox-{hashlib.sha256(f'{sys.version} {versions}'.encode()).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="toolbox-", dir=cache) as made:
            _fill(Path(made) / "new", found)
            with contextlib.suppress(FileExistsError, OSError if folder.is_dir() else FileExistsError):
                (Path(made) / "new").rename(folder)
    except OSError as error:
        text = "What tests are run with cannot be kept in {folder}: {reason}. Make room there."
        raise Unavailable(text, folder=cache, reason=error.strerror or error) from error
    return folder


def _needed() -> dict[str, Distribution]:
    """Return the tools and all that they need, by name."""
    found: dict[str, Distribution] = {}
    waiting = list(TOOLS)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name not in found:
            found[name] = distribution(name)
            needs = map(Requirement, found[name].requires or ())
            waiting += [need.name for need in needs if not need.marker or need.marker.evaluate({"extra": ""})]
    return found


def _fill(folder: Path, found: dict[str, Distribution]) -> None:
    """Copy what was installed, without what belongs elsewhere, and compile it: nobody can write there later."""
    for each in found.values():
        for file in each.files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                target = folder / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target)
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(folder, quiet=2, invalidation_mode=mode, stripdir=str(folder))
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
