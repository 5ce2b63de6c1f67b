"""A campaign's database and its runs, in memory: ends come late, twice, in any order, or not at all."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from core.campaigns.campaign import Campaign, Objective
from core.campaigns.course import after, begun
from core.campaigns.incidents import Changed, Done, Ended, Incident, Start, Ticked, Turn
from core.campaigns.moment import Moment
from core.campaigns.rules import Rules
from core.campaigns.sums import Sums
from core.entities import Status

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
PLAN = """1. Collect the facts
done when: at least three facts are listed
needs: none
by: committee

2. Write it up
done when: it names every fact
needs: 1
by: committee
"""
Script = Callable[[Start], dict[str, Any]]
"""Says how a run ends, by its fields."""


def campaign(**changes: object) -> Campaign:
    """Return a new campaign of ann's."""
    fields = {"goal": "Write a short paper on tea", "title": "Tea", "mode": "autonomous", **changes}
    return Campaign(
        id="camp",
        tenant="local",
        owner="local:ann",
        owner_name="ann",
        address="console:1",
        created_at=NOON,
        **fields,  # type: ignore[arg-type]
    )


def objective(id: str, **changes: object) -> Objective:
    """Return an objective that is an answer."""
    return Objective(id=id, **{"title": f"Part {id}", "done_when": f"part {id} is there", **changes})  # type: ignore[arg-type]


def well(start: Start) -> dict[str, Any]:
    """End a run as it should end."""
    asked, spent = start.collaboration, Sums(tokens=700, calls=3, microdollars=90, model_milliseconds=4000)
    if start.purpose == "plan":
        return {"text": PLAN, "spent": spent}
    if start.purpose == "judge":
        return {"text": "All of it is there.\nAnswer: yes", "members": ("cat",), "spent": spent}
    if asked.task:
        ran = Sums(sandbox_milliseconds=300)
        return {"status": Status.DONE, "text": '{"count": 3}', "passed": True, "spent": ran}
    drafted = {"skill": "count-words", "version": "1.0.0", "passed": True} if asked.pattern == "skill" else {}
    text = f"The result of {asked.question.splitlines()[0]}"
    return {"text": text, "members": ("ann", "bob"), "spent": spent, **drafted}


class CampaignWorld:
    """What `CampaignStore` and the engine do for one campaign, and all that ever happened to it."""

    def __init__(self, campaign: Campaign, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        self.at = NOON
        self.started: dict[str, Start] = {}
        self.going: list[str] = []
        """Runs that have not ended, in the order in which they began."""
        self.stopped: set[str] = set()
        self.moments: list[Moment] = []
        self.ends: dict[str, Ended] = {}
        """The first end of each run."""
        self.turn = begun(campaign, self.at, self.rules)
        self._keep(self.turn)

    @property
    def campaign(self) -> Campaign:
        """Return the campaign as it is kept."""
        return self.turn.campaign

    def feed(self, incident: Incident) -> Turn:
        """Let something happen to it, and keep what comes of it."""
        turn = after(self.campaign, incident, self.at, self.rules)
        self._keep(turn)
        return turn

    def end(self, run: str | None = None, **fields: Any) -> Turn:
        """End a run, the oldest one if none is named."""
        run = run or self.going[0]
        given = {"status": Status.ANSWERED, **fields}
        incident = Ended(run=run, **given)
        if run in self.going:
            self.going.remove(run)
            self.ends[run] = incident
        return self.feed(incident)

    def do(self, act: str, name: str = "ann", **fields: Any) -> Turn:
        """Let a person do something."""
        return self.feed(Done(act=act, person=f"local:{name}", name=name, **fields))  # type: ignore[arg-type]

    def change(self, name: str = "ann", **fields: Any) -> Turn:
        """Let a person change something."""
        return self.feed(Changed(person=f"local:{name}", name=name, **fields))

    def tick(self, seconds: float = 0.0, **fields: Any) -> Turn:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        return self.feed(Ticked(**fields))

    def play(self, script: Script = well, *, people: bool = True, most: int = 400) -> Campaign:
        """Play on until it is over: runs end as the script says, people say yes, else time passes until it is due."""
        for _ in range(most):
            if self.campaign.course.over and not self.going:
                return self.campaign
            self._once(script, people=people)
        raise AssertionError(f"not over after {most} incidents: {self.campaign.course}")

    def said(self, what: str) -> list[str]:
        """Return the sentences of a kind that were told."""
        return [str(moment.sentence) for moment in self.moments if moment.what == what]

    def _once(self, script: Script, *, people: bool) -> None:
        waits = [self.campaign.wait, *(each.wait for each in self.campaign.objectives)]
        asked = [wait for wait in waits if wait and wait.number]
        if self.going:
            run = self.going[0]
            stopped = {"status": Status.STOPPED, "text": "A person stopped this run."}
            self.end(run, **(stopped if run in self.stopped else script(self.started[run])))
        elif asked and people:
            self.do("answer", request=asked[0].number, text="So be it.")
        else:
            assert self.turn.due, "nothing is due, and nobody is asked"
            self.tick(max(1.0, (self.turn.due - self.at).total_seconds()))

    def _keep(self, turn: Turn) -> None:
        self.turn = turn
        self.moments += turn.moments
        for start in turn.starts:
            assert start.collaboration.id not in self.started, "a run was started twice"
            self.started[start.collaboration.id] = start
            self.going.append(start.collaboration.id)
        self.stopped.update(turn.stops)


TWO = (objective("1"), objective("2", needs=("1",)))


def world(*objectives: Objective, rules: Rules | None = None, **changes: Any) -> CampaignWorld:
    return CampaignWorld(campaign(objectives=objectives or TWO, **changes), rules)


def stages(world: CampaignWorld) -> list[str]:
    return [each.stage.value for each in world.campaign.objectives]


def purpose(world: CampaignWorld) -> str:
    return world.started[world.going[0]].purpose


def lacking(start: Start) -> dict[str, Any]:
    """End work well and judge it badly, for another reason each time."""
    ends = well(start)
    if start.purpose == "judge":
        ends["text"] = f"It lacks {start.key.translate(str.maketrans('0123456789', 'abcdefghij'))}.\nAnswer: no"
    return ends | ({"text": f"Result {start.key}"} if start.purpose == "work" else {})


def broken(start: Start) -> dict[str, Any]:
    return {"status": Status.FAILED, "text": "There is no committee “gone”."}
