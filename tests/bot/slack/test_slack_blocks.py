"""Posts as Block Kit: every limit kept, nothing lost, nothing that pings or hides where it leads."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.shapes import Bar, Bars, Button, Buttons, Fold, Foot, Heading, Line, Lines, Post, Prose, Table, plain
from bot.slack.blocks import Room, pages
from bot.slack.markdown import elements
from bot.slack.outgoing import ROOMS
from bot.slack.rich import words
from tests.doubles.slack_checks import inline, invites, masked_links, pings, refusal
from tests.doubles.slack_transcript import block

HOSTILE = [
    *("<!channel>", "<!here>", "<!everyone>", "<@U1>", "<#C1>", "<!subteam^S1>", "@channel", "@here", "@everyone"),
    *("<http://evil.example|good.example>", "[good.example](http://evil.example)", "[<!here>](http://evil.example)"),
    *("[https://good.example](https://evil.example)", "![x](http://evil.example/p.png)", "<https://auto.example>"),
    *("[good][1]\n\n[1]: https://evil.example", "\\[good](https://evil.example)", "]", "(", "[", "](", "[good]"),
    *("https://join.slack.com/t/evil/shared_invite/zt-1", "discord.gg/evil", "[x](https://discord.com/invite/evil)"),
    *("javascript:alert(1)", "[a](javascript:alert(1))", "https://a.b/@here", "https://x.y/\u202egpj.exe"),
    *(
        "```",
        "`",
        "**",
        "__",
        "~~",
        "> ",
        "- ",
        "1. ",
        "# ",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "***",
        "\\",
        "&lt;!here&gt;",
    ),
    *(
        "&amp;",
        "<",
        ">",
        "\x00",
        "\x1b[31m",
        "\u202e",
        "\u2066",
        "\ud800",
        "\r\n",
        "\n\n",
        "👩‍👩‍👧‍👦",
        "🇩🇪",
        "é" * 3,
        "שלום",
        "\U000e0041",
    ),
    *("a" * 3001, "x" * 100_000, "😀" * 3000, "word " * 800, "line\n" * 400, "- item\n" * 300),
]
hostile = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=40), max_size=12).map("".join)
short = st.lists(st.sampled_from(HOSTILE[:-6]) | st.text(max_size=20), max_size=4).map("".join)
parts = st.one_of(
    st.builds(Heading, hostile),
    st.builds(Prose, hostile),
    st.builds(Foot, hostile),
    st.builds(Fold, short, hostile),
    st.builds(
        Lines,
        st.lists(st.builds(Line, st.sampled_from(["waiting", "done"]), short, hostile, short, short), max_size=5).map(
            tuple
        ),
    ),
    st.builds(Bars, short, st.lists(st.builds(Bar, hostile, st.floats(), short, short), max_size=4).map(tuple)),
    st.builds(Buttons, st.lists(st.builds(Button, hostile, hostile), max_size=7).map(tuple)),
    st.integers(1, 4).flatmap(
        lambda n: st.builds(Table, st.tuples(*[short] * n), st.lists(st.tuples(*[hostile] * n), max_size=3).map(tuple))
    ),
)
posts = st.lists(parts, max_size=6).map(lambda p: Post(tuple(p)))


def strings(thing: Any) -> list[str]:
    if isinstance(thing, str):
        return [thing]
    values = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, list | tuple) else ()
    return [text for value in values for text in strings(value)]


@settings(deadline=None, max_examples=60)
@given(posts, st.sampled_from(ROOMS))
def test_whatever_is_posted_slack_takes_it(post: Post, room: Room) -> None:
    for page in pages(post, room, "dexter_post/abc:answer"):
        body = {"text": page.text, "blocks": list(page.blocks)}
        assert refusal(body) == ""
        assert len(page.text) <= room.words
        if room.words <= 4000:
            assert refusal(body, edit=True) == ""


@settings(deadline=None, max_examples=60)
@given(posts, st.sampled_from(ROOMS[:2]))
def test_nothing_that_a_model_writes_pings_anyone_or_hides_a_link(post: Post, room: Room) -> None:
    for page in pages(post, room, "mark"):
        body = {"text": page.text, "blocks": list(page.blocks)}
        assert pings(body) == []
        assert masked_links(body) == []
        assert invites(body) == []
        assert not [
            e for e in inline(page.blocks) if e["type"] == "link" and not re.match("https?://|mailto:", e["url"])
        ]
        shown = "".join(strings(page.blocks)) + page.text
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", shown)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(alphabet="abc déö漢字😀", min_size=1, max_size=300), min_size=1, max_size=60))
def test_no_word_is_lost_however_long_the_text(paragraphs: list[str]) -> None:
    text = "\n\n".join(f"{n}x {p.strip()}." for n, p in enumerate(paragraphs))
    shown = "".join("".join(page.text.split()) for page in pages(plain(text), ROOMS[0], "m"))
    shown = re.sub(r"Part\d+of\d+:continuedinthenextmessage\.", "", shown)
    assert shown == "".join(text.split())


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 9000), st.sampled_from(["word ", "漢", "👩‍👩‍👧‍👦", "🇩🇪", "e\u0301", "line\n"]))
def test_a_text_is_cut_between_what_a_reader_sees_as_characters(count: int, unit: str) -> None:
    whole = (unit * count).strip()
    pieces = [words(element) for element in elements(whole)]
    assert "".join("".join(pieces).split()) == "".join(whole.split())
    for piece in pieces:
        assert not piece.strip() or (piece.strip() + " ").replace("\n", " ").replace(unit.strip(), "").strip() == ""


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(alphabet="abc <>&`*_", max_size=80), min_size=1, max_size=200))
def test_a_long_fence_stays_monospaced_and_is_cut_between_lines(lines: list[str]) -> None:
    code = "\n".join(line + "." for line in lines)
    made = elements(f"````py\n{code}\n````")
    assert {e["type"] for e in made} == {"rich_text_preformatted"}
    assert "".join(map(words, made)) == code
    assert all(words(e).endswith("\n") for e in made[:-1])


def test_markdown_is_shown_in_slacks_own_shapes() -> None:
    page = pages(plain(MARKDOWN), ROOMS[1], "m")[0]
    assert "\n".join(map(block, page.blocks)) == SHOWN


MARKDOWN = """## A *heading*
Text with **bold**, _italic_, ~~struck~~ and `code`, [a link](https://a.example/x_y) and https://b.example/z.

- one
  - deeper, **bold**
- two

3. three
4. four

> quoted
> - with an item

```py
print("<b> & *not bold*")
```

| rule | votes |
|------|------:|
| Borda | 4 |

Ask <!channel> and <@U1> at me@example.com."""

SHOWN = """\
*A **_heading_*

Text with *bold*, _italic_, ~struck~ and `code`, a link (https://a.example/x_y) and https://b.example/z.
• one
    • deeper, *bold*
• two
3. three
4. four
> quoted
> • with an item
│ print("<b> & *not bold*")
│ rule   votes
│ ─────  ─────
│ Borda  4
Ask <\u2060!channel> and <\u2060@U1> at me@example.com."""


def test_a_fold_shows_its_beginning_and_says_how_much_more_there_is() -> None:
    folded = Fold("Dissent: engineer", "because " * 200)
    closed = pages(Post((folded, Buttons((Button("Details", "show x"),)))), ROOMS[1], "m")[0].text
    assert re.search(r" … \(\d+ more characters: see the buttons\)", closed)
    assert pages(Post((folded,)), ROOMS[0], "m")[0].text.count("because") == 200


def test_a_button_with_too_long_a_command_says_what_to_type() -> None:
    post = Post((Buttons((Button("Again", "again " + "x" * 3000), Button("Stop", "stop r", "danger"))),))
    page = pages(post, ROOMS[0], "m")[0]
    assert [b["type"] for b in page.blocks] == ["actions", "context"]
    assert "Again: type again xxx" in page.text
    assert page.blocks[0]["elements"][0]["style"] == "danger"


@pytest.mark.parametrize(("share", "cells"), [(0.0, 0), (0.5, 6), (1.0, 12), (7.0, 12), (-1.0, 0), (float("nan"), 0)])
def test_a_bar_is_as_long_as_its_share(share: float, cells: int) -> None:
    text = pages(Post((Bars("", (Bar("A", share, "1 vote"),)),)), ROOMS[0], "m")[0].text
    assert text.count("█") == cells


def test_a_tally_lines_up_and_marks_its_winner_in_words() -> None:
    bars = Bars("Borda: 3 of 3 voted", (Bar("A · 漢字", 1.0, "4 points", "winner"), Bar("B · Ada", 0.3, "1 point", "")))
    text = pages(Post((bars,)), ROOMS[0], "m")[0].text
    assert text == (
        "Borda: 3 of 3 voted\n\nA · 漢字  ████████████  4 points  ★ winner\nB · Ada   ███▋          1 point"
    )


def test_a_table_that_is_too_wide_becomes_a_list() -> None:
    wide = "w" * 80
    two = Post((Table(("name", "what it is"), (("panel", wide), ("solo", "one model"))),))
    assert pages(two, ROOMS[0], "m")[0].text == f"panel\n  {wide}\n\nsolo\n  one model"
    three = Post((Table(("name", "votes", "text"), (("A", "3", wide),)),))
    assert pages(three, ROOMS[0], "m")[0].text == f"A\n  votes: 3\n  text: {wide}"


def test_an_empty_post_is_not_refused() -> None:
    for post in (Post(()), plain(""), Post((Lines(()), Table((), ()), Heading(" "), Bars("\x1b", ())))):
        page = pages(post, ROOMS[0], "m")[0]
        assert refusal({"text": page.text, "blocks": list(page.blocks)}) == ""
