"""Markdown written anew: it says the same, and whatever a model has put in it, it masks nothing and calls nobody."""

import re
from urllib.parse import unquote

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.slack.markdown import elements
from bot.slack.rich import words
from bot.slack.source import source
from bot.slack.speech import MOST, PATIENCE, Speech
from tests.bot.slack.test_slack_blocks import HOSTILE, MARKDOWN, hostile
from tests.doubles.slack_checks import invites, masked_links, pings


def harmless(written: str) -> bool:
    message = {"blocks": [{"type": "markdown", "text": written}]}
    return (pings(message), masked_links(message), invites(message)) == ([], [], [])


def letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text)


def read(markdown: str) -> str:
    """Return what a reader of Markdown sees, addresses as they are."""
    tokens = MarkdownIt("commonmark", {"html": False}).enable("strikethrough").parse(markdown)
    flat = [child for token in tokens for child in token.children or [token]]
    shown = [None, *flat]
    return "".join(
        str(one.attrs["href"]) if one.type == "link_open" else one.content
        for before, one in zip(shown, flat, strict=False)
        if before is None or before.type != "link_open"
    )


@settings(deadline=None, max_examples=150)
@given(hostile)
@example("@channel_")
def test_nothing_in_it_is_a_models_own_mark_up(markdown: str) -> None:
    assert harmless(source(elements(markdown)))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from([*HOSTILE[:-6], "a", "1", "\n", " ", "_", "*", "b"]), max_size=30).map("".join))
def test_no_letter_is_lost(markdown: str) -> None:
    made = elements(markdown)
    assert letters(unquote(read(source(made)))) == letters(unquote("".join(map(words, made))))


def test_it_reads_as_the_text_that_it_was_made_from() -> None:
    assert source(elements(MARKDOWN)).replace("\u2060", "") == WRITTEN


WRITTEN = """\
**A** ***heading***

Text with **bold**, *italic*, ~~struck~~ and `code`, a link (<https://a.example/x_y>) and <https://b.example/z>.

- one
    - deeper, **bold**
- two
3. three
4. four

> quoted
> • with an item

```
print("<b> & *not bold*")
```

```
rule   votes
─────  ─────
Borda  4
```

Ask <!channel> and <@U1> at me@example.com."""


@settings(deadline=None, max_examples=80)
@given(st.lists(st.text(alphabet="abc`\n -*", max_size=60), max_size=12))
def test_a_fence_never_ends_before_its_code(lines: list[str]) -> None:
    code = "\n".join(line.replace("\n", " ") for line in lines)
    tokens = MarkdownIt("commonmark").parse(source(elements(f"~~~~\n{code}\n~~~~")))
    assert {token.type for token in tokens} == {"fence"}


@settings(deadline=None, max_examples=100)
@given(hostile, st.lists(st.integers(1, 200), min_size=1, max_size=40))
def test_words_that_come_in_any_portions_are_harmless_and_bounded(markdown: str, portions: list[int]) -> None:
    speech, said, at = Speech(), "", 0
    for size in portions:
        said += speech.hear(markdown[at : at + size])
        at += size
    said += speech.hear(markdown[at:] + "\n\n")
    assert harmless(said)
    assert len(said) <= MOST + 10


def test_words_that_become_too_many_end_with_where_the_rest_is() -> None:
    speech = Speech()
    speech.rest = "(the whole answer follows below)"
    said = "".join(speech.hear(f"Paragraph {n} of an answer.\n\n") for n in range(500))
    assert speech.full
    assert said.endswith("Paragraph 299 of an answer.\n\n … (the whole answer follows below)")


def test_words_wait_for_the_end_of_a_paragraph_or_of_a_sentence_of_a_long_one() -> None:
    speech = Speech()
    assert speech.hear("One sentence. Another") == ""
    assert speech.hear(" one.\n\nNext") == "One sentence. Another one.\n\n"
    assert speech.hear(" and on" * (PATIENCE // 6)) == ""
    assert speech.hear(". Then **bo").endswith("on. ")
    assert speech.hear("ld**.\n\n") == "Then **bold**.\n\n"


def test_words_inside_a_fence_wait_for_its_end() -> None:
    speech = Speech()
    assert speech.hear("```py\na = 1\n\nb = 2\n") == ""
    assert speech.hear("```\n\n") == "```\na = 1\n\nb = 2\n```\n\n"
