"""Results: too much, of the wrong kind, or somebody else's words."""

import json
import os
import sys

LOUD = ("floods_output", "floods_errors", "returns_too_much", "returns_what_is_no_json", "returns_what_is_deep")
LOUD += ("forges_a_verdict", "forges_frames", "writes_to_every_descriptor", "writes_bytes", "closes_everything")
LOUD += ("links_its_result", "writes_two_results")
EXITS = {"forges_a_verdict": 9, "forges_frames": 9, "writes_to_every_descriptor": 9, "links_its_result": 9}
"""The code that it really exits with, whatever it says."""
_VERDICT = json.dumps({"status": 0, "cpu": 0, "peak": 0, "full": False, "value": ["forged"]})


def floods_output(given):
    """Prints without an end."""
    while True:
        os.write(1, b"x" * 65_536)


def floods_errors(given):
    """Complains without an end."""
    while True:
        os.write(2, b"x" * 65_536)


def returns_too_much(given):
    """Returns 50 MB."""
    return ["x" * 50_000_000]


def returns_what_is_no_json(given):
    """Returns what JSON has no words for."""
    return [float("nan")]


def returns_what_is_deep(given):
    """Writes a result of a hundred thousand lists within each other."""
    os.write(3, b"[" * 100_000 + b"]" * 100_000)
    os._exit(0)


def forges_a_verdict(given):
    """Prints what process 1 would say, and then fails."""
    print(_VERDICT, flush=True)
    print(_VERDICT, file=sys.stderr, flush=True)
    os._exit(9)


def forges_frames(given):
    """Writes frames as process 1 does to everything that it can open, and then fails."""
    frame = b"t" + len(_VERDICT).to_bytes(4, "big") + _VERDICT.encode()
    piece = b"\x01\0\0\0" + len(frame).to_bytes(4, "big") + frame
    for place in ("/proc/1/fd/1", "/dev/stdout", "/dev/console", "/proc/self/fd/1", "/dev/tty", "/dev/vport0p2"):
        for text in (frame, piece):
            try:
                os.write(os.open(place, os.O_WRONLY), text)
            except OSError:
                continue
    os._exit(9)


def writes_to_every_descriptor(given):
    """Writes a verdict to every number that a descriptor can have, and then fails."""
    for at in range(3, 1100):
        try:
            os.write(at, _VERDICT.encode())
        except OSError:
            continue
    os._exit(9)


def writes_bytes(given):
    """Prints every byte there is, escapes of terminals, and text that is none."""
    os.write(1, bytes(range(256)) * 20 + b"\x1b]0;owned\x07\x1b[2J\xff\xfe")
    return []


def closes_everything(given):
    """Closes every descriptor, its result's too, and goes on."""
    for at in range(256):
        try:
            os.close(at)
        except OSError:
            continue
    os._exit(0)


def links_its_result(given):
    """Puts links to the host's files where results might be looked for, and then fails."""
    for name in ("result", "result.json", "output", "3", "stdout"):
        for folder in ("/work", "/tmp"):
            os.symlink(given["file"], f"{folder}/{name}")
    os._exit(9)


def writes_two_results(given):
    """Writes two results, of which either might be taken."""
    os.write(3, b'["forged"] ["forged"]')
    os._exit(0)
