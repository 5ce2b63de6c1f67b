"""How well the voting rules decide, and what early stop saves, on recorded answers of real models.

    python -m benchmarks.votes <folder>

The folder holds one folder a set (mmlu_pro, open_answers, judges), each with a `dev.jsonl.gz` of one question a line:
`id`, `gold` (the right answer), `a` (model to answer, null where it gave none), for open answers `raw` (what was
written, where it differs). Skills, order of asking and committees are learned on a random half of each set and
everything is measured on the other half; figures are means over `--splits` such splits. No model is called.
"""

import argparse
import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean

from benchmarks.recorded import Found, Question, committees, halves, learn, note, questions, table
from core.committee.casting import LEAST
from core.committee.early import decided, posterior
from core.committee.grouping import comparable, group
from core.committee.normal import normal
from core.committee.voting import RULES, Vote, log_odds

Skills = Mapping[str, float]
MANY = 10
"""Options of a question, for the log-odds that know of more than two."""
SCALES: dict[str, Callable[[float], float]] = {
    "plurality": lambda _: 1.0,
    "weighted": lambda skill: skill,
    "log-odds": lambda skill: max(LEAST, log_odds(skill)),
    "log-odds, none under 0": lambda skill: max(0.0, log_odds(skill)),
    f"log-odds of {MANY}": lambda skill: max(0.0, log_odds(skill, MANY)),
}
"""What a vote of a known skill weighs."""


def cast(row: Question, voters: Sequence[str], weigh: Callable[[str], float]) -> tuple[list[Vote], list[str]]:
    """Return the votes of those who answered, and the candidates."""
    given = [(voter, answer) for voter in voters if (answer := row.answers.get(voter)) is not None]
    votes = [Vote(voter, ((answer,),), weight=weigh(voter)) for voter, answer in given]
    return votes, list(dict.fromkeys(answer for _, answer in given))


def by_lot(row: Question, tied: Sequence[str]) -> str | None:
    """Break a tie by a lot, as a committee does that knows nothing of skills."""
    return min(tied, key=lambda label: hashlib.sha256(f"{row.id}\0{label}".encode()).digest(), default=None)


def winner(row: Question, voters: Sequence[str], scale: str, skills: Skills) -> str | None:
    """Return what a committee answers: ties by lot under plurality, else by the strongest of the tied."""
    votes, labels = cast(row, voters, lambda voter: SCALES[scale](skills[voter]))
    tied = RULES[scale.partition(",")[0].partition(" ")[0]](votes, labels).winners
    return by_lot(row, tied) if scale == "plurality" else next(iter(tied), None)


def asked(row: Question, voters: Sequence[str], skills: Skills, until: float) -> tuple[str | None, int]:
    """Ask strongest first under log-odds; return the answer and the calls made.

    Stop when the rest cannot change the winner, or when one answer's posterior reaches `until`.
    """
    weights = {voter: SCALES["log-odds"](skills[voter]) for voter in voters}
    for number in range(1, len(voters) + 1):
        votes, labels = cast(row, voters[:number], weights.__getitem__)
        if not votes:
            continue
        choices = {vote.voter: vote.ranking[0][0] for vote in votes}
        likely = max(posterior(choices, skills, max(2, len(labels))).values()) >= until
        if likely or decided(votes, [weights[voter] for voter in voters[number:]], labels, "log-odds"):
            break
    return next(iter(RULES["log-odds"](votes, labels).winners), None), number


def measure_rules(rows: Sequence[Question], splits: int) -> str:
    """Return the table of accuracies."""
    found: Found = {}
    for seed in range(splits):
        study, test = halves(rows, seed)
        skills = learn(study)
        for name, voters in committees(skills, seed):
            note(found, name, "best single", mean(q.answers.get(voters[0]) == q.gold for q in test))
            for scale in SCALES:
                note(found, name, scale, mean(winner(q, voters, scale, skills) == q.gold for q in test))
            note(found, name, "any right", mean(any(q.answers.get(v) == q.gold for v in voters) for q in test))
    return table(found)


def measure_stops(rows: Sequence[Question], splits: int, most: int) -> str:
    """Return what early stop costs and saves: accuracy, and calls a question."""
    found: Found = {}
    for seed in range(splits):
        study, test = halves(rows, seed)
        skills = learn(study)
        for name, voters in committees(skills, seed):
            if name == "all" or "random" in name:
                continue
            note(found, name, "all asked", mean(winner(q, voters, "log-odds", skills) == q.gold for q in test[:most]))
            note(found, name, "calls", len(voters))
            for label, until in (("certain", 2.0), ("p 0.95", 0.95), ("p 0.9", 0.9)):
                given = [(asked(q, voters, skills, until), q.gold) for q in test[:most]]
                note(found, name, label, mean(answer == gold for (answer, _), gold in given))
                note(found, name, f"calls, {label}", mean(calls for (_, calls), _ in given))
    return table(found)


def measure_groups(rows: Sequence[Question], splits: int) -> str:
    """Return what grouping is worth under plurality: answers as written, in Dexter's groups, in the set's own form."""
    found: Found = {}
    for seed in range(splits):
        study, test = halves(rows, seed)
        for name, voters in committees(learn(study), seed):
            for form, sides in SIDES.items():
                note(found, name, form, mean(largest_is_right(q, sides(q, voters)) for q in test))
    return table(found)


def as_written(row: Question, voters: Sequence[str]) -> list[list[str]]:
    """Return those who wrote the same, letter by letter."""
    return _sides({voter: text for voter in voters if (text := row.raw.get(voter)) is not None})


