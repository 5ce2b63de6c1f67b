"""Reads an order (one line of JSON) and a file from standard input, and writes what came of it as JSON."""

import importlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from types import ModuleType

from bot.reader.confine import limit, lock
from bot.reader.found import Order, Refused
from bot.reader.kinds import kind_of


def main() -> None:
    """Read one file and end. Whatever goes wrong is a code; nothing of the file is ever written but its text."""
    answer = _alone()
    order = Order(**json.loads(sys.stdin.buffer.readline()))
    content = sys.stdin.buffer.read()
    limit(order)
    said = json.dumps(_outcome(content, order)).encode()
    while said:
        said = said[os.write(answer, said) :]


def _alone() -> int:
    """Return where the answer goes; what a parser prints goes nowhere."""
    answer = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return answer


def _outcome(content: bytes, order: Order) -> Mapping[str, object]:
    walls: tuple[str, ...] = ()
    kind = ""
    try:
        kind = kind_of(content, order)
        reader = _reader(kind)
        walls = lock()
        return {"kind": kind, "walls": walls, **asdict(reader.read(content, order))}
    except Refused as refused:
        return {"kind": kind, "walls": walls, "refused": refused.code, "figures": refused.figures}
    except MemoryError:
        return {"kind": kind, "walls": walls, "refused": "memory"}
    except Exception as error:  # noqa: BLE001  whatever a parser runs into with a file that is damaged on purpose
        return {"kind": kind, "walls": walls, "refused": "broken", "fault": type(error).__name__}


def _reader(kind: str) -> ModuleType:
    """Import what reads a kind of file, while files can still be opened."""
    try:
        return importlib.import_module(f"bot.reader.{kind}")
    except ModuleNotFoundError as error:
        raise Refused("extra") from error


if __name__ == "__main__":
    main()
