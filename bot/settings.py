"""One typed Settings: `dexter.toml` plus the environment, read once and passed on as values.

Names in the environment are `DEXTER_` plus the path with two underscores (`DEXTER_LOG__LEVEL`); the customary
`SLACK_BOT_TOKEN`, `SLACK_APP_TOKEN`, `SLACK_SIGNING_SECRET`, `SLACK_CLIENT_ID`, `SLACK_CLIENT_SECRET` and
`DISCORD_TOKEN` work as well.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import unquote

import platformdirs
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from bot.campaigning import Campaigns
from bot.registries import Registries
from bot.report_settings import MailSettings, ReportSettings
from bot.sandboxes import Sandboxes, SkillRuns
from bot.section import Section, Token
from bot.timetable import Times
from core.committee.committee import Limits
from core.entities import Role
from core.errors import Misconfigured
from core.sentences import said


class Database(Section):
    """Where Dexter keeps everything."""

    url: str = ""
    """`sqlite:///path` or `postgresql://user:password@host/name`; empty: a file in the data directory."""


class Models(Section):
    """Local models and how they are fetched and bounded."""

    cache: Path = Path(platformdirs.user_cache_dir("dexter")) / "models"
    weights: dict[str, Path] = {}
    """Weights that the user has already: name to path."""
    threads: int = Field(default=0, ge=0)
    """Threads of each local model; 0: as many as there are cores."""
    context: int = Field(default=16384, ge=512)
    """Tokens of context that a local model's parallel slots share."""
    parallel: int = Field(default=4, ge=1, le=64)
    """Calls that one local model takes at a time."""
    seats: list[str] = []
    """Models for the seats of the default committee, in place of the local ones: `["openai/gpt-4o", …]`."""
    small: bool = False
    """Seat the 0.5B model alone, whatever the memory."""
    concurrent: int = Field(default=256, ge=1)
    """Model calls in flight at most, over all providers."""
    script: Path | None = None
    """Replies for models named `scripted/…`, for demonstrations: TOML or JSON, model name to list of texts."""
    seeing: list[str] = []
    """Models that take images, beside those of which that is known."""
    bases: dict[str, str] = {}
    """Base URL by model prefix, for OpenAI-compatible servers and proxies: `openai/` to `https://…/v1`."""


class Http(Section):
    """Where Dexter listens for Slack, if Slack is to come to Dexter; TLS is the business of a proxy in front."""

    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=0, le=65535)


class Slack(Section):
    """One workspace by two tokens, or many by installation; with nothing set Slack stays off."""

    bot_token: Token = SecretStr("")
    app_token: Token = SecretStr("")
    """For Socket Mode, which needs no public address."""
    signing_secret: Token = SecretStr("")
    """For HTTP, where there is no app token."""
    client_id: str = ""
    client_secret: Token = SecretStr("")
    """With the id: for installation in many workspaces, over HTTP."""
    encryption_key: Token = SecretStr("")
    """Seals the tokens of installations in the database; several with commas between, the one in force first."""
    base_url: str = "https://slack.com/api/"
    sockets: int = Field(default=1, ge=1, le=10)
    """Connections in Socket Mode; Slack takes ten from an app."""
    http: Http = Http()

    @property
    def many(self) -> bool:
        """Tell whether workspaces install Dexter by themselves."""
        return self._has("client_id") or self._has("client_secret")

    @property
    def transport(self) -> Literal["", "socket", "http"]:
        """Return how requests come in; empty where Slack is off, or lacks something."""
        wanted = self._wanted()
        return "" if not wanted or self.lacking else "http" if "signing_secret" in wanted else "socket"

    @property
    def lacking(self) -> str:
        """Return the variable that is missing beside those that are set; empty where none is."""
        names = {path[1]: name for name, path in CUSTOMARY.items() if path[0] == "slack"}
        missing = next((name for name in self._wanted() if not self._has(name)), "")
        return names.get(missing, f"DEXTER_SLACK__{missing.upper()}") if missing else ""

    def _wanted(self) -> tuple[str, ...]:
        if self.many:
            return ("client_id", "client_secret", "signing_secret", "encryption_key")
        if self._has("signing_secret") and not self._has("app_token"):
            return ("bot_token", "signing_secret")
        return ("bot_token", "app_token") if self._has("bot_token") or self._has("app_token") else ()

    def _has(self, name: str) -> bool:
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


class Discord(Section):
    """A token, or Discord stays off."""

    token: Token = SecretStr("")
    base_url: str = "https://discord.com/api/v10"
    gateway_url: str = ""
    """Empty: what Discord says."""
    message_content: bool = False
    """Read what does not name Dexter, for channels where every message is a question; Discord must allow it as well."""
    shards: int = Field(default=0, ge=0)
    """Connections to Discord over all processes; 0: as many as Discord says."""
    shard_ids: list[int] = []
    """The ones of this process, from 0 on; empty: all of them."""

    @model_validator(mode="after")
    def shards_are_there(self) -> Self:
        """Refuse shards that do not exist."""
        if self.shard_ids and not (self.shards and 0 <= min(self.shard_ids) <= max(self.shard_ids) < self.shards):
            raise ValueError("shard_ids are numbers from 0 up to one less than shards, which must be set as well")
        return self


class Documents(Section):
    """What the files that come with one question may be."""

    count: int = Field(default=5, ge=1, le=20)
    bytes: int = Field(default=20_000_000, ge=1, le=100_000_000)
    """Of each file."""
    characters: int = Field(default=200_000, ge=1000, le=2_000_000)
    """Of their text, all files together; what is longer is cut, and says so."""
    seconds: float = Field(default=30.0, gt=0, le=300)
    """For fetching and reading all of them."""


