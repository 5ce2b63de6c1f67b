"""What core needs from outside, and nothing about who provides it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

from core.entities import Backlog, Channel, Collaboration, Due, Image, Noun, Principal, Status
from core.events import Call, Event, Usage
from core.sandbox import Follow, Isolation, Limits, Program, Ran
from core.skills.record import Record, Trial
from core.skills.registry.index import Found, Head
from core.skills.registry.package import Package
from core.skills.registry.signing import Signed
from core.skills.registry.trust import Entry, Origin, Pin, Rating
from core.skills.skill import LockedPackage, Move, Skill, SkillVersion

T = TypeVar("T")
Words = Callable[[str, str], None]
"""Called with a member's name and the next words of what it is saying; must return at once."""
Emit = Callable[[Event], Awaitable[None]]
"""Write an event down and pass it on. Emitting the same `Event.id` again changes nothing."""


class Message(Noun):
    """One turn of a prompt."""

    role: str
    """`system`, `user` or `assistant`."""
    content: str
    images: tuple[Image, ...] = ()
    """Shown behind the text; only ever sent to a model that sees."""


class Prompt(Noun):
    """One call to a model: exactly one attempt, no retries."""

    model: str
    messages: tuple[Message, ...]
    temperature: float = 0.7
    max_tokens: int = 1024
    timeout: float = 60.0
    """Seconds for the whole reply, streamed or not."""
    reply_schema: Mapping[str, Any] | None = None
    """JSON Schema of the reply, where a structured one is wanted."""


class Completion(Noun):
    """What came back."""

    text: str
    cut: bool = False
    """Whether it ended at its limit of tokens, in the middle of what there was to say."""
    data: Any = None
    """The reply as JSON, checked against the schema, where one was given."""
    model: str
    provider: str
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    """US dollars, `None` where the price is not known (never 0 for unknown)."""
    seconds: float
    first_token_seconds: float | None = None


class Model(Protocol):
    """The way out to language models."""

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        """Return the reply; stream its words to `words` on the way where one is given.

        Raises a `core.errors.ModelError`; never anything else but `asyncio.CancelledError`.
        """

    async def quote(self, prompt: Prompt) -> float | None:
        """Return about how many US dollars a call can cost at most; `None` where the price is not known."""

    async def sees(self, model: str) -> bool:
        """Tell whether a model takes images; one that nobody knows does not."""


class Steps(Protocol):
    """Durable memory of a run: a step that has finished is not done again after a crash."""

    async def once(self, key: str, work: Callable[[], Awaitable[T]], shape: type[T]) -> T:
        """Return what `work` returned, now or before the crash. `shape` (a Noun) is how it is read back.

        Steps may run side by side; they must be begun in the same order on every replay. `work` may run twice
        (a crash between its effect and the record), so every effect carries its own key.
        """

    def stopping(self) -> bool:
        """True once a person has asked for the run to stop."""


class Directory(Protocol):
    """Who people are."""

    async def find(self, tenant: str, person: str, name: str) -> Principal:
        """Return the principal with its role; `name` is what the platform shows."""


class Store(Protocol):
    """How core and bot keep things. Every method is one transaction; no query crosses tenants."""

    async def collaboration(self, tenant: str, id: str, *, reader: str | None = None) -> Collaboration:
        """Return it by id or by an unambiguous prefix of at least 4 characters. Raises `NotFound`.

        To a `reader` (a `Principal.id`), here as in lists, what others asked in private is not there.
        """

    async def recent(
        self, tenant: str, *, asker: str | None = None, reader: str | None = None, limit: int = 20
    ) -> Sequence[Collaboration]:
        """Return the newest first, without the files that came with them."""

    async def search(
        self, tenant: str, words: str, *, reader: str | None = None, limit: int = 20
    ) -> Sequence[Collaboration]:
        """Full-text search over questions and answers, best match first, without the files that came with them."""

    async def settle(self, run: str, status: Status, answer: str = "") -> None:
        """Set a collaboration's status (and answer and end, once it is over). A status that is over stays."""

    async def append(self, event: Event, slots: Sequence[str] = ()) -> bool:
        """Write an event and its calls down, and mark `slots` of its run as due for posting, in one transaction.

        A run that the event ends is settled in it too, if it is not over. Returns False, and writes nothing else, where
        `event.id` is there already.
        """

    async def history(self, tenant: str, run: str) -> Sequence[Event]:
        """Return a run's events in the order they were written."""

    async def latest(self, tenant: str, kinds: Sequence[str], *, limit: int = 1000) -> Sequence[Event]:
        """Return the newest events of some kinds, oldest first, for statistics."""

    async def spent(self, tenant: str, *, asker: str | None, day: date) -> Usage:
        """Return what a tenant, or one person in it, has used on a day (UTC)."""

    async def channel(self, tenant: str, address: str) -> Channel:
        """Return what is set for a channel, by its address without a thread; the defaults where nothing is."""

    async def keep_channel(self, channel: Channel) -> None:
        """Set everything for a channel, in place of what was set before."""

    async def started_by(self, tenant: str, run: str, prefix: str) -> str:
        """Return the platform's key that started a run, where it begins with `prefix`; else nothing."""

    async def calls(self, tenant: str, *, limit: int = 10_000) -> Sequence[Call]:
        """Return the newest model calls, for statistics."""


