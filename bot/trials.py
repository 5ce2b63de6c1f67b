"""How tasks on skills and their tests read: tables that a telephone shows, badges, what is going on."""

from collections.abc import Mapping, Sequence

from bot.results import fenced
from bot.shapes import Fold, Foot, Part, Table
from bot.words import Words, key
from core.entities import Status
from core.skills.results import Done, Started, TestResult, TestRun

SIGNS: Mapping[str, str] = {"passed": "✓", "failed": "✗", "error": "!", "skipped": "–"}
"""How a test ended, each in a sign of its own shape."""
ENDS = {"passed": key("passed"), "failed": key("failed"), "error": key("broke off"), "skipped": key("skipped")}
WORST = ("error", "failed", "skipped", "passed")
DOING = {
    "run": key("Running {skill} {version}"),
    "test": key("Testing {skill} {version}"),
    "promote": key("Testing {skill} {version} for promotion"),
    "install": key("Bringing in {skill} {version}"),
    "check": key("Testing all skills"),
    "report": key("Making a report"),
}
TYPED = {
    "run": key("**{name}** runs {skill} {version}"),
    "test": key("**{name}** has {skill} {version} tested"),
    "promote": key("**{name}** wants to promote {skill} {version}"),
    "install": key("**{name}** wants to bring in {skill} {version}"),
    "check": key("**{name}** has all skills tested"),
    "report": key("**{name}** has a report made"),
}
NUMBERED = 4
"""Tests that have a column each; with the candidate and the count a telephone shows no more."""
SHOWN = 20
"""Tests of one trial, and skills of one check, that have a row each."""
TAILS = 3
"""Tests whose output is shown."""
NAME = 60


def doing(started: Started, words: Words) -> str:
    """Say what a task does."""
    text = DOING.get(started.task, key("Working on {skill} {version}"))
    return words(text, skill=started.skill, version=started.version).strip()


def typed(started: Started, name: str, words: Words) -> str:
    """Say what somebody has asked for."""
    text = TYPED.get(started.task, key("**{name}** works on {skill} {version}"))
    return words(text, name=name, skill=started.skill, version=started.version).strip()


def verdict(done: Done) -> str:
    """Return how a task ended, as a key of the languages."""
    if done.status is not Status.DONE or done.passed is None:
        return done.status.value
    return key("passed") if done.passed else key("failed")


def count(trial: TestRun, words: Words) -> str:
    """Return how many tests passed: `7 of 9`; what went wrong, where nothing ran."""
    if not trial.results:
        return words("none ran")
    passed = sum(result.outcome == "passed" for result in trial.results)
    return words("{passed} of {all}", passed=passed, all=len(trial.results))


def matrix(trials: Sequence[TestRun], words: Words) -> tuple[Part, ...]:
    """Return candidate by test, with the tests' names below; where there are many tests, what each candidate failed."""
    trials = [_once(trial) for trial in trials]
    if not trials:
        return ()
    tests = list(dict.fromkeys(result.name for trial in trials for result in trial.results))
    if not tests or len(tests) > NUMBERED:
        return (_counted(trials, tests, words), *_problems(trials, words))
    numbers = tuple(str(number) for number, _ in enumerate(tests, 1))
    columns = (words("candidate"), *numbers, words("passed"))
    rows = []
    for trial in trials:
        ended = {result.name: SIGNS[result.outcome] for result in trial.results}
        rows.append((trial.subject, *(ended.get(test, "·") for test in tests), count(trial, words)))
    named = Foot(" · ".join(f"{number}: {short(test)}" for number, test in zip(numbers, tests, strict=True)))
    return (Table(columns, tuple(rows)), named, *_problems(trials, words))


def _once(trial: TestRun) -> TestRun:
    """Return a trial with each test once, as it ended worst: several members may have written the same."""
    ordered = sorted(trial.results, key=lambda result: WORST.index(result.outcome))
    worst = {result.name: result for result in reversed(ordered)}
    return trial.but(results=tuple(worst[name] for name in dict.fromkeys(result.name for result in trial.results)))


