"""What calls need and a start does not: litellm, aiohttp and the paths over them.

Importing this takes a third of a second, and `opened` takes seconds; both are for the first call.
"""

from dataclasses import dataclass
from typing import Any

from core.adapters.litellm import library
from core.adapters.litellm.direct import Direct
from core.adapters.litellm.library_path import LibraryPath
from core.adapters.litellm.prices import Prices
from core.adapters.litellm.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Ready:
    """Both paths to providers, and what their calls cost."""

    litellm: Any
    sessions: Sessions
    direct: Direct
    library: LibraryPath
    prices: Prices

    async def aclose(self) -> None:
        """Close every connection."""
        await self.library.aclose()
        await self.sessions.aclose()


def opened() -> Ready:
    """Import litellm and set up the paths over it; for a thread."""
    litellm, sessions = library.load(), Sessions()
    return Ready(litellm, sessions, Direct(litellm, sessions), LibraryPath(litellm, sessions), Prices(litellm))
