"""Dexter in one workspace: its client, its identity, what it says, and the listeners for what it hears."""

from dataclasses import dataclass
from functools import partial

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.overview import Books
from bot.shapes import Rules
from bot.slack.api import Web, client, wire_log
from bot.slack.arrival import Me
from bot.slack.ends import Ends
from bot.slack.incoming import Incoming
from bot.slack.installs import Installed
from bot.slack.intake import Intake
from bot.slack.outgoing import Outgoing
from bot.slack.replies import Replies


@dataclass(frozen=True, slots=True)
class Workspace:
    """What belongs to one workspace and to no other."""

    installed: Installed
    out: Outgoing
    app: AsyncApp
    """Takes the requests of this workspace, whichever way they came."""
    ends: Ends
    """Follows what is asked here to its end."""


def open_workspace(
    installed: Installed, web: Web, pace: float, intake: Intake, rules: Rules, books: Books | None
) -> Workspace:
    """Join the parts of a workspace around its client."""
    me = Me(installed.team, installed.bot_user)
    out = Outgoing(web, pace)
    app = _app(installed, web.base_url)
    take = partial(intake.take, Replies(out, web))
    incoming = Incoming(me, web, take, rules, books, intake.attachments)
    incoming.listen(app)
    return Workspace(installed, out, app, incoming.ends)


def _app(installed: Installed, base_url: str) -> AsyncApp:
    bot = AuthorizeResult(
        enterprise_id=installed.enterprise,
        team_id=installed.team,
        bot_user_id=installed.bot_user,
        bot_id=installed.bot_id,
        bot_token=installed.token,
    )

    async def authorize() -> AuthorizeResult:
        return bot

    return AsyncApp(
        # Without a name bolt looks for one in the source of whoever calls it, for half a second. It calls a logger so,
        # and takes its level from the one below: a name of our own loggers would silence Dexter.
        name=wire_log().name,
        logger=wire_log(),
        client=client(None, base_url),  # bolt's own, for what it never does here
        authorize=authorize,
        process_before_response=True,  # the listener ends before the acknowledgement is sent, not after
        ignoring_self_events_enabled=False,  # somebody may delete what Dexter has said: then it has to stop
        request_verification_enabled=False,  # the doors do that before they know whose request it is
    )
