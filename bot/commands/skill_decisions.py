"""`skill approve`, `rollback` and `retire`: what people decide about versions."""

from bot.commands.command import Asking
from bot.commands.skill_pages import name_and_version
from bot.shapes import Post, Prose, plain
from core.access import Permission, require
from core.errors import BadRequest

LONGEST_WHY = 500


async def approve(asking: Asking, rest: str) -> Post:
    """Say yes, or with `--deny` no, to what a run has tested and shown."""
    if not rest:
        raise BadRequest("Which run? The buttons under a review name it: `skill approve k3f9x2mqabcd`.")
    yes, words = not asking.args["deny"], asking.words
    run, why = rest.split()[0], asking.args["why"][:LONGEST_WHY]
    version = await asking.desk.promotions.approve(asking.principal, run, yes=yes, why=why)
    if not yes:
        return plain(words("Noted: {name} {version} is not promoted.", name=version.skill, version=version.version))
    text = "{name} {version} is promoted: `skill run {name}` runs it from now on."
    said = words(text, name=version.skill, version=version.version)
    return Post((Prose(said),), data={"skill": version.skill, "version": version.version, "stage": version.stage.value})


async def rollback(asking: Asking, rest: str) -> Post:
    """Take the version in force out of it, in favour of the one before."""
    require(asking.principal, Permission.SKILLS)
    name, _ = name_and_version(rest, "skill rollback")
    words, why = asking.words, asking.args["why"][:LONGEST_WHY]
    taken, before = await asking.desk.promotions.rollback(asking.principal, name, why)
    said = words("{name} {version} is no longer in force.", name=name, version=taken.version)
    if before:
        said += " " + words("{name} {version} runs instead.", name=name, version=before.version)
    else:
        said += " " + words("No version of it runs now.")
    data = {"skill": name, "taken": taken.version, "in_force": before.version if before else None}
    return Post((Prose(said),), data=data)


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
