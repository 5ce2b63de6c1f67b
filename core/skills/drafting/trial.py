"""Running candidates: each alone in the sandbox, on every call that anybody thought of."""

from pathlib import Path

from core.entities import Noun
from core.ports import Sandbox
from core.sandbox import Limits, Outcome, Program, Ran, Tier
from core.sentences import Sentence, said
from core.skills.drafting.cases import Output

INSIDE = Path(__file__).with_name("inside.py").read_bytes()
SECONDS = 1.0
"""For one call."""
LIMITS = Limits(seconds=20.0)
WORDS = {
    Outcome.TIMED_OUT: said("It did not come to its end in time."),
    Outcome.OUT_OF_MEMORY: said("It took more memory than it may."),
    Outcome.TOO_MUCH_OUTPUT: said("It gave more output than it may."),
    Outcome.KILLED: said("It was killed."),
    Outcome.EXITED: said("It ended without a result."),
}


class Trial(Noun):
    """What one candidate gave on all the calls, in their order."""

    outputs: tuple[Output, ...] = ()
    tier: Tier | None = None
    seconds: float = 0.0
    problem: Sentence | None = None
    """Why there are no outputs."""


async def tried(sandbox: Sandbox, code: str, name: str, calls: tuple[str, ...], sure: int) -> Trial:
    """Return what a candidate gives. Where it breaks down on all calls, it is tried on the first `sure` alone.

    Raises what the sandbox raises: without isolation nothing runs.
    """
    trial = await _once(sandbox, code, name, calls)
    if trial.problem is None or not 0 < sure < len(calls):
        return trial
    again = await _once(sandbox, code, name, calls[:sure])
    missing = Output(error=str(trial.problem))
    return again.but(outputs=(*again.outputs, *[missing] * (len(calls) - len(again.outputs))))


async def _once(sandbox: Sandbox, code: str, name: str, calls: tuple[str, ...]) -> Trial:
    arguments = {"code": code, "name": name, "calls": list(calls), "seconds": SECONDS}
    program = Program(files={"inside.py": INSIDE}, entry="inside.py:run", arguments=arguments)
    ran = await sandbox.run(program, LIMITS)
    outputs = _outputs(ran, len(calls))
    problem = None if outputs is not None else WORDS[ran.outcome]
    missing = (Output(error=str(problem)),) * len(calls)
    return Trial(outputs=missing if outputs is None else outputs, tier=ran.tier, seconds=ran.seconds, problem=problem)


def _outputs(ran: Ran, count: int) -> tuple[Output, ...] | None:
    """Return what came back, if it is what was to come: the candidate could have written anything there."""
    if not ran.returned or not isinstance(ran.value, list) or len(ran.value) != count:
        return None
    found = []
    for each in ran.value:
        texts = isinstance(each, dict) and all(isinstance(part, str) for part in (*each.keys(), *each.values()))
        if not texts or each.keys() not in ({"value"}, {"error"}):
            return None
        found.append(Output(**{key: text[:20_000] for key, text in each.items()}))
    return tuple(found)
