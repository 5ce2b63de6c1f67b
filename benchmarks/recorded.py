"""Recorded answers of real models: reading them, halving them, and learning skills from a half."""

import gzip
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

Found = dict[str, dict[str, list[float]]]
"""Row to column to one figure a split."""


class Question(NamedTuple):
    """One question with everybody's answers."""

    id: str
    gold: str
    answers: Mapping[str, str | None]
    """Model to answer in the set's own form; None where it gave none."""
    raw: Mapping[str, str | None]
    """The same as it was written."""


def questions(folder: Path, name: str) -> list[Question]:
    """Read a set; ends the program with one sentence where it is missing."""
    file = folder / name / "dev.jsonl.gz"
    if not file.is_file():
        sys.exit(f"{file} is missing: give the folder of recorded answers, which are not shipped with Dexter.")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [_question(json.loads(line)) for line in lines]


def _question(row: dict[str, Any]) -> Question:
    raw = {voter: row.get("raw", {}).get(voter, answer) for voter, answer in row["a"].items()}
    return Question(row["id"], row["gold"], row["a"], raw)


def halves(rows: Sequence[Question], seed: int) -> tuple[list[Question], list[Question]]:
    """Return a random half to learn from and the other to measure on."""
    shuffled = list(rows)
    random.Random(seed).shuffle(shuffled)
    return shuffled[: len(rows) // 2], shuffled[len(rows) // 2 :]


def learn(rows: Sequence[Question]) -> dict[str, float]:
    """Return each voter's skill, strongest first: its share of right answers, one right and one wrong added."""
    voters = sorted({voter for row in rows for voter in row.answers})
    right = {voter: sum(row.answers.get(voter) == row.gold for row in rows) for voter in voters}
    skills = {voter: (right[voter] + 1) / (len(rows) + 2) for voter in voters}
    return dict(sorted(skills.items(), key=lambda item: -item[1]))


def committees(skills: Mapping[str, float], seed: int) -> Iterator[tuple[str, list[str]]]:
    """Yield kinds of committees, made from skills alone, each strongest first; 8 random ones of 3 and of 5."""
    best = list(skills)
    near = min(range(len(best) - 4), key=lambda at: skills[best[at]] - skills[best[at + 4]])
    yield "the 3 strongest", best[:3]
    yield "the 5 strongest", best[:5]
    yield "ranks 2 to 9", best[1:9]
    yield "5 nearest in strength", best[near : near + 5]
    yield "1 strong, 4 weak", [best[1], *best[-12:-8]]
    yield "all", best
    chance = random.Random(seed)
    for size in (3, 5):
        for _ in range(8):
            chosen = set(chance.sample(best, size))
            yield f"{size} at random", [voter for voter in best if voter in chosen]


def note(found: Found, row: str, column: str, figure: float) -> None:
    """Add one split's figure to a table."""
    found.setdefault(row, {}).setdefault(column, []).append(figure)


def table(found: Found) -> str:
    """Return a Markdown table of means: percent, or calls a question where the column says so."""
    columns = list(next(iter(found.values())))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in found.items():
        cells = [f"{mean(row[c]):.2f}" if c.startswith("calls") else f"{100 * mean(row[c]):.1f}" for c in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
