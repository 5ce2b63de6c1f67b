"""Reading structured replies: strict where they are, repaired where they nearly are, refused where they are not."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.structured import LONGEST, instruction, structured
from core.errors import ModelGarbage, ModelRejected

VOTE = {
    "type": "object",
    "properties": {"vote": {"enum": ["A", "B"]}, "sure": {"type": "number", "minimum": 0, "maximum": 1}},
    "required": ["vote"],
    "additionalProperties": False,
}
ANY = {"type": ["object", "array"]}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), json_values) | st.lists(json_values))
def test_what_is_json_is_read_as_it_is(value):
    assert structured(json.dumps(value), ANY) == value


@given(st.text(max_size=300) | st.text(alphabet='{}[]",:AB votesur0.1\\\n`', max_size=200))
def test_whatever_a_model_writes_is_read_or_refused_and_nothing_else(text):
    try:
        value = structured(text, VOTE)
    except ModelGarbage:
        return
    assert value["vote"] in ("A", "B")


@pytest.mark.parametrize(
    "text",
    [
        '{"vote": "A"}',
        'Let me think. {"not": "this"} and so: {"vote": "A"} That is all.',
        '```json\n{"vote": "A",}\n```',
        "{'vote': 'A'}",
        '{"vote": "A"',
        '{vote: "A"} // because',
        "Others wrote {\"vote\": \"B\"}, but I say {\"vote\": \"A\"}",
    ],
)  # fmt: skip
def test_a_vote_is_found_and_the_last_one_counts(text):
    assert structured(text, VOTE) == {"vote": "A"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "I vote for A.",
        '{"vote": "C"}',
        '{"vote": "A", "more": 1}',
        '{"vote": "A", "sure": NaN}',
        '{"vote": "A", "sure": 2}',
        "[" * 5000,
        '{"a":' * 5000,
        "null",
    ],
    ids=lambda text: text[:20] or "nothing",
)
def test_what_does_not_fit_is_garbage_in_a_sentence(text):
    with pytest.raises(ModelGarbage, match=r"shape that was asked for.*\.$") as caught:
        structured(text, VOTE)
    assert len(str(caught.value)) < 200


def test_what_is_too_long_to_repair_must_be_json_as_it_stands():
    assert structured('{"vote": "A"}' + " " * LONGEST, VOTE) == {"vote": "A"}
    with pytest.raises(ModelGarbage):
        structured("{'vote': 'A'}" + " " * LONGEST, VOTE)


def test_a_number_that_json_cannot_carry_is_garbage():
    with pytest.raises(ModelGarbage):
        structured('{"n": 1e999}', {"type": "object"})


def test_a_schema_that_is_none_is_our_own_fault_and_says_so():
    with pytest.raises(ModelRejected, match="JSON Schema"):
        structured("{}", {"type": "nonsense"})


def test_the_instruction_carries_the_schema():
    assert json.loads(instruction(VOTE).partition("\n")[2]) == VOTE
