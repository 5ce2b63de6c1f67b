"""Registries that mean harm, and registries that break: a sentence each, and no harm."""

import asyncio
import gzip
import hashlib
import json
import os
import stat
import subprocess
from pathlib import Path

import httpx
import pytest

from bot.registry.door import Door
from bot.registry.serve import serving
from core.adapters.registries import FolderRegistry, HttpRegistry, open_registries
from core.adapters.registries.cache import Cache
from core.adapters.registries.disk import Disk
from core.adapters.registries.keyring import load_signer
from core.entities import now
from core.errors import BadRequest, DexterError, Misconfigured, NotAllowed, NotFound, Unavailable
from core.skills.registry.index import Head, Listing, Release, part_of, write_shard
from core.skills.registry.package import LARGEST_PACKAGE
from core.skills.registry.signing import verify
from tests.core.skills.registry.made import ACME, AT, OTHER, package, vote, yank
from tests.doubles.hostile_registry import Hostile, drip, endless, http, silence
from tests.doubles.registries import TOKEN, TOKENS, place, web


def listing(name: str = "csv-tools", **changes: object) -> Listing:
    release = Release(
        version="1.0.0", content="c" * 64, archive="a" * 64, size=1, publisher="acme", key=ACME.key, at=AT
    )
    return Listing(name=name, description="Counts.", releases=(release,)).but(**changes)


def index(*skills: Listing, **changes: object) -> dict[str, list[bytes]]:
    """Return the replies of a registry with these skills."""
    parts: dict[str, list[Listing]] = {}
    for each in skills:
        parts.setdefault(part_of(each.name), []).append(each)
    written = {part: write_shard(those) for part, those in parts.items()}
    head = Head(serial=1, at=AT, skills=len(skills), shards={part: sha256 for part, (sha256, _) in written.items()})
    replies = {f"/index/{sha256}.json.gz": [http(body=body)] for sha256, body in written.values()}
    return {"/index.json": [http(body=head.but(**changes).model_dump_json().encode())], **replies}


async def refused(
    replies: dict[str, list[bytes]], tmp_path: Path, *, seconds: float = 5.0, fetch: bool = False
) -> tuple[str, Hostile]:
    """Return what is said of a server's index, or of a package from it, and the server."""
    hostile = Hostile(replies)  # type: ignore[arg-type]
    async with hostile.listening() as url:
        registry = HttpRegistry("team", url, tmp_path / "copy.db", TOKEN, seconds=seconds)
        try:
            with pytest.raises(DexterError) as caught:
                await (registry.fetch("csv-tools", "1.0.0") if fetch else registry.index())
        finally:
            await registry.aclose()
    return str(caught.value), hostile


async def test_an_honest_server_is_read(tmp_path: Path) -> None:
    """Or the tests below prove nothing."""
    async with Hostile(index(listing(), listing("pdf-forms"))).listening() as url:  # type: ignore[arg-type]
        registry = HttpRegistry("team", url, tmp_path / "copy.db")
        assert (await registry.index()).skills == 2
        assert (await registry.entry("pdf-forms")).listing == listing("pdf-forms")
        await registry.aclose()


async def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    said, _ = await refused({"/index.json": [endless]}, tmp_path)  # type: ignore[list-item]
    assert "larger than any real one" in said
    files = {"/packages/csv-tools/1.0.0.json": [http(body=package().signed.written())],
             "/packages/csv-tools/1.0.0.zip": [endless]}  # fmt: skip
    said, _ = await refused(files, tmp_path, fetch=True)  # type: ignore[arg-type]
    assert "larger than any real one" in said


