"""The root file system that Dexter makes for its containers: empty folders, and links into this machine's /usr.

/usr itself, and Python where it lies elsewhere, are mounted read-only from this machine. So the image is a few
kilobytes that need no network, are made in a moment whatever the engine's storage is, and never grow old.
"""

import hashlib
import io
import tarfile

PREFIX = "localhost/dexter-sandbox-"
_FOLDERS = (
    *("dev", "dexter", "etc", "etc/alternatives", "libraries", "proc", "program", "python", "run", "sys", "tmp", "usr"),
    *("var", "var/tmp", "work"),
)
_MODES = {"tmp": 0o1777, "work": 0o1777}
_FILES = ("etc/hostname", "etc/hosts", "etc/ld.so.cache", "etc/resolv.conf")
_LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}


def archive() -> bytes:
    """Return it as a tar archive, the same each time."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name in _FOLDERS:
            tar.addfile(_entry(name, tarfile.DIRTYPE, _MODES.get(name, 0o755)))
        for name in _FILES:
            tar.addfile(_entry(name, tarfile.REGTYPE, 0o644))
        for name, target in _LINKS.items():
            link = _entry(name, tarfile.SYMTYPE, 0o777)
            link.linkname = target
            tar.addfile(link)
    return content.getvalue()


def repository() -> str:
    """Return the name under which an engine keeps it: another content has another name."""
    return f"{PREFIX}{hashlib.sha256(archive()).hexdigest()[:16]}"


def _entry(name: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = kind, mode
    return entry
