"""Where things are kept that can be fetched again, and that sandboxes read."""

import os
from pathlib import Path

import platformdirs


def for_sandboxes() -> Path:
    """Return the folder: for root not at home, where the users that sandboxes run as could not read it."""
    return Path(platformdirs.user_cache_dir("dexter") if os.geteuid() else platformdirs.site_cache_dir("dexter"))
