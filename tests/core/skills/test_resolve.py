"""What a skill needs is found if it can be found, and explained if not; tried against trying everything."""

from graphlib import CycleError, TopologicalSorter
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadRequest
from core.skills.numbers import following, number, order, within
from core.skills.resolve import Candidate, Choice, resolve, searched
from core.skills.skill import Need, Stage


def needs(text):
    """Return needs as people write them: `a>=1,<2 b`."""
    names = (word.rstrip("0123456789.<>=!~,") for word in text.split())
    return tuple(Need(name=name, range=word[len(name) :]) for name, word in zip(names, text.split(), strict=True))


def catalogue(**skills):
    """Return a catalogue of `name={"1.0.0": "needs"}`; a version that begins with `-` is retired, with `+` promoted."""
    stages = {"-": Stage.RETIRED, "+": Stage.PROMOTED}
    return {
        name: [
            Candidate(name, v.lstrip("+-"), f"{name}{v}", stages.get(v[0], Stage.DRAFT), needs(text))
            for v, text in there.items()
        ]
        for name, there in skills.items()
    }


def chosen(text, skills):
    return {each.name: each.version for each in resolve("me", needs(text), skills)}


def refused(text, skills):
    with pytest.raises(BadRequest) as caught:
        resolve("me", needs(text), skills)
    return str(caught.value)


def test_the_newest_that_fits_is_taken_and_its_hash_locked():
    there = catalogue(a={"1.9.0": "", "1.10.0": "", "2.0.0": ""})
    (locked,) = resolve("me", needs("a>=1,<2"), there)
    assert (locked.version, locked.content) == ("1.10.0", "a1.10.0")


def test_what_was_promoted_comes_before_what_is_newer():
    assert chosen("a", catalogue(a={"+1.0.0": "", "2.0.0": ""})) == {"a": "1.0.0"}
    assert chosen("a>=2", catalogue(a={"+1.0.0": "", "2.0.0": ""})) == {"a": "2.0.0"}


def test_an_older_version_is_taken_where_the_newer_asks_too_much():
    there = catalogue(a={"1.0.0": "c<2", "2.0.0": "c>=2"}, b={"1.0.0": "c<2"}, c={"1.5.0": "", "2.0.0": ""})
    assert chosen("a b", there) == {"a": "1.0.0", "b": "1.0.0", "c": "1.5.0"}


def test_what_is_missing_is_named():
    assert refused("a>=1", {}) == "me needs a >=1. There is no skill a here: bring it in first."
    assert "All versions of a are retired" in refused("a", catalogue(a={"-1.0.0": ""}))
    assert "me needs a >3. Of a there is 1.0.0 and 2.0.0." in refused("a>3", catalogue(a={"1.0.0": "", "2.0.0": ""}))


def test_a_dependency_of_a_dependency_that_vanished_is_named_with_who_wants_it():
    assert "b 1.0.0 needs gone. There is no skill gone here" in refused("b", catalogue(b={"1.0.0": "gone"}))


def test_a_conflict_is_explained_by_who_wants_what_and_what_there_is():
    there = catalogue(report={"1.0.0": "csv>=2"}, cleanup={"1.0.0": "csv<2"}, csv={"1.0.0": "", "2.1.0": ""})
    said = refused("report cleanup", there)
    assert "cleanup 1.0.0 needs csv <2." in said
    assert "report 1.0.0 needs csv >=2." in said
    assert "Of csv there is 1.0.0 and 2.1.0." in said
    assert said.endswith("No choice of versions fits all of this: widen one of the ranges.")


def test_a_circle_is_shown():
    there = catalogue(a={"1.0.0": "b"}, b={"1.0.0": "c"}, c={"1.0.0": "a"})
    assert refused("a", there).startswith("a → b → c → a: these skills need one another in a circle")
    assert refused("b", catalogue(me={"1.0.0": ""}, b={"1.0.0": "me"})).startswith("me → b → me: ")
    assert refused("me", catalogue(me={"1.0.0": ""})).startswith("me → me: ")


def test_nothing_needed_is_nothing_locked():
    assert resolve("me", (), {}) == ()


