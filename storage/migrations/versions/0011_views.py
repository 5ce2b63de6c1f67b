"""How runs ended, for reports, filled from the journal so far; and views for those who look from outside."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
FIGURES = ("outcome", "seconds", "cost", "prompt_tokens", "completion_tokens", "retries")
AT_ONCE = 500
"""Runs whose ends are read together: some are a hundred kilobytes long."""


def name(column: str, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(column, NAME, nullable=False, primary_key=primary_key)


def words(column: str) -> sa.Column[str]:
    return sa.Column(column, sa.Text(), nullable=False)


def whole(column: str) -> sa.Column[int]:
    return sa.Column(column, sa.Integer(), nullable=False)


def yes(column: str, nullable: bool = False) -> sa.Column[bool]:
    return sa.Column(column, sa.Boolean(), nullable=nullable)


def real(column: str, nullable: bool = True) -> sa.Column[float]:
    return sa.Column(column, sa.Float(), nullable=nullable)


def of_run(constraint: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant", "run"], ["collaboration.tenant", "collaboration.id"], name=constraint)


def upgrade() -> None:
    op.create_index("call_of_run", "call", ["tenant", "run"])
    op.create_index("call_period", "call", ["tenant", "day", "model", *FIGURES])
    op.create_index("skill_trial_period", "skill_trial", ["tenant", "at"])
    outcome = op.create_table(
        "outcome",
        *(name(column, primary_key=True) for column in ("tenant", "run")),
        sa.Column("day", sa.Date(), nullable=False),
        *map(name, ("asker", "channel", "task", "skill", "version", "campaign", "purpose")),
        *map(words, ("committee", "pattern")),
        yes("private"),
        *map(name, ("status", "how")),
        yes("passed", nullable=True),
        real("waited"), real("took", nullable=False), real("worked", nullable=False),
        real("agreement"), real("margin"),
        *map(whole, ("voters", "eligible", "dissent", "calls", "prompt_tokens", "completion_tokens")),
        real("cost", nullable=False), whole("unpriced"),
        of_run("outcome_of_run"),
    )  # fmt: skip
    op.create_index("outcome_period", "outcome", ["tenant", "day", "task"])
    part = op.create_table(
        "outcome_part",
        *(name(column, primary_key=True) for column in ("tenant", "run", "member")),
        sa.Column("day", sa.Date(), nullable=False),
        words("model"), yes("won"), yes("dissented"), whole("absent"), whole("spared"),
        of_run("outcome_part_of_run"),
    )  # fmt: skip
    op.create_index("outcome_part_period", "outcome_part", ["tenant", "day"])
    fill(outcome, part)
    for view, text in views(op.get_bind().dialect.name == "sqlite").items():
        op.get_bind().exec_driver_sql(f"CREATE VIEW {view} AS {text}")


def downgrade() -> None:
    for view in views(True):
        op.execute(f"DROP VIEW {view}")
    for table in ("outcome_part", "outcome"):
        op.drop_table(table)
    op.drop_index("skill_trial_period", "skill_trial")
    op.drop_index("call_period", "call")
    op.drop_index("call_of_run", "call")


def fill(outcome: sa.Table, part: sa.Table) -> None:
    """Write down how runs ended that ended before, a bounded number at a time."""
    connection, last = op.get_bind(), 0
    ended = sa.text(ENDED).columns(at=TIME, begun_at=TIME, created_at=TIME)
    calls = sa.text(TAKEN).bindparams(sa.bindparam("runs", expanding=True))
    while found := connection.execute(ended, {"last": last}).all():
        runs = {"runs": [each.run for each in found]}
        taken = {(row.tenant, row.run): row._mapping for row in connection.execute(calls, runs)}
        rows, parts = [], []
        for each in found:
            row = {"tenant": each.tenant, "run": each.run, "day": utc(each.at).date()}
            said, asked = json.loads(each.body), json.loads(each.begun or "{}")
            rows.append({**row, **of_row(each._mapping, said, asked), **went(said), **NOTHING})
            rows[-1].update(taken.get((each.tenant, each.run), {}))
            parts += [{**row, **each_part} for each_part in parts_of(said, asked)]
        connection.execute(sa.insert(outcome), rows)
        if parts:
            connection.execute(sa.insert(part), parts)
        last = found[-1].seq


NOTHING = dict.fromkeys(("calls", "prompt_tokens", "completion_tokens", "cost", "unpriced"), 0)
TAKEN = """
SELECT tenant, run, count(*) AS calls, sum(prompt_tokens) AS prompt_tokens, sum(completion_tokens) AS completion_tokens,
coalesce(sum(cost), 0.0) AS cost, count(*) - count(cost) AS unpriced FROM call WHERE run IN :runs GROUP BY tenant, run
"""
# A run has one end; should it have two, the first counts.
ENDED = rf"""
SELECT e.seq, e.tenant, e.run, e.at, e.body, b.at AS begun_at, b.body AS begun, c.created_at, c.asker, c.address,
c.committee, c.pattern, c.private, c.task, c.aim
FROM event e JOIN collaboration c ON c.id = e.run
LEFT JOIN event b ON b.id = CASE WHEN e.kind = 'answer' THEN e.run || '\:asked' ELSE e.run || '\:started' END
WHERE e.seq > :last AND e.kind IN ('answer', 'done')
AND NOT EXISTS (SELECT 1 FROM event f WHERE f.tenant = e.tenant AND f.run = e.run AND f.seq < e.seq
AND f.kind IN ('answer', 'done'))
ORDER BY e.seq LIMIT {AT_ONCE}
"""


def utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def of_row(row: Any, said: Any, asked: Any) -> dict[str, Any]:
    task, aim = (json.loads(row[column]) if row[column] else {} for column in ("task", "aim"))
    about, begun, created, ended = said.get("drafted") or said, row["begun_at"], utc(row["created_at"]), utc(row["at"])
    address = row["address"]
    return {
        "asker": row["asker"],
        "channel": ":".join(address.split(":")[: 2 if address.startswith("terminal") else 3]),
        "task": task.get("kind", ""),
        "skill": about.get("skill", ""),
        "version": about.get("version", ""),
        "campaign": aim.get("campaign", ""),
        "purpose": aim.get("purpose", ""),
        "committee": asked.get("committee", row["committee"]),
        "pattern": asked.get("pattern", row["pattern"]),
        "private": bool(row["private"]),
        "waited": None if begun is None else max(0.0, (utc(begun) - created).total_seconds()),
        "took": max(0.0, (ended - created).total_seconds()),
    }


def went(said: Any) -> dict[str, Any]:
    tally, dissent, produced = (said.get(each) or {} for each in ("tally", "dissent", "produced"))
    tests = sum(float(test["seconds"]) for test in said.get("tests", ())) + float(produced.get("seconds", 0.0))
    return {
        "status": said["status"],
        "how": said.get("how", ""),
        "passed": produced.get("problem") is None if produced else said.get("passed"),
        "worked": float(said["usage"]["seconds"]) if said.get("usage") else tests,
        "agreement": (tally.get("agreement") or {}).get("value"),
        "margin": margin(tally),
        "voters": tally.get("voters", 0),
        "eligible": tally.get("eligible", 0),
        "dissent": max(1, dissent.get("votes", 0)) if dissent else 0,
    }


def margin(tally: Any) -> float | None:
    if not tally.get("winner") or not tally.get("standings"):
        return None
    best = float(tally["standings"][0]["score"])
    return min(1.0, max(0.0, float(tally.get("margin", 0.0)) / best)) if best > 0 else None


def parts_of(said: Any, asked: Any) -> Iterator[dict[str, Any]]:
    tally, dissent = said.get("tally") or {}, said.get("dissent") or {}
    first = [each for each in tally.get("standings", ()) if each["label"] == tally.get("winner")]
    won = {member for each in first for member in each["members"]}
    won |= {*said.get("sources", ())} if not won and said.get("how") == "solo" else set()
    why = [(absence["member"], absence["reason"] == "spared") for absence in said.get("absences", ())]
    for seat in asked.get("seats", ()):
        member = seat["member"]
        yield {
            "member": member,
            "model": seat["model"],
            "won": member in won,
            "dissented": member in dissent.get("members", ()),
            "absent": why.count((member, False)),
            "spared": why.count((member, True)),
        }


def views(sqlite: bool) -> dict[str, str]:
    """Return each view's query: the same columns on both databases, and no text of what was asked in private."""
    open_ = "NOT {0}.private".format
    first = "json_extract(e.body, '$.ranking[0][0]')" if sqlite else "e.body::jsonb #>> '{ranking,0,0}'"
    sure = "json_extract(e.body, '$.confidence')" if sqlite else "(e.body::jsonb ->> 'confidence')::float8"
    said = "json_extract(e.body, '$.{0}')" if sqlite else "e.body::jsonb ->> '{0}'"
    goal = "json_extract(k.body, '$.goal')" if sqlite else "k.body::jsonb ->> 'goal'"
    return {
        "bi_collaborations": f"""
            SELECT c.tenant, c.id, c.asker, c.asker_name, o.channel, c.private,
            CASE WHEN {open_("c")} THEN c.question ELSE '' END AS question,
            CASE WHEN {open_("c")} THEN c.answer ELSE '' END AS answer,
            c.status, o.task, o.skill, o.version, o.campaign, o.purpose,
            coalesce(o.committee, c.committee) AS committee, coalesce(o.pattern, c.pattern) AS pattern, c.language,
            c.created_at, c.ended_at, o.day, o.how, o.passed, o.waited, o.took, o.worked, o.agreement, o.margin,
            o.voters, o.eligible, o.dissent, o.calls, o.prompt_tokens, o.completion_tokens, o.cost, o.unpriced
            FROM collaboration c LEFT JOIN outcome o ON o.tenant = c.tenant AND o.run = c.id""",
        "bi_calls": """
            SELECT tenant, run, id, day, asker, member, phase, model, provider, seconds, first_token_seconds,
            prompt_tokens, completion_tokens, cost, retries, outcome FROM call""",
        "bi_members": "SELECT tenant, run, member, day, model, won, dissented, absent, spared FROM outcome_part",
        "bi_votes": f"""
            SELECT e.tenant, e.run, e.at, {said.format("member")} AS member, {first} AS first_choice,
            {sure} AS confidence, CASE WHEN {open_("c")} THEN {said.format("reason")} ELSE '' END AS reason
            FROM event e JOIN collaboration c ON c.tenant = e.tenant AND c.id = e.run WHERE e.kind = 'ballot'""",
        "bi_skills": """
            SELECT s.tenant, s.name, s.description, s.version, s.stage, s.in_force, s.versions, s.changed_at, r.tests,
            r.passed, r.tested_at, r.failing_since, r.runs, r.succeeded, r.last_run_at
            FROM skill s LEFT JOIN skill_record r ON r.tenant = s.tenant AND r.skill = s.name
            AND r.version = CASE WHEN s.in_force = '' THEN s.version ELSE s.in_force END""",
        "bi_skill_tests": "SELECT tenant, run, skill, version, kind, held, at FROM skill_trial",
        "bi_campaigns": f"""
            SELECT k.tenant, k.id, k.owner, k.private, CASE WHEN {open_("k")} THEN k.title ELSE '' END AS title,
            CASE WHEN {open_("k")} THEN {goal} ELSE '' END AS goal, k.template, k.mode, k.course, k.objectives,
            k.met, k.tokens, k.microdollars / 1000000.0 AS dollars, k.created_at, k.ended_at FROM campaign k""",
        "bi_objectives": objectives(sqlite),
        "bi_schedules": schedules(sqlite),
    }


