"""What a run came to, for the campaign that it is a step of: read from its journal, the same however often."""

import json
from collections.abc import Sequence

from core.campaigns.incidents import Ended
from core.campaigns.stages import SHORT
from core.campaigns.sums import Sums
from core.campaigns.verdicts import clean
from core.entities import Collaboration, Status
from core.events import Answer, Event
from core.sandbox import Outcome
from core.sentences import Sentence, joined, said
from core.skills.results import Done
from core.skills.skill import Stage

TRIED = (Stage.TESTED, Stage.PROMOTED)


def ended(asked: Collaboration, history: Sequence[Event], spent: Sums) -> Ended:
    """Return the end of a run that is over; what its last words tell of it, else what is kept beside them."""
    bodies = (event.body for event in reversed(history))
    match next((body for body in bodies if isinstance(body, Answer | Done)), None):
        case Answer() as answer:
            return _answered(asked, answer, spent)
        case Done() as done:
            return _done(asked, done, spent)
        case _:
            return Ended(run=asked.id, status=asked.status, text=asked.answer, spent=spent)


def _answered(asked: Collaboration, answer: Answer, spent: Sums) -> Ended:
    agreement = answer.tally.agreement.value if answer.tally and answer.tally.agreement else None
    end = Ended(
        run=asked.id,
        status=answer.status,
        text=answer.text,
        told=_own(answer.text, answer.sentence),
        members=answer.sources,
        agreement=agreement,
        tie=answer.tally is not None and answer.tally.tie,
        spent=spent,
    )
    if drafted := answer.drafted:
        end = end.but(
            skill=drafted.skill, version=drafted.version, members=drafted.members, passed=drafted.stage in TRIED
        )
    return end


def _done(asked: Collaboration, done: Done, spent: Sums) -> Ended:
    end = Ended(
        run=asked.id, status=done.status, text=done.text, told=_own(done.text, done.sentence), skill=done.skill,
        version=done.version, passed=done.passed, spent=spent,
    )  # fmt: skip
    if (produced := done.produced) is None:
        return end
    held = produced.problem is None and produced.outcome is Outcome.EXITED and done.status is Status.DONE
    gave = produced.value if isinstance(produced.value, str) else json.dumps(produced.value, ensure_ascii=False)
    end = end.but(passed=held)
    return end.but(text=gave, told=None) if held and produced.value is not None else end


def _own(text: str, sentence: Sentence | None) -> Sentence | None:
    """Return `text` so that other languages can say it, where it begins with Dexter's own and is fit for a post."""
    if sentence is None or not text.startswith(str(sentence)) or clean(text, SHORT) != text:
        return None
    rest = text.removeprefix(str(sentence)).strip()
    return joined([sentence, said("{rest}", rest=rest)]) if rest else sentence
