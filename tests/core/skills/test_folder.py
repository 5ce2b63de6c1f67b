"""Skills come in from folders and archives and go out again, byte for byte; what would do harm is refused."""

import contextlib
import io
import os
import socket
import stat
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skills_ref.validator import validate

from core.errors import BadRequest
from core.skills.archive import read_zip, write_zip
from core.skills.disk import read_folder, read_path, write_file, write_folder
from core.skills.folder import MOST_BYTES, Folder, check
from core.skills.names import alike, fault_of_path, faults_of_name, faults_of_paths
from tests.core.skills.made import RUNS, folder, manifest


def refused(work):
    with pytest.raises(BadRequest) as caught:
        work()
    return str(caught.value)


WHOLE = Folder(
    {"SKILL.md": RUNS.encode(), "scripts/main.py": b"#!/bin/env python\r\n\0\xff", "tests/test_it.py": b"",
     "references/ä 漢.md": "ü".encode()},
    frozenset({"scripts/main.py"}),
)  # fmt: skip


def test_a_round_trip_through_a_folder_and_an_archive_loses_nothing(tmp_path):
    write_folder(WHOLE, tmp_path / "csv-tools")
    assert read_folder(tmp_path / "csv-tools") == WHOLE
    packed = write_zip(WHOLE, "csv-tools")
    assert packed == write_zip(WHOLE, "csv-tools")
    assert read_zip(packed) == WHOLE
    write_file(packed, tmp_path / "out.zip")
    assert read_path(tmp_path / "out.zip").content == WHOLE.content
    assert check(WHOLE).contract.entry == "scripts/main.py"


def test_what_dexter_writes_the_reference_validator_accepts(tmp_path):
    write_folder(WHOLE, tmp_path / "csv-tools")
    assert validate(tmp_path / "csv-tools") == []
    with zipfile.ZipFile(io.BytesIO(write_zip(WHOLE, "csv-tools"))) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert validate(tmp_path / "unpacked" / "csv-tools") == []


PARTS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
FILES = st.dictionaries(st.lists(PARTS, min_size=1, max_size=3).map("/".join), st.binary(max_size=50), max_size=6)


@settings(max_examples=60, deadline=None)
@given(FILES, st.data())
def test_any_folder_comes_back_from_an_archive_as_it_was(files, data):
    runs = data.draw(st.sets(st.sampled_from(sorted(files)))) if files else set()
    made = Folder({**files, "SKILL.md": manifest()}, frozenset(runs))
    if faults_of_paths(made.files):
        with pytest.raises(BadRequest):
            check(made)
        return
    assert check(made).name == "csv-tools"
    assert read_zip(write_zip(made, "csv-tools")) == made


@settings(max_examples=40, deadline=None)
@given(FILES, FILES)
def test_two_folders_have_one_fingerprint_only_if_they_are_the_same(one, other):
    assert (Folder(one).content == Folder(other).content) == (one == other)
    if one:
        assert Folder(one).content != Folder(one, frozenset([min(one)])).content


PATHS = {
    "../x": "leaves the folder",
    "a/../../x": "leaves the folder",
    "/etc/passwd": "is absolute",
    "C:/x": "is absolute",
    "a\\..\\b": "characters that not every system takes",
    "a//b": "not written plainly",
    "./a": "not every system|plainly",
    "": "not written plainly",
    "a/": "not written plainly",
    "a\0b": "characters",
    "a\nb": "characters",
    "a\u202egnp.exe": "characters",
    "a\u200bb": "characters",
    "a ": "characters",
    "a.": "characters",
    "xy:z": "characters",
    "\udcff": "characters",
    "aux.txt": "device on Windows",
    "dir/COM1": "device on Windows",
    "a/.git/hooks/x": "git's own",
    ".GIT/config": "git's own",
    "a/" * 9 + "b": "too long",
    "ä" * 60: "too long",
    "a" * 201: "too long",
}


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_a_path_that_would_do_harm_somewhere_is_refused(path):
    fault = str(fault_of_path(path))
    assert any(part in fault for part in PATHS[path].split("|")), fault
    assert "\u202e" not in fault
    assert refused(lambda: check(folder(files={path: b""})))


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.py", "A.py"), ("é", "e\u0301"), ("ﬁ", "fi"), ("x/ß", "x/ss"), ("a", "a/b"), ("A/x", "a"), ("a/b", "a")],
)
def test_files_that_some_systems_take_for_one_are_refused(one, other):
    said = refused(lambda: check(folder(files={one: b"1", other: b"2"})))
    assert "another file has the same name" in said or "a file and a folder at once" in said


