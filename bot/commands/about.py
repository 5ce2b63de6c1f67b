"""`committee`, `patterns`, `models`, `status` and `help`: what Dexter is and how it is doing."""

from bot.commands.command import Asking, Command, Option
from bot.commands.parse import unknown
from bot.commands.standing import standings
from bot.shapes import Foot, Heading, Part, Post, Prose, Table, plain
from core.access import Permission
from core.committee.committee import Committee
from core.errors import BadRequest, NotFound


async def committee(asking: Asking) -> Post:
    """List the committees, or show one with its seats."""
    words = [word for word in asking.args["name"].split() if word not in ("list", "show")]
    committees = asking.desk.committees
    if not words:
        rows = tuple((c.name, c.pattern, c.rule or "the pattern's", _seats(c)) for c in committees.values())
        return Post((Heading("Committees"), Table(("name", "pattern", "rule", "members"), rows)), private=True)
    if words[0] not in committees:
        raise NotFound(unknown("committee", words[0], list(committees)))
    return _whole(committees[words[0]])


def _seats(shown: Committee) -> str:
    return ", ".join(f"{member.name} ({member.model})" for member in shown.seated)


def _whole(shown: Committee) -> Post:
    rows = tuple(
        (m.name, m.role, m.model, f"{m.weight:g}", f"{m.temperature:g}", "on" if m.on else "off") for m in shown.members
    )
    rules = (
        f"Pattern {shown.pattern}, rule {shown.rule or 'the pattern’s own'}, quorum {shown.quorum:.0%}, ties by "
        f"{shown.ties}, self-votes {'count' if shown.self_votes else 'do not count'}."
    )
    columns = ("member", "role", "model", "weight", "temperature", "seat")
    return Post((Heading(f"Committee {shown.name}"), Table(columns, rows), Foot(rules)), private=True)


async def patterns(asking: Asking) -> Post:
    """List the patterns with when to use which."""
    rows = tuple((p.name, p.summary, p.when) for p in asking.desk.patterns.values())
    auto = ("auto", "Dexter picks one from the question and says why", "when you have no reason to choose")
    table = Table(("pattern", "what happens", "use it"), (*rows, auto))
    return Post((Heading("Patterns"), table), private=True)


async def models(asking: Asking) -> Post:
    """Show each model's speed, absences, agreement with the winner and share of wins."""
    rows = await standings(asking.desk.store, asking.principal.tenant)
    if not rows:
        return plain("No model has been asked yet.", private=True)
    columns = ("model", "calls", "time", "1st token", "tok/s", "absent", "agrees", "wins")
    meaning = "time: median of a call; agrees: its ballots that were for the winner; wins: runs that it won"
    return Post((Heading("Models"), Table(columns, tuple(row.cells for row in rows)), Foot(meaning)), private=True)


async def status(asking: Asking) -> Post:
    """Say how Dexter is doing and what it is working on."""
    health = await asking.desk.health(asking.principal.tenant)
    recent = await asking.desk.store.recent(asking.principal.tenant, limit=50)
    going = tuple(
        (c.id, c.status.value, c.asker_name, " ".join(c.question.split())[:60]) for c in recent if not c.status.over
    )
    parts: list[Part] = [Heading("Dexter"), Table(("part", "state"), tuple(health.items()))]
    parts.append(
        Table(("id", "status", "asked by", "question"), going) if going else Foot("Nothing is being worked on.")
    )
    return Post(tuple(parts), private=True, data=dict(health))


async def help_(asking: Asking) -> Post:
    """List the commands, or explain one."""
    commands = {command.name: command for command in asking.desk.commands}
    name = asking.args["command"].casefold()
    if not name:
        rows = tuple((command.usage, command.summary) for command in commands.values())
        return Post((Heading("What you can ask of Dexter"), Table(("type", "to"), rows), Foot(HINT)), private=True)
    if name not in commands:
        raise BadRequest(unknown("command", name, list(commands)))
    return Post(_explained(commands[name]), private=True)


def _explained(command: Command) -> tuple[Part, ...]:
    rows = tuple((o.name if o.words else f"--{o.name}", o.help) for o in command.options)
    parts: list[Part] = [Heading(command.usage), Prose(command.summary + ".")]
    if rows:
        parts.append(Table(("option", "meaning"), rows))
    if command.example:
        parts.append(Foot(f"For example: {command.example}"))
    return tuple(parts)


HINT = "A question needs no command: mention Dexter, or just type it."

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
