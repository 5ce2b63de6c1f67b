"""What a run, a person and a tenant may use: looked at before each call, charged after it."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from core.committee.committee import Limits
from core.entities import Noun, now
from core.errors import OverBudget
from core.events import Call, Usage
from core.sentences import Sentence, said


class Quotas(Noun):
    """What may be used in a day (UTC)."""

    person: Limits = Limits(seconds=None)
    tenant: Limits = Limits(seconds=None)


class Whose(Noun):
    """Whose limit it is, in the words of the sentence that refuses."""

    tokens: Sentence
    """For tokens, with places for `most`, `used` and `remedy`; so the others."""
    seconds: Sentence
    dollars: Sentence
    unpriced: Sentence
    remedy: Sentence
    """What to do about it."""


RUN = Whose(
    tokens=said("This question may use {most:,} tokens and has used {used:,}. {remedy}"),
    seconds=said("This question may take {most:,.0f} s and has taken {used:,.0f} s. {remedy}"),
    dollars=said("This question may cost ${most:,.2f} and has cost ${used:,.4f}. {remedy}"),
    unpriced=said(
        "This question may cost ${most:,.2f}, but the price of a model that it used is not known, so that the "
        "limit cannot be kept. {remedy}"
    ),
    remedy=said("Ask a smaller question, or have `budget` of the committee raised in dexter.toml."),
)
PERSON = RUN.but(
    tokens=said("You may use {most:,} tokens a day and have used {used:,}. {remedy}"),
    seconds=said("You may use {most:,.0f} s a day and have used {used:,.0f} s. {remedy}"),
    dollars=said("You may spend ${most:,.2f} a day and have spent ${used:,.4f}. {remedy}"),
    unpriced=said(
        "You may spend ${most:,.2f} a day, but the price of a model that you used is not known, so that the "
        "limit cannot be kept. {remedy}"
    ),
)
TENANT = RUN.but(
    tokens=said("All of you together may use {most:,} tokens a day and have used {used:,}. {remedy}"),
    seconds=said("All of you together may use {most:,.0f} s a day and have used {used:,.0f} s. {remedy}"),
    dollars=said("All of you together may spend ${most:,.2f} a day and have spent ${used:,.4f}. {remedy}"),
    unpriced=said(
        "All of you together may spend ${most:,.2f} a day, but the price of a model that you used is not known, "
        "so that the limit cannot be kept. {remedy}"
    ),
)
UNPRICED = said("An administrator can set the limit in tokens instead, or seat models with known prices.")
Spent = Callable[[str | None], Awaitable[Usage]]
"""Return what a person (or, for `None`, the whole tenant) has used today."""


def usage_of(calls: Sequence[Call], seconds: float) -> Usage:
    """Add calls up. The cost is `None` (unknown) as soon as one call's price is; `seconds` is the time that passed."""
    costs = [call.cost for call in calls]
    return Usage(
        models=len({call.model for call in calls}),
        calls=len(calls),
        tokens=sum(call.prompt_tokens + call.completion_tokens for call in calls),
        cost=None if None in costs else sum(cost for cost in costs if cost is not None),
        bound=any(call.bound for call in calls),
        seconds=seconds,
    )


def check(limits: Limits, used: Usage, whose: Whose) -> None:
    """Raise `OverBudget` where `used` has reached a limit; the sentence says which, how much was used, and the way out.

    A limit in dollars cannot be kept where a price is unknown: then nothing more may be spent under it.
    """
    if limits.tokens is not None and used.tokens >= limits.tokens:
        raise OverBudget(whose.tokens.template, most=limits.tokens, used=used.tokens, remedy=whose.remedy)
    if limits.seconds is not None and used.seconds >= limits.seconds:
        raise OverBudget(whose.seconds.template, most=limits.seconds, used=used.seconds, remedy=whose.remedy)
    if limits.dollars is None:
        return
    if used.cost is None:
        raise OverBudget(whose.unpriced.template, most=limits.dollars, remedy=UNPRICED)
    if used.cost >= limits.dollars:
        raise OverBudget(whose.dollars.template, most=limits.dollars, used=used.cost, remedy=whose.remedy)


def resets(at: datetime) -> Sentence:
    """Say when a day's limit begins anew."""
    left = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0) - at
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    return said("The limit starts anew at midnight UTC, in {hours} h {minutes} min.", hours=hours, minutes=minutes)


class Budget:
    """The money box of one run. Every call of the run is charged to it, in any order."""

    def __init__(self, limits: Limits, quotas: Quotas, asker: str, spent: Spent) -> None:
        self._limits = limits
        self._limited = limits != _NONE
        days = ((quotas.person, asker, PERSON), (quotas.tenant, None, TENANT))
        self._days = tuple(day for day in days if day[0] != _NONE)
        self._spent = spent
        self._calls: list[Call] = []
        self._tokens = 0
        self._seconds = 0.0
        self._used: Usage | None = None
        """The sum so far, until something is added: side by side, many look at the same one."""

    def charge(self, calls: Sequence[Call]) -> None:
        """Note calls that were made."""
        self._used = None
        self._calls.extend(calls)
        self._tokens += sum(call.prompt_tokens + call.completion_tokens for call in calls)

    def passed(self, seconds: float) -> None:
        """Note time that the run took. Counted from what was recorded, so that a crash and its pause cost nothing."""
        self._used = None
        self._seconds += seconds

    def usage(self) -> Usage:
        """Return what the run has used so far."""
        self._used = self._used or usage_of(self._calls, self._seconds)
        return self._used

    async def check(self) -> None:
        """Raise `OverBudget` where the run, the person or the tenant may not spend any more."""
        if self._limited:
            check(self._limits, self.usage(), RUN)
        for limits, asker, whose in self._days:
            check(limits, await self._spent(asker), whose.but(remedy=resets(now())))

    def seconds_left(self) -> float | None:
        """Return the seconds that the run may still take; `None` is no limit."""
        return None if self._limits.seconds is None else max(0.0, self._limits.seconds - self._seconds)

    def tokens_left(self) -> int | None:
        """Return the tokens that the run may still use; `None` is no limit."""
        return None if self._limits.tokens is None else max(0, self._limits.tokens - self._tokens)


_NONE = Limits(seconds=None)
