"""Skills put to work through the commands: who may, what is refused, what is started."""

import pytest

from bot.commands.skill_cards import badge_of
from bot.shapes import Buttons
from bot.words import ENGLISH
from core.entities import now
from core.sandbox import Tier
from core.skills.folder import Folder
from core.skills.record import Record
from tests.bot.commands.conftest import TENANT
from tests.bot.commands.test_skills import types

MANIFEST = b"""---
name: shout
description: Writes a text in capitals. Use when someone wants to shout.
metadata:
  version: "1.0.0"
  dexter-language: python
  dexter-entry: scripts/main.py
  dexter-input: |-
    {"type": "object", "required": ["text"],
     "properties": {"text": {"type": "string"}, "n": {"type": "integer", "maximum": 9}}}
  dexter-output: '{"type": "string"}'
---
Shout.
"""
SHOUT = Folder({"SKILL.md": MANIFEST, "scripts/main.py": b"def run(text, n=1):\n    return text.upper() * n\n"})


def pressable(post):
    return [button.command for part in post.parts if isinstance(part, Buttons) for button in part.buttons]


async def newest(desk):
    return (await desk.app.desk.store.recent(TENANT, limit=1))[0]


@pytest.fixture
async def shout(desk):
    await types(desk, "skill import", SHOUT)
    return desk


async def test_a_card_has_the_buttons_that_its_reader_may_press(shout):
    looks_after = pressable(await shout.type("skill show shout"))
    assert looks_after == [
        "skill run shout 1.0.0", "skill test shout 1.0.0", "skill promote shout 1.0.0", "skill history shout",
    ]  # fmt: skip
    assert pressable(await shout.type("skill show shout", person="slack:U1")) == ["skill history shout"]


async def test_what_is_not_promoted_is_run_by_those_alone_who_may_promote(shout):
    assert "No version of shout is promoted" in await shout.reads("skill run shout hello")
    assert "You may not bring skills in, test" in await shout.reads("skill run shout 1.0.0 hello", person="slack:U1")
    assert await shout.type("skill run shout 1.0.0 hello there") is None
    task = (await newest(shout)).task
    assert (task.kind, task.input, task.unpromoted) == ("run", {"text": "hello there"}, True)


async def test_what_is_missing_or_does_not_fit_is_said_before_anything_runs(shout):
    lacking = await shout.type("skill run shout 1.0.0 n=3")
    assert lacking.data["missing"] == ["text"]
    assert pressable(lacking) == ["skill run shout 1.0.0"]
    assert "shout does not take that: `n`: 12" in await shout.reads("skill run shout 1.0.0 text=a n=12")
    assert await shout.app.desk.store.recent(TENANT) == []


async def test_tests_and_promotions_are_tasks_of_those_who_look_after_skills(shout):
    for text, kind in (("skill test shout", "test"), ("skill test --all", "check"), ("skill promote shout", "promote")):
        assert (await shout.reads(text, person="slack:U1")).startswith("You may not bring skills in, test")
        assert await shout.type(text) is None
        assert (await newest(shout)).task.kind == kind
    assert "is no question: type what you want" in await shout.reads(f"again {(await newest(shout)).id}")


async def test_an_answer_becomes_the_request_for_a_skill(desk):
    events = await desk.ask("Should we move?", person="slack:U1")
    assert await desk.type(f"skill draft --from {events[0].run} as a table", person="slack:U1") is None
    draft = await newest(desk)
    assert (draft.pattern, draft.parent) == ("skill", events[0].run)
    assert draft.question.endswith("as a table\n\nAsked:\nShould we move?\n\nAnswered:\nMove.")
    assert "What shall the skill do?" in await desk.reads("skill draft")


@pytest.mark.parametrize("text", ["skill approve", "skill approve nosuchrun", "skill rollback shout"])
async def test_there_is_nothing_to_decide(shout, text):
    assert (await shout.type(text)).failed


async def test_skills_are_found_by_their_words(shout):
    assert "shout | 1.0.0 | draft" in await shout.reads("skill list --find capital")
    assert await shout.reads("skill list --find nothing") == "No skill has these words."


def test_a_badge_says_how_tests_and_runs_went():
    at = now().replace(year=2026, month=3, day=2, hour=9, minute=30)
    record = Record(tests=9, passed=9, tier=Tier.GROUPED, tested_at=at, runs=25, succeeded=23, last_run_at=at)
    assert badge_of(record, ENGLISH) == (
        "✓ 9 of 9 (grouped) · 92% of 25 runs succeeded · last run 2026-03-02 09:30 UTC"
    )
    assert badge_of(record.but(passed=8, failing_since=at), ENGLISH).startswith("✗ 8 of 9 (grouped) · failing since")
    assert badge_of(Record(), ENGLISH) == "never tested"
