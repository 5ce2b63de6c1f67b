"""The command line: what belongs to the terminal is taken off, the rest is what a person would type in a chat."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.commands.command import Command
from bot.commands.names import nearest
from bot.words import ENGLISH, Words, key
from core.errors import BadRequest
from core.sentences import said

_NAMED = re.compile(r"([\w.-]+)=((?=.*[\s\"'\\]).*)\Z", re.DOTALL)
PROCESS = {
    "chat": key("Talk to a committee here, in the terminal"),
    "run": key("Serve Slack and Discord, wherever tokens are set (--role all, bot or worker)"),
    "doctor": key("Say what works on this machine, what does not, and the one thing to do about each"),
    "db": key("Look at the database's schema, move it, or back it up: db state, db upgrade, db backup FILE"),
    "slack": key("Print the manifest of a Slack app that Slack reaches over HTTP: slack manifest --url https://…"),
    "export": key("Write the data for BI tools as files: export folder --as csv (or parquet) --tenant slack:T1"),
    "registry": key("Serve a registry of skills, or make its index anew: registry serve, rebuild, token, key"),
}
"""Commands of the process itself; the others are the same in every chat."""

OPTIONS = {
    "--config": key("the settings file, instead of ./dexter.toml"),
    "--file": key("a file as context, `-` for standard input; may be given several times"),
    "--json": key("print JSON, for machines"),
    "--role": key("with `run`: all, bot or worker"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A command line, understood."""

    verb: str
    text: str
    """The verb and what follows it, as it would be typed in a chat."""
    files: tuple[Path, ...] = ()
    json: bool = False
    config: Path | None = None
    role: str = "all"
    words: tuple[str, ...] = ()


def read(argv: Sequence[str], commands: Sequence[Command]) -> Line:
    """Return the command line. Raises `BadRequest` with the nearest names."""
    taken, rest = _take(argv)
    if not rest:
        raise BadRequest("There is no command. `dexter --help` lists them.")
    verb, words = rest[0], rest[1:]
    names = [*PROCESS, *(command.name for command in commands)]
    if verb not in names:
        raise BadRequest(
            "I know no command “{name}”. {hint} `dexter --help` lists everything.",
            name=verb[:40],
            hint=nearest(verb, names),
        )
    command = next((command for command in commands if command.name == verb), None)
    return Line(
        verb,
        " ".join((verb, *_typed(command, words))) if command else verb,
        tuple(Path(name) for name in taken["--file"]),
        bool(taken["--json"]),
        Path(taken["--config"][-1]) if taken["--config"] else None,
        taken["--role"][-1] if taken["--role"] else "all",
        tuple(words),
    )


def usage(commands: Sequence[Command], words: Words = ENGLISH) -> str:
    """Return the text of `dexter --help`, from the tables."""
    rows = [*PROCESS.items(), *((command.name, command.summary) for command in commands)]
    lines = [f"  {name:<10} {words(summary)}" for name, summary in rows]
    options = [f"  {name:<10} {words(meaning)}" for name, meaning in OPTIONS.items()]
    return "\n".join(
        (
            words("dexter: a committee of language models that answers in the open"),
            "",
            words("Usage: dexter <command> …"),
            "",
            *lines,
            "",
            words("Options:"),
            *options,
            "",
            words("`dexter help <command>` explains one of them."),
        )
    )


def _take(argv: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Part the terminal's own options from the rest; behind `--` nothing is an option."""
    taken: dict[str, list[str]] = {name: [] for name in OPTIONS}
    rest: list[str] = []
    words = iter(argv)
    for word in words:
        name, given, value = word.partition("=")
        if word == "--":
            return taken, [*rest, word, *words]
        if name not in taken:
            rest.append(word)
        elif name == "--json":
            taken[name].append("yes")
        else:
            taken[name].append(value if given else _next(words, name))
    return taken, rest


def _next(words: Iterator[str], name: str) -> str:
    value = next(words, None)
    if value is None:
        raise BadRequest("`{name}` needs a value behind it: {what}.", name=name, what=said(OPTIONS[name]))
    return value


def _typed(command: Command, words: Sequence[str]) -> list[str]:
    """Return words as they would be typed: options first, quoted where they have spaces, then the text verbatim."""
    options = {f"--{option.name}": option for option in command.options if not option.words}
    first: list[str] = []
    text: list[str] = []
    rest = iter(words)
    for word in rest:
        name, given, value = word.partition("=")
        if word == "--":
            text += rest
        elif name.startswith("--") and " " not in name and (name in options or not text):
            flag = name in options and options[name].flag
            follows = [] if given or flag or name not in options else [next(rest, "")]
            first += [name, *(_quoted(v) for v in ([value] if given else follows))]
        else:
            text.append(_named(word) if command.verbs else word)
    return [*first, "--", *text] if text else first


def _named(word: str) -> str:
    """Return `name=value` with the quotes that the shell took off, where the value needs them."""
    found = _NAMED.match(word)
    return f"{found[1]}={json.dumps(found[2], ensure_ascii=False)}" if found else word


def _quoted(value: str) -> str:
    return f'"{value}"' if '"' not in value else shlex.quote(value)
