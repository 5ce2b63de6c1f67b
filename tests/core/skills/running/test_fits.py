"""Values against schemas, both of which may be hostile."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from core.skills.running.fits import misfit


def wrong(value: object, **schema: object) -> str:
    return str(misfit(value, schema) or "")


def test_what_fits_fits() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"$ref": "#/$defs/n"}, "minItems": 1}}}
    assert wrong({"a": [1, 2]}, **schema, **{"$defs": {"n": {"type": "integer", "minimum": 0}}}) == ""
    assert wrong(5) == ""


@pytest.mark.parametrize(
    ("value", "schema", "said"),
    [
        ({"a": {"b": [1, "x"]}}, {"properties": {"a": {"properties": {"b": {"items": {"type": "integer"}}}}}},
         "`a.b.1`: 'x' is not of type 'integer'"),
        ({"a": {}}, {"properties": {"a": {"required": ["b"]}}}, "`a.b` is missing"),
        ("abc", {"pattern": "^x"}, "'abc' does not match '^x'"),
        ([1, 1.0], {"uniqueItems": True}, "it has the same item twice"),
        ({"x1": "a"}, {"patternProperties": {"^x": {"type": "integer"}}}, "`x1`: 'a' is not of type 'integer'"),
        ({"y": 1}, {"patternProperties": {"^x": {}}, "additionalProperties": False}, "'y' is not expected"),
        ({"y": "a"}, {"additionalProperties": {"type": "integer"}}, "`y`: 'a' is not of type 'integer'"),
        (1, {"$ref": "#/$defs/none"}, "it cannot be checked: "),
        ("x" * 9000, {"type": "integer"}, "'" + "x" * 100),
    ],
)  # fmt: skip
def test_what_does_not_fit_says_where(value: object, schema: dict[str, object], said: str) -> None:
    found = wrong(value, **schema)
    assert found.startswith(said), found
    assert len(found) < 300


def doubled(levels: int) -> dict[str, object]:
    refs = {f"d{at}": {"allOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": {**refs, f"d{levels}": {}}}


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("a" * 60 + "!", {"pattern": "^(a+)+$"}),
        ({"a" * 60 + "!": 1}, {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}),
        (1, doubled(60)),
        ([{} for _ in range(100_000)] + [[]], {"uniqueItems": True}),
        (1, {"$ref": "#"}),
        ({"a": 1}, {**doubled(60), "unevaluatedProperties": False}),
        (10**400, {"multipleOf": 0.1}),
    ],
)
def test_schemas_that_would_take_for_ever_do_not(value: object, schema: dict[str, object]) -> None:
    begun = time.monotonic()
    assert wrong(value, **schema)
    assert time.monotonic() - begun < 30


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "", "a", "ab"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abx"), inner, max_size=3),
    max_leaves=6,
)
schemas = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["object", "array", "string", "integer", "number", "null"]),
        "pattern": st.sampled_from(["^a", "b$", "a|b"]),
        "uniqueItems": st.booleans(),
        "required": st.lists(st.sampled_from("abx"), unique=True),
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "x"]), st.sampled_from([{}, {"type": "null"}])),
        "additionalProperties": st.sampled_from([True, False, {"type": "integer"}]),
        "properties": st.dictionaries(st.sampled_from("abx"), st.sampled_from([{}, {"type": "string"}])),
    },
)


@given(values, schemas)
def test_it_agrees_with_the_reference(value: object, schema: dict[str, object]) -> None:
    assert (misfit(value, schema) is None) == Draft202012Validator(schema).is_valid(value)
