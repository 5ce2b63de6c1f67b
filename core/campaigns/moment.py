"""What happens in a campaign that a person may want to know of, said once."""

from typing import Literal

from core.entities import Noun
from core.sentences import Sentence

Kind = Literal[
    "begun", "planned", "approved", "rejected", "started", "met", "failed", "skipped", "split", "waiting", "answered",
    "reminded", "noted", "paused", "resumed", "stopped", "replanned", "changed", "budget", "stuck", "ended",
]  # fmt: skip


class Moment(Noun):
    """One short thing that happened."""

    kind: Literal["moment"] = "moment"
    what: Kind
    sentence: Sentence
    """Whole, for a person; what people and models wrote stands in its places."""
    objective: str = ""
    """The id of the objective that it is about."""
    person: str = ""
    """`Principal.id` of who did it, where a person did."""
    person_name: str = ""
    mention: str = ""
    """`Principal.id` of who is to be told of it by name, once."""
    run: str = ""
    """The step's run, for those who want to look closer."""
    slot: str = ""
    """Where it is posted: `post:{n}`, one post of its own; `request:{n}`, a request to a person; `digest:{n}`, one
    post with others; `answer`, the end; empty: the card alone."""
