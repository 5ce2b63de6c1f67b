"""What a campaign takes and may take: tokens, money, seconds of models and of sandboxes."""

from pydantic import Field

from core.entities import Noun


class Sums(Noun):
    """What was taken, or is set aside. They add up exactly to the calls and sandbox runs they are of."""

    tokens: int = 0
    microdollars: int = 0
    """Millionths of a US dollar, so that sums are exact."""
    unpriced: int = 0
    """Calls whose price is not known."""
    calls: int = 0
    model_milliseconds: int = 0
    sandbox_milliseconds: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        """Return both together."""
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in Sums.model_fields})

    def __radd__(self, other: int) -> "Sums":
        """Let `sum` begin with its 0."""
        return self


class Allowance(Noun):
    """What may be taken; `None` is no limit."""

    tokens: int | None = Field(default=None, gt=0)
    dollars: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    model_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    sandbox_seconds: float | None = Field(default=None, gt=0, allow_inf_nan=False)
