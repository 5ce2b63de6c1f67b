"""The guest's kernel: Debian's own, as a package puts it on this machine, and the modules that a guest needs of it."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BOOT = Path("/boot")
MODULES = Path("/lib/modules")
_NEEDED = ("virtio_mmio", "virtio_blk", "virtio_console", "squashfs")


@dataclass(frozen=True, slots=True)
class Kernel:
    """One that can be booted."""

    image: Path
    modules: tuple[Path, ...]
    """In the order in which they are loaded."""


def find(named: Path | None = None) -> Kernel | None:
    """Return the kernel that is named, else the newest here; one made for virtual machines before others of its age."""
    for image in [named] if named else sorted(BOOT.glob("vmlinuz-*"), key=_age, reverse=True):
        version = image.name.removeprefix("vmlinuz-")
        modules = _modules(MODULES / version)
        if modules is not None and os.access(image, os.R_OK):
            return Kernel(image, modules)
    return None


def _age(image: Path) -> tuple[list[int], bool]:
    return [int(part) for part in re.findall(r"\d+", image.name.partition("-")[2])], "cloud" in image.name


def _modules(folder: Path) -> tuple[Path, ...] | None:
    """Return what is to be loaded, each after what it needs; `None` where something is missing or packed."""
    try:
        rows = dict(line.split(":", 1) for line in (folder / "modules.dep").read_text().splitlines())
        fixed = {_name(line) for line in (folder / "modules.builtin").read_text().splitlines()}
    except OSError:
        return None
    files = {_name(file): file for file in rows}
    found: list[str] = []
    for name in _NEEDED:
        if name in fixed:
            continue
        if name not in files:
            return None
        found += [file for file in _with_needs(files[name], rows) if file not in found]
    paths = tuple(folder / file for file in found)
    return paths if all(path.suffix == ".ko" and path.is_file() for path in paths) else None


def _with_needs(file: str, rows: dict[str, str]) -> Iterator[str]:
    """Yield a module after all that it needs, which its row names from the last needed to the first."""
    yield from reversed(rows[file].split())
    yield file


def _name(file: str) -> str:
    return Path(file).name.partition(".")[0].replace("-", "_")
