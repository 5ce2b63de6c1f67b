"""The `dexter` command: help and mistakes are answered at once, everything else opens Dexter."""

import sys
from collections.abc import Sequence

from bot.commands.table import COMMANDS
from bot.console.argv import read, usage
from core.errors import BadRequest


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    0 well, 1 no answer, 2 a mistake in the words, 3 a setting or something outside Dexter, 4 a fault of its own.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    if not words or words[0] in ("-h", "--help"):
        print(usage(COMMANDS))
        return 0
    if words[0] == "--version":
        from importlib.metadata import version  # 30 ms that help does without

        print(f"dexter {version('dexter')}")
        return 0
    try:
        line = read(words, COMMANDS)
    except BadRequest as error:
        print(error, file=sys.stderr)
        return 2
    import bot.console.start  # opens databases and models; help must not pay for that

    return bot.console.start.start(line)


if __name__ == "__main__":
    sys.exit(main())
