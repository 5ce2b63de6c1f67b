"""What happens in a run, said once and never changed, and the one envelope that carries it."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from core.campaigns.moment import Moment
from core.entities import Noun, Status
from core.sentences import Sentence
from core.skills.results import Approval, Done, Drafted, Started, TestRun


class Call(Noun):
    """What one model call took, whatever came of it. Money is US dollars; `None` means the price is not known."""

    member: str
    phase: str
    model: str
    """The model that answered last (a fallback may have stepped in)."""
    provider: str = ""
    seconds: float = 0.0
    first_token_seconds: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    bound: bool = False
    """Whether part of the cost is the most that a try which was cut off can have cost."""
    retries: int = 0
    outcome: str = "ok"
    """`ok`, or the reason of the absence it ended in."""


class Usage(Noun):
    """What a collaboration took in all."""

    models: int = 0
    calls: int = 0
    tokens: int = 0
    cost: float | None = 0.0
    """US dollars; `None` as soon as one call's price is unknown."""
    bound: bool = False
    """Whether it cost that or less, as of a call that was cut off."""
    seconds: float = 0.0


class Seat(Noun):
    """A member as the reader sees it."""

    member: str
    role: str
    model: str


class Asked(Noun):
    """A run has begun."""

    kind: Literal["asked"] = "asked"
    question: str
    asker_name: str
    committee: str
    pattern: str
    seats: tuple[Seat, ...]
    phases: tuple[str, ...]
    """The phases to come, in order, so that progress can be shown out of how many."""
    why: str = ""
    """Why `auto` picked this pattern, in words; empty if a person chose it."""
    language: str = "en"
    """Of Dexter's own words in the run's posts."""
    asker: str = ""
    """`Principal.id` of the person who asked, for a chat that shows progress to them first."""
    note: Sentence | None = None
    """How it came about, where a schedule started it."""


class PhaseStarted(Noun):
    """Members have been asked something."""

    kind: Literal["phase"] = "phase"
    phase: str
    round: int = 1
    members: tuple[str, ...]


class Proposal(Noun):
    """A member's first answer, known to the others only under its label."""

    kind: Literal["proposal"] = "proposal"
    member: str
    label: str
    text: str
    value: str | None = None
    """The comparable answer inside the text (a letter, a number, a short string, JSON), in normal form."""
    call: Call


class Critique(Noun):
    """A member's remarks on the answers."""

    kind: Literal["critique"] = "critique"
    member: str
    text: str
    call: Call


class Revision(Noun):
    """A member's second or later answer."""

    kind: Literal["revision"] = "revision"
    member: str
    label: str
    text: str
    value: str | None = None
    round: int = 1
    call: Call


class Ballot(Noun):
    """One member's own structured vote, translated back from what it was shown into candidates' labels."""

    kind: Literal["ballot"] = "ballot"
    member: str
    ranking: tuple[tuple[str, ...], ...] = ()
    """Labels, best first; labels in one inner tuple are tied; missing labels are unranked."""
    scores: dict[str, float] = {}
    """Label to score from 0 to 10, where the rule asks for scores."""
    confidence: float = 1.0
    """0 to 1, the member's own."""
    reason: str = ""
    calls: tuple[Call, ...]


class Absence(Noun):
    """A member gave nothing in a phase, and why."""

    kind: Literal["absence"] = "absence"
    member: str
    phase: str
    reason: Literal["timeout", "refused", "garbage", "budget", "error", "late", "spared"]
    """`late`: the phase had closed at quorum plus grace; `spared`: early stop made the call needless."""
    detail: str
    """One sentence for a person."""
    sentence: Sentence | None = None
    """What `detail` begins with, where that can be said in other languages."""
    call: Call | None = None


class Spread(Noun):
    """What a Delphi or debate round ended in."""

    kind: Literal["spread"] = "spread"
    round: int
    median: float | None = None
    low: float | None = None
    high: float | None = None
    agreement: float | None = None
    settled: bool