class People(Section):
    """Who is what; a person who is not named here has `default`."""

    default: Role = Role.MEMBER
    roles: dict[str, Role] = {}
    """`slack:U1`, `discord:123` or `local:name` to role."""


class Quotas(Section):
    """What may be used in a day (UTC), and at one time."""

    person: Limits = Limits(seconds=None)
    tenant: Limits = Limits(seconds=None)
    concurrent: int = Field(default=16, ge=1)
    """Collaborations that run at one time; more wait at the door."""
    waiting: int = Field(default=1000, ge=1)
    """Collaborations that may wait; one more is told to come back later."""


class Log(Section):
    """Where the log goes and how much it says."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["console", "json"] = "console"
    file: Path | None = None
    """A file, rotated at 10 MB, five kept; empty: standard error."""
    debug_text: bool = False
    """Log the text of questions and answers as well. Secrets stay out all the same."""


class Settings(BaseSettings):
    """Everything that an administrator can set."""

    model_config = SettingsConfigDict(
        env_prefix="DEXTER_", env_nested_delimiter="__", extra="forbid", populate_by_name=True
    )

    home: Path = Path(platformdirs.user_data_dir("dexter"))
    """Dexter's data directory."""
    database: Database = Database()
    models: Models = Models()
    slack: Slack = Slack()
    discord: Discord = Discord()
    documents: Documents = Documents()
    people: People = People()
    quotas: Quotas = Quotas()
    sandbox: Sandboxes = Sandboxes()
    skills: SkillRuns = SkillRuns()
    registry: Registries = Registries()
    campaigns: Campaigns = Campaigns()
    schedules: Times = Times()
    reports: ReportSettings = ReportSettings()
    mail: MailSettings = MailSettings()
    log: Log = Log()
    committees: dict[str, dict[str, Any]] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over `dexter.toml`, which comes in as init arguments."""
        return env_settings, init_settings

    @property
    def chats(self) -> list[str]:
        """Return the chats that have what they need."""
        on = {"slack": self.slack.transport, "discord": self.discord.token.get_secret_value()}
        return [name for name, there in on.items() if there]

    @property
    def database_url(self) -> str:
        """Return the URL of the database in force."""
        return self.database.url or f"sqlite:///{self.home / 'dexter.db'}"


CUSTOMARY = {
    "SLACK_BOT_TOKEN": ("slack", "bot_token"),
    "SLACK_APP_TOKEN": ("slack", "app_token"),
    "SLACK_SIGNING_SECRET": ("slack", "signing_secret"),
    "SLACK_CLIENT_ID": ("slack", "client_id"),
    "SLACK_CLIENT_SECRET": ("slack", "client_secret"),
    "DISCORD_TOKEN": ("discord", "token"),
}
"""Names that everybody uses; they count where neither the file nor `DEXTER_…` says otherwise."""


def load(path: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings: from `path`, `$DEXTER_CONFIG`, `./dexter.toml` or the user's configuration directory.

    Raises `Misconfigured` with the name of each setting that is wrong; never with its value.
    """
    file = path or _found(environ)
    tables = _read(file) if file else {}
    for variable, (section, name) in CUSTOMARY.items():
        if value := environ.get(variable):
            tables.setdefault(section, {}).setdefault(name, value)
    try:
        return Settings(**tables)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise Misconfigured(
            "The settings in {place} are not right: {wrong}.", place=file or said("the environment"), wrong=wrong
        ) from None
    except SettingsError as error:
        raise Misconfigured(
            "In the environment, DEXTER_{name}… cannot be read: write lists and tables as JSON.", name=_field(error)
        ) from None


def _field(error: SettingsError) -> str:
    """Return the name of a setting whose variable is not JSON; the library says it in words alone."""
    found = re.search(r'field "(\w+)"', str(error))
    return found[1].upper() if found else ""


def _found(environ: Mapping[str, str]) -> Path | None:
    if named := environ.get("DEXTER_CONFIG"):
        return Path(named)
    usual = (Path("dexter.toml"), Path(platformdirs.user_config_dir("dexter")) / "dexter.toml")
    return next((path for path in usual if path.is_file()), None)


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise Misconfigured("The settings file {file} cannot be read: {why}.", file=file, why=error.strerror) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured("The settings file {file} is not TOML: {error}.", file=file, error=error) from None


_SECRET = re.compile("KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS")
"""Names of variables that hold one."""
_PASSWORD = re.compile(r"://[^:/@\s]*:(\S+)@")


def secrets(settings: Settings, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return every secret that this process knows, so that the log can strike it out."""
    slack = settings.slack
    known = [slack.bot_token, slack.app_token, slack.signing_secret, slack.client_secret, settings.discord.token]
    known += [*settings.registry.tokens.values(), settings.registry.passphrase]
    known += settings.sandbox.hyperv.secrets
    known += settings.skills.secrets.values()
    known.append(settings.mail.password)
    known += map(SecretStr, slack.encryption_key.get_secret_value().split(","))
    named = [value for name, value in environ.items() if _SECRET.search(name.upper())]
    written = _PASSWORD.findall(settings.database.url)
    tokens = [secret.get_secret_value() for secret in known]
    return [value for value in (*tokens, *named, *written, *map(unquote, written)) if value]
