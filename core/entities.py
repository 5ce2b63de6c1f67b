"""Things with a life. An entity is never changed in place: a change is a new copy."""

import base64
import hashlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class Noun(BaseModel):
    """The root of every noun: frozen, and strict about names it does not know."""

    # Numbers that are not finite become text in JSON: as null they could not be read back.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    def but(self, **changes: object) -> Self:
        """Return a copy with `changes`."""
        return self.model_copy(update=changes)


class Status(StrEnum):
    """Where a collaboration is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    ANSWERED = "answered"
    DISAGREED = "no agreement"
    NO_QUORUM = "no quorum"
    DONE = "done"
    """What is no question ends so, whether it was found good or not."""
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def over(self) -> bool:
        """True once nothing more will happen by itself."""
        return self not in (Status.QUEUED, Status.RUNNING)


class Role(StrEnum):
    """What a person is to Dexter, least first; `core.access` says what each may do."""

    GUEST = "guest"
    MEMBER = "member"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class Principal(Noun):
    """A person as Dexter knows them inside one tenant."""

    tenant: str
    """A Slack workspace `slack:T1`, a Discord server `discord:123`, or `local`."""
    id: str
    """Unique inside the tenant, e.g. `slack:U1`; never a name or a mail address."""
    name: str
    """For display and prompts."""
    role: Role


class Image(Noun):
    """A picture as models are shown it: small, written anew, and nothing in it but what can be seen."""

    media: Literal["image/png", "image/jpeg"]
    data: str = Field(repr=False)
    """Base64, 1.5 MB at most."""
    width: int
    height: int
    """Pixels."""


class Document(Noun):
    """A file given as context, already turned into text, or into a picture."""

    name: str
    text: str
    kind: str = ""
    """What it was, for the members: `PDF, 20 pages`; empty for plain text."""
    image: Image | None = None


class Task(Noun):
    """What a run does that asks no committee: work on a skill."""

    kind: Literal["run", "test", "promote", "install", "check", "campaign", "report"]
    """Run a version, run its tests, make it ready for promotion, bring it in from a registry, test all skills; or be a
    campaign's own thread, which no engine carries; or make a report."""
    skill: str = ""
    """Its name; empty where all are meant."""
    version: str = ""
    """Always a number once it is started, where one skill is meant."""
    input: dict[str, JsonValue] = {}
    """What `run` was given, as the version's input schema wants it; of `report`, what is to be in it."""
    source: str = ""
    """Of `install`: the registry and what it is to hand out there."""
    unpromoted: bool = False
    """Of `run`: the person may run what is not promoted, and named it."""


class Aim(Noun):
    """What a run is for, where it is a step of a campaign."""

    campaign: str
    """Its id."""
    objective: str = ""
    purpose: Literal["plan", "work", "judge", "report"]
    without: tuple[str, ...] = ()
    """Members who are not asked, as they did the work that is judged."""


class Collaboration(Noun):
    """One question put to a committee, with its thread and its status; or a task, which has the same life."""

    id: str
    """Also the run's id; see `run_id`."""
    tenant: str
    asker: str
    """`Principal.id` of the person who asked."""
    asker_name: str
    address: str
    """Where its posts go; opaque to core, e.g. `slack:T1:C1:169…`."""
    question: str
    context: tuple[Document, ...] = ()
    committee: str = "default"
    pattern: str = "auto"
    """A pattern's name, or `auto` to let Dexter pick one from the question."""
    parent: str | None = None
    """The collaboration that `again` repeated."""
    language: str = "en"
    """Of Dexter's own words in its posts."""
    status: Status = Status.QUEUED
    created_at: datetime
    ended_at: datetime | None = None
    answer: str = ""
    """The answer's text once there is one, for lists and search."""
    task: Task | None = None
    """What to do instead of asking; `question` is then what the person typed."""
    aim: Aim | None = None
    """There where it is a step of a campaign: it is in no list, and posts nothing of its own."""
    private: bool = False
    """Asked between Dexter and the asker alone: nobody else finds it or is shown it."""
    note: str = ""
    """How it came about, where a schedule started it: a sentence, as `core.sentences.kept` writes it."""


class Channel(Noun):
    """What those who may have set for one channel; the defaults hold where nobody set anything."""

    tenant: str
    address: str
    """The channel's, without a thread: `slack:T1:C1`."""
    committee: str = ""
    """Who deliberates where the person does not say; empty: `default`."""
    pattern: str = ""
    """How, where the person does not say; empty: `auto`."""
    listen: Literal["mention", "every"] = "mention"
    """Whether Dexter takes every message as a question, or those that name it."""
    thread_only: bool = True
    """Answers stay in their threads; if not, they are shown in the channel as well."""
    language: str = ""
    """Of Dexter's own words here, e.g. `de`; empty: the person's."""
    quiet: str = ""
    """When Dexter speaks only if it is named, and posts nothing of its own accord: `22:00-07:00 Europe/Berlin`."""
    reaction: str = ""
    """The emoji, by its name, that asks the committee about the message that it is put on; empty: none does."""
    zone: str = ""
    """Whose clock the times that are named here go by, e.g. `Europe/Berlin`; empty: the person's."""


class Due(Noun):
    """A slot of a run whose post is not yet, or no longer, what the journal says."""

    run: str
    tenant: str
    address: str
    slot: str
    """`question`, `progress`, `answer`, …: posts with the same slot replace each other."""
    upto: int
    """The journal's number of the newest event that marked the slot."""
    message: str | None = None
    """The chat's id of the message that shows this slot so far."""
    root: str | None = None
    """The chat's id of the run's `question` message, where Dexter posted one to open the thread."""
    attempts: int = 1
    """Claims since the last success, this one included: above 1, an earlier try may have got through."""


class Backlog(Noun):
    """How far a tenant's posts lag behind its journal."""

    waiting: int = 0
    """Posts that are still to be made or renewed."""
    oldest: datetime | None = None
    """Since when the first of them waits, or until when it was put off."""
    buried: int = 0
    """Posts that were given up."""
    reasons: tuple[str, ...] = ()
    """Why, for the newest few: `{run} {slot}: {reason}`."""


def run_id(tenant: str, key: str) -> str:
    """Derive a run's id from the platform's own event id, so that a redelivered event names the same run.

    Twelve lower-case base-32 characters (60 bits of SHA-256): short enough to type.
    """
    digest = hashlib.sha256(f"{tenant}\0{key}".encode()).digest()
    return base64.b32encode(digest)[:12].decode().lower()


def now() -> datetime:
    """Return the time in UTC; the one clock of core and storage."""
    return datetime.now(UTC)
