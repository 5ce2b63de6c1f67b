"""A past collaboration as a modal: a tab for each subject, pages within a view's limits."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.commands.record import ANSWER, TABS, tabs
from bot.shapes import Buttons, Heading
from bot.slack import blocks, units
from bot.slack.mrkdwn import one_line
from bot.slack.units import Block, Unit
from bot.trials import doing
from bot.words import Words
from core.events import Asked, Event
from core.skills.results import Started

ACTION = "dexter:details"
"""A button that shows a page carries `dexter:details:<tab>:<page>` and the run's id as its value."""

BLOCKS, SIZE = 80, 20_000
"""What one page holds. A view takes 100 blocks and 250 kB; a character can take 6 bytes of JSON in each UTF-16 unit."""


def details(events: Sequence[Event], tab: str, page: int, words: Words) -> dict[str, Any]:
    """Return the view of one page, counted from 0, of a tab of a run; what is out of range is taken as the nearest.

    `events` is the run's journal, at least its first event. Made for `views.open` and `views.update`; its own buttons
    ask for other pages in the way that `ACTION` says.
    """
    run, tab = events[0].run, tab if tab in TABS else ANSWER
    pages = list(units.packed(list(units.joined(_tab(events, tab, words))), BLOCKS, SIZE))
    page = min(max(page, 0), len(pages) - 1)
    return {
        "type": "modal",
        "callback_id": ACTION,
        "title": units.plain_text(one_line(words("Details"), 24)),
        "close": units.plain_text(one_line(words("Close"), 24)),
        "private_metadata": json.dumps({"run": run, "tab": tab, "page": page}),
        "blocks": [
            *_top(events, tab, words),
            *(unit.block for unit in pages[page]),
            *_turn(run, tab, page, len(pages), words),
        ],
    }


def _top(events: Sequence[Event], tab: str, words: Words) -> Iterator[Block]:
    run = events[0].run
    asked = next((event.body for event in events if isinstance(event.body, Asked | Started)), None)
    if asked:
        title = asked.question if isinstance(asked, Asked) else doing(asked, words)
        yield from (unit.block for unit in units.heading(one_line(title, units.HEADER)))
    there = tabs(events, words)
    names = {name: ("▸ " if name == tab else "") + words(label) for name, label in TABS.items() if name in there}
    made = [_button(label, run, name, 0, primary=name == tab) for name, label in names.items()]
    yield {"type": "actions", "block_id": f"{ACTION}:tabs", "elements": made}


def _turn(run: str, tab: str, page: int, pages: int, words: Words) -> Iterator[Block]:
    """Yield what turns pages, where there is more than one."""
    if pages == 1:
        return
    yield units.context(words("Page {page} of {pages}", page=page + 1, pages=pages)).block
    back = [_button("‹ " + words("Back"), run, tab, page - 1)] if page else []
    on = [_button(words("Next") + " ›", run, tab, page + 1)] if page + 1 < pages else []
    yield {"type": "actions", "block_id": f"{ACTION}:pages", "elements": back + on}


def _button(label: str, run: str, tab: str, page: int, *, primary: bool = False) -> Block:
    made: Block = {"type": "button", "action_id": f"{ACTION}:{tab}:{page}", "text": units.plain_text(label)}
    return made | {"value": run} | ({"style": "primary"} if primary else {})


def _tab(events: Sequence[Event], tab: str, words: Words) -> Iterator[Unit]:
    subjects = tabs(events, words)
    for part in subjects.get(tab, subjects[ANSWER]):
        if not isinstance(part, Heading | Buttons):  # the question stands above the tabs
            yield from blocks.plain(part, words, shut=False)
