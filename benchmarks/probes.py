"""Which hostile probes are contained by which sandbox of this machine; what is reached is told with its reason."""

import argparse
import asyncio

from core.errors import DexterError
from tests.doubles.sandboxes import MAKE, lacking
from tests.sandbox.surfaces import surface
from tests.sandbox.trying import SUBJECTS, Tried, subject, tried

NAMES = [name for name in MAKE if name != "hyperv"]
"""The others are their hosts' to prove: see docs/hyperv.md."""


async def probed(name: str) -> list[Tried]:
    """Try every probe in a sandbox. Raises a `DexterError` where it does not hold."""
    sandbox = MAKE[name]()
    try:
        return [each for about in SUBJECTS for each in await tried(sandbox, subject(about))]
    finally:
        await sandbox.aclose()


def told(name: str, found: list[Tried], *, every: bool) -> None:
    """Print one row of the table, and what was reached."""
    reached = [each for each in found if each.reached]
    known = [each for each in reached if surface(name, each.id)]
    escaped = [each for each in reached if each not in known]
    most = max((each.times for each in found), default=0)
    print(f"| {name} | {len(found) - len(reached)} of {len(found)} | {len(known)} | {len(escaped)} | {most:.1f} |")
    for each in found if every else reached:
        what = surface(name, each.id) or ("; ".join(each.reached)[:100] if each.reached else "contained")
        print(f"    {each.id}: {each.says} {what}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", choices=NAMES, action="append", help="which; may be given more than once")
    parser.add_argument("--every", action="store_true", help="list the contained ones, too")
    given = parser.parse_args()
    print("| sandbox | contained | known surface | escaped | most memory, times its bound |\n|---|---|---|---|---|")
    for name in given.sandbox or NAMES:
        if reason := lacking(name):
            print(f"| {name} | not tried: {reason} | | | |")
            continue
        try:
            told(name, await probed(name), every=given.every)
        except DexterError as error:
            print(f"| {name} | not tried: {error} | | | |")


if __name__ == "__main__":
    asyncio.run(main())
