"""`dexter registry`: serve one for a team, make its index anew, make a token, show the key of this installation."""

import asyncio
import hashlib
import secrets
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from rich.console import Console

from bot.console.show import show
from bot.registries import Serve
from bot.registry.door import Door
from bot.registry.serve import serving
from bot.shapes import Post, Table, plain
from bot.words import Words
from core.errors import BadRequest
from core.ports import Registry
from core.skills.registry.index import Head
from core.skills.registry.publishing import Publisher
from core.skills.registry.signing import fingerprint
from core.skills.registry.statement import is_publisher

OPTIONS = ("--folder", "--host", "--port")


class Kept(Registry, Protocol):
    """A registry in a folder of this machine."""

    @property
    def folder(self) -> Path:
        """Return where its files are."""

    async def rebuild(self) -> Head:
        """Make its index anew from its files."""


async def registry(
    typed: Sequence[str],
    serve: Serve,
    keep: Callable[[Path | None], Kept],
    publisher: Callable[[], Publisher],
    console: Console,
    words: Words,
) -> int:
    """Do what `dexter registry …` says. Raises `BadRequest` for other words."""
    verb, named, options = _read(typed)
    folder = Path(options["--folder"]) if "--folder" in options else None
    match verb, named:
        case "serve", []:
            await _serve(keep(folder), _as_typed(serve, options), console, words)
        case "rebuild", []:
            show(await _rebuilt(keep(folder), words), console)
        case "token", [name]:
            console.print(_token(name, words), markup=False, soft_wrap=True)
        case "key", []:
            show(await _key(publisher(), words), console)
        case _:
            raise BadRequest(
                "`dexter registry` takes `serve` (with --folder, --host and --port), `rebuild`, `token` and a "
                "publisher's name, or `key`."
            )
    return 0


def _read(typed: Sequence[str]) -> tuple[str, list[str], dict[str, str]]:
    """Part what was typed into its verb, names and options. Raises `BadRequest`."""
    options: dict[str, str] = {}
    named: list[str] = []
    rest = iter(typed)
    for word in rest:
        name, given, value = word.partition("=")
        if name not in OPTIONS:
            named.append(word)
        elif not (value := value if given else next(rest, "")):
            raise BadRequest("`{name}` needs a value behind it.", name=name)
        else:
            options[name] = value
    return (named[0] if named else "", named[1:], options)


def _as_typed(serve: Serve, options: dict[str, str]) -> Serve:
    port = options.get("--port", str(serve.port))
    if not (port.isascii() and port.isdecimal() and int(port[:9]) < 65536):
        raise BadRequest("“{port}” is no port: name a number up to 65535.", port=port[:20])
    return serve.model_copy(update={"host": options.get("--host", serve.host), "port": int(port)})


async def _serve(kept: Kept, serve: Serve, console: Console, words: Words) -> None:
    """Serve until the process is told to end."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        head = await kept.rebuild()
        door = Door(kept, kept.folder, serve.tokens)
        async with serving(door.app(), serve.host, serve.port, serve.certificate, serve.key) as port:
            url = f"{'https' if serve.certificate else 'http'}://{serve.host}:{port}"
            text = "The registry in {folder} ({skills:,} skills) is at {url}. Ctrl-C ends it."
            show(plain(words(text, folder=kept.folder, skills=head.skills, url=url)), console)
            if not serve.tokens:
                show(plain(words("Nobody can publish: `dexter registry token NAME` makes a token for one.")), console)
            await stop.wait()
    finally:
        await kept.aclose()


async def _rebuilt(kept: Kept, words: Words) -> Post:
    try:
        head = await kept.rebuild()
    finally:
        await kept.aclose()
    return plain(words("The index is made anew: {skills:,} skills, number {serial}.", skills=head.skills,
                       serial=str(head.serial)))  # fmt: skip


def _token(name: str, words: Words) -> str:
    """Make a token, and return the lines for both settings; what is kept of it here is its hash."""
    if not is_publisher(name):
        raise BadRequest("“{name}” is no name of a publisher: use a to z, 0 to 9, dots and hyphens.", name=name[:64])
    token = secrets.token_urlsafe(32)
    sha256 = hashlib.sha256(token.encode()).hexdigest()
    lines = (
        "# " + words("at the publisher, in dexter.toml; it is shown this once"),
        "[registry]",
        f'publisher = "{name}"',
        f'tokens = {{ shared = "{token}" }}',
        "",
        "# " + words("here, in dexter.toml"),
        "[registry.serve.tokens]",
        f'"{name}" = "{sha256}"',
    )
    return "\n".join(lines)


async def _key(publisher: Publisher, words: Words) -> Post:
    rows = ((words("publisher"), await publisher.name()), (words("key"), fingerprint(await publisher.key())))
    return Post((Table((words("part"), words("state")), rows),))
