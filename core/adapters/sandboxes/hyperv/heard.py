"""What a program in a guest says: piece by piece while it runs, and all of it again at its end."""

import base64

from core.adapters.sandboxes.following import NOBODY, Following

SAID = "said:"
"""What the host puts before a piece, among the stages that it tells."""


class Heard:
    """Keeps what was said, and passes each byte on once, however often it comes."""

    def __init__(self, most: int = 0, following: Following = NOBODY) -> None:
        """`most`: bytes of each channel that are taken."""
        self._most = most
        self._said = {"o": bytearray(), "e": bytearray()}
        self._pass_on = {"o": following.out, "e": following.err}

    def news(self, message: str) -> None:
        """Take a piece as the host tells it: the letter of a channel, and Base64. Raises ValueError and KeyError."""
        letter, piece = message[len(SAID)], message[len(SAID) + 1 :]
        self._take(letter, base64.b64decode(piece, validate=True))

    def whole(self, letter: str, content: bytes) -> str:
        """Take all that was said on a channel, and return it as text."""
        self._take(letter, content[len(self._said[letter]) :])
        return self.text(letter)

    def text(self, letter: str) -> str:
        """Return what is known to have been said on a channel."""
        return self._said[letter].decode(errors="replace")

    def _take(self, letter: str, content: bytes) -> None:
        said = self._said[letter]
        new = content[: self._most - len(said)]
        said += new
        self._pass_on[letter](new)