def test_names_beside_each_other_are_no_collision():
    assert faults_of_paths(["a", "a!", "a.b", "ab/c", "a-/b", "b/a"]) == []


BAD = {
    "": "is not allowed",
    "PDF": "is not allowed",
    "-pdf": "is not allowed",
    "pdf-": "is not allowed",
    "pdf--forms": "is not allowed",
    "pdf_forms": "is not allowed",
    "pdf\n": "is not allowed",
    "раура1": "is not allowed",
    "pdf１": "is not allowed",
    "a" * 65: "is 65 characters long",
    "con": "device on Windows",
    "dexter": "part of Dexter",
    "dexter-core": "part of Dexter",
    "dexter1": "",
    "d-exter": "part of Dexter",
}


@pytest.mark.parametrize("name", BAD, ids=range(len(BAD)))
def test_a_name_that_is_none_or_pretends_to_be_another_is_refused(name):
    faults = faults_of_name(name)
    assert bool(faults) == bool(BAD[name])
    assert not faults or BAD[name] in str(faults[0])


def test_names_that_look_the_same_are_known_to():
    assert alike("tools") == alike("t00ls") == alike("to-o1s")
    assert alike("modern") == alike("rnodem")
    assert len({alike(name) for name in ("tools", "tool", "stool", "toils")}) == 4


@pytest.mark.parametrize("near", ["skill.md", "Skill.md", "csv/SKILL.md"])
def test_a_manifest_of_another_name_or_place_is_pointed_at(near):
    assert f"under exactly that name: {near} is." in refused(lambda: check(Folder({near: RUNS.encode()})))
    assert "There is no SKILL.md" in refused(lambda: check(Folder({"x": b""})))


def test_an_entry_point_must_be_there():
    said = refused(lambda: check(Folder({"SKILL.md": RUNS.encode()})))
    assert said.startswith("scripts/main.py: the entry point is not in the folder")


def test_a_folder_on_disk_is_never_left(tmp_path):
    made = tmp_path / "x"
    write_folder(folder("x"), made)
    (made / "out").symlink_to("/etc")
    assert refused(lambda: read_folder(made)) == "out: that is a symlink: put the file itself there."
    (made / "out").unlink()
    os.mkfifo(made / "pipe")
    assert "a device, a pipe or a socket" in refused(lambda: read_folder(made))
    (made / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(made / "door"))
        assert "a device, a pipe or a socket" in refused(lambda: read_folder(made))


def test_a_huge_asset_is_refused_before_it_is_read(tmp_path):
    write_folder(folder("x"), tmp_path / "x")
    with (tmp_path / "x" / "big").open("wb") as file:
        file.truncate(2_000_000_000)
    assert refused(lambda: read_folder(tmp_path / "x")).startswith("big: the file has 2,000 MB, 10 MB is the most")


def test_too_much_in_all_is_refused(tmp_path):
    write_folder(folder("x"), tmp_path / "x")
    for number in range(3):
        with (tmp_path / "x" / f"{number}").open("wb") as file:
            file.truncate(9_000_000)
    assert refused(lambda: read_folder(tmp_path / "x")).startswith("The files are 27 MB together")
    many = Folder({f"{number}": b"" for number in range(1_001)})
    assert refused(lambda: check(many)).startswith("There are more than 1,000 files")
    for number in range(1_001):
        (tmp_path / "x" / f"{number}-").touch()
    assert "more than 1,000 files" in refused(lambda: read_folder(tmp_path / "x"))


def test_what_git_keeps_is_no_part_of_a_skill(tmp_path):
    write_folder(folder("x"), tmp_path / "x")
    (tmp_path / "x" / ".git" / "hooks").mkdir(parents=True)
    (tmp_path / "x" / ".git" / "hooks" / "post-checkout").write_text("harm")
    assert read_folder(tmp_path / "x") == folder("x")


def test_nothing_is_written_over_and_nothing_half(tmp_path):
    (tmp_path / "x").mkdir()
    assert "is there already" in refused(lambda: write_folder(folder("x"), tmp_path / "x"))
    write_file(b"1", tmp_path / "x.zip")
    assert "is there already" in refused(lambda: write_file(b"2", tmp_path / "x.zip"))
    (tmp_path / "file").write_text("")
    assert "cannot be written" in refused(lambda: write_folder(folder("x"), tmp_path / "file" / "x"))
    bad = Folder({"a": b"", "a/b": b""})
    assert "cannot be written" in refused(lambda: write_folder(bad, tmp_path / "y"))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "x", "x.zip"]