class Outbox(Protocol):
    """Posts that are due: one row a run and slot, so that what happens fast is merged, and nothing is lost.

    A row is due while something of its slot was appended after what was last posted. Several workers may claim at
    once; a claim is a lease that runs out if its worker dies.
    """

    async def claim(self, worker: str, *, limit: int = 50, lease: float = 60.0) -> Sequence[Due]:
        """Take due rows, oldest first, for `lease` seconds, and count an attempt on each."""

    async def renew(self, worker: str, due: Due, lease: float = 60.0) -> bool:
        """Hold a claim for `lease` seconds from now; False where another has taken it meanwhile."""

    async def posted(self, due: Due, message: str) -> None:
        """Note that everything up to `due.upto` is shown as `message`, and give the claim back."""

    async def postpone(self, due: Due, seconds: float, error: str) -> None:
        """Give the claim back; the row is due again after `seconds`."""

    async def bury(self, due: Due, reason: str) -> None:
        """Never try this row again; `status` shows the reason."""

    async def backlog(self, tenant: str) -> Backlog:
        """Return how many posts of a tenant wait, since when, and which were given up and why."""


class Runs(Protocol):
    """The engine that carries runs through crashes."""

    async def start(self, collaboration: Collaboration, inbox_key: str) -> bool:
        """Accept a question: inbox row, collaboration and run in one transaction.

        Returns False, starting nothing, where `inbox_key` was accepted before (a redelivery).
        Raises `Unavailable` where the line at the door is full.
        """

    async def stop(self, run: str) -> bool:
        """Ask a run to stop; True if it was still going. What it has already said stays."""

    async def wait(self, run: str) -> None:
        """Return once the run is over."""


class Sandbox(Protocol):
    """Where programs run that nobody trusts: without network, host files, host processes or host environment.

    There is no way to run without isolation: where it is not what it should be, `run` raises.
    """

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        """Run it once, alone, and return what came of it. Nothing of it is left afterwards, however it ended.

        What it says is passed to `follow` as it comes: all of it before this returns, and nothing that is not in what
        this returns. Cancelling kills it. Raises `Misconfigured` with the remedy where isolation does not hold, and
        `Unavailable` where too many wait or the sandbox itself failed.
        """

    async def check(self) -> Isolation:
        """Try to get out, from inside, and return what holds. Raises nothing: what is missing is in what it returns."""

    async def aclose(self) -> None:
        """Kill what runs and give everything back."""


class SkillStore(Protocol):
    """How skills are kept. Every method is one transaction; no query crosses tenants; what is kept never changes."""

    async def add(self, version: SkillVersion, files: Mapping[str, bytes]) -> bool:
        """Keep a version, and its files by their SHA-256. Returns False, changing nothing, where it is there already.

        Raises `BadRequest` where its number has other content, or a skill with a name that looks the same is there.
        """

    async def skills(self, tenant: str, *, offset: int = 0, limit: int = 20) -> Sequence[Skill]:
        """Return skills by name."""

    async def search(self, tenant: str, words: str, *, offset: int = 0, limit: int = 20) -> tuple[Sequence[Skill], int]:
        """Return skills that have all the words, or words they begin, in their names or descriptions.

        The best match comes first; the number is of all that there are.
        """

    async def count(self, tenant: str) -> int:
        """Return how many skills there are."""

    async def versions(self, tenant: str, names: Sequence[str]) -> Sequence[SkillVersion]:
        """Return all versions of some skills, in the order in which they came."""

    async def contents(self, tenant: str, hashes: Sequence[str]) -> Mapping[str, bytes]:
        """Return files by their SHA-256."""

    async def move(self, tenant: str, name: str, version: str, move: Move) -> SkillVersion:
        """Take a step in the life of a version, and return it after. Raises `NotFound` and `BadRequest`.

        A run takes a step to one stage once alone: doing it again changes nothing.
        """

    async def decide(
        self, event: Event, slots: Sequence[str], name: str, version: str, *, before: str, move: Move | None
    ) -> SkillVersion:
        """Write a person's approval down, and take the step that it allows, in one transaction.

        Raises `BadRequest`, changing nothing, where `event.id` is there already, or where the version in force is no
        longer `before` (empty: none).
        """

    async def note(self, trial: Trial) -> bool:
        """Count a trial; False, changing nothing, where its run was counted for that version before."""

    async def records(self, tenant: str, versions: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Record]:
        """Return what is known of versions, by name and number, in one query; nothing of those never tried."""

    async def stalest(self, tenant: str, *, limit: int) -> Sequence[tuple[str, str, bool]]:
        """Return promoted versions, those first whose last test is the longest ago, and whether it failed."""

    async def users(self, tenant: str, name: str, version: str) -> Sequence[tuple[str, str]]:
        """Return the versions, not retired themselves, that were locked to this one: each name and number."""


