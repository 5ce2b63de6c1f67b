"""`schedule`: have Dexter do things at set times."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.commands.command import Asking, Command, Option
from bot.commands.names import nearest
from bot.commands.schedule_add import add, edited, zone_of
from bot.commands.schedule_pages import PAST, listed, past, shown
from bot.commands.schedule_plan import planned
from bot.firings import fired, request_of
from bot.shapes import TERMINAL, Post, plain
from bot.words import key
from core.access import Permission, may, require
from core.errors import BadRequest, NotAllowed, Unavailable
from core.schedules.firing import Due, wake_at
from core.schedules.occurrences import first
from core.schedules.schedule import Schedule, State
from core.schedules.zones import zone_of_city
from core.sentences import said

MINE = key("This schedule is {name}'s: an operator or they themselves may change it.")


async def schedule(asking: Asking) -> Post | None:
    """Do the part of `schedule` that was named; without one, list the schedules."""
    part, _, rest = asking.args["what"].partition(" ")
    if not part:
        return await listed(asking, "")
    if part.casefold() not in PARTS:
        text = "I know no “schedule {name}”. {hint}"
        raise BadRequest(text, name=part[:40], hint=nearest(part, list(PARTS)))
    return await PARTS[part.casefold()](asking, rest.strip())


async def show(asking: Asking, rest: str) -> Post:
    """Show one schedule."""
    return await shown(asking, await _named(asking, rest))


async def edit(asking: Asking, rest: str) -> Post:
    """Change when a schedule happens, or what is done about missed times."""
    id, _, when = rest.partition(" ")
    return await edited(asking, await _own(asking, id), when)


async def pause(asking: Asking, rest: str) -> Post:
    """Let a schedule rest."""
    found = await _own(asking, rest)
    after = await _change(asking, found, lambda each: each.but(state=State.PAUSED, why=None))
    asking.desk.schedules.clock.ring()
    return plain(asking.words("{id} is paused: `schedule resume {id}` lets it go on.", id=after.id))


async def resume(asking: Asking, rest: str) -> Post:
    """Let a schedule go on with its next time from now; those that passed meanwhile are not made up for."""
    found, table = await _own(asking, rest), asking.desk.schedules

    def go(before: Schedule) -> Schedule:
        following = first(before.rule, table.clock.now(), table.holidays)
        if following is None:
            raise BadRequest("{id} is over: none of its times is still to come.", id=before.id)
        return before.but(state=State.ACTIVE, why=None, next_at=following, last_run="")

    after = await _change(asking, found, go)
    table.clock.ring()
    return await shown(asking, after)


async def remove(asking: Asking, rest: str) -> Post:
    """Forget a schedule."""
    found = await _own(asking, rest)
    await asking.desk.schedules.store.remove(found.tenant, found.id)
    return plain(asking.words("{id} is removed. What it has started stays: `show` lists it.", id=found.id))


async def run(asking: Asking, rest: str) -> Post | None:
    """Do now what a schedule does, with the rights of the person who says so; its times stay as they are."""
    found, table, person = await _own(asking, rest), asking.desk.schedules, asking.principal
    inbox, now = asking.request.key, table.clock.now()
    note = said("Scheduled by {name}, run by hand by {who}.", name=found.owner_name, who=person.name)
    request = replace(request_of(found, inbox, note), person=person.id, name=person.name)
    made = await planned(asking.desk, request)
    due = Due(found, now, timedelta(), True, 0)
    firing = fired(due, now, made, key=inbox, note=note, by=person.id)
    if not await table.store.fire(found, firing):
        raise Unavailable("The schedule was changed just now: try again.")
    table.clock.ring()
    if made is None:
        return plain(asking.words("{id}: done.", id=found.id), private=True)
    asking.desk.schedules.entered(made.id)
    if asking.request.address.startswith(TERMINAL):
        return None  # it is followed there
    return plain(asking.words("{id} runs now, as {run}.", id=found.id, run=made.id), private=True)


async def history(asking: Asking, rest: str) -> Post:
    """Show what came of the last times."""
    found = await _named(asking, rest)
    occurrences = await asking.desk.schedules.store.history(found.tenant, found.id, limit=PAST)
    return past(found, occurrences, asking.words)


async def zone(asking: Asking, rest: str) -> Post:
    """Show or set the time zone by which a person's times are read."""
    store, person, words = asking.desk.schedules.store, asking.principal, asking.words
    if rest:
        require(person, Permission.SCHEDULE)
        wanted = "" if rest.casefold() in ("default", "off", "none") else zone_of_city(rest)
        await store.keep_zone(person.tenant, person.id, wanted)
    text = "Times that you name here are read by the clock of {zone}."
    return plain(words(text, zone=await zone_of(asking)), private=True)


async def _named(asking: Asking, id: str) -> Schedule:
    """Return the schedule of an id, as far as the person may see it. Raises `BadRequest` and `NotFound`."""
    if not id:
        raise BadRequest("Which schedule? Name it by its id: `schedule list` shows them all.")
    person = asking.principal
    return await asking.desk.schedules.store.schedule(person.tenant, id.split()[0], reader=person.id)


async def _own(asking: Asking, id: str) -> Schedule:
    """Return a schedule that the person may change: their own, or any as an operator. Raises as `_named` does."""
    found = await _named(asking, id)
    require(asking.principal, Permission.SCHEDULE)
    if found.owner != asking.principal.id and not may(asking.principal, Permission.CONFIGURE):
        raise NotAllowed(MINE, name=found.owner_name)
    return found


async def _change(asking: Asking, found: Schedule, work: Callable[[Schedule], Schedule]) -> Schedule:
    def change(before: Schedule) -> tuple[Schedule, datetime | None]:
        after = work(before)
        return after, wake_at(after)

    return await asking.desk.schedules.store.change(found.tenant, found.id, change)


PARTS: Mapping[str, Callable[[Asking, str], Awaitable[Post | None]]] = {
    "add": add,
    "list": listed,
    "show": show,
    "edit": edit,
    "pause": pause,
    "resume": resume,
    "run": run,
    "history": history,
    "remove": remove,
    "zone": zone,
}
SCHEDULE = Command(
    "schedule",
    'Have something done at set times: `schedule add "every Monday 9:00" ask "What is new?"`',
    Permission.READ,
    schedule,
    (
        Option(
            "what", "`add` with a time and a command, `list`, `show`, `pause`, `resume`, `run`, … and which", words=True
        ),
        Option("missed", "what is done about times that were missed", one_of=("once", "all", "skip")),
        Option("in", "with `add`: the channel to post in"),
    ),
    'schedule add "every Monday 9:00" ask "What is new?"',
    most_words=3,
    verbs=tuple(PARTS),
)
