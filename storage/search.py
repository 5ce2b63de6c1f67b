"""Full-text search over questions and answers: FTS5 on SQLite, a `tsvector` on PostgreSQL."""

import re
from typing import Any

from sqlalchemy import Select, bindparam, column, func, literal_column, select, table, text

from storage.rows import clean
from storage.tables import BRIEF, LISTED
from storage.tables import COLLABORATION as C

APART = re.compile(r"[\s\x00-\x20!-/:-@\[-`{-\x7f]+")
"""What separates words: space, control characters and ASCII punctuation, so that no operator of either query
language is left in a word."""
MOST_WORDS = 16
LONGEST_WORD = 64


def words_in(typed: str, most: int | None = MOST_WORDS) -> list[str]:
    """Return the first `most` words of what a person typed, without anything that a query language reads."""
    words = [word[:LONGEST_WORD] for word in APART.split(clean(typed).lower()) if any(map(str.isalnum, word))]
    return list(dict.fromkeys(words))[:most]


def matching(sqlite: bool, tenant: str, words: list[str], limit: int) -> Select[Any]:
    """Return the query for a tenant's collaborations that have all words, or words they begin, best match first."""
    if sqlite:
        found = table("search", column("rowid"), column("rank"))
        match = text("search MATCH :words").bindparams(words=" ".join(f'"{word}"*' for word in words))
        query = select(*BRIEF).select_from(C.join(found, C.c.seq == found.c.rowid)).where(match)
        best: Any = found.c.rank
    else:
        asked = func.to_tsquery(text("'simple'::regconfig"), bindparam("words", " & ".join(f"'{w}':*" for w in words)))
        query = select(*BRIEF).where(literal_column("words").op("@@")(asked))
        best = func.ts_rank(literal_column("words"), asked).desc()
    return query.where(C.c.tenant == tenant, LISTED).order_by(best, C.c.seq.desc()).limit(limit)