def _counted(trials: Sequence[TestRun], tests: Sequence[str], words: Words) -> Table:
    numbers = {test: number for number, test in enumerate(tests, 1)}
    rows = []
    for trial in trials:
        missed = [r for r in trial.results if r.outcome in ("failed", "error")]
        said = ", ".join(f"{SIGNS[r.outcome]} {numbers[r.name]} {short(r.name, 30)}" for r in missed[:TAILS])
        more = f" +{len(missed) - TAILS}" if len(missed) > TAILS else ""
        rows.append((trial.subject, count(trial, words), f"{said}{more}" or "–"))
    return Table((words("candidate"), words("passed"), words("failed")), tuple(rows))


def _problems(trials: Sequence[TestRun], words: Words) -> tuple[Foot, ...]:
    said = [f"{trial.subject}: {words.say(trial.problem)}" for trial in trials if trial.problem]
    return (Foot("\n".join(said)),) if said else ()


def tested(trials: Sequence[TestRun], words: Words) -> list[Part]:
    """Return the tests of a version, failed ones first, with the end of their output, and a badge for each round.

    Of several rounds the first that did not hold is shown, else the last.
    """
    if not trials:
        return []
    shown = next((trial for trial in trials if not trial.passed), trials[-1])
    results = sorted(shown.results, key=lambda result: WORST.index(result.outcome))
    rows = tuple(_row(result, words) for result in results[:SHOWN])
    parts: list[Part] = [Table((words("test"), words("result"), words("time")), rows)] if rows else []
    if (more := len(results) - SHOWN) > 0:
        parts.append(Foot(words.some(more, "{count} more test", "{count} more tests")))
    loud = [result for result in results if result.output.strip() and result.outcome in ("failed", "error")]
    parts += [Fold(short(result.name), fenced(result.output)) for result in loud[:TAILS]]
    return [*parts, *(Foot(badge(trial, words)) for trial in trials)]


def _row(result: TestResult, words: Words) -> tuple[str, str, str]:
    ended = f"{SIGNS[result.outcome]} {words(ENDS[result.outcome])}"
    return short(result.name), ended, words("{seconds:.1f} s", seconds=result.seconds)


def badge(trial: TestRun, words: Words) -> str:
    """Return a trial in one line: `✓ 9 of 9 · 93 % of the lines · 1.2 s · limited`."""
    parts = [f"{'✓' if trial.passed else '✗'} {count(trial, words)}"]
    if trial.coverage is not None:
        parts.append(words("{share:.0%} of the lines", share=trial.coverage))
    parts.append(words("{seconds:.1f} s", seconds=trial.seconds))
    if trial.tier:
        parts.append(words("isolation: {tier}", tier=words(trial.tier.value)))
    if trial.problem:
        parts.append(words.say(trial.problem))
    return " · ".join(parts)


def checked(trials: Sequence[TestRun], words: Words) -> list[Part]:
    """Return the trials of many skills, those that failed first."""
    ordered = sorted(trials, key=lambda trial: trial.passed)
    rows = tuple((trial.subject, *_state(trial, words)) for trial in ordered[:SHOWN])
    if not rows:
        return []
    parts: list[Part] = [Table((words("skill"), words("result"), words("tests")), rows)]
    if (more := len(ordered) - SHOWN) > 0:
        parts.append(Foot(words.some(more, "{count} more skill", "{count} more skills")))
    return parts


def _state(trial: TestRun, words: Words) -> tuple[str, str]:
    said = count(trial, words)
    ended = f"✓ {words('passed')}" if trial.passed else f"✗ {words('failed')}"
    return ended, f"{said}: {words.say(trial.problem)}" if trial.problem else said


def short(name: str, most: int = NAME) -> str:
    """Return the last part of a test's name, on one line."""
    line = " ".join(name.rpartition("::")[2].split()) or "?"
    return line if len(line) <= most else line[: most - 1] + "…"
