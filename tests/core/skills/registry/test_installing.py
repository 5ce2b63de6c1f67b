"""Installing: verified, brought in, tested in the sandbox here, and in force once a person has approved it."""

import pytest

from core.entities import Role, Status
from core.errors import BadRequest
from core.ports import Trust
from core.skills.folder import Folder
from core.skills.registry.package import Package
from core.skills.registry.sharing import Sharing
from core.skills.registry.signing import fingerprint
from core.skills.results import Done
from core.skills.skill import Stage
from tests.core.skills.registry.made import ACME, OTHER, package, yank
from tests.doubles.registries import Place
from tests.doubles.workshop import CODE, Kept, Workshop, person, words

WRONG = "def run(text):\n    return len(text)\n"
USING = "from skills import base\n\n\ndef run(text):\n    return base.run(text=text)\n"


def packed(
    name: str = "word-count", version: str = "1.0.0", more: str = "", code: str = CODE, **changes: object
) -> Package:
    return package(name, version, of=words(name, version, more, code), **changes)


async def install(shop: Workshop, name: str = "word-count", version: str = "1.0.0", **task: object) -> Done:
    _, done = await shop.done(kind="install", skill=name, version=version, **task)
    return done


async def test_what_was_installed_comes_into_force_once_a_person_approves_it(
    shop: Workshop, there: Place, trust: Trust, sharing: Sharing
) -> None:
    await there.registry.publish(packed(more="dexter-permissions: network:api.example.com"))
    run, done = await shop.done(kind="install", skill="word-count", version="1.0.0", source="team")
    assert (done.status, done.passed, done.skill, done.version) == (Status.DONE, True, "word-count", "1.0.0")
    assert done.review
    assert done.review.added == ("network:api.example.com",)
    assert [tests.passed for tests in done.tests] == [True, True]
    for told in ("is from acme, published on 2026-11-22", fingerprint(ACME.key), "Nothing was installed from them",
                 "written by Ada and Bob", "passed 1 tests", "“grouped”", "2 fresh runs"):  # fmt: skip
        assert told in done.text
    version = await shop.skills.version("local", "word-count")
    assert (version.stage, version.source) == (Stage.TESTED, "team: acme")
    (origin,) = await trust.origins("local")
    assert (origin.skill, origin.publisher, origin.key, origin.content) == (
        "word-count",
        "acme",
        ACME.key,
        version.content,
    )
    known = await trust.pin("local", "acme")
    assert known
    assert known.key == ACME.key

    after = await shop.promotions.approve(person(Role.ADMINISTRATOR), run, yes=True)
    assert after.stage is Stage.PROMOTED
    assert [each.problem for each in await sharing.installed("local")] == [None]
    _, ran = await shop.done(kind="run", skill="word-count", version="1.0.0", input={"text": "a b"})
    assert ran.produced
    assert ran.produced.value == 2


async def test_a_skill_whose_tests_fail_here_stays_a_draft(shop: Workshop, there: Place) -> None:
    await there.registry.publish(packed(code=WRONG))
    done = await install(shop)
    assert (done.passed, done.review) == (False, None)
    assert "is a draft here and nothing more: 1 of 2 tests failed" in done.text
    assert (await shop.skills.version("local", "word-count")).stage is Stage.DRAFT


async def test_what_it_needs_comes_with_it_verified_and_tested(shop: Workshop, there: Place) -> None:
    await there.registry.publish(packed("base", "1.2.0"))
    await there.registry.publish(packed("base", "2.0.0"))
    await there.registry.publish(packed(more="dexter-skills: base>=1,<2", code=USING))
    done = await install(shop)
    assert done.passed, done.text
    assert "With it came, verified and tested as well: base 1.2.0." in done.text
    assert [tests.subject for tests in done.tests] == ["base 1.2.0"] * 2 + ["word-count 1.0.0"] * 2
    version = await shop.skills.version("local", "word-count")
    assert [(each.name, each.version) for each in version.lock] == [("base", "1.2.0")]
    assert [each.version for each in await shop.skills.history("local", "base")] == ["1.2.0"]


async def test_what_it_needs_and_is_here_is_not_fetched(shop: Workshop, there: Place) -> None:
    await shop.bring(words("base", "1.0.0"))
    await there.registry.publish(packed("base", "1.2.0"))
    await there.registry.publish(packed(more="dexter-skills: base>=1", code=USING))
    done = await install(shop)
    assert done.passed, done.text
    assert [each.version for each in await shop.skills.history("local", "base")] == ["1.0.0"]


