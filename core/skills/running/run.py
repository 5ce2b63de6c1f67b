"""One run of a skill: the input checked, the program run apart, the output checked."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import BadRequest
from core.ports import Sandbox
from core.sandbox import MEGABYTE, Follow, Limits, Outcome, Program, Ran
from core.sentences import said
from core.skills.contract import Contract
from core.skills.ending import broken
from core.skills.folder import Folder
from core.skills.manifest import FILE, read_manifest
from core.skills.results import LONGEST_OUTPUT, Produced
from core.skills.running.files import taken_out
from core.skills.running.fits import misfit
from core.skills.running.granted import NOTHING, Granted
from core.skills.staging import POWERSHELL, SKILL, START, staged

LIMITS = Limits(seconds=60, memory=512 * MEGABYTE, output=12 * MEGABYTE, processes=64, disk=64 * MEGABYTE)


async def produced(  # noqa: PLR0913  what is run, where, and with what
    sandbox: Sandbox,
    folder: Folder,
    needed: Mapping[str, Folder],
    given: dict[str, Any],
    *,
    libraries: tuple[Path, ...] = (),
    limits: Limits | None = None,
    granted: Granted = NOTHING,
    follow: Follow | None = None,
) -> Produced:
    """Return what a skill gives for an input.

    `needed`: all skills that it uses, directly or not; `libraries`: its packages; `granted`: the secrets and hosts that
    a person approved; `follow` is told what it says meanwhile. Raises what `Sandbox.run` does; an input that its
    contract does not allow, a failure, an output that does not fit and a sandbox that cannot grant what was granted are
    the `problem` of the result.
    """
    limits = limits or LIMITS
    try:
        contract = read_manifest(folder.files.get(FILE, b"")).contract
        await _check_input(contract, given)
        program = _program(contract, staged(folder, needed), given, libraries)
        program = program.but(secrets=granted.secrets, network=granted.network)
        ran = await sandbox.run(program, limits, follow)
    except BadRequest as error:
        return Produced(problem=error.sentence)
    return await _read(ran, contract, limits)


async def _check_input(contract: Contract, given: dict[str, Any]) -> None:
    if not contract.entry:
        raise BadRequest("It has nothing that runs: it is instructions alone.")
    if wrong := await asyncio.to_thread(misfit, given, contract.input or {}):
        raise BadRequest("The input does not fit: {what}.", what=wrong)


def _program(
    contract: Contract, files: dict[str, bytes], given: dict[str, Any], libraries: tuple[Path, ...]
) -> Program:
    """Return the program. Raises `BadRequest` for one that cannot be."""
    if contract.language == "python":
        arguments = {"entry": contract.entry, "given": given, "libraries": len(libraries)}
        return Program(files=files, entry=START, arguments=arguments, libraries=libraries)
    path = f"{{files}}/{SKILL}/{contract.entry}"
    shells = {"shell": ("sh",), "powershell": POWERSHELL}
    return Program(files=files, argv=(*shells[contract.language], path), arguments=given, libraries=libraries)


async def _read(ran: Ran, contract: Contract, limits: Limits) -> Produced:
    output = "\n".join(text for text in (ran.stdout.strip(), ran.stderr.strip()) if text)[-LONGEST_OUTPUT:]
    came = Produced(outcome=ran.outcome, output=output, seconds=ran.seconds, memory=ran.memory, tier=ran.tier)
    if ran.outcome is not Outcome.EXITED or ran.code != 0:
        return came.but(problem=broken(ran, limits))
    if not ran.returned and contract.language == "python":
        return came.but(problem=said("It gave no result: `run` returns a value that JSON can hold."))
    value = ran.value if ran.returned else ran.stdout
    schema = contract.output or {}
    if wrong := await asyncio.to_thread(misfit, value, schema):
        return came.but(problem=said("Its output is not what it declared: {what}.", what=wrong))
    try:
        rest, files = await asyncio.to_thread(taken_out, value, schema)
    except BadRequest as error:
        return came.but(problem=said("Its output is not what it declared: {what}.", what=error.sentence))
    return came.but(value=rest, files=files)