@pytest.mark.parametrize("reply", [drip, silence])
async def test_a_server_that_is_slow_on_purpose_is_left_in_time(tmp_path: Path, reply: object) -> None:
    said, _ = await refused({"/index.json": [reply]}, tmp_path, seconds=0.5)  # type: ignore[list-item]
    assert "does not answer within 0.5 s" in said


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:1/x", "//127.0.0.1:1/x", "/x", "ftp://x/y", "file:///etc/passwd", "https://me:pw@x/", ""]
)
async def test_it_is_not_followed_to_an_address_that_is_not_safe(tmp_path: Path, to: str) -> None:
    said, hostile = await refused({"/index.json": [http("302 Found", Location=to)]}, tmp_path)
    assert "not `https://`" in said
    assert [path for path, _ in hostile.asked] == ["GET /index.json"]


async def test_the_token_goes_along_with_nothing_but_what_is_written(tmp_path: Path) -> None:
    _, hostile = await refused({"/index.json": [http("403 Forbidden")]}, tmp_path)
    assert all("authorization" not in headers for _, headers in hostile.asked)
    hostile = Hostile({"/say": [http("307 Temporary Redirect", Location="https://elsewhere.example/say")]})
    async with hostile.listening() as url:
        registry = HttpRegistry("team", url, tmp_path / "copy.db", TOKEN)
        with pytest.raises(DexterError):
            await registry.say(vote())
        await registry.aclose()
    assert [(path, headers["authorization"]) for path, headers in hostile.asked] == [("POST /say", f"bearer {TOKEN}")]


async def test_what_may_pass_is_tried_three_times_and_no_more(tmp_path: Path) -> None:
    said, hostile = await refused({"/index.json": [http("503 Slow down")]}, tmp_path)
    assert "does not work just now" in said
    assert len(hostile.asked) == 3
    once = Hostile({**index(listing()), "/index.json": [http("502 Bad"), *index(listing())["/index.json"]]})  # type: ignore[dict-item]
    async with once.listening() as url:
        registry = HttpRegistry("team", url, tmp_path / "other.db")
        assert (await registry.index()).skills == 1
        await registry.aclose()


async def test_a_web_server_that_is_no_registry_is_told_from_an_empty_one(tmp_path: Path) -> None:
    said, _ = await refused({}, tmp_path)
    assert "There is no registry at that address" in said
    said, _ = await refused({"/index.json": [http(body=b"<html>Welcome</html>")]}, tmp_path)
    assert "damaged, or was made by something else" in said


async def test_nobody_there_is_said_so(tmp_path: Path) -> None:
    registry = HttpRegistry("team", "http://127.0.0.1:1", tmp_path / "copy.db")
    with pytest.raises(Unavailable, match="cannot be reached"):
        await registry.index()
    await registry.aclose()


async def test_a_part_of_the_index_that_is_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    replies = index(listing())
    path = next(path for path in replies if path.startswith("/index/"))
    said, _ = await refused({**replies, path: [http(body=bomb)]}, tmp_path)
    assert "larger than any real one" in said


async def test_a_part_of_the_index_that_is_another_is_refused(tmp_path: Path) -> None:
    replies = index(listing())
    path = next(path for path in replies if path.startswith("/index/"))
    _, other = write_shard([listing(description="Evil.")])
    said, _ = await refused({**replies, path: [http(body=other)]}, tmp_path)
    assert "does not fit together" in said


@pytest.mark.parametrize(
    "head",
    [
        {"serial": -1}, {"serial": "x"}, {"shards": {"0": "../../etc/passwd"}}, {"shards": {"../x": "a" * 64}},
        {"format": "other"}, {"extra": 1}, {"shards": {str(n): "a" * 64 for n in range(100)}},
    ],
)  # fmt: skip
async def test_a_head_that_says_what_none_can_is_refused(tmp_path: Path, head: dict[str, object]) -> None:
    body = {**json.loads(Head(serial=1, at=AT, skills=0, shards={}).model_dump_json()), **head}
    said, hostile = await refused({"/index.json": [http(body=json.dumps(body).encode())]}, tmp_path)
    assert "damaged" in said
    assert len(hostile.asked) == 1


async def test_an_index_from_the_future_is_refused_or_it_could_never_be_replaced(tmp_path: Path) -> None:
    said, _ = await refused(index(listing(), serial=2**52), tmp_path)
    assert "from the future" in said


