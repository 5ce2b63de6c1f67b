"""How a program that a skill runs in came to an end without a result, said to a person."""

from core.sandbox import MEGABYTE, Limits, Outcome, Ran
from core.sentences import Sentence, said

_NOT_FOUND = 127
"""The code that shells end with."""


def broken(ran: Ran, limits: Limits) -> Sentence:
    """Return why a run has no result, in a sentence about the skill."""
    match ran.outcome:
        case Outcome.TIMED_OUT:
            return said("It was not through after {seconds:g} seconds.", seconds=limits.seconds)
        case Outcome.OUT_OF_MEMORY:
            return said("It took more than {most:,} MB of memory.", most=limits.memory // MEGABYTE)
        case Outcome.TOO_MUCH_OUTPUT:
            return said("It wrote more than {most:,} KB.", most=limits.output // 1024)
        case Outcome.KILLED:
            return said("It was ended by signal {signal}.", signal=ran.signal or "?")
        case _:
            last = (ran.stderr.strip().splitlines() or [""])[-1][-300:]
            if ran.code == _NOT_FOUND:
                return said("What runs it is not in this sandbox: {last}.", last=last)
            return said("It ended with code {code}: {last}", code=ran.code or 0, last=last)
