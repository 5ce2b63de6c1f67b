"""What people read of skills: matrices, tests, results and reviews, whatever a skill has put into them."""

import base64
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot.commands.record import record, tabs
from bot.console.show import rendered
from bot.discord.render import render as for_discord
from bot.home import home
from bot.overview import Overview
from bot.posts import render, slots
from bot.results import LARGEST, attached, valued
from bot.shapes import Attached, Buttons, Fold, Foot, Heading, Prose, Table
from bot.slack.blocks import pages
from bot.slack.outgoing import ROOMS
from bot.trials import matrix
from bot.words import ENGLISH
from core.entities import Collaboration, Status, Task, now
from core.sandbox import Outcome
from core.sentences import said
from core.skills.results import Produced, Review, TestResult, TestRun, Yield
from tests.bot.discord.test_discord_render import harmless, sent, taken
from tests.doubles import skill_gallery as gallery
from tests.doubles.discord_checks import texts
from tests.doubles.skill_gallery import done, gave, started, told, trial
from tests.doubles.slack_checks import masked_links, pings, refusal


def parts(post, kind):
    return [part for part in post.parts if isinstance(part, kind)]


def commands(post):
    return [button.command for part in parts(post, Buttons) for button in part.buttons]


def test_candidate_by_test_is_a_narrow_table_with_the_tests_named_below():
    table, names = matrix([trial("A", "ppfp"), trial("B", "pes")], ENGLISH)
    assert table == Table(
        ("candidate", "1", "2", "3", "4", "passed"),
        (("A", "✓", "✓", "✗", "✓", "3 of 4"), ("B", "✓", "!", "–", "·", "1 of 3")),
    )
    assert names.text.startswith("1: test_weekends_are_left_out · 2: ")


def test_many_tests_are_counted_and_the_first_that_failed_are_named():
    (table,) = matrix([trial("A", "ffffppppp", names=gallery.MANY)], ENGLISH)
    assert table.columns == ("candidate", "passed", "failed")
    assert table.rows[0][1] == "5 of 9"
    assert table.rows[0][2].endswith("+1")
    assert max(len(row) for row in table.rows) <= 6


def test_a_test_that_several_members_wrote_counts_once():
    (table, _) = matrix([trial("A", "pfp", names=("same", "same", "other"))], ENGLISH)
    assert table.rows == (("A", "✗", "✓", "1 of 2"),)


def test_a_candidate_that_never_ran_says_why():
    broken = TestRun(subject="C", problem=said("It does not start."))
    *_, why = matrix([trial("A", "p"), broken], ENGLISH)
    assert why == Foot("C: It does not start.")
    assert matrix([broken], ENGLISH)[0].rows == (("C", "none ran", "–"),)


def test_the_table_grows_with_the_draft_and_stays_once_it_is_done():
    before = render("progress", gallery.told(*gallery.DRAFT[:4]), ENGLISH)
    after = render("progress", gallery.told(*gallery.DRAFT), ENGLISH)
    over = render("progress", gallery.told(*gallery.DRAFT, gallery.ANSWER), ENGLISH)
    assert [len(parts(post, Table)) for post in (before, after, over)] == [0, 1, 1]
    assert commands(over) == []


def test_a_draft_can_be_tested_promoted_shown_and_run_and_any_answer_made_a_skill():
    made = commands(render("answer", told(*gallery.DRAFT, gallery.ANSWER), ENGLISH))
    assert made[:4] == [f"skill {verb} report-days 0.1.0" for verb in ("test", "promote", "show", "run")]
    plain = told(*gallery.DRAFT, gallery.ANSWER.but(drafted=None))
    assert f"skill draft --from {gallery.RUN}" in commands(render("answer", plain, ENGLISH))
    none = told(*gallery.DRAFT, gallery.ANSWER.but(drafted=None, how="none"))
    assert not any("skill" in command for command in commands(render("answer", none, ENGLISH)))


