"""Quiet hours of a channel: by its own clock on the wall, over midnight and over the changes of summer time."""

import difflib
import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from core.entities import Channel, Noun
from core.errors import BadRequest
from core.sentences import Sentence, one_of, said

_SPAN = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|—|to|bis)\s*(\d{1,2})(?:[:.](\d{2}))?(?:\s+(\S+))?")
FORM = "22:00-07:00 Europe/Berlin"


class Quiet(Noun):
    """From when to when, each day, and by whose clock."""

    begin: time
    end: time
    zone: str
    """A name of the time zone database, e.g. `Europe/Berlin`."""

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M} {self.zone}"

    def at(self, moment: datetime) -> bool:
        """Tell whether a moment (with its own zone) lies in it."""
        wall = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.begin < self.end:
            return self.begin <= wall < self.end
        return wall >= self.begin or wall < self.end

    def over(self, moment: datetime) -> datetime:
        """Return when they end next after a moment, by the same clock on the wall."""
        here = moment.astimezone(ZoneInfo(self.zone))
        end = here.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0, fold=1)
        return (end if end > here else end + timedelta(days=1)).astimezone(UTC)


def read_quiet(text: str) -> Quiet:
    """Return the hours that a person typed, as `22:00-07:00 Europe/Berlin`. Raises `BadRequest`."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise BadRequest(
            "“{text}” are no quiet hours that I can read. Write them like this: `{form}`.", text=text[:40], form=FORM
        )
    begin, end = _time(found[1], found[2]), _time(found[3], found[4])
    if begin == end:
        raise BadRequest(
            "Quiet hours need an end that is not their beginning. Write them like this: `{form}`.", form=FORM
        )
    if not found[5]:
        raise BadRequest("Say in which time zone these hours are, for example: `{form}`.", form=FORM)
    return Quiet(begin=begin, end=end, zone=_zone(found[5]))


def quiet_now(channel: Channel, at: datetime) -> bool:
    """Tell whether a channel has its quiet hours: Dexter answers only who names it, and shows no progress."""
    if not channel.quiet:
        return False
    try:
        return read_quiet(channel.quiet).at(at)
    except BadRequest:  # a zone that this machine no longer knows
        return False


def quiet_for(channel: Channel, at: datetime) -> float:
    """Return for how many seconds more a channel has its quiet hours; 0 where it has none now."""
    if not quiet_now(channel, at):
        return 0.0
    return max(1.0, (read_quiet(channel.quiet).over(at) - at).total_seconds())


def _time(hours: str, minutes: str | None) -> time:
    try:
        return time(int(hours) % 24 if int(hours) <= 24 else 99, int(minutes or 0))
    except ValueError:
        raise BadRequest(
            "There is no {hours}:{minutes} on a clock. Write quiet hours like this: `{form}`.",
            hours=hours,
            minutes=minutes or "00",
            form=FORM,
        ) from None


def _zone(name: str) -> str:
    """Return the zone's name as the database writes it."""
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, KeyError):  # not there; a folder of the database; no name at all
        raise BadRequest("I know no time zone “{name}”. {hint}", name=name[:40], hint=nearest_zones(name)) from None


def nearest_zones(name: str) -> Sentence:
    """Return a hint at the zones whose names are like one that is none."""
    known = {zone.casefold(): zone for zone in available_timezones()}
    parts = {zone.rpartition("/")[2]: zone for zone in known}
    wanted = name.casefold().replace(" ", "_")
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.7)
    near += [parts[part] for part in difflib.get_close_matches(wanted, parts, n=1, cutoff=0.8)]
    if not near:
        return said("A time zone is called after a city, for example `Europe/Berlin`.")
    return said("Did you mean {names}?", names=one_of([known[zone] for zone in dict.fromkeys(near)]))
