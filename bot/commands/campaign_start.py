"""`campaign start` and `clone`: a goal is given to Dexter, to be pursued until it is met."""

from bot.commands.amounts import budget, deadline
from bot.commands.ask import context_of
from bot.commands.campaign_acts import going
from bot.commands.campaign_named import named
from bot.commands.command import Asking
from bot.commands.names import committee_named
from bot.commands.parse import unquoted
from bot.commands.skill_input import pairs
from bot.shapes import TERMINAL, Address, Post, between_two
from core.access import Permission, require
from core.campaigns.campaign import Campaign
from core.campaigns.sums import Allowance
from core.campaigns.wishes import Wishes
from core.entities import Collaboration, now, run_id
from core.errors import BadRequest
from core.sentences import kept, one_of

OWN = ("goal", "title", "template", "committee", "budget", "deadline", "mode")
"""What can be given by name beside the parameters of a template; the same as options."""
MODES = ("guided", "autonomous")
LONGEST = 8000
"""Characters of a goal."""


async def start(asking: Asking, rest: str) -> Post | None:
    """Start a campaign; its card comes through the outbox, and in the terminal at once."""
    require(asking.principal, Permission.CAMPAIGN)
    wishes, committee = _wished(asking, rest)
    asked = _thread(asking, wishes.goal or wishes.template, committee)
    return _begun(asking, await asking.desk.campaigns.start(asked, wishes, asking.request.key))


async def clone(asking: Asking, rest: str) -> Post | None:
    """Start a campaign with the goal and the plan of another one, from its beginning."""
    require(asking.principal, Permission.CAMPAIGN)
    other, _ = await named(asking, rest, over=True)
    asked = _thread(asking, other.goal, other.committee)
    campaigns, tenant = asking.desk.campaigns, asking.principal.tenant
    return _begun(asking, await campaigns.clone(tenant, other.id, asked, asking.request.key))


def _wished(asking: Asking, rest: str) -> tuple[Wishes, str]:
    """Return what a person wants, and the committee. Raises `BadRequest` and `NotFound` with what to write instead."""
    template = asking.args["template"] or pairs(rest, ("template",))[0].get("template", "")
    written, left = pairs(rest, None if template else OWN)
    given = {name: asking.args[name] or written.get(name, "") for name in OWN}
    goal = (given["goal"] or unquoted(left)).strip() or _attached(asking)
    if not template and not any(character.isalnum() for character in goal):
        text = (
            'What is the goal? Type it like this: `campaign start "Every service has a runbook" --budget "{budget}"`.'
        )
        raise BadRequest(text, budget="$5, 200k tokens")
    if len(goal) > LONGEST:
        text = "A goal has at most {most:,} characters: attach the rest as a file."
        raise BadRequest(text, most=LONGEST)
    if given["mode"] and given["mode"] not in MODES:
        raise BadRequest(
            "`--{option}` can be {names}, not “{given}”.", option="mode", names=one_of(MODES), given=given["mode"][:40]
        )
    committee = given["committee"] or ("" if template else asking.channel.committee)
    if committee:
        committee = committee_named(committee, asking.desk).name
    wishes = Wishes.model_validate(
        {
            "goal": goal,
            "title": " ".join(given["title"].split())[:200],
            "template": template,
            "parameters": {name: value for name, value in written.items() if name not in OWN},
            "committee": committee,
            "mode": given["mode"] or None,
            "allowance": budget(given["budget"]) if given["budget"] else Allowance(),
            "deadline": deadline(given["deadline"], now()) if given["deadline"] else None,
        }
    )
    return wishes, committee or "default"


def _attached(asking: Asking) -> str:
    """Return the goal where it came as a file alone."""
    texts = [file.text for file in asking.attachments if file.text and not file.image]
    return texts[0].strip() if len(texts) == 1 else ""


def _thread(asking: Asking, said: str, committee: str) -> Collaboration:
    """Return what a campaign hangs on: where it is told of, for whom, in which language."""
    person, request = asking.principal, asking.request
    address = _place(asking)
    return Collaboration(
        id=run_id(person.tenant, request.key),
        tenant=person.tenant,
        asker=person.id,
        asker_name=person.name,
        address=address,
        question=said,
        context=context_of(asking),
        committee=committee,
        language=asking.words.language,
        created_at=now(),
        private=between_two(address),
        note=kept(request.note) if request.note else "",
    )


def _place(asking: Asking) -> Address:
    """Return where the campaign is told of: here, or in the channel that is named. Raises `BadRequest`."""
    channel = asking.args["channel"]
    if not channel:
        return asking.request.address
    address = asking.request.channels.get(channel) or asking.request.channels.get(f"#{channel.lstrip('#')}")
    if address is None:
        text = (
            "I cannot post in “{channel}”: name a channel of this place as a mention, one that all can read and that "
            "I was invited to."
        )
        raise BadRequest(text, channel=channel[:40])
    return address


def _begun(asking: Asking, campaign: Campaign) -> Post | None:
    return going(asking, campaign) if asking.request.address.startswith(TERMINAL) else None
