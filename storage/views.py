"""The views for those who look from outside: what each has, column by column, and their rows, some at a time.

The views themselves are made by the migrations. They are a promise: columns are added to them, none is taken away.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, column, select, table

from storage.tables import Moment

Kind = Literal["text", "whole number", "number", "yes or no", "day", "time"]
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a view."""

    name: str
    kind: Kind
    meaning: str


def _fields(*rows: tuple[str, Kind, str]) -> tuple[Field, ...]:
    return tuple(Field(*row) for row in rows)


TENANT: tuple[str, Kind, str] = (
    "tenant",
    "text",
    "whose data it is: a Slack workspace `slack:T1`, a Discord server `discord:1`, or `local`",
)
RUN: tuple[str, Kind, str] = ("run", "text", "the run's id, as in `bi_collaborations.id`")
PRICED = "US dollars, of the calls whose price is known"
UNPRICED = "calls whose price is not known"
VIEWS: Mapping[str, tuple[Field, ...]] = {
    "bi_collaborations": _fields(
        TENANT,
        ("id", "text", "the run's id, which `show` takes"),
        ("asker", "text", "who asked, by the platform's id, e.g. `slack:U1`"),
        ("asker_name", "text", "as the chat showed them"),
        ("channel", "text", "where, without a thread; empty until it has ended"),
        ("private", "yes or no", "asked between Dexter and the asker alone"),
        ("question", "text", "what was asked; empty where it is private"),
        ("answer", "text", "the answer's text; empty where it is private"),
        ("status", "text", "`queued`, `running`, `answered`, `no agreement`, `no quorum`, `done`, `stopped`, `failed`"),
        (
            "task",
            "text",
            "empty for a question; else `run`, `test`, `promote`, `install`, `check`, `report`, `campaign`",
        ),
        ("skill", "text", "the skill that it ran, tested or drafted"),
        ("version", "text", "of that skill"),
        ("campaign", "text", "the campaign that it is a step of"),
        ("purpose", "text", "of a step: `plan`, `work`, `judge`, `report`"),
        ("committee", "text", "who deliberated"),
        ("pattern", "text", "how: the pattern that was played"),
        ("language", "text", "of Dexter's own words in it"),
        ("created_at", "time", "when it was accepted"),
        ("ended_at", "time", "when it ended; empty while it goes on"),
        ("day", "day", "on which it ended (UTC)"),
        ("how", "text", "`winner`, `synthesis`, `solo`, `sides` or `none`"),
        ("passed", "yes or no", "of tests: all held; of a skill's run: it gave what it promises"),
        ("waited", "number", "seconds from being accepted to its beginning"),
        ("took", "number", "seconds from being accepted to its end"),
        ("worked", "number", "seconds of these that members and sandboxes took"),
        ("agreement", "number", "of the ballots, 0 to 1"),
        ("margin", "number", "the winner's lead over the runner-up, as a share of the winner's score"),
        ("voters", "whole number", "who voted"),
        ("eligible", "whole number", "who could have"),
        ("dissent", "whole number", "votes of the strongest losing side; 0: no dissent"),
        ("calls", "whole number", "model calls"),
        ("prompt_tokens", "whole number", "tokens read"),
        ("completion_tokens", "whole number", "tokens written"),
        ("cost", "number", PRICED),
        ("unpriced", "whole number", UNPRICED),
    ),
    "bi_calls": _fields(
        TENANT,
        RUN,
        ("id", "text", "the call's own id"),
        ("day", "day", "on which it was written down (UTC)"),
        ("asker", "text", "whom it is charged to"),
        ("member", "text", "the seat"),
        ("phase", "text", "what was asked: `propose`, `vote`, …"),
        ("model", "text", "that answered"),
        ("provider", "text", "whose it is"),
        ("seconds", "number", "that it took"),
        ("first_token_seconds", "number", "until its first word, where that is known"),
        ("prompt_tokens", "whole number", "tokens read"),
        ("completion_tokens", "whole number", "tokens written"),
        ("cost", "number", "US dollars; empty where the price is not known"),
        ("retries", "whole number", "tries before the one that counted"),
        ("outcome", "text", "`ok`, or why it gave nothing: `timeout`, `refused`, `garbage`, `budget`, `error`, `late`"),
    ),
    "bi_members": _fields(
        TENANT,
        RUN,
        ("member", "text", "the seat"),
        ("day", "day", "on which the run ended (UTC)"),
        ("model", "text", "that the seat has"),
        ("won", "yes or no", "its answer won, or one that says the same"),
        ("dissented", "yes or no", "it was on the strongest losing side"),
        ("absent", "whole number", "times that it gave nothing when it was asked"),
        ("spared", "whole number", "times that asking it was needless"),
    ),
    "bi_votes": _fields(
        TENANT,
        RUN,
        ("at", "time", "when the ballot came in"),
        ("member", "text", "who voted"),
        ("first_choice", "text", "the label of the answer that it ranked first"),
        ("confidence", "number", "its own, 0 to 1"),
        ("reason", "text", "in its words; empty where the question is private"),
    ),
    "bi_skills": _fields(
        TENANT,
        ("name", "text", "the skill"),
        ("description", "text", "what it does"),
        ("version", "text", "its newest version"),
        ("stage", "text", "of that: `draft`, `tested`, `promoted`, `retired`"),
        ("in_force", "text", "the version that runs; empty where none does"),
        ("versions", "whole number", "that there are"),
        ("changed_at", "time", "when the newest version last changed"),
        ("tests", "whole number", "tests in the last round, of the version in force, else of the newest"),
        ("passed", "whole number", "of them"),
        ("tested_at", "time", "when that was"),
        ("failing_since", "time", "the first of the failures in a row; empty where the last tests held"),
        ("runs", "whole number", "times that version was run"),
        ("succeeded", "whole number", "of them"),
        ("last_run_at", "time", "when it was run last"),
    ),
    "bi_skill_tests": _fields(
        TENANT,
        RUN,
        ("skill", "text", "what was tried"),
        ("version", "text", "of it"),
        ("kind", "text", "`tests`, or `use` where a person ran it"),
        ("held", "yes or no", "all tests passed, or it gave what it promises"),
        ("at", "time", "when"),
    ),
    "bi_campaigns": _fields(
        TENANT,
        ("id", "text", "the campaign, which `campaign status` takes"),
        ("owner", "text", "who started it"),
        ("private", "yes or no", "it is told of between Dexter and its owner alone"),
        ("title", "text", "empty where it is private"),
        ("goal", "text", "empty where it is private"),
        ("template", "text", "that it was made from"),
        ("mode", "text", "`guided` or `autonomous`"),
        ("course", "text", "`planning`, `proposed`, `running`, `paused`, `held`, `met`, `failed`, `stopped`"),
        ("objectives", "whole number", "that it has"),
        ("met", "whole number", "of them"),
        ("tokens", "whole number", "spent by the runs that have ended"),
        ("dollars", "number", "the same in US dollars, of the calls whose price is known"),
        ("created_at", "time", "when it was started"),
        ("ended_at", "time", "when it ended; empty while it goes on"),
    ),
    "bi_objectives": _fields(
        TENANT,
        ("campaign", "text", "`bi_campaigns.id`"),
        ("id", "text", "`1`, `2`, …; the parts of `2` are `2.1`, …"),
        ("title", "text", "empty where the campaign is private"),
        ("done_when", "text", "how one can tell that it is done; empty where the campaign is private"),
        ("means", "text", "`answer`, `skill`, `use` or `person`"),
        ("skill", "text", "that is run, or was drafted"),
        ("stage", "text", "`pending`, `ready`, `running`, `waiting`, `met`, `failed`, `skipped`"),
        ("attempts", "whole number", "times that it was worked on"),
        ("tokens", "whole number", "spent on it"),
        ("dollars", "number", PRICED),
        ("started_at", "time", "when work on it began"),
        ("ended_at", "time", "when it was over"),
    ),
    "bi_schedules": _fields(
        TENANT,
        ("id", "text", "the schedule, which `schedule show` takes"),
        ("owner", "text", "whose rights count when it is run"),
        ("private", "yes or no", "it posts where its owner alone reads"),
        ("what", "text", "the command; empty where it is private"),
        ("typed", "text", "when, as the person typed it"),
        ("state", "text", "`active`, `paused` or `over`"),
        ("runs", "whole number", "runs that it started"),
        ("next_at", "time", "when it is due next; empty once it is over"),
        ("created_at", "time", "when it was made"),
    ),
}
"""Each view with its columns, in their order; `docs/data.md` is made from this."""


