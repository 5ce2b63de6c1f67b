"""What runs took, in whole numbers: each call and each sandbox run is rounded once, so that sums add up exactly."""

from collections.abc import Iterable
from math import isfinite

from core.campaigns.sums import Sums
from core.events import Call, Event
from core.skills.results import Done, TestRun


def of_call(call: Call) -> Sums:
    """Return what one model call took: money in millionths of a dollar, time in milliseconds."""
    return Sums(
        tokens=call.prompt_tokens + call.completion_tokens,
        microdollars=0 if call.cost is None else _whole(call.cost, 1_000_000),
        unpriced=int(call.cost is None),
        calls=1,
        model_milliseconds=_whole(call.seconds, 1000),
    )


def of_event(event: Event) -> Sums:
    """Return what a happening tells of sandboxes: the tests that it is, or what a skill took that was run.

    A task's end names its tests once more; they have been told of.
    """
    match event.body:
        case TestRun() as tests:
            return Sums(sandbox_milliseconds=_whole(tests.seconds, 1000))
        case Done(produced=produced) if produced:
            return Sums(sandbox_milliseconds=_whole(produced.seconds, 1000))
        case _:
            return Sums()


def taken(calls: Iterable[Call], events: Iterable[Event]) -> Sums:
    """Return what a run took in all, by its calls and its journal."""
    return sum((*map(of_call, calls), *map(of_event, events)), Sums())


def _whole(amount: float, parts: int) -> int:
    """Return an amount in whole parts; what is no number is none."""
    return round(amount * parts) if isfinite(amount) else 0
