"""The contract of `core.ports.Registry`, on a folder and on a real web server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import BadRequest, DexterError, NotFound
from core.skills.registry.package import Package, opened
from tests.core.skills.made import folder
from tests.core.skills.registry.made import ACME, AT, OTHER, package, signer, uses, vote, yank
from tests.doubles.registries import KINDS, Place, place


@pytest.fixture(params=KINDS)
async def there(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with place(request.param, tmp_path) as made:
        yield made


def described(name: str, description: str, version: str = "1.0.0", tags: str = "") -> Package:
    made = folder(name, version=version, description=description)
    if tags:
        made = folder(
            name,
            {
                "SKILL.md": made.files["SKILL.md"].replace(
                    b"author: someone", b"author: someone\n  tags: " + tags.encode()
                )
            },
        )
    return package(name, version, of=made)


async def names(place: Place, words: str, limit: int = 20) -> list[str]:
    await place.reader.index()
    return [each.listing.name for each in await place.reader.search(words, limit)]


async def test_what_was_published_is_found_and_fetched_whole_by_another(there: Place) -> None:
    made = package()
    await there.registry.publish(made)
    head = await there.reader.index()
    assert head.skills == 1
    entry = await there.reader.entry("csv-tools")
    (release,) = entry.listing.releases
    assert (release.version, release.key, release.publisher, release.yanked) == ("1.0.0", ACME.key, "acme", None)
    assert entry.changed == ()
    assert await there.reader.fetch("csv-tools", "1.0.0") == made
    assert opened(made, "csv-tools", "1.0.0").statement.provenance.committee == ("Ada", "Bob")


async def test_an_empty_registry_has_no_skill_and_says_so(there: Place) -> None:
    assert (await there.reader.index()).skills == 0
    assert await there.reader.search("anything", 5) == []
    with pytest.raises(NotFound):
        await there.reader.entry("csv-tools")
    with pytest.raises(NotFound, match="vanished"):
        await there.reader.fetch("csv-tools", "1.0.0")


async def test_the_index_goes_up_with_each_change_and_only_then(there: Place) -> None:
    serials = [(await there.reader.index()).serial]
    for version in ("1.0.0", "1.1.0"):
        await there.registry.publish(package(version=version))
        serials.append((await there.reader.index()).serial)
    await there.registry.publish(package(version="1.1.0"))
    serials.append((await there.reader.index()).serial)
    assert serials[0] < serials[1] < serials[2] == serials[3]


async def test_versions_are_listed_by_their_numbers(there: Place) -> None:
    for version in ("1.10.0", "1.2.0", "0.9.0"):
        await there.registry.publish(package(version=version))
    await there.reader.index()
    listing = (await there.reader.entry("csv-tools")).listing
    assert [each.version for each in listing.releases] == ["0.9.0", "1.2.0", "1.10.0"]
    assert listing.newest.version == "1.10.0"


async def test_a_version_never_changes(there: Place) -> None:
    await there.registry.publish(package())
    other = package(of=folder("csv-tools", version="1.0.0", description="Other."))
    with pytest.raises(BadRequest, match="versions never change"):
        await there.registry.publish(other)
    assert await there.reader.fetch("csv-tools", "1.0.0") == package()


async def test_a_name_belongs_to_who_published_under_it_first(there: Place) -> None:
    await there.registry.publish(package())
    with pytest.raises(BadRequest, match="belongs to acme"):
        await there.as_other.publish(package(version="2.0.0", by=OTHER, publisher="other"))
    with pytest.raises(BadRequest, match="too easily taken for"):
        await there.as_other.publish(package("csv-t00ls", by=OTHER, publisher="other"))


async def test_what_is_not_signed_well_does_not_come_in(there: Place) -> None:
    made = package()
    with pytest.raises(BadRequest, match="does not fit"):
        await there.registry.publish(made.but(signed=made.signed.but(key=OTHER.key)))
    with pytest.raises(BadRequest, match="is not what was signed"):
        await there.registry.publish(package(archive=package(version="2.0.0").archive))
    assert (await there.reader.index()).skills == 0


async def test_a_version_is_withdrawn_by_its_publisher_alone(there: Place) -> None:
    for version in ("1.0.0", "1.1.0"):
        await there.registry.publish(package(version=version))
    with pytest.raises(DexterError, match="only its publisher"):
        await there.as_other.say(yank(version="1.1.0", by=OTHER, publisher="other"))
    await there.registry.say(yank(version="1.1.0", why="it loses rows"))
    await there.registry.say(yank(version="1.1.0", why="again"))
    await there.reader.index()
    listing = (await there.reader.entry("csv-tools")).listing
    assert [each.yanked for each in listing.releases] == [None, "it loses rows"]
    assert listing.newest.version == "1.0.0"


async def test_a_skill_of_which_all_is_withdrawn_is_not_found_any_more(there: Place) -> None:
    await there.registry.publish(package())
    await there.registry.say(yank())
    assert await names(there, "csv") == []
    assert (await there.reader.entry("csv-tools")).listing.releases[0].yanked == "it loses rows"


@pytest.mark.parametrize("act", [yank(name="nothing"), vote(name="nothing"), uses(name="nothing")])
async def test_nothing_can_be_said_of_what_is_not_there(there: Place, act: object) -> None:
    with pytest.raises(DexterError, match="no skill"):
        await there.registry.say(act)  # type: ignore[arg-type]


async def test_one_installation_has_one_vote_and_may_change_its_mind(there: Place) -> None:
    await there.registry.publish(package())
    await there.registry.say(vote(5, why="quick"))
    await there.registry.say(vote(2, why="slow after all", at=AT + timedelta(seconds=1)))
    await there.registry.say(vote(5, why="an old one sent again"))
    await there.as_other.say(vote(4, by=OTHER, publisher="other"))
    await there.reader.index()
    listing = (await there.reader.entry("csv-tools")).listing
    assert (listing.votes, listing.stars) == (2, 6)
    assert [each.why for each in listing.remarks] == ["slow after all"]


async def test_counts_of_runs_are_added_up_over_installations(there: Place) -> None:
    await there.registry.publish(package())
    await there.registry.say(uses(10, 9))
    await there.registry.say(uses(20, 18, at=AT + timedelta(seconds=1)))
    await there.as_other.say(uses(5, 7, by=OTHER, publisher="other"))
    await there.reader.index()
    listing = (await there.reader.entry("csv-tools")).listing
    assert (listing.runs, listing.good) == (25, 23)


async def test_words_are_found_in_names_tags_and_descriptions_in_this_order(there: Place) -> None:
    await there.registry.publish(described("alpha", "Fills in forms. Knows tables."))
    await there.registry.publish(described("tables", "Fills in forms."))
    await there.registry.publish(described("beta", "Fills in forms.", tags="tables"))
    assert await names(there, "tables") == ["tables", "beta", "alpha"]
    assert await names(there, "TABL") == ["tables", "beta", "alpha"]
    assert sorted(await names(there, "forms fills")) == ["alpha", "beta", "tables"]
    assert await names(there, "forms knows") == ["alpha"]
    assert await names(there, "knows unheard") == ["alpha"]
    assert await names(there, "unheard") == []


@pytest.mark.parametrize(
    "typed", ['"', "*", "a OR", "NEAR(", "name:", "'; DROP TABLE skill", "\0", "ä" * 10_000, "-", "^a"]
)
async def test_whatever_is_typed_is_words_and_no_query(there: Place, typed: str) -> None:
    await there.registry.publish(package())
    assert await names(there, typed) in ([], ["csv-tools"])


async def test_what_is_used_and_liked_comes_first_where_the_words_fit_alike(there: Place) -> None:
    for name in ("one-form", "two-form", "six-form"):
        await there.registry.publish(described(name, "Fills in a form."))
    assert len(await names(there, "form")) == 3
    await there.registry.say(vote(5, name="six-form"))
    await there.registry.say(uses(100, 99, name="two-form"))
    assert await names(there, "form") == ["two-form", "six-form", "one-form"]
    assert await names(there, "") == ["two-form", "six-form", "one-form"]
    assert await names(there, "", limit=1) == ["two-form"]


async def test_twenty_publishers_at_once_lose_nothing(there: Place) -> None:
    made = [package(f"skill-{chr(97 + n)}z", by=signer(1)) for n in range(20)]
    await asyncio.gather(*(there.registry.publish(each) for each in made))
    assert (await there.reader.index()).skills == 20
    assert len(await names(there, "skill")) == 20


async def test_what_is_changed_behind_the_index_is_noticed_by_who_has_seen_it(there: Place) -> None:
    await there.registry.publish(package())
    await there.reader.index()
    for file in (there.folder / "packages" / "csv-tools").iterdir():
        file.unlink()
    await there.registry.publish(package(version="1.1.0"))
    await there.reader.index()
    assert [each.version for each in (await there.reader.entry("csv-tools")).listing.releases] == ["1.1.0"]
    await there.registry.publish(package(of=folder("csv-tools", version="1.0.0", description="Other.")))
    await there.reader.index()
    assert (await there.reader.entry("csv-tools")).changed == ("1.0.0",)