def test_a_task_without_a_thread_opens_one_and_can_be_stopped():
    event = told(started("run"))[0]
    assert slots(event) == ("progress",)
    assert slots(event.but(address="slack:T1:C1")) == ("question", "progress")
    question = render("question", told(started("run")), ENGLISH)
    assert question.parts == (Prose("**Ada Lovelace** runs report-days 0.1.0"),)
    progress = render("progress", told(started("run")), ENGLISH)
    assert progress.parts[0] == Heading("Running report-days 0.1.0")
    assert commands(progress) == [f"stop {gallery.RUN}"]


def test_tests_that_failed_come_first_with_the_end_of_what_they_said():
    post = gallery.POSTS["skill_test_failed"]
    (table,) = parts(post, Table)
    assert table.rows[0][:2] == ("test_the_last_day_counts", "✗ failed")
    assert "assert 21 == 20" in parts(post, Fold)[0].markdown
    assert post.failed


def test_a_promotion_that_was_refused_in_its_second_round_shows_that_round():
    rounds = (trial("x 1.0.0", "pppp"), trial("x 1.0.0", "pfpp", round=2))
    post = render("answer", told(started("promote"), done("promote", "No.", passed=False, tests=rounds)), ENGLISH)
    assert parts(post, Table)[0].rows[0][1] == "✗ failed"
    assert [foot.text[:8] for foot in parts(post, Foot)[:2]] == ["✓ 4 of 4", "✗ 3 of 4"]


def test_a_review_says_what_is_new_in_bold_and_asks_a_person_once():
    post = gallery.POSTS["skill_review"]
    assert any("**network:holidays.example.com**" in part.markdown for part in parts(post, Prose))
    assert ("secret:HOLIDAY_KEY", "as before") in parts(post, Table)[0].rows
    assert commands(post) == [f"skill approve {gallery.RUN}", f"skill approve {gallery.RUN} --deny"]
    approved = gallery.POSTS["skill_review_approved"]
    assert commands(approved) == []
    assert parts(approved, Foot)[-1] == Foot("Approved by Grace Hopper.")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("some *text*", Prose("some *text*")),
        (21, Prose("**21**")),
        (False, Prose("**false**")),
        (None, Prose("It gave nothing.")),
        ({"a": 1, "b": "x"}, Table(("name", "value"), (("a", "1"), ("b", "x")))),
        ([{"a": 1}, {"b": None}], Table(("a", "b"), (("1", ""), ("", "null")))),
        ([1, [2]], Prose("```json\n[\n  1,\n  [\n    2\n  ]\n]\n```")),
    ],
)
def test_a_value_is_shown_as_what_it_is(value, shown):
    assert valued(value, ENGLISH) == [shown]


@pytest.mark.parametrize("value", ["x" * 9000, [{"n": n} for n in range(90)], [[n] * 30 for n in range(200)]])
def test_what_is_too_long_for_a_thread_goes_along_as_a_file(value):
    *_, file = valued(value, ENGLISH)
    assert isinstance(file, Attached)
    whole = file.content.decode()
    assert whole == value or json.loads(whole) == value


def test_files_get_names_that_nothing_stumbles_over_and_what_is_too_large_is_named():
    small = base64.b64encode(b"x").decode()
    names = ("../../etc/passwd", "a b.png", "a b.png", "\\\\host\\share\\c.txt", "…", "@everyone <!here>.csv")
    files = tuple(Yield(name=name, media="text/plain", data=small) for name in names)
    found = [part.name for part in attached(Produced(files=files), ENGLISH) if isinstance(part, Attached)]
    assert found == ["passwd", "a_b.png", "a_b-2.png", "c.txt", "_", "_everyone_here_.csv"]
    huge = Yield(name="huge.bin", media="x/y", data=base64.b64encode(b"x" * (LARGEST + 1)).decode())
    broken = Yield(name="broken", media="x/y", data="%%%")
    (foot,) = attached(Produced(files=(huge, broken)), ENGLISH)
    assert foot == Foot("Too large or too many to be shown here: huge.bin, broken.")


