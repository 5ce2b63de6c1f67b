"""The contract of `core.ports.Trust`, on every database."""

import asyncio
from datetime import UTC, datetime

from core.ports import Trust
from core.skills.registry.trust import Origin, Pin, Rating

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def pin(**changes: object) -> Pin:
    made = Pin(tenant="local", publisher="acme", key="k" * 44, by="local:ada", by_name="Ada", at=AT)
    return made.but(**changes)


def origin(**changes: object) -> Origin:
    return Origin(
        tenant="local",
        place="team",
        skill="csv-tools",
        version="1.0.0",
        publisher="acme",
        key="k" * 44,
        content="c" * 64,
        archive="a" * 64,
        statement='{"näive": "🦊"}',
        at=AT,
    ).but(**changes)


def rating(**changes: object) -> Rating:
    return Rating(tenant="local", skill="csv-tools", person="local:ada", stars=4, why="good", at=AT).but(**changes)


async def test_the_first_key_of_a_publisher_stays_until_a_person_says_otherwise(trust: Trust) -> None:
    assert await trust.pin("local", "acme") is None
    assert await trust.keep_pin(pin()) == pin()
    assert await trust.keep_pin(pin(key="other")) == pin()
    assert await trust.keep_pin(pin(key="other", by="local:bob"), instead=True) == pin(key="other", by="local:bob")
    assert await trust.pin("local", "acme") == pin(key="other", by="local:bob")
    assert await trust.pin("local", "acme2") is None


async def test_of_twenty_keys_that_come_at_once_all_are_told_the_same_one(trust: Trust) -> None:
    answers = await asyncio.gather(*(trust.keep_pin(pin(key=f"{n}")) for n in range(20)))
    assert set(answers) == {await trust.pin("local", "acme")}


async def test_a_package_is_remembered_as_it_was_first(trust: Trust) -> None:
    assert await trust.keep_origin(origin()) == origin()
    assert await trust.keep_origin(origin(archive="b" * 64)) == origin()
    elsewhere = origin(place="other", archive="b" * 64)
    assert await trust.keep_origin(elsewhere) == elsewhere
    assert await trust.origins("local", "csv-tools") == [origin(), elsewhere]
    assert await trust.origins("local", "other") == []
    assert await trust.origins("local") == [origin(), elsewhere]


async def test_the_highest_number_of_an_index_stays(trust: Trust) -> None:
    assert await trust.serial("local", "team") == 0
    for serial in (5, 1_800_000_000_000, 7):
        await trust.keep_serial("local", "team", serial)
    assert await trust.serial("local", "team") == 1_800_000_000_000


async def test_a_person_rates_a_skill_once_and_may_change_their_mind(trust: Trust) -> None:
    await trust.keep_rating(rating())
    await trust.keep_rating(rating(person="local:bob", stars=1))
    await trust.keep_rating(rating(stars=5, why=""))
    assert await trust.ratings("local", "csv-tools") == [
        rating(stars=5, why=""),
        rating(person="local:bob", stars=1),
    ]
