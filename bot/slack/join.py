"""From the settings to the chat: through which door requests come, and whose workspaces they are."""

from sqlalchemy import Engine

from bot.attachments import Attachments
from bot.server import Server
from bot.settings import Slack as Settings
from bot.slack.chat import Door, Slack
from bot.slack.http import HttpDoor, Ready
from bot.slack.installs import OneToken
from bot.slack.intake import Intake
from bot.slack.oauth import OAuth
from bot.slack.socket import SocketDoor
from bot.slack.sql_installs import SqlInstalls
from bot.slack.workspaces import Workspaces

AT_ONCE = 1000
"""Connections that Slack may open over HTTP; refused one more, it comes again."""


def join(settings: Settings, engine: Engine, ready: Ready, attachments: Attachments | None = None) -> Slack:
    """Return Slack as it is set; installations are kept through `engine`, `ready` says whether Dexter can work."""
    intake = Intake(attachments=attachments)
    server = Server(settings.http.host, settings.http.port, "slack.http", most=AT_ONCE)
    signing = settings.signing_secret.get_secret_value()
    if settings.many:
        installs = SqlInstalls(engine, settings.client_id, settings.encryption_key.get_secret_value())
        oauth = OAuth(settings.client_id, settings.client_secret.get_secret_value(), installs)
        return Slack(HttpDoor(signing, server, ready, oauth), Workspaces(installs, settings.base_url), intake)
    workspaces = Workspaces(OneToken(settings.bot_token.get_secret_value()), settings.base_url)
    door: Door = HttpDoor(signing, server, ready)
    if settings.transport == "socket":
        door = SocketDoor(settings.app_token.get_secret_value(), sockets=settings.sockets)
    return Slack(door, workspaces, intake)
