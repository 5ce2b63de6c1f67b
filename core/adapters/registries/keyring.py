"""The publisher's private key: made once, in a file that nobody else can read."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from core.errors import Misconfigured
from core.skills.registry.signing import Signer

LARGEST = 10_000


def load_signer(file: Path, passphrase: str = "") -> Signer:
    """Return the key in a file, which is made where it is not there. Blocks. Raises `Misconfigured`."""
    try:
        if not file.exists():
            _make(file, passphrase.encode())
        mode, content = stat.S_IMODE(file.stat().st_mode), file.read_bytes()[:LARGEST]
    except OSError as error:
        text = "The publisher's key {file} cannot be read or made: {why}."
        raise Misconfigured(text, file=file, why=error.strerror) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        text = "The publisher's key {file} can be read by others: `chmod 600` it, or make a new one."
        raise Misconfigured(text, file=file)
    try:
        key = load_pem_private_key(content, passphrase.encode() or None)
    except (ValueError, TypeError):
        text = "The publisher's key {file} cannot be opened: check `registry.passphrase`, and that it is a PEM file."
        raise Misconfigured(text, file=file) from None
    if not isinstance(key, Ed25519PrivateKey):
        text = "The publisher's key {file} is of another kind: `openssl genpkey -algorithm ed25519` makes one."
        raise Misconfigured(text, file=file)
    return Signer(key)


def _make(file: Path, passphrase: bytes) -> None:
    """Write a new key, whole or not at all; of two that try at once one wins."""
    sealed = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed)
    file.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=".key-", dir=file.parent)  # readable for nobody else from the start
    try:
        with open(number, "wb") as opened:  # noqa: PTH123  a descriptor
            opened.write(content)
        with contextlib.suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()
