"""The window of a past question: every tab, every page, within a view's limits."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.details import TABS, details
from bot.words import ENGLISH
from core.events import Event
from tests.bot.slack.test_slack_blocks import hostile
from tests.doubles import gallery, journal
from tests.doubles.slack_checks import pings, view_refusal
from tests.doubles.slack_transcript import block


def run(said: list[str]) -> list[Event]:
    """Return a run whose members say these things."""
    events = journal.events()
    spoken = [e for e in events if e.key.startswith(("propose:", "critique:"))]
    more = [e.but(key=f"{e.key}:{n}", body=e.body.but(text=text)) for n, text in enumerate(said) for e in spoken]
    return [*events[:-1], *more, events[-1].but(body=events[-1].body.but(text="".join(said) or "."))]


@settings(deadline=None, max_examples=40)
@given(st.lists(hostile, max_size=4), st.sampled_from([*TABS, "nonsense"]), st.integers(-2, 400))
def test_whatever_was_said_slack_takes_the_window_and_nobody_is_called(said: list[str], tab: str, page: int) -> None:
    view = details(run(said), tab, page, ENGLISH)
    assert view_refusal(view) == ""
    assert pings(view) == []


def test_every_page_is_reached_by_its_buttons_and_together_they_hold_everything() -> None:
    events = run([f"Paragraph {n}. " + "All work and no play. " * 60 for n in range(60)])
    read, at, pages = "", "dexter:details:proposals:0", 0
    while at:
        view = details(events, "proposals", int(at.rpartition(":")[2]), ENGLISH)
        buttons = [b for block in view["blocks"] if block["type"] == "actions" for b in block["elements"]]
        assert {button["value"] for button in buttons} == {journal.RUN}
        at = next((b["action_id"] for b in buttons if b["text"]["text"].startswith("Next")), "")
        read += "\n".join(map(block, view["blocks"]))
        pages += 1
    assert pages > 3
    assert [n for n in range(60) if f"Paragraph {n}." not in read] == []
    assert json.loads(view["private_metadata"]) == {"run": journal.RUN, "tab": "proposals", "page": pages - 1}


def test_the_tab_that_is_open_is_marked_by_a_sign_and_not_by_colour_alone() -> None:
    (tabs,) = [b for b in details(gallery.RUN_EVENTS, "cost", 0, ENGLISH)["blocks"] if b["type"] == "actions"]
    assert [b["text"]["text"] for b in tabs["elements"] if b.get("style")] == ["▸ Cost"]


def test_a_run_that_has_just_begun_has_a_window_too() -> None:
    for tab in TABS:
        assert view_refusal(details(journal.events("asked"), tab, 0, ENGLISH)) == ""
