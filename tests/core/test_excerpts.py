"""Texts made shorter, and files sharing the room there is."""

from hypothesis import given
from hypothesis import strategies as st

from core.excerpts import excerpt, opening, shares


@given(st.text(), st.integers(1, 60))
def test_an_opening_is_the_beginning_and_never_too_long(text: str, most: int) -> None:
    found = opening(text, most)
    assert text.startswith(found)
    assert len(found) <= most


def test_an_opening_ends_where_a_paragraph_a_line_a_sentence_or_a_word_does() -> None:
    assert opening("one two three.\n\nfour five six", 17) == "one two three."
    assert opening("one two three\nfour five six", 15) == "one two three"
    assert opening("one two three four five", 16) == "one two three"
    assert opening("x" * 50, 10) == "x" * 10


@given(st.text(min_size=1, max_size=300), st.integers(90, 130))
def test_an_excerpt_has_the_beginning_and_the_end_or_everything(text: str, most: int) -> None:
    found = excerpt(text, most)
    if len(text) <= most:
        assert found == text
        return
    assert len(found) <= most
    head, _, rest = found.partition("\n\n[… ")
    assert text.startswith(head)
    assert text.endswith(rest.rpartition(" …]\n\n")[2])


@given(st.lists(st.integers(0, 1000), max_size=12), st.integers(0, 3000))
def test_shares_fit_and_nobody_gets_more_than_it_needs_or_less_than_a_longer_one(sizes: list[int], room: int) -> None:
    given_ = shares(sizes, room)
    assert sum(given_) <= room
    assert all(got <= size for got, size in zip(given_, sizes, strict=True))
    if sum(sizes) <= room:
        assert given_ == sizes
    least = room // max(1, len(sizes))
    assert all(got >= min(size, least) for got, size in zip(given_, sizes, strict=True))
