"""Signatures: Ed25519 (RFC 8032) over canonical JSON, and the fingerprints by which people compare keys."""

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import JsonValue

from core.entities import Noun
from core.errors import BadRequest
from core.skills.registry.canonical import canonical, damaged, read_json

LARGEST = 200_000
"""Bytes of a signed statement."""
PURPOSE = b"dexter skill statement 1\n"
"""Stands before what is signed, so that no signature that was made for something else fits here."""


class Signed(Noun):
    """What somebody said, by whose key, and the proof."""

    body: dict[str, JsonValue]
    key: str
    """The public key: 32 bytes as base64."""
    signature: str
    """64 bytes as base64."""

    def written(self) -> bytes:
        """Return it as one line of JSON."""
        return canonical(self.model_dump(mode="json"))


class Signer:
    """Signs with one private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.key = base64.b64encode(key.public_key().public_bytes_raw()).decode()
        """The public key: 32 bytes as base64."""

    def sign(self, body: dict[str, JsonValue]) -> Signed:
        """Return what is said, signed."""
        signature = self._key.sign(PURPOSE + canonical(body))
        return Signed(body=body, key=self.key, signature=base64.b64encode(signature).decode())


def read_signed(content: bytes) -> Signed:
    """Return what was signed, once the signature was found to fit. Raises `BadRequest`."""
    found = read_json(content, LARGEST)
    body, key, signature = found.get("body"), found.get("key"), found.get("signature")
    if len(found) != 3 or not isinstance(body, dict) or not isinstance(key, str) or not isinstance(signature, str):
        raise damaged()
    signed = Signed(body=body, key=key, signature=signature)
    verify(signed)
    return signed


def verify(signed: Signed) -> None:
    """Raise `BadRequest` unless the signature fits what was said and the key."""
    try:
        public = Ed25519PublicKey.from_public_bytes(_bytes(signed.key, 32))
        public.verify(_bytes(signed.signature, 64), PURPOSE + canonical(signed.body))
    except (InvalidSignature, ValueError):
        raise BadRequest(
            "The signature does not fit: what it stands under was changed after it was signed, or never was signed "
            "by that key. Nothing of it was used."
        ) from None


def fingerprint(key: str) -> str:
    """Return what people compare a key by: the first 32 hex digits (128 bits) of its SHA-256, in groups of four."""
    digits = hashlib.sha256(_bytes(key, 32)).hexdigest()[:32]
    return ":".join(digits[at : at + 4] for at in range(0, 32, 4))


def _bytes(text: str, size: int) -> bytes:
    """Return bytes that are written in base64 in the one way there is. Raises `ValueError`."""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError from None
    if len(found) != size or base64.b64encode(found).decode() != text:
        raise ValueError
    return found
