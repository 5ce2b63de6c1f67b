"""What is asked of a member, what came of it, and the record of it whatever that was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from core.budget import Budget
from core.committee.committee import Member
from core.committee.gate import Gate
from core.entities import Noun
from core.errors import ModelError, ModelGarbage, ModelRefused, ModelTimeout
from core.events import Absence, Call
from core.ports import Completion, Message, Prompt
from core.sentences import Sentence, joined, said

Reason = Literal["timeout", "refused", "garbage", "budget", "error", "late"]
REASONS: Mapping[type[ModelError], Reason] = {
    ModelTimeout: "timeout",
    ModelRefused: "refused",
    ModelGarbage: "garbage",
}
CUT_OFF = "[…]"
"""Behind a reply that reached its limit of tokens; the same in every language."""


class Reply(Noun):
    """What came of asking a member once, as a step remembers it: text, an absence, or neither where the run stopped."""

    member: str
    text: str = ""
    cut: bool = False
    """Whether the text ended at its limit of tokens."""
    data: Any = None
    calls: tuple[Call, ...] = ()
    absence: Absence | None = None
    stopped: bool = False
    seconds: float = 0.0
    """From being asked to the end, retries and waiting included."""

    @property
    def good(self) -> bool:
        """True where the member gave what it was asked for."""
        return self.absence is None and not self.stopped

    @property
    def shown(self) -> str:
        """The text as others read it: where it was cut off it says so, behind what it left open."""
        if not self.cut:
            return self.text
        return self.text + (f"\n```\n\n{CUT_OFF}" if self.text.count("```") % 2 else f" {CUT_OFF}")


@dataclass(frozen=True, slots=True)
class Ask:
    """What one member is asked in one phase."""

    key: str
    """The step's key, unique in the run."""
    member: Member
    phase: str
    messages: tuple[Message, ...]
    max_tokens: int
    schema: dict[str, Any] | None = None
    accept: Callable[[Completion], object] = field(default=lambda completion: None)
    """Raises `ModelGarbage` where the reply is not what was asked for."""


@dataclass(slots=True)
class Trace:
    """What is known of an ask so far, so that one that is cut off is recorded too."""

    model: str
    begun: float
    tries: int = 0
    heard: bool = False
    """Whether words of it were streamed: they cannot be taken back, so that no later try is streamed."""
    error: ModelError | None = None
    sent: Prompt | None = None
    """What is under way."""
    received: list[Completion] = field(default_factory=list)
    """Every completion, also those that were not what was asked for: they cost as well."""
    lost: list[float | None] = field(default_factory=list)
    """What each try that was cut off can have cost at most; `None` is not known."""

    def came(self, completion: Completion) -> None:
        """Take down what came of a try."""
        self.sent = None
        self.received.append(completion)

    def failed(self, error: ModelError) -> None:
        """Take down what a try ended in, and what came of it all the same."""
        self.sent, self.error = None, error
        if isinstance(error.completion, Completion):
            self.received.append(error.completion)

    def took(self, at: float) -> float:
        """Return the seconds from being asked to `at`."""
        return at - self.begun


def reason_of(error: ModelError) -> Reason:
    """Return what the absence is called that a failed call ends in."""
    return next((reason for kind, reason in REASONS.items() if isinstance(error, kind)), "error")


def record(ask: Ask, trace: Trace, at: float, outcome: str) -> tuple[Call, ...]:
    """Return the record of what was sent; nothing where nothing was."""
    if not trace.tries:
        return ()
    last = trace.received[-1] if trace.received else None
    answered = last if outcome == "ok" else None
    call = Call(
        member=ask.member.name,
        phase=ask.phase,
        model=answered.model if answered else trace.model,
        provider=last.provider if last else trace.model.partition("/")[0],
        seconds=answered.seconds if answered else trace.took(at),
        first_token_seconds=last.first_token_seconds if last else None,
        prompt_tokens=sum(completion.prompt_tokens for completion in trace.received),
        completion_tokens=sum(completion.completion_tokens for completion in trace.received),
        cost=_cost(trace),
        bound=any(trace.lost),
        retries=trace.tries - 1,
        outcome=outcome,
    )
    return (call,)


def _cost(trace: Trace) -> float | None:
    """Add up what came, and the most that what was cut off can have cost; a call that failed outright costs nothing."""
    costs = [*(completion.cost for completion in trace.received), *trace.lost]
    return None if None in costs else sum(cost for cost in costs if cost is not None)


def absent(ask: Ask, trace: Trace, at: float, reason: Reason, why: Sentence) -> Reply:
    """Return the reply of a member that gave nothing, with the reason and a sentence about it."""
    calls = record(ask, trace, at, reason)
    absence = Absence(
        member=ask.member.name,
        phase=ask.phase,
        reason=reason,
        detail=str(why),
        sentence=why,
        call=calls[0] if calls else None,
    )
    return Reply(member=ask.member.name, calls=calls, absence=absence, seconds=trace.took(at))


def cut_off(ask: Ask, trace: Trace, at: float, gate: Gate, budget: Budget) -> Reply:
    """Say why a call ended before its reply: the run was stopped, the phase closed, or time was up."""
    who = ask.member.name
    if gate.why == "stopped":
        calls = record(ask, trace, at, "stopped")
        return Reply(member=who, calls=calls, stopped=True, seconds=trace.took(at))
    if gate.why == "late":
        why = said("{member} had not answered when enough others had and the grace was over.", member=who)
        return absent(ask, trace, at, "late", why)
    left = budget.seconds_left()
    if left is not None and left <= trace.took(at) + 0.05:
        return absent(ask, trace, at, "budget", said("The time for the question was up before the reply came."))
    silent = said("{member} gave no reply in {seconds:.0f} s.", member=who, seconds=trace.took(at))
    last = [said("The last error: {error}", error=trace.error.sentence)] if trace.error else []
    return absent(ask, trace, at, "timeout", joined([silent, *last]))
