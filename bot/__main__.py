"""The `dexter` command: help comes from a file that a test keeps true, because reading it is all that help should cost."""

import sys
from collections.abc import Sequence
from pathlib import Path

HELP = Path(__file__).parent / "languages" / "help.en.txt"
"""What `bot.console.argv.usage` returns; `make help-text` writes it anew."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    0 well, 1 no answer, 2 a mistake in the words, 3 a setting or something outside Dexter, 4 a fault of its own.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    if not words or words[0] in ("-h", "--help"):
        print(HELP.read_text("utf-8"), end="")
        return 0
    if words[0] == "--version":
        from importlib.metadata import version  # 30 ms that help does without

        print(f"dexter {version('dexter')}")
        return 0
    import bot.console.start  # opens databases and models; help must not pay for that

    return bot.console.start.start(words)


if __name__ == "__main__":
    sys.exit(main())
