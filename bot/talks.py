"""The words of answers while they come, on their way to the chats that can show them.

Best effort: what is lost here is in the answer, which comes through the outbox.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bot.live import Live
from bot.shapes import Address, Chat, Speaks, channel_of
from core.events import Answer, Asked, Event
from core.skills.results import Done

MOST = 20_000
"""Characters that may wait; what comes after them is dropped."""


@dataclass(slots=True)
class Talk:
    """What is being said in one run, and the message of progress that shows it."""

    address: Address
    words: str = ""
    message: str = ""
    """Empty until there is one."""

    def hear(self, text: str) -> None:
        """Take in the next words."""
        if len(self.words) < MOST:
            self.words += text

    def take(self) -> str:
        """Return the words that wait, which wait no longer."""
        words, self.words = self.words, ""
        return words


class Talks:
    """The runs of this process whose words a chat wants."""

    def __init__(self, live: Live, chats: Mapping[str, Chat], wake: Callable[[Address], None]) -> None:
        self._live, self._chats, self._wake = live, chats, wake
        self._talks: dict[str, Talk] = {}

    def attend(self, event: Event) -> None:
        """Listen to a run from its first event to its last."""
        match event.body:
            case Asked() as asked if isinstance(self._chats.get(event.address.partition(":")[0]), Speaks):
                talk = self._talks[event.run] = Talk(event.address)
                self._live.listen(event.run, _phases(asked), lambda text: self._hear(talk, text))
            case Answer() | Done():
                self.leave(event.run)
            case _:
                pass

    def leave(self, run: str) -> None:
        """Listen to a run no longer."""
        self._live.unlisten(run)
        self._talks.pop(run, None)

    def shown(self, run: str, address: Address, message: str) -> None:
        """Note the message that shows a run's progress."""
        if talk := self._talks.get(run):
            talk.address, talk.message = address, message

    def waiting(self, channel: Address) -> tuple[str, Talk] | None:
        """Return a run of a channel with words to be said, if there is one."""
        return next(((run, talk) for run, talk in self._talks.items() if _ready(talk, channel)), None)

    def _hear(self, talk: Talk, text: str) -> None:
        talk.hear(text)
        if talk.message:
            self._wake(channel_of(talk.address))


def _phases(asked: Asked) -> Iterable[str]:
    """The chair's synthesis; where one model answers alone, its only phase too."""
    return ("answer", *asked.phases) if len(asked.seats) == 1 else ("answer",)


def _ready(talk: Talk, channel: Address) -> bool:
    return bool(talk.words and talk.message) and channel_of(talk.address) == channel
