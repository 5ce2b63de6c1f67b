"""Committees from tables: the shipped default, what a table takes over, and what a wrong one is told."""

from typing import Any

import pytest

from core.committee.catalog import default_committee, load_committees, with_models
from core.committee.roles import cast_parts, chair_of
from core.errors import Misconfigured
from tests.doubles.committee_world import PATTERNS, committee

ANN = {"name": "ann", "model": "openai/gpt-4o"}


def test_the_shipped_committee_has_eight_seats_and_three_are_on() -> None:
    shipped = default_committee()
    assert len(shipped.members) == 8
    assert {member.name: member.model for member in shipped.seated} == {
        "Dexter": "local/qwen2.5-coder-1.5b",
        "analyst": "local/qwen2.5-coder-0.5b",
        "engineer": "local/qwen2.5-coder-1.5b",
    }
    assert chair_of(shipped).name == "Dexter"
    assert len({member.persona for member in shipped.members}) == 8
    assert all(0 < len(member.persona) < 120 for member in shipped.members)


def test_the_default_is_there_without_any_table_and_a_table_of_its_name_takes_its_place() -> None:
    assert load_committees({}) == {"default": default_committee()}
    assert load_committees({"default": {"quorum": 1.0}})["default"].quorum == 1.0


def test_a_table_without_members_takes_over_the_default_ones() -> None:
    fast = load_committees({"fast": {"pattern": "quick", "rule": "weighted"}})["fast"]
    assert (fast.name, fast.pattern, fast.rule, fast.members) == (
        "fast",
        "quick",
        "weighted",
        default_committee().members,
    )


def test_a_table_with_members_stands_alone() -> None:
    own = load_committees({"own": {"members": [ANN], "budget": {"dollars": 0.5}}})["own"]
    assert [member.name for member in own.members] == ["ann"]
    assert (own.budget.dollars, own.chair, chair_of(own).name) == (0.5, "", "ann")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("quick", r"committees\.odd must be a table"),
        ({"quorum": 2}, r"committees\.odd\.quorum .* less than or equal to 1"),
        ({"quoram": 1}, r"committees\.odd\.quoram .* remove it, or correct its spelling"),
        ({"members": [{"name": "ann"}]}, r"committees\.odd\.members\.0\.model .* required"),
        ({"members": [ANN, ANN]}, r"has “ann” twice"),
        ({"members": [{**ANN, "on": False}]}, r"no member that is on"),
        ({"members": [ANN], "chair": "zoe"}, r"committees\.odd\.chair is “zoe”.*ann"),
        ({"rule": "coin"}, r"committees\.odd\.rule is “coin”.*borda"),
        ({"pattern": "dance"}, r"committees\.odd\.pattern is “dance”.*panel"),
    ],
)
def test_a_wrong_table_is_told_its_key_and_the_remedy(table: Any, told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        load_committees({"odd": table})


def test_a_wrong_value_is_not_repeated_because_it_may_be_a_secret() -> None:
    with pytest.raises(Misconfigured) as error:
        load_committees({"odd": {"members": [{**ANN, "weight": "sk-secret-key"}]}})
    assert "sk-secret" not in str(error.value)


def test_one_model_takes_every_seat_that_is_on() -> None:
    alone = with_models(default_committee(), ["local/qwen2.5-coder-0.5b"])
    assert {member.model for member in alone.seated} == {"local/qwen2.5-coder-0.5b"}
    assert len(alone.seated) == 3
    assert {member.max_tokens for member in alone.seated} == {256}


def test_more_models_than_seats_switch_more_seats_on_and_roomy_ones_may_write_more() -> None:
    models = [f"openai/m{n}" for n in range(5)]
    seated = with_models(default_committee(), models).seated
    assert [member.model for member in seated] == models
    assert {member.max_tokens for member in seated} == {1024}
    assert len(with_models(default_committee(), models * 4).seated) == 8


def test_two_models_alternate() -> None:
    assert [m.model for m in with_models(default_committee(), ["a/1", "b/2"]).seated] == ["a/1", "b/2", "a/1"]


def test_no_model_at_all_is_refused() -> None:
    with pytest.raises(Misconfigured):
        with_models(default_committee(), [])


def test_parts_go_to_whom_they_prefer_and_the_chair_is_cast_last() -> None:
    parts = cast_parts(PATTERNS["oxford"], default_committee())
    assert {part: member.name for part, member in parts.items()} == {"for": "engineer", "against": "analyst"}
    strangers = cast_parts(PATTERNS["oxford"], committee("ann", "bob", "cat", chair="ann"))
    assert {part: member.name for part, member in strangers.items()} == {"for": "bob", "against": "cat"}


def test_a_chair_that_is_off_is_stood_in_for_by_the_first_seat() -> None:
    seats = committee("ann", "bob", chair="bob")
    off = seats.but(members=(seats.members[0], seats.members[1].but(on=False)))
    assert chair_of(off).name == "ann"
