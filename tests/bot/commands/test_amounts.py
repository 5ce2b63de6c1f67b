"""Budgets and deadlines as people type them, and what of it is refused."""

import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.amounts import budget, deadline
from core.campaigns.sums import Allowance
from core.errors import BadRequest

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("$5", {"dollars": 5.0}),
        ("$5, 200k tokens", {"dollars": 5.0, "tokens": 200_000}),
        ("5 $ und 200.000 Token", {"dollars": 5.0, "tokens": 200_000}),
        ("200 Tsd. Tokens", {"tokens": 200_000}),
        ("1.5M tokens", {"tokens": 1_500_000}),
        ("1,5 Mio. Token", {"tokens": 1_500_000}),
        ("1,234,567 tokens", {"tokens": 1_234_567}),
        ("$1,234.50", {"dollars": 1234.5}),
        ("1.234,50 USD", {"dollars": 1234.5}),
        ("$0.05", {"dollars": 0.05}),
        ("0,005 Dollar", {"dollars": 0.005}),
        ("2 h of models, 30 min sandbox", {"model_seconds": 7200.0, "sandbox_seconds": 1800.0}),
        ("90 Minuten Modelle", {"model_seconds": 5400.0}),
        ("1,000 tokens", {"tokens": 1000}),
    ],
)
def test_a_budget_is_read_as_it_was_meant(text, limits):
    assert budget(text) == Allowance(**limits)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$0", "zero or less"), ("0 tokens", "zero or less"), ("-5 $", "zero or less"), ("$-5", "zero or less"),
        ("5", "do not know the unit"), ("5 apples", "do not know the unit"), ("much", "no budget"), ("", "no budget"),
        ("5 €", "US dollars"), ("€5", "US dollars"), ("2 h", "whose time"), ("$1.000", "in two ways"),
        ("$99999999999999", "more than anybody"), ("$5 please", "know the unit"), ("tokens 5", "no budget"),
    ],
)  # fmt: skip
def test_what_is_no_budget_is_refused_with_what_to_write_instead(text, said):
    with pytest.raises(BadRequest, match=said):
        budget(text)


def test_what_is_named_changes_and_the_rest_stays():
    before = Allowance(tokens=100, dollars=2.0)
    assert budget("$5", before) == Allowance(tokens=100, dollars=5.0)
    assert budget("+$5, +50 tokens", before) == Allowance(tokens=150, dollars=7.0)
    assert budget("unbegrenzt", before) == Allowance()


@given(st.text(max_size=40))
def test_no_text_is_too_odd_for_a_budget(text):
    try:
        found = budget(text)
    except BadRequest:
        return
    assert all(value is None or value > 0 for value in found.model_dump().values())


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-12-24", datetime(2026, 12, 24, 23, 59, 59, tzinfo=UTC)),
        ("2026-12-24 17:00", datetime(2026, 12, 24, 17, 0, tzinfo=UTC)),
        ("2026-12-24T17:00Z", datetime(2026, 12, 24, 17, 0, tzinfo=UTC)),
        ("24.12.2026", datetime(2026, 12, 24, 23, 59, 59, tzinfo=UTC)),
        ("24.12.2026 um 17:00 Uhr", datetime(2026, 12, 24, 17, 0, tzinfo=UTC)),
        ("today", datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)),
        ("morgen", datetime(2026, 11, 23, 23, 59, 59, tzinfo=UTC)),
        ("in 3 days", AT + timedelta(days=3)),
        ("in 2 Wochen", AT + timedelta(days=14)),
        ("12 hours", AT + timedelta(hours=12)),
    ],
)
def test_a_deadline_is_read_as_it_was_meant(text, when):
    assert deadline(text, AT) == when


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-02-31", "never comes"), ("31.2.2027", "never comes"), ("2026-12-24 25:00", "never comes"),
        ("2026-11-21", "has passed already"), ("1.1.1999", "has passed already"), ("in 0 days", "has passed already"),
        ("soon", "no date"), ("", "no date"), ("in 3 lightyears", "no date"), ("9999-01-01", "more than ten years"),
    ],
)  # fmt: skip
def test_what_is_no_deadline_is_refused_with_what_to_write_instead(text, said):
    with pytest.raises(BadRequest, match=said):
        deadline(text, AT)


@given(st.text(max_size=40) | st.from_regex(r"in \d{1,4} (days|Wochen|months)", fullmatch=True))
def test_no_text_is_too_odd_for_a_deadline(text):
    with contextlib.suppress(BadRequest):
        assert deadline(text, AT) > AT
