"""What the guest's root file system is made of: Python, the commands of a shell, and what stands around a program."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.adapters.sandboxes.bubblewrap import filter, line
from core.adapters.sandboxes.bubblewrap.python import Python
from core.adapters.sandboxes.microvm.archive import Part
from core.adapters.sandboxes.microvm.kernel import Kernel
from core.adapters.sandboxes.microvm.order import rehearsal

_HERE = Path(__file__).parent / "inside"
_SHARED = Path(line.__file__).parent / "inside"
_LISTS = Path("/var/lib/dpkg/info")
_PACKAGES = ("coreutils", "bash", "dash", "diffutils", "findutils", "grep", "gzip", "sed", "tar")
"""Of Debian, whose commands a program finds; for all others there is busybox."""
_LEFT_OUT = {"test", "tests", "site-packages", "dist-packages", "idlelib", "tkinter", "turtledemo", "ensurepip"}
_COMMANDS, _LIBRARIES = "usr/bin", "usr/lib/x86_64-linux-gnu"
_LOADER = "lib64/ld-linux-x86-64.so.2"
_FOLDERS = ("dev", "dexter/cgroup", "libraries", "proc", "program", "tmp", "work")
_LINKS = {"bin": "usr/bin", "sbin": "usr/bin", "usr/sbin": "bin", "lib": "usr/lib", "lib64": "usr/lib64"}
_TIMEOUT = 60.0


def of_guest(interpreter: Python, busybox: Path) -> Iterator[Part]:
    """Yield the whole root file system. Raises OSError or `subprocess.SubprocessError`."""
    yield from ((name, None) for name in _FOLDERS)
    yield from _LINKS.items()
    yield from (("dexter/" + file.name, file) for folder in (_SHARED, _HERE) for file in sorted(folder.glob("*.py")))
    yield "dexter/filter", filter.compiled(memfd=True)
    yield from zip(("dexter/rehearsal.json", "dexter/rehearsal"), rehearsal(), strict=True)
    python = list(_of_python(interpreter))
    commands = dict(_of_packages())
    yield from python
    yield from commands.items()
    yield from _of_busybox(busybox, {*commands, f"{_COMMANDS}/python3"})
    yield from _libraries([file for _, file in [*python, *commands.items()] if isinstance(file, Path)])


def _of_python(interpreter: Python) -> Iterator[Part]:
    home = interpreter.home or Path("/usr")
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}" if interpreter.home else ""
    inside = Path(interpreter.inside)
    real = (home / "bin" / inside.name).resolve()
    version = version or real.name
    yield str(inside).lstrip("/"), real
    if str(inside) != f"/{_COMMANDS}/python3":
        yield f"{_COMMANDS}/python3", str(inside)
    library = Path("lib", version)
    for file in sorted((home / library).rglob("*")):
        within = file.relative_to(home / library)
        left_out = _LEFT_OUT & set(within.parts) or within.parts[0].startswith("config-")
        if not left_out and not file.is_symlink() and file.is_file():
            yield str(inside.parents[1] / library / within).lstrip("/"), file


def _of_packages() -> Iterator[Part]:
    for package in _PACKAGES:
        listed = _LISTS / f"{package}.list"
        for path in sorted(listed.read_text().splitlines()) if listed.exists() else []:
            file = Path(path)
            if file.parent.name in ("bin", "sbin") and file.is_file():
                yield f"{_COMMANDS}/{file.name}", file.resolve()


def _of_busybox(busybox: Path, there: set[str]) -> Iterator[Part]:
    yield f"{_COMMANDS}/busybox", busybox
    told = subprocess.run([busybox, "--list"], capture_output=True, timeout=_TIMEOUT, check=True).stdout.decode()
    names = {f"{_COMMANDS}/{name}" for name in told.split()}
    yield from ((name, "busybox") for name in sorted(names - there - {f"{_COMMANDS}/busybox"}))


def of_start(kernel: Kernel, busybox: Path) -> Iterator[Part]:
    """Yield what the kernel starts with, before there is a disk."""
    yield from (("dev", None), ("root", None), ("modules", None), ("bin", None))
    yield "bin/busybox", busybox
    yield "init", _HERE / "init"
    yield "modules/order", "".join(f"{file.name}\n" for file in kernel.modules).encode()
    yield from ((f"modules/{file.name}", file) for file in kernel.modules)


def _libraries(files: Sequence[Path]) -> Iterator[Part]:
    """Yield the libraries that these files load, all in the one folder where they are looked for."""
    binaries = [str(file) for file in files if _is_binary(file)]
    told = subprocess.run(["ldd", *binaries], capture_output=True, timeout=_TIMEOUT, check=False).stdout.decode()
    found = {name: Path(path) for name, path in re.findall(r"^\s+(\S+) => (/\S+) ", told, re.MULTILINE)}
    yield from ((f"{_LIBRARIES}/{name}", path.resolve()) for name, path in sorted(found.items()))
    yield f"usr/{_LOADER}", Path("/", _LOADER).resolve()


def _is_binary(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(4) == b"\x7fELF"
