"""`here`: what is set for this channel, and setting it."""

import re
from collections.abc import Callable, Mapping

from bot.commands.command import Asking, Command, Option
from bot.commands.names import AUTO, committee_named, pattern_named
from bot.shapes import Foot, Heading, Post, Table, channel_of
from bot.words import LANGUAGE_NAMES, Words, key
from core.access import Permission, may, require
from core.entities import Channel, now
from core.errors import BadRequest
from core.quiet import quiet_now, read_quiet
from core.schedules.zones import zone_of_city
from core.sentences import one_of

NONE = ("default", "off", "none")
"""Puts a setting back to what holds where nobody sets anything."""
_EMOJI = re.compile(r":?([a-z0-9][a-z0-9_+'-]{0,98}|[^\x00-\x7f]{1,10}):?")
EVERY, MENTION = "every", "mention"


async def here(asking: Asking) -> Post:
    """Show the channel's settings and where each comes from; set those that were named, for those who may."""
    kept = asking.channel
    if asking.args.values:
        require(asking.principal, Permission.CONFIGURE)
        kept = _changed(asking)
        await asking.desk.store.keep_channel(kept)
    return _shown(asking, kept)


def _changed(asking: Asking) -> Channel:
    """Return the channel's settings after what was typed. Raises `BadRequest` for what cannot be."""
    tenant, address = asking.principal.tenant, channel_of(asking.request.address)
    before = Channel(tenant=tenant, address=address) if asking.args["reset"] else asking.channel
    named = {option: value for option, value in asking.args.values.items() if option in SETTERS}
    changes: dict[str, object] = {}
    for option, value in named.items():
        field, read = SETTERS[option]
        default = Channel(tenant=tenant, address=address).model_dump()[field]
        changes[field] = default if value.casefold() in NONE and option != "threads" else read(asking, value)
    return before.but(**changes)


def _language(_: Asking, name: str) -> str:
    wanted = name.casefold()
    found = [code for code, called in LANGUAGE_NAMES.items() if wanted in (code, called.casefold())]
    if not found:
        text = "I do not speak “{name}”. There is {names}; `default` lets everyone have their own."
        raise BadRequest(text, name=name[:40], names=one_of(list(LANGUAGE_NAMES)))
    return found[0]


def _reaction(_: Asking, name: str) -> str:
    found = _EMOJI.fullmatch(name.strip().casefold())
    if not found:
        raise BadRequest("“{name}” is no emoji. Name it as the chat does, for example `scales`.", name=name[:40])
    return found[1]


def _zone(_: Asking, name: str) -> str:
    return zone_of_city(name)


SETTERS: Mapping[str, tuple[str, Callable[[Asking, str], object]]] = {
    "committee": ("committee", lambda asking, name: committee_named(name, asking.desk).name),
    "pattern": ("pattern", lambda asking, name: pattern_named(name, asking.desk)),
    "listen": ("listen", lambda _, value: value),
    "threads": ("thread_only", lambda _, value: value == "on"),
    "language": ("language", _language),
    "quiet": ("quiet", lambda _, value: str(read_quiet(value))),
    "reaction": ("reaction", _reaction),
    "zone": ("zone", _zone),
}
"""For each option, the field of `Channel` and how its value is read."""


def _shown(asking: Asking, kept: Channel) -> Post:
    words, default = asking.words, Channel(tenant=kept.tenant, address=kept.address)
    origins = _origins(asking, kept)
    rows = tuple(
        (
            words(NAMES[option]),
            told,
            origins.get(option, words("Dexter's default"))
            if getattr(kept, field) == getattr(default, field)
            else words("set here"),
        )
        for (option, (field, _)), told in zip(SETTERS.items(), _told(asking, kept), strict=True)
    )
    columns = (words("setting"), words("here"), words("from"))
    changes = may(asking.principal, Permission.CONFIGURE)
    foot = words(CHANGE) if changes else words("An operator or an administrator can change this.")
    parts = (Heading(words("What is set here")), Table(columns, rows), Foot(foot))
    return Post(parts, private=True, data=kept.model_dump(mode="json"))


def _told(asking: Asking, kept: Channel) -> tuple[str, ...]:
    """Return each setting in words, in the order of `SETTERS`."""
    words, seated = asking.words, asking.desk.committees.get(kept.committee or "default")
    every = words("every message; in quiet hours, those that name Dexter")
    return (
        kept.committee or "default",
        kept.pattern or (seated.pattern if seated else AUTO),
        words("messages that name Dexter") if kept.listen == MENTION else every,
        words("stay in their threads") if kept.thread_only else words("are shown in the channel as well"),
        LANGUAGE_NAMES[kept.language] if kept.language in LANGUAGE_NAMES else words("everyone's own"),
        _quiet(kept, words),
        kept.reaction or words("none"),
        kept.zone or words("everyone's own"),
    )


def _origins(asking: Asking, kept: Channel) -> Mapping[str, str]:
    """Return where a setting comes from that nobody has set here, if not from Dexter's own default."""
    words, name = asking.words, kept.committee or "default"
    seated = asking.desk.committees.get(name)
    own = {"pattern": words("the committee {name}", name=name)} if seated and seated.pattern != AUTO else {}
    theirs = words("each person's own settings")
    return {"language": theirs, "zone": theirs, **own}


def _quiet(kept: Channel, words: Words) -> str:
    if not kept.quiet:
        return words("none")
    return words("{hours} (now)", hours=kept.quiet) if quiet_now(kept, now()) else kept.quiet


NAMES: Mapping[str, str] = {
    "committee": key("committee"),
    "pattern": key("pattern"),
    "listen": key("I answer"),
    "threads": key("answers"),
    "language": key("language"),
    "quiet": key("quiet hours"),
    "reaction": key("emoji that asks"),
    "zone": key("time zone"),
}
CHANGE = key("Change one like this: `here --committee ops`. `default` puts one back, `here --reset` all of them.")
HERE = Command(
    "here",
    "Show what is set for this channel, or set it",
    Permission.READ,
    here,
    (
        Option("committee", "who deliberates here where the person does not say", choices="committee"),
        Option("pattern", "how they deliberate here where the person does not say", choices="pattern"),
        Option("listen", "whether I answer every message or those that name me", one_of=(MENTION, EVERY)),
        Option("threads", "whether answers stay in their threads", one_of=("on", "off")),
        Option("language", "the language of my own words here: en or de"),
        Option("quiet", "when I only speak if I am named, for example `22:00-07:00 Europe/Berlin`"),
        Option("reaction", "the emoji that asks about the message it is put on, for example `scales`"),
        Option("zone", "whose clock the times go by that are named here, for example `Europe/Berlin`"),
        Option("reset", "put everything back", flag=True),
    ),
    'here --committee default --quiet "22:00-07:00 Europe/Berlin"',
    most_words=0,
)
