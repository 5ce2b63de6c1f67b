"""What people read of campaigns, in Slack, in Discord and in the terminal: readable, so read the golden files.

    DEXTER_GOLDEN=renew .venv/bin/pytest tests/bot/test_campaign_posts.py -n 0

writes them anew; look at the difference before you keep it.
"""

import os
from pathlib import Path

import pytest
from rich.console import Console

from bot.campaign_card import MOST, card
from bot.campaign_posts import digest, request
from bot.console.show import show
from bot.discord.render import render
from bot.shapes import Buttons, Foot, Lines, Mention, Prose
from bot.slack.blocks import pages
from bot.slack.outgoing import ROOMS
from bot.words import ENGLISH
from core.campaigns.campaign import Course, Stage
from tests.bot.discord.test_discord_render import sent
from tests.doubles import campaign_gallery as gallery
from tests.doubles.campaign_gallery import POSTS
from tests.doubles.discord_checks import texts
from tests.doubles.discord_shown import shown
from tests.doubles.slack_checks import invites, masked_links, pings, refusal
from tests.doubles.slack_transcript import block

GOLDEN = Path(__file__).parent / "golden" / "campaigns"
CALLS = {"request_plan", "request_person", "request_budget", "request_harmful"}
"""The posts that call somebody by name."""


def agree(name, text):
    file = GOLDEN / name
    if os.environ.get("DEXTER_GOLDEN") == "renew":
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    assert file.exists(), f"{file} is missing: renew the golden files, and read it."
    assert text == file.read_text(), f"{file} differs: if the new text is right, renew the golden files."


def in_slack(post, room=ROOMS[0]):
    laid = pages(post, room, "dexter_post/m")
    assert [refusal({"text": page.text, "blocks": list(page.blocks)}) for page in laid] == [""] * len(laid)
    return "\n=====\n".join("\n".join(map(block, page.blocks)) for page in laid)


def in_the_terminal(post):
    console = Console(width=100, color_system=None, force_terminal=False)
    with console.capture() as captured:
        show(post, console, unfolded=True)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


@pytest.mark.parametrize("name", sorted(POSTS))
def test_a_post_reads_everywhere_as_its_golden_file_says(name):
    post = POSTS[name]
    faces = {
        "Slack": in_slack(post),
        "Slack, without its newer blocks": in_slack(post, ROOMS[1]),
        "Discord": shown(sent(render(post, "#abcdefgh"))).rstrip(),
        "the terminal": in_the_terminal(post),
    }
    agree(f"{name}.txt", "\n\n".join(f"───── {face} ─────\n{text}" for face, text in faces.items()) + "\n")


@pytest.mark.parametrize("name", sorted(POSTS))
def test_nobody_is_called_but_who_is_asked_and_nothing_that_people_wrote_does_anything(name):
    for room in (ROOMS[0], ROOMS[1]):
        for page in pages(POSTS[name], room, "m"):
            message = {"text": page.text, "blocks": list(page.blocks)}
            assert pings(message) == (["user"] if name in CALLS else [])
            assert masked_links(message) == []
            assert invites(message) == []
    sheet = render(POSTS[name], "#abcdefgh")
    assert sheet.calls == ()
    assert "\x1b" not in in_the_terminal(POSTS[name])


def test_in_discord_who_is_asked_is_called_in_the_notification_too():
    asked = gallery.PLANNED.but(mention="discord:4711")
    sheet = render(request(gallery.PROPOSED, 1, [asked], ENGLISH), "#abcdefgh")
    assert sheet.calls == (4711,)
    assert sheet.notice.startswith("<@4711> Here is the plan.")
    assert texts(sent(sheet))[0].startswith("<@4711>")


def buttons(post):
    return [button.label for part in post.parts if isinstance(part, Buttons) for button in part.buttons]


def test_a_card_has_the_buttons_that_make_sense_where_the_campaign_stands():
    seen = {course: buttons(card(gallery.RUNNING.but(course=course), ENGLISH, gallery.AT)) for course in Course}
    assert seen[Course.PLANNING] == ["Stop", "Gantt chart", "Log"]
    assert seen[Course.PROPOSED] == ["Approve", "Reject…", "Edit…", "Plan", "Log"]
    assert seen[Course.RUNNING] == seen[Course.HELD] == ["Pause", "Stop", "Gantt chart", "Log"]
    assert seen[Course.PAUSED] == ["Resume", "Stop", "Gantt chart", "Log"]
    assert seen[Course.MET] == seen[Course.FAILED] == seen[Course.STOPPED] == ["Gantt chart", "Log", "Start anew"]
    assert max(map(len, seen.values())) <= 5


def test_the_card_of_a_long_plan_shows_what_matters_now_and_counts_the_rest():
    post = card(gallery.LARGE, ENGLISH, gallery.AT)
    (lines,) = (part.lines for part in post.parts if isinstance(part, Lines))
    assert len(lines) == MOST
    assert {line.state for line in lines} == {"working"}, "those at work, and those that wait for somebody"
    (counts,) = (part.text for part in post.parts if isinstance(part, Foot) and "more:" in part.text)
    assert counts.startswith("488 more: ")
    numbers = [int("".join(filter(str.isdigit, word))) for word in counts.split(": ")[1].split(", ")]
    assert sum(numbers) == 488


@pytest.mark.parametrize("stage", Stage)
def test_every_stage_has_a_line(stage):
    one = gallery.RUNNING.but(objectives=(gallery.objective("1", "One", stage),))
    assert in_the_terminal(card(one, ENGLISH, gallery.AT))


def test_a_digest_keeps_the_newest_and_says_where_the_rest_is():
    post = digest(gallery.ID, gallery.MANY, ENGLISH)
    assert post.parts[0] == Foot(f"10 more before that: campaign log {gallery.ID}")
    assert isinstance(post.parts[1], Prose)
    assert post.parts[1].markdown.count("\n- ") + 1 == 20


def test_a_request_that_was_answered_calls_nobody_and_has_no_buttons():
    for name in ("request_plan_approved", "request_person_answered"):
        assert not [part for part in POSTS[name].parts if isinstance(part, Buttons | Mention)]


def test_a_request_that_became_needless_says_so():
    post = request(gallery.OVER, 2, [gallery.QUESTION], ENGLISH)
    assert "nobody needs to answer any more" in in_the_terminal(post)
