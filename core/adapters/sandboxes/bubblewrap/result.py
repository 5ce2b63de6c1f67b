"""Reads what was seen of a run: how it ended is what the kernel and process 1 say, never what the program says."""

import json
import os
import signal
from dataclasses import dataclass
from typing import Any

from core.adapters.sandboxes.bubblewrap.pump import Why
from core.errors import Unavailable
from core.sandbox import Outcome, Ran, Tier

_SHOWN = 500
"""Characters of what bubblewrap says when it fails."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that came out of a run."""

    why: Why
    started: bool
    """Bubblewrap was up, and process 1 was told to go."""
    told: bytes
    out: bytes
    err: bytes
    result: bytes
    code: int
    """Bubblewrap's own."""
    overran: bool = False
    """The kernel killed something for the run's memory."""
    peak: int | None = None


def ran(seen: Seen, tier: Tier, seconds: float) -> Ran:
    """Return what came of it. Raises `Unavailable` where the sandbox failed and not the program."""
    told = json.loads(seen.told) if seen.told else {}
    status = os.waitstatus_to_exitcode(told["status"]) if told else None
    outcome = _outcome(seen, told, status)
    returned, value = _value(seen.result) if outcome is Outcome.EXITED and status == 0 else (False, None)
    return Ran(
        outcome=outcome,
        code=status if outcome is Outcome.EXITED else None,
        signal=-status if status is not None and status < 0 else None,
        returned=returned,
        value=value,
        stdout=seen.out.decode(errors="replace"),
        stderr=seen.err.decode(errors="replace"),
        seconds=seconds,
        cpu=told.get("cpu"),
        memory=seen.peak or told.get("peak") or None,
        tier=tier,
    )


def _outcome(seen: Seen, told: dict[str, Any], status: int | None) -> Outcome:
    if seen.why is Why.STOPPED:
        return Outcome.KILLED
    if not seen.started or (not told and seen.why is Why.OVER and not _died(seen)):
        reason = " ".join(seen.err.decode(errors="replace").split())[-_SHOWN:] or seen.why.value
        raise Unavailable("The sandbox did not come up: {reason}. `dexter doctor` says more.", reason=reason)
    if seen.why is Why.FLOOD:
        return Outcome.TOO_MUCH_OUTPUT
    if told.get("full") or (seen.overran and status != 0):
        return Outcome.OUT_OF_MEMORY
    if seen.why is Why.LATE:
        return Outcome.TIMED_OUT
    return Outcome.EXITED if status is not None and status >= 0 else Outcome.KILLED


def _died(seen: Seen) -> bool:
    """Tell whether process 1 was killed, which bubblewrap passes on as a shell does."""
    return seen.overran or seen.code in (-signal.SIGKILL, 128 + signal.SIGKILL)


def _value(result: bytes) -> tuple[bool, Any]:
    """Return whether there is exactly one JSON value, and it."""
    try:
        return True, json.loads(result, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False, None


def _refuse(name: str) -> None:
    raise ValueError(name)
