"""How many of the programs that people ask for are right, by tests that no model has seen.

Side by side, with the local models: one greedy sample of the best one alone; the best of four of its samples by tests
that it wrote itself; the whole `skill` pattern with the shipped committee. A prompt is what a person would ask for;
`test` is hidden and only scores. Replies are kept in `--cache`, so a run that was interrupted goes on where it was.

usage: code.py TASKS.jsonl.gz --cache FOLDER [--limit N]
"""

import argparse
import asyncio
import gzip
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from benchmarks.replies import KeptReplies
from bot.parts import local_models
from bot.settings import load
from core.adapters.litellm_model import LitellmModel
from core.adapters.local_models import LARGE, SMALL
from core.adapters.memory import MemorySteps
from core.adapters.models import Models
from core.adapters.sandboxes.bubblewrap import Bubblewrap
from core.adapters.weights import Weights
from core.budget import Quotas
from core.committee.catalog import default_committee
from core.committee.collaborations import Collaborations
from core.committee.committee import Committee
from core.committee.committee import Limits as Bounds
from core.committee.patterns import load_patterns
from core.committee.room import Room
from core.entities import Collaboration, Status, now
from core.events import Answer, Event, Usage
from core.ports import Model, Prompt, Sandbox
from core.sandbox import Limits, Program
from core.skills.drafting.asserts import asserts_in
from core.skills.drafting.blocks import code_in
from core.skills.drafting.cases import passes
from core.skills.drafting.keeping import Kept as Shelved
from core.skills.drafting.package import Made
from core.skills.drafting.reading import bare, code, fenced, helpers, request
from core.skills.drafting.recipe import Drafting
from core.skills.drafting.table import drafting_prompts
from core.skills.drafting.trial import tried
from core.skills.drafting.wish import Wish, read_wish

BEST = f"local/{LARGE}"
OF = 4
AT_ONCE = 3
"""Tasks under way, so that the models always have something to do."""
PATIENT = 1800.0
"""Seconds for one reply: how busy the machine is must not decide what is right."""
PROMPTS = drafting_prompts()
PATTERN = load_patterns()["skill"]
SCORE = b"""
def run(code, test, name):
    space = {"__name__": "scored"}
    exec(compile(code, "code.py", "exec"), space)
    exec(compile(test, "test.py", "exec"), space)
    space["check"](space[name])
    return True
"""


@dataclass(frozen=True, slots=True)
class Task:
    """One task, and what it is scored by."""

    id: str
    prompt: str
    name: str
    test: str


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one task in one way."""

    ok: bool
    calls: int
    seconds: float

    def __str__(self) -> str:
        return f"{'passed' if self.ok else 'failed'} {self.calls:3} {self.seconds:5.0f} s"


async def alone(task: Task, model: Model, sandbox: Sandbox) -> str:
    """Return what one greedy sample of the best model gives."""
    return (await _samples(read_wish(task.prompt), model, 1))[0]


async def best_of(task: Task, model: Model, sandbox: Sandbox) -> str:
    """Return the one of several samples that passes most of the tests which the same model wrote."""
    wish = read_wish(task.prompt)
    samples = await _samples(wish, model, OF)
    shown = "\n\n".join(f"{label}:\n{fenced(bare(each))}" for label, each in zip("AB", samples, strict=False))
    places = {"question": request(wish), "answers": shown, "name": wish.name, "words": str(_drafting().tests)}
    reply = await _ask(model, "test", places, 0.3)
    tests = asserts_in(reply, task.name, "", 20, helpers(wish))
    calls = tuple(dict.fromkeys(case.arguments for case in tests))

    async def held(sample: str) -> int:
        trial = await tried(sandbox, sample, task.name, calls, 0)
        outputs = dict(zip(calls, trial.outputs, strict=True))
        return sum(passes(case, outputs[case.arguments]) for case in tests)

    scores = [await held(sample) for sample in samples]
    return samples[scores.index(max(scores))]


async def pattern(task: Task, model: Model, sandbox: Sandbox) -> str:
    """Return what the `skill` pattern drafts."""
    drafted: list[str] = []

    async def keep(room: Room, made: Made, wish: Wish) -> Shelved:
        drafted.append(made.code)
        return Shelved()

    async def apart(tenant: str) -> Sandbox:
        return sandbox

    store = Kept(task)
    service = Collaborations(
        store,  # type: ignore[arg-type]  # the rest of a store is not needed
        model, {"default": _committee()}, {"skill": PATTERN}, store.emit, Quotas(), lambda run, phase: None,
        recipes={"skill": Drafting(apart, keep)},
    )  # fmt: skip
    await service.carry("local", task.id, MemorySteps())
    assert drafted or store.answers, task.id
    return drafted[0] if drafted else ""


Way = Callable[[Task, Model, Sandbox], Awaitable[str]]
WAYS: Mapping[str, Way] = {
    "one greedy sample": alone,
    f"best of {OF} by own tests": best_of,
    "the skill pattern": pattern,
}


class Kept:
    """Keeps no more of a run than its answer."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.answers: list[Answer] = []

    async def collaboration(self, tenant: str, run: str) -> Collaboration:
        return Collaboration(
            id=run, tenant=tenant, asker="local:1", asker_name="Ada", address="console:local:1",
            question=self._task.prompt, pattern="skill", created_at=now(),
        )  # fmt: skip

    async def settle(self, run: str, status: Status, answer: str = "") -> None:
        return None

    async def spent(self, tenant: str, **_: object) -> Usage:
        return Usage()

    async def emit(self, event: Event) -> None:
        if isinstance(event.body, Answer):
            self.answers.append(event.body)


