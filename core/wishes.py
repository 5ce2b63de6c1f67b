"""What a program may have beyond its bounds, each thing by its name: secrets, and hosts that it may reach."""

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from core.errors import BadRequest

HTTPS = 443
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_TAKEN = re.compile(
    r"(LD_|PYTHON|BASH_|DYLD_|GCONV_|LOCPATH|IFS$|ENV$|PATH$|HOME$|LANG$|LC_|HTTPS?_PROXY$|NO_PROXY$).*"
)
"""What would change how programs start rather than be a secret."""
_HOST = re.compile(r"(?P<name>[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]+\])(:(?P<port>[0-9]{1,5}))?")
_STRUCK = "***"
_SHORTEST = 4
"""Characters of a secret that is struck out; shorter ones stand everywhere."""


def check_secrets(secrets: Mapping[str, SecretStr]) -> None:
    """Raise `BadRequest` for a name that no secret can have."""
    for name in secrets:
        if not _NAME.fullmatch(name) or _TAKEN.match(name):
            raise BadRequest("“{name}” is no name for a secret: use capitals, as in `API_TOKEN`.", name=name[:64])
        if "\0" in secrets[name].get_secret_value():
            raise BadRequest("The secret {name} has a character in it that no variable takes.", name=name)


def target(host: str) -> tuple[str, int]:
    """Return the name, in lower case, and the port of `host` or `host:port`. Raises `BadRequest`."""
    found = _HOST.fullmatch(host.lower())
    port = int(found["port"] or HTTPS) if found else 0
    if not found or not 0 < port < 1 << 16:
        raise BadRequest("“{host}” names no host: write `api.example.com` or `api.example.com:8443`.", host=host[:80])
    return found["name"].strip("[]"), port


def refuse_wishes(secrets: Mapping[str, SecretStr], network: Sequence[str]) -> None:
    """Raise `BadRequest` where there are any: for sandboxes that fulfil none."""
    if secrets:
        raise BadRequest("This sandbox hands no secrets to programs: run it where bubblewrap does.")
    if network:
        raise BadRequest("This sandbox lets programs reach no host: run it where bubblewrap does.")


def public(address: str) -> bool:
    """Tell whether an address is out in the world: not this machine, its network, or a detour to either."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return public(str(inner))
    return found.is_global and not found.is_multicast


def literal(host: str) -> bool:
    """Tell whether a host is named by its address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def struck(value: Any, secrets: Iterable[SecretStr]) -> Any:
    """Return a text, or JSON, with every secret struck out of it."""
    words = _words(secrets)
    return _struck(value, words) if words else value


class Striking:
    """Strikes secrets out of a text that comes in pieces: what may become one is held back until it is known."""

    def __init__(self, secrets: Iterable[SecretStr]) -> None:
        self._words = _words(secrets)
        self._held = ""

    def next(self, piece: str, *, last: bool = False) -> str:
        """Return what can be shown by now; all pieces together are what `struck` makes of the whole text."""
        text = self._held + piece
        at = len(text) if last else self._sure(text)
        self._held = text[at:]
        return str(_struck(text[:at], self._words))

    def _sure(self, text: str) -> int:
        """Return up to where no secret begins whose end is not there yet, and none lies across."""
        longest = len(self._words[0]) if self._words else 0
        ends = range(max(0, len(text) - longest + 1), len(text))
        at = next((at for at in ends if any(word.startswith(text[at:]) for word in self._words)), len(text))
        while across := [start for word in self._words if (start := _across(word, text, at)) >= 0]:
            at = min(across)
        return at


def _across(word: str, text: str, at: int) -> int:
    """Return where a word begins that lies on both sides of a place; -1 where it does not."""
    return text.find(word, max(0, at - len(word) + 1), at + len(word) - 1)


def _words(secrets: Iterable[SecretStr]) -> list[str]:
    """Return what is struck out, the longest first: secrets, and what JSON writes for them."""
    words = [word for secret in secrets if len(word := secret.get_secret_value()) >= _SHORTEST]
    words += [written for word in words if (written := json.dumps(word)[1:-1]) != word]
    return sorted(words, key=len, reverse=True)


def _struck(value: Any, words: Sequence[str]) -> Any:
    if isinstance(value, str):
        for word in words:
            value = value.replace(word, _STRUCK)
        return value
    if isinstance(value, list):
        return [_struck(item, words) for item in value]
    return (
        {_struck(key, words): _struck(item, words) for key, item in value.items()} if isinstance(value, dict) else value
    )