@pytest.mark.parametrize(
    "change", [{"name": "../../x"}, {"name": "CSV"}, {"stars": -1}, {"releases": []}, {"tags": ["x" * 100]}, {"key": 1}]
)
async def test_a_skill_that_is_listed_as_none_can_be_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    plain = json.dumps({"skills": [{**json.loads(listing().model_dump_json()), **change}]}).encode()
    sha256 = hashlib.sha256(plain).hexdigest()
    head = Head(serial=1, at=AT, skills=1, shards={part_of("csv-tools"): sha256})
    replies = {
        "/index.json": [http(body=head.model_dump_json().encode())],
        f"/index/{sha256}.json.gz": [http(body=plain)],
    }
    said, _ = await refused(replies, tmp_path)
    assert "damaged" in said


async def test_a_damaged_copy_of_the_index_is_made_anew(tmp_path: Path) -> None:
    async with place("folder", tmp_path) as there:
        await there.registry.publish(package())
        copy = tmp_path / "broken.db"
        copy.write_bytes(b"SQLite format 3\0" + os.urandom(5000))
        registry = FolderRegistry("team", there.folder, copy)
        with pytest.raises(Unavailable, match="is being made anew"):
            await registry.index()
        assert (await registry.index()).skills == 1
        await registry.aclose()


async def test_the_server_of_a_team_lets_nobody_write_without_a_token_of_their_own(tmp_path: Path) -> None:
    async with place("http", tmp_path) as there:
        theirs = package(publisher="other")
        tried = [("", package(), "nothing without a token"), ("wrong", package(), "does not take this token"),
                 (TOKEN, theirs, "for the publisher acme alone")]  # fmt: skip
        for token, made, why in tried:
            registry = HttpRegistry("team", there.registry.place, tmp_path / "x.db", token)
            with pytest.raises((Misconfigured, NotAllowed), match=why):
                await registry.publish(made)
            await registry.aclose()
        assert (await there.reader.index()).skills == 0


async def test_the_server_refuses_what_is_too_large_and_what_is_not_there(tmp_path: Path) -> None:
    async with place("http", tmp_path) as there, httpx.AsyncClient(base_url=there.registry.place) as client:
        own = {"Authorization": f"Bearer {TOKEN}"}
        reply = await client.post("/publish", content=b"{}\n" + bytes(LARGEST_PACKAGE), headers=own)
        assert (reply.status_code, "more than 25 MB" in reply.json()["error"]) == (400, True)
        assert (await client.post("/say", content=b"\xff", headers=own)).status_code == 400
        assert (await client.post("/say", content=b"{}")).status_code == 401
        (tmp_path / "secret.json").write_text("secret")
        for path in ("/packages/../secret.json", "/packages/..%2f../secret.json", "/index/../../secret.json",
                     "/packages/x/..%2f..%2f..%2fsecret.json", "/index/..%2f..%2fsecret.json", "/.lock", "/names/x",
                     "/voices/x/y.vote", "/packages/csv-tools/1.0.0.exe", "//etc/passwd"):  # fmt: skip
            reply = await client.get(path)
            assert (reply.status_code, "secret" in reply.text) == (404, False), path
        assert (await client.delete("/index.json")).status_code == 405


async def test_anybody_may_search_and_ask_how_the_server_is(tmp_path: Path) -> None:
    async with place("http", tmp_path) as there, httpx.AsyncClient(base_url=there.registry.place) as client:
        await there.registry.publish(package())
        (found,) = (await client.get("/search", params={"q": "csv", "limit": "5"})).json()
        assert found["listing"]["name"] == "csv-tools"
        assert (await client.get("/search", params={"q": '"*', "limit": "x"})).status_code == 200
        health = (await client.get("/healthz")).json()
        assert (health["skills"], health["serial"] > 0) == (1, True)
        assert (await client.get("/index.json")).headers["cache-control"] == "no-cache"


