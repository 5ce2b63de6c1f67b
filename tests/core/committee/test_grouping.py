"""Which answers are the same."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.committee.grouping import Candidate, comparable, group, normal
from tests.doubles.profiles import many

ESSAY = "It depends. Moving now saves money next year,\nbut the team would lose a quarter to it. I would wait."


@pytest.mark.parametrize(
    "alike",
    [
        [
            "1000",
            "1,000",
            "1e3",
            "1000.0",
            "1 000",
            "+1000.",
            "1E+3",
            "10^3",
            "10³",
            "1 x 10^3",
            "１０００",
            "**1,000**",
        ],
        ["0.5", "50%", "50 %", ".5", "1/2", "2/4", "½", r"\frac{1}{2}", r"\frac12", r"$\dfrac{1}{2}$", "5e-1"],
        ["1.5", "1 1/2", "1½", "3/2"],
        ["-2", "−2", "-2.00", "-4/2", r"$\boxed{-2}$"],
        ["1/3", "2/6"],
        ["0", "-0", "0.00", "0%"],
        ["1234567.891", "1,234,567.891"],
        ["B", "b", "(B)", "b)", "B.", "**B**", "Option B", "Answer: B"[8:], '"b"', "(B) Paris", "B) Paris"],
        ["Paris", "paris.", ' "PARIS" ', "**Paris**", "_Paris_", "`paris`", "‘Paris’", "Ｐａｒｉｓ", "Paris!"],
        ["the Eiffel Tower", "Eiffel tower", "The  Eiffel\nTower", "an Eiffel tower", "eiffel-tower"],
        ["Washington, D.C.", "washington dc"],
        ["St. Petersburg", "st petersburg"],
        ["U.S.A.", "USA"],
        ["don't know", "Dont know", "don’t know"],
        ["x^2 + 1", "x² + 1", "$x^2 + 1$", r"\(x^2 + 1\)"],
        ["(1,2)", "(1, 2)", "( 1, 2)"[:1] + "1,2)"],
        ['{"a": 1, "b": [2.0, 1e3]}', '{"b":[2,1000],"a":1.0}', '```json\n{"a": 1, "b": [2, 1000]}\n```'],
        ["[1,2,3]", "[1, 2.0, 3]", "`[1, 2, 3]`"],
        [r"\text{yes}", "Yes"],
        ["5 apples", "5 Apples."],
        [r"18\%", "18%"],
    ],
)
def test_what_means_the_same_has_one_normal_form(alike: list[str]) -> None:
    assert {text: normal(text) for text in alike} == dict.fromkeys(alike, normal(alike[0]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"),
        ("C++", "C#"),
        ("5", "5!"),
        ("5", "-5"),
        ("10", "10^3"),
        ("0.33", "1/3"),
        ("50", "50%"),
        ("1,2", "12"),
        ("1,000", "1.000"),
        ("[1, 2]", "[2, 1]"),
        ('{"a": 1}', '{"a": "1"}'),
        ('{"a": true}', '{"a": 1}'),
        ('{"a": "Paris"}', '{"a": "paris"}'),
        ("vitamin A", "vitamin"),
        ("not Paris", "Paris"),
        ("C. elegans", "C. difficile"),
        ("x^2", "x2"),
        ("A) no B) yes", "A"),
        ("1/0", "0"),
    ],
)
def test_what_means_something_else_has_another_normal_form(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1e3", "1000"),
        ("-12.50", "-12.5"),
        ("-.05", "-0.05"),
        ("0.125", "0.125"),
        ("2/6", "1/3"),
        ("-2/6", "-1/3"),
        ("-1 1/2", "-1.5"),
        ("1e-5", "0.00001"),
        ("12.5%", "0.125"),
        ("The Answer", "answer"),
        ("a", "A"),
        ('{"b": 0.10, "a": "É", "c": 1e400}', '{"b": 0.10, "a": "é", "c": 1e400}'),
        ('{"b": 0.10, "a": "É"}', '{"a":"É","b":0.1}'),
        ("!!!", "!!!"),
        ("🙂", "🙂"),
        ("", ""),
        ("  ", ""),
        ("the", "the"),
    ],
)
def test_normal_forms_read_well(value: str, shown: str) -> None:
    assert normal(value) == shown


PIECES = st.sampled_from(
    [
        "the ",
        "1,000",
        "**",
        "\\frac",
        "\\text{",
        "10^3",
        "word",
        "e3",
        "```",
        "\\(",
        "\\)",
        *"Ab1., %/$\"'`-(){}[]½²:ßİ!?\n_ﬁ",
    ]
)


@many
@given(st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=12).map("".join)))
def test_a_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@many
@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join)))
def test_no_reply_breaks_the_search_for_an_answer(text: str) -> None:
    found = comparable(text)
    assert found is None or (found and normal(found) == found)


@many
@given(st.fractions(max_denominator=1000), st.sampled_from(["{:.0f}", "{}"]))
def test_integers_and_fractions_keep_their_value(value: object, form: str) -> None:
    text = str(value)
    assert normal(text) == normal(f" {text}. ") == normal(f"**{text}**")
    assert ("/" in text) or normal(text) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
).filter(lambda found: isinstance(found, list | dict))


@many
@given(JSON)
def test_json_is_compared_by_meaning_and_never_changed_in_it(found: object) -> None:
    loose = json.dumps(found, indent=2, ensure_ascii=True)
    assert json.loads(normal(loose)) == found
    assert normal(loose) == normal(json.dumps(found, ensure_ascii=False)) == comparable(f"```json\n{loose}\n```")


@pytest.mark.parametrize(
    "hostile",
    [
        "9" * 5000,
        "1e999999999",
        "1" + "0" * 58 + "e99",
        "[" * 3000,
        "[" * 3000 + "]" * 3000,
        "(" * 5000,
        '"' * 5000,
        "*" * 5001 + "x" + "*" * 5001,
        "\\boxed{" * 2000,
        "Answer: " * 5000,
        "the " * 5000,
        "\\frac{" * 1000,
        "a-" * 5000,
        "1 " * 5000,
        "[1e400]",
        "\n" * 100_000,
        "```\n" + "\n" * 100_000 + "x",
        "*" + "a" * 100_000,
        "```json\n" * 20_000,
        "x answer is" + " " * 100_000,
        "[NaN]",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_replies_cost_little(hostile: str) -> None:
    comparable(hostile)
    assert normal(normal(hostile[:300])) == normal(hostile[:300])


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("42", "42"),
        ("Paris", "paris"),
        ('{"b": 1.0, "a": 2}', '{"a":2,"b":1}'),
        ("```json\n[1, 2.0]\n```", "[1,2]"),
        ("Six by seven.\nAnswer: 42", "42"),
        ("Answer: 41\nNo, wait.\n**Final answer:** 42.", "42"),
        ("**Answer**: B\nBecause the others are wrong, all of them, and for good reasons.", "B"),
        ("Answer:\nParis", "paris"),
        ("We add.\n#### 1,234", "1234"),
        (r"So it is \boxed{\frac{1}{2}} in the end, which is what we wanted to show here.", "0.5"),
        (r"\boxed{\text{(B)}}", "B"),
        ("Some thoughts on this.\nTherefore the answer is (C).", "C"),
        ("Some thoughts on this.\nThe final answer is 1e3", "1000"),
        ('Here is the record:\n```json\n{"b": 1.0, "a": 2}\n```\n', '{"a":2,"b":1}'),
        ('Answer: {"b": 1.0, "a": 2}', '{"a":2,"b":1}'),
        (ESSAY, None),
        ("", None),
        ("   \n", None),
        ("Answer: yes, but only once the old machines are paid for and somebody has the time to do it", None),
        ("The answer is that it depends on a great many things.", None),
        ("On the one hand this, on the other hand that, so let us see how it goes", None),
        ("two\nlines", None),
    ],
)
def test_the_final_answer_is_found_inside_a_reply(reply: str, found: str | None) -> None:
    assert comparable(reply) == found


def test_equal_values_are_one_candidate_in_the_order_first_given() -> None:
    answers = [("x", "A", "It is 1,000", "1,000"), ("y", "B", "Paris", "paris"), ("z", "C", "1e3 then", "1e3")]
    assert group(answers) == (
        Candidate("A", ("x", "z"), ("A", "C"), "It is 1,000", "1000"),
        Candidate("B", ("y",), ("B",), "Paris", "paris"),
    )


def test_essays_are_equal_only_if_all_their_text_is() -> None:
    answers = [("x", "A", ESSAY, None), ("y", "B", ESSAY.upper().replace("\n", "  "), None), ("z", "C", "No.", None)]
    assert [one.labels for one in group(answers)] == [("A", "B"), ("C",)]
    assert group(answers)[0].text == ESSAY


def test_an_answer_without_a_value_joins_one_of_the_same_text_and_takes_its_value() -> None:
    (only,) = group([("x", "A", "Paris", None), ("y", "B", "paris", "paris")])
    assert (only.members, only.value) == (("x", "y"), "paris")


def test_the_same_text_with_two_values_stays_two_answers() -> None:
    assert len(group([("x", "A", "Paris", "paris"), ("y", "B", "Paris", "lyon")])) == 2


def test_an_answer_that_equals_two_groups_joins_them() -> None:
    answers = [("x", "A", "Lyon", None), ("y", "B", "So: Lyon", "lyon"), ("z", "C", "lyon", "lyon")]
    assert [one.labels for one in group(answers)] == [("A", "B", "C")]


@pytest.mark.parametrize(
    ("bare", "trimmed"),
    [("B", "B. Paris"), ("B", "b: Paris"), ("18", "$18"), ("18", "18 apples"), ("5", "x = 5"), ("1000", "1,000 km")],
)
def test_a_trimmed_answer_joins_the_bare_one(bare: str, trimmed: str) -> None:
    for answers in ([bare, trimmed], [trimmed, bare, trimmed]):
        (only,) = group([(f"m{n}", f"L{n}", text, normal(text)) for n, text in enumerate(answers)])
        assert only.value == bare


@pytest.mark.parametrize(
    "answers",
    [
        ["18 apples", "18 pears", "18"],
        ["B. Paris", "B. London", "B"],
        ["18 million", "18"],
        ["18%", "18"],
        ["C. elegans", "C. difficile"],
        ["18 apples", "$18"],
        ["2 or 3", "2"],
    ],
)
def test_trimmings_that_differ_or_change_the_value_are_kept_apart(answers: list[str]) -> None:
    assert len(group([(f"m{n}", f"L{n}", text, normal(text)) for n, text in enumerate(answers)])) == len(answers)


def test_no_answers_are_no_candidates() -> None:
    assert group([]) == ()


@many
@given(st.lists(st.sampled_from(["1", "1.0", "Paris", "paris.", "B", "b", "lyon", "1 km"]), max_size=8), st.randoms())
def test_grouping_keeps_every_answer_once_and_does_not_depend_on_the_order(texts: list[str], chance: object) -> None:
    answers = [(f"m{n}", f"L{n}", text, normal(text)) for n, text in enumerate(texts)]
    found = group(answers)
    assert sorted(label for one in found for label in one.labels) == sorted(label for _, label, _, _ in answers)
    chance.shuffle(answers)  # type: ignore[attr-defined]
    assert {frozenset(one.labels) for one in group(answers)} == {frozenset(one.labels) for one in found}


def test_a_whole_sentence_is_the_short_answer_that_somebody_else_gave() -> None:
    answers = ["Canberra", "The capital of Australia is Canberra.", "It is not Canberra.", "Sydney"]
    groups = group([(f"m{at}", "ABCD"[at], text, comparable(text)) for at, text in enumerate(answers)])
    assert [found.labels for found in groups] == [("A", "B"), ("C",), ("D",)]


def test_an_equation_and_a_sentence_are_the_number_that_they_end_in() -> None:
    answers = ["42", "17 + 25 = 42", "The sum of 17 and 25 is 42.", "43"]
    groups = group([(f"m{at}", "ABCD"[at], text, comparable(text)) for at, text in enumerate(answers)])
    assert [found.labels for found in groups] == [("A", "B", "C"), ("D",)]
