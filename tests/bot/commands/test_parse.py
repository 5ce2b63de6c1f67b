import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.parse import LONGEST, clean, parse
from bot.commands.table import COMMANDS
from core.errors import BadRequest


def read(text, *, strict=False):
    command, args = parse(text, COMMANDS, strict=strict)
    return command.name, dict(args.values)


@pytest.mark.parametrize(
    ("typed", "name", "values"),
    [
        ("ask Should we move to X?", "ask", {"question": "Should we move to X?"}),
        ("Should we move to X?", "ask", {"question": "Should we move to X?"}),
        ('ask "Should we move?"', "ask", {"question": "Should we move?"}),
        ("ask “Should we move?”", "ask", {"question": "Should we move?"}),
        (r'ask "Is \"maybe\" an answer?"', "ask", {"question": 'Is "maybe" an answer?'}),
        ("ask --pattern debate Why?", "ask", {"pattern": "debate", "question": "Why?"}),
        ("ask Why? --pattern=debate", "ask", {"pattern": "debate", "question": "Why?"}),
        ("ask Why? —pattern debate", "ask", {"pattern": "debate", "question": "Why?"}),
        ("ask don't we? --committee ops", "ask", {"committee": "ops", "question": "don't we?"}),
        ("what does git --amend do?", "ask", {"question": "what does git --amend do?"}),
        ("ask -- what does --pattern do?", "ask", {"question": "what does --pattern do?"}),
        ("ASK why?", "ask", {"question": "why?"}),
        ("/ask why?", "ask", {"question": "why?"}),
        ("ask line one\nline two", "ask", {"question": "line one\nline two"}),
        ("show k3f9", "show", {"id": "k3f9"}),
        ("show", "show", {"id": ""}),
        ('show --find "two words"', "show", {"find": "two words", "id": ""}),
        ("show me how to deploy", "ask", {"question": "show me how to deploy"}),
        ("stop using tabs everywhere?", "ask", {"question": "stop using tabs everywhere?"}),
        ("help me choose a database", "ask", {"question": "help me choose a database"}),
        ("help ask", "help", {"command": "ask"}),
        ("committee show default", "committee", {"name": "show default"}),
        ("patterns", "patterns", {}),
        ("patterns of failure in queues?", "ask", {"question": "patterns of failure in queues?"}),
        (
            "feedback k3f9 --good --comment 'well argued'",
            "feedback",
            {"good": "yes", "comment": "well argued", "id": "k3f9"},
        ),
        ("😀", "ask", {"question": "😀"}),
        ("מה כדאי לעשות?", "ask", {"question": "מה כדאי לעשות?"}),
    ],
)
def test_what_people_type_is_understood(typed, name, values):
    assert read(typed) == (name, values)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("ask", "needs a question"),
        ("statsu", "Did you mean status"),
        ("ask --patern debate why?", "Did you mean --pattern"),
        ("ask why? --pattern", "`--pattern` needs a value"),
        ("x" * (LONGEST + 1), "20,000 at most"),
    ],
)
def test_what_cannot_be_understood_is_said_in_a_sentence(typed, says):
    with pytest.raises(BadRequest, match=says):
        read(typed)


def test_the_command_line_wants_a_verb():
    with pytest.raises(BadRequest, match="I know no command"):
        read("Should we move?", strict=True)


def test_nul_and_other_control_characters_are_dropped():
    assert read("ask a\x00b\x07c\u200b?") == ("ask", {"question": "abc?"})


@given(st.text(max_size=400))
def test_any_text_is_a_command_a_question_or_a_sentence_about_it(text):
    try:
        command, args = parse(text, COMMANDS)
    except BadRequest as error:
        said = str(error)
    else:
        said = command.name
        assert all("\x00" not in value for value in args.values.values())
    assert said


@given(st.text(alphabet=st.characters(exclude_characters="-—–\"'“„«", exclude_categories=["C", "Z"]), min_size=1))
def test_a_question_behind_ask_is_kept_to_the_letter(text):
    assert read(f"ask {text}")[1]["question"] == clean(text)
