"""`skill`: programs that a committee writes, from the draft to the version that everybody runs."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from bot.commands.command import Asking, Command, Option
from bot.commands.names import nearest
from bot.commands.registry import SHARED
from bot.commands.skill_decisions import LONGEST_WHY, approve, retire, rollback
from bot.commands.skill_pages import compared, history, listed, name_and_version, shown
from bot.commands.skill_tasks import draft, promote, run, test
from bot.shapes import TERMINAL, Buttons, Foot, Heading, Post, Prose
from bot.skill_posts import promote_it, test_it
from core.access import Permission, require
from core.errors import BadRequest
from core.skills.archive import read_zip, write_zip
from core.skills.disk import read_path, write_file, write_folder
from core.skills.folder import Folder

_ADDRESS = re.compile(r"[a-z]+://|[\w.-]+@[\w.-]+:")


async def skill(asking: Asking) -> Post | None:
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
    named = version.skill, version.version, words
    buttons = Buttons((test_it(*named), promote_it(*named)))
    if not new:
        stage = words(version.stage.value)
        said = words("The very same is here already: version {version}, {stage}.", version=version.version, stage=stage)
    parts = (Heading(version.skill), Prose(version.description), Foot(said), buttons)
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


def _in_terminal(asking: Asking) -> bool:
    """Tell whether the person sits at this machine, and so may name its files."""
    return asking.request.address.startswith(f"{TERMINAL}:")


PARTS: Mapping[str, Callable[[Asking, str], Awaitable[Post | None]]] = {
    "list": listed,
    "show": shown,
    "draft": draft,
    "run": run,
    "test": test,
    "promote": promote,
    "approve": approve,
    "rollback": rollback,
    "retire": retire,
    "history": history,
    "diff": compared,
    "import": bring,
    "export": take_out,
    **SHARED,
}
NAMELESS = ("list", "draft", "approve", "import", "search", "install", "installed")
"""Those that name no skill."""
SKILL = Command(
    "skill",
    "Have a skill written, tested, promoted and run; list what there is: `skill list`",
    Permission.READ,
    skill,
    (
        Option(
            "what",
            "`draft`, `run`, `test`, `promote`, `list`, `search`, `install`, … and which",
            words=True,
            choices="skill",
        ),
        Option("page", "which page of the list"),
        Option("find", "with `list`: search names and descriptions for these words"),
        Option("from", "with `draft`: the id of an answer; with `install`, `search` and `rate`: the registry"),
        Option("committee", "with `draft`: who writes it", choices="committee"),
        Option("all", "with `test`: test every skill that is promoted", flag=True),
        Option("deny", "with `approve`: say no", flag=True),
        Option("folder", "with an address: the folder in the repository that is the skill"),
        Option("to", "with `export`: a folder, or a file that ends in .zip; with `publish`: the registry"),
        Option("key", "with `install`: the new key of a publisher, who has confirmed it"),
        Option("why", "the reason, for the history"),
        Option("anyway", "retire it although others use it", flag=True),
    ),
    "skill draft Count the words of a text",
    most_words=4,
    verbs=tuple(PARTS),
    takes_archives=True,
)