def _committee() -> Committee:
    """Return the shipped committee, given all the time that a busy machine needs."""
    shipped = default_committee()
    members = tuple(member.but(timeout=PATIENT) for member in shipped.members)
    return shipped.but(members=members, budget=Bounds(seconds=None), grace=PATIENT)


def _drafting() -> Any:
    assert PATTERN.drafting is not None
    return PATTERN.drafting


async def _samples(wish: Wish, model: Model, count: int) -> list[str]:
    warmth = [0.0] + [_drafting().temperature] * (count - 1)
    replies = [await _ask(model, "write", {"question": request(wish)}, each) for each in warmth]
    return [code(wish, code_in(reply, wish.name) or "") for reply in replies]


async def _ask(model: Model, prompt: str, places: Mapping[str, str], temperature: float) -> str:
    messages = PROMPTS.render(prompt, places)
    tokens = _drafting().test_tokens if prompt == "test" else _drafting().tokens
    asked = Prompt(model=BEST, messages=messages, temperature=temperature, max_tokens=tokens, timeout=PATIENT)
    return (await model.complete(asked)).text


async def right(sandbox: Sandbox, task: Task, program: str) -> bool:
    """Tell whether a program passes the hidden tests."""
    arguments = {"code": program, "test": task.test, "name": task.name}
    ran = await sandbox.run(Program(files={"s.py": SCORE}, entry="s.py:run", arguments=arguments), Limits(seconds=30))
    return ran.returned and ran.value is True


def interval(passed: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, after Wilson (https://doi.org/10.1080/01621459.1927.10502953)."""
    z, share = 1.96, passed / count
    middle = share + z * z / (2 * count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - half) / (1 + z * z / count), (middle + half) / (1 + z * z / count)


def chosen(path: Path, limit: int) -> list[Task]:
    """Return the tasks, or so many of them, spread over all."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    tasks = [Task(row["task_id"], row["prompt"], row["entry_point"], row["test"]) for row in rows]
    return [tasks[at * len(tasks) // limit] for at in range(limit)] if 0 < limit < len(tasks) else tasks


def table(results: Mapping[str, list[Row]]) -> str:
    """Return the ways side by side; calls and seconds are means over the tasks."""
    lines = [f"{'':24} {'passed':>9} {'share':>7} {'95 %':>13} {'calls':>6} {'seconds, added up':>18}"]
    for way, rows in results.items():
        passed, count = sum(row.ok for row in rows), len(rows)
        low, high = interval(passed, count)
        calls, seconds = sum(row.calls for row in rows) / count, sum(row.seconds for row in rows) / count
        shares = f"{passed / count:7.1%} {low:6.1%} – {high:.1%}"
        lines.append(f"{way:24} {passed:4} / {count:2} {shares} {calls:6.1f} {seconds:18.0f}")
    return "\n".join(lines)


async def measured(tasks: list[Task], cache: Path) -> None:
    """Go through the tasks, some side by side, and print the table, also where a person interrupts."""
    settings = load()
    local = local_models(settings, Weights(settings.models.cache, settings.models.weights))
    rows: dict[str, dict[str, Row]] = {}
    async with (
        aclosing(Bubblewrap()) as sandbox,
        aclosing(local),
        aclosing(Models(LitellmModel({}), local=local, parallel=settings.models.parallel)) as models,
    ):
        places = asyncio.Semaphore(AT_ONCE)

        async def one(task: Task) -> None:
            async with places:
                rows[task.id] = {way: await _row(task, work, models, cache, sandbox) for way, work in WAYS.items()}
            told = map(str, rows[task.id].values())
            print(f"{len(rows):3} {task.id:16}", *told, sep="  |  ", flush=True)

        try:
            await asyncio.gather(*(one(task) for task in tasks))
        finally:
            if rows:
                print(table({way: [each[way] for each in rows.values()] for way in WAYS}), flush=True)


async def _row(task: Task, work: Way, models: Model, cache: Path, sandbox: Sandbox) -> Row:
    model = KeptReplies(models, cache)
    ok = await right(sandbox, task, await work(task, model, sandbox))
    return Row(ok, model.calls, model.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    print(f"Authors and critics: {LARGE} and {SMALL}.", flush=True)
    asyncio.run(measured(chosen(given.tasks, given.limit), given.cache))


if __name__ == "__main__":
    main()
