"""Tokens at rest: sealed with Fernet (AES and HMAC) under a key that is not in the database."""

import re

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from core.errors import Misconfigured

MAKE_ONE = "openssl rand -base64 32 | tr +/ -_"
"""The command that prints a new key."""


class Seal:
    """Seals with the first of its keys, and opens what any of them has sealed, so that a key can be exchanged."""

    def __init__(self, keys: str) -> None:
        """Take keys with commas or spaces between, the one in force first. Raises `Misconfigured`."""
        try:
            made = [Fernet(key) for key in re.split(r"[,\s]+", keys.strip()) if key]
        except ValueError:
            made = []
        if not made:
            raise Misconfigured(
                "`slack.encryption_key` is not a key: it takes 32 random bytes in URL-safe base64. Make one with "
                "`{make}`, and keep it apart from the database.",
                make=MAKE_ONE,
            )
        self._newest, self._all = made[0], MultiFernet(made)

    def shut(self, token: str) -> str:
        """Return a token, sealed."""
        return self._all.encrypt(token.encode()).decode()

    def open(self, sealed: str) -> str:
        """Return a token as it was. Raises `Misconfigured` where none of the keys has sealed it."""
        try:
            return self._all.decrypt(sealed).decode()
        except InvalidToken:
            raise Misconfigured(
                "The Slack tokens in the database are sealed with another key: put the key of before behind the new "
                "one in `slack.encryption_key`, with a comma between."
            ) from None

    def is_newest(self, sealed: str) -> bool:
        """Tell whether the first key has sealed it."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True
