"""Search over skills by the words of their names and descriptions: a table of words, on both databases alike."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, select, union_all

from storage.search import words_in
from storage.skill_tables import SKILL, WORD

S, W = SKILL.c, WORD.c
OF_NAME, OF_DESCRIPTION = 3, 1
LAST = chr(0x10FFFF)
"""Behind every word that begins in the same way."""


def keep_words(connection: Connection, inserting: Any, tenant: str, skill: str, description: str) -> None:
    """Let a skill be found by its name and this description, and no longer by the description that it had before."""
    connection.execute(delete(WORD).where(W.tenant == tenant, W.skill == skill))
    weights = dict.fromkeys(_words(description), OF_DESCRIPTION) | dict.fromkeys(_words(skill), OF_NAME)
    rows = [{"tenant": tenant, "word": word, "skill": skill, "weight": weight} for word, weight in weights.items()]
    connection.execute(inserting(WORD), rows)


def search(connection: Connection, tenant: str, typed: str, offset: int, limit: int) -> tuple[Sequence[Row[Any]], int]:
    """Return the rows of skills that have all words, or words they begin, best match first, and how many there are."""
    words = words_in(_bare(typed))
    if not words:
        return [], 0
    found = _matching(tenant, words).subquery()
    page = (
        select(SKILL, func.count().over().label("all"))
        .join(found, S.name == found.c.skill)
        .where(S.tenant == tenant)
        .order_by(found.c.score.desc(), S.name)
        .offset(offset)
        .limit(limit)
    )
    rows = connection.execute(page).all()
    if rows or not offset:
        return rows, rows[0].all if rows else 0
    return [], connection.execute(select(func.count()).select_from(found)).scalar_one()


def _matching(tenant: str, words: Sequence[str]) -> Select[Any]:
    """Return the query for the names of skills that have every word, and how well they fit."""
    each = [
        select(W.skill, func.max(W.weight).label("weight")).where(W.tenant == tenant, *_has(word)).group_by(W.skill)
        for word in words
    ]
    hits = union_all(*each).subquery()
    score = func.sum(hits.c.weight).label("score")
    return select(hits.c.skill, score).group_by(hits.c.skill).having(func.count() == len(words))


def _has(word: str) -> Sequence[ColumnElement[bool]]:
    """Return what holds of a word that is meant; a single letter is meant whole, for too much begins with it."""
    return (W.word >= word, W.word < word + LAST) if len(word) > 1 else (W.word == word,)


def _words(text: str) -> list[str]:
    """Return every word of a text once."""
    return words_in(_bare(text), most=None)


def _bare(text: str) -> str:
    """Return text without accents, so that they need not be typed."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
