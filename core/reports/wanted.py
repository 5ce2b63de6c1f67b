"""What a report is to be of, as a command, a schedule or a campaign asks for it: the input of a task."""

from typing import Annotated

from pydantic import Field, JsonValue, ValidationError

from core.entities import Noun
from core.errors import BadRequest
from core.reports.report import Format, Kind

MOST_PLACES = 10


class Wanted(Noun):
    """What `Task.input` holds of a report."""

    kind: Kind
    campaign: str = ""
    """Its id, for a report on one."""
    period: str = Field(default="", max_length=100)
    """As it was typed: `last week` is read on the day on which the report is made."""
    formats: tuple[Format, ...] = ()
    """Files that go with it."""
    committee: str = "default"
    """Who writes the summary; empty: nobody, Dexter's own words stand alone."""
    whole: bool = False
    """The use and spending of everybody may be shown, and not of the asker alone."""
    mail: Annotated[tuple[str, ...], Field(max_length=MOST_PLACES)] = ()
    """Addresses that it is sent to."""
    folder: str = ""
    """A folder that it is put into, below the one that the settings name; `.` is that one itself."""

    @property
    def input(self) -> dict[str, JsonValue]:
        """Return what a task holds."""
        return self.model_dump(mode="json")


def wanted_of(input: dict[str, JsonValue]) -> Wanted:
    """Return what a task asks for. Raises `BadRequest`."""
    try:
        return Wanted.model_validate(input)
    except ValidationError:
        raise BadRequest("This report cannot be made: what is to be in it is not said rightly.") from None
