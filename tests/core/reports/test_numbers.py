"""A summary that tells of a number which is not in the data is found out; one that rounds or translates is not."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.words import ENGLISH, words_for
from core.reports.known import known
from core.reports.numbers import Known, foreign
from core.reports.period import Period
from core.reports.report import Figure, Report, Section, Unit, shown, table

PERIOD = Period(first=date(2026, 11, 1), last=date(2026, 11, 15))
FIGURES = {
    "questions": Figure(label="questions", value=1234, before=1100),
    "agreement": Figure(label="agreement", value=0.8512, unit="share", before=0.8),
    "spent": Figure(label="spent", value=1234567.891, unit="dollars", before=None),
    "overhead": Figure(label="overhead, p95", value=1.94, unit="seconds", before=2.5),
    "none": Figure(label="none", value=None),
}
ROWS = [("openai/gpt-4o", 61, 0.31), ("local/qwen2.5", 17, 0.075), ("mistral", 8, None)]
REPORT = Report(
    kind="models",
    title="Models",
    period=PERIOD,
    made_at=datetime(2026, 11, 16, tzinfo=UTC),
    figures=FIGURES,
    sections=(
        Section(heading="m", table=table("m", [("model", "text"), ("wins", "count"), ("share", "share")], [*ROWS])),
    ),
)
KNOWN = known(REPORT)
GOOD = (
    "There were 1,234 questions, 12.2% more than before (1,100), which is 134 more.",
    "There were 1234 questions; the agreement was 85.1 %, about 85 percent, 0.85 of 1234.",
    "Agreement rose by 5.1 percentage points.",
    "It cost $1,234,567.89, or 1.2 million dollars, 1.23M no more.".replace(" 1.23M no more", ""),
    "The overhead's p95 was 1.9 s, down from 2.5 s (-22.4%).",
    "openai/gpt-4o won 61 times (31%), local/qwen2.5 17 times, which is 7.5%.",
    "From 2026-11-01 to 2026-11-15, that is 1 November to November 15th, 2026, compared with 17 October 2026.",
    "Three models were asked in the two periods of 15 days; mistral was the 3rd.",
    "1. Wins: 61.\n2. The rest: 8.",
    "None at all.",
    "The year 2026 began.",
)
BAD = {
    "There were 1,235 questions.": ("1,235",),
    "There were 1.234 questions.": ("1.234",),
    "Agreement was 86%.": ("86%",),
    "It was 1234%.": ("1234%",),
    "It cost 1.3 million dollars.": ("1.3",),
    "About 1,000 questions.": ("1,000",),
    "Between 1,234 and 5,000.": ("5,000",),
    "On 3 November all was well, and on 2026-11-02 too.": ("3 November", "2026-11-02"),
    "gpt-5 won 61 times.": ("gpt-5",),
    "Seven models were asked.": ("Seven",),
    "In 2027 it will double.": ("2027",),
    "It took ½ as long, 1/4 of it.": ("1", "4", "½"),
    "mistral came 9th.": ("9th",),
    "It was 1 of them.": ("1",),
    "٣٠ more": ("٣٠",),
}


@pytest.mark.parametrize("text", GOOD)
def test_numbers_of_the_data_are_known_however_they_are_rounded_or_named(text: str) -> None:
    assert foreign(text, KNOWN) == ()


@pytest.mark.parametrize(("text", "odd"), BAD.items())
def test_numbers_that_are_not_in_the_data_are_named(text: str, odd: tuple[str, ...]) -> None:
    assert {each.removesuffix("th") for each in foreign(text, KNOWN)} == {each.removesuffix("th") for each in odd}


@pytest.mark.parametrize(
    ("text", "odd"),
    [
        ("Es waren 1.234 Fragen, 12,2 % mehr als vorher (1.100).", ()),
        ("Das kostete 1.234.567,89 $, also 1,2 Mio. Dollar.", ()),
        ("Vom 1. November bis zum 15.11.2026 waren es 15 Tage und drei Modelle.", ()),
        ("Auf dem 3. Platz: mistral mit acht Siegen.", ()),
        ("Es waren 1,234 Fragen.", ("1,234",)),
        ("Am 2.11.2026 waren es 1.235.", ("2.11.2026", "1.235")),
        ("Es waren sieben Modelle.", ("sieben",)),
    ],
)
def test_german_numbers_are_read_as_german_writes_them(text: str, odd: tuple[str, ...]) -> None:
    assert foreign(text, KNOWN, "de") == odd


units: list[Unit] = ["count", "share", "dollars", "seconds", "hours", "per second"]
numbers = st.floats(-1e9, 1e9, allow_nan=False) | st.integers(-(10**9), 10**9)


@given(numbers, st.sampled_from(units), st.sampled_from([ENGLISH, words_for("de")]))
@example(0.0041, "dollars", ENGLISH)
@example(1234, "count", words_for("de"))
def test_whatever_dexter_shows_of_a_figure_is_known(value: float, unit: Unit, words: object) -> None:
    """Unless it is rounded to something else, as 0.04 to 0.0."""
    figure = Figure(label="it", value=value, unit=unit)
    said = shown(value, unit, words.say)  # type: ignore[attr-defined]
    odd = foreign(f"It was {said}!", known(REPORT.but(figures={"it": figure})), words.language)  # type: ignore[attr-defined]
    assert odd == () or abs(value) < (0.01 if unit == "share" else 10)


@given(st.integers(0, 10**7))
def test_a_whole_number_is_known_exactly_if_it_is_given(number: int) -> None:
    given_ = Known(frozenset({1234.0, 77.0}), frozenset(), frozenset(), frozenset(), 0)
    for written in (f"{number}", f"{number:,}"):
        assert (foreign(f"It was {written} then.", given_) == ()) is (number in (1234, 77))


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault_and_what_is_odd_stands_in_it(text: str) -> None:
    assert all(each in text or each.strip() for each in foreign(text, KNOWN))
    assert foreign(text, KNOWN, "de") is not None


@given(st.text("abcdefghij ,.!?äöü", max_size=100))
def test_a_text_without_numbers_has_none(text: str) -> None:
    assert foreign(text, KNOWN) == ()


def test_a_long_text_of_digits_is_read_in_a_moment() -> None:
    assert foreign("1,234 " * 2000 + "9" * 20_000, KNOWN) == ("9" * 20_000,)
