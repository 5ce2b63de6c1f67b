"""A Windows host on this machine, and a sandbox on it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from core.adapters.sandboxes.hyperv import HyperV
from tests.doubles.hyperv import Windows
from tests.doubles.sandboxes import lacking


@pytest.fixture
def windows() -> Iterator[Windows]:
    if reason := lacking("bubblewrap"):
        pytest.skip(reason)  # programs "in the guest" run there
    made = Windows()
    yield made
    made.close()


@pytest.fixture
async def sandbox(windows: Windows) -> AsyncIterator[HyperV]:
    made = windows.sandbox()
    yield made
    await made.aclose()
