"""What a person wants of a campaign that they start."""

from datetime import datetime

from pydantic import Field

from core.campaigns.campaign import Mode
from core.campaigns.sums import Allowance
from core.entities import Noun


class Wishes(Noun):
    """A goal in words, or a template with its parameters; the rest is what is to differ from the template."""

    goal: str = Field(default="", max_length=8000)
    title: str = Field(default="", max_length=200)
    """Empty: made from the goal."""
    template: str = ""
    parameters: dict[str, str] = {}
    """Of the template, as they were typed."""
    committee: str = ""
    """Empty: what the template says, else `default`."""
    mode: Mode | None = None
    """`None`: what the template says, else guided."""
    allowance: Allowance = Allowance()
    deadline: datetime | None = None
