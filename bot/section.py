"""What every table of `dexter.toml` has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of `dexter.toml`: unknown names are refused, because a misspelt setting that is ignored is a trap."""

    model_config = ConfigDict(extra="forbid")
