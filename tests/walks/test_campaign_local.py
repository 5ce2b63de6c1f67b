"""A shipped template is pursued to its end by a real local model: a tiny one, so what it writes is worth nothing.

What it proves: plans, work, judgements and the report come from real completions, the campaign ends whatever they say,
and its ledger is exact. It does not prove that a larger model meets the goal.
"""

import asyncio
import os
from pathlib import Path

import pytest

from bot.app import running
from bot.campaigning import Campaigns
from bot.settings import Models, Settings
from bot.shapes import Request
from core.adapters.local_models import SMOKE
from core.adapters.weights import Weights
from core.campaigns.campaign import Campaign
from core.campaigns.incidents import Done
from core.campaigns.ledger import taken
from core.entities import run_id
from storage.rows import calls_in

pytestmark = [
    pytest.mark.model,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_:DeprecationWarning"),
]
TENANT, ME = "local", "local:me"
LINE = "campaign start --template research_digest topic=tea words=50"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A committee of two that the smallest model sits for, brief and not patient."""
    models = Models(context=8192, parallel=2)
    if Weights(models.cache, models.weights).present(SMOKE) is None:
        what = f"the weights {SMOKE} are not in {models.cache}: `make test` fetches them"
        pytest.fail(what) if os.environ.get("CI") else pytest.skip(what)
    members = [{"name": name, "model": f"local/{SMOKE}", "max_tokens": 60, "timeout": 60} for name in ("ann", "bob")]
    return Settings(
        home=tmp_path,
        models=models,
        people={"roles": {ME: "administrator"}},  # type: ignore[arg-type]
        campaigns=Campaigns(attempts=1, replans=0),
        committees={"default": {"members": members, "pattern": "quick"}},  # type: ignore[dict-item]
    )


async def test_a_shipped_template_runs_to_its_end_with_a_real_local_model(settings: Settings) -> None:
    async with running(settings) as app:
        await app.warm()
        key = "k1"
        await app.handle(Request(key, TENANT, ME, "Me", f"terminal:{TENANT}:{key}", LINE))
        id, asked = run_id(TENANT, key), 0
        while not (campaign := await app.desk.campaigns.find(TENANT, id)).course.over:
            if campaign.wait and campaign.wait.number > asked:  # stuck, as the tiny model is: a person gives up
                asked = campaign.wait.number
                await app.desk.campaigns.act(TENANT, id, no(campaign))
            await asyncio.sleep(0.2)
        assert len(campaign.objectives) == 4
        assert all(each.stage.over for each in campaign.objectives)
        purposes, calls = [], []
        for number in range(1, campaign.number + 1):
            run = await app.desk.store.collaboration(TENANT, run_id(TENANT, f"{id}:{number}"))
            assert run.status.over
            assert run.aim
            purposes.append(run.aim.purpose)
            calls += [call for event in await app.desk.store.history(TENANT, run.id) for call in calls_in(event.body)]
        assert {"work", "judge"} <= set(purposes)
        assert {call.model for call in calls} == {f"local/{SMOKE}"}
        assert all(call.completion_tokens > 0 for call in calls if call.outcome == "ok")  # some run out of time
        assert [call.outcome for call in calls].count("ok") >= 4
        assert campaign.spent == taken(calls, ())
        assert campaign.spent.calls >= 4


def no(campaign: Campaign) -> Done:
    assert campaign.wait
    return Done(act="answer", person=ME, name="Me", request=campaign.wait.number, yes=False)
