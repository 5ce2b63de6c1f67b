"""Ballots: what a voter is shown, the shape of its structured reply, and the way back from shown letters to labels.

A ballot is the voter's own structured reply and nothing else: a line `VOTE: A` inside an answer is only text.
"""

import math
import random
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from core.committee.grouping import Candidate
from core.errors import ModelGarbage

Kind = Literal["ranking", "approved", "scores"]
KINDS: Mapping[str, Kind] = {"approval": "approved", "score": "scores"}
"""What a rule asks of a voter; every other rule reads a ranking."""
TOP = 10.0
REASON = 200
"""Characters of a reason; held short because a small model pays for each of them in seconds."""
TOKENS = 120
"""Tokens of a ballot, besides those for its letters."""
_NOUN = r"\b(?:answer|option|proposal|candidate|response|solution|choice|antwort|vorschlag|lösung)e?[ns]?\s+[(\"'*]*"
_VERB = r"\s+(?:is|has|was|gives|provides|covers|explains|does|ist|hat|gibt)\b"
_NAMED = re.compile(
    rf"(?i:{_NOUN})(?P<after>[A-Z]{{1,2}}(?:(?:,| and| or| und| oder) [A-Z]{{1,2}})*)\b(?![+#])"
    rf"|\A(?P<first>[A-Z]{{1,2}})(?=[:,]|{_VERB})"
)
"""A letter that can only be one of those shown: after what it is, or as the subject of all of it. Any other may be a
word (“vitamin C”) and stays."""


class Sheet(NamedTuple):
    """What one voter is shown: its own letters for the candidates, in its own order."""

    kind: Kind
    letters: dict[str, str]
    """Shown letter to candidate's label, in the order in which they are shown."""

    @property
    def tokens(self) -> int:
        """Return how many tokens the reply may take."""
        return TOKENS + 8 * len(self.letters)


class Say(NamedTuple):
    """What a voter said, in candidates' labels."""

    ranking: tuple[tuple[str, ...], ...] = ()
    scores: dict[str, float] = {}
    confidence: float = 1.0
    reason: str = ""


def kind_of(rule: str) -> Kind:
    """Return what kind of ballot `rule` reads."""
    return KINDS.get(rule, "ranking")


def letters(count: int) -> list[str]:
    """Return `count` letters: A to Z, then AA, AB and so on."""
    return [(chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26) for at in range(count)]


def sheet(rule: str, candidates: Sequence[Candidate], seed: str, *, backwards: bool = False) -> Sheet:
    """Return the sheet of one voter: candidates in an order drawn from `seed`, or that order backwards."""
    order = [candidate.label for candidate in candidates]
    random.Random(seed).shuffle(order)
    shown = order[::-1] if backwards else order
    return Sheet(kind_of(rule), dict(zip(letters(len(shown)), shown, strict=True)))


def schema(sheet: Sheet) -> dict[str, Any]:
    """Return the JSON Schema of the reply to a sheet. The decision comes first, so that a cut reply still has it."""
    shown = list(sheet.letters)
    decision: dict[str, Any] = {
        "type": "array",
        "items": {"type": "string", "enum": shown},
        "minItems": 1,
        "maxItems": len(shown),
    }
    if sheet.kind == "scores":
        score = {"type": "number", "minimum": 0, "maximum": TOP}
        decision = _closed(dict.fromkeys(shown, score))
    confidence = {"type": "number", "minimum": 0, "maximum": 1}
    return _closed({sheet.kind: decision, "confidence": confidence, "reason": {"type": "string", "maxLength": REASON}})


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def instruction(sheet: Sheet) -> str:
    """Return the words that ask for this ballot."""
    what = {
        "ranking": '"ranking": the letters, best first',
        "approved": '"approved": the letters of every answer that is good enough',
        "scores": '"scores": for each letter a number from 0 (useless) to 10 (perfect)',
    }[sheet.kind]
    return (
        f"Vote as one JSON object: {what}; "
        '"confidence": from 0 to 1, how sure you are; "reason": why the first is best, at most 15 words.'
    )


def read(data: Any, sheet: Sheet) -> Say:
    """Return what a reply says, translated back to labels.

    Letters that were not shown are passed over, and of a letter named twice the first place counts. Raises
    `ModelGarbage` where no letter is left.
    """
    if not isinstance(data, Mapping):
        raise ModelGarbage("The ballot is not a JSON object.")
    ranking: tuple[tuple[str, ...], ...] = ()
    scores: dict[str, float] = {}
    if sheet.kind == "scores":
        scores = _scores(data.get("scores"), sheet)
    else:
        ranking = _ranking(data.get(sheet.kind), sheet)
    if not ranking and not scores:
        raise ModelGarbage("The ballot names none of the letters that were shown.")
    return Say(ranking, scores, _confidence(data.get("confidence")), _reason(data.get("reason"), sheet))


def _ranking(said: Any, sheet: Sheet) -> tuple[tuple[str, ...], ...]:
    named = said if isinstance(said, list) else [said]
    known = dict.fromkeys(
        sheet.letters[letter] for letter in named if isinstance(letter, str) and letter in sheet.letters
    )
    if sheet.kind == "approved":
        return (tuple(known),) if known else ()
    return tuple((label,) for label in known)


def _scores(said: Any, sheet: Sheet) -> dict[str, float]:
    if not isinstance(said, Mapping):
        return {}
    return {
        label: min(TOP, max(0.0, float(said[letter])))
        for letter, label in sheet.letters.items()
        if _number(said.get(letter))
    }


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _confidence(value: Any) -> float:
    """Read 0 to 1; a percentage is understood, anything else says nothing and so is a half."""
    if not _number(value) or value < 0 or value > 100:
        return 0.5
    return float(value) if value <= 1 else float(value) / 100


def _reason(value: Any, sheet: Sheet) -> str:
    """Return a reason on one line; the voter's own letters in it, which nobody else knows, become labels."""
    if not isinstance(value, str):
        return ""

    def labelled(named: re.Match[str]) -> str:
        start, end = named.span(named.lastgroup or 0)
        letters = re.sub(r"[A-Z]{1,2}", lambda one: sheet.letters.get(one[0], one[0]), named.string[start:end])
        return named.string[named.start() : start] + letters + named.string[end : named.end()]

    return _NAMED.sub(labelled, " ".join(value.split())[:REASON])[:REASON]


def merge(one: Say, other: Say) -> Say:
    """Return one ballot from the same voter's two, given in opposite orders: each counts half.

    A candidate's place is the mean of its two places (below all where unranked), and equal means are a tie: a voter
    that only ever takes what it sees first ends in a tie between both.
    """
    labels = list(dict.fromkeys(label for say in (one, other) for tier in say.ranking for label in tier))
    places = {label: _place(one, label) + _place(other, label) for label in labels}
    tiers = tuple(tuple(label for label in labels if places[label] == at) for at in sorted(set(places.values())))
    scores = {
        label: (one.scores.get(label, 0.0) + other.scores.get(label, 0.0)) / 2
        for label in {**one.scores, **other.scores}
    }
    return Say(tiers, scores, (one.confidence + other.confidence) / 2, one.reason or other.reason)


def _place(say: Say, label: str) -> int:
    return next((at for at, tier in enumerate(say.ranking) if label in tier), len(say.ranking))
