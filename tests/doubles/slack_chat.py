"""Dexter's Slack over Socket Mode in one line: its parts are the product's own, joined as `bot.slack.join` does."""

from bot.slack.chat import Slack
from bot.slack.installs import OneToken
from bot.slack.intake import ACKNOWLEDGE, Intake
from bot.slack.outgoing import PACE
from bot.slack.socket import PING, SocketDoor
from bot.slack.workspaces import Workspaces


class SlackChat(Slack):
    """Slack as two tokens open it, with the times that a test wants shorter."""

    def __init__(
        self,
        bot_token: str,
        app_token: str,
        base_url: str = "https://slack.com/api/",
        *,
        pace: float = PACE,
        ping: float = PING,
        acknowledge: float = ACKNOWLEDGE,
    ) -> None:
        workspaces = Workspaces(OneToken(bot_token), base_url)
        super().__init__(SocketDoor(app_token, ping), workspaces, Intake(acknowledge), pace)
