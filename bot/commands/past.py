"""`show`, `stop` and `feedback`: what was asked before."""

from collections.abc import Sequence
from dataclasses import replace

from bot.commands.command import Asking, Command, Option
from bot.commands.record import TABS, record
from bot.shapes import Button, Buttons, Foot, Heading, Part, Post, Table, plain
from bot.words import Words
from core.access import Permission, may, require
from core.entities import Collaboration, now
from core.errors import BadRequest, NotFound
from core.events import Event, Feedback

ID = Option("id", "the id of a question; the last one here if left out", words=True)
PAGE = 5
"""Parts of a tab that are shown at a time."""


async def named(asking: Asking, id: str, *, unseen: bool = False) -> Collaboration:
    """Return the collaboration a person means: by id, else the last one in this thread, else their own last one.

    What others asked in private is not there, but by its id where it stays `unseen`. Raises `NotFound`.
    """
    store, person = asking.desk.store, asking.principal
    if id:
        return await store.collaboration(person.tenant, id, reader=None if unseen else person.id)
    newest = await store.recent(person.tenant, reader=person.id, limit=100)
    here = [c for c in newest if c.address == asking.request.address]
    mine = here or await store.recent(person.tenant, asker=person.id, limit=1)
    if not mine:
        raise NotFound("There is no question yet. Ask one, or name one by its id: `show` lists them.")
    return mine[0]


async def show(asking: Asking) -> Post:
    """Show one collaboration whole, or one subject of it, or list the last ones, or search."""
    person, store, words = asking.principal, asking.desk.store, asking.words
    if sought := asking.args["find"]:
        listed = await store.search(person.tenant, sought, reader=person.id)
        return listing(words("Found for “{text}”", text=sought), listed, words)
    if not asking.args["id"]:
        return listing(words("The last questions"), await store.recent(person.tenant, reader=person.id), words)
    found = await store.collaboration(person.tenant, asking.args["id"], reader=person.id)
    whole = record(found, await store.history(person.tenant, found.id), words)
    tab = asking.args["tab"]
    return page(whole, found.id, tab, asking.args["page"] or "1", words) if tab else whole


def page(whole: Post, run: str, tab: str, number: str, words: Words) -> Post:
    """Return one page of one subject of a record, with the way to its neighbours. Raises `BadRequest`."""
    if tab not in whole.tabs:
        raise BadRequest("There is nothing of this here.")
    parts = whole.tabs[tab]
    pages = -(-len(parts) // PAGE)
    if not number.isdecimal() or not 1 <= int(number) <= pages:
        text = "There is no page “{page}” of this; the pages are 1 to {pages}."
        raise BadRequest(text, page=number[:10], pages=pages)
    at = int(number)
    shown: list[Part] = [*whole.parts[:2], *parts[(at - 1) * PAGE : at * PAGE]]
    if pages > 1:
        shown.append(Foot(words("Page {page} of {pages}", page=at, pages=pages)))
        beside = [(words("Back"), at - 1)] * (at > 1) + [(words("Next"), at + 1)] * (at < pages)
        shown.append(Buttons(tuple(Button(name, f"show {run} --tab {tab} --page {to}") for name, to in beside)))
    return replace(whole, parts=tuple(shown), tabs={})


def listing(title: str, found: Sequence[Collaboration], words: Words) -> Post:
    """Return collaborations as a table, newest first."""
    if not found:
        return plain(words("{title}: nothing.", title=title), private=True)
    rows = tuple(
        (
            c.id,
            words("{at:%Y-%m-%d %H:%M}", at=c.created_at),
            words(c.status.value),
            _short(c.question),
            _short(c.answer),
        )
        for c in found
    )
    columns = (words("id"), words("asked (UTC)"), words("status"), words("question"), words("answer"))
    return Post((Heading(title), Table(columns, rows)), private=True)


async def stop(asking: Asking) -> Post:
    """Stop a run; what it has said so far stays. Who may stop any may stop private ones too, without seeing them."""
    unseen = may(asking.principal, Permission.STOP_ANY)
    found, words = await named(asking, asking.args["id"], unseen=unseen), asking.words
    if found.task and found.task.kind == "campaign":
        raise BadRequest(
            "{id} is a campaign: `campaign stop {id}` ends it, `campaign pause {id}` holds it.", id=found.id
        )
    own = found.asker == asking.principal.id
    require(asking.principal, Permission.STOP_OWN if own else Permission.STOP_ANY)
    if await asking.desk.runs.stop(found.id):
        return plain(words("Stopping {id}. What has been said so far stays.", id=found.id), private=True)
    status = words(found.status.value)
    return plain(words("{id} is over already: {status}.", id=found.id, status=status), private=True)


async def feedback(asking: Asking) -> Post:
    """Keep a person's thumb on an answer."""
    good, bad = asking.args["good"], asking.args["bad"]
    if bool(good) == bool(bad):
        raise BadRequest("Say whether it was good or bad: `feedback <id> --good` or `feedback <id> --bad`.")
    found = await named(asking, asking.args["id"])
    person = asking.principal
    said = Feedback(person=person.id, good=bool(good), comment=asking.args["comment"])
    key = f"feedback:{person.id}:{asking.request.key}"
    event = Event(key=key, run=found.id, tenant=found.tenant, address=found.address, at=now(), body=said)
    await asking.desk.store.append(event)
    return plain(asking.words("Thank you, noted."), private=True)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


SHOW = Command(
    "show",
    "Show a past question whole: proposals, critiques, ballots, tally and cost; without an id, list the last ones",
    Permission.READ,
    show,
    (
        Option("id", "the id of a question", words=True),
        Option("find", "search questions and answers for these words"),
        Option("tab", "show one subject alone", one_of=tuple(TABS)),
        Option("page", "which page of the subject"),
    ),
    "show k3f9x2mqabcd",
)
STOP = Command("stop", "Stop a question that is being worked on", Permission.STOP_OWN, stop, (ID,), "stop k3f9x2mqabcd")
FEEDBACK = Command(
    "feedback",
    "Say whether an answer was good",
    Permission.JUDGE,
    feedback,
    (ID, Option("good", "it helped", flag=True), Option("bad", "it did not", flag=True), Option("comment", "why")),
    "feedback k3f9x2mqabcd --good",
)
