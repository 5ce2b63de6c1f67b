"""`committee`, `patterns`, `models`, `status` and `help`: what Dexter is and how it is doing."""

from bot.commands.command import Asking, Command, Option
from bot.commands.names import committee_named, nearest
from bot.commands.parse import UNKNOWN
from bot.commands.standing import standings
from bot.shapes import Foot, Heading, Part, Post, Prose, Table, plain
from bot.words import Words, key
from core.access import Permission, may
from core.committee.committee import Committee
from core.errors import BadRequest


async def committee(asking: Asking) -> Post:
    """List the committees, or show one with its seats."""
    named = [word for word in asking.args["name"].split() if word not in ("list", "show")]
    committees, words = asking.desk.committees, asking.words
    if not named:
        columns = (words("name"), words("pattern"), words("rule"), words("members"))
        rows = tuple((c.name, c.pattern, _rule(c, words), _seats(c)) for c in committees.values())
        return Post((Heading(words("Committees")), Table(columns, rows)), private=True)
    return _whole(committee_named(named[0], asking.desk), words)


def _rule(shown: Committee, words: Words) -> str:
    return words(shown.rule) if shown.rule else words("the pattern's own")


def _seats(shown: Committee) -> str:
    return ", ".join(f"{member.name} ({member.model})" for member in shown.seated)


def _whole(shown: Committee, words: Words) -> Post:
    on, off = words("on"), words("off")
    rows = tuple(
        (m.name, m.role, m.model, words("{n:g}", n=m.weight), words("{n:g}", n=m.temperature), on if m.on else off)
        for m in shown.members
    )
    rules = words(
        "Pattern: {pattern}. Rule: {rule}. Quorum: {quorum:.0%}. A tie is broken by: {ties}.",
        pattern=shown.pattern,
        rule=_rule(shown, words),
        quorum=shown.quorum,
        ties=words(shown.ties),
    )
    self_votes = (
        words("Votes for one's own answer count.")
        if shown.self_votes
        else words("Votes for one's own answer do not count.")
    )
    columns = tuple(words(name) for name in COLUMNS)
    heading = Heading(words("Committee {name}", name=shown.name))
    return Post((heading, Table(columns, rows), Foot(f"{rules} {self_votes}")), private=True)


async def patterns(asking: Asking) -> Post:
    """List the patterns with when to use which."""
    words = asking.words
    rows = tuple((p.name, words(p.summary), words(p.when)) for p in asking.desk.patterns.values())
    auto = (
        "auto",
        words("Dexter picks one from the question and says why"),
        words("when you have no reason to choose"),
    )
    table = Table((words("pattern"), words("what happens"), words("use it")), (*rows, auto))
    return Post((Heading(words("Patterns")), table), private=True)


async def models(asking: Asking) -> Post:
    """Show each model's speed, absences, agreement with the winner and share of wins."""
    words = asking.words
    rows = await standings(asking.desk.store, asking.principal.tenant)
    if not rows:
        return plain(words("No model has been asked yet."), private=True)
    columns = tuple(words(name) for name in FIGURES)
    table = Table(columns, tuple(row.cells(words) for row in rows))
    meaning = words("time: median of a call; agrees: its ballots that were for the winner; wins: runs that it won")
    return Post((Heading(words("Models")), table, Foot(meaning)), private=True)


async def status(asking: Asking) -> Post:
    """Say how Dexter is doing and what it is working on."""
    words = asking.words
    person = asking.principal
    health = await asking.desk.health(person.tenant, words, whole=may(person, Permission.OPERATE))
    recent = await asking.desk.store.recent(person.tenant, reader=person.id, limit=50)
    going = tuple(
        (c.id, words(c.status.value), c.asker_name, " ".join(c.question.split())[:60])
        for c in recent
        if not c.status.over
    )
    parts: list[Part] = [Heading("Dexter"), Table((words("part"), words("state")), tuple(health.items()))]
    columns = (words("id"), words("status"), words("asked by"), words("question"))
    parts.append(Table(columns, going) if going else Foot(words("Nothing is being worked on.")))
    return Post(tuple(parts), private=True, data=dict(health))


async def help_(asking: Asking) -> Post:
    """List the commands, or explain one."""
    words, commands = asking.words, {command.name: command for command in asking.desk.commands}
    name = asking.args["command"].casefold()
    if name and name not in commands:
        raise BadRequest(UNKNOWN, name=name[:40], hint=nearest(name, list(commands)))
    if name:
        return Post(_explained(commands[name], words), private=True)
    rows = tuple((command.usage, words(command.summary)) for command in commands.values())
    table = Table((words("type"), words("to")), rows)
    hint = words("A question needs no command: mention Dexter, or just type it.")
    return Post((Heading(words("What you can ask of Dexter")), table, Foot(hint)), private=True)


def _explained(command: Command, words: Words) -> tuple[Part, ...]:
    rows = tuple((o.name if o.words else f"--{o.name}", words(o.help)) for o in command.options)
    parts: list[Part] = [Heading(command.usage), Prose(words(command.summary) + ".")]
    if rows:
        parts.append(Table((words("option"), words("meaning")), rows))
    if command.example:
        parts.append(Foot(words("For example: {example}", example=command.example)))
    return tuple(parts)


COLUMNS = (key("member"), key("role"), key("model"), key("weight"), key("temperature"), key("seat"))
FIGURES = (
    key("model"),
    key("calls"),
    key("time"),
    key("1st token"),
    key("tok/s"),
    key("absent"),
    key("agrees"),
    key("wins"),
)
COMMITTEE = Command(
    "committee",
    "List the committees, or show one: `committee show default`",
    Permission.READ,
    committee,
    (Option("name", "`list`, or `show` and a name", words=True, choices="committee"),),
    "committee show default",
    most_words=2,
)
PATTERNS = Command("patterns", "List the ways to deliberate, with when to use which", Permission.READ, patterns)
MODELS = Command("models", "Show each model's speed, absences, agreement and wins", Permission.READ, models)
STATUS = Command("status", "Say how Dexter is doing and what it is working on", Permission.READ, status)
HELP = Command(
    "help",
    "List what you can ask of Dexter, or explain one command",
    Permission.READ,
    help_,
    (Option("command", "a command's name", words=True, choices="command"),),
)
