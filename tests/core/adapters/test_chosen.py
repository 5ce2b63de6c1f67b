"""Which of several sandboxes is used: by name, or the first that proves to be strong enough."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.parts import sandbox_of
from bot.sandboxes import Sandboxes
from bot.settings import Settings
from core.adapters.sandboxes.chosen import Chosen
from core.errors import Misconfigured
from core.sandbox import Follow, Isolation, Limits, Outcome, Program, Ran, Tier
from core.sentences import said

TRUE = Program(files={}, argv=("true",))


class Proven:
    """A sandbox that finds itself to be of a tier, or of none, and runs nothing."""

    def __init__(self, name: str, tier: Tier | None) -> None:
        self.name, self.tier = name, tier
        self.checks = 0
        self.closed = False

    async def check(self) -> Isolation:
        self.checks += 1
        return Isolation(self.name, self.tier, said("what it found"))

    async def run(self, program: Program, limits: Limits, follow: Follow | None = None) -> Ran:
        assert self.tier
        return Ran(outcome=Outcome.EXITED, stdout=self.name, seconds=0, tier=self.tier)

    async def aclose(self) -> None:
        self.closed = True


def several(tiers: Mapping[str, Tier | None]) -> dict[str, Proven]:
    return {name: Proven(name, tier) for name, tier in tiers.items()}


def chosen(there: Mapping[str, Proven], kind: str = "auto", least: Tier = Tier.LIMITED) -> Chosen:
    return Chosen(kind, {name: (lambda each=each: each) for name, each in there.items()}, least=least)


@pytest.mark.parametrize(
    ("tiers", "least", "used"),
    [
        ({"a": Tier.LIMITED, "b": Tier.KERNEL}, Tier.LIMITED, "a"),
        ({"a": Tier.LIMITED, "b": Tier.KERNEL, "c": Tier.MACHINE}, Tier.GROUPED, "b"),
        ({"a": Tier.LIMITED, "b": None, "c": Tier.GROUPED}, Tier.GROUPED, "c"),
        ({"a": Tier.LIMITED, "b": Tier.KERNEL, "c": Tier.GROUPED}, Tier.MACHINE, "b"),
        ({"a": None, "b": Tier.LIMITED, "c": None}, Tier.MACHINE, "b"),
    ],
)
async def test_auto_takes_the_first_that_is_strong_enough_else_the_strongest(
    tiers: Mapping[str, Tier | None], least: Tier, used: str
) -> None:
    there = several(tiers)
    sandbox = chosen(there, least=least)
    assert (await sandbox.run(TRUE, Limits())).stdout == used
    assert (await sandbox.check()).name == used


async def test_what_comes_after_one_that_is_strong_enough_is_not_even_made() -> None:
    there = several({"a": Tier.GROUPED, "b": Tier.MACHINE})
    sandbox = chosen(there, least=Tier.GROUPED)
    await sandbox.run(TRUE, Limits())
    await sandbox.run(TRUE, Limits())
    assert [each.checks for each in there.values()] == [1, 0]
    await sandbox.aclose()
    assert [each.closed for each in there.values()] == [True, False]


async def test_where_none_holds_nothing_runs_until_one_does() -> None:
    there = several({"a": None, "b": None})
    sandbox = chosen(there)
    assert ((await sandbox.check()).name, (await sandbox.check()).tier) == ("a", None)
    with pytest.raises(Misconfigured, match="doctor"):
        await sandbox.run(TRUE, Limits())
    there["b"].tier = Tier.GROUPED
    assert (await sandbox.run(TRUE, Limits())).stdout == "b"


async def test_one_that_is_named_is_used_alone_however_weak() -> None:
    there = several({"a": Tier.MACHINE, "b": Tier.LIMITED})
    sandbox = chosen(there, "b", Tier.KERNEL)
    assert (await sandbox.run(TRUE, Limits())).stdout == "b"
    assert [isolation.name for isolation in await sandbox.survey()] == ["b"]


async def test_the_survey_asks_every_one() -> None:
    sandbox = chosen(several({"a": Tier.LIMITED, "b": None, "c": Tier.MACHINE}))
    assert [(each.name, each.tier) for each in await sandbox.survey()] == [
        ("a", Tier.LIMITED),
        ("b", None),
        ("c", Tier.MACHINE),
    ]


@pytest.mark.parametrize("kind", ["auto", "bubblewrap", "container", "microvm"])
async def test_every_other_one_can_be_chosen_by_the_settings(kind: str, tmp_path: Path) -> None:
    sandbox = sandbox_of(Settings(home=tmp_path, sandbox=Sandboxes(kind=kind)))
    await sandbox.aclose()