def test_a_path_that_leads_nowhere_is_refused(tmp_path):
    assert "is no folder and no zip" in refused(lambda: read_path(tmp_path / "none"))
    assert "is no folder and no zip" in refused(lambda: read_path(tmp_path / "none\0"[:-1]))
    (tmp_path / "x.zip").write_text("no")
    assert "damaged" in refused(lambda: read_path(tmp_path / "x.zip"))


def packed(*entries, compression=zipfile.ZIP_DEFLATED):
    """Return an archive of names, or of `ZipInfo`, with contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in (("SKILL.md", manifest()), *entries):
            archive.writestr(name, content)
    return out.getvalue()


def special(name, mode):
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, mode << 16
    return entry


HOSTILE = {
    "dots": (packed(("../../etc/cron.d/x", b"")), "leaves the folder"),
    "absolute": (packed(("/etc/passwd", b"")), "is absolute"),
    "symlink": (packed((special("x", stat.S_IFLNK | 0o777), b"/etc/passwd")), "x: that is a symlink"),
    "device": (packed((special("x", stat.S_IFCHR | 0o666), b"")), "x: that is no file but a device"),
    "bomb by ratio": (packed(("x", bytes(9_000_000))), "times its size, as nothing real does"),
    "bomb by count": (packed(*((str(number), b"") for number in range(1_001))), "more than 1,000 files"),
    "case": (packed(("A", b""), ("a", b"")), "another file has the same name"),
    "composition": (packed(("é", b""), ("e\u0301", b"")), "another file has the same name"),
    "nested archive path": (packed(("a\\..\\..\\x", b"")), "characters|leaves"),
    "empty": (b"", "damaged"),
    "cut": (packed(("x", b"content"))[:-30], "damaged"),
    "no zip": (b"PK\x03\x04" + bytes(50), "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_archive_is_refused_in_a_sentence(name):
    content, said = HOSTILE[name]
    told = refused(lambda: check(read_zip(content)))
    assert any(part in told for part in said.split("|")), told


def test_an_archive_that_is_too_large_packed_or_unpacked_is_refused():
    assert refused(lambda: read_zip(bytes(MOST_BYTES + 1))) == "The archive has 25 MB: 25 MB is the most."
    honest = os.urandom(4_500_000).hex()
    content = packed(*((str(number), honest) for number in range(3)))
    assert refused(lambda: read_zip(content)).startswith("The files are 27 MB together")
    assert "2,000 MB, 10 MB is the most" in refused(lambda: read_zip(lying(2_000_000_000)))


def lying(size):
    """Return an archive of a small file that says it is larger, packed as well as unpacked."""
    content = bytearray(packed(("x", b"a")))
    struct.pack_into("<LL", content, content.rindex(b"PK\x01\x02") + 20, size // 2, size)
    return bytes(content)


def test_a_name_that_is_there_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = packed(("x", b"1"), ("x", b"2"))
    assert refused(lambda: read_zip(content)) == "x: the archive holds it twice: keep one."


def test_a_protected_archive_is_refused():
    content = bytearray(packed(("x", b"secret")))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        where = content.rindex(mark) + at
        struct.pack_into("<H", content, where, 1)
    assert "protected by a password" in refused(lambda: read_zip(bytes(content)))


def test_an_archive_that_lies_about_sizes_unpacks_no_more_than_it_says():
    content = bytearray(packed(("x", b"a" * 5_000)))
    struct.pack_into("<L", content, content.rindex(b"PK\x01\x02") + 24, 10)
    assert "damaged" in refused(lambda: read_zip(bytes(content)))


def test_a_list_of_contents_that_is_too_long_is_not_read():
    content = bytearray(packed())
    struct.pack_into("<HHL", content, len(content) - 22 + 8, 1, 1, 50_000_000)
    assert "more than 1,000 files" in refused(lambda: read_zip(bytes(content)))


def test_a_folder_around_it_is_taken_off_if_it_is_the_only_one():
    inner = {"csv-tools-main/SKILL.md": manifest(), "csv-tools-main/a": b"1"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.mkdir("csv-tools-main")
        for name, content in inner.items():
            archive.writestr(name, content)
    assert set(read_zip(out.getvalue()).files) == {"SKILL.md", "a"}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_to_an_archive_brings_more_than_a_sentence(data):
    content = bytearray(packed(("a/b", b"text" * 50)))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadRequest):
        check(read_zip(bytes(content)))
