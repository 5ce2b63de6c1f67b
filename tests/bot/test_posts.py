from typing import get_args

import pytest
from rich.console import Console

from bot.commands.record import record
from bot.console.show import rendered
from bot.posts import foot, render, slots
from bot.shapes import Bars, Button, Buttons, Fold, Foot, Heading, Lines, Prose
from bot.words import ENGLISH
from core.entities import Collaboration, Status, now
from core.events import Event, Happening, Usage
from tests.doubles import journal


def text(post, width=100, **kwargs):
    console = Console(width=width, no_color=True)
    with console.capture() as got:
        console.print(*rendered(post.parts, ENGLISH, **kwargs), sep="\n")
    return got.get()


def parts(post, kind):
    return [part for part in post.parts if isinstance(part, kind)]


def test_every_happening_is_rendered_or_stays_silent_on_purpose():
    union = get_args(get_args(Happening)[0]) or get_args(Happening)
    kinds = {kind.model_fields["kind"].default for kind in union}
    of_tasks = {"started", "tests", "drafted", "done", "approval"}
    of_campaigns = {"moment"}
    assert {body.kind for _, body in journal.SAID} | {"feedback"} | of_tasks | of_campaigns == kinds
    silent = {body.kind for _, body in journal.SAID if not slots(_event(body))}
    assert silent == {"tally", "dissent"}


def _event(body, address=journal.ADDRESS):
    return Event(key="k", run="r", tenant="t", address=address, at=now(), body=body)


def test_a_question_without_a_thread_is_posted_first_and_opens_one():
    asked = journal.SAID[0][1]
    assert slots(_event(asked, "slack:T1:C1")) == ("question", "progress")
    assert slots(_event(asked)) == ("progress",)
    post = render("question", journal.events("asked"), ENGLISH)
    assert post.parts == (Prose("**Ann** asks: Should we move?"),)


def test_progress_is_a_line_for_each_member_and_a_way_to_stop():
    post = render("progress", journal.events("propose:1:engineer"), ENGLISH)
    assert post.parts[0] == Heading("Proposals: 2 of 3")
    (lines,) = parts(post, Lines)
    assert [(line.who, line.state) for line in lines.lines] == [
        ("analyst", "done"), ("engineer", "done"), ("creative", "working"),
    ]  # fmt: skip
    assert parts(post, Buttons) == [Buttons((Button("Stop", "stop k3f9x2mqabcd", "danger"),))]


def test_progress_says_why_a_pattern_was_picked_and_what_went_on():
    post = render("progress", journal.events("note:1"), ENGLISH)
    (note,) = parts(post, Foot)
    assert "it weighs a decision" in note.text
    assert "median 4, from 3 to 6; not settled yet" in note.text
    assert "one more round" in note.text


def test_progress_offers_no_stop_once_it_is_over():
    post = render("progress", journal.events(), ENGLISH)
    assert post.parts[0] == Heading("Done: answered")
    assert not parts(post, Buttons)


def test_the_answer_comes_with_its_tally_its_dissent_its_absences_and_its_foot():
    post = render("answer", journal.events(), ENGLISH)
    assert post.parts[0] == Prose("Yes, move.")
    (bars,) = parts(post, Bars)
    assert bars.caption == "plurality: 3 of 3 voted · agreement 0.44 (Kendall's W)"
    assert [(bar.label, bar.share, bar.figure, bar.mark) for bar in bars.bars] == [
        ("A · analyst", 1.0, "2 votes", "winner"), ("B · engineer", 0.5, "1 vote", ""),
    ]  # fmt: skip
    (fold,) = parts(post, Fold)
    assert fold.title == "Dissent: engineer"
    assert "It works today." in fold.markdown
    said = " ".join(part.text for part in parts(post, Foot))
    assert "The winning answer, by analyst." in said
    assert "creative in vote (timeout): It did not answer within 60 s." in said
    assert "3 models, 9 calls, 4,120 tokens, $0.0041, 6.2 s" in said


@pytest.mark.parametrize(
    ("cost", "bound", "shown"),
    [
        (None, True, "price unknown"),
        (0.0, False, "tokens, $0.0000"),
        (1.5, False, "tokens, $1.5000"),
        (1.5, True, "tokens, at most $1.5000"),
    ],
)
def test_an_unknown_price_is_never_shown_as_zero(cost, bound, shown):
    assert shown in foot(Usage(models=1, calls=1, tokens=10, cost=cost, bound=bound, seconds=1), ENGLISH)


def test_a_tie_and_saved_calls_are_said():
    tally = journal.TALLY.but(tie=True, tie_broken_by="confidence", saved_calls=4, exact=False)
    answer = journal.ANSWER.but(tally=tally)
    events = [*journal.events("dissent"), _event(answer)]
    (bars,) = parts(render("answer", events, ENGLISH), Bars)
    assert "a tie, broken by confidence" in bars.caption
    assert "4 calls saved: stopped once the winner was likely enough" in bars.caption


def test_a_run_that_failed_says_so_and_asks_for_no_feedback():
    answer = journal.ANSWER.but(
        status=Status.FAILED, how="none", text="The database is away.", tally=None, dissent=None
    )
    post = render("answer", [_event(answer)], ENGLISH)
    assert post.failed
    assert [button.label for button in parts(post, Buttons)[0].buttons] == ["Details", "Again", "Again with…"]


def test_a_record_shows_everything_that_was_said_counted_and_spent():
    found = Collaboration(
        id=journal.RUN, tenant=journal.TENANT, asker="slack:U1", asker_name="Ann", address=journal.ADDRESS,
        question="Should we move?", created_at=now(), status=Status.ANSWERED,
    )  # fmt: skip
    shown = text(record(found, journal.events()), width=140, unfolded=True)
    for words in (
        "Proposal A by analyst", "Critique by analyst", "Revision B by engineer", "B > A", "70%", "clear", "$0.00100",
        "► A · analyst", "Dissent: engineer", "100 + 20", "was absent in vote (timeout)",
    ):  # fmt: skip
        assert words in shown


def test_the_terminal_shows_no_escape_sequence_and_no_masked_link_of_a_models_making():
    answer = journal.ANSWER.but(text="\x1b[2J\x1b]0;owned\x07 [safe](http://evil.example) \u202egnp.exe")
    shown = text(render("answer", [_event(answer)], ENGLISH))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "evil.example" in shown
