"""Which campaign a person means, and what they may do with it."""

import re

from bot.commands.command import Asking
from bot.shapes import has_thread
from core.access import Permission, may, require
from core.campaigns.campaign import Campaign
from core.errors import BadRequest, NotFound

_ID = re.compile(r"[a-z2-7]{4,12}\Z")
WHOLE = 12
"""Characters of a whole id."""
SEVERAL = 5
"""Campaigns that are named where it is not clear which is meant."""


async def named(asking: Asking, rest: str, *, over: bool = False, text: bool = False) -> tuple[Campaign, str]:
    """Return the campaign that is meant, and what was typed behind its id.

    By its id, or the first letters of it; else the one of this thread; else the only one of this person's that goes
    on; and where it may be `over`, their last one. Where `text` follows, a first word that is no id belongs to it.
    Others' private ones are not there, for nobody. Raises `NotFound` and `BadRequest`.
    """
    campaigns, person = asking.desk.campaigns, asking.principal
    first, _, behind = rest.partition(" ")
    here = await _here(asking)
    if _ID.match(first.casefold()):
        try:
            return await campaigns.find(person.tenant, first.casefold(), reader=person.id), behind.strip()
        except NotFound:
            if here is None and not (text and behind and len(first) < WHOLE):
                raise
    if here is not None:
        return here, rest
    going = await campaigns.list(person.tenant, owner=person.id, going=True, reader=person.id, limit=SEVERAL + 1)
    if not going and over:
        going = await campaigns.list(person.tenant, owner=person.id, reader=person.id, limit=1)
    if not going:
        raise NotFound("No campaign of yours goes on. Name one by its id: `campaign list` has them.")
    if len(going) > 1:
        ids = ", ".join(each.id for each in going[:SEVERAL])
        raise BadRequest("Which campaign? Name it by its id: {ids}.", ids=ids)
    return going[0], rest


async def _here(asking: Asking) -> Campaign | None:
    """Return the campaign of the thread in which it was typed, as far as this person may see it."""
    if not has_thread(asking.request.address):
        return None
    found = await asking.desk.campaigns.at(asking.principal.tenant, asking.request.address)
    return found if found and may_see(asking, found) else None


def may_see(asking: Asking, campaign: Campaign) -> bool:
    """Tell whether a campaign is there for this person: a private one is its owner's alone."""
    return not campaign.private or campaign.owner == asking.principal.id


def require_steering(asking: Asking, campaign: Campaign) -> None:
    """Raise `NotAllowed` unless this person may steer a campaign: their own, or those of others."""
    own = campaign.owner == asking.principal.id
    require(asking.principal, Permission.CAMPAIGN if own else Permission.CAMPAIGN_ANY)


def steers(asking: Asking, campaign: Campaign) -> bool:
    """Tell whether this person may steer a campaign."""
    own = campaign.owner == asking.principal.id
    return may(asking.principal, Permission.CAMPAIGN if own else Permission.CAMPAIGN_ANY)
