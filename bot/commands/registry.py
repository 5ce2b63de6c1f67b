"""`skill publish`, `search`, `install`, `installed`, `rate` and `yank`: what is shared with others."""

from collections.abc import Awaitable, Callable, Mapping

from bot.commands.command import Asking
from bot.commands.skill_decisions import LONGEST_WHY
from bot.commands.skill_pages import name_and_version
from bot.commands.skill_tasks import start
from bot.shapes import Button, Buttons, Foot, Heading, Part, Post, Prose, Table, plain
from bot.words import Words, key
from core.access import Permission, may, require
from core.entities import Task
from core.errors import BadRequest
from core.ports import Registry
from core.skills.numbers import number
from core.skills.registry.index import Found, Listing
from core.skills.registry.sharing import Standing
from core.skills.registry.signing import fingerprint

SHOWN = 10
"""Finds that are shown."""
OFFERED = 3
"""Of those, the ones with a button."""
LONGEST = 120
"""Characters of a description in a table."""


async def publish(asking: Asking, rest: str) -> Post:
    """Publish a promoted version; the one in force where none is named."""
    require(asking.principal, Permission.SKILLS)
    name, wanted = name_and_version(rest, "skill publish")
    skills, tenant, words = asking.desk.skills, asking.principal.tenant, asking.words
    version = (None if wanted else await skills.in_force(tenant, name)) or await skills.version(tenant, name, wanted)
    registry = asking.desk.sharing.registry(asking.args["to"])
    statement = await asking.desk.sharing.publish(asking.principal, version, registry)
    text = "{name} {version} is in the registry {registry}, published as {publisher}."
    told = words(text, name=name, version=statement.version, registry=registry.name, publisher=statement.publisher)
    own = words("Your key, for those who want to compare it: {key}", key=await asking.desk.sharing.fingerprint())
    return Post((Prose(told), Foot(own)), data=statement.model_dump(mode="json"))


async def search(asking: Asking, rest: str) -> Post:
    """Find skills in a registry; the best of all where no words are given."""
    registry, words = asking.desk.sharing.registry(asking.args["from"]), asking.words
    found = await asking.desk.sharing.search(asking.principal.tenant, rest, registry, SHOWN)
    data = [each.model_dump(mode="json") for each in found]
    if not found:
        none = key("No skill in the registry {registry} fits that.")
        none = none if rest else key("There is no skill in the registry {registry} yet.")
        return Post((Prose(words(none, registry=registry.name)),), private=True, data=data)
    columns = (words("skill"), words("version"), words("from"), words("rating"), words("runs that succeeded"),
               words("what it does"))  # fmt: skip
    parts: list[Part] = [Heading(words("Skills in the registry {registry}", registry=registry.name))]
    parts.append(Table(columns, tuple(_row(each.listing, words) for each in found)))
    if len(found) == 1:
        parts += [Foot(_remark(each.stars, each.why, each.publisher, words)) for each in found[0].listing.remarks]
    if may(asking.principal, Permission.SKILLS):
        parts.append(Buttons(tuple(_install_it(each, registry, words) for each in found[:OFFERED])))
    return Post(tuple(parts), private=True, data=data)


def _row(listing: Listing, words: Words) -> tuple[str, ...]:
    newest = listing.newest
    stars = (
        f"{words.number(listing.stars / listing.votes, 1)} ({words.number(listing.votes)})" if listing.votes else "–"
    )
    good = "–"
    if listing.runs:
        good = words("{share:.0%} of {runs:,}", share=min(listing.good / listing.runs, 1), runs=listing.runs)
    text = " ".join(listing.description.split())
    short = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return listing.name, newest.version, newest.publisher, stars, good, short


def _remark(stars: int, why: str, publisher: str, words: Words) -> str:
    return words("{stars} of 5 from {who}: {why}", stars=stars, who=publisher, why=" ".join(why.split())[:LONGEST_WHY])


def _install_it(found: Found, registry: Registry, words: Words) -> Button:
    name = found.listing.name
    command = f"skill install {name} {found.listing.newest.version} --from {registry.name}"
    return Button(words("Install {name}", name=name), command)


