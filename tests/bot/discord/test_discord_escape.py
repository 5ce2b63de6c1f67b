import re
import unicodedata

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.discord.escape import bare, clean, in_span, markdown_line, plain
from bot.discord.split import pieces, size
from tests.doubles.discord_markdown import Marks, parse

NASTY = st.sampled_from(
    ["@everyone", "@here", "<@123>", "<@!123>", "<@&5>", "<#9>", "</x:12>", "<t:1>", "<:a:1>", "[a](https://e.vil)",
     "[a](<https://e.vil>)", "](", "[", "\\", "\\[", "`", "``", "```", "```py", "~~~", "\n", "> ", ">>> ", "# ", "-# ",
     "**", "*", "_", "__", "||", "|", "~~", "https://a.b/c", "https://a.b/`", "http://x)", "steam://run",
     "discord.gg/x", "discord.com/invite/x", "(http://x)", "- ", "1. ", " ", "word", "é", "e\u0301", "👩‍👩‍👧",
     "\u202e", "\x00", "\u200b", "\r"]
)  # fmt: skip
HOSTILE = st.lists(st.one_of(NASTY, NASTY, NASTY, st.text(max_size=5)), max_size=60).map("".join)


def harmless(text: str) -> None:
    marks = parse(text)
    assert marks == Marks(), text
    assert "@everyone" not in text.lower()
    assert "@here" not in text.lower()
    assert not re.search(r"discord\.gg/|discord(?:app)?\.com/invite/", text, re.IGNORECASE)
    assert not [c for c in text if unicodedata.category(c) == "Cc" and c != "\n" and c != "\t"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
    text.encode()


@settings(deadline=None)
@given(HOSTILE)
def test_no_markdown_of_a_model_pings_hides_or_breaks_out(text: str) -> None:
    for piece in pieces(text, 300):
        harmless(piece)


@settings(deadline=None)
@given(HOSTILE)
def test_what_is_literal_has_no_markup_at_all(text: str) -> None:
    harmless(f"**{plain(text)}**")
    assert "\n" not in bare(text)
    assert "`" not in in_span(text)


@settings(deadline=None)
@given(HOSTILE, st.integers(200, 600))
def test_no_piece_is_too_long_and_every_code_block_is_closed(text: str, limit: int) -> None:
    for piece in pieces(text, limit):
        assert size(piece) <= limit
        assert sum(line.startswith("```") for line in piece.split("\n")) % 2 == 0


@settings(deadline=None)
@given(
    st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=900), max_size=30),
    st.integers(200, 600),
)
def test_no_letter_is_lost_in_a_split(words: list[str], limit: int) -> None:
    text = " ".join(words)
    assert "".join("".join(pieces(text, limit)).split()) == "".join(clean(text).split())


def test_a_model_keeps_its_bold_lists_and_code() -> None:
    text = "**Yes**, because:\n- it is *fast*\n- `x[i](y)` works\n```python\nprint('`<b>`')\n```\nDone."
    assert list(pieces(text, 1900)) == [text]


def test_a_heading_becomes_bold_and_a_link_shows_where_it_goes() -> None:
    assert markdown_line("## Plan #1") == "**Plan \\#1**"
    assert markdown_line("see [our site](https://evil.example/a).") == "see [our site] (<https://evil.example/a>)."


def test_emphasis_cannot_swallow_the_back_tick_of_a_code_span_with_a_link_in_it() -> None:
    assert parse("**x `y** [t](http://e.vil)`").links, "the double sees the trick"
    harmless("\n".join(pieces("**x `y** [t](http://e.vil)`", 300)))


def test_long_lines_are_cut_between_words_and_never_inside_a_link_an_emoji_or_a_letter_with_an_accent() -> None:
    link = "https://example.com/" + "a" * 60
    parts = list(pieces(" ".join(["word", link, "👩‍👩‍👧", "e\u0301"] * 40), 300))
    assert "".join(parts).count(f"<{link}>") == 40
    assert "".join(parts).count("👩‍👩‍👧") == 40
    assert not [part for part in parts if unicodedata.combining(part[0]) or part[0] == "\u200d" or part[-1] == "\u200d"]


def test_a_code_block_that_goes_on_is_opened_again_in_its_language() -> None:
    first, *rest = pieces("```python\n" + "x = 1  # comment\n" * 60 + "```", 400)
    assert first.startswith("```python\n")
    assert all(part.startswith("```python\n") and part.endswith("\n```") for part in rest)


def test_a_hostile_line_of_a_hundred_thousand_characters_costs_no_time() -> None:
    for text in ("https://" + ")" * 100_000 + "a", "#" * 100_000 + "x", "`a" * 50_000, "[" * 100_000, "**" * 50_000):
        assert all(size(piece) <= 1900 for piece in pieces(text, 1900))


SCRIPTS = ["👩‍👩‍👧", "🇩🇪", "🇫🇷", "👍🏽", "e\u0301", "नि", "क्षि", "각", "가", "ש", "a", "é", " ", "𐀀", "1️⃣", "ก็"]


@settings(deadline=None)
@given(st.lists(st.sampled_from(SCRIPTS), min_size=1, max_size=400).map("".join), st.integers(200, 300))
def test_nothing_that_is_seen_as_one_character_is_parted(text: str, limit: int) -> None:
    seen = [cluster for cluster in regex.findall(r"\X", clean(text)) if cluster.strip()]
    shown = [cluster for piece in pieces(text, limit) for cluster in regex.findall(r"\X", piece) if cluster.strip()]
    assert shown == seen


@settings(deadline=None)
@given(st.lists(st.one_of(st.just("https://zz.y/" + "c" * 90), NASTY, st.text(max_size=40)), max_size=20))
def test_no_address_is_cut_so_that_it_would_lead_elsewhere(words: list[str]) -> None:
    for piece in pieces(" ".join(words), 300):
        for link in regex.findall(r"<(https?://zz\.y/c*)", piece):
            assert link == "https://zz.y/" + "c" * 90


def test_an_address_that_is_longer_than_a_message_is_no_link() -> None:
    for piece in pieces("https://a.b/" + "c" * 3000, 1000):
        assert parse(piece) == Marks()
        assert "<http" not in piece


def test_no_way_of_writing_an_invitation_can_be_followed() -> None:
    for host in (
        "discord.gg",
        "DISCORD.GG",
        "discord%2Egg",
        "discord。gg",
        "ｄｉｓｃｏｒｄ.gg",
        "discord%2egg",
        "dsc.gg",
    ):
        (shown,) = pieces(f"Join https://{host}/abc now", 300)
        assert "<http" not in shown, shown
    for path in ("discord.com/invite/a", "discord.com/%69nvite/a", "ptb.discord.com//invite/a"):
        (shown,) = pieces(f"https://{path}", 300)
        assert "<http" not in shown, shown
