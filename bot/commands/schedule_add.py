"""`schedule add` and `schedule edit`: from what a person typed to a schedule that is kept and said back."""

import re
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from bot.commands.command import Asking
from bot.commands.schedule_pages import shown
from bot.commands.schedule_plan import TIMED, checked
from bot.shapes import TERMINAL, Address, Post, between_two, channel_of
from core.access import Permission, require
from core.entities import run_id
from core.errors import BadRequest
from core.schedules.draft import Setting
from core.schedules.firing import wake_at
from core.schedules.language import EXAMPLES, LONGEST, understood
from core.schedules.occurrences import first
from core.schedules.rule import Rule
from core.schedules.schedule import Missed, Schedule, State
from core.schedules.zones import zone_called

_QUOTED = re.compile(r"(?:\"([^\"]*)\"|“([^”]*)”|„([^“”]*)[“”]|'([^']*)')\s*(.*)", re.DOTALL)
_PLACE = re.compile(r"\s+in\s+(<#[^>\s]+>|#\S+)\s*$", re.IGNORECASE)
_COMMAND = re.compile(rf"(?<!\S)(?:{'|'.join(TIMED)})(?=\s|$)", re.IGNORECASE)


class Wish(NamedTuple):
    """What was typed behind `schedule add`, in its parts."""

    when: str
    what: str
    place: str
    """The channel as it was named; empty: here."""


def wish_of(rest: str, place: str = "") -> Wish:
    """Part `"every Monday 9:00" ask "…" in #ops`; without quotes the time ends where a command begins.

    Raises `BadRequest` where a part is missing.
    """
    text = rest.strip()
    if not place and (found := _PLACE.search(text)):
        text, place = text[: found.start()], found[1]
    if quoted := _QUOTED.fullmatch(text):
        when, what = next(group for group in quoted.groups()[:4] if group is not None), quoted[5]
    else:
        begins = _COMMAND.search(text)
        when, what = (text[: begins.start()], text[begins.start() :]) if begins else (text, "")
    if not when.strip():
        raise BadRequest("When? {examples}", examples=EXAMPLES)
    if not what.strip():
        text = 'What shall I do then? Type it like this: `schedule add "every Monday 9:00" ask "What is new?"`.'
        raise BadRequest(text)
    return Wish(when.strip(), what.strip(), place.strip())


async def add(asking: Asking, rest: str) -> Post:
    """Keep a schedule, and say back what was understood with its next three times."""
    require(asking.principal, Permission.SCHEDULE)
    person, request, table = asking.principal, asking.request, asking.desk.schedules
    wish = wish_of(rest, asking.args["in"])
    rule = await rule_of(asking, wish.when)
    address = _address(asking, wish.place)
    schedule = Schedule(
        id=run_id(person.tenant, f"schedule:{request.key}"),
        tenant=person.tenant,
        owner=person.id,
        owner_name=person.name,
        address=address,
        where=wish.place,
        language=asking.words.language,
        private=between_two(address),
        typed=wish.when[:LONGEST],
        rule=rule,
        what=wish.what,
        missed=_missed(asking) or "once",
        next_at=first(rule, table.clock.now(), table.holidays),
        created_at=table.clock.now(),
    )
    await checked(asking.desk, replace(request, text=wish.what, address=address, attachments=()))
    await table.store.add(schedule, wake_at(schedule), most=table.most)
    table.clock.ring()
    return await shown(asking, schedule, new=True)


async def edited(asking: Asking, schedule: Schedule, when: str) -> Post:
    """Change when a schedule happens, or what is done about the times that were missed."""
    table, when = asking.desk.schedules, when.strip().strip("\"“”„'")
    rule = await rule_of(asking, when) if when else None
    missed = _missed(asking)
    if rule is None and missed is None:
        raise BadRequest('What shall change? Type it like this: `schedule edit k3f9 "every Monday 9:00"`.')

    def change(before: Schedule) -> tuple[Schedule, datetime | None]:
        after = before.but(missed=missed or before.missed)
        if rule is not None:
            following = first(rule, table.clock.now(), table.holidays)
            state = State.ACTIVE if before.state is State.OVER else before.state
            after = after.but(rule=rule, typed=when[:LONGEST], next_at=following, state=state)
        return after, wake_at(after)

    after = await table.store.change(schedule.tenant, schedule.id, change)
    table.clock.ring()
    return await shown(asking, after, new=True)


async def rule_of(asking: Asking, when: str) -> Rule:
    """Return the rule that a text means to this person in this channel. Raises `BadRequest`."""
    table = asking.desk.schedules
    zone = await zone_of(asking)
    setting = Setting(table.clock.now(), zone, table.holidays, table.place_named, table.place)
    return understood(when, setting)


async def zone_of(asking: Asking) -> str:
    """Return whose clock counts: the channel's, else the person's own, the platform's, the settings'."""
    table, person = asking.desk.schedules, asking.principal
    own = await table.store.zone(person.tenant, person.id)
    for zone in filter(None, (asking.channel.zone, own, asking.request.zone)):
        try:
            return zone_called(zone)
        except BadRequest:  # one that this machine does not know
            continue
    return table.zone


def _missed(asking: Asking) -> Missed | None:
    given = asking.args["missed"]
    return next((each for each in ("once", "all", "skip") if each == given), None)


def _address(asking: Asking, place: str) -> Address:
    """Return where it posts: the channel that is named, else this one. Raises `BadRequest` where it cannot be."""
    request = asking.request
    if not place:
        return home_of(request.address)
    if request.address.startswith(TERMINAL):
        raise BadRequest("From the terminal I post in no channel: type this in the chat itself.")
    found = request.channels.get(place) or request.channels.get(f"#{place.lstrip('#')}")
    if not found:
        text = (
            "I cannot post in {channel}, or you may not look into it: invite me there, or type this in that channel. "
            "A private channel can only be chosen from within."
        )
        raise BadRequest(text, channel=place[:40])
    return found


def home_of(address: Address) -> Address:
    """Return where later posts go that are asked for here: the channel, so that each has a thread of its own.

    Where there are no threads, the address names the channel twice, and stays as it is.
    """
    if address.startswith(TERMINAL):
        return address
    parts = address.split(":")
    return address if len(parts) > 3 and parts[3] == parts[2] else channel_of(address)
