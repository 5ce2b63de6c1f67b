"""What went on in a collaboration, a subject at a time: a message with tabs and pages that one person sees."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.commands.record import ANSWER, TABS, tabs
from bot.discord.layout import IN_A_ROW, blocks_of
from bot.discord.sheet import Item, Key, Row, Rule, Sheet, Text
from bot.discord.split import size
from bot.shapes import Button, Part
from bot.words import Words
from core.events import Event

PAGE, ON_A_PAGE = 3400, 10
"""Characters and texts of a page; Discord takes 4,000 and, with the lines between them, 20."""
_ASKED = re.compile(r"show (?P<run>\w+)(?: --tab (?P<tab>[a-z]+))?(?P<here> --page (?P<page>\d{1,5})| --here)?")


@dataclass(frozen=True, slots=True)
class Turn:
    """What a button opens."""

    run: str
    tab: str = ANSWER
    page: int = 0
    here: bool = False
    """In place of the page that it stands on."""


def asked(command: str) -> Turn | None:
    """Return what a button opens; `None` where it stands for something else."""
    found = _ASKED.fullmatch(command)
    return Turn(found["run"], found["tab"] or ANSWER, int(found["page"] or 0), bool(found["here"])) if found else None


def details(events: Sequence[Event], tab: str, page: int, words: Words) -> Sheet:
    """Return one page of one tab of a run; the nearest there is to what was asked for."""
    return pages(events[0].run, tabs(events, words), tab, page, words)


def pages(run: str, by_tab: Mapping[str, tuple[Part, ...]], tab: str, page: int, words: Words) -> Sheet:
    """Return one page of one tab, with buttons to the others."""
    tab = tab if tab in by_tab else next(iter(by_tab))
    found = _paged(by_tab[tab], words)
    page = min(page, len(found) - 1)
    rows = [*_tabs(run, by_tab, tab, words)]
    if len(found) > 1:
        rows.append(_turns(f"show {run} --tab {tab}", page, len(found), words))
    return Sheet((Text(_title(run, tab, page, len(found), words)), Rule(), *found[page], Rule(), *rows))


def _title(run: str, tab: str, page: int, of: int, words: Words) -> str:
    title = f"### {words(TABS[tab])}\n-# {run}"
    return title + " · " + words("page {page} of {pages}", page=page + 1, pages=of) if of > 1 else title


def _tabs(run: str, by_tab: Mapping[str, tuple[Part, ...]], here: str, words: Words) -> Iterator[Row]:
    keys = [
        Key(
            Button(words(TABS[tab]), f"show {run} --tab {tab} --here", "primary" if tab == here else "plain"),
            off=tab == here,
        )
        for tab in by_tab
    ]
    for start in range(0, len(keys), IN_A_ROW):
        yield Row(tuple(keys[start : start + IN_A_ROW]))


def _turns(command: str, page: int, of: int, words: Words) -> Row:
    """Return the way to the pages before and after; what one is sent stays the same, wherever one is."""
    return Row(
        (
            Key(Button("◀ " + words("Back"), f"{command} --page {max(page - 1, 0)}"), off=page == 0),
            Key(Button(words("Next") + " ▶", f"{command} --page {page + 1}"), off=page == of - 1),
        )
    )


def _paged(parts: Sequence[Part], words: Words) -> list[tuple[Item, ...]]:
    """Return the pages of a tab, one at least: parts in order, broken where they are too long."""
    texts = [text for block in blocks_of(parts, words) for text in block.cut(PAGE)] or ["…"]
    found: list[list[str]] = [[]]
    used = 0
    for text in texts:
        if found[-1] and (used + size(text) > PAGE or len(found[-1]) == ON_A_PAGE):
            found.append([])
            used = 0
        found[-1].append(text)
        used += size(text)
    return [tuple(item for text in page for item in (Rule(), Text(text)))[1:] for page in found]
