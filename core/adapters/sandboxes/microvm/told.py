"""Reads what a guest says of a run at its end; a program that took the guest over may have said it."""

import os
from typing import Self

from pydantic import Field, Json, ValidationError, model_validator

from core.adapters.sandboxes.bubblewrap.pump import Why
from core.adapters.sandboxes.bubblewrap.result import Seen
from core.entities import Noun
from core.errors import Unavailable

BEGUN = b"begun\n"
END = b"}\n"
_DIED = -9


class _First(Noun):
    """What process 1 of the program says."""

    status: int
    cpu: float = Field(ge=0, allow_inf_nan=False)
    peak: int
    full: bool

    @model_validator(mode="after")
    def _possible(self) -> Self:
        os.waitstatus_to_exitcode(self.status)
        return self


class _Told(Noun):
    """What the guest adds."""

    told: Json[_First] | None
    """`None`: it was killed before it could say anything."""
    code: int
    """The exit code of process 1."""
    overran: bool
    """The guest's kernel killed something for the run's memory."""
    peak: int = Field(ge=0)


def seen(why: Why, told: bytes, out: bytes, err: bytes, result: bytes, code: int) -> Seen:
    """Return what was seen of a run that had begun; `code` is QEMU's. Raises `Unavailable` where QEMU failed."""
    if why is Why.OVER and code != 0:
        raise Unavailable("The virtual machine was ended from outside. Try again.")
    if why is not Why.DONE:  # a guest that went down by itself was brought down by its program
        return Seen(why, True, b"", out, err, result, _DIED)
    try:
        page = _Told.model_validate_json(told.removeprefix(BEGUN))
    except ValidationError as error:
        raise Unavailable("The virtual machine says what none would say of itself.") from error
    first = page.told.model_dump_json().encode() if page.told else b""
    return Seen(Why.OVER, True, first, out, err, result, page.code, page.overran, page.peak)