async def install(asking: Asking, rest: str) -> None:
    """Have a version verified, brought in, tested here, and shown to a person who approves it."""
    require(asking.principal, Permission.SKILLS)
    name, wanted = name_and_version(rest, "skill install")
    sharing, tenant = asking.desk.sharing, asking.principal.tenant
    registry = sharing.registry(asking.args["from"])
    release = await sharing.offered(tenant, registry, name, wanted)
    if typed := asking.args["key"]:
        if typed.casefold() != fingerprint(release.key):
            text = "{name} {version} is not signed with the key {key}: compare it again with what its publisher says."
            raise BadRequest(text, name=name, version=release.version, key=typed[:60])
        await sharing.vetting.trust(asking.principal, release.publisher, release.key)
    await start(asking, Task(kind="install", skill=name, version=release.version, source=registry.name))


async def installed(asking: Asking, rest: str) -> Post:
    """Show what came from registries, and what they say of it now."""
    words, found = asking.words, await asking.desk.sharing.installed(asking.principal.tenant)
    if not found:
        return plain(
            words("Nothing that is here came from a registry. `skill search` shows what there is."), private=True
        )
    wrong = [each for each in found if each.problem]
    columns = (words("skill"), words("version"), words("from"), words("key"), words("what the registry says now"))
    parts: list[Part] = [Heading(words("Installed skills")), Table(columns, tuple(_standing(e, words) for e in found))]
    if wrong:
        parts.append(Prose(words("What was withdrawn or exchanged is best retired: `skill retire <name> <version>`.")))
    data = [each.model_dump(mode="json", exclude={"origin": {"tenant"}}) for each in found]
    return Post(tuple(parts), private=True, failed=bool(wrong), data=data)


def _standing(each: Standing, words: Words) -> tuple[str, ...]:
    origin = each.origin
    state = words.say(each.problem) if each.problem else words("as it was")
    return origin.skill, origin.version, origin.publisher, fingerprint(origin.key), state


async def rate(asking: Asking, rest: str) -> Post:
    """Give a skill one to five stars."""
    require(asking.principal, Permission.JUDGE)
    name, _, behind = rest.strip().partition(" ")
    typed, _, why = behind.strip().partition(" ")
    if not name or typed not in ("1", "2", "3", "4", "5"):
        raise BadRequest("Type it like this: `skill rate pdf-forms 4 reads tables well`, with 1 to 5 stars.")
    sharing, words = asking.desk.sharing, asking.words
    registry = sharing.registry(asking.args["from"])
    act = await sharing.rate(asking.principal, registry, name, int(typed), why.strip() or asking.args["why"])
    await sharing.report(asking.principal.tenant, name)
    text = "Noted. The registry {registry} is told: {stars} of 5 for {name}, from all here on average."
    told = words(text, registry=registry.name, stars=act.stars, name=name)
    return Post((Prose(told),), private=True, data=act.model_dump(mode="json"))


async def yank(asking: Asking, rest: str) -> Post:
    """Withdraw a version that was published from here."""
    require(asking.principal, Permission.SKILLS)
    name, wanted = name_and_version(rest, "skill yank")
    if not wanted:
        raise BadRequest('Which version? Type it like this: `skill yank pdf-forms 1.4.0 --why "loses pages"`.')
    sharing, words = asking.desk.sharing, asking.words
    registry = sharing.registry(asking.args["from"])
    act = await sharing.yank(asking.principal, registry, name, number(wanted), asking.args["why"])
    text = "{name} {version} is withdrawn from the registry {registry}: nobody installs it any more."
    told = words(text, name=name, version=act.version, registry=registry.name)
    return Post((Prose(told),), data=act.model_dump(mode="json"))


SHARED: Mapping[str, Callable[[Asking, str], Awaitable[Post | None]]] = {
    "publish": publish,
    "search": search,
    "install": install,
    "installed": installed,
    "rate": rate,
    "yank": yank,
}
