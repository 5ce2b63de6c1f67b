"""One way to write a value, one signature that fits it, and statements that say what they should."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadRequest
from core.skills.registry.canonical import LARGEST_NUMBER, canonical, read_json
from core.skills.registry.signing import Signed, fingerprint, read_signed, verify
from core.skills.registry.statement import Statement, Vote, Yank, act_in, signed_by
from tests.core.skills.registry.made import ACME, OTHER, package, vote, yank

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LEAF = st.none() | st.booleans() | st.integers(-LARGEST_NUMBER, LARGEST_NUMBER) | TEXT
VALUES = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=10
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)


@given(OBJECTS)
def test_what_is_written_is_read_back_and_written_the_same_way_again(value):
    content = canonical(value)
    assert read_json(content, len(content)) == value
    assert canonical(read_json(content, len(content))) == content


@given(OBJECTS, OBJECTS)
def test_two_values_are_written_the_same_way_only_if_they_are_the_same(one, other):
    assert (canonical(one) == canonical(other)) == (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )


@given(st.binary(max_size=200))
def test_whatever_bytes_come_they_are_an_object_or_refused(content):
    try:
        value = read_json(content, 200)
    except BadRequest:
        return
    assert isinstance(value, dict)


def test_keys_are_in_the_order_of_rfc_8785():
    """The example of its section 3.2.3, without the keys that are no letters of ours."""
    value = {
        "\u20ac": "Euro",
        "\r": "CR",
        "\ufb33": "Hebrew",
        "1": "One",
        "\U0001f600": "Smiley",
        "\u0080": "Control",
        "ö": "o",
    }
    order = [json.loads(part.split(":")[0]) for part in canonical(value).decode()[1:-1].split(",")]
    assert order == ["\r", "1", "\u0080", "ö", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize(
    "content",
    [b'{"a":1,"a":2}', b'{"a":1.5}', b'{"a":NaN}', b'{"a":1e3}', b"[]", b"", b"\xff", b'{"a":9007199254740993}',
     b'{"a":"\\ud800"}', b'{"a":' + b"[" * 50 + b"]" * 50 + b"}", b"[" * 100_000],
)  # fmt: skip
def test_what_could_be_read_in_two_ways_is_refused(content):
    with pytest.raises(BadRequest, match="damaged"):
        read_json(content, 1_000_000)


def test_more_than_is_allowed_is_not_read():
    with pytest.raises(BadRequest):
        read_json(b'{"a":"' + b"x" * 100 + b'"}', 50)


@given(OBJECTS)
def test_what_is_signed_is_found_to_fit(body):
    signed = ACME.sign(body)
    assert read_signed(signed.written()) == signed


@given(OBJECTS, OBJECTS)
def test_a_signature_fits_nothing_else(body, other):
    signed = ACME.sign(body)
    if canonical(body) != canonical(other):
        with pytest.raises(BadRequest, match="does not fit"):
            verify(signed.but(body=other))
    with pytest.raises(BadRequest, match="does not fit"):
        verify(signed.but(key=OTHER.key))


@given(st.integers(0, 63), st.integers(1, 255))
def test_a_changed_signature_fits_no_more(at, by):
    signed = ACME.sign({"a": 1})
    changed = bytearray(base64.b64decode(signed.signature))
    changed[at] ^= by
    with pytest.raises(BadRequest, match="does not fit"):
        verify(signed.but(signature=base64.b64encode(changed).decode()))


@pytest.mark.parametrize("key", ["", "!", "A" * 44, ACME.key[:-1], ACME.key + "\n", " " + ACME.key])
def test_what_is_no_key_is_no_key(key):
    with pytest.raises(BadRequest, match="does not fit"):
        verify(ACME.sign({}).but(key=key))


def test_a_key_that_is_written_in_another_way_is_not_the_same_key():
    """Base64 has bits to spare in its last letter, so that one key could look like several."""
    last = ACME.key[-2]
    other = ACME.key[:-2] + chr(ord(last) + 1) + "="
    assert base64.b64decode(other) == base64.b64decode(ACME.key)
    with pytest.raises(BadRequest, match="does not fit"):
        verify(ACME.sign({}).but(key=other))


def test_fingerprints_tell_keys_apart():
    assert fingerprint(ACME.key) != fingerprint(OTHER.key)
    assert len(fingerprint(ACME.key).split(":")) == 8


def test_a_statement_is_read_as_it_was_signed():
    signed = package().signed
    statement = act_in(signed, Statement)
    assert signed_by(ACME, statement) == signed
    assert (statement.name, statement.version, statement.publisher) == ("csv-tools", "1.0.0", "acme")


@pytest.mark.parametrize(
    "change",
    [{"name": "../x"}, {"name": "Csv"}, {"version": "1.0"}, {"version": "01.0.0"}, {"kind": "yank"}, {"content": "x"},
     {"archive": "a" * 64 + "\n"}, {"size": -1}, {"at": "yesterday"}, {"at": "2026-11-22T12:00:00"}, {"more": 1},
     {"publisher": "A b"}, {"publisher": ""}],
)  # fmt: skip
def test_a_statement_that_says_what_none_can_is_refused(change):
    body = package().signed.body | change
    with pytest.raises(BadRequest, match="is not what Dexter signs"):
        act_in(ACME.sign(body), Statement)


def test_one_kind_of_act_is_never_taken_for_another():
    for signed, kinds in ((vote(), (Statement, Yank)), (yank(), (Statement, Vote)), (package().signed, (Yank, Vote))):
        for kind in kinds:
            with pytest.raises(BadRequest):
                act_in(signed, kind)


@given(OBJECTS)
def test_whatever_is_signed_is_a_statement_or_refused(body):
    with pytest.raises(BadRequest):
        act_in(ACME.sign(body), Statement)


@pytest.mark.parametrize(
    "content", [b"{}", b'{"body":{},"key":"","signature":""}', b'{"body":[],"key":"","signature":""}', b"null"]
)
def test_what_is_no_signed_statement_is_refused(content):
    with pytest.raises(BadRequest):
        read_signed(content)


def test_what_else_stands_beside_a_signature_is_refused():
    content = json.loads(ACME.sign({}).written()) | {"unsigned": True}
    with pytest.raises(BadRequest, match="damaged"):
        read_signed(json.dumps(content).encode())
    assert isinstance(read_signed(ACME.sign({}).written()), Signed)
