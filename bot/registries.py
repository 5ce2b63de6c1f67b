"""The settings of registries: where skills are shared, who this installation is there, and what it serves itself."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, StringConstraints, model_validator

from bot.section import Section

SHARED = "shared"
"""The name of the registry that is meant where none is named."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=64)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Serve(Section):
    """What `dexter registry serve` serves."""

    folder: Path | None = None
    """None: `registry` in `home`."""
    host: str = "127.0.0.1"
    port: int = Field(default=8321, ge=0, le=65535)
    certificate: Path | None = None
    key: Path | None = None
    """PEM files for TLS; with none, a proxy with TLS stands in front."""
    tokens: dict[Name, Sha256] = {}
    """Publisher to the SHA-256 of its token; `dexter registry token` makes both."""


class Registries(Section):
    """Where skills are shared."""

    url: str = ""
    """`https://…` or a folder; empty: a folder in `home`. It is called `shared`."""
    more: dict[Name, str] = {}
    """Others, by name."""
    tokens: dict[Name, SecretStr] = {}
    """By the name of a registry: what lets this installation write there."""
    publisher: Name | Literal[""] = ""
    """What this installation is called there; empty: after its key."""
    key: Path | None = None
    """Its private key, a PEM file; none: `publisher.pem` in `home`, made when it is needed first."""
    passphrase: SecretStr = SecretStr("")
    """Of that key."""
    statistics: Literal["never", "folder", "always"] = "folder"
    """Who is told how often skills were run: nobody, registries in folders, or all."""
    serve: Serve = Serve()

    @property
    def places(self) -> dict[str, str]:
        """Return each registry's address by its name, the one that is meant where none is named first."""
        return {SHARED: self.url, **self.more}

    @model_validator(mode="after")
    def _own_names(self) -> "Registries":
        if SHARED in self.more:
            raise ValueError(f"`{SHARED}` is what `url` is called: give the others names of their own")
        if bool(self.serve.certificate) != bool(self.serve.key):
            raise ValueError("serve.certificate and serve.key go together")
        return self
