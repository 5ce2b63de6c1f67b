"""`report`: what happened in a period, in words and pictures: shown here, sent, or taken out as files."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.commands.command import Asking, Command, Option
from bot.commands.names import committee_named, nearest
from bot.report_posts import report_parts
from bot.shapes import TERMINAL, Address, Heading, Post, Prose, Table, between_two
from bot.words import key
from core.access import Permission, may
from core.entities import Collaboration, Task, now, run_id
from core.errors import BadRequest
from core.reports.period import read_period
from core.reports.report import KINDS, Format, Kind
from core.reports.wanted import Wanted
from core.sentences import one_of

MEANINGS: Mapping[Kind, str] = {
    "campaign": key("how a campaign goes, or how it ended"),
    "collaborations": key("what was asked, how far members agreed, the dissent worth reading"),
    "models": key("speed, cost, wins and absences of models, and how they change"),
    "skills": key("skills made, passed, used and failing"),
    "usage": key("use and spending by person, team and channel"),
    "adoption": key("active people, skills, campaigns, and the time probably saved"),
    "service": key("availability, errors and Dexter's own part of the waiting, against targets"),
}
FORMATS: tuple[Format, ...] = ("csv", "parquet", "pdf")
LONGEST = 200
"""Characters of what was typed that a list shows."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a report goes."""

    address: Address
    mail: tuple[str, ...] = ()
    folder: str = ""


async def report(asking: Asking) -> Post | None:
    """Do the part of `report` that was named; without one, say which reports there are."""
    part, _, rest = asking.args["what"].partition(" ")
    if not part:
        return _kinds(asking)
    if part.casefold() in KINDS:  # `report models last week` shows it
        part, rest = "show", asking.args["what"]
    if part.casefold() not in PARTS:
        text = "I know no “report {name}”. {hint}"
        raise BadRequest(text, name=part[:40], hint=nearest(part, [*PARTS, *KINDS]))
    return await PARTS[part.casefold()](asking, rest.strip())


async def show(asking: Asking, rest: str) -> Post | None:
    """Make a report, and show it here."""
    if asking.args["to"]:
        raise BadRequest("`report send` sends a report somewhere else: `report send models last week --to #ops`.")
    await _start(asking, _wanted(asking, rest), Target(asking.request.address))
    return None


async def preview(asking: Asking, rest: str) -> Post:
    """Show a report to the person alone, at once, without a summary by models and without pictures."""
    wanted = _wanted(asking, rest)
    run = _run(asking, wanted, asking.request.address).but(private=True)
    made = await asking.desk.bureau.reports.make(wanted, run)
    words = asking.words
    return Post(tuple(report_parts(made, words)), private=True, data=made.model_dump(mode="json"))


async def send(asking: Asking, rest: str) -> None:
    """Make a report, and send it to a channel, to mail addresses or into a folder."""
    if not asking.args["to"]:
        raise BadRequest("Where to? Type it like this: `report send models last week --to #ops`.")
    target = _target(asking)
    wanted = _wanted(asking, rest).but(mail=target.mail, folder=target.folder)
    await _start(asking, wanted, target)


async def export(asking: Asking, rest: str) -> None:
    """Make a report, and give its tables and all of it as files: here, or into a folder."""
    wanted = _wanted(asking, rest, formats=("csv", "pdf"))
    target = _target(asking) if asking.args["to"] else Target(asking.request.address)
    await _start(asking, wanted.but(mail=target.mail, folder=target.folder), target)


def _kinds(asking: Asking) -> Post:
    words = asking.words
    rows = tuple((kind, words(meaning)) for kind, meaning in MEANINGS.items())
    examples = words("For example: `report show models last week`, `report campaign k3f9x2mqabcd`.")
    columns = (words("report"), words("what it tells"))
    return Post((Heading(words("Reports")), Table(columns, rows), Prose(examples)), private=True)


