"""The `dexter` command: help comes from a file that a test keeps true, for reading it is all that it should cost."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LANGUAGES = Path(__file__).parent / "languages"
"""Holds `help.en.txt` and others: what `bot.console.argv.usage` returns; `make help-text` writes them anew."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    0 well, 1 no answer, 2 a mistake in the words, 3 a setting or something outside Dexter, 4 a fault of its own.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    if not words or words[0] in ("-h", "--help"):
        print(help_text(os.environ), end="")
        return 0
    if words[0] == "--version":
        from importlib.metadata import version  # 30 ms that help does without

        print(f"dexter {version('dexter')}")
        return 0
    import gc

    gc.disable()  # all that is imported stays: to look through it again and again finds nothing
    import bot.console.start  # opens databases and models; help must not pay for that

    gc.enable()
    return bot.console.start.start(words)


def help_text(environ: Mapping[str, str]) -> str:
    """Return the help in the language of the environment; as `bot.words.words_here`, which takes longer to import."""
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    german = re.match(r"de(?![A-Za-z])", locale, re.IGNORECASE)
    return (LANGUAGES / f"help.{'de' if german else 'en'}.txt").read_text("utf-8")


if __name__ == "__main__":
    sys.exit(main())