def in_groups(row: Question, voters: Sequence[str]) -> list[list[str]]:
    """Return those whose answers Dexter groups."""
    written = {voter: text for voter in voters if (text := row.raw.get(voter)) is not None}
    answers = [(voter, voter, text, comparable(text) or normal(text)) for voter, text in written.items()]
    return [list(candidate.members) for candidate in group(answers)]


def in_own_form(row: Question, voters: Sequence[str]) -> list[list[str]]:
    """Return those whose answers are the same in the form that the set's makers extracted."""
    return _sides({voter: text for voter in voters if (text := row.answers.get(voter)) is not None})


def _sides(keys: Mapping[str, str]) -> list[list[str]]:
    sides: dict[str, list[str]] = {}
    for voter, key in keys.items():
        sides.setdefault(key, []).append(voter)
    return list(sides.values())


SIDES = {"as written": as_written, "grouped": in_groups, "set's own form": in_own_form}


def largest_is_right(row: Question, sides: Sequence[Sequence[str]]) -> bool:
    """True if most of the largest side are right in the set's own form; ties by lot."""
    most = max(map(len, sides), default=0)
    first = by_lot(row, [side[0] for side in sides if len(side) == most])
    return any(side[0] == first and 2 * sum(row.answers[v] == row.gold for v in side) > most for side in sides)


def measure_judges(rows: Sequence[Question], splits: int) -> str:
    """Return how well judges of pairs decide when each is asked in one order, in the other, or in both."""
    found: Found = {}
    voters = sorted(set.intersection(*(set(row.answers) for row in rows)))
    for seed in range(splits):
        study, test = halves(rows, seed)
        for name, orders in (("one order", (0,)), ("other order", (1,)), ("both orders", (0, 1))):
            skills = {v: (1 + sum(judged(q, [v], orders) for q in study)) / (len(study) + 2) for v in voters}
            best = sorted(voters, key=lambda voter: -skills[voter])
            note(found, name, "best single", mean(judged(q, best[:1], orders) for q in test))
            for label, members in (("5 best", best[:5]), ("all", best)):
                note(found, name, f"{label}, plurality", mean(judged(q, members, orders) for q in test))
                note(found, name, f"{label}, log-odds", mean(judged(q, members, orders, skills) for q in test))
    return table(found)


def judged(row: Question, members: Sequence[str], orders: Sequence[int], skills: Skills | None = None) -> float:
    """Return 1 for the right choice and a half for a tie; a judge asked in both orders has a vote in each."""
    votes = [
        Vote(member, ((choice,),), weight=SCALES["log-odds"](skills[member]) if skills else 1.0)
        for member in members
        for choice in ((row.answers[member] or "00")[order] for order in orders)
        if choice != "0"
    ]
    winners = RULES["weighted"](votes, "12").winners
    return (row.gold in winners) / len(winners)


KINDS = ("all rank with care", "one ranks by position", "only two are ranked", "second best in 3 copies")


def simulate_rankings(elections: int) -> str:
    """Return how often each rule elects the best of 5 essays by 5 rankings: simulated, as none are recorded.

    Each voter sees every essay's quality through noise as large as the essays differ (Thurstone's model). Ties count
    their share.
    """
    found: Found = {}
    for kind in KINDS:
        chance = random.Random(kind)
        for _ in range(elections):
            votes, shown = simulated(kind, chance)
            for rule in ("plurality", "irv", "schulze", "borda"):
                winners = RULES[rule](votes, shown).winners
                note(found, kind, rule, ("0" in winners) / len(winners))
                note(found, kind, f"{rule}, tied", len(winners) > 1)
    return table(found)


def simulated(kind: str, chance: random.Random) -> tuple[list[Vote], list[str]]:
    """Return 5 votes and the essays in the order shown; essay 0 is the best."""
    quality = sorted((chance.gauss(0, 1) for _ in range(5)), reverse=True)
    quality += [quality[1] - 0.01, quality[1] - 0.02] if kind == "second best in 3 copies" else []
    labels = [str(number) for number in range(len(quality))]
    shown = chance.sample(labels, len(labels))
    rankings = []
    for _ in range(5):
        seen = {label: worth + chance.gauss(0, 1) for label, worth in zip(labels, quality, strict=True)}
        rankings.append(sorted(labels, key=lambda label: -seen[label]))
    rankings[0] = shown if kind == "one ranks by position" else rankings[0]
    kept = 2 if kind == "only two are ranked" else len(labels)
    return [Vote(f"v{n}", tuple((label,) for label in one[:kept])) for n, one in enumerate(rankings)], shown


def main() -> None:
    """Print every table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("folder", type=Path, help="folder of recorded answers")
    options.add_argument("--splits", type=int, default=3, help="random halves to average over")
    options.add_argument("--most", type=int, default=400, help="questions a split for early stop")
    options.add_argument("--elections", type=int, default=4000, help="simulated elections a row")
    given = options.parse_args()
    for name in ("mmlu_pro", "open_answers"):
        rows = questions(given.folder, name)
        print(f"## {name}: {len(rows)} questions, learned on one half, measured on the other, {given.splits} splits\n")
        print(measure_rules(rows, given.splits))
        print(f"### {name}: asked strongest first under log-odds, {given.most} questions a split\n")
        print(measure_stops(rows, given.splits, given.most))
        if name == "open_answers":
            print(f"### {name}: plurality of answers as written, in groups, and in the set's own form\n")
            print(measure_groups(rows, given.splits))
    print(f"## judges: pairs of answers, log-odds learned on one half, {given.splits} splits\n")
    print(measure_judges(questions(given.folder, "judges"), given.splits))
    print("## simulated rankings: how often the best essay is elected\n")
    print(simulate_rankings(given.elections))


if __name__ == "__main__":
    main()
