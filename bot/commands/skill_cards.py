"""The card of a skill's version: its badge, and the buttons that this person may press."""

from collections.abc import Iterator

from bot.shapes import Button
from bot.skill_posts import promote_it, run_it, test_it
from bot.words import Words
from core.access import Permission, may
from core.entities import Principal
from core.skills.manifest import Manifest
from core.skills.record import Record
from core.skills.skill import SkillVersion, Stage

IN_A_ROW = 5


def badge_of(record: Record, words: Words) -> str:
    """Return what is known of a version: tests, isolation, success rate, last run."""
    return " · ".join(_known(record, words)) or words("never tested")


def _known(record: Record, words: Words) -> Iterator[str]:
    if record.tested_at:
        yield _tests(record, words) + (f" ({words(record.tier.value)})" if record.tier else "")
    if record.failing_since:
        yield words("failing since {at:%Y-%m-%d %H:%M} UTC", at=record.failing_since)
    if record.success is not None:
        share = words("{share:.0%}", share=record.success)
        yield words.some(
            record.runs, "{share} of {count} run succeeded", "{share} of {count} runs succeeded", share=share
        )
    if record.last_run_at:
        yield words("last run {at:%Y-%m-%d %H:%M} UTC", at=record.last_run_at)


def short_badge(record: Record, words: Words) -> str:
    """Return the same for a row of a list: `✓ 9 of 9 · 92 %`."""
    tests = _tests(record, words) if record.tested_at else words("untested")
    return tests + (f" · {words('{share:.0%}', share=record.success)}" if record.success is not None else "")


def _tests(record: Record, words: Words) -> str:
    held = record.tests > 0 and record.passed == record.tests and not record.failing_since
    said = words("{passed} of {all}", passed=record.passed, all=record.tests)
    return f"{'✓' if held else '✗'} {said}"


def allowed(who: Principal, version: SkillVersion, manifest: Manifest, words: Words) -> tuple[Button, ...]:
    """Return what this person may do with a version."""
    name, number, stage = version.skill, version.version, version.stage
    looks_after = may(who, Permission.SKILLS)
    runs = looks_after or (stage is Stage.PROMOTED and may(who, Permission.RUN_SKILLS))
    buttons: list[Button] = []
    if runs and manifest.contract.entry and stage is not Stage.RETIRED:
        buttons.append(run_it(name, number, words))
    if looks_after and stage is not Stage.RETIRED:
        buttons.append(test_it(name, number, words))
    if looks_after and stage in (Stage.DRAFT, Stage.TESTED):
        buttons.append(promote_it(name, number, words))
    if looks_after and stage is Stage.PROMOTED:
        buttons.append(Button(words("Roll back"), f"skill rollback {name}", "danger"))
    return (*buttons, Button(words("History"), f"skill history {name}"))[:IN_A_ROW]
