"""Calls a Python function with JSON from standard input and writes what it returns, as JSON, to descriptor 3."""

import json
import os
import site
import sys
from types import ModuleType


def main(file: str, name: str) -> None:
    """Load `file`, call `name` with the arguments by name, and hand its result over."""
    os.set_inheritable(3, False)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # whoever follows hears each line at once
    sys.path[:1] = [os.path.dirname(file), *filter(None, os.environ.get("PYTHONPATH", "").split(":"))]
    site.main()
    module = sys.modules["program"] = ModuleType("program")
    module.__file__ = file
    arguments = json.load(sys.stdin)
    with open(file, "rb") as source:
        exec(compile(source.read(), file, "exec"), module.__dict__)  # noqa: S102  what this is for
    function = getattr(module, name)
    value = function() if arguments is None else function(**arguments)
    with os.fdopen(3, "wb") as channel:
        channel.write(json.dumps(value, allow_nan=False).encode())
