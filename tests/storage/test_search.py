"""Hostile input to search: it is words, never a query language."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from storage import inbox
from storage.search import MOST_WORDS, matching, words_in
from storage.store import SqlStore
from tests.doubles.questions import question

HOSTILE = (
    '"', '""', '"""move"', "move OR lunch", "NOT move", "move*", "move:", "question:move", "-move", "^move", "(move",
    "NEAR(move x)", "move' OR 1=1 --", "'; DROP TABLE event; --", "\0", "mo\0ve", "\\", "'\\''", ":*", "& | !", "<->",
    "move & !we", "{move}", "+move", "\ud800", "😀", " \t\n", "a" * 100_000, "move " * 10_000, "%", "_", "$1",
)  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
async def test_hostile_words_find_the_right_thing_or_nothing(store: SqlStore, typed: str) -> None:
    asked = question(question="Should we move to X?")
    await store.accept(asked, "k")
    found = await store.search("local", typed)
    expected = words_in(typed) and all(word in ("move", "to", "x", "we", "should") for word in words_in(typed))
    assert [each.id for each in found] == ([asked.id] if expected else [])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=50), text=st.text(max_size=50))
def test_no_words_and_no_text_break_the_search(engine: Engine, typed: str, text: str) -> None:
    with engine.connect() as connection:
        inbox.accept(connection, question(question=text + " needle"), "k", lambda _: None)
        words = [*words_in(typed), "needle"]
        connection.execute(matching(engine.dialect.name == "sqlite", "local", words, 5)).all()
        [row] = connection.execute(matching(engine.dialect.name == "sqlite", "local", ["needle"], 5)).all()
        assert row.question.endswith(" needle")
        connection.rollback()


def test_words_are_few_short_and_without_operators() -> None:
    assert words_in('"Move" OR (X:*) & ÄRGER-lich é') == ["move", "or", "x", "ärger", "lich", "é"]
    assert len(words_in(" ".join(map(str, range(1000))))) == MOST_WORDS
    assert max(map(len, words_in("a" * 1000))) == 64
