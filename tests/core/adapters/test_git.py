"""Skills come from real git repositories, and nothing that a repository holds comes to life on the way."""

import os
import shutil
import subprocess

import pytest

from core.adapters.git import Git
from core.errors import BadRequest, Unavailable
from core.skills.folder import check
from tests.core.skills.made import manifest


class Repository:
    """A repository on this disk, fetched as any other once `file` is allowed."""

    def __init__(self, path):
        self.path, self.url = path, f"file://{path}"
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words):
        who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always")
        done = subprocess.run(["git", *who, *words], cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, name, content=b"", mode=0o644):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(mode)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "repository")
    made.write("SKILL.md", manifest())
    made.write("scripts/main.py", b"\0\xff\r\n", 0o755)
    made.commit()
    return made


@pytest.fixture
def git():
    return Git(("file",))


async def refused(work, kind=BadRequest):
    with pytest.raises(kind) as caught:
        await work
    return str(caught.value)


async def test_a_skill_comes_byte_for_byte_with_what_may_be_executed(repository, git):
    repository.write("empty")
    repository.write("ä 漢.md", b"x" * 100_000)
    repository.commit()
    folder = await git(repository.url)
    assert folder.files == {
        "SKILL.md": manifest(), "scripts/main.py": b"\0\xff\r\n", "empty": b"", "ä 漢.md": b"x" * 100_000,
    }  # fmt: skip
    assert folder.executable == {"scripts/main.py"}
    assert check(folder).name == "csv-tools"


async def test_one_folder_of_a_repository_is_a_skill_too(repository, git):
    repository.write("skills/other/SKILL.md", manifest("other"))
    repository.write("skills/third/link", b"")
    repository.commit()
    assert (await git(repository.url, "skills/other")).files == {"SKILL.md": manifest("other")}
    assert "has no folder “none”" in await refused(git(repository.url, "none"))
    assert "leaves the folder" in await refused(git(repository.url, "../x"))
    assert "characters" in await refused(git(repository.url, "a\nb"))


ADDRESSES = [
    "http://host/x", "file:///etc", "ext::sh -c id", "git://host/x", "/etc", "../x", "--upload-pack=id", "-u", "", "x",
    "https://", "https://host", "https://host/x y", "ssh://host/x\n", "ftp://host/x", "HTTPS://host/x", "host:path",
    "fd::17/x", "a@host:x#y",
]  # fmt: skip


@pytest.mark.parametrize("url", ADDRESSES)
async def test_only_addresses_over_https_and_ssh_are_fetched(url):
    assert "is no address that I fetch from" in await refused(Git()(url))


@pytest.mark.parametrize("url", ["https://me:token@host/x", "https://token@host/x", "ssh://git:secret@host/x"])
async def test_a_login_in_an_address_is_refused_and_not_repeated(url):
    said = await refused(Git()(url))
    assert "There is a login in the address" in said
    assert "token" not in said
    assert "secret" not in said
    assert "token" not in await refused(Git()("ftp://me:token@host/x"))


async def test_a_symlink_is_refused_before_anything_is_read(repository, git):
    (repository.path / "link").symlink_to("/etc/passwd")
    repository.commit()
    assert await refused(git(repository.url)) == "link: that is a symlink: put the file itself there."


async def test_a_submodule_is_refused_and_not_fetched(repository, git, tmp_path):
    repository.git("submodule", "--quiet", "add", repository.url, "inner")
    repository.commit()
    assert "inner: that is a submodule" in await refused(git(repository.url))


async def test_hooks_and_filters_of_a_repository_never_run(repository, git, tmp_path):
    harm = tmp_path / "harm"
    for hook in ("post-checkout", "post-upload-pack", "pre-receive"):
        repository.write(f".git/hooks/{hook}", f"#!/bin/sh\ntouch {harm}\n".encode(), 0o755)
    repository.write(".gitattributes", b"* filter=evil\n")
    repository.write(".gitconfig", f'[filter "evil"]\n\tsmudge = touch {harm}\n'.encode())
    repository.commit()
    await git(repository.url)
    assert not harm.exists()


def planted(repository, path, mode="100644"):
    """Commit a tree with a path that git's own commands would not write."""
    blob = subprocess.run(["git", "hash-object", "-w", "--stdin"], cwd=repository.path, input=b"harm", check=True,
                          capture_output=True).stdout.strip()  # fmt: skip
    tree = f"{mode} {path}\0".encode() + bytes.fromhex(blob.decode())
    made = subprocess.run(["git", "hash-object", "-w", "-t", "tree", "--literally", "--stdin"], cwd=repository.path,
                          input=tree, check=True, capture_output=True).stdout.decode().strip()  # fmt: skip
    repository.git("update-ref", "HEAD", repository.git("commit-tree", made, "-m", "x"))


@pytest.mark.parametrize("path", ["..", ".git", ".GIT", "a\\b", "aux"])
async def test_a_tree_that_git_itself_would_not_write_is_refused(repository, git, path):
    planted(repository, path)
    assert await refused(git(repository.url), (BadRequest, Unavailable))


async def test_what_is_too_much_is_refused_before_it_is_read(repository, git):
    repository.write("big", bytes(11_000_000))
    repository.commit()
    assert (await refused(git(repository.url))).startswith("big: the file has 11 MB, 10 MB is the most")
    repository.write("big")
    for number in range(1_001):
        repository.write(f"many/{number}")
    repository.commit()
    assert "more than 1,000 files" in await refused(git(repository.url))


async def test_a_repository_that_is_too_large_is_not_fetched_to_its_end(repository):
    repository.write("noise", os.urandom(3_000_000))
    repository.commit()
    assert "is too large, or damaged: bring the skill in as a zip" in await refused(
        Git(("file",), largest=1_000_000)(repository.url)
    )


async def test_a_repository_that_is_not_there_is_said_so(git, tmp_path):
    assert "There is no repository file://" in await refused(git(f"file://{tmp_path}/none"))
    empty = Repository(tmp_path / "empty")
    assert await refused(git(empty.url), (BadRequest, Unavailable))


async def test_a_host_that_does_not_answer_is_given_up(repository):
    assert "did not come within 0.001 s" in await refused(Git(("file",), 0.001)(repository.url), Unavailable)
    assert "cannot be fetched" in await refused(Git()("https://127.0.0.1:1/x"), Unavailable)


async def test_git_sees_no_secret_of_dexter_and_no_settings_of_a_person(repository, git, monkeypatch, tmp_path):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    told = tmp_path / "told"
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\nenv >> {told}\nexec {shutil.which("git")} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("GIT_SSH_COMMAND", "harm")
    await git(repository.url)
    seen = told.read_text()
    assert "GIT_CONFIG_GLOBAL=/dev/null" in seen
    assert "xoxb-secret" not in seen
    assert "harm" not in seen
