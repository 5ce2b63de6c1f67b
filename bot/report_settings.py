"""The settings of reports and of mail."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from bot.section import Section
from core.reports.frame import Assumed

Tls = Literal["starttls", "tls", "none"]


class ReportSettings(Section):
    """What reports assume, who writes their summaries, and where they may be put."""

    folder: Path | None = None
    """Reports are put below it and nowhere else; empty: nowhere."""
    summaries: str = "default"
    """The committee that sums reports up where nobody says; empty: none does."""
    minutes_answer: float = Field(default=15.0, ge=0, le=10_000)
    """Minutes that an answered question is taken to save a person."""
    minutes_skill: float = Field(default=10.0, ge=0, le=10_000)
    """Minutes that a run of a skill is taken to save a person."""
    teams: dict[str, list[str]] = {}
    """Team to its people, e.g. `slack:U1`, for use and spending by team."""

    @property
    def assumed(self) -> Assumed:
        """Return what figures rest on."""
        return Assumed(self.minutes_answer, self.minutes_skill, self.teams)


class MailSettings(Section):
    """The server that mail is handed over to, and who may get any."""

    host: str = ""
    """Empty: no mail is sent."""
    port: int = Field(default=587, ge=1, le=65535)
    tls: Tls = "starttls"
    """`none` sends in clear: for a server on this machine."""
    authority: Path | None = None
    """Certificates to trust instead of this machine's, as PEM."""
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = ""
    """The address that mail is from."""
    seconds: float = Field(default=30.0, gt=0, le=300)
    """For one try."""
    allowed: list[str] = []
    """Addresses and domains that get mail: `["ada@example.org", "example.com"]`; nobody else does."""
