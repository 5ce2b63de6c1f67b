"""A person at a terminal: the real command, in a real pseudo-terminal or not."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect

SECONDS = 60
PROMPT = "ask ›"


def environment(**more: str) -> dict[str, str]:
    """Return the environment of this process without any setting of Dexter."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DEXTER_", "SLACK_", "DISCORD_"))}
    return {**kept, "TERM": "xterm-256color", **more}


def dexter(config: Path, *argv: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run one command to its end."""
    command = [sys.executable, "-m", "bot", *argv, "--config", str(config)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=SECONDS, env=environment(**more), check=False
    )


@contextmanager
def chat(config: Path, lines: int = 40, **more: str) -> "Iterator[pexpect.spawn[str]]":
    """Open a terminal with `dexter chat` in it; all that it shows is kept in `screen.txt` beside the settings."""
    child = pexpect.spawn(
        sys.executable, ["-m", "bot", "chat", "--config", str(config)],
        env=environment(**more), dimensions=(lines, 100), timeout=SECONDS, encoding="utf-8",
    )  # fmt: skip
    with config.with_name("screen.txt").open("w", encoding="utf-8", newline="") as file:
        child.logfile_read = file
        try:
            yield child
        finally:
            child.close(force=True)


def types(child: "pexpect.spawn[str]", line: str, *shown: str) -> None:
    """Type a line, and wait for what it shows, one after the other."""
    child.sendline(line)
    for text in shown:
        child.expect_exact(text)
    child.expect_exact(PROMPT)
