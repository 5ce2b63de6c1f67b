"""How skills read: a page of the list, one version, its history, and what changed between two."""

import asyncio
import re
from collections.abc import Sequence

from bot.commands.command import Asking
from bot.shapes import Button, Buttons, Foot, Heading, Part, Post, Prose, Table, plain
from bot.words import Words, key
from core.errors import BadRequest
from core.skills.difference import Difference, difference
from core.skills.manifest import Manifest
from core.skills.numbers import order
from core.skills.skill import SkillVersion

PAGE = 20
"""Skills that are shown at a time."""
NOT_YET = key("Nothing runs it yet: running skills comes with the sandbox, which is not part of Dexter so far.")


async def listed(asking: Asking, rest: str) -> Post:
    """List the skills, a page at a time."""
    words, typed = asking.words, asking.args["page"] or rest or "1"
    at = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 8 else 0
    found, count = await asking.desk.skills.page(asking.principal.tenant, max(at, 1), PAGE)
    pages = max(1, -(-count // PAGE))
    if not 1 <= at <= pages:
        raise BadRequest("There is no page “{page}” of this; the pages are 1 to {pages}.", page=typed[:10], pages=pages)
    if not count:
        return plain(words("There is no skill yet. Bring one in: `skill import <path or address>`."), private=True)
    columns = (words("skill"), words("version"), words("stage"), words("what it does"))
    rows = tuple((s.name, s.version, words(s.stage.value), _short(s.description)) for s in found)
    parts: list[Part] = [Heading(words("Skills")), Table(columns, rows)]
    if pages > 1:
        parts.append(Foot(words("Page {page} of {pages}", page=at, pages=pages)))
        beside = [(words("Back"), at - 1)] * (at > 1) + [(words("Next"), at + 1)] * (at < pages)
        parts.append(Buttons(tuple(Button(name, f"skill list --page {to}") for name, to in beside)))
    data = [skill.model_dump(mode="json", exclude={"tenant"}) for skill in found]
    return Post(tuple(parts), private=True, data=data)


async def shown(asking: Asking, rest: str) -> Post:
    """Show one version whole: what it does, takes, gives, needs and asks for."""
    name, wanted = name_and_version(rest, "skill show")
    version = await asking.desk.skills.version(asking.principal.tenant, name, wanted)
    manifest, users = await asking.desk.skills.manifest(version), await asking.desk.skills.users(version)
    return _whole(version, manifest, users, asking.words)


def _whole(version: SkillVersion, manifest: Manifest, users: Sequence[tuple[str, str]], words: Words) -> Post:
    contract, made = manifest.contract, version.made
    none = words("none")
    rows = (
        (words("stage"), words(version.stage.value)),
        (words("made by"), words("{who}, {at:%Y-%m-%d %H:%M} UTC", who=made.by_name, at=made.at)),
        (words("from"), version.source),
        (words("license"), str(manifest.fields.get("license", none))),
        (words("runs"), f"{contract.entry} ({contract.language})" if contract.entry else words("instructions alone")),
        (words("takes"), _schema(contract.input) or none),
        (words("gives"), _schema(contract.output) or none),
        (words("asks for"), ", ".join(contract.permissions) or none),
        (words("needs skills"), ", ".join(f"{each.name} {each.version}" for each in version.lock) or none),
        (words("needs packages"), ", ".join(contract.packages) or none),
        (words("used by"), ", ".join(f"{user} {number}" for user, number in users) or none),
        (words("files"), _files(version, words)),
        (words("content"), version.content),
    )
    buttons = Buttons((Button(words("History"), f"skill history {version.skill}"),))
    parts = (
        Heading(f"{version.skill} {version.version}"),
        Prose(version.description),
        Table((words("about"), words("what")), rows),
        Foot(words(NOT_YET)),
        buttons,
    )
    return Post(parts, private=True, data=version.model_dump(mode="json", exclude={"tenant"}))


def _files(version: SkillVersion, words: Words) -> str:
    size = words.number(sum(file.size for file in version.files) / 1000, 1)
    tests = sum(file.path.startswith("tests/") for file in version.files)
    counted = words.some(len(version.files), "{count} file", "{count} files")
    tested = words.some(tests, "{count} test file", "{count} test files")
    return f"{counted}, {size} kB, {tested}"


def _schema(schema: dict[str, object] | None) -> str:
    """Return the names of what a schema describes, or its type."""
    if schema is None:
        return ""
    named = schema.get("properties")
    return ", ".join(named) if isinstance(named, dict) and named else str(schema.get("type", "JSON"))


async def history(asking: Asking, rest: str) -> Post:
    """Show the line of descent: each version, what it was made from, by whom, when and why."""
    words = asking.words
    name, _ = name_and_version(rest, "skill history")
    there = await asking.desk.skills.history(asking.principal.tenant, name)
    rows = tuple(
        (
            each.version if move is each.made else "",
            words(move.stage.value),
            each.parent or "–" if move is each.made else "",
            move.by_name,
            words("{at:%Y-%m-%d %H:%M}", at=move.at),
            move.why or (each.source if move is each.made else ""),
            each.collaboration or "" if move is each.made else "",
        )
        for each in sorted(there, key=lambda each: order(each.version))
        for move in each.moves
    )
    columns = (words("version"), words("stage"), words("made from"), words("who"), words("when (UTC)"), words("why"),
               words("asked in"))  # fmt: skip
    data = [each.model_dump(mode="json", exclude={"tenant", "files"}) for each in there]
    heading = Heading(words("History of {name}", name=name))
    return Post((heading, Table(columns, rows)), private=True, data=data)


async def compared(asking: Asking, rest: str) -> Post:
    """Show what changed from one version to another; the last two where none are named."""
    name, *named = rest.split()[:3] or [""]
    name_and_version(name, "skill diff")
    there = await asking.desk.skills.history(asking.principal.tenant, name)
    numbers = sorted((each.version for each in there), key=order)
    if len(named) < 2 and len(numbers) < 2:
        raise BadRequest("There is only one version of {name}: nothing to compare it with.", name=name)
    older, newer = (*named, numbers[-1])[:2] if named else numbers[-2:]
    skills, tenant = asking.desk.skills, asking.principal.tenant
    before = await skills.folder(await skills.version(tenant, name, older))
    after = await skills.folder(await skills.version(tenant, name, newer))
    found = await asyncio.to_thread(difference, before.files, after.files)
    title = asking.words("{name}: from {older} to {newer}", name=name, older=older, newer=newer)
    return _difference(title, found, asking.words)


def _difference(title: str, found: Difference, words: Words) -> Post:
    kinds = ((words("added"), found.added), (words("removed"), found.removed), (words("changed"), found.changed))
    rows = tuple((kind, path) for kind, paths in kinds for path in paths)
    if not rows:
        return Post((Heading(title), Prose(words("They are the same."))), private=True)
    parts: list[Part] = [Heading(title), Table((words("change"), words("file")), rows)]
    if found.lines:
        parts.append(Prose(fenced("\n".join(found.lines))))
    if not found.whole:
        parts.append(Foot(words("There is more than is shown here: export both versions to see all of it.")))
    return Post(tuple(parts), private=True)


def fenced(text: str) -> str:
    """Return text between fences that it cannot close itself."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}diff\n{text}\n{fence}"


def name_and_version(rest: str, usage: str) -> tuple[str, str]:
    """Return a skill's name and, where one is named, a version. Raises `BadRequest`."""
    name, _, version = rest.strip().partition(" ")
    if not name:
        raise BadRequest("Which skill? Type it like this: `{usage} pdf-forms`.", usage=usage)
    return name, version.strip()


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
