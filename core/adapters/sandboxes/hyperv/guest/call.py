"""Calls a Python function with JSON from standard input and writes what it returns, as JSON, to a file."""

import json
import os
import sys
from pathlib import Path
from types import ModuleType


def main(file: str, name: str) -> None:
    """Load `file`, call `name` with the arguments by name, and hand its result over."""
    target = os.environ["DEXTER_RESULT"]
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # whoever follows hears each line at once
    libraries = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:0] = [str(Path(file).parent), *libraries]
    module = sys.modules["program"] = ModuleType("program")
    module.__file__ = file
    arguments = json.loads(sys.stdin.buffer.read())
    exec(compile(Path(file).read_bytes(), file, "exec"), module.__dict__)  # noqa: S102  what this is for
    function = getattr(module, name)
    value = function() if arguments is None else function(**arguments)
    Path(target).write_bytes(json.dumps(value, allow_nan=False).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
