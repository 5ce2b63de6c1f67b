"""How a committee deliberates: patterns are data files, read here, checked here, and picked by `auto` here."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from core.committee.voting import RULES
from core.entities import Noun
from core.errors import Misconfigured

SHIPPED = Path(__file__).with_name("patterns")
READ = 2000
"""Characters of a question that `auto` looks at: a question a megabyte long must not cost a second."""
GROUPS = ("all", "rest", "chair")
"""Who a phase may name besides the pattern's own parts; `rest` is everyone without a part."""


def _compiles(expression: str) -> str:
    try:
        re.compile(expression)
    except re.error as error:
        raise ValueError(f"{expression!r} is no regular expression: {error}") from None
    return expression


def _exists(rule: str) -> str:
    if rule not in RULES:
        raise ValueError(f"there is no rule {rule!r}; there are {', '.join(RULES)}")
    return rule


Act = Literal["propose", "critique", "revise", "vote"]


class Part(Noun):
    """What one member is cast as, e.g. the attacker."""

    name: str
    prefer: tuple[str, ...] = ()
    """Roles or names of members to cast, best first; `chair` is the chair. Else the next member that is free."""
    brief: str = ""
    """One sentence that the member reads as `$brief`."""


class Phase(Noun):
    """Something that several members are asked at one time."""

    name: str
    act: Act
    """What a reply is: a first answer, a remark on the answers, a later answer, or a ballot."""
    by: tuple[str, ...] = ("all",)
    prompt: str = ""
    """A file in the prompts folder; empty: the name of the act."""
    quorum: float | None = Field(default=None, gt=0, le=1)
    """Where this phase needs a larger share of replies than the committee asks for."""
    reply: Literal["text", "number", "judgement"] = "text"
    """`number`, `judgement`: a reply without a number, or without a yes or no, is asked for again, then garbage.
    Judgements are equal where they say the same, whatever their reasons."""


class Rounds(Noun):
    """Phases that are gone through again and again."""

    repeat: tuple[str, ...]
    """Names of phases that stand side by side."""
    most: int = Field(ge=1, le=10)
    until: Literal["leader", "spread"]
    """The leader cannot change any more, or the spread of the estimates has settled."""
    spread: float = Field(default=0.1, gt=0)
    """Settled once the middle half of the estimates spans at most this share of the median."""


class Auto(Noun):
    """When `auto` picks this pattern: the first one, by `order`, of which one expression is found in the question."""

    order: int
    match: tuple[Annotated[str, AfterValidator(_compiles)], ...]
    most_words: int | None = None
    """Only for questions of at most this many words."""
    why: str
    """Why it was picked, for the reader."""


class Drafting(Noun):
    """How much is written for a draft, and how often it is mended."""

    samples: int = Field(default=3, ge=1, le=20)
    """Programs more that each author writes, where the first ones do not settle it."""
    rounds: int = Field(default=2, ge=0, le=10)
    """How often failures go back to their authors."""
    tests: int = Field(default=5, ge=1, le=30)
    """That each critic is asked for."""
    enough: int = Field(default=2, ge=1)
    """Programs, written apart, that must pass all examples and give the same on every call, for more to be needless."""
    temperature: float = Field(default=0.8, ge=0, le=2)
    """Of all programs but each author's first."""
    tokens: int = Field(default=512, ge=64)
    """A reply may have at least so many: code is longer than an answer."""

    @property
    def test_tokens(self) -> int:
        """Return how many a reply with tests may have: 40 for each, and for a word before them."""
        return 40 + 40 * self.tests


class Pattern(Noun):
    """A way to deliberate."""

    name: str
    summary: str
    when: str
    """When to use it."""
    phases: tuple[Phase, ...] = Field(min_length=1)
    parts: tuple[Part, ...] = ()
    rounds: Rounds | None = None
    rule: Annotated[str, AfterValidator(_exists)] = "plurality"
    vote: Literal["ballots", "answers", "median", "none"] = "ballots"
    """What is counted: ballots; the answers themselves where all can be compared (else ballots); their median;
    or nothing."""
    answer: Literal["winner", "synthesis", "solo"] = "winner"
    members: int = Field(default=1, ge=1)
    """Fewer members than this cannot play it."""
    auto: Auto | None = None
    recipe: str = ""
    """Who carries it, by the name that the service knows; empty: the recipe of all deliberations."""
    drafting: Drafting | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        names = [phase.name for phase in self.phases]
        known = {*GROUPS, *(part.name for part in self.parts)}
        if strange := {who for phase in self.phases for who in phase.by} - known:
            raise ValueError(f"phases name the unknown parts {', '.join(sorted(strange))}")
        if len(set(names)) != len(names) or "answer" in names:
            raise ValueError("every phase needs a name of its own, and `answer` is taken")
        if self.rounds and not _side_by_side(self.rounds.repeat, names):
            raise ValueError("rounds.repeat must name phases that stand side by side, in their order")
        if self.vote in ("ballots", "answers") and not any(phase.act == "vote" for phase in self.phases):
            raise ValueError(f"vote = {self.vote!r} needs a phase whose act is vote")
        return self


def _side_by_side(repeat: tuple[str, ...], names: list[str]) -> bool:
    at = names.index(repeat[0]) if repeat and repeat[0] in names else -1
    return at >= 0 and tuple(names[at : at + len(repeat)]) == repeat


def load_patterns(folder: Path | None = None) -> dict[str, Pattern]:
    """Read every `.toml` file of `folder` (Dexter's own if none is given); a pattern's name is its file's.

    Raises `Misconfigured` naming the file and what is wrong in it.
    """
    found = {path.stem: _read(path) for path in sorted((folder or SHIPPED).glob("*.toml"))}
    if not found:
        raise Misconfigured(
            "There is no pattern in {folder}; put at least one .toml file there.", folder=folder or SHIPPED
        )
    return found


def _read(path: Path) -> Pattern:
    try:
        return Pattern.model_validate({"name": path.stem, **tomllib.loads(path.read_text("utf-8"))})
    except (OSError, ValueError, ValidationError) as error:
        raise Misconfigured("The pattern {path} cannot be read: {error}", path=path, error=error) from error


def choose(question: str, patterns: Mapping[str, Pattern]) -> tuple[Pattern, str]:
    """Return the pattern that fits the question best, and why in words; cheap: a few expressions, no model."""
    text = " ".join(question[:READ].lower().split())
    words = len(question[:READ].split())
    candidates = sorted((p for p in patterns.values() if p.auto), key=lambda p: p.auto.order if p.auto else 0)
    for pattern in candidates:
        if pattern.auto and _asks(pattern.auto, text, words):
            return pattern, pattern.auto.why
    fallback = patterns.get("panel") or next(iter(patterns.values()))
    return fallback, "nothing in the question asks for a special pattern"


def _asks(auto: Auto, text: str, words: int) -> bool:
    if auto.most_words is not None and words > auto.most_words:
        return False
    return any(re.search(expression, text) for expression in auto.match)
