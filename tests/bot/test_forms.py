"""Forms made from JSON Schema: which fields there are, and what is made of what a person fills in."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.skill_input import given as typed_in
from bot.filled import checked, read
from bot.forms import REST, Field, form_of, typed
from bot.shapes import Attachment
from core.errors import BadRequest

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "note": {"type": "string", "maxLength": 900},
        "text": {"type": "string", "description": "What is\nread"},
        "count": {"type": "integer", "minimum": 1, "default": 3},
        "share": {"type": "number"},
        "loud": {"type": "boolean"},
        "how": {"enum": ["fast", "slow", 3]},
        "day": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "integer"}},
        "more": {"type": ["object", "null"]},
        "size": {"$ref": "#/$defs/size"},
    },
    "required": ["text", "day"],
    "$defs": {"size": {"type": "integer", "maximum": 9}},
}
ONE = {"type": "object", "properties": {"text": {"type": "string"}, "n": {"type": "integer"}}, "required": ["text"]}


def test_a_schema_becomes_fields_the_required_first() -> None:
    form = form_of("x", "1.0.0", "Does.", SCHEMA)
    kinds = {field.name: field.kind for field in form.fields}
    assert list(kinds)[:2] == ["text", "day"]
    assert kinds == {
        "text": "long", "day": "date", "note": "long", "count": "integer", "share": "number", "loud": "boolean",
        "how": "choice", "tags": "list", "more": "json", "size": "integer",
    }  # fmt: skip
    text = next(field for field in form.fields if field.name == "text")
    assert (text.hint, text.required) == ("What is read", True)
    assert next(field for field in form.fields if field.name == "count").initial == "3"
    assert next(field for field in form.fields if field.name == "how").choices == ("fast", "slow", "3")


@pytest.mark.parametrize("schema", [None, {}, {"type": "string"}, {"properties": []}, {"properties": {"a": True}}])
def test_any_schema_gives_a_form(schema: Any) -> None:
    assert len(form_of("x", "1.0.0", "", schema).fields) <= 1


def test_more_fields_than_a_chat_takes_share_the_last_as_json() -> None:
    form = form_of("x", "1.0.0", "", SCHEMA).within(5)
    assert [field.name for field in form.fields] == ["text", "day", "note", "count", REST]
    values, wrong = read(SCHEMA, {"text": "a", "day": "2026-03-31", REST: '{"share": 0.5}'})
    assert (values, wrong) == ({"text": "a", "day": "2026-03-31", "share": 0.5}, {})
    assert form.within(5) is form


def test_what_is_filled_in_becomes_what_the_schema_wants() -> None:
    given = {
        "text": " a b ", "day": "2026-03-31", "count": "12", "share": "0.5", "loud": "yes", "how": "3",
        "tags": "1, 2,3", "more": '{"a": 1}', "note": "",
    }  # fmt: skip
    values, wrong = read(SCHEMA, given)
    assert wrong == {}
    assert values == {
        "text": " a b ", "day": "2026-03-31", "count": 12, "share": 0.5, "loud": True, "how": 3, "tags": [1, 2, 3],
        "more": {"a": 1},
    }  # fmt: skip


async def test_what_is_wrong_is_said_at_its_field() -> None:
    given = {
        "text": "  ", "day": "tomorrow", "count": "0", "share": "nan", "loud": "perhaps", "how": "none",
        "tags": "1,x", "more": "{", "size": "12",
    }  # fmt: skip
    wrong = await checked(SCHEMA, given)
    assert set(wrong) == {"text", "day", "count", "share", "loud", "how", "tags", "more", "size"}
    assert str(wrong["text"]) == "this is needed"
    assert str(wrong["how"]) == "choose fast, slow or 3"
    assert "minimum" in str(wrong["count"])
    assert "maximum" in str(wrong["size"])


async def test_a_pattern_that_never_ends_holds_nothing_up() -> None:
    schema = {"properties": {"a": {"type": "string", "pattern": "(a+)+$"}}}
    await checked(schema, {"a": "a" * 40 + "!"})


@pytest.mark.parametrize(
    ("rest", "gives"),
    [
        ("text=hello n=3", {"text": "hello", "n": 3}),
        ('text="a \\"b\\" \\n c" n=3', {"text": 'a "b" \n c', "n": 3}),
        ("text='a b'", {"text": "a b"}),
        ("a b=c d", {"text": "a b=c d"}),
        ('"a b"', {"text": "a b"}),
        ("n=3 and the rest", {"n": 3, "text": "and the rest"}),
        ('{"text": "a", "n": 4}', {"text": "a", "n": 4}),
        ('n=3 {"text": "a"}', {"n": 3, "text": "a"}),
        ("", {}),
    ],
)
def test_input_is_typed_in_the_way_that_comes_first_to_mind(rest: str, gives: dict[str, Any]) -> None:
    assert typed_in(rest, (), ONE) == gives


@pytest.mark.parametrize(
    ("rest", "schema", "says"),
    [
        ("n=x", ONE, "`n`: write a whole number, such as 3."),
        ("text=a b c", ONE, "What “b c” is for is not clear"),
        ("foo=1", SCHEMA | {"required": ["count"]}, "It takes no “foo”."),
        ("foo", {}, "It takes nothing by name"),
        ("{1: 2}", ONE, 'That is no JSON object: write it as `{"name": "value"}`.'),
    ],
)
def test_what_is_not_understood_is_said(rest: str, schema: dict[str, Any], says: str) -> None:
    with pytest.raises(BadRequest) as refused:
        typed_in(rest, (), schema)
    assert says in str(refused.value)


def test_a_file_is_the_input_or_the_text_that_is_missing() -> None:
    whole = Attachment("input.json", '{"text": "a", "n": 4}')
    assert typed_in("n=5", (whole,), ONE) == {"text": "a", "n": 5}
    assert typed_in("", (Attachment("standard input", '{"n": 4, "text": "b"}'),), ONE) == {"text": "b", "n": 4}
    assert typed_in("n=1", (Attachment("notes.md", "# Notes"),), ONE) == {"text": "# Notes", "n": 1}
    with pytest.raises(BadRequest, match=r"list\.json is no JSON object"):
        typed_in("", (Attachment("list.json", "[1]"),), ONE)


NAMES = ("text", "a note", 'the "day"', "=")


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.text(st.characters(exclude_categories=["Cs"]))))
def test_a_form_that_is_typed_out_reads_the_same(filled: dict[str, str]) -> None:
    schema = {"properties": {name: {"type": "string"} for name in NAMES}}
    assert typed_in(typed(filled), (), schema) == filled


KEYS = st.sampled_from(["properties", "type", "enum", "required", "$ref", "items", "a"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@settings(deadline=None)
@given(ANY)
def test_no_schema_breaks_a_form(schema: Any) -> None:
    form = form_of("x", "1.0.0", "", schema if isinstance(schema, dict) else {"properties": {"a": schema}})
    assert all(isinstance(field, Field) for field in form.within(5).fields)
    read(form.schema, {field.name: "x" for field in form.fields})


def test_json_is_written_as_a_template_where_fields_share_one() -> None:
    schema = {"properties": {name: {"type": "string"} for name in "abc"}, "required": ["a", "b", "c"]}
    *_, rest = form_of("x", "1.0.0", "", schema).within(2).fields
    assert json.loads(rest.initial) == {"b": "", "c": ""}
