from core.entities import Collaboration, now
from storage.kept import Database
from tests.doubles import journal


async def test_what_a_killed_process_had_claimed_is_due_at_once_after_the_next_start(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'dexter.db'}")
    with database.opened() as kept:
        question = Collaboration(
            id=journal.RUN, tenant=journal.TENANT, asker="slack:U1", asker_name="Ann", address=journal.ADDRESS,
            question="Should we move?", created_at=now(),
        )  # fmt: skip
        await kept.store.accept(question, "Ev1")
        await kept.store.append(journal.events("asked")[0], ("progress",))
        (claimed,) = await kept.outbox.claim("one", lease=3600)
        assert not await kept.outbox.claim("one")
    with database.opened() as kept:
        (again,) = await kept.outbox.claim("two")
        assert (again.slot, again.attempts) == (claimed.slot, 2)


def test_a_database_is_looked_at_and_moved_without_being_opened(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'dexter.db'}")
    assert database.state().version is None
    assert database.move("head").pending == ()
    assert database.move("base").version is None
