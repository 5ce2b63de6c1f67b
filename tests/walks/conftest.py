"""Dexter in front of a Slack that delivers over a socket, and once more over HTTP: each walk is taken twice."""

from functools import partial
from pathlib import Path

import pytest

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
