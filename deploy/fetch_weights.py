"""Fetch weights into the cache, by name, with their progress.

usage: fetch_weights.py NAME …
"""

import asyncio
import sys

from bot.settings import Settings
from core.adapters.weights import Weights
from core.errors import DexterError


def show(name: str, done: int, total: int) -> None:
    """Keep one line moving on a terminal; say nothing elsewhere."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{name}: {done / 1e6:.0f} of {total / 1e6:.0f} MB ")


async def main() -> None:
    """Fetch them one after the other; say in a sentence what cannot be had, and end with code 1."""
    models = Settings().models
    weights = Weights(models.cache, models.weights, show)
    for name in sys.argv[1:]:
        try:
            sys.stderr.write(f"\r{name} is in {await weights.fetch(name)}\n")
        except DexterError as error:
            sys.exit(str(error))


asyncio.run(main())
