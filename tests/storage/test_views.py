"""The views for BI tools: the columns that are promised, on every database, and no text of what is private."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from sqlalchemy import Engine, text

from bot.console.export import export
from bot.parts import parquet_file
from bot.words import ENGLISH
from core.entities import Aim, Task
from core.errors import BadRequest, Misconfigured, Unavailable
from core.events import Ballot
from storage.kept import Database
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.views import VIEWS, Views
from tests.contracts.test_report_store import DONE, run
from tests.contracts.test_skill_store import contents, trial, version
from tests.doubles.questions import call, said

DICTIONARY = (Path(__file__).parents[2] / "docs" / "data.md").read_text("utf-8")
KINDS = {
    "text": str, "whole number": int, "number": float, "yes or no": bool, "day": date, "time": datetime,
}  # fmt: skip


async def fill(store: SqlStore, skills: SqlSkills, engine: Engine) -> None:
    """Keep something of everything, half of it private."""
    for private in (False, True):
        held = await run(store, f"q{private}", private=private)
        ballot = Ballot(member="ann", ranking=(("B", "C"), ("A",)), confidence=0.8, reason="secret", calls=(call(),))
        await store.append(said(held, "b", ballot))
    await run(store, "task", end=DONE, task=Task(kind="run", skill="csv-tools", version="1.0.0"))
    await run(store, "step", aim=Aim(campaign="k3f9x2mqabcd", objective="1", purpose="work"))
    await skills.add(version(), contents(version()))
    await skills.note(trial("t"))
    objectives = (
        '{"objectives": [{"id": "1", "title": "secret", "done_when": "secret", "means": "answer", "skill": "", '
        '"stage": "met", "attempts": 2, "spent": {"tokens": 7, "microdollars": 250000}, '
        '"started_at": "2026-11-03T12:00:00Z", "ended_at": null}], "goal": "secret"}'
    )
    schedule = '{"what": "ask secret", "typed": "daily", "runs": 3}'
    with engine.begin() as connection:
        for private in (False, True):
            values = {"id": f"k{private}", "private": private, "at": "2026-11-03 12:00:00.000000"}
            await_id = {"id": (await _id(store, f"q{private}"))}
            connection.execute(text(CAMPAIGN), values | await_id | {"body": objectives})
            connection.execute(text(SCHEDULE), values | {"body": schedule})


async def _id(store: SqlStore, key: str) -> str:
    return next(each.id for each in await store.recent("local") if each.question == f"What of {key}?")


CAMPAIGN = """
INSERT INTO campaign (tenant, id, owner, title, private, template, mode, course, objectives, met, tokens, microdollars,
created_at, revision, body)
VALUES ('local', :id, 'local:ada', 'secret', :private, '', 'guided', 'running', 1, 1, 7, 250000, :at, 1, :body)
"""
SCHEDULE = """
INSERT INTO schedule (tenant, id, owner, state, private, created_at, revision, body)
VALUES ('local', :id, 'local:ada', 'active', :private, :at, 1, :body)
"""


def of(connection: Views, view: str, **more: str) -> list[dict[str, Any]]:
    names = [each.name for each in VIEWS[view]]
    return [dict(zip(names, row, strict=True)) for part in connection.rows(view, **more) for row in part]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_the_columns_that_are_promised_in_their_order(engine: Engine, view: str) -> None:
    with engine.connect() as connection:
        names = [*connection.execute(text(f"SELECT * FROM {view}")).keys()]  # noqa: S608
    assert names == [each.name for each in VIEWS[view]]


def test_there_are_no_other_views(engine: Engine) -> None:
    listed = (
        "SELECT name FROM sqlite_master WHERE type = 'view'"
        if engine.dialect.name == "sqlite"
        else "SELECT table_name FROM information_schema.views WHERE table_schema = 'public'"
    )
    with engine.connect() as connection:
        assert {name for (name,) in connection.execute(text(listed))} == set(VIEWS)


async def test_the_rows_of_every_view_are_of_the_kinds_that_are_promised(
    store: SqlStore, skills: SqlSkills, engine: Engine
) -> None:
    await fill(store, skills, engine)
    with engine.connect() as connection:
        for view, fields in VIEWS.items():
            rows = of(Views(connection), view)
            assert rows, view
            for each in fields:
                kinds = {type(row[each.name]) for row in rows} - {type(None)}
                assert kinds <= {KINDS[each.kind]}, (view, each.name, kinds)
            assert all(row["tenant"] == "local" for row in rows)


async def test_what_is_private_has_its_numbers_and_none_of_its_texts(
    store: SqlStore, skills: SqlSkills, engine: Engine
) -> None:
    await fill(store, skills, engine)
    with engine.connect() as connection:
        open_ = Views(connection)
        asked = {
            row["private"]: row for row in of(open_, "bi_collaborations") if not row["task"] and not row["campaign"]
        }
        assert (asked[True]["question"], asked[True]["answer"], asked[True]["calls"]) == ("", "", 1)
        assert (asked[False]["question"], asked[False]["answer"]) == ("What of qFalse?", "No.")
        assert sorted(row["reason"] for row in of(open_, "bi_votes")) == ["", "secret"]
        assert {row["first_choice"] for row in of(open_, "bi_votes")} == {"B"}
        for view in ("bi_campaigns", "bi_objectives"):
            assert sorted(row["title"] for row in of(open_, view)) == ["", "secret"]
        assert sorted(row["what"] for row in of(open_, "bi_schedules")) == ["", "ask secret"]
        (objective, _) = of(open_, "bi_objectives")
        assert (objective["attempts"], objective["tokens"], objective["dollars"]) == (2, 7, 0.25)
        assert objective["started_at"] == datetime(2026, 11, 3, 12, tzinfo=UTC)


async def test_one_tenant_alone_is_read_where_it_is_named(store: SqlStore, engine: Engine) -> None:
    await run(store, "1")
    await run(store, "2", tenant="slack:T2")
    with engine.connect() as connection:
        assert [row["tenant"] for row in of(Views(connection), "bi_collaborations", tenant="slack:T2")] == ["slack:T2"]
        assert len(of(Views(connection), "bi_calls")) == 2


async def test_rows_come_a_bounded_number_at_a_time(store: SqlStore, engine: Engine) -> None:
    for number in range(7):
        await run(store, f"{number}")
    with engine.connect() as connection:
        assert [len(part) for part in Views(connection, 3).rows("bi_calls")] == [3, 3, 1]


def test_the_dictionary_has_every_column_with_its_kind_and_meaning() -> None:
    written = {
        view: re.findall(r"^\| `(\w+)` \| ([\w ]+) \| (.+) \|$", body, re.MULTILINE)
        for view, body in re.findall(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", DICTIONARY, re.MULTILINE | re.DOTALL)
    }
    assert written == {
        view: [(each.name, each.kind, each.meaning) for each in fields] for view, fields in VIEWS.items()
    }
    granted = DICTIONARY.partition("GRANT SELECT ON")[2].partition("TO bi")[0]
    assert re.findall(r"bi_\w+", granted) == [*VIEWS]


async def test_an_export_writes_every_view_whole_as_parquet_and_as_csv(
    store: SqlStore, skills: SqlSkills, engine: Engine, database_url: str, tmp_path: Path
) -> None:
    await fill(store, skills, engine)
    out = tmp_path / "out"
    for format in ("parquet", "csv"):
        post = export(Database(database_url).views(), parquet_file, [str(out), "--as", format], ENGLISH)
        assert post.data == {"folder": str(out), "rows": {view: post.data["rows"][view] for view in VIEWS}}  # type: ignore[index]
    assert sorted(path.name for path in out.iterdir()) == sorted(f"{v}.{f}" for v in VIEWS for f in ("csv", "parquet"))
    read = pyarrow.parquet.read_table(out / "bi_collaborations.parquet")
    assert read.column_names == [each.name for each in VIEWS["bi_collaborations"]]
    assert sorted(read["question"].to_pylist()) == ["", "What of qFalse?", "What of step?", "What of task?"]
    assert {str(read.schema.field(name).type) for name in ("created_at", "day", "private", "calls")} == {
        "timestamp[us, tz=UTC]", "date32[day]", "bool", "int64",
    }  # fmt: skip
    assert b"What of qFalse?" in (out / "bi_collaborations.csv").read_bytes()


@pytest.mark.parametrize("typed", [[], ["a", "b"], ["a", "--as", "xlsx"], ["--what"]])
def test_what_cannot_be_exported_is_a_sentence(typed: list[str], sqlite_url: str) -> None:
    with pytest.raises(BadRequest):
        export(Database(sqlite_url).views(), parquet_file, typed, ENGLISH)


def test_a_folder_that_cannot_be_written_and_a_database_that_is_not_there_are_sentences(
    sqlite_url: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unavailable, match="cannot be written"):
        export(Database(sqlite_url).views(), parquet_file, [str(tmp_path / "file" / "x")], ENGLISH)
    with pytest.raises((Misconfigured, Unavailable)):
        export(Database("sqlite:////proc/none/x.db").views(), parquet_file, [str(tmp_path / "out")], ENGLISH)