@dataclass(frozen=True, slots=True)
class Views:
    """The views of a database that is read beside a Dexter which is running. All methods block."""

    connection: Connection
    at_once: int = AT_ONCE
    """Rows that are in memory together."""

    @property
    def columns(self) -> Mapping[str, Sequence[Field]]:
        """Return each view with its columns."""
        return VIEWS

    def rows(self, view: str, tenant: str = "") -> Iterator[Sequence[Sequence[Any]]]:
        """Yield the rows of a view, some thousands at a time, of one tenant where one is given."""
        fields = VIEWS[view]
        columns = [column(each.name, Moment() if each.kind == "time" else None) for each in fields]
        query = select(*columns).select_from(table(view))
        if tenant:
            query = query.where(column("tenant") == tenant)
        streaming = self.connection.execution_options(stream_results=True, yield_per=self.at_once)
        for part in streaming.execute(query).partitions():
            yield [[_value(value, each.kind) for value, each in zip(row, fields, strict=True)] for row in part]


def _value(value: Any, kind: Kind) -> Any:
    """Return a value as its kind is: SQLite has numbers for yes and no, and texts for days."""
    if value is None:
        return None
    match kind:
        case "yes or no":
            return bool(value)
        case "day":
            return value if isinstance(value, date) else date.fromisoformat(value)
        case "number":
            return float(value)
        case _:
            return value
