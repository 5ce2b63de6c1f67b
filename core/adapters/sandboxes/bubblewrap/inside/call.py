"""Calls a Python function with JSON from standard input and writes what it returns, as JSON, to descriptor 3."""

import importlib.util
import json
import os
import sys


def main(file: str, name: str) -> None:
    """Load `file`, call `name` with the arguments by name, and hand its result over."""
    channel = os.fdopen(3, "wb")
    os.set_inheritable(3, False)
    arguments = json.load(sys.stdin)
    sys.path.insert(0, os.path.dirname(file))
    spec = importlib.util.spec_from_file_location("program", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules["program"] = module
    spec.loader.exec_module(module)
    function = getattr(module, name)
    value = function() if arguments is None else function(**arguments)
    channel.write(json.dumps(value, allow_nan=False).encode())
    channel.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
