"""Slack's signature: tells its requests from anybody else's, and a request from its repetition.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import time
from collections import Counter, OrderedDict
from collections.abc import Callable

OLDEST = 300.0
"""Seconds that a request may be old, or ahead of this clock."""

KEPT = 50_000
"""Signatures that are remembered; Slack sends an app some 2,500 requests in `OLDEST` seconds at most."""


class Signatures:
    """Checks requests, and counts those that it refuses by the reason: `signature`, `old`, `replayed`."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret, self._clock = secret.encode(), clock
        self._taken: OrderedDict[str, float] = OrderedDict()
        self.refused: Counter[str] = Counter()

    def take(self, body: bytes, timestamp: str, signature: str) -> bool:
        """Tell whether a request is Slack's, and new."""
        why = self._fault(body, timestamp, signature)
        if why:
            self.refused[why] += 1
            return False
        self._taken[signature] = self._clock()
        return True

    def give_back(self, signature: str) -> None:
        """Let a request come again that could not be answered: Slack repeats it, perhaps within the same second."""
        self._taken.pop(signature, None)

    def _fault(self, body: bytes, timestamp: str, signature: str) -> str:
        self._forget()
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
            return "signature"
        if abs(self._clock() - int(timestamp)) > OLDEST:
            return "old"
        signed = hmac.new(self._secret, f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(f"v0={signed}".encode(), signature.encode()):
            return "signature"
        return "replayed" if signature in self._taken else ""

    def _forget(self) -> None:
        """Forget what would be too old by now; a signature is valid for twice `OLDEST`, once ahead and once behind."""
        while self._taken:
            signature, at = next(iter(self._taken.items()))
            if len(self._taken) <= KEPT and self._clock() - at <= 2 * OLDEST:
                return
            del self._taken[signature]
