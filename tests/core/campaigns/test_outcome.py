"""What a run came to, for its campaign."""

from typing import Any

from core.campaigns.incidents import Ended
from core.campaigns.outcome import ended
from core.campaigns.sums import Sums
from core.entities import Status
from core.events import Agreement, Answer, Happening, Tally, Usage
from core.sandbox import Outcome
from core.sentences import said as sentence
from core.skills.results import Done, Drafted, Produced
from core.skills.skill import Stage
from tests.doubles.questions import proposal, question, said

SPENT = Sums(tokens=7)
RUN = question(status=Status.ANSWERED, answer="Yes, and more")


def end(*bodies: Happening) -> Ended:
    return ended(RUN, [said(RUN, f"e{at}", body) for at, body in enumerate(bodies)], SPENT)


def answer(**changes: Any) -> Answer:
    values = {"status": Status.ANSWERED, "text": "Yes.", "how": "winner", "sources": ("ann", "bob"), "usage": Usage()}
    return Answer(**{**values, **changes})


def test_an_answer_tells_whose_it_is_and_how_far_they_agreed() -> None:
    agreement = Agreement(measure="Kendall's W", value=0.75)
    tally = Tally(rule="borda", standings=(), winner="A", voters=3, eligible=3, agreement=agreement)
    expected = Ended(
        run=RUN.id, status=Status.ANSWERED, text="Yes.", members=("ann", "bob"), agreement=0.75, spent=SPENT
    )
    assert end(proposal(), answer(tally=tally)) == expected


def test_a_run_without_an_answer_tells_why() -> None:
    none = answer(status=Status.NO_QUORUM, text="Too few answered.", how="none", sources=())
    assert end(none) == Ended(run=RUN.id, status=Status.NO_QUORUM, text="Too few answered.", spent=SPENT)


def test_what_is_dexters_own_can_be_said_in_another_language() -> None:
    few = sentence("{count} answered.", count=2)
    assert end(answer(status=Status.NO_QUORUM, text="2 answered.", sentence=few)).told == few
    more = end(answer(status=Status.NO_QUORUM, text="2 answered.\n\nann was away", sentence=few))
    assert (str(more.told), more.told and more.told.values["s0"]) == ("2 answered. ann was away", few)
    assert end(answer(text="Two did.", sentence=few)).told is None
    assert end(answer(text=f"2 answered. {'x' * 400}", sentence=few)).told is None, "too long for a post"


def test_a_draft_tells_its_version_and_whether_its_tests_hold() -> None:
    drafted = Drafted(skill="count", version="1.0.0", stage=Stage.TESTED, content="x", label="A", members=("bob",))
    found = end(answer(drafted=drafted))
    assert (found.skill, found.version, found.passed, found.members) == ("count", "1.0.0", True, ("bob",))
    assert end(answer(drafted=drafted.but(stage=Stage.DRAFT))).passed is False


def test_a_skill_that_ran_gives_what_it_gave() -> None:
    done = Done(task="run", skill="count", version="1.0.0", status=Status.DONE, text="count 1.0.0 is done.")
    gave = Produced(outcome=Outcome.EXITED, value={"wörter": 3})
    found = end(done.but(produced=gave))
    assert (found.text, found.passed, found.skill, found.status) == ('{"wörter": 3}', True, "count", Status.DONE)
    assert end(done.but(produced=gave.but(value="as it is"))).text == "as it is"
    assert end(done.but(produced=gave.but(value=None))).text == "count 1.0.0 is done."
    assert end(done.but(produced=gave, sentence=sentence(done.text))).told is None, "what it gave is not Dexter's own"
    broken = done.but(status=Status.FAILED, text="It ended with code 1", produced=gave.but(problem=sentence("No.")))
    assert (end(broken).passed, end(broken).text) == (False, "It ended with code 1")


def test_a_run_whose_journal_has_no_end_is_told_by_what_is_kept_beside_it() -> None:
    assert end(proposal()) == Ended(run=RUN.id, status=Status.ANSWERED, text="Yes, and more", spent=SPENT)