class Registry(Protocol):
    """Where skills are shared: a folder or a web server with an index and signed packages. All of it is hostile.

    Every method raises `Unavailable` where it does not answer, and `BadRequest` where what it says is damaged.
    """

    @property
    def name(self) -> str:
        """Return what the settings call it."""

    @property
    def place(self) -> str:
        """Return where it is, by which it is remembered."""

    @property
    def remote(self) -> bool:
        """Tell whether it is run by somebody else, as far as one can see."""

    async def index(self) -> Head:
        """Read what is new in its index, and return the head of it."""

    async def search(self, words: str, limit: int = 20) -> Sequence[Found]:
        """Return the skills that fit the words, best first; the best of all where there are no words."""

    async def entry(self, name: str) -> Entry:
        """Return what the index says of a skill, as of the last `index`. Raises `NotFound`."""

    async def fetch(self, name: str, version: str) -> Package:
        """Return a package, of which nothing was verified yet. Raises `NotFound`."""

    async def publish(self, package: Package) -> None:
        """Put a package there; the same again changes nothing. Raises `BadRequest` with what is against it."""

    async def say(self, signed: Signed) -> None:
        """Pass on a `Yank`, a `Vote` or `Uses`. Raises `BadRequest` with what is against it."""

    async def aclose(self) -> None:
        """Give back what it holds."""


class Packages(Protocol):
    """Python packages that skills may use, from a list of those allowed."""

    async def lock(self, requirements: Sequence[str]) -> tuple[LockedPackage, ...]:
        """Return exact versions of what is required and of all that this needs.

        Raises `BadRequest` for what is not allowed or does not go together, `NotFound` for what there is no wheel of,
        `Unavailable` where the index does not answer.
        """

    async def folders(self, locked: Sequence[LockedPackage]) -> tuple[Path, ...]:
        """Return a folder for each package that Python imports from, fetched first where it is not there.

        Every user of this machine can read them. Raises `NotFound` for what has vanished, `BadRequest` for a wheel
        that is refused, `Unavailable` for one that is not what it was, or where the index does not answer.
        """


class Trust(Protocol):
    """What a tenant remembers of registries. Every method is one transaction; no query crosses tenants."""

    async def pin(self, tenant: str, publisher: str) -> Pin | None:
        """Return the key that a publisher is known by, if it is known."""

    async def keep_pin(self, pin: Pin, *, instead: bool = False) -> Pin:
        """Know a publisher by a key from now on, and return the pin in force: the first stays but for `instead`."""

    async def origins(self, tenant: str, skill: str = "") -> Sequence[Origin]:
        """Return where the versions of a skill, or of all skills, came from, in the order in which they came."""

    async def keep_origin(self, origin: Origin) -> Origin:
        """Remember a package, and return what is remembered of that version: the first stays."""

    async def serial(self, tenant: str, registry: str) -> int:
        """Return the highest number of a registry's index that was seen; 0 where none was."""

    async def keep_serial(self, tenant: str, registry: str, serial: int) -> None:
        """Remember that a registry's index had this number; a higher one that was seen stays."""

    async def ratings(self, tenant: str, skill: str) -> Sequence[Rating]:
        """Return what people here gave a skill."""

    async def keep_rating(self, rating: Rating) -> None:
        """Remember what a person gives a skill, in place of what they gave it before."""
