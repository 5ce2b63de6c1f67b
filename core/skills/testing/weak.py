"""Whether a skill's tests would notice a broken skill: they are run on copies that are broken on purpose."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from core.errors import BadRequest
from core.ports import Sandbox
from core.sentences import Sentence, said
from core.skills.ending import broken
from core.skills.folder import Folder
from core.skills.manifest import FILE, read_manifest
from core.skills.testing import heard
from core.skills.testing.mutants import Mutant, mutants
from core.skills.testing.trial import LIMITS, prepared, told, with_grace

_LEAST = 0.5
"""Share of the broken copies that have to be noticed."""


async def weaknesses(
    sandbox: Sandbox, folder: Folder, needed: Mapping[str, Folder], *, libraries: tuple[Path, ...] = ()
) -> tuple[Sentence, ...]:
    """Return why the tests of a skill prove nothing, a sentence each; none where they are good.

    A copy whose entry does nothing at all has to fail, and so has half of those with one thing wrong.
    Raises what `Sandbox.run` does.
    """
    try:
        contract = read_manifest(folder.files.get(FILE, b"")).contract
        source = folder.files.get(contract.entry, b"").decode(errors="replace")
        copies = await asyncio.to_thread(mutants, source, contract.language)
        program = await prepared(folder, needed, libraries, LIMITS, broken=[each.source for each in copies])
    except BadRequest as error:
        return (error.sentence,)
    ran = await sandbox.run(program, with_grace(LIMITS))
    try:
        trials = told(ran, program)
    except (ValueError, TypeError, LookupError):
        return (said("The tests cannot be tried on broken copies: {why}", why=broken(ran, LIMITS)),)
    return _judged(copies, [_passed(trial) for trial in trials])


def _passed(trial: heard.Heard) -> bool:
    outcomes = {result.outcome for result in trial.results}
    return trial.ended and not trial.late and outcomes <= {"passed", "skipped"}


def _judged(copies: list[Mutant], passed: list[bool]) -> tuple[Sentence, ...]:
    alive = [copy for copy, well in zip(copies, passed, strict=False) if well]
    empty = [copy for copy in alive if copy.empty]
    if empty:
        return tuple(said("The tests pass on a broken copy: {what}.", what=copy.what) for copy in empty[:1])
    if len(alive) > (1 - _LEAST) * len(copies):
        text = "The tests pass on {count} of {all} broken copies, one of which is this: {what}."
        return (said(text, count=len(alive), all=len(copies), what=alive[0].what),)
    return ()
