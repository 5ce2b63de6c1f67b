"""`show`, `stop` and `feedback`: what was asked before."""

from collections.abc import Sequence

from bot.commands.command import Asking, Command, Option
from bot.commands.record import record
from bot.shapes import Heading, Post, Table, plain
from core.access import Permission, require
from core.entities import Collaboration, now
from core.errors import BadRequest, NotFound
from core.events import Event, Feedback

ID = Option("id", "the id of a question; the last one here if left out", words=True)


async def named(asking: Asking, id: str) -> Collaboration:
    """Return the collaboration a person means: by id, else the last one in this thread, else their own last one."""
    store, person = asking.desk.store, asking.principal
    if id:
        return await store.collaboration(person.tenant, id)
    here = [c for c in await store.recent(person.tenant, limit=100) if c.address == asking.request.address]
    mine = here or await store.recent(person.tenant, asker=person.id, limit=1)
    if not mine:
        raise NotFound("There is no question yet. Ask one, or name one by its id: `show` lists them.")
    return mine[0]


async def show(asking: Asking) -> Post:
    """Show one collaboration whole, or list the last ones, or search."""
    person, store = asking.principal, asking.desk.store
    if words := asking.args["find"]:
        return listing(f"Found for “{words}”", await store.search(person.tenant, words))
    if not asking.args["id"]:
        return listing("The last questions", await store.recent(person.tenant))
    found = await store.collaboration(person.tenant, asking.args["id"])
    return record(found, await store.history(person.tenant, found.id), asking.words)


def listing(title: str, found: Sequence[Collaboration]) -> Post:
    """Return collaborations as a table, newest first."""
    rows = tuple(
        (c.id, f"{c.created_at:%Y-%m-%d %H:%M}", c.status.value, _short(c.question), _short(c.answer)) for c in found
    )
    if not rows:
        return plain(f"{title}: nothing.", private=True)
    return Post((Heading(title), Table(("id", "asked (UTC)", "status", "question", "answer"), rows)), private=True)


async def stop(asking: Asking) -> Post:
    """Stop a run; what it has said so far stays."""
    found = await named(asking, asking.args["id"])
    own = found.asker == asking.principal.id
    require(asking.principal, Permission.STOP_OWN if own else Permission.STOP_ANY)
    if await asking.desk.runs.stop(found.id):
        return plain(f"Stopping {found.id}. What has been said so far stays.", private=True)
    return plain(f"{found.id} is over already: {found.status.value}.", private=True)


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
    return plain("Thank you, noted.", private=True)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


SHOW = Command(
    "show",
    "Show a past question whole: proposals, critiques, ballots, tally and cost; without an id, list the last ones",
    Permission.READ,
    show,
    (Option("id", "the id of a question", words=True), Option("find", "search questions and answers for these words")),
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