async def test_a_chain_of_needs_comes_in_its_order(shop: Workshop, there: Place) -> None:
    await there.registry.publish(packed("ground"))
    uses_ground = "from skills import ground\n\n\ndef run(text):\n    return ground.run(text=text)\n"
    await there.registry.publish(packed("base", more="dexter-skills: ground", code=uses_ground))
    await there.registry.publish(packed(more="dexter-skills: base", code=USING))
    done = await install(shop)
    assert done.passed, done.text
    assert [tests.subject for tests in done.tests][::2] == ["ground 1.0.0", "base 1.0.0", "word-count 1.0.0"]


async def test_a_need_that_has_vanished_is_explained_and_nothing_comes_in(shop: Workshop, there: Place) -> None:
    await there.registry.publish(packed("base"))
    await there.registry.publish(packed(more="dexter-skills: base>=1", code=USING))
    await there.registry.say(yank("base"))
    done = await install(shop)
    assert done.status is Status.FAILED
    assert "word-count needs base: neither here nor in the registry team is there such a skill any more." in done.text
    assert await shop.kept.count("local") == 0


async def test_needs_that_cannot_be_met_are_explained(shop: Workshop, there: Place) -> None:
    await there.registry.publish(packed("base"))
    await there.registry.publish(packed(more="dexter-skills: base>=2", code=USING))
    done = await install(shop)
    assert (done.status, done.text) == (Status.FAILED, "word-count needs base >=2. Of base there is 1.0.0.")


async def test_another_key_of_a_known_publisher_is_refused_with_both_fingerprints(
    shop: Workshop, there: Place, sharing: Sharing
) -> None:
    await there.registry.publish(packed())
    assert (await install(shop)).passed
    await there.as_other.publish(packed("other-count", by=OTHER))
    done = await install(shop, "other-count")
    assert done.status is Status.FAILED
    for told in (fingerprint(ACME.key), fingerprint(OTHER.key), "it may be somebody else", "--key"):
        assert told in done.text
    assert await shop.kept.count("local") == 1
    await sharing.vetting.trust(person(), "acme", OTHER.key)
    assert (await install(shop, "other-count")).passed


async def test_a_name_that_is_somebody_else_s_here_is_refused(shop: Workshop, there: Place) -> None:
    await shop.bring(words(code=WRONG))
    await there.registry.publish(packed(version="2.0.0"))
    done = await install(shop, version="2.0.0")
    assert (done.status, "did not come from team" in done.text) == (Status.FAILED, True)


async def test_a_new_version_from_the_same_publisher_comes_beside_the_old_one(shop: Workshop, there: Place) -> None:
    for version in ("1.0.0", "1.1.0"):
        await there.registry.publish(packed(version=version))
        done = await install(shop, version=version)
        assert done.passed, done.text
    assert "Nothing was installed from them before" not in done.text
    assert [each.version for each in await shop.skills.history("local", "word-count")] == ["1.0.0", "1.1.0"]


async def test_the_publisher_s_number_is_kept_where_the_skill_names_none(shop: Workshop, there: Place) -> None:
    of = words()
    of = Folder({**of.files, "SKILL.md": of.files["SKILL.md"].replace(b'  version: "1.0.0"\n', b"")})
    await there.registry.publish(_renumbered(package("word-count", of=of)))
    done = await install(shop, version="4.5.6")
    assert (done.passed, done.version) == (True, "4.5.6")


def _renumbered(made: Package) -> Package:
    return made.but(signed=ACME.sign(made.signed.body | {"version": "4.5.6"}))


async def test_a_withdrawn_version_is_refused_and_an_installed_one_reported(
    shop: Workshop, there: Place, sharing: Sharing
) -> None:
    await there.registry.publish(packed())
    assert (await install(shop)).passed
    await there.registry.say(yank("word-count", why="it counts wrongly"))
    (standing,) = await sharing.installed("local")
    assert str(standing.problem) == "word-count 1.0.0 was withdrawn by its publisher: it counts wrongly"
    done = await install(shop)
    assert (done.status, "was withdrawn" in done.text) == (Status.FAILED, True)


async def test_content_that_was_exchanged_is_noticed_before_and_after(
    shop: Workshop, there: Place, sharing: Sharing
) -> None:
    await there.registry.publish(packed())
    assert (await install(shop)).passed
    _exchange(there, packed(code=WRONG))
    await there.registry.rebuild()  # type: ignore[attr-defined]
    (standing,) = await sharing.installed("local")
    assert "is not what it was when it was seen first" in str(standing.problem)
    done = await install(shop)
    assert (done.status, "is not what it was" in done.text) == (Status.FAILED, True)


