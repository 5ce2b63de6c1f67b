"""Which Python runs inside: Dexter's own where the sandbox may read it, else the system's."""

import sys
from dataclasses import dataclass
from pathlib import Path

_SYSTEM = Path("/usr")
_SEEN = "/python"


@dataclass(frozen=True, slots=True)
class Python:
    """An interpreter."""

    inside: str
    """Its path in the sandbox."""
    home: Path | None = None
    """Where it lies on this machine, unless that is in /usr, which is there anyway."""
    seen: str = _SEEN


def find(uid: int | None) -> Python | None:
    """Return the interpreter. `uid`: who runs it, where that is not who runs Dexter."""
    home = Path(sys.base_prefix).resolve()
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if home.is_relative_to(_SYSTEM) and (home / "bin" / version).exists():
        return Python(f"{home}/bin/{version}")
    if (home / "bin" / version).exists() and (uid is None or open_to_all(home / "bin" / version)):
        return Python(f"{_SEEN}/bin/{version}", home)
    return Python("/usr/bin/python3") if Path("/usr/bin/python3").exists() else None


def open_to_all(file: Path) -> bool:
    """Tell whether anyone may run a file or look into a folder: by the rights of others on it and on all above."""
    return all(each.stat().st_mode & 0o001 for each in (file, *file.parents))
