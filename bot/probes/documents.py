"""Whether files can be read as context, and behind which walls they are."""

import importlib.util

from bot.attachments.process import Order, read_apart
from bot.probes.finding import Finding
from core.sentences import said

NAME = "Documents"
_EXTRA = ("mammoth", "markdownify", "PIL", "pptx", "pypdfium2", "python_calamine", "striprtf")


async def documents() -> Finding:
    """Read a word in a reader's process, and return what stood around it."""
    tried = await read_apart(b"words", Order(suffix=".txt", media="", characters=10, seconds=5))
    if tried.text != "words":
        return Finding(
            NAME, "broken", said("files cannot be read: their reader does not start"), said("Run `make setup` again.")
        )
    if lacking := [name for name in _EXTRA if importlib.util.find_spec(name) is None]:
        found = said("plain text, tables in text and mail alone; not installed: {names}", names=", ".join(lacking))
        return Finding(NAME, "missing", found, said("Run `make setup`: it installs the extra `documents`."))
    if "seccomp" in tried.walls:
        return Finding(NAME, "ok", said("read in a process that reaches no file, no network and no other program"))
    found = said("read in a process of limited memory and time; what it reaches is not limited on this system")
    return Finding(NAME, "ok", found, said("On Linux, with x86-64 or ARM64, a filter of system calls shuts it in."))