class Standing(Noun):
    """One candidate (a group of equal answers) in a tally."""

    label: str
    """The first label of the group."""
    members: tuple[str, ...]
    """Who proposed it; more than one where equal answers were merged."""
    text: str
    """The answer's text, or for comparable answers the value."""
    score: float
    """In the rule's own unit: votes, points, strength."""
    first_votes: int = 0
    eliminated_in: int | None = None
    """The round, where the rule has rounds."""


class Agreement(Noun):
    """How far the ballots agree."""

    measure: Literal["Kendall's W", "1 - normalised entropy"]
    value: float
    """0 (none) to 1 (complete)."""


EXECUTED = "agreement of tests"
"""The rule of a tally that was computed from running programs: its standings have shares from 0 to 1, nobody voted,
and `eligible` is how many tests there were."""


class Tally(Noun):
    """The count."""

    kind: Literal["tally"] = "tally"
    rule: str
    standings: tuple[Standing, ...]
    """Best first."""
    winner: str | None
    """A label, or `None` where there was no agreement."""
    margin: float = 0.0
    """Winner's score less the runner-up's, in the rule's unit."""
    tie: bool = False
    tie_broken_by: str = ""
    """The stated rule that broke the tie; empty where there was none."""
    voters: int
    eligible: int
    absences: tuple[Absence, ...] = ()
    agreement: Agreement | None = None
    saved_calls: int = 0
    """Model calls that early stop made needless."""
    exact: bool = True
    """False where early stop ended on a posterior: the remaining ballots could have changed the winner."""
    own_votes: bool = True
    """False where a ballot ranked its voter's own answer and that was left out of the count."""


class Dissent(Noun):
    """What the strongest losing side held, and why."""

    kind: Literal["dissent"] = "dissent"
    members: tuple[str, ...]
    label: str
    text: str
    reasons: tuple[str, ...] = ()
    votes: int = 0


class Answer(Noun):
    """The end of a run, complete in itself: what the asker gets."""

    kind: Literal["answer"] = "answer"
    status: Status
    text: str
    """The answer; where there is none, one sentence that says why and what to do."""
    sentence: Sentence | None = None
    """What `text` begins with of Dexter's own, where that can be said in other languages."""
    how: Literal["winner", "synthesis", "solo", "sides", "none"]
    """The winning answer, the chair's synthesis, one model alone, both sides without a winner, or no answer."""
    sources: tuple[str, ...] = ()
    """Members whose answers it draws on."""
    tally: Tally | None = None
    dissent: Dissent | None = None
    absences: tuple[Absence, ...] = ()
    calls: tuple[Call, ...] = ()
    """Calls that no other happening tells of: the chair's synthesis, and what a stop cut off."""
    drafted: Drafted | None = None
    """The version of a skill that came of it, where it was asked for one."""
    usage: Usage


class Note(Noun):
    """Something the reader should know about the run itself."""

    kind: Literal["note"] = "note"
    text: str
    sentence: Sentence | None = None
    """What `text` begins with, where that can be said in other languages."""


class Feedback(Noun):
    """A person's thumb on an answer."""

    kind: Literal["feedback"] = "feedback"
    person: str
    good: bool
    comment: str = ""


Happening = Annotated[
    Asked
    | PhaseStarted
    | Proposal
    | Critique
    | Revision
    | Ballot
    | Absence
    | Spread
    | Tally
    | Dissent
    | Answer
    | Note
    | Feedback
    | Started
    | TestRun
    | Drafted
    | Done
    | Approval
    | Moment,
    Field(discriminator="kind"),
]


class Event(Noun):
    """The envelope: which run, whose, where to, when, and one happening."""

    key: str
    """Unique inside the run and the same on every replay, e.g. `vote:1:analyst`."""
    run: str
    tenant: str
    address: str
    at: datetime
    body: Happening

    @property
    def id(self) -> str:
        """Return the key of the effect, `{run}:{key}`."""
        return f"{self.run}:{self.key}"
