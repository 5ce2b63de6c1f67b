"""What the benchmarks of model calls share: a provider's server in its own process, a committee of five, bare calls."""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.posts import slots
from core.adapters.litellm import library, request
from core.adapters.litellm_model import LitellmModel
from core.adapters.memory import MemorySteps
from core.budget import Quotas
from core.committee.collaborations import Collaborations
from core.committee.committee import Committee, Limits, Member
from core.committee.patterns import load_patterns
from core.entities import Collaboration, Status, now
from core.events import Answer, Event, Usage
from core.ports import Completion, Model, Prompt, Store

KEY = "sk-benchmark"
MODELS = ("gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano")
CALLS = 15
QUESTION = (
    "Our team must pick how to store audit events for five years: one table in the main database, a separate "
    "append-only store, or object storage with an index. We write 200 events a second, read rarely, and must answer "
    "a regulator within a day. What should we do and why?"
)


@asynccontextmanager
async def provider(latency_ms: float = 0.0) -> AsyncIterator[str]:
    """Run the provider's server in a process of its own and yield its base URL."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.doubles.model_server", "--latency-ms", str(latency_ms),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout is not None
    try:
        yield (await server.stdout.readline()).decode().strip() + "/v1"
    finally:
        server.terminate()
        await server.wait()


def remote(url: str, path: Any = "direct") -> LitellmModel:
    """Return the adapter under measurement."""
    os.environ["OPENAI_API_KEY"] = KEY
    return LitellmModel({"openai/": url}, path=path)


class Kept:
    """Keeps nothing: what storage costs is measured in `benchmarks.durable`."""

    async def collaboration(self, tenant: str, run: str) -> Collaboration:
        return Collaboration(
            id=run, tenant=tenant, asker="local:1", asker_name="Ada", address="console:local:1",
            question=QUESTION, committee="five", pattern="three", created_at=now(),
        )  # fmt: skip

    async def settle(self, run: str, status: Status, answer: str = "") -> None:
        return None

    async def spent(self, tenant: str, **_: object) -> Usage:
        return Usage()


class Heard:
    """Passes calls on and remembers the prompts, so that the bare calls can be the very same ones."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.prompts: list[Prompt] = []

    async def complete(self, prompt: Prompt, words: Callable[[str], None] | None = None) -> Completion:
        self.prompts.append(prompt)
        return await self._model.complete(prompt, words)


class Five:
    """A committee of five that proposes, revises and votes: 15 calls."""

    def __init__(self, model: Model, store: Store | None = None) -> None:
        """Keep everything in `store`; without one keep nothing."""
        members = tuple(Member(name=name, model=f"openai/{name}", timeout=120) for name in MODELS)
        committee = Committee(name="five", members=members, budget=Limits(seconds=None))
        panel = load_patterns()["panel"]
        three = panel.but(name="three", auto=None, phases=tuple(p for p in panel.phases if p.name != "critique"))
        self._store = store
        self.service = Collaborations(
            store or Kept(),  # type: ignore[arg-type]  # the rest of a store is not needed
            model,
            {"five": committee},
            {"three": three},
            self._emit,
            Quotas(),
            lambda run, phase: None,
        )
        self._answers: dict[str, Answer] = {}

    async def _emit(self, event: Event) -> None:
        if self._store is not None:
            await self._store.append(event, slots(event))
        if isinstance(event.body, Answer):
            self._answers[event.run] = event.body

    async def collaborate(self, run: str = "benchmark000") -> None:
        """Carry one collaboration, and make sure that all of it took place."""
        await self.service.carry("local", run, MemorySteps())
        self.check(run)

    def check(self, run: str) -> None:
        """Make sure that all of a collaboration took place."""
        answer = self._answers.pop(run)
        assert answer.usage.calls == CALLS, answer
        assert answer.tally is not None
        assert answer.tally.voters == len(MODELS), answer
        assert answer.usage.cost, answer


@dataclass(frozen=True)
class Bare:
    """The same 15 calls in the same three waves, with nothing around them."""

    prompts: Sequence[Prompt]
    call: Callable[[Prompt], Awaitable[object]]

    async def collaborate(self, run: str = "") -> None:
        """Make the calls."""
        for at in range(0, CALLS, 5):
            await asyncio.gather(*(self.call(prompt) for prompt in self.prompts[at : at + 5]))


def acompletion(url: str) -> Callable[[Prompt], Awaitable[object]]:
    """Return a bare call of `litellm.acompletion`, its hidden retries off."""
    litellm = library.load()

    async def call(prompt: Prompt) -> object:
        reply = await litellm.acompletion(
            model=prompt.model, messages=request.messages(prompt, False), api_base=url, api_key=KEY,
            num_retries=0, max_retries=0, timeout=prompt.timeout, **request.parameters(prompt, True),
        )  # fmt: skip
        return reply.choices[0].message.content

    return call


def plain_http(url: str, session: aiohttp.ClientSession) -> Callable[[Prompt], Awaitable[object]]:
    """Return a bare POST: the floor."""

    async def call(prompt: Prompt) -> object:
        body = {"model": prompt.model.partition("/")[2], "messages": request.messages(prompt, False)}
        data = json.dumps(body | request.parameters(prompt, True)).encode()
        async with session.post(
            f"{url}/chat/completions", data=data, headers={"Authorization": f"Bearer {KEY}"}
        ) as reply:
            return json.loads(await reply.read())["choices"][0]["message"]["content"]

    return call


async def prompts_of(model: Model) -> list[Prompt]:
    """Return the 15 prompts of one collaboration, in the order of its phases."""
    heard = Heard(model)
    await Five(heard).collaborate()
    return heard.prompts


async def timed(work: Callable[[], Awaitable[None]], times: int) -> tuple[float, float]:
    """Return milliseconds of CPU (of this process, all threads) and of wall time that one piece of work takes."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        await work()
    return (time.process_time() - cpu) * 1000 / times, (time.perf_counter() - wall) * 1000 / times