async def test_content_that_was_exchanged_is_noticed_also_without_the_copy_of_the_index(
    shop: Workshop, there: Place, sharing: Sharing
) -> None:
    await there.registry.publish(packed())
    assert (await install(shop)).passed
    _exchange(there, packed(code=WRONG))
    await there.registry.rebuild()  # type: ignore[attr-defined]
    await there.as_other.index()
    with pytest.raises(BadRequest, match="is not what it was"):
        await sharing.vetting.fetched(person(), there.as_other, "word-count", "1.0.0")


async def test_an_archive_that_is_not_the_one_in_the_index_is_refused(shop: Workshop, there: Place) -> None:
    await there.registry.publish(packed())
    _exchange(there, packed(code=WRONG))
    done = await install(shop)
    assert (done.status, "is not what it was" in done.text) == (Status.FAILED, True)
    assert await shop.kept.count("local") == 0


def _exchange(there: Place, made: Package) -> None:
    """Put another package where one is, as who holds the folder can."""
    folder = there.folder / "packages" / "word-count"
    (folder / "1.0.0.json").write_bytes(made.signed.written())
    (folder / "1.0.0.zip").write_bytes(made.archive)


async def test_an_old_index_in_place_of_the_new_one_is_noticed(shop: Workshop, there: Place, sharing: Sharing) -> None:
    await there.registry.publish(packed())
    old = (there.folder / "index.json").read_bytes()
    await there.registry.say(yank("word-count"))
    with pytest.raises(BadRequest, match="was withdrawn"):
        await sharing.offered("local", there.reader, "word-count")
    (there.folder / "index.json").write_bytes(old)
    with pytest.raises(BadRequest, match="older than one that was seen before"):
        await sharing.offered("local", there.reader, "word-count")
    with pytest.raises(BadRequest, match="older than one"):
        await sharing.search("local", "count", there.reader)
    done = await install(shop)
    assert (done.status, "older than one" in done.text) == (Status.FAILED, True)
    await there.registry.rebuild()  # type: ignore[attr-defined]
    with pytest.raises(BadRequest, match="was withdrawn"):
        await sharing.offered("local", there.reader, "word-count")


@pytest.mark.parametrize("crash_at", ["fetch:word-count", "base:tests:1", "review"])
async def test_after_a_crash_anywhere_it_goes_on_and_nothing_is_done_twice(
    shop: Workshop, there: Place, trust: Trust, crash_at: str
) -> None:
    await there.registry.publish(packed("base"))
    await there.registry.publish(packed(more="dexter-skills: base", code=USING))
    asked = await shop.asked(kind="install", skill="word-count", version="1.0.0")
    steps = Kept()
    steps.crash_at = crash_at
    with pytest.raises(KeyboardInterrupt):
        await shop.tasks.carry("local", asked.id, steps)
    done = await shop.carried(asked, steps)
    assert done.passed, done.text
    assert len(steps.done) == len(set(steps.done))
    assert await shop.kept.count("local") == len(await trust.origins("local")) == 2


async def test_a_registry_that_is_not_there_is_said_so(shop: Workshop, there: Place, trust: Trust) -> None:
    await there.registry.publish(packed())
    done = await install(shop, source="nowhere")
    assert (done.status, "There is no registry “nowhere”" in done.text) == (Status.FAILED, True)
    assert await trust.origins("local") == []


async def test_the_health_check_names_what_was_withdrawn_and_tells_how_skills_fare(
    shop: Workshop, there: Place
) -> None:
    await there.registry.publish(packed())
    run, _ = await shop.done(kind="install", skill="word-count", version="1.0.0")
    await shop.promotions.approve(person(), run, yes=True)
    await shop.done(kind="run", skill="word-count", version="1.0.0", input={"text": "a"})
    _, done = await shop.done(kind="check")
    assert (done.passed, done.text) == (True, "Of 1 promoted versions, 1 hold.")
    await there.registry.index()
    listing = (await there.registry.entry("word-count")).listing
    assert (listing.runs, listing.good) == (1, 1)
    await there.registry.say(yank("word-count"))
    _, done = await shop.done(kind="check")
    assert done.passed is False
    assert "These were withdrawn or exchanged since they were installed: word-count 1.0.0." in done.text
    (there.folder / "index.json").write_text("{")
    _, done = await shop.done(kind="check")
    assert (done.passed, done.text) == (True, "Of 1 promoted versions, 1 hold.")
