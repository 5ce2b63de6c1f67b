"""Packages for skills: found, locked, fetched, unpacked; and wheels that are not what they should be."""

import hashlib
import io
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from core.adapters.packages import Wheelhouse
from core.adapters.packages.wheel import unpack
from core.errors import BadRequest, DexterError, NotFound, Unavailable
from core.ports import Sandbox
from core.skills.running import produced
from core.skills.skill import LockedPackage
from tests.core.skills.runnable import runs, sandbox

__all__ = ["sandbox"]


def wheel(
    name: str, version: str, files: Mapping[str, str | bytes], *, needs: str = "", tag: str = "py3-none-any"
) -> bytes:
    """Return a wheel with these files."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {need}\n" for need in needs.split(";") if need)
    kind = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {
            **files,
            f"{info}/METADATA": metadata,
            f"{info}/WHEEL": kind,
            f"{info}/RECORD": "",
        }.items():
            archive.writestr(path, content)
    return packed.getvalue()


class Index:
    """A folder in which pip finds wheels, and nothing else does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(
        self, name: str, version: str, content: bytes | None = None, *, tag: str = "py3-none-any", **more: str
    ) -> str:
        body = content or wheel(name, version, {f"{name}.py": f"VERSION = {version!r}\n"}, tag=tag, **more)
        (self.folder / f"{name}-{version}-{tag}.whl").write_bytes(body)
        return hashlib.sha256(body).hexdigest()


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    folder = tmp_path / "index"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return Index(folder)


@pytest.fixture
def cache() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="wheelhouse-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "packages"


async def refused(work: object) -> str:
    with pytest.raises(DexterError) as caught:
        await work  # type: ignore[misc]
    return f"{type(caught.value).__name__}: {caught.value}"


async def test_the_newest_that_fits_is_locked_with_all_that_it_needs(index: Index, cache: Path) -> None:
    for version in ("1.0", "1.5", "2.0"):
        index.put("apple", version, needs="pear>=1")
    pears = [index.put("pear", version) for version in ("0.9", "1.1")]
    locked = await Wheelhouse(cache, ["Apple"]).lock(["apple>=1,<2", "apple!=1.0"])
    assert [(each.name, each.version, each.file) for each in locked] == [
        ("apple", "1.5", "apple-1.5-py3-none-any.whl"),
        ("pear", "1.1", "pear-1.1-py3-none-any.whl"),
    ]
    assert locked[1].sha256 == pears[1]
    assert not cache.exists()


async def test_a_skill_imports_what_it_was_locked_to_and_nobody_else_writes_there(
    index: Index, cache: Path, sandbox: Sandbox
) -> None:
    index.put("apple", "1.0", needs="pear")
    index.put("pear", "1.1")
    house = Wheelhouse(cache, ["apple"])
    locked = await house.lock(["apple"])
    index.put("pear", "1.2")
    folders = await house.folders(locked)
    assert sorted(path.name for path in cache.iterdir()) == sorted(each.sha256 for each in locked)
    main = "import apple, pear\ndef run():\n    return [apple.VERSION, pear.VERSION]\n"
    assert (await produced(sandbox, runs(main), {}, {}, libraries=folders)).value == ["1.0", "1.1"]
    for path in index.folder.iterdir():
        path.unlink()
    assert await house.folders(locked) == folders, "what is in the cache needs no index"


async def test_what_is_not_on_the_list_is_not_taken(index: Index, cache: Path) -> None:
    index.put("apple", "1.0")
    house = Wheelhouse(cache, ["pear"])
    said = await refused(house.lock(["apple"]))
    assert said.startswith("BadRequest: The package apple is not allowed here, but pear.")
    assert (await refused(Wheelhouse(cache, []).lock(["apple"]))).startswith(
        "BadRequest: The package apple is not allowed"
    )
    assert await house.lock([]) == ()


@pytest.mark.parametrize(
    "requirement",
    ["apple @ https://example.com/apple.whl", "apple; python_version > '3'", "--index-url=https://x", "-r /etc/passwd",
     "./apple", "git+https://example.com/apple", "", "apple\n--pre"],
)  # fmt: skip
async def test_a_requirement_is_a_name_and_a_range_and_nothing_else(cache: Path, requirement: str) -> None:
    assert (await refused(Wheelhouse(cache, ["apple"]).lock([requirement]))).startswith("BadRequest: “")


async def test_what_cannot_be_had_says_why(index: Index, cache: Path) -> None:
    house = Wheelhouse(cache, ["apple", "pear", "plum", "fig"])
    index.put("apple", "1.0", needs="plum<2")
    index.put("pear", "1.0", needs="plum>=2")
    index.put("plum", "1.0")
    index.put("plum", "2.0")
    index.put("fig", "1.0", tag="cp27-cp27m-win32")
    (index.folder / "fig-1.1.tar.gz").write_bytes(b"no wheel")
    assert "There is no package fig with a wheel" in await refused(house.lock(["fig"]))
    assert (await refused(house.lock(["apple>=3"]))).startswith("NotFound: There is no package apple>=3")
    said = await refused(house.lock(["apple", "pear"]))
    assert said.startswith("BadRequest: The packages do not go together: ")
    assert "plum<2" in said


