"""What a run of a candidate shows to people: each test that somebody wrote, and how it went."""

from core.skills.drafting.agreement import Evidence
from core.skills.drafting.cases import Case, shown
from core.skills.drafting.reading import gave
from core.skills.drafting.table import Table
from core.skills.results import LONGEST_OUTPUT, TestResult, TestRun


def told(table: Table, evidence: Evidence, label: str, round: int) -> TestRun:
    """Return how a candidate fares in the examples and in the members' tests. Outputs are hostile text."""
    trial = table.trials[label]
    results = tuple(_result(table, evidence, label, case) for case in (*evidence.examples, *evidence.tests))
    return TestRun(
        subject=label, round=round, results=results, tier=trial.tier, seconds=trial.seconds, problem=trial.problem
    )


def _result(table: Table, evidence: Evidence, label: str, case: Case) -> TestResult:
    passed = evidence.passes(label, case)
    output = "" if passed else f"gave {gave(evidence, label, case)}"
    name = shown(case, table.wish.name)
    return TestResult(name=name, outcome="passed" if passed else "failed", output=output[:LONGEST_OUTPUT])
