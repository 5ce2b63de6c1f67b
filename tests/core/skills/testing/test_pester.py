"""Pester's results, as it writes them; and the script that starts it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ports import Sandbox
from core.skills import staging, testing
from core.skills.testing import heard, pester
from tests.core.skills.runnable import runs
from tests.doubles.powershell_tree import parsed

RECORDED = Path("tests/data/pester")
NUNIT, JUNIT = ((RECORDED / f"{name}.xml").read_text("utf-8") for name in ("nunit", "junit"))


def test_what_it_writes_for_nunit_is_read() -> None:
    (trial,) = pester.read(f"\ufeff{NUNIT}", 1)
    assert [(each.name, each.outcome, each.seconds) for each in trial.results] == [
        ("The skill.adds", "passed", 0.1034),
        ("The skill.says <Größe>", "failed", 0.052),
        ("The skill.doubles 2", "passed", 0.0101),
        ("The skill.later", "skipped", 0),
    ]
    where = "at $result | Should -Be 4, /program/skill/tests/Main.Tests.ps1:9"
    assert trial.results[1].output == f"Expected 4, but got 5.\n{where}"
    assert trial.results[3].output == "is skipped, because not yet"
    assert (trial.found, trial.ended) == (4, True)


def test_what_it_writes_for_junit_is_read() -> None:
    (trial,) = pester.read(JUNIT, 1)
    outcomes = {each.name: each.outcome for each in trial.results}
    assert outcomes == {"The skill.adds": "passed", "The skill.says": "failed", "The skill.later": "skipped"}
    assert trial.results[1].output.startswith("Expected 4, but got 5.\nat $result")


def test_a_test_that_passes_in_one_of_two_documents_has_failed() -> None:
    second = NUNIT.replace(
        'success="False" result="Failure" executed="True">\n                <f', 'result="Success"><f'
    )
    assert second != NUNIT
    results = heard.together(pester.read(NUNIT + "\r\n" + second, 2))
    assert [each.outcome for each in results] == ["passed", "failed", "passed", "skipped"]
    assert "It failed once and passed once." in results[1].output


@pytest.mark.parametrize(
    "text",
    ["", "no XML", "<?xml version='1.0'?><other/>", NUNIT[:-40], NUNIT + NUNIT, "<?xml version='1.0'?>",
     "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a 'aaaa'>]><test-results>&a;</test-results>"],
)  # fmt: skip
def test_what_is_no_result_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"result|documents"):
        pester.read(text, 1)


@given(st.text(max_size=50), st.sampled_from([NUNIT, JUNIT]), st.integers(0, 2000), st.integers(0, 60))
def test_whatever_is_written_is_read_or_refused(text: str, whole: str, at: int, cut: int) -> None:
    try:
        for trial in pester.read(whole[:at] + text + whole[at + cut :], 1):
            assert all(each.outcome in ("passed", "failed", "error", "skipped") for each in trial.results)
    except ValueError:
        return


def test_the_script_that_starts_it_is_powershell() -> None:
    script = staging.staged(runs("1", language="powershell"), {})["_dexter/pester.ps1"]
    assert not parsed(script.decode()).has_error


async def test_without_powershell_in_the_sandbox_a_sentence_says_so(sandbox: Sandbox) -> None:
    folder = runs("1", language="powershell", tests={"tests/Main.Tests.ps1": "Describe 'x' { It 'y' { } }"})
    run = await testing.tested(sandbox, folder, {}, subject="x")
    if run.problem is None:
        pytest.skip("there is PowerShell here")
    assert str(run.problem) == "What runs it is not in this sandbox: pwsh: No such file or directory."
    assert not run.passed
