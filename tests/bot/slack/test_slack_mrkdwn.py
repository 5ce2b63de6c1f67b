"""Escaping for the fields that Slack parses, and reading what it sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.mrkdwn import cut, escape, mentions, one_line, plain, split
from tests.doubles.slack_checks import masked_links, pings


@given(st.text())
def test_escaped_text_pings_nobody_and_links_nothing(text: str) -> None:
    escaped = escape(text + "<!here> @channel <@U1> <http://a|b>" + text)
    assert pings({"text": escaped}) == []
    assert masked_links({"text": escaped}) == []
    assert "<" not in escaped


@given(st.text(alphabet="<>&;ltgamp a"))
def test_what_a_person_typed_is_read_as_they_typed_it(typed: str) -> None:
    sent = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain(sent, str, str) == typed


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("<@U1> and <@U2|ada>", "@PU1 and @ada"),
        ("<#C1> and <#C2|general> and <#C3|>", "#CC1 and #general and #CC3"),
        ("<!here> <!subteam^S1|@devs> <!date^1^{date}|today>", "@here @devs today"),
        ("<https://a.b/c> <http://a.b|a.b> <https://a.b|here>", "https://a.b/c a.b here (https://a.b)"),
        ("<mailto:a@b.c|a@b.c> <tel:1>", "a@b.c tel:1"),
        ("1 &lt; 2 &amp;&amp; <https://a.b/?x=1&amp;y=2>", "1 < 2 && https://a.b/?x=1&y=2"),
        ("&lt;@U1&gt;", "<@U1>"),
    ],
)
def test_slacks_markup_becomes_plain_words(sent: str, read: str) -> None:
    assert plain(sent, lambda user: "P" + user, lambda channel: "C" + channel) == read


def test_mentions_are_found_once_each_in_order() -> None:
    assert mentions("<@U2> <@U1|x> <@U2> <#C1|> <!here> &lt;@U9&gt;") == (["U2", "U1"], ["C1"])


@given(st.text(max_size=300), st.integers(2, 50))
def test_a_split_text_joined_again_is_the_same(text: str, most: int) -> None:
    pieces = list(split(text, most))
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= most for piece in pieces)


def test_a_cut_falls_at_a_line_or_a_word_where_there_is_one() -> None:
    assert cut("one two\nthree four", 12) == 8
    assert cut("one two three", 9) == 8
    assert cut("abcdef", 3) == 3


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text, 40)
    assert len(line) <= 40
    assert not set(line) & set("\n\r\t\x00\u2028")
