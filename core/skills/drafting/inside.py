"""What runs in the sandbox beside a candidate: it calls it and says what came out. What it should be, it never knows.

Nothing of Dexter is imported here, and nobody imports this; the file is copied in.
"""

import ast
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

LONGEST = 20_000
"""Characters of a value."""


class TooLong(BaseException):
    """The call took too long; no `except Exception` of a candidate takes it."""


class Nowhere:
    """What a candidate prints."""

    def write(self, text: str) -> int:
        """Keep nothing."""
        return len(text)

    def flush(self) -> None:
        """Do nothing."""


def interrupt(*_: object) -> None:
    """End the call that is under way."""
    raise TooLong


def run(code: str, name: str, calls: list[str], seconds: float) -> list[dict[str, str]]:
    """Return for each call what `name` gave: `{"value": …}` or `{"error": …}`."""
    sys.stdout = sys.stderr = Nowhere()
    signal.signal(signal.SIGALRM, interrupt)
    space = {"__name__": "candidate"}
    failed: dict[str, str] = {}
    value(lambda: exec(compile(code, "main.py", "exec"), space), seconds, failed)  # noqa: S102  what this is for
    return [failed or said(space, name, call, seconds) for call in calls]


def said(space: dict[str, Any], name: str, call: str, seconds: float) -> dict[str, str]:
    """Return what one call gave."""
    node: Any = ast.parse(f"f({call})", mode="eval").body
    node.func.id = name
    failed: dict[str, str] = {}
    text = value(lambda: repr(called(space, node)), seconds, failed)
    if not failed and len(text) > LONGEST:
        return {"error": "the value is too long"}
    return failed or {"value": text}


def called(space: dict[str, Any], node: Any) -> Any:
    """Return what a call gives; its arguments are literals, or calls of the same kind."""
    if not isinstance(node, ast.Call):
        return ast.literal_eval(node)
    function: Any = node.func
    given = [called(space, each) for each in node.args]
    named = {each.arg or "": called(space, each.value) for each in node.keywords}
    return space[function.id](*given, **named)


def value(work: Callable[[], Any], seconds: float, failed: dict[str, str]) -> Any:
    """Return what `work` returns within its time, and say in `failed` how it failed."""
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds / 4)
    try:
        return work()
    except TooLong:
        failed["error"] = "it took too long"
    except BaseException as error:  # noqa: BLE001  whatever a candidate raises is what it gave
        lines = [each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == "main.py"]
        where = f" (line {lines[-1]})" if lines else ""
        failed["error"] = f"{type(error).__name__}: {error}{where}"[:500]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
