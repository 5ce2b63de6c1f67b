"""What `dexter registry serve` answers: the files of a registry, searches, and what token holders write."""

import asyncio
import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from core.errors import BadRequest, DexterError, NotAllowed, NotFound, Unavailable
from core.ports import Registry
from core.skills.registry.package import LARGEST_PACKAGE, read_package
from core.skills.registry.signing import LARGEST, Signed, read_signed

log = structlog.get_logger("dexter.registry")

UPLOADS = 4
"""Packages that are read at one time; each is in memory."""
UPLOAD_SECONDS = 120.0
MOST_FOUND = 50
LONGEST_QUERY = 500
FOREVER = "public, max-age=31536000, immutable"
_SHARD = re.compile(r"[0-9a-f]{64}\.json\.gz")
_NAME = re.compile(r"[a-z0-9-]{1,64}")
_PACKAGE = re.compile(r"[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}\.(zip|json|yank)")
_CODES: Mapping[type[DexterError], int] = {BadRequest: 400, NotAllowed: 403, NotFound: 404, Unavailable: 503}

Answer = Callable[[Request], Awaitable[Response]]


class Door:
    """Lets everybody read, and publishers write with their tokens."""

    def __init__(self, registry: Registry, folder: Path, tokens: Mapping[str, str]) -> None:
        """`tokens` are the SHA-256 of each publisher's token, in hex."""
        self._registry, self._folder = registry, folder
        self._tokens = {name: sha256.lower() for name, sha256 in tokens.items()}
        self._uploads = asyncio.Semaphore(UPLOADS)

    def app(self) -> Starlette:
        """Return the ASGI app."""
        reads: dict[str, Answer] = {
            "/index.json": self._head,
            "/index/{file}": self._shard,
            "/packages/{name}/{file}": self._package,
            "/search": _told(self._search),
            "/healthz": _told(self._health),
        }
        routes = [Route(path, answer, methods=["GET"]) for path, answer in reads.items()]
        routes += [Route(f"/{verb}", _told(self._write), methods=["POST"]) for verb in ("publish", "say")]
        return Starlette(routes=routes)

    async def _head(self, _request: Request) -> Response:
        return self._file("index.json", "no-cache")

    async def _shard(self, request: Request) -> Response:
        name = request.path_params["file"]
        return self._file(f"index/{name}", FOREVER) if _SHARD.fullmatch(name) else _missing()

    async def _package(self, request: Request) -> Response:
        name, file = request.path_params["name"], request.path_params["file"]
        if not (_NAME.fullmatch(name) and _PACKAGE.fullmatch(file)):
            return _missing()
        return self._file(f"packages/{name}/{file}", "public, max-age=300")

    def _file(self, path: str, keep: str) -> Response:
        """Return a file as a stream; its path has been looked at."""
        file = self._folder / path
        if not file.is_file():
            return _missing()
        kind = "application/json" if path.endswith(".json") else "application/octet-stream"
        return FileResponse(file, media_type=kind, headers={"Cache-Control": keep, "X-Content-Type-Options": "nosniff"})

    async def _search(self, request: Request) -> Response:
        words, limit = request.query_params.get("q", "")[:LONGEST_QUERY], request.query_params.get("limit", "20")
        most = min(int(limit), MOST_FOUND) if limit.isascii() and limit.isdecimal() and len(limit) < 4 else 20
        found = await self._registry.search(words, most)
        return JSONResponse([each.model_dump(mode="json") for each in found])

    async def _health(self, _request: Request) -> Response:
        head = await self._registry.index()
        return JSONResponse({"serial": head.serial, "skills": head.skills, "at": head.at.isoformat()})

    async def _write(self, request: Request) -> Response:
        publisher = self._holder(request)
        if publisher is None:
            why = "there is no such token"
            return JSONResponse({"error": why}, 401, headers={"WWW-Authenticate": "Bearer", "Connection": "close"})
        async with self._uploads:
            if request.url.path == "/publish":
                package = await asyncio.to_thread(read_package, await _body(request, LARGEST_PACKAGE))
                _check(publisher, package.signed)
                await self._registry.publish(package)
                about = package.signed.body
            else:
                signed = read_signed(await _body(request, LARGEST))
                _check(publisher, signed)
                await self._registry.say(signed)
                about = signed.body
        log.info("taken in", kind=about.get("kind"), skill=about.get("name"), publisher=publisher)
        return Response(status_code=204)

    def _holder(self, request: Request) -> str | None:
        """Return whose token came along; all are compared, so that the time it takes tells nothing."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        sha256 = hashlib.sha256(token.strip().encode()).hexdigest()
        same = [name for name, known in self._tokens.items() if hmac.compare_digest(known, sha256)]
        return same[0] if same and scheme.casefold() == "bearer" else None


def _check(publisher: str, signed: Signed) -> None:
    if signed.body.get("publisher") != publisher:
        raise NotAllowed("The token is for the publisher {publisher} alone.", publisher=publisher)


async def _body(request: Request, most: int) -> bytes:
    """Return what was sent. Raises `BadRequest` where it is too large or does not come to its end in time."""
    content = bytearray()
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            async for piece in request.stream():
                content += piece
                if len(content) > most:
                    raise BadRequest("That is more than {most} MB.", most=most // 1_000_000)
    except (TimeoutError, ClientDisconnect):
        raise BadRequest("It did not come to its end within {seconds:g} s.", seconds=UPLOAD_SECONDS) from None
    return bytes(content)


def _told(answer: Answer) -> Answer:
    """Return an answer that tells of errors in words."""

    async def told(request: Request) -> Response:
        try:
            return await answer(request)
        except DexterError as error:
            log.info("refused", path=request.url.path, why=str(error))
            return JSONResponse({"error": str(error)}, _CODES.get(type(error), 400), headers={"Connection": "close"})

    return told


def _missing() -> Response:
    return JSONResponse({"error": "There is nothing here."}, 404)