def schedules(sqlite: bool) -> str:
    """Return the query for schedules, whose words stand in their documents."""
    get = ("json_extract(s.body, '$.{0}')" if sqlite else "s.body::jsonb ->> '{0}'").format
    return f"""
        SELECT s.tenant, s.id, s.owner, s.private, CASE WHEN NOT s.private THEN {get("what")} ELSE '' END AS what,
        {get("typed")} AS typed, s.state, {get("runs") if sqlite else f"({get('runs')})::int"} AS runs, s.next_at,
        s.created_at FROM schedule s"""


def objectives(sqlite: bool) -> str:
    """Return the query for the parts of campaigns, which stand in their documents."""
    if sqlite:
        get = "json_extract(p.value, '$.{0}')".format
        time = "datetime(json_extract(p.value, '$.{0}'))".format
        number, parts = get, "json_each(k.body, '$.objectives') p"
        dollars = "json_extract(p.value, '$.spent.microdollars') / 1000000.0"
        tokens = "json_extract(p.value, '$.spent.tokens')"
    else:
        get, number = "p.value ->> '{0}'".format, "(p.value ->> '{0}')::int".format
        time = "(p.value ->> '{0}')::timestamptz".format
        parts = "jsonb_array_elements(k.body::jsonb -> 'objectives') WITH ORDINALITY p(value, key)"
        dollars = "(p.value #>> '{spent,microdollars}')::bigint / 1000000.0"
        tokens = "(p.value #>> '{spent,tokens}')::bigint"
    text = "CASE WHEN NOT k.private THEN {0} ELSE '' END".format
    return f"""
        SELECT k.tenant, k.id AS campaign, {get("id")} AS id, {text(get("title"))} AS title,
        {text(get("done_when"))} AS done_when, {get("means")} AS means, {get("skill")} AS skill,
        {get("stage")} AS stage, {number("attempts")} AS attempts, {tokens} AS tokens, {dollars} AS dollars,
        {time("started_at")} AS started_at, {time("ended_at")} AS ended_at FROM campaign k, {parts}"""
