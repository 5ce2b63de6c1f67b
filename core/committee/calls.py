"""One member's call: bounded retries, fallbacks, and a deadline over all of it."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from core.budget import Budget
from core.committee.committee import Member
from core.committee.gate import Gate
from core.committee.pictures import as_seen
from core.committee.replies import Ask, Reply, Trace, absent, cut_off, reason_of, record
from core.errors import ModelError, ModelGarbage, ModelTimeout, OverBudget
from core.ports import Completion, Model, Prompt

LEAST_TOKENS = 16
"""A reply cut shorter than this by the budget is not worth asking for."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait between two tries, in seconds: doubled each time, never over `most`, a random part taken off."""

    first: float = 0.5
    most: float = 8.0
    longest: float = 30.0
    """A provider that asks for a longer pause than this is given up for the next."""

    def again(self, error: ModelError, attempt: int, retries: int) -> bool:
        """Tell whether the same call is worth another try."""
        return error.retryable and attempt <= retries and (error.retry_after or 0.0) <= self.longest

    def before(self, attempt: int, asked: float | None) -> float:
        """Return the pause before try number `attempt` (from 1); never shorter than the provider asked for."""
        pause = min(self.most, self.first * 2.0 ** (attempt - 1)) * random.uniform(0.5, 1.0)
        return max(pause, asked or 0.0)


class Calls:
    """Asks members through the one `Model`."""

    def __init__(self, model: Model, patience: Patience | None = None) -> None:
        self._model = model
        self._patience = patience or Patience()

    async def make(self, ask: Ask, gate: Gate, budget: Budget, words: Callable[[str], None] | None = None) -> Reply:
        """Ask, and return a reply in any case; nothing but `CancelledError` is raised.

        The deadline over all tries is the member's timeout for each retry and fallback, and twice more: room for
        waiting at the model's door. The run's own limit of seconds and the phase's closing come before it.
        """
        clock = asyncio.get_running_loop().time
        trace = Trace(ask.member.model, clock())
        try:
            await budget.check()
            async with gate.hold(_deadline(ask.member, budget)):
                completion = await self._tries(ask, trace, budget, words)
        except OverBudget as error:
            return absent(ask, trace, clock(), "budget", error.sentence)
        except TimeoutError:
            await self._write_off(trace)
            return cut_off(ask, trace, clock(), gate, budget)
        except ModelError as error:
            return absent(ask, trace, clock(), reason_of(error), error.sentence)
        return Reply(
            member=ask.member.name,
            text=completion.text.strip(),
            cut=completion.cut,
            data=completion.data,
            calls=record(ask, trace, clock(), "ok"),
            seconds=trace.took(clock()),
        )

    async def _tries(self, ask: Ask, trace: Trace, budget: Budget, words: Callable[[str], None] | None) -> Completion:
        """Go through the member's models, each as often as it may be tried; raises the last `ModelError`."""
        for model in (ask.member.model, *ask.member.fallbacks):
            trace.model = model
            for attempt in range(1, ask.member.retries + 2):
                trace.tries += 1
                try:
                    return await self._try(ask, trace, budget, words)
                except ModelError as error:
                    if isinstance(error, ModelTimeout):
                        await self._write_off(trace)
                    trace.failed(error)
                    if not self._patience.again(error, attempt, ask.member.retries):
                        break
                    await asyncio.sleep(self._patience.before(attempt, error.retry_after))
        raise trace.error or ModelTimeout("{member} was never asked.", member=ask.member.name)

    async def _try(self, ask: Ask, trace: Trace, budget: Budget, words: Callable[[str], None] | None) -> Completion:
        trace.sent = Prompt(
            model=trace.model,
            messages=await as_seen(ask.messages, self._model, trace.model),
            temperature=ask.member.temperature,
            max_tokens=_tokens(ask, budget),
            timeout=ask.member.timeout,
            reply_schema=ask.schema,
        )
        completion = await self._model.complete(trace.sent, _heard(trace, words))
        trace.came(completion)
        if not completion.text.strip():
            raise ModelGarbage("{name} gave an empty reply.", name=trace.model)
        ask.accept(completion)
        return completion

    async def _write_off(self, trace: Trace) -> None:
        """Count what was sent and not answered in time as the most that it can cost: its provider may have written."""
        if trace.sent is not None:
            trace.lost.append(await self._model.quote(trace.sent))
            trace.sent = None


def _heard(trace: Trace, words: Callable[[str], None] | None) -> Callable[[str], None] | None:
    """Return what passes words on; nothing once a try before was heard, or its half would be read twice."""
    if words is None or trace.heard:
        return None

    def say(text: str) -> None:
        trace.heard = True
        words(text)

    return say


def _deadline(member: Member, budget: Budget) -> float:
    whole = member.timeout * (2 + member.retries + len(member.fallbacks))
    left = budget.seconds_left()
    return whole if left is None else min(whole, left)


def _tokens(ask: Ask, budget: Budget) -> int:
    left = budget.tokens_left()
    if left is None:
        return ask.max_tokens
    return max(LEAST_TOKENS, min(ask.max_tokens, left))
