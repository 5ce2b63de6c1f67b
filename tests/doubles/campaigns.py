"""Campaigns and what becomes of them, with everything filled in that a test does not care about."""

from typing import Any

from core.campaigns.campaign import Campaign, Course, Objective, Purpose, Stage, Step
from core.campaigns.incidents import Start, Turn
from core.campaigns.moment import Kind, Moment
from core.campaigns.store import CampaignStore, Kept
from core.entities import Aim, Collaboration, now, run_id
from core.sentences import said
from tests.doubles.questions import question


def thread(key: str = "c1", **changes: Any) -> Collaboration:
    """Return what a campaign is started from."""
    return question(key, **{"question": "Move all of it to X by May", **changes})


def campaign(of: Collaboration | None = None, **changes: Any) -> Campaign:
    """Return a campaign of two objectives, the second of which needs the first."""
    of = of or thread()
    values: dict[str, Any] = {
        "id": of.id, "tenant": of.tenant, "owner": of.asker, "owner_name": of.asker_name, "address": of.address,
        "title": "Move to X", "goal": of.question, "created_at": now(), "private": of.private,
        "objectives": (objective("1"), objective("2", needs=("1",))),
    }  # fmt: skip
    return Campaign(**{**values, **changes})


def objective(id: str, **changes: Any) -> Objective:
    """Return an objective that nobody has begun."""
    return Objective(**{"id": id, "title": f"Part {id}", "done_when": "It is there.", **changes})


def moment(what: Kind = "met", slot: str = "", **changes: Any) -> Moment:
    """Return something that happened."""
    return Moment(**{"what": what, "sentence": said("{what} happened", what=what), "slot": slot, **changes})


def start(of: Campaign, number: int = 1, purpose: Purpose = "work", objective: str = "1") -> Start:
    """Return a run that is a step."""
    key = f"{of.id}:{number}"
    aim = Aim(campaign=of.id, objective=objective, purpose=purpose)
    asked = question(key, tenant=of.tenant, id=run_id(of.tenant, key), address=of.address, aim=aim, private=of.private)
    return Start(key=key, purpose=purpose, collaboration=asked)


def begun(of: Campaign, *moments: Moment, **changes: Any) -> Turn:
    """Return the first turn of a campaign."""
    return Turn(**{"campaign": of.but(told=len(moments)), "moments": moments, **changes})


async def kept(campaigns: CampaignStore, key: str = "c1", **changes: Any) -> Campaign:
    """Keep a campaign that is running, and return it."""
    of = thread(key, **{name: changes.pop(name) for name in ("tenant", "asker", "private") if name in changes})
    made = campaign(of, **{"course": Course.RUNNING, **changes})
    found = await campaigns.begin(of, begun(made, moment("begun")), key)
    assert found
    return found.turn.campaign


async def under_way(campaigns: CampaignStore, of: Campaign, number: int = 1) -> tuple[Campaign, Start]:
    """Start a step of a campaign, and return both."""
    begins = start(of, number)

    def work(found: Campaign) -> Turn:
        step = Step(run=begins.collaboration.id, purpose="work", objective="1", started_at=now())
        first = found.objectives[0].but(stage=Stage.RUNNING)
        moved = found.but(steps=(*found.steps, step), number=number, objectives=(first, *found.objectives[1:]))
        return Turn(campaign=moved, moments=(moment("started"),), starts=(begins,), due=now())

    result: Kept = await campaigns.change(of.tenant, of.id, work)
    return result.turn.campaign, begins
