"""One trial of a skill: its tests, run twice in one sandbox, and what came of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import BadRequest
from core.ports import Sandbox
from core.sandbox import MEGABYTE, Limits, Outcome, Program, Ran
from core.sentences import said
from core.skills.contract import Contract
from core.skills.ending import broken
from core.skills.folder import Folder
from core.skills.manifest import FILE, read_manifest
from core.skills.results import TestRun
from core.skills.staging import PESTER, TESTS, staged
from core.skills.testing import heard, pester
from core.skills.testing.toolbox import toolbox

LIMITS = Limits(seconds=60, memory=512 * MEGABYTE, output=8 * MEGABYTE, processes=64, disk=64 * MEGABYTE)
MOST = 1_000
"""Tests of a skill."""
REPEATED = 2
"""Times that each test is run, so that one which does not always pass is noticed."""
_LONGEST_TEST = 10.0
"""Seconds."""
_SHARE = 4
"""Part of all the time that one test may take."""
_GRACE = 3.0
"""Seconds between the end of the tests' time, when the harness tells what it has, and the end of the sandbox's."""


async def tested(  # noqa: PLR0913  what is tested, where, and what is said of it
    sandbox: Sandbox,
    folder: Folder,
    needed: Mapping[str, Folder],
    *,
    subject: str,
    round: int = 1,  # noqa: PT028  no test itself
    libraries: tuple[Path, ...] = (),  # noqa: PT028
    limits: Limits | None = None,  # noqa: PT028
) -> TestRun:
    """Return what a skill's own tests say of it.

    `needed`: all skills that it uses, directly or not; `libraries`: its packages. Each test runs twice. The coverage
    is counted in the skill's process and by its own word; every outcome is counted where the skill cannot reach it.
    Raises what `Sandbox.run` does; what is wrong with the skill is in the result.
    """
    run = TestRun(subject=subject, round=round)
    limits = limits or LIMITS
    try:
        program = await prepared(folder, needed, libraries, limits)
    except BadRequest as error:
        return run.but(problem=error.sentence)
    ran = await sandbox.run(program, with_grace(limits))
    run = run.but(tier=ran.tier, seconds=ran.seconds)
    try:
        trials = told(ran, program)
    except (ValueError, TypeError, LookupError):
        return run.but(problem=broken(ran, limits))
    return run.but(
        results=heard.together(trials),
        coverage=trials[0].coverage,
        problem=heard.problem(trials, MOST, limits.seconds),
    )


def with_grace(limits: Limits) -> Limits:
    """Return the limits that the sandbox is to hold."""
    return limits.but(seconds=limits.seconds + _GRACE)


async def prepared(
    folder: Folder, needed: Mapping[str, Folder], libraries: tuple[Path, ...], limits: Limits, **more: Any
) -> Program:
    """Return the program that tests a skill. Raises `BadRequest` for one that cannot be tested."""
    contract = read_manifest(folder.files.get(FILE, b"")).contract
    tests = found(folder, contract)
    order = {
        "language": contract.language,
        "entry": contract.entry,
        "tests": tests,
        "libraries": len(libraries),
        "seconds": limits.seconds,
        "each": min(_LONGEST_TEST, limits.seconds / _SHARE),
        "trials": REPEATED,
        "broken": [],
        "memory": limits.memory // 2,
    }
    files = staged(folder, needed)
    if contract.language == "powershell":
        return Program(files=files, argv=PESTER, arguments={**order, **more})
    return Program(files=files, entry=TESTS, arguments={**order, **more}, libraries=(await toolbox(), *libraries))


def found(folder: Folder, contract: Contract) -> list[str]:
    """Return the files of tests. Raises `BadRequest` where there are none, or nothing to test."""
    if not contract.entry:
        raise BadRequest("It has nothing that runs, and so nothing to test: it is instructions alone.")
    inside = sorted(path for path in folder.files if path.startswith("tests/"))
    if contract.language == "python":
        names = [path for path in inside if path.endswith(".py")]
        chosen = [path for path in names if (name := path.rpartition("/")[2]).startswith("test_") or "_test.py" in name]
        wanted = said("`test_*.py` with functions `test_…`")
    elif contract.language == "powershell":
        chosen = [path for path in inside if path.endswith(".Tests.ps1")]
        wanted = said("`*.Tests.ps1` as Pester reads them")
    else:
        chosen = [path for path in inside if path.endswith(".sh") or path in folder.executable]
        wanted = said("`*.sh`, which end with 0 where all is well")
    if not chosen:
        raise BadRequest("There are no tests in `tests/`: add files {wanted}.", wanted=wanted)
    return chosen


def told(ran: Ran, program: Program) -> tuple[heard.Heard, ...]:
    """Return the trials of a run. Raises ValueError, TypeError or LookupError where it came to no result."""
    if program.argv == PESTER and ran.outcome is Outcome.EXITED and ran.code == 0:
        return pester.read(ran.stdout, REPEATED)
    if program.argv == PESTER or not ran.returned:
        raise ValueError(ran.outcome)
    return heard.heard(ran.value)
