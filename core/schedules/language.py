"""From the words people use to a rule: `every weekday at 9`, `am letzten Werktag des Monats`, `cron 0 9 * * 1-5`.

Nothing is guessed: clause after clause is taken off the text, and a part that no clause takes is named in the error.
"""

import re
from collections.abc import Sequence

from core.errors import BadRequest
from core.schedules.clauses import CLAUSES
from core.schedules.cron import cron
from core.schedules.draft import Draft, Setting
from core.schedules.lexicon import Lexeme, lexemes
from core.schedules.rule import Rule
from core.sentences import said

LONGEST = 300
"""Characters of a time."""
EXAMPLES = said("For example: `every Monday 9:00`, `on the last business day of the month at 10` or `tomorrow 14:00`.")
_CRON = re.compile(r"\s*(?:cron\s+)?(?P<fields>[\d*][\w*/,-]*(?:\s+[\w*/,#-]+){4})(?P<rest>\s.*|$)", re.DOTALL | re.I)


def understood(text: str, setting: Setting) -> Rule:
    """Return the rule that a text means. Raises `BadRequest`, naming the part that is not understood."""
    if len(text) > LONGEST:
        raise BadRequest("That is too long for a time. {examples}", examples=EXAMPLES)
    draft = Draft(setting, setting.zone)
    found = _CRON.fullmatch(text) if "*" in text or text.lower().lstrip().startswith("cron") else None
    if found:
        rest = _zone_first(list(lexemes(found["rest"])), draft)
        _read(rest, draft, text)
        return _with_cron(found["fields"], draft, text)
    pieces = list(lexemes(text))
    if not pieces:
        raise BadRequest("When? {examples}", examples=EXAMPLES)
    _read(_zone_first(pieces, draft), draft, text)
    return draft.rule(text)


def _zone_first(pieces: list[Lexeme], draft: Draft) -> list[Lexeme]:
    """Read the zone before all else, so that `tomorrow` is tomorrow there; return the pieces as they are."""
    for at, piece in enumerate(pieces):
        if piece.meaning.startswith("z"):
            _clause(pieces[at : at + 1], draft)
        elif " ".join(each.meaning for each in pieces[at : at + 2]).startswith("in ?"):
            holidays = at and pieces[at - 1].meaning == "holiday"  # there it says whose
            _clause([] if holidays else pieces[at:], draft)
    return pieces


def _read(pieces: Sequence[Lexeme], draft: Draft, text: str) -> None:
    while pieces:
        taken = _clause(pieces, draft)
        if not taken:
            raise _lost(pieces, draft, text)
        pieces = pieces[taken:]


def _clause(pieces: Sequence[Lexeme], draft: Draft) -> int:
    """Take the first clause off, and return how many pieces it is; 0 where none fits."""
    meant = " ".join(piece.meaning for piece in pieces) + " "
    for pattern, take in CLAUSES:
        found = pattern.match(meant)
        if found and found.end() and (taken := _count(pieces, found.end())):
            take(draft, found)
            return taken
    return 0


def _count(pieces: Sequence[Lexeme], length: int) -> int:
    """Return how many pieces have so many letters of meaning; 0 where that ends within one."""
    for at, piece in enumerate(pieces, 1):
        length -= len(piece.meaning) + 1
        if length <= 0:
            return at if length == 0 else 0
    return 0


def _lost(pieces: Sequence[Lexeme], draft: Draft, text: str) -> BadRequest:
    """Return the error that names the part which no clause takes."""
    until = 1
    while until < len(pieces) and not _tried(pieces[until:], draft):
        until += 1
    part = " ".join(piece.typed for piece in pieces[:until])
    return BadRequest(
        "I do not understand “{part}” in “{text}”. {examples}", part=part[:60], text=text[:100], examples=EXAMPLES
    )


def _tried(pieces: Sequence[Lexeme], draft: Draft) -> bool:
    try:
        return _clause(pieces, Draft(draft.setting, draft.zone)) > 0
    except BadRequest:
        return True


def _with_cron(fields: str, draft: Draft, text: str) -> Rule:
    """Return the rule of a cron line with what was said behind it. Raises `BadRequest`."""
    made = cron(fields)
    if draft.times or draft.step or draft.weekdays or draft.dates or draft.unit:
        raise BadRequest("A cron line says all the times by itself: leave the others out.")
    draft.times, draft.again = list(made.minutes), True
    rest = draft.rule(text)
    whole = rest.but(
        steady=made.steady, weekdays=made.weekdays, monthdays=made.monthdays, months=made.months, either=made.either
    )
    return Draft(draft.setting, draft.zone).anchored(whole, text)
