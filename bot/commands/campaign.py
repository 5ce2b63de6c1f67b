"""`campaign`: goals that Dexter pursues by itself, from the start to the end, in every chat and in the terminal."""

from collections.abc import Awaitable, Callable, Mapping

from bot.commands.campaign_acts import (
    answer,
    approve,
    note,
    pause,
    reject,
    replan,
    resume,
    retry,
    skip,
    stop,
    tick,
    watch,
)
from bot.commands.campaign_edits import add, edit, move, remove
from bot.commands.campaign_pages import budget, gantt, listed, log, status
from bot.commands.campaign_start import MODES, clone, start
from bot.commands.campaign_templates import template
from bot.commands.command import Asking, Command, Option
from bot.commands.names import nearest
from bot.shapes import Post
from core.access import Permission
from core.errors import BadRequest


async def campaign(asking: Asking) -> Post | None:
    """Do the part of `campaign` that was named; without one, list the campaigns."""
    part, _, rest = asking.args["what"].partition(" ")
    if not part:
        return await listed(asking, "")
    if part.casefold() not in PARTS:
        text = "I know no “campaign {name}”. {hint}"
        raise BadRequest(text, name=part[:40], hint=nearest(part, list(PARTS)))
    return await PARTS[part.casefold()](asking, rest.strip())


PARTS: Mapping[str, Callable[[Asking, str], Awaitable[Post | None]]] = {
    "start": start,
    "list": listed,
    "status": status,
    "watch": watch,
    "approve": approve,
    "reject": reject,
    "answer": answer,
    "note": note,
    "pause": pause,
    "resume": resume,
    "stop": stop,
    "replan": replan,
    "tick": tick,
    "add": add,
    "edit": edit,
    "remove": remove,
    "move": move,
    "skip": skip,
    "retry": retry,
    "budget": budget,
    "log": log,
    "gantt": gantt,
    "clone": clone,
    "template": template,
}
CAMPAIGN = Command(
    "campaign",
    "Pursue a goal in steps, for days or weeks, and see how it goes: `campaign list`",
    Permission.READ,
    campaign,
    (
        Option(
            "what",
            "`start`, `status`, `approve`, `pause`, `note`, `list`, … and which, by its id",
            words=True,
            choices="campaign",
        ),
        Option("template", "with `start`: what it is made from"),
        Option("committee", "with `start`: who deliberates", choices="committee"),
        Option("budget", "with `start`: what it may take, for example `$5, 200k tokens`"),
        Option("deadline", "with `start`: until when, for example `2026-12-24` or `in 3 days`"),
        Option("mode", "with `start`: whether you approve the plan or it runs by itself", one_of=MODES),
        Option("channel", "with `start`: where it is told of, if not here"),
        Option("title", "with `start`: what it is called"),
        Option("goal", "with `start`: the goal, in place of the words behind it"),
        Option("request", "with `answer`, `approve` and `reject`: the number of what is asked"),
        Option("yes", "with `answer`: yes", flag=True),
        Option("no", "with `answer`: no", flag=True),
        Option("now", "with `pause`: stop the steps under way as well", flag=True),
        Option("all", "with `list`: those too that are over", flag=True),
        Option("page", "with `status`: which page of the plan"),
        Option("before", "with `log`: what happened before this number"),
        Option("choose", "with `budget`: fill in a form where the chat has one", flag=True),
    ),
    'campaign start "Every service has a runbook" --budget "$5, 200k tokens" --deadline 2026-12-24',
    most_words=1,
    verbs=tuple(PARTS),
)
