"""Fetch the pinned uv from the package index with nothing but Python itself, check its hash, and unpack its program.

usage: get_uv.py FOLDER   puts `bin/uv` there; the index is UV_DEFAULT_INDEX or PIP_INDEX_URL, else PyPI
"""

import base64
import hashlib
import html
import io
import os
import platform
import re
import ssl
import sys
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

PINS = Path(__file__).with_name("uv.txt")
TIMEOUT = 60.0


def main() -> None:
    """Put uv into the folder that the command line names."""
    pins = PINS.read_text(encoding="utf-8")
    version = re.search(r"^uv==(\S+)", pins, re.MULTILINE)[1]
    allowed = set(re.findall(r"sha256:([0-9a-f]{64})", pins))
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple"
    try:
        page = f"{index.rstrip('/')}/uv/"
        wheel = get(find(get(page).decode(), page, version))
    except OSError as error:
        sys.exit(f"uv cannot be fetched ({error}): connect to a package index, or name a mirror in PIP_INDEX_URL.")
    found = hashlib.sha256(wheel).hexdigest()
    if found not in allowed:
        sys.exit(f"uv came with SHA-256 {found}, which deploy/uv.txt does not name: it is refused.")
    unpack(wheel, Path(sys.argv[1]) / "bin" / "uv")


def find(page: str, address: str, version: str) -> str:
    """Return the address of the wheel for this machine, out of an index page."""
    for link in re.findall(r'href="([^"]+)"', page):
        url = urllib.parse.urljoin(address, html.unescape(link))
        name = urllib.parse.unquote(urllib.parse.urlsplit(url).path.rpartition("/")[2])
        if name.startswith(f"uv-{version}-") and name.endswith(".whl") and fits(name):
            return url
    sys.exit(f"The package index has no uv {version} for {platform.system()} on {platform.machine()}: install uv.")


def fits(wheel: str) -> bool:
    """Tell whether a wheel is for this machine."""
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    system = {"Linux": libc, "Darwin": "macosx"}.get(platform.system(), "?")
    return system in wheel and wheel.endswith(f"_{platform.machine()}.whl")


def get(url: str) -> bytes:
    """Return what is at an address; a name and password in it are sent as such, not as part of the host."""
    parts = urllib.parse.urlsplit(url)
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="").geturl()
    request = urllib.request.Request(address)  # noqa: S310 - an index's address
    if parts.username:
        login = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    trust = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    with urllib.request.urlopen(request, timeout=TIMEOUT, context=trust) as reply:  # noqa: S310 - an index's address
        return bytes(reply.read())


def unpack(wheel: bytes, program: Path) -> None:
    """Write uv's program out of the wheel, in one move."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        program.parent.mkdir(parents=True, exist_ok=True)
        partial = program.with_suffix(".part")
        partial.write_bytes(archive.read(name))
    partial.chmod(0o755)
    partial.replace(program)


if __name__ == "__main__":
    main()
