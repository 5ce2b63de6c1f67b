"""What a trial's harness tells, read as results; what stands in it of a skill's output is hostile text."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from core.entities import Noun
from core.sentences import Sentence, said
from core.skills.results import LONGEST_OUTPUT, TestResult

_Outcome = Literal["passed", "failed", "error", "skipped"]


class Heard(Noun):
    """One trial."""

    results: tuple[TestResult, ...] = ()
    found: int | None = None
    """Tests that there are; `None` where it was not told."""
    ended: bool = False
    """It came to its end."""
    late: bool = False
    """Time was over."""
    coverage: float | None = None


def heard(told: Any) -> tuple[Heard, ...]:
    """Return the trials. Raises ValueError, TypeError or LookupError for what no harness says."""
    return tuple(_trial(each) for each in told)


def _trial(told: dict[str, Any]) -> Heard:
    results = [_result(*each) for each in told["results"]]
    if told["began"]:
        results.append(_result(told["began"], "failed", 0.0, "The tests were ended within this one."))
    lines = told["lines"]
    return Heard(
        results=tuple(results),
        found=told["found"],
        ended=told["ended"],
        late=told["late"],
        coverage=min(1.0, max(0.0, lines[0] / lines[1])) if lines and lines[1] > 0 else None,
    )


def _result(name: str, outcome: _Outcome, seconds: float, output: str) -> TestResult:
    if outcome not in get_args(_Outcome):
        raise ValueError(outcome)
    shown = name.rpartition("tests/")[2] or name
    return TestResult(name=shown[:300], outcome=outcome, seconds=seconds, output=output[-LONGEST_OUTPUT:])


def together(trials: Sequence[Heard]) -> tuple[TestResult, ...]:
    """Return one result for each test: one that does not always end the same way has failed."""
    found: dict[str, list[TestResult]] = {}
    for trial in trials:
        for result in trial.results:
            found.setdefault(result.name, []).append(result)
    return tuple(_agreed(each, len(trials)) for each in found.values())


def _agreed(results: list[TestResult], trials: int) -> TestResult:
    worst = next((each for each in results if each.outcome in ("failed", "error")), results[0])
    outcomes = [each.outcome for each in results]
    if len(results) < trials or len(set(outcomes)) > 1:
        told = " and ".join(f"{outcome} once" for outcome in dict.fromkeys(outcomes))
        told = told if len(set(outcomes)) > 1 else f"{outcomes[0]} once and was not run again"
        return worst.but(outcome="failed", output=f"It {told}.\n{worst.output}"[-LONGEST_OUTPUT:])
    return worst


def problem(trials: Sequence[Heard], most: int, seconds: float) -> Sentence | None:
    """Return why there are no results, or not all. `most`: tests that are run."""
    if any(trial.late for trial in trials):
        return said("The tests were not through after {seconds:g} seconds.", seconds=seconds)
    if any(not trial.ended for trial in trials):
        return said("The tests broke off: something ended the process that they ran in.")
    if any((trial.found or 0) > most for trial in trials):
        return said("There are more than {most:,} tests: join some.", most=most)
    if not any(trial.results for trial in trials):
        return said("There are no tests in `tests/`: add files `test_*.py` with functions `test_…`.")
    return None
