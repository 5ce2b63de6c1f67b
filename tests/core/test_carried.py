"""Every run goes to its body, and the end of a campaign's step to its campaign."""

from typing import Any

import pytest

from core.adapters.memory import MemorySteps
from core.carried import Carried
from core.entities import Aim, Collaboration, Status, Task
from core.errors import DexterError, Unavailable
from core.ports import Steps
from storage.store import SqlStore
from tests.doubles.questions import question

AIM = Aim(campaign="camp", objective="1", purpose="work")


class Body:
    """Ends what it is given, and notes it."""

    def __init__(self, store: SqlStore, said: list[str], name: str) -> None:
        self._store, self._said, self._name = store, said, name

    async def carry(self, tenant: str, run: str, steps: Steps) -> None:
        self._said.append(f"{self._name} carried")
        await self._store.settle(run, Status.ANSWERED, "Yes")

    async def fail(self, tenant: str, run: str, error: DexterError) -> None:
        self._said.append(f"{self._name} failed")
        await self._store.settle(run, Status.FAILED, str(error))


class Scene:
    def __init__(self, store: SqlStore) -> None:
        self.said: list[str] = []
        self.store = store
        self.away = 0
        bodies = Body(store, self.said, "question"), Body(store, self.said, "task")
        self.carried = Carried(store, *bodies, self.ended)

    async def ended(self, tenant: str, run: str) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable("The database does not answer.")
        assert (await self.store.collaboration(tenant, run)).status.over, "it is told once it is so"
        self.said.append("told")

    async def take(self, **changes: Any) -> Collaboration:
        asked = question(**changes)
        await self.store.accept(asked, asked.id)
        return asked

    async def carry(self, asked: Collaboration) -> None:
        await self.carried.carry(asked.tenant, asked.id, MemorySteps())


@pytest.fixture
def scene(store: SqlStore) -> Scene:
    return Scene(store)


async def test_questions_and_tasks_go_each_to_their_body_and_no_campaign_hears_of_them(scene: Scene) -> None:
    await scene.carry(await scene.take())
    await scene.carry(await scene.take(key="k2", task=Task(kind="run", skill="a")))
    assert scene.said == ["question carried", "task carried"]


async def test_the_end_of_a_step_is_told_whether_it_was_carried_or_failed_and_on_a_replay(scene: Scene) -> None:
    step = await scene.take(aim=AIM)
    await scene.carry(step)
    await scene.carry(step)
    assert scene.said == ["question carried", "told"] * 2
    scene.said.clear()
    other = await scene.take(key="k2", aim=AIM, task=Task(kind="run", skill="a"))
    await scene.carried.fail(other.tenant, other.id, DexterError("It broke."))
    assert scene.said == ["task failed", "told"]


async def test_an_end_that_could_not_be_told_is_told_when_the_engine_tries_again(scene: Scene) -> None:
    step = await scene.take(aim=AIM)
    scene.away = 1
    with pytest.raises(Unavailable):
        await scene.carry(step)
    await scene.carry(step)
    assert scene.said[-1] == "told"
