"""One run from beginning to end, in one thread: into the guest, out of it, and nothing of it left."""

import threading
import time
from pathlib import Path

import structlog

from core.adapters.sandboxes.following import NOBODY, Following
from core.adapters.sandboxes.hyperv.heard import Heard
from core.adapters.sandboxes.hyperv.link import Bound, Stopped, Value, asked
from core.adapters.sandboxes.hyperv.payload import packed
from core.adapters.sandboxes.hyperv.result import lost, ran
from core.adapters.sandboxes.hyperv.trouble import Lost, Report, Trouble, failed
from core.adapters.sandboxes.hyperv.where import Place
from core.sandbox import Limits, Outcome, Program, Ran

GUEST_SCRIPT = (Path(__file__).parent / "guest" / "guest.ps1").read_text("utf-8")
_WAIT = 90
"""Seconds for another Dexter, or one that died, to leave the machine; the host notices a death within a minute."""
_SLACK = 180
"""Seconds more than every step of the script may take, after which nobody waits for it any longer."""
_UP = ("boot", "guest", "copy", "run", "wait", "result", "done")
"""Stages of the script in which the virtual machine may be running."""

log = structlog.get_logger("dexter.sandbox")


def work(place: Place, stop: threading.Event, program: Program, limits: Limits, following: Following = NOBODY) -> Ran:
    """Run a program. Raises `Trouble` where not the program but the sandbox failed, `BadRequest` for the program."""
    begun = time.monotonic()
    values = {**_values(place, "run"), **_run(place, program, limits)}
    heard = Heard(limits.output, following)
    bound = Bound(_WAIT + 2 * place.guest.boot + limits.seconds + _SLACK, stop, heard)
    try:
        report = asked(place.remote, values, place.guest.password.get_secret_value(), bound)
    except Stopped as ended:
        _clean(place)
        return _unfinished(ended, place, limits, time.monotonic() - begun, heard)
    except Lost:
        _clean(place, needed=False)
        raise
    return _finished(report, place, limits, begun, heard)


def _finished(report: Report, place: Place, limits: Limits, begun: float, heard: Heard) -> Ran:
    if not report.restored and report.stage in _UP:
        _clean(place)
    seconds = time.monotonic() - begun
    if report.stage == "wait" and report.error:
        return lost(limits, seconds, Outcome.TIMED_OUT, heard)  # so busy that what watches there did not get to a word
    if report.error:
        raise failed(report, place)
    return ran(report, place, limits, seconds, heard)


def _unfinished(ended: Stopped, place: Place, limits: Limits, seconds: float, heard: Heard) -> Ran:
    if not ended.late:
        return lost(limits, seconds, Outcome.KILLED, heard)
    if ended.stage == "wait":
        return lost(limits, seconds, Outcome.TIMED_OUT, heard)
    raise failed(Report(ended.stage, "no end", denied=False, restored=True, guest=""), place)


def _clean(place: Place, *, needed: bool = True) -> None:
    """Switch the machine off and restore it, through a session of its own.

    Raises `Trouble` where that is `needed` and fails; else the next run restores it before anything runs.
    """
    try:
        bound = Bound(_WAIT + _SLACK)
        report = asked(place.remote, _values(place, "clean"), "", bound)
        if report.error:
            raise failed(report, place)
    except (Trouble, Stopped) as error:
        log.warning("machine not restored", vm=str(place.machine.vm), reason=str(error))
        if needed and isinstance(error, Trouble):
            raise


def _values(place: Place, action: str) -> dict[str, Value]:
    machine = place.machine
    return {"Action": action, "VMId": str(machine.vm), "CheckpointId": str(machine.checkpoint), "WaitSeconds": _WAIT}


def _run(place: Place, program: Program, limits: Limits) -> dict[str, Value]:
    return {
        "BootSeconds": place.guest.boot,
        "RunSeconds": int(limits.seconds) + 1,
        "GuestUser": place.guest.user,
        "GuestScript": GUEST_SCRIPT,
        "GuestPython": place.guest.python,
        "Payload": packed(program, limits),
    }
