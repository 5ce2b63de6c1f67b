"""Reads what the guest says of a run: how it ended is the word of what watches there, never of the program."""

import base64
import json
from typing import Any

from core.adapters.sandboxes.hyperv.heard import Heard
from core.adapters.sandboxes.hyperv.trouble import Report, failed
from core.adapters.sandboxes.hyperv.where import Place
from core.sandbox import Limits, Outcome, Ran, Tier

_BROKEN = 0xC0000000
"""Exit codes from here on are Windows' own: the program crashed, or was ended."""
_KNOWN = {outcome.value: outcome for outcome in Outcome}


def ran(report: Report, place: Place, limits: Limits, seconds: float, heard: Heard) -> Ran:
    """Return what came of a run. Raises `Trouble` where the guest does not say it as it should."""
    try:
        told = json.loads(report.guest)
        if refused := told.get("refused"):
            raise failed(_at(f"guest {refused}"), place)
        return _ran(told, limits, seconds, heard)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise failed(Report("result", str(error), denied=False, restored=True, guest=""), place) from error


def lost(limits: Limits, seconds: float, outcome: Outcome, heard: Heard) -> Ran:
    """Return what is known of a run whose guest says no more."""
    return Ran(
        outcome=outcome,
        stdout=heard.text("o"),
        stderr=heard.text("e"),
        seconds=max(seconds, limits.seconds if outcome is Outcome.TIMED_OUT else 0),
        tier=Tier.MACHINE,
    )


def _ran(told: dict[str, Any], limits: Limits, seconds: float, heard: Heard) -> Ran:
    code = int(told["code"])
    outcome = _KNOWN[told["ended"]]
    if outcome is Outcome.EXITED and code >= _BROKEN:
        outcome = Outcome.KILLED
    result = _bytes(told, "result", limits)
    returned, value = _value(result) if outcome is Outcome.EXITED and code == 0 else (False, None)
    return Ran(
        outcome=outcome,
        code=code if outcome is Outcome.EXITED else None,
        returned=returned,
        value=value,
        stdout=heard.whole("o", _bytes(told, "stdout", limits)),
        stderr=heard.whole("e", _bytes(told, "stderr", limits)),
        seconds=seconds,
        cpu=told.get("cpu"),
        memory=told.get("memory"),
        tier=Tier.MACHINE,
    )


def _bytes(told: dict[str, Any], name: str, limits: Limits) -> bytes:
    """Return what was written, no more than may be. Raises ValueError."""
    return base64.b64decode(told.get(name) or "", validate=True)[: limits.output]


def _value(result: bytes) -> tuple[bool, Any]:
    """Return whether there is exactly one JSON value, and it."""
    try:
        return True, json.loads(result, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False, None


def _refuse(name: str) -> None:
    raise ValueError(name)


def _at(stage: str) -> Report:
    return Report(stage, "", denied=False, restored=True, guest="")