async def test_tls_is_served_by_settings_and_a_strange_certificate_is_not_trusted(tmp_path: Path) -> None:
    registry = FolderRegistry("served", tmp_path / "r", tmp_path / "served.db")
    await registry.rebuild()
    certificate, key = own_certificate(tmp_path)
    async with serving(Door(registry, tmp_path / "r", TOKENS).app(), "127.0.0.1", 0, certificate, key) as port:
        reader = HttpRegistry("team", f"https://localhost:{port}", tmp_path / "copy.db")
        with pytest.raises(Unavailable, match="cannot be reached"):
            await reader.index()
        await reader.aclose()
    await registry.aclose()
    with pytest.raises(Misconfigured, match="certificate"):
        async with serving(Door(registry, tmp_path, {}).app(), "127.0.0.1", 0, tmp_path / "no", tmp_path / "no"):
            pass


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate that nobody has signed but its own key."""
    certificate, key = folder / "c.pem", folder / "k.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "1",
         "-subj", "/CN=localhost"], check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


async def test_an_address_that_is_taken_is_said_so(tmp_path: Path) -> None:
    registry = FolderRegistry("served", tmp_path / "r", tmp_path / "served.db")
    async with web(registry, tmp_path / "r") as url:
        with pytest.raises(Misconfigured, match=r"registry\.serve\.port"):
            async with serving(Door(registry, tmp_path, {}).app(), "127.0.0.1", int(url.rpartition(":")[2])):
                pass
    await registry.aclose()


@pytest.mark.parametrize(
    "url", ["http://example.com", "https://", "https://me:pw@example.com", "ftp://x", "https://x/?a=1", "https://x#y"]
)
def test_an_address_that_is_not_safe_is_refused_before_anything_is_sent(tmp_path: Path, url: str) -> None:
    with pytest.raises(Misconfigured, match="address of the registry “team” is not right"):
        open_registries({"team": url}, {}, tmp_path)


async def test_registries_are_opened_by_their_addresses(tmp_path: Path) -> None:
    made = open_registries({"shared": "", "team": str(tmp_path / "t"), "web": "https://example.com/r/"}, {}, tmp_path)
    assert [(each.name, each.place, each.remote) for each in made] == [
        ("shared", str(tmp_path / "registry"), False),
        ("team", str(tmp_path / "t"), False),
        ("web", "https://example.com/r", True),
    ]
    for each in made:
        await each.aclose()


def test_a_key_is_made_once_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "home" / "publisher.pem"
    signer = load_signer(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_signer(file).key == signer.key
    assert list(file.parent.iterdir()) == [file]
    verify(signer.sign({"a": 1}))
    assert load_signer(tmp_path / "other.pem").key != signer.key


async def test_of_many_who_make_the_key_at_once_all_get_the_same(tmp_path: Path) -> None:
    made = await asyncio.gather(*(asyncio.to_thread(load_signer, tmp_path / "publisher.pem") for _ in range(10)))
    assert len({signer.key for signer in made}) == 1


def test_a_key_with_a_passphrase_opens_with_it_alone(tmp_path: Path) -> None:
    file = tmp_path / "publisher.pem"
    signer = load_signer(file, "correct horse")
    assert b"ENCRYPTED" in file.read_bytes()
    assert load_signer(file, "correct horse").key == signer.key
    for wrong in ("", "battery staple"):
        with pytest.raises(Misconfigured, match=r"registry\.passphrase"):
            load_signer(file, wrong)


def test_a_key_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "publisher.pem"
    load_signer(file)
    file.chmod(0o640)
    with pytest.raises(Misconfigured, match="can be read by others"):
        load_signer(file)
    file.chmod(0o600)
    file.write_text("no key")
    with pytest.raises(Misconfigured, match="cannot be opened"):
        load_signer(file)
    own_certificate(tmp_path)
    (tmp_path / "k.pem").chmod(0o600)
    with pytest.raises(Misconfigured, match="of another kind"):
        load_signer(tmp_path / "k.pem")
    with pytest.raises(Misconfigured, match="cannot be read or made"):
        load_signer(file / "below")


def test_a_registry_in_a_folder_follows_no_link_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    disk = Disk(tmp_path / "r")
    disk.write("index.json", b"{}")
    (tmp_path / "r" / "link.json").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "r" / "pipe.json")
    for path in ("link.json", "pipe.json"):
        with pytest.raises((Unavailable, NotFound)):
            disk.read(path, 100)
    with pytest.raises(Unavailable, match="larger than any real one"):
        disk.read("index.json", 1)


async def test_what_is_damaged_in_a_folder_is_left_out_of_its_index(tmp_path: Path) -> None:
    async with place("folder", tmp_path) as there:
        for version in ("1.0.0", "1.1.0"):
            await there.registry.publish(package(version=version))
        await there.registry.say(vote())
        files = there.folder / "packages" / "csv-tools"
        (files / "1.0.0.json").write_bytes(b"{")
        (files / "1.1.0.yank").write_bytes(yank(version="1.1.0", by=OTHER).written())
        for voice in (there.folder / "voices" / "csv-tools").iterdir():
            voice.write_bytes(b"\0")
        await there.registry.rebuild()  # type: ignore[attr-defined]
        await there.reader.index()
        listed = (await there.reader.entry("csv-tools")).listing
        assert [(each.version, each.yanked) for each in listed.releases] == [("1.1.0", None)]
        assert listed.votes == 0


async def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    registry = FolderRegistry("team", tmp_path / "file", tmp_path / "copy.db")
    with pytest.raises(Unavailable, match="cannot be used"):
        await registry.publish(package())
    await registry.aclose()


async def test_old_parts_of_the_index_go_once_nobody_reads_them(tmp_path: Path) -> None:
    async with place("folder", tmp_path) as there:
        for version in ("1.0.0", "1.1.0", "1.2.0"):
            await there.registry.publish(package(version=version))
        parts = sorted((there.folder / "index").glob("*.json.gz"))
        assert len(parts) == 3
        for file in (there.folder / "index").iterdir():
            os.utime(file, (0, now().timestamp() - 7200))
        await there.registry.publish(package(version="1.3.0"))
        assert len(list((there.folder / "index").glob("*.json.gz"))) == 2
        assert (await there.reader.index()).skills == 1


async def test_a_refusal_in_the_server_s_words_is_shown_short_and_plain(tmp_path: Path) -> None:
    reason = json.dumps({"error": "no\n\n" + "x" * 3000}).encode()
    async with Hostile({"/say": [http("400 Bad Request", reason)]}).listening() as url:
        registry = HttpRegistry("team", url, tmp_path / "copy.db", TOKEN)
        with pytest.raises(BadRequest, match=r"^The registry team refuses: no x+$") as caught:
            await registry.say(vote())
        assert len(str(caught.value)) < 400
        await registry.aclose()


def test_what_most_skills_have_in_common_is_ranked_by_their_worth(tmp_path: Path) -> None:
    """BM25 would take its time over thousands, and give such words next to nothing."""
    cache = Cache(tmp_path / "copy.db")
    made = [listing(f"skill-{n}", description="Counts words." if n else "Counts unheard things.") for n in range(1200)]
    made[777] = made[777].but(good=9, runs=9)
    parts: dict[str, list[Listing]] = {}
    for each in made:
        parts.setdefault(part_of(each.name), []).append(each)
    head = Head(serial=1, at=AT, skills=len(made), shards=dict.fromkeys(parts, "a" * 64))
    cache.replace(head, parts)
    assert [each.listing.name for each in cache.search("counts", 1)] == ["skill-777"]
    assert [each.listing.name for each in cache.search("unheard counts", 5)] == ["skill-0"]
    assert [each.listing.name for each in cache.search("", 1)] == ["skill-777"]
    assert len(cache.search("counts", 10_000)) == 100
    cache.replace(head.but(shards={}), {})
    assert cache.search("counts", 2) == []
    cache.close()
