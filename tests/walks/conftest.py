"""Dexter in front of a Slack that delivers over a socket, and once more over HTTP; and a person in a terminal."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pexpect
import pytest

from tests.doubles import terminal
from tests.doubles.slack_walk import TRANSPORTS, Opened, walking


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    """How Slack delivers, each way in turn."""
    name: str = request.param
    return name


@pytest.fixture
def opened(tmp_path: Path, transport: str) -> Opened:
    """Open Dexter in front of such a Slack."""
    return partial(walking, tmp_path, over=transport)


@pytest.fixture
def person(config: Path) -> "Iterator[pexpect.spawn[str]]":
    """A person in `dexter chat`, with the settings that a module has in its fixture `config`."""
    with terminal.chat(config, lines=60) as child:
        child.expect_exact(terminal.PROMPT)
        yield child