async def test_what_vanished_or_changed_since_it_was_locked_is_noticed(index: Index, cache: Path) -> None:
    index.put("apple", "1.0")
    house = Wheelhouse(cache, ["apple"])
    locked = await house.lock(["apple"])
    index.put("apple", "1.0", wheel("apple", "1.0", {"apple.py": "raise SystemExit"}))
    assert "is not what it was when the skill was made" in await refused(house.folders(locked))
    (index.folder / "apple-1.0-py3-none-any.whl").unlink()
    assert (await refused(house.folders(locked))).startswith("NotFound: There is no package apple==1.0")
    assert not any(cache.iterdir())


async def test_a_lock_that_is_none_leads_nowhere(cache: Path) -> None:
    for sha256 in ("", "../../etc", "A" * 64):
        package = LockedPackage(name="apple", version="1", file="apple.whl", sha256=sha256)
        with pytest.raises(NotFound, match="is not locked to a file"):
            await Wheelhouse(cache, ["apple"]).folders([package])


async def test_an_index_that_does_not_answer_is_said(
    index: Index, cache: Path, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{unused_tcp_port}/simple")
    with pytest.raises(Unavailable, match="does not answer"):
        await Wheelhouse(cache, ["apple"]).lock(["apple"])


async def test_a_wheel_is_never_run_here(index: Index, cache: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w')\n"
    files = dict.fromkeys(("apple.py", "setup.py", "sitecustomize.py", "conftest.py"), code)
    files |= {
        "apple.pth": f"import os; {code}",
        "apple-1.0.data/scripts/go": code,
        "apple-1.0.data/purelib/more.py": "A = 1",
    }
    index.put("apple", "1.0", wheel("apple", "1.0", files))
    house = Wheelhouse(cache, ["apple"])
    (folder,) = await house.folders(await house.lock(["apple"]))
    assert not mark.exists()
    assert (folder / "more.py").read_text() == "A = 1"
    assert not (folder / "apple-1.0.data").exists()
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")} == {0o644, 0o755}


def linked(packed: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    packed.writestr(entry, "/etc/passwd")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda packed: packed.writestr("../outside.py", ""),
        lambda packed: packed.writestr("a/../../outside.py", ""),
        lambda packed: packed.writestr("/absolute.py", ""),
        lambda packed: packed.writestr("apple.data/purelib/../../../outside.py", ""),
        lambda packed: packed.writestr("C:/windows.py", ""),
        lambda packed: packed.writestr("new\nline.py", ""),
        linked,
        lambda packed: packed.writestr("bomb", bytes(60_000_000)),
        lambda packed: [packed.writestr("same.py", "1"), packed.writestr("./same.py", "2")],
        lambda packed: [packed.writestr("file", ""), packed.writestr("file/inside", "")],
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_wheel_is_refused_and_writes_nothing_outside(spoil: object, tmp_path: Path) -> None:
    file, inside = tmp_path / "apple-1.0-py3-none-any.whl", tmp_path / "a" / "b"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("apple.py", "")
        spoil(packed)  # type: ignore[operator]
    inside.mkdir(parents=True)
    with pytest.raises((BadRequest, OSError)):
        unpack(file, inside / "new")
    assert {path.name for path in (*tmp_path.iterdir(), *(tmp_path / "a").iterdir())} == {file.name, "a", "b"}


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    whole = wheel("apple", "1.0", {"apple.py": "A = 1\n" * 1000})
    for content in (b"", b"no zip", whole[:-30], whole[:60] + b"\xff" * 40 + whole[100:]):
        file = tmp_path / "apple.whl"
        file.write_bytes(content)
        with pytest.raises(BadRequest, match="is refused: it is damaged"):
            unpack(file, tmp_path / hashlib.sha256(content).hexdigest())


async def test_a_real_package_from_the_index_of_this_machine_works(cache: Path, sandbox: Sandbox) -> None:
    house = Wheelhouse(cache, ["python-slugify"])
    try:
        locked = await house.lock(["python-slugify>=8,<9"])
    except DexterError as error:
        pytest.skip(f"there is no package index here: {error}")
    assert {each.name for each in locked} == {"python-slugify", "text-unidecode"}
    main = "from slugify import slugify\ndef run(text):\n    return slugify(text)\n"
    came = await produced(sandbox, runs(main), {}, {"text": "Größe & Maß"}, libraries=await house.folders(locked))
    assert came.value == "grosse-mass"
