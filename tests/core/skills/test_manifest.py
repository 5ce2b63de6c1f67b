"""SKILL.md: read strictly, written so that nothing is lost, and never laxer than the format's own validator."""

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from skills_ref.errors import ParseError
from skills_ref.parser import parse_frontmatter
from skills_ref.validator import validate_metadata

from core.errors import BadRequest
from core.skills import frontmatter
from core.skills.manifest import read_manifest, write_manifest
from core.skills.skill import Need
from tests.core.skills.made import RUNS, manifest


def reference_says(content: bytes) -> list[str]:
    """Return what the format's own validator finds wrong, the folder's name left out."""
    try:
        fields, _ = parse_frontmatter(content.decode())
    except ParseError as error:
        return [str(error)]
    return validate_metadata(fields)


def refused(content: bytes) -> str:
    with pytest.raises(BadRequest) as caught:
        read_manifest(content)
    return str(caught.value)


def test_all_that_a_skill_says_is_read():
    said = read_manifest(RUNS.encode())
    contract = said.contract
    assert (said.name, said.fields["license"], said.body) == ("csv-tools", "MIT", "# How it works\n\nRun it.\n")
    assert list(said.fields) == ["name", "description", "license", "metadata"]
    assert (contract.version, contract.language, contract.entry) == ("1.2.0", "python", "scripts/main.py")
    assert contract.input == {"type": "object", "properties": {"path": {"type": "string"}}}
    assert contract.output == {"type": "integer"}
    assert contract.permissions == ("network:api.example.com", "secret:API_TOKEN")
    assert contract.skills == (Need(name="pdf-text", range="<2,>=1"), Need(name="table-names", range=""))
    assert contract.packages == ("pandas>=2,<3",)
    assert reference_says(RUNS.encode()) == []


@pytest.mark.parametrize("tools", ["allowed-tools: Bash(git:*) Read\n", "allowed-tools:\n  - Bash(git:*)\n  - Read\n"])
def test_skills_of_others_are_taken(tools):
    """The examples of the specification."""
    content = manifest("pdf-processing", "1.0", extra=f"compatibility: Requires Python 3.14+ and uv\n{tools}")
    said = read_manifest(content)
    assert said.contract.version == "1.0.0"
    assert not said.contract.entry
    assert reference_says(content) == []


def test_values_stay_texts_whatever_they_look_like():
    said = read_manifest(b"---\nname: on\ndescription: 1.10\nmetadata:\n  a: no\n  b: 2026-01-01\n  c: ~\n  d:\n---\n")
    assert said.fields == {
        "name": "on", "description": "1.10", "metadata": {"a": "no", "b": "2026-01-01", "c": "~", "d": ""},
    }  # fmt: skip


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"
FRONT = {
    "name: x": "the field `description` is missing",
    "description: x": "the field `name` is missing",
    "name: x\ndescription: ' '": "the field `description` is empty",
    "name: x\ndescription: " + "d" * 1025: "1,025 characters long: use 1,024",
    "name: x\ndescription: d\ncompatibility: " + "c" * 501: "501 characters long: use 500",
    "name: x\ndescription: d\ncompatibility:": "`compatibility` is empty",
    "name: x\ndescription: d\nhooks: y": "the format has no field `hooks`: move it under `metadata`",
    "name: x\nname: y\ndescription: d": "the field `name` is there twice",
    "name: x\ndescription: d\nmetadata: y": "`metadata` has a value of the wrong kind",
    "name:\n  - x\ndescription: d": "`name` has a value of the wrong kind",
    "name: x\ndescription: d\nmetadata:\n  a:\n    b: c": "`a` is nested too deep",
    "name: x\ndescription: d\nallowed-tools:\n  - - a": "`allowed-tools` is nested too deep",
    BOMB: "line 2: `&` and `*` refer to other values",
    "name: *x": "line 2: `&` and `*`",
    "name: x\ndescription: d\nmetadata: {a: b}": "line 4: write it on lines of its own, without brackets",
    "name: !!python/object/apply:os.system [id]": "line 2: tags (`!`) are not allowed",
    "name: x\ndescription: a: b": "line 3: that is not YAML",
    "name: x\n\tdescription: d": "that is not YAML",
    "- name": "is no list of fields",
    "": "is no list of fields",
    "? [a]\n: b": "without brackets",
    "?\n  - a\n: b": "the name of a field must be text",
    "name: x\n...\nname: y\n": "that is not YAML",
    "name: x\ndescription: a --- b": "there is a `---` inside the front matter",
    "name: x\ndescription: " + "d" * 70_000: "the front matter is longer than 65,536 bytes",
    "name: " + "[" * 5_000: "without brackets",
    "name: x\ndescription: \x07": "that is not YAML",
}


@pytest.mark.parametrize("front", FRONT, ids=range(len(FRONT)))
def test_a_front_matter_that_cannot_be_taken_is_refused_in_a_sentence(front):
    said = refused(f"---\n{front}\n---\n".encode())
    assert any(part in said for part in FRONT[front].split("|")), said
    assert said.startswith("SKILL.md")


WHOLE = {
    b"": "the first line is not `---`",
    b"\xef\xbb\xbf---\nname: x\n---\n": "the first line is not `---`",
    b"# Title\n---\n": "the first line is not `---`",
    b"---\nname: x\n": "the front matter has no end",
    b"---\nname: \xff\n---\n": "byte 10 is not UTF-8: save the file as UTF-8",
}


