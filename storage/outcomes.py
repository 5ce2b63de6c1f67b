"""How runs ended, kept beside the journal for reports: written in the transaction of the event that ends a run."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from storage.outcome_tables import OUTCOME, PART
from storage.rows import fitting
from storage.tables import CALL, COLLABORATION, EVENT

C = COLLABORATION.c
RUN = select(
    C.created_at, C.asker, C.address, C.committee, C.pattern, C.private, C.task, C.aim
).where(C.tenant == bindparam("tenant"), C.id == bindparam("run"))  # fmt: skip
BEGUN = select(EVENT.c.at, EVENT.c.body).where(EVENT.c.id.in_([bindparam("asked"), bindparam("started")]))
TAKEN = select(
    func.count().label("calls"),
    func.coalesce(func.sum(CALL.c.prompt_tokens), 0).label("prompt_tokens"),
    func.coalesce(func.sum(CALL.c.completion_tokens), 0).label("completion_tokens"),
    func.coalesce(func.sum(CALL.c.cost), 0.0).label("cost"),
    (func.count() - func.count(CALL.c.cost)).label("unpriced"),
).where(CALL.c.tenant == bindparam("tenant"), CALL.c.run == bindparam("run"))


class Outcomes:
    """Writes outcomes on a caller's connection; made once, so that its statements are compiled once."""

    def __init__(self, dialect: str) -> None:
        inserting: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
        self._outcome = inserting(OUTCOME).on_conflict_do_nothing()
        self._part = inserting(PART).on_conflict_do_nothing()

    def keep(self, connection: Connection, event: Mapping[str, Any]) -> None:
        """Keep how a run ended, from the row of the event that ended it, its calls being there already."""
        here = {"tenant": event["tenant"], "run": event["run"]}
        run: dict[str, Any] = {**connection.execute(RUN, here).one()._mapping}
        first = {"asked": f"{here['run']}:asked", "started": f"{here['run']}:started"}
        begun = connection.execute(BEGUN, first).first()
        taken: dict[str, Any] = {**connection.execute(TAKEN, here).one()._mapping}
        said, asked = json.loads(event["body"]), json.loads(begun.body) if begun else {}
        times = run["created_at"], begun.at if begun else None, event["at"]
        shared = here | {"day": event["at"].astimezone(UTC).date()}
        row = {**shared, **of_run(run, said, asked), **lasted(*times), **how_it_went(said), **taken}
        connection.execute(self._outcome, {name: fitting(value) for name, value in row.items()})
        if parts := [{**shared, **part} for part in parts_of(said, asked)]:
            connection.execute(self._part, parts)


def of_run(run: Mapping[str, Any], said: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return whose a run is and what it was about, from its row, its end and its beginning."""
    task, aim = (json.loads(run[name]) if run[name] else {} for name in ("task", "aim"))
    about = said.get("drafted") or said
    return {
        "asker": run["asker"],
        "channel": ":".join(run["address"].split(":")[: 2 if run["address"].startswith("terminal") else 3]),
        "task": task.get("kind", ""),
        "skill": about.get("skill", ""),
        "version": about.get("version", ""),
        "campaign": aim.get("campaign", ""),
        "purpose": aim.get("purpose", ""),
        "committee": asked.get("committee", run["committee"]),
        "pattern": asked.get("pattern", run["pattern"]),
        "private": run["private"],
    }


def lasted(created: datetime, begun: datetime | None, ended: datetime) -> dict[str, float | None]:
    """Return how long a run waited and took; a clock that was set back makes nothing shorter than nothing."""
    waited = None if begun is None else max(0.0, (begun - created).total_seconds())
    return {"waited": waited, "took": max(0.0, (ended - created).total_seconds())}


def how_it_went(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a run ended, from its end."""
    tally = said.get("tally") or {}
    return {
        "status": said["status"],
        "how": said.get("how", ""),
        "passed": _passed(said),
        "worked": _worked(said),
        "agreement": (tally.get("agreement") or {}).get("value"),
        "margin": _margin(tally),
        "voters": tally.get("voters", 0),
        "eligible": tally.get("eligible", 0),
        "dissent": _dissent(said),
    }


def parts_of(said: Mapping[str, Any], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what part each member had in a run, from its end and its beginning."""
    tally, dissent = said.get("tally") or {}, said.get("dissent") or {}
    won = {
        member
        for standing in tally.get("standings", ())
        if standing["label"] == tally.get("winner")
        for member in standing["members"]
    } or ({*said.get("sources", ())} if said.get("how") == "solo" else set())
    why = [(absence["member"], absence["reason"] == "spared") for absence in said.get("absences", ())]
    return [
        {
            "member": seat["member"],
            "model": seat["model"],
            "won": seat["member"] in won,
            "dissented": seat["member"] in dissent.get("members", ()),
            "absent": why.count((seat["member"], False)),
            "spared": why.count((seat["member"], True)),
        }
        for seat in asked.get("seats", ())
    ]


def _worked(said: Mapping[str, Any]) -> float:
    measured = [said.get("usage"), said.get("produced"), *said.get("tests", ())]
    return fitting(sum(float(each.get("seconds", 0.0)) for each in measured if each)) or 0.0


def _passed(said: Mapping[str, Any]) -> bool | None:
    if produced := said.get("produced"):
        return produced.get("problem") is None
    passed: bool | None = said.get("passed")
    return passed


def _margin(tally: Mapping[str, Any]) -> float | None:
    if not tally.get("winner") or not tally.get("standings"):
        return None
    best = float(tally["standings"][0]["score"])
    margin = float(tally.get("margin", 0.0))
    return min(1.0, max(0.0, margin / best)) if best > 0 else None


def _dissent(said: Mapping[str, Any]) -> int:
    dissent = said.get("dissent")
    return max(1, dissent.get("votes", 0)) if dissent else 0
