"""`skill`: list, show, bring in, take out, compare and retire what Dexter may one day run."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from bot.commands.command import Asking, Command, Option
from bot.commands.names import nearest
from bot.commands.skill_pages import NOT_YET, compared, history, listed, name_and_version, shown
from bot.shapes import TERMINAL, Foot, Heading, Post, Prose
from core.access import Permission, require
from core.errors import BadRequest
from core.skills.archive import read_zip, write_zip
from core.skills.disk import read_path, write_file, write_folder
from core.skills.folder import Folder

LONGEST_WHY = 500
_ADDRESS = re.compile(r"[a-z]+://|[\w.-]+@[\w.-]+:")


async def skill(asking: Asking) -> Post:
    """Do the part of `skill` that was named; without one, list the skills."""
    part, _, rest = asking.args["what"].partition(" ")
    if not part:
        return await listed(asking, "")
    if part.casefold() not in PARTS:
        text = "I know no “skill {name}”. {hint}"
        raise BadRequest(text, name=part[:40], hint=nearest(part, list(PARTS)))
    return await PARTS[part.casefold()](asking, rest.strip())


async def bring(asking: Asking, rest: str) -> Post:
    """Bring a skill in as a draft: from a repository, an attached archive or, in the terminal, this machine's disk."""
    require(asking.principal, Permission.SKILLS)
    folder, source, called = await _found(asking, rest)
    why, words = asking.args["why"][:LONGEST_WHY], asking.words
    version, new = await asking.desk.skills.bring(folder, asking.principal, source=source, why=why, called=called)
    said = words("It is a draft, version {version}.", version=version.version)
    if not new:
        stage = words(version.stage.value)
        said = words("The very same is here already: version {version}, {stage}.", version=version.version, stage=stage)
    parts = (Heading(version.skill), Prose(version.description), Foot(f"{said} {words(NOT_YET)}"))
    return Post(parts, private=True, data=version.model_dump(mode="json", exclude={"tenant"}))


async def _found(asking: Asking, rest: str) -> tuple[Folder, str, str]:
    """Return the folder that is meant, where it is from, and what it is called if it has a name."""
    archives = [each for each in asking.attachments if each.content]
    if rest and _ADDRESS.match(rest):
        inside = asking.args["folder"]
        return await asking.desk.fetch(rest, inside), f"{rest} {inside}".strip(), ""
    if rest and _in_terminal(asking):
        return await asyncio.to_thread(_local, rest)
    if rest:
        raise BadRequest("From here I fetch `https://` and `ssh://` addresses alone: attach a zip instead of a path.")
    if len(archives) != 1:
        raise BadRequest("What shall I import? Name an address or, in the terminal, a path; or attach one zip archive.")
    return await asyncio.to_thread(read_zip, archives[0].content), archives[0].name, ""


def _local(typed: str) -> tuple[Folder, str, str]:
    path = Path(typed).expanduser().absolute()
    return read_path(path), str(path), path.name if path.is_dir() else ""


async def take_out(asking: Asking, rest: str) -> Post:
    """Write a version to this machine's disk, as a folder or a zip, byte for byte as it came in."""
    if not _in_terminal(asking):
        raise BadRequest("Skills are exported in the terminal: `dexter skill export pdf-forms --to folder`.")
    name, wanted = name_and_version(rest, "skill export")
    version = await asking.desk.skills.version(asking.principal.tenant, name, wanted)
    folder = await asking.desk.skills.folder(version)
    path = await asyncio.to_thread(_write, folder, version.skill, asking.args["to"] or ".")
    said = asking.words("{name} {version} is in {path}.", name=name, version=version.version, path=path)
    return Post((Prose(said),), private=True, data={"path": str(path), "content": version.content})


def _write(folder: Folder, name: str, to: str) -> Path:
    """Write a folder into the one that is named, or as the zip that is named, and return where it is."""
    path = Path(to).expanduser().absolute()
    if path.suffix.casefold() == ".zip":
        write_file(write_zip(folder, name), path)
        return path
    write_folder(folder, path / name)
    return path / name


async def retire(asking: Asking, rest: str) -> Post:
    """Retire a version for good, and say who uses it."""
    require(asking.principal, Permission.SKILLS)
    name, wanted = name_and_version(rest, "skill retire")
    skills, words = asking.desk.skills, asking.words
    version = await skills.version(asking.principal.tenant, name, wanted)
    users = await skills.users(version)
    why, anyway = asking.args["why"][:LONGEST_WHY], bool(asking.args["anyway"])
    await skills.retire(asking.principal, version, why, anyway=anyway)
    said = words("{name} {version} is retired.", name=name, version=version.version)
    if users:
        using = words.listed([f"{user} {number}" for user, number in users[:10]])
        said += " " + words("It is still used by {users}.", users=using)
    return Post((Prose(said),), private=True)


def _in_terminal(asking: Asking) -> bool:
    """Tell whether the person sits at this machine, and so may name its files."""
    return asking.request.address.startswith(f"{TERMINAL}:")


PARTS: Mapping[str, Callable[[Asking, str], Awaitable[Post]]] = {
    "list": listed,
    "show": shown,
    "import": bring,
    "export": take_out,
    "history": history,
    "diff": compared,
    "retire": retire,
}
SKILL = Command(
    "skill",
    "List the skills, show, import, export, compare or retire one: `skill list`",
    Permission.READ,
    skill,
    (
        Option("what", "`list`, `show`, `import`, `export`, `history`, `diff` or `retire`, and which", words=True),
        Option("page", "which page of the list"),
        Option("folder", "with an address: the folder in the repository that is the skill"),
        Option("to", "with `export`: the folder to put it in, or a file that ends in .zip"),
        Option("why", "the reason, for the history"),
        Option("anyway", "retire it although others use it", flag=True),
    ),
    "skill show pdf-forms",
    most_words=4,
    takes_archives=True,
)
