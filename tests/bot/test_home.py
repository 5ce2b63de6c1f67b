"""A person's own page: what is on it, and what is not for whom."""

from pathlib import Path

import pytest

from bot.home import home
from bot.overview import Overview
from bot.shapes import Button, Buttons, Foot, Heading, Post, Prose, Table
from bot.slack.blocks import pages
from bot.slack.home import MOST_BLOCKS, ROOM
from bot.words import ENGLISH
from core.committee.catalog import default_committee
from core.entities import Collaboration, Status
from core.events import Usage
from tests.doubles import campaign_gallery
from tests.doubles.questions import question

GOLDEN = Path(__file__).parent / "golden"


def asked(number: int, status: Status, text: str = "Should we move?") -> Collaboration:
    return question(f"k{number}", question=text, status=status).but(id=f"k3f9x2mqab{number:02}")


FULL = Overview(
    running=tuple(asked(n, Status.RUNNING) for n in range(3)),
    recent=(asked(10, Status.ANSWERED, "Which *database* [here](https://e.vil)?"), asked(11, Status.STOPPED)),
    committees=(default_committee(),),
    spent=Usage(models=3, calls=12, tokens=4120, cost=0.0041, seconds=6.2),
    spent_by_all=Usage(models=3, calls=24, tokens=9000, cost=None, seconds=12.5),
    health={"database": "SQLite", "posts": "all delivered"},
    may_ask=True,
    may_configure=True,
)


def readable(post: Post) -> str:
    """Return a post as text, one part below the other."""
    lines: list[str] = []
    for part in post.parts:
        match part:
            case Heading(text=text):
                lines += ["", f"# {text}"]
            case Prose(markdown=text):
                lines.append(text)
            case Foot(text=text):
                lines.append(f"· {text}")
            case Table(columns=columns, rows=rows):
                lines += [" | ".join(row) for row in (columns, *rows)]
            case Buttons(buttons=buttons):
                lines.append(" ".join(f"[{button.label}: {button.command}]" for button in buttons))
    return "\n".join(lines).strip() + "\n"


@pytest.mark.parametrize(("name", "seen"), [("home_full", FULL), ("home_new", Overview(may_ask=True))])
def test_it_reads_as_its_golden_file(name: str, seen: Overview) -> None:
    file = GOLDEN / f"{name}.txt"
    text = readable(home(seen, ENGLISH))
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
        pytest.fail(f"{file} was missing and has been written: read it, and keep it if it is right.")
    assert text == file.read_text()


def test_a_persons_campaigns_have_a_bar_and_the_buttons_that_make_sense() -> None:
    going = (campaign_gallery.RUNNING, campaign_gallery.PROPOSED, *[campaign_gallery.NEW] * 4)
    text = readable(home(Overview(campaigns=going), ENGLISH))
    assert "# Your campaigns" in text
    assert "Every service has a runbook** (Running)" in text
    assert "[Pause: campaign pause q7wz3kdm5yhs]" in text
    assert "[Approve: campaign approve q7wz3kdm5yhs]" in text
    assert "2 more" in text
    blocks = [block for page in pages(home(Overview(campaigns=going), ENGLISH), ROOM, "m") for block in page.blocks]
    assert len(blocks) < MOST_BLOCKS


def test_a_guest_is_offered_nothing_that_is_refused() -> None:
    post = home(Overview(recent=(asked(1, Status.ANSWERED),)), ENGLISH)
    buttons = [button for part in post.parts if isinstance(part, Buttons) for button in part.buttons]
    assert buttons == [Button("Details", "show k3f9x2mqab01")]
    assert "look after" not in readable(post)


def test_a_full_page_keeps_slacks_limit() -> None:
    many = Overview(
        running=tuple(asked(n, Status.RUNNING, "x" * 5000) for n in range(50)),
        recent=tuple(asked(n, Status.ANSWERED, "🦊*" * 900) for n in range(50)),
        committees=(default_committee(),) * 60,
        health={f"part {n}": "state" for n in range(20)},
        may_ask=True,
        may_configure=True,
    )
    laid = pages(home(many, ENGLISH), ROOM, "dexter_home")
    assert len(laid) == 1
    assert len(laid[0].blocks) <= MOST_BLOCKS
