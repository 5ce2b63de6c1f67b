"""One sandbox for all tenants: each in turn, none lost, none starved."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Unavailable
from core.pool import Pool
from core.sandbox import Follow, Isolation, Limits, Outcome, Program, Ran, Tier
from core.sentences import said
from tests.doubles.sandboxes import MAKE, lacking

LIMITS = Limits(seconds=20)


def program(name: Any) -> Program:
    return Program(files={}, argv=("true", str(name)))


class Counting:
    """A sandbox that does nothing, and notes who came in, in which order, and how many were in at one time."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.inside = self.most = self.checks = 0
        self.open = asyncio.Event()
        self.tier: Tier | None = Tier.LIMITED

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        self.order.append(program.argv[1])
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.open.wait()
            await asyncio.sleep(0)
            if program.argv[1] == "broken":
                raise Unavailable("The sandbox broke.")
        finally:
            self.inside -= 1
        return Ran(outcome=Outcome.EXITED, code=0, seconds=0, tier=Tier.LIMITED, stdout=program.argv[1])

    async def check(self) -> Isolation:
        self.checks += 1
        return Isolation("counting", self.tier, said("nothing"))

    async def aclose(self) -> None:
        self.open.set()


async def begun(*works: Any) -> list[asyncio.Task[Ran]]:
    """Start them in this order, each as far as it gets."""
    tasks = [asyncio.ensure_future(work) for work in works]
    await asyncio.sleep(0)
    return tasks


async def test_a_hundred_runs_of_one_tenant_do_not_starve_another() -> None:
    sandbox = Counting()
    pool = Pool(sandbox, parallel=2, waiting=100)
    many = await begun(*(pool.of("many").run(program(f"many {n}"), LIMITS) for n in range(100)))
    few = await begun(*(pool.of(name).run(program(f"{name} {n}"), LIMITS) for name in ("b", "c") for n in range(3)))
    sandbox.open.set()
    await asyncio.gather(*many, *few)
    assert sandbox.most == 2
    assert len(sandbox.order) == 106
    last = max(at for at, name in enumerate(sandbox.order) if not name.startswith("many"))
    assert last < 2 + 3 * 3  # two of the many were in already; then each tenant in turn, three times
    assert [name for name in sandbox.order if name.startswith("b")] == ["b 0", "b 1", "b 2"]


async def test_one_that_waits_too_long_in_the_line_is_told_to_come_back_and_others_are_not() -> None:
    sandbox = Counting()
    pool = Pool(sandbox, parallel=1, waiting=3, most=5)
    tasks = await begun(*(pool.of("a").run(program(n), LIMITS) for n in range(4)))
    with pytest.raises(Unavailable, match=r"3 programs wait for the sandbox\. Try again in a minute\."):
        await pool.of("a").run(program("one too many"), LIMITS)
    tasks += await begun(*(pool.of("b").run(program(n), LIMITS) for n in range(2)))
    with pytest.raises(Unavailable, match="5 programs wait"):
        await pool.of("c").run(program("full"), LIMITS)
    sandbox.open.set()
    assert len(await asyncio.gather(*tasks)) == 6
    assert (await pool.of("a").run(program("again"), LIMITS)).stdout == "again"


async def test_a_run_that_fails_makes_room_for_the_next() -> None:
    sandbox = Counting()
    pool = Pool(sandbox, parallel=1)
    tasks = await begun(*(pool.of("a").run(program(name), LIMITS) for name in ("broken", "broken", "good")))
    sandbox.open.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable, Unavailable, Ran]


async def test_what_is_called_off_leaves_the_line_and_gives_its_place_back() -> None:
    sandbox = Counting()
    pool = Pool(sandbox, parallel=1, waiting=3)
    inside, *waiting = await begun(*(pool.of("a").run(program(n), LIMITS) for n in range(4)))
    waiting[0].cancel()
    inside.cancel()  # in the same turn: who is let in must not be the one that was called off
    waiting[2].cancel()
    sandbox.open.set()
    assert (await waiting[1]).stdout == "2"
    assert sandbox.order == ["0", "2"]
    assert (await pool.of("b").run(program("next"), LIMITS)).stdout == "next"


async def test_it_proves_itself_once_unless_it_is_asked_anew() -> None:
    sandbox = Counting()
    pool = Pool(sandbox, parallel=1)
    assert pool.isolation is None
    found = await asyncio.gather(*(pool.proved() for _ in range(5)))
    assert (sandbox.checks, {isolation.tier for isolation in found}) == (1, {Tier.LIMITED})
    sandbox.tier = None
    assert (await pool.proved()).tier is Tier.LIMITED
    assert (await pool.of("a").check()).tier is None
    assert (await pool.proved()).tier is None
    assert sandbox.checks == 2


@settings(max_examples=60, deadline=None)
@given(
    parallel=st.integers(1, 4),
    steps=st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 3)), max_size=40),
)
def test_whatever_comes_and_is_called_off_none_is_lost_and_no_place_either(
    parallel: int, steps: list[tuple[str, bool, int]]
) -> None:
    async def play() -> None:
        sandbox = Counting()
        sandbox.open.set()
        pool = Pool(sandbox, parallel=parallel, waiting=100)
        going: list[tuple[bool, asyncio.Task[Ran]]] = []
        for tenant, called_off, turns in steps:
            task = asyncio.ensure_future(pool.of(tenant).run(program(tenant), LIMITS))
            going.append((called_off, task))
            for _ in range(turns):
                await asyncio.sleep(0)
            if called_off:
                task.cancel()
        answers = await asyncio.gather(*(task for _, task in going), return_exceptions=True)
        assert all(isinstance(a, Ran) for (off, _), a in zip(going, answers, strict=True) if not off)
        assert sandbox.most <= parallel
        sandbox.open.clear()
        after = await begun(*(pool.of("z").run(program("z"), LIMITS) for _ in range(parallel)))
        assert sandbox.inside == parallel
        sandbox.open.set()
        await asyncio.gather(*after)

    asyncio.run(play())


@pytest.mark.skipif(bool(lacking("bubblewrap")), reason=lacking("bubblewrap"))
async def test_a_hundred_real_runs_of_two_tenants_all_come_back_to_whom_they_belong() -> None:
    sandbox = MAKE["bubblewrap"]()
    pool = Pool(sandbox, parallel=2)
    code = {"main.py": b"def run(who):\n    return who\n"}
    try:
        works = [
            pool.of(f"tenant {n % 2}").run(
                Program(files=code, entry="main.py:run", arguments={"who": n}), LIMITS
            )
            for n in range(100)
        ]  # fmt: skip
        ran = await asyncio.gather(*works)
    finally:
        await pool.aclose()
    assert [one.value for one in ran] == list(range(100))
    assert Counter(one.outcome for one in ran) == {Outcome.EXITED: 100}
