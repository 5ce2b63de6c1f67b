"""The names that people choose from: what is not there is refused with the nearest that are."""

import difflib
from collections.abc import Sequence

from bot.commands.command import Desk
from core.committee.committee import Committee
from core.errors import NotFound
from core.sentences import Sentence, one_of, said

AUTO = "auto"
"""Lets Dexter pick the pattern."""


def committee_named(name: str, desk: Desk) -> Committee:
    """Return the committee of that name. Raises `NotFound`."""
    if name not in desk.committees:
        hint = nearest(name, list(desk.committees))
        raise NotFound("I know no committee “{name}”. {hint} `committee` lists them all.", name=name[:40], hint=hint)
    return desk.committees[name]


def pattern_named(name: str, desk: Desk) -> str:
    """Return the name, if it is a pattern's or `auto`. Raises `NotFound`."""
    if name != AUTO and name not in desk.patterns:
        hint = nearest(name, [*desk.patterns, AUTO])
        raise NotFound(
            "I know no pattern “{name}”. {hint} `patterns` says what each is for.", name=name[:40], hint=hint
        )
    return name


def nearest(name: str, names: Sequence[str]) -> Sentence:
    """Return the sentence that helps with a name that is not there: the nearest ones, or all."""
    near = difflib.get_close_matches(name.casefold(), names, n=3, cutoff=0.5)
    if near:
        return said("Did you mean {names}?", names=one_of(near))
    return said("Known names: {names}.", names=", ".join(sorted(names)))
