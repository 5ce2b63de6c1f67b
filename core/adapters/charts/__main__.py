"""Draws what it reads of on standard input until that ends. It is given no secret, and knows none."""

import os
import resource
import sys
from importlib import import_module
from typing import BinaryIO

from core.adapters.charts.wire import Answer, Order


def main() -> None:
    """Answer one order after the other."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what libraries print is no answer
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    while content := _read(sys.stdin.buffer):
        answer, drawn = _answered(content)
        answers.write(answer.model_dump_json().encode() + b"\n" + drawn)
        answers.flush()


def _read(orders: BinaryIO) -> bytes:
    head = orders.read(8)
    return orders.read(int.from_bytes(head)) if len(head) == 8 else b""


def _answered(content: bytes) -> tuple[Answer, bytes]:
    try:
        drawn = _drawn(Order.model_validate_json(content))
    except ModuleNotFoundError:
        return Answer(fault="extra"), b""
    except MemoryError:
        return Answer(fault="memory"), b""
    except Exception as error:  # noqa: BLE001  whatever a library runs into with odd figures or texts
        return Answer(fault=type(error).__name__), b""
    return Answer(size=len(drawn)), drawn


def _drawn(order: Order) -> bytes:
    """Return the picture or the document; what makes either is heavy, and loaded when it is first needed."""
    if order.paper is not None:
        return bytes(import_module("core.adapters.charts.pages").pdf(order.paper))
    return bytes(import_module("core.adapters.charts.figure").png(order.chart, dark=order.dark))


if __name__ == "__main__":
    main()