NAMES, VERSIONS = "abcd", ("1.0.0", "1.5.0", "2.0.0")
NEED = st.builds(
    Need, name=st.sampled_from(NAMES), range=st.sampled_from(["", "<2", ">=1.5", "==1.0.0", "~=1.0", "!=1.5.0", ">2"])
)
SOME = st.lists(NEED, max_size=3, unique_by=lambda need: need.name).map(tuple)
GRAPH = st.fixed_dictionaries(
    {
        name: st.lists(st.tuples(st.sampled_from(VERSIONS), SOME, st.sampled_from(Stage)), max_size=3,
                       unique_by=lambda each: each[0])
        for name in NAMES
    }
)  # fmt: skip


def holds(asked, picked):
    """Tell whether a choice is closed and keeps every range."""
    wanted = [*asked, *(need for each in picked.values() for need in each.needs)]
    return all(need.name in picked and within(picked[need.name].version, need.range) for need in wanted)


def brute(asked, there):
    """Return every choice that holds, by trying all of them."""
    options = [[None, *(each for each in there[name] if each.stage is not Stage.RETIRED)] for name in NAMES]
    for picks in product(*options):
        picked = {each.name: each for each in picks if each}
        if holds(asked, picked):
            yield picked


@settings(max_examples=300, deadline=None)
@given(SOME, GRAPH)
def test_the_resolver_finds_a_choice_exactly_if_there_is_one(asked, graph):
    there = {
        name: [Candidate(name, version, name + version, stage, wants) for version, wants, stage in each]
        for name, each in graph.items()
    }
    try:
        locked = resolve("me", asked, there)
    except BadRequest as error:
        if "in a circle" not in str(error):
            assert next(brute(asked, there), None) is None
        return
    picked = {each.name: next(c for c in there[each.name] if c.version == each.version) for each in locked}
    assert holds(asked, picked)
    assert all(each.stage is not Stage.RETIRED for each in picked.values())
    assert locked == resolve("me", asked, {name: each[::-1] for name, each in there.items()})


@given(st.tuples(*[st.integers(0, 999_999)] * 3))
def test_versions_are_read_sorted_and_counted_on(numbers):
    text = ".".join(map(str, numbers))
    assert number(text) == text
    assert order(text) == numbers
    assert following([text, "0.0.0"]) == f"{numbers[0]}.{numbers[1]}.{numbers[2] + 1}"
    assert within(text, f"=={text}")


@pytest.mark.parametrize("text", ["", "1.2.3.4", "v1", "01.2", "1.2.x", "-1", "1.2.3-rc1", "1١", "1\n", "9999999"])
def test_what_is_no_version_is_refused(text):
    with pytest.raises(BadRequest, match="write three numbers, like"):
        number(text)


def test_a_skill_without_a_number_gets_the_next():
    assert [number("1"), number("1.2"), following([])] == ["1.0.0", "1.2.0", "0.1.0"]
    assert following(["1.9.0", "1.10.0"]) == "1.10.1"


def in_circles(graph):
    """Tell whether skills need one another in a circle, by whatever version."""
    sorter = TopologicalSorter({name: {n.name for _, wants, _ in each for n in wants} for name, each in graph.items()})
    try:
        sorter.prepare()
    except CycleError:
        return True
    return False


@settings(max_examples=300, deadline=None)
@given(SOME, GRAPH)
def test_what_is_found_straight_is_what_the_search_finds(asked, graph):
    there = {
        name: [Candidate(name, version, name + version, stage, wants) for version, wants, stage in each]
        for name, each in graph.items()
    }
    provider = Choice("me", asked, there)
    if (found := provider.straight(asked)) is not None:
        assert holds(asked, found)
        if not in_circles(graph):  # which are refused, whichever of them is found
            assert found == searched("me", asked, provider, there)


def test_a_circle_that_the_search_has_left_behind_is_in_nobodys_way():
    def candidate(name, version, *needs):
        return Candidate(name, version, name + version, Stage.DRAFT, tuple(Need(name=each, range="") for each in needs))

    there = {
        "a": [candidate("a", "1.0.0", "a", "b")],
        "b": [],
        "c": [candidate("c", "1.0.0", "d"), candidate("c", "1.5.0", "a")],
        "d": [candidate("d", "1.0.0")],
    }
    asked = [Need(name="c", range=""), Need(name="d", range="")]
    found = searched("me", asked, Choice("me", asked, there), there)
    assert {name: each.version for name, each in found.items()} == {"c": "1.0.0", "d": "1.0.0"}