def _wanted(asking: Asking, rest: str, formats: tuple[Format, ...] = ()) -> Wanted:
    """Return what is asked for. Raises `BadRequest` for a kind, a period or a format that there is not."""
    typed, _, behind = rest.partition(" ")
    kind = next((each for each in KINDS if each == typed.casefold()), None)
    if kind is None:
        text = "Which report? “{name}” is none. {hint}"
        raise BadRequest(text, name=typed[:40], hint=nearest(typed, [*KINDS]))
    id, period = ("", behind.strip()) if kind != "campaign" else (behind.strip(), "")
    if kind == "campaign" and not id:
        raise BadRequest("Which campaign? Type it like this: `report campaign k3f9x2mqabcd`.")
    read_period(period, now().date())
    return Wanted(
        kind=kind,
        campaign=id[:60],
        period=period,
        formats=_formats(asking) or formats,
        committee=_committee(asking),
        whole=may(asking.principal, Permission.OPERATE),
    )


def _formats(asking: Asking) -> tuple[Format, ...]:
    named = [each.strip() for each in asking.args["as"].casefold().split(",") if each.strip()]
    if unknown := [each for each in named if each not in FORMATS]:
        text = "I cannot write “{name}”; what I can write is {names}."
        raise BadRequest(text, name=unknown[0][:20], names=one_of(FORMATS))
    return tuple(each for each in FORMATS if each in named)


def _committee(asking: Asking) -> str:
    if asking.args["plain"]:
        return ""
    named = asking.args["committee"]
    return committee_named(named, asking.desk).name if named else asking.desk.bureau.summaries


def _target(asking: Asking) -> Target:
    """Return where a report goes that is sent. Raises `BadRequest`, `NotAllowed` and `Misconfigured`."""
    here, places = asking.request.address, asking.desk.bureau.places
    mail: list[str] = []
    for place in [each.strip() for each in asking.args["to"].split(",") if each.strip()]:
        if channel := asking.request.channels.get(place) or asking.request.channels.get(f"#{place.lstrip('#')}"):
            here = channel
        elif place.startswith(("#", "<")):
            text = "I cannot post in {channel}, or you may not look into it: invite me there, or type this in it."
            raise BadRequest(text, channel=place[:40])
        elif "@" in place:
            places.mail.check(place)
            mail.append(place)
        else:
            places.shelf.check(place)
            return Target(here, tuple(mail), place)
    return Target(here, tuple(mail))


def _run(asking: Asking, wanted: Wanted, address: Address) -> Collaboration:
    person = asking.principal
    typed = " ".join(asking.request.text.split()).replace(" -- ", " ", 1)
    return Collaboration(
        id=run_id(person.tenant, asking.request.key),
        tenant=person.tenant,
        asker=person.id,
        asker_name=person.name,
        address=address,
        question=typed if len(typed) <= LONGEST else typed[: LONGEST - 1] + "…",
        language=asking.words.language,
        created_at=now(),
        task=Task(kind="report", input=wanted.input),
        private=between_two(address) or address.startswith(TERMINAL),
    )


async def _start(asking: Asking, wanted: Wanted, target: Target) -> None:
    await asking.desk.runs.start(_run(asking, wanted, target.address), asking.request.key)


PARTS: Mapping[str, Callable[[Asking, str], Awaitable[Post | None]]] = {
    "show": show,
    "preview": preview,
    "send": send,
    "export": export,
}
REPORT = Command(
    "report",
    "Say what happened in a period, in words and pictures: `report show models last week`",
    Permission.REPORT,
    report,
    (
        Option(
            "what", "`show`, `preview`, `send` or `export`, which report, and of when", words=True, choices="report"
        ),
        Option("to", "with `send` and `export`: a channel, mail addresses or a folder"),
        Option("as", "files that go with it: `csv`, `parquet`, `pdf`, with commas between"),
        Option("committee", "who sums it up", choices="committee"),
        Option("plain", "without a summary by models", flag=True),
    ),
    "report show models last week",
    most_words=3,
    verbs=(*PARTS, *KINDS),
)
