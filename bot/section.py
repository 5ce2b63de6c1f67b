"""What every table of `dexter.toml` has in common."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, SecretStr


class Section(BaseModel):
    """A table of `dexter.toml`: unknown names are refused, because a misspelt setting that is ignored is a trap."""

    model_config = ConfigDict(extra="forbid")


def _bare(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


Token = Annotated[SecretStr, BeforeValidator(_bare)]
"""A secret that people copy from a website, without the blanks that come along."""
