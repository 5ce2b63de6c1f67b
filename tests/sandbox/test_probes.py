"""Hostile programs of our own, tried in every sandbox that this machine can start: each is contained, or known."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from core.ports import Sandbox
from tests.doubles.sandboxes import MAKE, lacking, left_behind
from tests.sandbox.surfaces import SURFACES, WATCHED, surface
from tests.sandbox.trying import SUBJECTS, subject, tried

TRIED = [name for name in MAKE if name != "hyperv"]
"""What stands in for a Windows host in tests is no sandbox of its own."""
_OVER = 1.5
"""Times the memory that may be in use where the kernel bounds it: process 1, too, has some."""
PROBES = {f"{of.name}.{name}": says for of in map(subject, SUBJECTS) for name, says in of.says.items()}


@pytest.fixture(params=TRIED, scope="module")
def name(request: pytest.FixtureRequest) -> str:
    if reason := lacking(request.param):
        pytest.skip(reason)
    return str(request.param)


@pytest.fixture(scope="module")
def sandbox(name: str) -> Iterator[Sandbox]:
    made = MAKE[name]()
    yield made
    asyncio.run(made.aclose())


def test_there_are_probes_of_every_kind_and_each_says_what_it_tries() -> None:
    assert len(PROBES) >= 80
    assert [probe for probe, says in PROBES.items() if len(says) < 10] == []


def test_every_probe_that_is_said_to_run_alone_is_there() -> None:
    named = {f"{name}.{each}" for name in SUBJECTS for each in (*subject(name).loud, *subject(name).exits)}
    assert named - set(PROBES) == set()


def test_what_is_known_to_be_reached_is_said_of_probes_and_sandboxes_that_are_there() -> None:
    assert set(SURFACES) - set(PROBES) == set()
    assert {name for sandboxes, _ in SURFACES.values() for name in sandboxes} - set(TRIED) == set()


@pytest.mark.parametrize("about", SUBJECTS)
async def test_nothing_gets_out(sandbox: Sandbox, name: str, about: str) -> None:
    found = await tried(sandbox, subject(about))
    assert {each.id: each.reached for each in found if each.reached and not surface(name, each.id)} == {}
    # How much fits between two looks of a watchdog is the machine's to say, and printed by the benchmark.
    assert [each for each in found if each.times > _OVER and name not in WATCHED] == []
    assert left_behind(os.getpid()) == []
