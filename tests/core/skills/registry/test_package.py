"""A package is opened only where everything fits: signature, archive, files, name, and what is said of them."""

import hashlib
import io
import zipfile

import pytest

from core.errors import BadRequest
from core.skills.folder import Folder
from core.skills.manifest import read_manifest
from core.skills.registry.package import opened, pack, read_package, tags_of
from core.skills.skill import Need
from tests.core.skills.made import RUNS, folder, manifest
from tests.core.skills.registry.made import ACME, OTHER, package


def refused(made, name="csv-tools", version="1.0.0"):
    with pytest.raises(BadRequest) as caught:
        opened(made, name, version)
    return str(caught.value)


def test_an_honest_package_is_opened_as_it_was_packed():
    made = package()
    found = opened(made, "csv-tools", "1.0.0")
    assert found.folder == folder("csv-tools", version="1.0.0")
    assert found.key == ACME.key
    assert read_package(made.written()) == made


def test_an_archive_that_was_exchanged_is_refused():
    other = package(of=folder("csv-tools", version="1.0.0", description="Other.")).archive
    assert "(the archive)" in refused(package(archive=other))


def test_a_signature_of_somebody_else_under_the_same_key_is_refused():
    made = package()
    forged = made.but(signed=made.signed.but(signature=package(by=OTHER).signed.signature))
    assert "does not fit" in refused(forged)


def test_another_skill_than_was_asked_for_is_refused():
    assert "was asked for csv-tools 1.0.0 and gave pdf-forms" in refused(package("pdf-forms"))
    assert "gave csv-tools 1.0.0" in refused(package(), version="2.0.0")


def test_another_name_inside_the_archive_is_refused():
    of = folder("pdf-forms", version="1.0.0")
    assert "(the name)" in refused(_named(of))


def _named(of):
    """Return a package that says `csv-tools` and holds another skill."""
    archive, sha256 = pack(of, "csv-tools")
    said = package("pdf-forms", of=of).signed.body | {"name": "csv-tools", "archive": sha256, "size": len(archive)}
    return package().but(signed=ACME.sign(said), archive=archive)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"permissions": ()}, "the permissions"),
        ({"needs": ()}, "the skills that it needs"),
        ({"packages": ("evil>=1",)}, "the packages that it needs"),
        ({"description": "Harmless."}, "the description"),
        ({"language": "shell"}, "the language"),
        ({"tags": ("popular",)}, "the tags"),
        ({"content": "0" * 64}, "the files"),
    ],
)
def test_a_publisher_who_says_otherwise_than_the_skill_is_refused(change, what):
    of = Folder({"SKILL.md": RUNS.encode(), "scripts/main.py": b""})
    assert f"({what})" in refused(package(of=of, **change), version="1.2.0")
    assert opened(package(of=of), "csv-tools", "1.2.0").statement.needs[0] == Need(name="pdf-text", range="<2,>=1")


def test_a_version_that_the_skill_does_not_have_is_refused():
    assert "(the version)" in refused(_numbered(), version="9.0.0")


def _numbered():
    return package(of=folder("csv-tools", version="1.0.0")).but(
        signed=ACME.sign(package().signed.body | {"version": "9.0.0"})
    )


@pytest.mark.parametrize("path", ["../escape", "/etc/passwd", "C:/x", "a/../../b"])
def test_tricks_with_paths_are_refused(path):
    assert "path" in refused(_zipped({"csv-tools/SKILL.md": manifest(version="1.0.0"), path: b"x"}))


def test_a_bomb_is_refused_before_it_is_unpacked():
    assert "times its size" in refused(
        _zipped({"SKILL.md": manifest(version="1.0.0"), "assets/zero": bytes(9_000_000)})
    )


def test_a_symlink_is_refused():
    entry = zipfile.ZipInfo("assets/link")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    assert "symlink" in refused(_zipped({"SKILL.md": manifest(version="1.0.0"), entry: b"/etc/passwd"}))


def _zipped(files):
    """Return a package that is signed well and whose archive is a trick."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    made = package()
    archive = packed.getvalue()
    said = made.signed.body | {"archive": hashlib.sha256(archive).hexdigest(), "size": len(archive)}
    return made.but(signed=ACME.sign(said), archive=archive)


def test_tags_are_what_metadata_says_with_commas_between():
    content = manifest().replace(b"  author: someone", b'  author: someone\n  tags: "csv,  big tables ,,csv"')
    assert tags_of(read_manifest(content)) == ("csv", "big tables")
    assert tags_of(read_manifest(manifest())) == ()
