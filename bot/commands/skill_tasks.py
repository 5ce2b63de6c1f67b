"""`skill draft`, `run`, `test` and `promote`: work on skills that takes its time and is told of in the thread."""

import asyncio
import re

from bot.commands.ask import SKILL_PATTERN, put
from bot.commands.command import Asking
from bot.commands.parse import unquoted
from bot.commands.past import named
from bot.commands.skill_input import given, missing
from bot.commands.skill_pages import name_and_version
from bot.forms import KINDS, form_of
from bot.shapes import Button, Buttons, Post, Prose, Table, between_two
from core.access import Permission, require
from core.entities import Collaboration, Principal, Task, now, run_id
from core.errors import BadRequest, NotFound
from core.sentences import said
from core.skills.manifest import Manifest
from core.skills.running.fits import misfit
from core.skills.skill import SkillVersion, Stage
from core.skills.skills import Skills

LONGEST_SHOWN = 200
"""Characters of what was typed that a list shows of a task."""
_VERSION = re.compile(r"v?(\d+(?:\.\d+){1,2})\Z")


async def draft(asking: Asking, rest: str) -> None:
    """Have a committee write a skill; with `--from`, one that does what an answer did."""
    require(asking.principal, Permission.DRAFT)
    wish, past = unquoted(rest), None
    if run := asking.args["from"]:
        past = await named(asking, run)
        wish = _wish_of(past, wish)
    if not any(character.isalnum() for character in wish):
        text = "What shall the skill do? Type it like this: `skill draft Count the words of a text`."
        raise BadRequest(text)
    await put(asking, wish, parent=past, pattern=SKILL_PATTERN)


def _wish_of(past: Collaboration, more: str) -> str:
    if past.task or not past.answer:
        raise BadRequest("{id} is no question with an answer: a skill can be made of one.", id=past.id)
    asked = f"Write a skill that does, for any input of the same kind, what was asked and answered here.\n\n{more}"
    return f"{asked.strip()}\n\nAsked:\n{past.question}\n\nAnswered:\n{past.answer}"


async def run(asking: Asking, rest: str) -> Post | None:
    """Run a version with what was given; say what is missing, and offer a form for it."""
    require(asking.principal, Permission.RUN_SKILLS)
    name, typed = name_and_version(rest, "skill run")
    version, typed = await runnable(asking.desk.skills, asking.principal, name, typed)
    manifest = await asking.desk.skills.manifest(version)
    if not manifest.contract.entry:
        raise BadRequest("{name} is instructions alone: there is nothing in it to run.", name=name)
    values = given(typed, asking.attachments, manifest.contract.input)
    if lacking := missing(values, manifest.contract.input):
        return _asked_for(asking, version, manifest, lacking)
    if fault := await asyncio.to_thread(misfit, values, manifest.contract.input or {}):
        raise BadRequest("{name} does not take that: {fault}.", name=version.skill, fault=fault)
    task = Task(
        kind="run",
        skill=version.skill,
        version=version.version,
        input=values,
        unpromoted=version.stage is not Stage.PROMOTED,
    )
    await start(asking, task)
    return None


async def runnable(skills: Skills, who: Principal, name: str, typed: str) -> tuple[SkillVersion, str]:
    """Return the version that a person means, and what was typed behind it. Raises `NotFound` and `NotAllowed`."""
    tenant = who.tenant
    first, _, behind = typed.partition(" ")
    if number := _VERSION.match(first):
        version = await skills.version(tenant, name, number[1])
        if version.stage is Stage.RETIRED:
            raise BadRequest("{name} {version} is retired: nothing runs it.", name=name, version=version.version)
        if version.stage is not Stage.PROMOTED:
            require(who, Permission.SKILLS)
        return version, behind.strip()
    in_force = await skills.in_force(tenant, name)
    if in_force is None:
        newest = await skills.version(tenant, name)
        text = (
            "No version of {name} is promoted, so it cannot be run by its name alone. `skill promote {name}` has "
            "{version} made ready; who may promote can run it before: `skill run {name} {version}`."
        )
        raise NotFound(text, name=name, version=newest.version)
    return in_force, typed


def _asked_for(asking: Asking, version: SkillVersion, manifest: Manifest, lacking: list[str]) -> Post:
    """Return what a version takes, with the way to fill it in."""
    words, name = asking.words, version.skill
    form = form_of(name, version.version, version.description, manifest.contract.input)
    rows = tuple(
        (each.name, words(KINDS[each.kind]), words("yes") if each.required else words("no"), each.hint)
        for each in form.fields
    )
    usage = f"skill run {name} {version.version} " + " ".join(f"{each}=…" for each in lacking)
    needs = words("It needs {names}. Type it like this: `{usage}`.", names=words.listed(lacking), usage=usage)
    columns = (words("name"), words("kind"), words("needed"), words("meaning"))
    fill = Button(words("Fill in…"), f"skill run {name} {version.version}", "primary")
    data = {"skill": name, "version": version.version, "missing": lacking, "input": manifest.contract.input}
    return Post((Prose(needs), Table(columns, rows), Buttons((fill,))), private=True, failed=True, data=data)


async def test(asking: Asking, rest: str) -> None:
    """Run a version's tests in the sandbox; with `--all`, those of every skill that is promoted."""
    require(asking.principal, Permission.SKILLS)
    if asking.args["all"]:
        await start(asking, Task(kind="check"))
        return
    name, wanted = name_and_version(rest, "skill test")
    version = await asking.desk.skills.version(asking.principal.tenant, name, wanted)
    await start(asking, Task(kind="test", skill=version.skill, version=version.version))


async def promote(asking: Asking, rest: str) -> None:
    """Have a version tested twice, and ask a person to approve it."""
    require(asking.principal, Permission.SKILLS)
    name, wanted = name_and_version(rest, "skill promote")
    version = await asking.desk.skills.version(asking.principal.tenant, name, wanted)
    if version.stage in (Stage.PROMOTED, Stage.RETIRED):
        text = "{name} {version} is {stage} already."
        raise BadRequest(text, name=name, version=version.version, stage=said(version.stage.value))
    await start(asking, Task(kind="promote", skill=version.skill, version=version.version))


async def start(asking: Asking, task: Task) -> None:
    """Accept a task. What comes of it comes through the outbox, in the thread."""
    person, request = asking.principal, asking.request
    typed = " ".join(request.text.split()).replace(" -- ", " ", 1)
    collaboration = Collaboration(
        id=run_id(person.tenant, request.key),
        tenant=person.tenant,
        asker=person.id,
        asker_name=person.name,
        address=request.address,
        question=typed if len(typed) <= LONGEST_SHOWN else typed[: LONGEST_SHOWN - 1] + "…",
        language=asking.words.language,
        created_at=now(),
        task=task,
        private=task.kind == "run" and between_two(request.address),  # the rest is work on what is everybody's
    )
    await asking.desk.runs.start(collaboration, request.key)
