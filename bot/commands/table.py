"""The one table of commands, for every chat, the command line and the help text."""

from bot.commands.about import COMMITTEE, HELP, MODELS, PATTERNS, STATUS
from bot.commands.ask import AGAIN, ASK
from bot.commands.campaign import CAMPAIGN
from bot.commands.command import Command
from bot.commands.here import HERE
from bot.commands.past import FEEDBACK, SHOW, STOP
from bot.commands.report import REPORT
from bot.commands.schedule import SCHEDULE
from bot.commands.skills import SKILL

COMMANDS: tuple[Command, ...] = (
    ASK, AGAIN, SHOW, STOP, FEEDBACK, COMMITTEE, PATTERNS, MODELS, SKILL, CAMPAIGN, SCHEDULE, REPORT, STATUS, HERE,
    HELP,
)  # fmt: skip
