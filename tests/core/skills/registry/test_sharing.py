"""Publishing, rating and reporting: what leaves this installation, under whose name, and only if that is wanted."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.adapters.registries import own_key
from core.entities import Role, now
from core.errors import BadRequest, DexterError, NotAllowed, NotFound
from core.ports import Trust
from core.sandbox import Tier
from core.skills.folder import Folder
from core.skills.record import Trial
from core.skills.registry.package import opened
from core.skills.registry.publishing import Publisher
from core.skills.registry.sharing import Sharing
from core.skills.skill import Move, SkillVersion, Stage
from core.skills.skills import Skills
from storage.skills import SqlSkills
from storage.store import SqlStore
from storage.transactions import Transactions
from tests.core.skills.made import folder
from tests.core.skills.registry.made import package
from tests.doubles.registries import Place
from tests.doubles.workshop import person


async def promoted(transactions: Transactions, of: Folder) -> SkillVersion:
    """Bring a skill in and promote it, as if its tests had passed."""
    kept = SqlSkills(transactions)
    version, _ = await Skills(kept).bring(of, person(), source="here")
    trial = {"tenant": "local", "run": "r", "skill": version.skill, "version": version.version}
    await kept.note(Trial(**trial, kind="tests", held=True, at=now(), tests=3, passed=3, tier=Tier.GROUPED))
    for stage in (Stage.TESTED, Stage.PROMOTED):
        move = Move(stage=stage, by="local:ada", by_name="Ada", at=now())
        version = await kept.move("local", version.skill, version.version, move)
    return version


async def ran(transactions: Transactions, version: SkillVersion, *, held: bool, times: int) -> None:
    for n in range(times):
        trial = {"tenant": "local", "run": f"{held}{n}", "skill": version.skill, "version": version.version}
        await SqlSkills(transactions).note(Trial(**trial, kind="use", held=held, at=now()))


async def test_a_promoted_version_is_published_signed_with_how_it_came_to_be(
    sharing: Sharing, there: Place, on_sqlite: Transactions
) -> None:
    version = await promoted(on_sqlite, folder("csv-tools", version="1.0.0"))
    await sharing.publish(person(), version, sharing.registry())
    await there.registry.index()
    found = opened(await there.registry.fetch("csv-tools", "1.0.0"), "csv-tools", "1.0.0")
    assert found.folder == folder("csv-tools", version="1.0.0")
    assert found.fingerprint == await sharing.fingerprint()
    made = found.statement.provenance
    assert (found.statement.publisher, made.passed, made.tier, made.committee) == ("us", 3, Tier.GROUPED, ())


@pytest.mark.parametrize("stage", [Stage.DRAFT, Stage.TESTED, Stage.RETIRED])
async def test_nothing_else_is_published(sharing: Sharing, there: Place, on_sqlite: Transactions, stage: Stage) -> None:
    version = await promoted(on_sqlite, folder("csv-tools", version="1.0.0"))
    moves = (*version.moves, Move(stage=stage, by="x", by_name="X", at=now()))
    with pytest.raises(BadRequest, match="only what was tested and promoted"):
        await sharing.publish(person(), version.but(moves=moves), sharing.registry())
    assert (await there.registry.index()).skills == 0


async def test_those_alone_who_may_publish_or_withdraw(sharing: Sharing, on_sqlite: Transactions) -> None:
    version = await promoted(on_sqlite, folder("csv-tools", version="1.0.0"))
    with pytest.raises(NotAllowed):
        await sharing.publish(person(Role.MEMBER), version, sharing.registry())
    await sharing.publish(person(), version, sharing.registry())
    with pytest.raises(NotAllowed):
        await sharing.yank(person(Role.MEMBER), sharing.registry(), "csv-tools", "1.0.0", "")
    with pytest.raises(NotAllowed):
        await sharing.rate(person(Role.GUEST), sharing.registry(), "csv-tools", 5, "")


async def test_what_nobody_could_install_is_not_published(
    sharing: Sharing, there: Place, on_sqlite: Transactions
) -> None:
    await promoted(on_sqlite, folder("base", version="1.0.0"))
    version = await promoted(on_sqlite, folder("csv-tools", version="1.0.0", needs="base>=1"))
    with pytest.raises(BadRequest, match="needs base >=1, which is not in the registry team"):
        await sharing.publish(person(), version, sharing.registry())
    await there.registry.publish(package("base"))
    await sharing.publish(person(), version, sharing.registry())


async def test_a_version_of_one_s_own_is_withdrawn(sharing: Sharing, there: Place, on_sqlite: Transactions) -> None:
    version = await promoted(on_sqlite, folder("csv-tools", version="1.0.0"))
    await sharing.publish(person(), version, sharing.registry())
    await sharing.yank(person(), sharing.registry(), "csv-tools", "1.0.0", "it loses rows")
    with pytest.raises(BadRequest, match="was withdrawn by its publisher: it loses rows"):
        await sharing.offered("local", sharing.registry(), "csv-tools")
    await there.registry.publish(package("other"))
    with pytest.raises(DexterError, match="only its publisher"):
        await sharing.yank(person(), sharing.registry(), "other", "1.0.0", "")


async def test_an_installation_votes_with_the_average_of_its_people(sharing: Sharing, there: Place) -> None:
    await there.registry.publish(package())
    for name, stars in (("ada", 5), ("bob", 2), ("ada", 4)):
        act = await sharing.rate(person(Role.MEMBER, name), sharing.registry(), "csv-tools", stars, f"{name} says so")
    assert act.stars == 3
    await there.registry.index()
    listing = (await there.registry.entry("csv-tools")).listing
    assert (listing.votes, listing.stars) == (1, 3)
    with pytest.raises(NotFound, match="There is no skill “nothing” in the registry team"):
        await sharing.rate(person(), sharing.registry(), "nothing", 5, "")


@pytest.mark.parametrize(("consent", "remote", "told"), [
    ("folder", False, True), ("folder", True, False), ("always", True, True), ("never", False, False),
])  # fmt: skip
async def test_how_often_a_skill_was_run_is_told_only_where_that_is_wanted(
    there: Place, trust: Trust, on_sqlite: Transactions, tmp_path: Path, consent: str, remote: bool, told: bool
) -> None:
    there.reader.remote = remote  # type: ignore[misc]
    publisher = Publisher(own_key(tmp_path / "home"), "us")
    skills = Skills(SqlSkills(on_sqlite))
    sharing = Sharing(SqlStore(on_sqlite), skills, trust, [there.reader], publisher, consent)  # type: ignore[arg-type]
    await there.registry.publish(package())
    await there.reader.index()
    await sharing.vetting.fetched(person(), there.reader, "csv-tools", "1.0.0")
    version = await promoted(on_sqlite, folder("csv-tools", version="1.0.0"))
    await ran(on_sqlite, version, held=True, times=3)
    await ran(on_sqlite, version, held=False, times=1)
    assert await sharing.report("local", "csv-tools") is told
    await there.registry.index()
    listing = (await there.registry.entry("csv-tools")).listing
    assert (listing.runs, listing.good) == ((4, 3) if told else (0, 0))


async def test_nothing_is_told_of_skills_that_came_from_nowhere(sharing: Sharing, on_sqlite: Transactions) -> None:
    await promoted(on_sqlite, folder("csv-tools", version="1.0.0"))
    assert not await sharing.report("local", "csv-tools")


async def test_registries_have_names(sharing: Sharing) -> None:
    assert sharing.registry().name == sharing.registry("team").name == "team"
    with pytest.raises(NotFound, match="There is no registry “else”: there is team"):
        sharing.registry("else")


async def test_a_registry_that_is_no_longer_set_is_told_of(
    sharing: Sharing, there: Place, trust: Trust, on_sqlite: Transactions
) -> None:
    await there.registry.publish(package())
    await there.reader.index()
    await sharing.vetting.fetched(person(), there.reader, "csv-tools", "1.0.0")
    assert await sharing.installed("local") == []  # looked into, and not here
    await promoted(on_sqlite, folder("csv-tools", version="1.0.0"))
    (standing,) = await sharing.installed("local")
    assert standing.problem is None
    (origin,) = await trust.origins("local")
    assert origin.at > now() - timedelta(minutes=5)
    other = Sharing(SqlStore(on_sqlite), Skills(SqlSkills(on_sqlite)), trust, [], sharing._publisher)
    (standing,) = await other.installed("local")
    assert "is not in the settings any more" in str(standing.problem)
