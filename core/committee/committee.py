"""Who deliberates and under which rules: values read from `dexter.toml`, never changed by a run."""

from typing import Literal

from pydantic import Field

from core.entities import Noun


class Limits(Noun):
    """What one collaboration may use; `None` is no limit. Money is US dollars."""

    tokens: int | None = None
    dollars: float | None = None
    seconds: float | None = 600.0


class Member(Noun):
    """One seat: a model under a persona."""

    name: str
    model: str
    """The primary, as litellm names it (`openai/gpt-4o`), or `local/<weights>`, or `scripted/<name>`."""
    fallbacks: tuple[str, ...] = ()
    """Asked in this order when the primary fails."""
    role: str = "specialist"
    persona: str = ""
    """Text of the persona, put into the system prompt."""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    """Weight of its vote, where the rule has weights."""
    skill: float | None = Field(default=None, gt=0, lt=1)
    """Probability of being right, for log-odds weights, early stop and the order of asking."""
    temperature: float = Field(default=0.7, ge=0, le=2)
    max_tokens: int = Field(default=1024, ge=1)
    timeout: float = Field(default=60.0, gt=0)
    """Seconds for one call, retries not included."""
    retries: int = Field(default=2, ge=0, le=10)
    on: bool = True
    """A seat switched off keeps its settings but is not asked."""


class Committee(Noun):
    """A named list of members with a pattern, a voting rule, a quorum and a budget."""

    name: str
    members: tuple[Member, ...]
    chair: str = ""
    """Name of the member that synthesises; empty: the first one that is on."""
    pattern: str = "auto"
    rule: str = ""
    """A name in `voting.RULES`; empty: what the pattern says."""
    quorum: float = Field(default=0.5, gt=0, le=1)
    """The share of members that must answer, and then vote, for a decision to count (rounded up)."""
    grace: float = Field(default=20.0, ge=0)
    """Seconds that a phase stays open for the slow once a quorum is in."""
    self_votes: bool = False
    """Whether a member's vote for its own answer counts."""
    both_orders: bool = False
    """Ask each voter twice, the second time in reverse order, and count both: against position bias."""
    ties: Literal["chair", "confidence", "first", "lot"] = "confidence"
    """What breaks a tie: the chair's ballot, summed confidence, seat order, or a lot seeded by the run."""
    agreement: float = Field(default=0.0, ge=0, le=1)
    """Below this agreement one more round is held, and then 'no agreement' is reported."""
    early_stop: Literal["off", "certain", "posterior"] = "off"
    """Ask the strongest first and stop once the rest cannot change the winner, or the posterior is reached."""
    posterior: float = Field(default=0.95, gt=0.5, lt=1)
    budget: Limits = Limits()

    @property
    def seated(self) -> tuple[Member, ...]:
        """The members that are on."""
        return tuple(member for member in self.members if member.on)
