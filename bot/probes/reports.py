"""Whether reports have pictures and documents with them."""

import importlib.util

from bot.probes.finding import Finding
from core.sentences import said

NAME = "Reports"
_EXTRA = ("fpdf", "matplotlib", "pyarrow", "uharfbuzz")


def reports() -> Finding:
    """Return which of what draws and writes is not installed; nothing of it is imported for that."""
    if lacking := [name for name in _EXTRA if importlib.util.find_spec(name) is None]:
        found = said("words, tables and CSV alone; not installed: {names}", names=", ".join(lacking))
        return Finding(NAME, "missing", found, said("Run `make setup`: it installs the extra `reports`."))
    return Finding(NAME, "ok", said("with charts, as PDF and as Parquet"))
