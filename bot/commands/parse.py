r"""From what a person typed to a command and its arguments.

Forgiving where people are: a question needs no verb, quotes may be curly or missing, `--` may have become a dash.
An option counts wherever it stands if the command has it; the rest of the text is kept to the letter.
"""

import difflib
import re
from collections.abc import Sequence

from bot.commands.command import Args, Command, Option
from bot.commands.names import nearest
from bot.words import key
from core.errors import BadRequest
from core.sentences import one_of, said

UNKNOWN = key("I know no command “{name}”. {hint} `help` lists everything.")
LONGEST = 20_000
"""Characters of a request; more belongs into a file."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff]")
_OPTION = re.compile(r"(?<!\S)(?:--|[—–])(?P<name>[A-Za-z][A-Za-z-]*)(?:=|(?=\s|$))")
_END = re.compile(r"(?<!\S)--(?:\s+|$)")
"""A `--` alone: nothing behind it is an option."""
_VALUE = re.compile(r"\s*(?:\"([^\"]*)\"|“([^”]*)”|'([^']*)'(?=\s|$)|(\S+))")
_QUOTES = {'"': '"', "“": "”", "'": "'", "„": "“", "«": "»"}


def clean(text: str) -> str:
    """Drop control and zero-width characters (NUL among them), which no chat shows, and surrounding space."""
    return _CONTROL.sub("", text.replace("\r\n", "\n")).strip()


def parse(text: str, commands: Sequence[Command], *, strict: bool = False) -> tuple[Command, Args]:
    """Return the command and its arguments.

    `strict` (the command line) wants the verb; otherwise text that fits no command is a question to `ask`.
    Raises `BadRequest` with the nearest names.
    """
    if len(text) > LONGEST:
        raise BadRequest(
            "That is {length:,} characters; I read {most:,} at most. Shorten it, or attach the long part as a file.",
            length=len(text),
            most=LONGEST,
        )
    text = clean(text)
    named = {command.name: command for command in commands}
    verb, _, rest = text.partition(" ") if " " in text.split("\n")[0] else text.partition("\n")
    command = named.get(verb.casefold().strip("/"))
    if command is None and (strict or _looks_like_a_typo(text, named)):
        raise BadRequest(UNKNOWN, name=verb[:40], hint=nearest(verb, list(named)))
    if command is not None and not strict and command.name != "ask" and not _fits(command, rest):
        command = None
    if command is None:
        return named["ask"], arguments(named["ask"], text)
    return command, arguments(command, rest)


def arguments(command: Command, rest: str) -> Args:
    """Return the values of a command's options in `rest`. Raises `BadRequest`."""
    options = {option.name: option for option in command.options}
    rest, *verbatim = _END.split(rest, maxsplit=1)
    values: dict[str, str] = {}
    kept: list[str] = []
    at = 0
    for found in _OPTION.finditer(rest):
        if found.start() < at:
            continue
        option = options.get(found["name"].casefold())
        if option is None or option.words:
            _refuse_if_meant(found["name"], before=rest[at : found.start()] + "".join(kept), options=options)
            continue
        kept.append(rest[at : found.start()])
        values[option.name], at = _value(option, rest, found.end())
    kept += [rest[at:], *verbatim]
    return Args(_with_words(command, values, " ".join(part.strip() for part in kept if part.strip())))


def _value(option: Option, rest: str, at: int) -> tuple[str, int]:
    if option.flag:
        return "yes", at
    found = _VALUE.match(rest, at)
    if not found:
        raise BadRequest("`--{option}` needs a value behind it: {what}.", option=option.name, what=said(option.help))
    value = next(group for group in found.groups() if group is not None)
    if option.one_of and (value := value.casefold()) not in option.one_of:
        text = "`--{option}` can be {names}, not “{given}”."
        raise BadRequest(text, option=option.name, names=one_of(option.one_of), given=value[:40])
    return value, found.end()


def _refuse_if_meant(name: str, before: str, options: dict[str, Option]) -> None:
    """An unknown option in front of the words is a slip; inside them it is part of the question."""
    if not before.strip():
        hint = nearest(f"--{name}", [f"--{o.name}" for o in options.values() if not o.words])
        raise BadRequest("I know no option “--{name}”. {hint} `help` lists everything.", name=name[:40], hint=hint)


def _with_words(command: Command, values: dict[str, str], words: str) -> dict[str, str]:
    option = command.words
    words = unquoted(words)
    if option is None:
        if words:
            text = (
                "`{command}` takes no “{given}”; a value of several words needs quotes. Type it like this: `{usage}`."
            )
            raise BadRequest(text, command=command.name, given=words[:40], usage=command.usage)
        return values
    if option.required and not words:
        text = "`{command}` needs {what}. Type it like this: `{usage}`."
        raise BadRequest(text, command=command.name, what=said(option.help), usage=command.usage)
    return {**values, option.name: words}


def unquoted(words: str) -> str:
    """Return words without the quotes around all of them; inside, the same quotes are written `\\"`."""
    if len(words) < 2 or _QUOTES.get(words[0]) != (end := words[-1]):
        return words
    inner = words[1:-1].replace(f"\\{end}", "\0")
    return words if end in inner else inner.replace("\0", end).strip()


def _fits(command: Command, rest: str) -> bool:
    """`show me a recipe` is a question, `show k3f9` is not: a verb in front of too many words is part of them.

    Who types an option right behind the verb means the command.
    """
    first = next(iter(_END.sub("", rest, count=1).split(maxsplit=1)), "")
    if _OPTION.match(rest.lstrip()) or first.casefold() in command.verbs:
        return True
    try:
        given = arguments(command, rest)
    except BadRequest:
        return len(rest.split()) <= command.most_words
    return command.words is None or len(given[command.words.name].split()) <= command.most_words


def _looks_like_a_typo(text: str, named: dict[str, Command]) -> bool:
    return bool(re.fullmatch(r"/?[A-Za-z]{3,12}", text)) and bool(
        difflib.get_close_matches(text.casefold().strip("/"), list(named), n=1, cutoff=0.7)
    )