def test_what_went_wrong_is_said_once_with_what_it_printed():
    post = gallery.POSTS["skill_run_late"]
    assert parts(post, Prose) == [Prose("It took longer than 60 s and was stopped.")]
    assert "still counting" in parts(post, Fold)[0].markdown
    assert post.failed
    assert post.state is Status.FAILED


def test_a_record_of_a_task_has_its_tests_and_neither_buttons_nor_other_subjects():
    rounds = (trial("x 1.0.0", "pppp"), trial("x 1.0.0", "pppp", round=2))
    events = told(started("promote"), *rounds, gallery.PROMOTED, gallery.YES)
    assert list(tabs(events)) == ["answer", "tests", "copy"]
    task = Task(kind="promote", skill="x", version="1.0.0")
    asked = Collaboration(
        id=gallery.RUN, tenant=gallery.TENANT, asker="slack:U1", asker_name="Ada", address=gallery.ADDRESS,
        question="skill promote x", created_at=now(), task=task,
    )  # fmt: skip
    whole = record(asked, events)
    assert parts(whole, Buttons) == []
    assert "committee" not in parts(whole, Foot)[0].text
    page = home(Overview(recent=(asked.but(status=Status.DONE),), may_ask=True), ENGLISH)
    assert f"again {gallery.RUN} --choose" not in commands(page)


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["@everyone", "<!channel>", "<@U1>", "<@123>", "[safe](http://evil.example)", "```", "> quote", "|a|b|",
         "# heading", "-# small", "||spoiler||", "https://discord.gg/x", "\x1b[2J", "\u202egnp", "`" * 7, "<#C1|x>",
         "<!subteam^S1>", "steam://run", "*" * 30, "line\nline", "\x00", "&lt;!here&gt;"]
    ),
    st.text(alphabet="@<>!*_`[]()|#\n:/", max_size=200),
)  # fmt: skip


OUTCOMES = st.sampled_from(["passed", "failed", "error"])


@st.composite
def ends(draw):
    """Return a run, tests and a review that a hostile skill has written all over."""
    word = draw(HOSTILE)
    results = tuple(
        TestResult(
            name=draw(HOSTILE), outcome=draw(st.sampled_from(["passed", "failed", "error"])), output=draw(HOSTILE)
        )
        for _ in range(draw(st.integers(0, 7)))
    )
    tests = TestRun(subject=word, results=results)
    value = draw(
        st.one_of(
            HOSTILE,
            st.dictionaries(HOSTILE, HOSTILE, max_size=5),
            st.lists(st.dictionaries(HOSTILE, HOSTILE, max_size=3), max_size=4),
            st.just(word * 400),
        )
    )
    file = Yield(name=draw(HOSTILE), media=draw(HOSTILE), data=base64.b64encode(b"\x89PNG\r\n\x1a\n").decode())
    produced = Produced(outcome=Outcome.EXITED, value=value, output=draw(HOSTILE), files=(file,))
    review = Review(content="c", before=word, permissions=(word,), added=(word,), lines=tuple(draw(st.lists(HOSTILE))))
    return tests, [gave(produced=produced), done("promote", word, passed=True, tests=(tests,), review=review)]


@settings(max_examples=25, deadline=None)
@given(ends())
def test_nothing_that_a_skill_writes_pings_breaks_a_limit_or_injects_markup(made):
    tests, dones = made
    posts = [render("progress", told(*gallery.DRAFT, tests), ENGLISH)]
    posts += [render("answer", told(started(end.task), end), ENGLISH) for end in dones]
    for post in posts:
        for room in ROOMS[:2]:
            for page in pages(post, room, "m"):
                message = {"text": page.text, "blocks": list(page.blocks)}
                assert refusal(message) == ""
                assert pings(message) == []
                assert masked_links(message) == []
        sheet = for_discord(post)
        taken(sheet)
        for text in texts(sent(sheet)):
            harmless(text)
        console = Console(width=90, no_color=True)
        with console.capture() as read:
            console.print(*rendered(post.parts, ENGLISH, unfolded=True), sep="\n")
        assert not re.search(r"[\x1b\u202e\x00]", read.get())
