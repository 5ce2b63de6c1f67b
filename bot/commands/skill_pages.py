"""How skills read: a page of the list, one version, its history, and what changed between two."""

import asyncio
from collections.abc import Sequence

from bot.commands.command import Asking
from bot.commands.skill_cards import allowed, badge_of, short_badge
from bot.results import fenced
from bot.shapes import Button, Buttons, Foot, Heading, Part, Post, Prose, Table, plain
from bot.words import Words, key
from core.errors import BadRequest
from core.skills.difference import Difference, difference
from core.skills.manifest import Manifest
from core.skills.numbers import order
from core.skills.skill import SkillVersion

PAGE = 20
"""Skills that are shown at a time."""
COLUMNS = (key("skill"), key("version"), key("stage"), key("tests and use"), key("what it does"))
NONE = key("There is no skill yet. Have one written: `skill draft`, or bring one in: `skill import`.")


async def listed(asking: Asking, rest: str) -> Post:
    """List the skills, a page at a time."""
    words, typed = asking.words, asking.args["page"] or rest or "1"
    at = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 8 else 0
    sought, skills, tenant = asking.args["find"], asking.desk.skills, asking.principal.tenant
    found, count = await skills.page(tenant, max(at, 1), PAGE, sought)
    pages = max(1, -(-count // PAGE))
    if not 1 <= at <= pages:
        raise BadRequest("There is no page “{page}” of this; the pages are 1 to {pages}.", page=typed[:10], pages=pages)
    if not count:
        return plain(words("No skill has these words.") if sought else words(NONE), private=True)
    records = await skills.records(tenant, [(each.name, each.version) for each in found])
    columns = tuple(words(name) for name in COLUMNS)
    rows = tuple(
        (s.name, s.version, words(s.stage.value), short_badge(records[s.name, s.version], words), _short(s.description))
        for s in found
    )
    parts: list[Part] = [Heading(words("Skills")), Table(columns, rows)]
    if pages > 1:
        parts.append(Foot(words("Page {page} of {pages}", page=at, pages=pages)))
        beside = [(words("Back"), at - 1)] * (at > 1) + [(words("Next"), at + 1)] * (at < pages)
        find = f' --find "{sought}"' if sought else ""
        parts.append(Buttons(tuple(Button(name, f"skill list --page {to}{find}") for name, to in beside)))
    data = [
        {**s.model_dump(mode="json", exclude={"tenant"}), "record": records[s.name, s.version].model_dump(mode="json")}
        for s in found
    ]
    return Post(tuple(parts), private=True, data=data)


async def shown(asking: Asking, rest: str) -> Post:
    """Show one version whole: its badge, what it takes, gives, needs and asks for, and what one may do with it."""
    name, wanted = name_and_version(rest, "skill show")
    skills, words = asking.desk.skills, asking.words
    version = await skills.version(asking.principal.tenant, name, wanted)
    manifest, users, record = await skills.manifest(version), await skills.users(version), await skills.record(version)
    parts: list[Part] = [
        Heading(f"{version.skill} {version.version}"),
        Foot(f"{words(version.stage.value)} · {badge_of(record, words)}"),
        Prose(version.description),
        Table((words("about"), words("what")), _rows(version, manifest, users, words)),
        Buttons(allowed(asking.principal, version, manifest, words)),
    ]
    data = version.model_dump(mode="json", exclude={"tenant"}) | {"record": record.model_dump(mode="json")}
    return Post(tuple(parts), private=True, data=data)


def _rows(
    version: SkillVersion, manifest: Manifest, users: Sequence[tuple[str, str]], words: Words
) -> tuple[tuple[str, str], ...]:
    contract, made = manifest.contract, version.made
    none = words("none")
    return (
        (words("made by"), words("{who}, {at:%Y-%m-%d %H:%M} UTC", who=made.by_name, at=made.at)),
        (words("from"), version.source or none),
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
        parts.append(Prose(fenced("\n".join(found.lines), "diff")))
    if not found.whole:
        parts.append(Foot(words("There is more than is shown here: export both versions to see all of it.")))
    return Post(tuple(parts), private=True)


def name_and_version(rest: str, usage: str) -> tuple[str, str]:
    """Return a skill's name and, where one is named, a version. Raises `BadRequest`."""
    name, _, version = rest.strip().partition(" ")
    if not name:
        raise BadRequest("Which skill? Type it like this: `{usage} pdf-forms`.", usage=usage)
    return name, version.strip()


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79] + "…"
