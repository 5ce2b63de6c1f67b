"""A tally that was computed from running programs says so, and claims no votes."""

from bot.commands.record import tabs
from bot.shapes import Foot, Part, Table
from bot.tallies import bars, caption
from bot.words import ENGLISH, Words, words_for
from core.committee.committee import Committee, Member
from core.committee.grouping import Candidate
from core.committee.tally import tally
from core.events import EXECUTED, Ballot, Standing, Tally
from tests.doubles.gallery import NAMES, RUN_EVENTS, TALLY

RAN = Tally(
    rule=EXECUTED,
    standings=(
        Standing(label="B", members=("ann", "bob"), text="x", score=0.92),
        Standing(label="A", members=("cat",), text="y", score=0.4),
    ),
    winner="B",
    voters=0,
    eligible=7,
)


def test_a_count_of_tests_reads_as_what_it_is() -> None:
    shown = bars(RAN, ENGLISH)
    assert shown.caption == "agreement of 7 tests, nobody voted"
    assert [bar.figure for bar in shown.bars] == ["92%", "40%"]
    assert "niemand hat abgestimmt" in bars(RAN, words_for("de")).caption


BALLOTS = [event.body for event in RUN_EVENTS if isinstance(event.body, Ballot)]


def parts(ballots: list[Ballot], counted: Tally, words: Words) -> tuple[Part, ...]:
    events = [RUN_EVENTS[0].but(key=str(at), body=body) for at, body in enumerate((*ballots, counted))]
    return tabs(events, words)["ballots"]


def choices(ballots: list[Ballot], counted: Tally, words: Words = ENGLISH) -> list[str]:
    (table,) = [part for part in parts(ballots, counted, words) if isinstance(part, Table)]
    return [row[1] for row in table.rows]


def feet(ballots: list[Ballot], counted: Tally, words: Words = ENGLISH) -> list[str]:
    return [part.text for part in parts(ballots, counted, words) if isinstance(part, Foot)]


def test_the_gallery_shows_what_would_really_be_counted() -> None:
    committee = Committee(name="default", members=tuple(Member(name=name, model="m") for name in NAMES))
    candidates = [Candidate(s.label, s.members, (s.label,), s.text, None) for s in TALLY.standings]
    candidates.sort()
    assert tally(BALLOTS, candidates, committee, "borda", eligible=3, seed="run") == TALLY


def test_a_count_without_votes_for_ones_own_answer_says_so_above_the_bars_and_at_each_ballot() -> None:
    """Else two ballots that name one answer first, and a winner that none of them does, look like a mistake."""
    assert "votes for one's own answer left out" in caption(TALLY, ENGLISH)
    assert "Stimmen für die eigene Antwort nicht gezählt" in caption(TALLY, words_for("de"))
    assert choices(BALLOTS, TALLY) == ["(A) > C > B", "(B) > A > C"]
    assert "In Klammern: Stimmen für die eigene Antwort, nicht gezählt." in feet(BALLOTS, TALLY, words_for("de"))
    rated = Ballot(member="Analyst", scores={"B": 3.5, "A": 9}, calls=())
    assert choices([rated], TALLY) == ["(A: 9), B: 3.5"]


def test_a_count_of_all_votes_says_nothing_of_the_kind() -> None:
    everything = TALLY.but(own_votes=True)
    assert "own answer" not in caption(everything, ENGLISH)
    assert choices(BALLOTS, everything) == ["A > C > B", "B > A > C"]
    assert feet(BALLOTS, everything) == []
