"""What a model thinks before it speaks is no part of what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.litellm.thoughts import Aloud, aloud

PIECES = st.lists(st.sampled_from(["<", "think", "ing", ">", "</", "\n", " ", "so", "Canberra"]), max_size=30)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think>Sydney? No.</think>\n\nCanberra.", "Canberra."),
        ("\n<thinking>Sydney? No.</thinking> Canberra.", "Canberra."),
        ("Sydney? No.\n</think>\n\nCanberra.", "Canberra."),  # the prompt ended in the opening tag
        ("<think>Sydney? No, it must be", ""),
        ("<think></think>Canberra.", "Canberra."),
        ("Canberra.", "Canberra."),
        ("  a < b, and <b>so</b> on", "  a < b, and <b>so</b> on"),
        ("Put it between `<think>` and `</think>`.", "Put it between `<think>` and `</think>`."),
        ("<think>a</think> The tag is </think>.", "The tag is </think>."),
        ("", ""),
    ],
)
def test_thoughts_before_the_answer_are_left_out(text: str, said: str) -> None:
    assert aloud(text) == said


@given(PIECES)
def test_what_is_heard_in_pieces_is_what_is_said_in_the_end(pieces: list[str]) -> None:
    heard: list[str] = []
    ear = Aloud(heard.append)
    for piece in pieces:
        ear.hear(piece)
    whole, said = "".join(pieces), aloud("".join(pieces))
    if "</think" in whole and not whole.lstrip().startswith(("<think>", "<thinking>")):
        return  # that the reply began with thoughts shows only where they end
    assert said.startswith("".join(heard))
    assert "".join(heard).strip() == said.strip() or "<think>".startswith(said.strip()) or "<thinking>".startswith(said)


def test_nothing_is_heard_of_thoughts_however_their_tags_are_cut() -> None:
    for size in range(1, 9):
        text = "<think>Sydney? <b>No</b>.</think>\n\nCanberra. It was <b>built</b> for it."
        heard: list[str] = []
        ear = Aloud(heard.append)
        for at in range(0, len(text), size):
            ear.hear(text[at : at + size])
        assert "".join(heard) == "Canberra. It was <b>built</b> for it."
