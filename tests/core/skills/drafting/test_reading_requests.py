"""What is read out of requests and replies: examples however people write them, code, tests; and nothing breaks it."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.skills.drafting.asserts import asserts_in
from core.skills.drafting.blocks import blocks, code_in
from core.skills.drafting.cases import Case, Output, passes, shown
from core.skills.drafting.examples import examples_in
from core.skills.drafting.literals import literal_at, plain
from core.skills.drafting.wish import read_wish, signed

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
JUNK = st.text(st.sampled_from("f()[]{}'\"\\`=>-.,:#|\n 12abTrueassert➞"), max_size=200)


@pytest.mark.parametrize(
    "text",
    [
        ">>> f(2)\n4",
        ">>> f(\n...   2)\n4",
        "Squares. >>> f(2) 4",
        "f(2) == 4",
        "f(2) = 4",
        "f(2) => 4",
        "f(2) ==> 4 and so on",
        "f(2) -> 4",
        "f(2) ➞ 4",
        "f(2) → 4.",
        "f(2)  # => 4",
        "`f(2)` returns `4`",
        "f(2) should return 4",
        "f(2) is 4, of course",
        "f(2): 4",
        "assert f(2) == 4",
        "For n = 2 the output should be 4.",
        "for `n = 2` it returns 4",
        "Input: n = 2\nOutput: 4",
        "Input: 2\nOutput: 4 # because",
        "It returns 4 for 2.",
        "| n | result |\n|---|---|\n| 2 | 4 |",
    ],
)
def test_an_example_is_a_test_however_it_is_written(text: str) -> None:
    assert examples_in(text, "f", ("n",)) == (Case(arguments="2", expected="4"),)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("f([1, 2], 'a b') == {'x': [1]}", ("[1, 2], 'a b'", "{'x': [1]}")),
        ("f(k=3) == None", ("k=3", "None")),
        ("f(abcd) => true", ("'abcd'", "True")),
        ("f((1, 'it\\'s')) ➞ -1.5", ('(1, "it\'s")', "-1.5")),
        (">>> f([])\n>>> f([1])\n1", ("[]", "None")),
    ],
)
def test_values_of_every_kind_are_read(text: str, wanted: tuple[str, str]) -> None:
    first = examples_in(text, "f", ())[0]
    assert (first.arguments, first.expected) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "f(2) + f(3) == 5 + x",
        "f(2) = 1 + 3",
        "f(2) == f(3)",
        "f(x + 1) == 4",
        "see f(2), and 4 more",
        "g(2) == 4",
        "f(2) is even",
        "f(__import__('os').system('x')) == 4",
    ],
)
def test_what_is_no_example_is_none(text: str) -> None:
    assert examples_in(text, "f", ("n",)) == ()


def test_a_formula_in_the_text_is_no_example_of_a_function_that_gives_a_list() -> None:
    text = "f(1) = 3\nf(4) = 3\nExamples:\nf(3) = [1, 3, 2, 8]"
    assert [case.arguments for case in examples_in(text, "f", ("n",))] == ["3"]


@given(VALUES, VALUES)
def test_every_value_that_a_call_and_its_result_can_have_survives(given_: object, gives: object) -> None:
    if "\n" in repr(given_) + repr(gives):
        return
    found = examples_in(f"f({given_!r}) == {gives!r}", "f", ())
    assert found == (Case(arguments=repr(given_), expected=repr(gives)),)


@given(JUNK)
def test_no_text_breaks_what_reads_it(text: str) -> None:
    for case in (*examples_in(text, "f", ("n",)), *examples_in(text, "", ()), *asserts_in(text, "f", "ann", 5)):
        assert ast.parse(f"f({case.arguments})")
        assert plain(case.expected) == case.expected
    for part in blocks(text):
        assert part in text
    code = code_in(text, "f")
    assert code is None or ast.parse(code)
    read_wish(text)
    assert literal_at(text) is None or plain(literal_at(text)[0])  # type: ignore[index]


def test_a_huge_request_is_read_in_no_time() -> None:
    text = "f(" * 50_000 + "def g(x):\n" + "((((" * 20_000 + ">>> f(1)\n" * 5_000
    assert len(examples_in(text, "f", ())) <= 40
    read_wish(text)


def test_a_program_with_a_gap_is_read_as_one_with_what_stands_around_it() -> None:
    wish = read_wish(
        "import math\n\ndef root(x):\n    return math.sqrt(x)\n\n"
        "def f(n: int) -> int:\n    '''Twice.\n    >>> f(2)\n    4\n    '''\n"
    )
    assert (wish.name, wish.parameters, wish.bare) == ("f", ("n",), True)
    assert "def root" in wish.around
    assert "def f" not in wish.around
    assert len(wish.examples) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Please fill this:\n```python\ndef f(n):\n    '''Twice.'''\n```\nThanks!",
        "Fill this:\n\ndef f(n):",
        "def f(n): ...",
    ],
)
def test_a_gap_inside_a_letter_is_found(text: str) -> None:
    assert read_wish(text).name == "f"


def test_words_alone_have_no_signature_until_the_chair_writes_one() -> None:
    wish = read_wish("Count the words: count_words('a b') == 2")
    assert (wish.stub, wish.name) == ("", "count_words")
    reply = (
        "```python\ndef tally(text: str) -> int:\n    '''Words.\n    >>> tally('x')\n    1\n    '''\n    return 0\n```"
    )
    told, theirs = signed(wish, reply)
    assert told.name == "count_words"
    assert told.examples == (Case(arguments="'a b'", expected="2"),)
    assert theirs == (Case(arguments="'x'", expected="1"),)
    assert "return 0" not in told.stub
    assert signed(wish, "I cannot.") == (wish, ())


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("assert f(2) == 4", "f(2) == 4"),
        ("assert 4 == f(2), 'why'", "f(2) == 4"),
        ("assert f(2) is None", "f(2) == None"),
        ("assert f('a')", "f('a')"),
        ("assert not f('a')", "not f('a')"),
        ("assert abs(f(2) - 0.5) < 1e-6", "f(2) ≈ 0.5"),
        ("assert math.isclose(f(2), 0.5, rel_tol=1e-9)", "f(2) ≈ 0.5"),
        ("- `assert f(2) == 4`", "f(2) == 4"),
        ("1. assert f(2) == 4;", "f(2) == 4"),
    ],
)
def test_an_assert_is_read_however_it_is_put(line: str, wanted: str) -> None:
    assert [shown(case, "f") for case in asserts_in(line, "f", "ann", 5)] == [wanted]


@pytest.mark.parametrize(
    "line",
    [
        "assert g(2) == 4",
        "assert f(x) == f(y)",
        "assert f(2) == os.getcwd()",
        "assert True",
        "f(2) == 4",
        "assert f(2) > 1",
    ],
)
def test_what_is_no_test_of_the_function_is_passed_over(line: str) -> None:
    assert asserts_in(line, "f", "ann", 5) == ()


def test_what_came_with_the_request_may_stand_in_a_test() -> None:
    (case,) = asserts_in("assert f(g('a', 2)) == 'a'", "f", "ann", 5, frozenset(["g"]))
    assert case.arguments == "g('a', 2)"
    assert asserts_in("assert f(h('a')) == 'a'", "f", "ann", 5, frozenset(["g"])) == ()


def test_one_broken_line_costs_one_test_and_no_more_are_taken_than_wanted() -> None:
    reply = "```python\nassert f(1) == 1\nassert f(2 == 2\nassert f(3) == 3\nassert f(3) == 3\n" + "".join(
        f"assert f({n}) == 0\n" for n in range(10, 30)
    )
    found = asserts_in(reply, "f", "ann", 5)
    assert [case.arguments for case in found] == ["1", "3", "10", "11", "12"]
    assert {case.by for case in found} == {"ann"}


def test_of_a_reply_the_function_is_kept_and_what_tries_it_out_is_not() -> None:
    code = "import re\nN = 3\nX = f(2)\ndef f(n):\n    return n\n\nprint(f(1))\nif True:\n    f(3)\n"
    reply = f"Sure!\n```python\n{code}```\nEnjoy."
    assert code_in(reply, "f") == "import re\nN = 3\n\ndef f(n):\n    return n\n"


@pytest.mark.parametrize(
    "reply",
    [
        "def f(n):\n    return n",
        "```\ndef f(n):\n    return n",
        "~~~py\ndef f(n):\n    return n\n~~~",
        "````python\ndef f(n):\n    return n\n````",
        "```python\ndef f(n):\n    return n\n\ndef g(\n",
    ],
)
def test_code_is_found_without_a_whole_fence_too(reply: str) -> None:
    assert code_in(reply, "f") == "def f(n):\n    return n\n"


@pytest.mark.parametrize(
    "reply", ["", "No.", "```python\ndef g(n):\n    return n\n```", "def f(n):\n    'Only words.'"]
)
def test_a_reply_without_the_function_has_no_code(reply: str) -> None:
    assert code_in(reply, "f") is None


@given(VALUES)
def test_a_value_passes_the_test_that_expects_it(value: object) -> None:
    from_it = Case(arguments="", expected=repr(value))
    assert passes(from_it, _gave(repr(value)))
    assert not passes(from_it, _gave(repr([value, "other"])))
    assert not passes(from_it, _gave("<object at 0x7f>"))


def _gave(value: str) -> Output:
    return Output(value=value)
