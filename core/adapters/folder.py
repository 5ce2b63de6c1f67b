"""Files put into a folder that an administrator named, each whole or not at all, and nothing outside of it."""

import asyncio
import os
import re
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from core.errors import BadRequest, Misconfigured, Unavailable

_SAFE = re.compile(r"[\w][\w. -]{0,80}(/[\w][\w. -]{0,80}){0,5}")


class Folder:
    """A folder for reports."""

    def __init__(self, root: Path | None) -> None:
        """`None`: no folder is set, and nothing is put anywhere."""
        self._root = root

    def check(self, folder: str) -> Path:
        """Return where files would go. Raises `Misconfigured` without a folder, `BadRequest` for one outside of it."""
        if self._root is None:
            raise Misconfigured("No folder for reports is set: an administrator names one as `reports.folder`.")
        root = self._root.expanduser().resolve()
        if folder in ("", "."):
            return root
        if not _SAFE.fullmatch(folder) or not (path := (root / folder).resolve()).is_relative_to(root):
            raise BadRequest("“{folder}” is not a folder below the one for reports.", folder=folder[:60])
        return path

    async def put(self, folder: str, files: Mapping[str, bytes]) -> Path:
        """Write files in place of those of the same names, and return the folder. Raises also `Unavailable`."""
        path = self.check(folder)
        try:
            await asyncio.to_thread(_write, path, files)
        except OSError as error:
            raise Unavailable("{folder} cannot be written ({why}).", folder=path, why=error.strerror or "") from error
        return path


def _write(path: Path, files: Mapping[str, bytes]) -> None:
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        part = path / f".{uuid4().hex}.part"
        try:
            with part.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path / name)
        finally:
            part.unlink(missing_ok=True)
