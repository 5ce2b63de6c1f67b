"""From campaigns to rows and back, and from a turn to the events that it tells."""

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from core.campaigns.campaign import Campaign, Stage
from core.campaigns.incidents import Turn
from core.entities import Collaboration, Status, Task
from core.errors import Misconfigured
from core.events import Event
from storage.rows import clean, dumped

REPEATED = ("id", "tenant", "owner", "title", "template", "private", "created_at", "ended_at", "revision")
"""Of the document, beside it in the row as they are."""


def campaign_row(campaign: Campaign, due: datetime | None) -> dict[str, Any]:
    """Return the values of a campaign's row."""
    repeated = {name: getattr(campaign, name) for name in REPEATED}
    return {
        **{name: clean(value) if isinstance(value, str) else value for name, value in repeated.items()},
        "mode": campaign.mode,
        "course": campaign.course.value,
        "objectives": len(campaign.objectives),
        "met": sum(each.stage is Stage.MET for each in campaign.objectives),
        "tokens": campaign.spent.tokens,
        "microdollars": campaign.spent.microdollars,
        "due_at": due,
        "body": dumped(campaign),
    }


def campaign_noun(id: str, body: str) -> Campaign:
    """Return the campaign in a document. What another version of Dexter wrote is read as far as this one knows it.

    Raises `Misconfigured` where that is not enough.
    """
    try:
        return Campaign.model_validate_json(body, extra="ignore")
    except ValidationError:
        raise Misconfigured(
            "The campaign {id} was written by another version of Dexter, which this one cannot read: run the newest.",
            id=id,
        ) from None


def thread_of(collaboration: Collaboration) -> Collaboration:
    """Return the collaboration that a campaign's own thread is: it is at work from the beginning."""
    return collaboration.but(task=Task(kind="campaign"), status=Status.RUNNING, aim=None)


def events_of(turn: Turn, at: datetime) -> tuple[Event, ...]:
    """Return the moments of a turn as events of the campaign's run; the newest has the number `told`."""
    campaign = turn.campaign
    first = campaign.told - len(turn.moments) + 1
    return tuple(
        Event(
            key=moment_key(number), run=campaign.id, tenant=campaign.tenant, address=campaign.address, at=at, body=body
        )
        for number, body in enumerate(turn.moments, first)
    )


def moment_key(number: int) -> str:
    """Return the key of a moment's event."""
    return f"moment:{number}"
