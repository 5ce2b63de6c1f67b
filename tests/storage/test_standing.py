"""The outbox as the doctor sees it, over all tenants and without reading it whole."""

from sqlalchemy import Engine, event

from storage.engine import connect
from storage.kept import Database
from storage.outbox import SqlOutbox
from storage.standing import standing
from storage.store import SqlStore
from tests.doubles.questions import question, said
from tests.storage.test_plans import explained, scans


async def test_posts_that_wait_and_were_given_up_are_counted_over_all_tenants(
    store: SqlStore, outbox: SqlOutbox, engine: Engine
) -> None:
    for tenant in ("slack:T1", "slack:T2", "discord:3"):
        asked = question(tenant, tenant=tenant)
        await store.accept(asked, tenant)
        await store.append(said(asked), ("question",))
    first, second, _ = await outbox.claim("w")
    await outbox.postpone(first, 60, "Slack does not answer.")
    await outbox.bury(second, "gone")
    with engine.connect() as connection:
        found = standing(connection)
    assert (found.waiting, found.buried, found.reasons) == (2, 1, ("Slack does not answer.",))


def test_a_database_without_tables_has_no_posts(tmp_path: object) -> None:
    found = Database(f"sqlite:///{tmp_path}/dexter.db").standing()
    assert (found.waiting, found.buried) == (0, 0)


def test_the_outbox_is_not_read_whole(database_url: str) -> None:
    engine = connect(database_url)
    sqlite = engine.dialect.name == "sqlite"
    if not sqlite:  # on tables this small a scan is the better plan; forbidden, it shows where there is no other
        event.listen(engine, "connect", lambda raw, _: raw.execute("SET enable_seqscan = off") and raw.commit())
        engine.dispose()
    with explained(engine) as plans, engine.connect() as connection:
        standing(connection)
    assert len([plan for plan in plans if "outbox" in plan]) >= 3
    assert scans(plans, sqlite) == []
    engine.dispose()
