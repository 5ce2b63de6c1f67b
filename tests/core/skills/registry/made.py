"""Packages as tests need them."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.sandbox import Tier
from core.skills.folder import Folder, check
from core.skills.registry.package import Package, pack, tags_of
from core.skills.registry.signing import Signer
from core.skills.registry.statement import Provenance, Statement, Uses, Vote, Yank, signed_by
from tests.core.skills.made import folder

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def signer(seed=1):
    """Return a signer, the same for the same seed."""
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


ACME, OTHER = signer(1), signer(2)


def stated(packed, of: Folder, **changes):
    """Return what an honest publisher signs about a folder and its archive."""
    archive, sha256 = packed
    manifest = check(of)
    contract = manifest.contract
    return Statement(
        name=manifest.name,
        version=contract.version or "1.0.0",
        content=of.content,
        archive=sha256,
        size=len(archive),
        description=manifest.description,
        tags=tags_of(manifest),
        language=contract.language,
        permissions=contract.permissions,
        needs=contract.skills,
        packages=contract.packages,
        publisher="acme",
        at=AT,
        provenance=Provenance(committee=("Ada", "Bob"), tests=("adds",), passed=1, tier=Tier.GROUPED, dexter="0.1.0"),
    ).but(**changes)


def package(name="csv-tools", version="1.0.0", by=ACME, of=None, archive=None, **changes):
    """Return a package of a small skill; `archive` and `changes` make it a dishonest one."""
    of = of or folder(name, version=version)
    packed = pack(of, name)
    signed = signed_by(by, stated(packed, of, **changes))
    return Package(signed=signed, archive=packed[0] if archive is None else archive)


def yank(name="csv-tools", version="1.0.0", by=ACME, why="it loses rows", publisher="acme"):
    return signed_by(by, Yank(name=name, version=version, publisher=publisher, at=AT, why=why))


def vote(stars=4, by=ACME, name="csv-tools", why="", publisher="acme", at=AT):
    return signed_by(by, Vote(name=name, stars=stars, publisher=publisher, at=at, why=why))


def uses(runs=10, good=9, by=ACME, name="csv-tools", publisher="acme", at=AT):
    return signed_by(by, Uses(name=name, runs=runs, good=good, publisher=publisher, at=at))