@pytest.mark.parametrize("content", WHOLE, ids=range(len(WHOLE)))
def test_a_file_that_is_no_skill_md_is_refused_in_a_sentence(content):
    assert WHOLE[content] in refused(content)


CONTRACT = {
    "dexter-entry: scripts/a.py": "needs dexter-language, dexter-input, dexter-output in metadata",
    "dexter-language: ruby": "Dexter runs python, powershell or shell, not “ruby”",
    "dexter-input: 'nonsense'": "`dexter-input`: that is no JSON Schema: write one as a JSON object",
    "dexter-input: '[]'": "that is no JSON Schema",
    "dexter-input: 'true'": "that is no JSON Schema",
    """dexter-input: '{"type": "objekt"}'""": "that is no JSON Schema, at $.type: correct it there",
    """dexter-input: '{"pattern": "("}'""": "that is no JSON Schema",
    """dexter-input: '{"$ref": "https://evil.example/s.json"}'""": "refers to another document, “https://evil",
    "dexter-input: '" + '{"not":' * 2_000 + "1" + "}" * 2_000 + "'": "that is no JSON Schema",
    "dexter-permissions: network:*": "“network:*” is no permission",
    "dexter-permissions: root": "“root” is no permission",
    "dexter-skills: a b c": "“a b c” names no skill|no range of versions",
    "dexter-skills: pdf^1": "names no skill",
    "dexter-skills: pdf>=x": "“>=x” is no range of versions: write it like `>=1.2,<2`",
    'dexter-skills: "a\\na>1"': "a skill is named twice",
    "dexter-packages: evil @ https://evil.example/x.whl": "a package has a name and a range here, and no address",
    "dexter-packages: '-r x.txt'": "names no package",
    "dexter-secret: x": "Dexter knows no key `dexter-secret` in metadata",
}


@pytest.mark.parametrize("key", CONTRACT, ids=range(len(CONTRACT)))
def test_a_contract_that_cannot_be_kept_is_refused_in_a_sentence(key):
    said = refused(f"---\nname: x\ndescription: d\nmetadata:\n  {key}\n---\n".encode())
    assert any(part in said for part in CONTRACT[key].split("|")), said


@pytest.mark.parametrize(
    ("entry", "language"), [("main.py", "python"), ("scripts/a.sh", "python"), ("scripts/a.py", "powershell")]
)
def test_the_entry_point_is_a_script_in_the_language_that_is_said(entry, language):
    said = refused(RUNS.replace("scripts/main.py", entry).replace(": python", f": {language}").encode())
    assert f"the entry point “{entry}” must be in `scripts/` and end in" in said


def test_every_fault_has_its_sentence_and_no_more_than_ten_are_told():
    said = refused(("---\n" + "".join(f"field{n}: x\n" for n in range(15)) + "---\n").encode())
    assert said.count("SKILL.md: ") == 10
    assert said.endswith("There are 7 more faults.")


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,8}){0,2}", fullmatch=True).filter(
    lambda name: name not in ("con", "prn", "aux", "nul") and not name.startswith(("dexter", "com", "lpt"))
)
KEYS = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=1, max_size=12)
FIELDS = st.fixed_dictionaries(
    {"name": NAMES, "description": TEXT.filter(str.strip)},
    optional={
        "license": TEXT,
        "compatibility": TEXT.filter(str.strip),
        "metadata": st.dictionaries(KEYS.filter(lambda key: not key.startswith("dexter")), TEXT, max_size=4),
        "allowed-tools": st.lists(TEXT, min_size=1, max_size=3).map(tuple),
    },
)


@settings(max_examples=150, deadline=None)
@given(FIELDS, st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
@example({"name": "x", "description": "a --- b\u2028c\x7f: #", "license": '{"a":\n "b"}'}, "---\n---")
def test_what_is_written_reads_the_same_and_the_reference_validator_accepts_it(fields, body):
    if fields.get("metadata") == {}:
        del fields["metadata"]
    content = write_manifest(fields, body)
    said = read_manifest(content)
    assert said.fields == fields
    assert list(said.fields) == list(fields)
    assert said.body == body
    assert reference_says(content) == []


PIECES = st.sampled_from(
    [
        "name: x",
        "description: d",
        "metadata:",
        "  a: b",
        "   c: d",
        "license: 'a",
        "b'",
        "compatibility: |-",
        "    text",
        "allowed-tools:",
        "  - a",
        "- b",
        "# comment",
        "",
        "  ",
        "license: >",
        "a",
        "'name': y",
        '"description": "e\\n"',
        "name : z",
        "description:d",
        "license: a #b",
        "? license",
        ": y",
        "%YAML 1.2",
        "--- x",
        "...",
        "license: \u2028x",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=8))
def test_what_dexter_takes_the_reference_validator_takes_too(lines):
    content = ("---\n" + "".join(f"{line}\n" for line in lines) + "---\nBody\n").encode()
    try:
        read_manifest(content)
    except BadRequest:
        return
    assert reference_says(content) == []


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200) | st.text(max_size=100).map(lambda text: f"---\n{text}\n---\n".encode("utf-8", "replace"))
)
def test_no_bytes_bring_more_than_a_sentence(content):
    with contextlib.suppress(BadRequest):
        read_manifest(content)


def test_front_matter_with_windows_line_ends_is_the_same():
    assert read_manifest(RUNS.replace("\n", "\r\n").encode()).contract == read_manifest(RUNS.encode()).contract


def test_a_body_may_hold_anything():
    _, body = frontmatter.split(b"---\nname: x\n---\n---\nx\n---\n")
    assert body == "---\nx\n---\n"
