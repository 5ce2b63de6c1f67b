"""The acceptance run for a real host, tried on one that is none: it sees what holds, and what does not."""

from benchmarks.hyperv import ITEMS, LIMITS, accepted, held
from core.adapters.sandboxes.hyperv import HyperV
from tests.doubles.hyperv import Windows


async def test_a_host_with_holes_is_not_accepted(windows: Windows, sandbox: HyperV) -> None:
    windows.vms[0].holes = ["a network"]
    assert not await accepted(sandbox, windows=False)


async def test_what_needs_no_windows_is_shown_here_too(sandbox: HyperV) -> None:
    for item in (item for item in ITEMS if not item.windows and item.program.entry and item.limits is LIMITS):
        assert await held(sandbox, item), item.what


async def test_no_item_holds_for_a_guest_that_does_nothing(windows: Windows, sandbox: HyperV) -> None:
    """An item that could not fail would accept everything."""
    await sandbox.check()
    windows.vms[0].says = '{nonce}{"ended": "killed", "code": 0}'
    for item in ITEMS:
        assert not await held(sandbox, item), item.what
